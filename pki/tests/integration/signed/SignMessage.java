// Signs FOLDER/content with SM2 by Bouncy Castle: FOLDER SIGNER NAME...
//
// Each NAME is a message's file, and says what it is like, in words joined by "-": content
// types of "gm", GM/T 0010 (GB/T 35275), or of "rfc", RFC 5652; the content "attached"; "bare"
// of signed attributes. The folder has SIGNER.pem and SIGNER.key.

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

public class SignMessage {
    private static final String GM = "1.2.156.10197.6.1.4.2.";

    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        Path folder = Path.of(arguments[0]);
        var certificate = (X509CertificateHolder) read(folder.resolve(arguments[1] + ".pem"));
        var key = (PrivateKeyInfo) read(folder.resolve(arguments[1] + ".key"));
        byte[] content = Files.readAllBytes(folder.resolve("content"));
        for (String name : List.of(arguments).subList(2, arguments.length)) {
            Files.write(folder.resolve(name), message(certificate, key, content, name));
        }
    }

    private static byte[] message(
            X509CertificateHolder certificate, PrivateKeyInfo key, byte[] content, String name)
            throws Exception {
        List<String> words = List.of(name.split("-"));
        var signer = new JcaContentSignerBuilder("SM3WITHSM2").setProvider("BC")
            .build(new JcaPEMKeyConverter().setProvider("BC").getPrivateKey(key));
        var digests = new JcaDigestCalculatorProviderBuilder().setProvider("BC").build();
        var generator = new CMSSignedDataGenerator();
        generator.addSignerInfoGenerator(new JcaSignerInfoGeneratorBuilder(digests)
            .setDirectSignature(words.contains("bare")).build(signer, certificate));
        generator.addCertificates(new JcaCertStore(List.of(certificate)));
        boolean gm = words.contains("gm");
        var data = gm ? new ASN1ObjectIdentifier(GM + "1") : CMSObjectIdentifiers.data;
        var type = gm ? new ASN1ObjectIdentifier(GM + "2") : CMSObjectIdentifiers.signedData;
        var typed = new CMSProcessableByteArray(data, content);
        var message = generator.generate(typed, words.contains("attached"));
        return new ContentInfo(type, message.toASN1Structure().getContent()).getEncoded("DER");
    }

    private static Object read(Path path) throws Exception {
        try (var parser = new PEMParser(new StringReader(Files.readString(path)))) {
            return parser.readObject();
        }
    }
}
