//! Raw signatures: over the content, over its stream, over its digest.

use tongxing_pki::{
    Certificate, Content, ContentDigests, DigestNeed, DocumentVerificationRequest, Hash,
    RawSignature, SignatureScheme, SignedDocument, verify_signature,
};
use tongxing_testdata::{Issued, KeyAlgorithm};

use super::bench::{Bench, CONTENT, HOUR, summary};

fn document(leaf: &Issued, scheme: SignatureScheme, signature: &[u8]) -> SignedDocument {
    let certificate = Certificate::parse(&leaf.certificate_der).expect("a certificate");
    RawSignature::new(certificate, scheme).document(signature)
}

fn outcome(
    document: &SignedDocument,
    content: Content<'_>,
    request: &DocumentVerificationRequest,
) -> String {
    summary(&verify_signature(Ok(document), content, request))
}

/// Content whole, in a stream, and as a digest alone.
fn each_way(document: &SignedDocument, hash: Hash, request: &DocumentVerificationRequest) {
    assert_eq!(outcome(document, Content::Octets(CONTENT), request), "passed [TOTAL-PASSED]");
    let mut digester = document.digester(0, &[], &request.rules());
    CONTENT.chunks(7).for_each(|piece| digester.update(piece));
    let streamed = digester.finish();
    assert_eq!(outcome(document, Content::Digests(&streamed), request), "passed [TOTAL-PASSED]");
    let digest = |octets| {
        let need = DigestNeed::Plain(hash);
        ContentDigests::of(need, &hash.digest(octets)).expect("its length")
    };
    let (right, wrong) = (digest(CONTENT), digest(b"another"));
    assert_eq!(outcome(document, Content::Digests(&right), request), "passed [TOTAL-PASSED]");
    let invalid = "failed [TOTAL-FAILED SIG_CRYPTO_FAILURE] signer.signature_invalid";
    assert_eq!(outcome(document, Content::Digests(&wrong), request), invalid);
    assert_eq!(outcome(document, Content::Octets(b"another"), request), invalid);
    let other = ContentDigests::of(DigestNeed::Plain(Hash::Sha1), &Hash::Sha1.digest(CONTENT));
    let missing = "indeterminate [INDETERMINATE SIGNED_DATA_NOT_FOUND] content.digest_not_given";
    let other = other.expect("its length");
    assert_eq!(outcome(document, Content::Digests(&other), request), missing);
    let none = "indeterminate [INDETERMINATE SIGNED_DATA_NOT_FOUND] content.missing";
    assert_eq!(outcome(document, Content::None, request), none);
}

#[test]
fn openssls_signatures_verify_each_way() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    for (algorithm, scheme, hash, options) in [
        (KeyAlgorithm::Rsa2048, SignatureScheme::RsaPkcs1Sha256, Hash::Sha256, "-sha256"),
        (KeyAlgorithm::Rsa2048, SignatureScheme::RsaPkcs1Sha512, Hash::Sha512, "-sha512"),
        (
            KeyAlgorithm::Rsa2048,
            SignatureScheme::RsaPssSha384,
            Hash::Sha384,
            "-sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:48",
        ),
        (KeyAlgorithm::EcdsaP256, SignatureScheme::EcdsaP256Sha256, Hash::Sha256, "-sha256"),
        (KeyAlgorithm::EcdsaP384, SignatureScheme::EcdsaP384Sha256, Hash::Sha256, "-sha256"),
        (KeyAlgorithm::EcdsaP384, SignatureScheme::EcdsaP384Sha384, Hash::Sha384, "-sha384"),
    ] {
        let leaf = bench.leaf("signer", algorithm);
        bench.openssl(&format!("dgst {options} -sign signer.key -out signature content"));
        let document = document(&leaf, scheme, &bench.read("signature"));
        each_way(&document, hash, &bench.request());
    }
}

#[test]
fn ed25519_signs_the_whole_content() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    let leaf = bench.leaf("signer", KeyAlgorithm::Ed25519);
    bench.openssl("pkeyutl -sign -inkey signer.key -rawin -in content -out signature");
    let document = document(&leaf, SignatureScheme::Ed25519, &bench.read("signature"));
    let request = bench.request();
    assert_eq!(outcome(&document, Content::Octets(CONTENT), &request), "passed [TOTAL-PASSED]");
    let digests = document.digester(0, &[], &request.rules()).finish();
    let expected = "indeterminate [INDETERMINATE SIGNED_DATA_NOT_FOUND] content.whole_needed";
    assert_eq!(outcome(&document, Content::Digests(&digests), &request), expected);
}

#[test]
fn a_scheme_of_another_kind_of_key_is_named() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    let leaf = bench.leaf("signer", KeyAlgorithm::EcdsaP256);
    let document = document(&leaf, SignatureScheme::RsaPkcs1Sha256, &[0; 256]);
    let expected = "failed [TOTAL-FAILED SIG_CRYPTO_FAILURE] signer.key_mismatch";
    for content in [Content::Octets(CONTENT), Content::Digests(&sha256())] {
        assert_eq!(outcome(&document, content, &bench.request()), expected);
    }
}

fn sha256() -> ContentDigests {
    let digest = Hash::Sha256.digest(CONTENT);
    ContentDigests::of(DigestNeed::Plain(Hash::Sha256), &digest).expect("its length")
}

/// SM2 over Z and the content: OpenSSL's key, certificate and signature.
#[test]
fn sm2_signs_behind_z() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    bench.openssl("ecparam -name SM2 -genkey -noout -out sm2.key");
    bench.openssl(
        "req -x509 -new -key sm2.key -sm3 -sigopt distid:1234567812345678 -subj /CN=sm2 \
         -days 2 -outform DER -out sm2.der",
    );
    bench.openssl(
        "pkeyutl -sign -inkey sm2.key -rawin -digest sm3 -pkeyopt distid:1234567812345678 \
         -in content -out signature",
    );
    let certificate = Certificate::parse(&bench.read("sm2.der")).expect("a certificate");
    let usual = RawSignature::usual(certificate).expect("a kind that is known");
    let document = usual.document(&bench.read("signature"));
    // OpenSSL's certificate begins when it made it, which may be seconds after the bench.
    let mut request = bench.request_at(bench.now + HOUR);
    request.anchors = vec![bench.read("sm2.der")];
    assert_eq!(outcome(&document, Content::Octets(CONTENT), &request), "passed [TOTAL-PASSED]");
    let mut digester = document.digester(0, &[], &request.rules());
    CONTENT.chunks(5).for_each(|piece| digester.update(piece));
    let streamed = digester.finish();
    assert_eq!(outcome(&document, Content::Digests(&streamed), &request), "passed [TOTAL-PASSED]");
    let plain = ContentDigests::of(DigestNeed::Plain(Hash::Sm3), &Hash::Sm3.digest(CONTENT));
    let plain = plain.expect("its length");
    let missing = "indeterminate [INDETERMINATE SIGNED_DATA_NOT_FOUND] content.digest_not_given";
    assert_eq!(outcome(&document, Content::Digests(&plain), &request), missing, "without Z");
    let other = outcome(&document, Content::Octets(b"another"), &request);
    assert_eq!(other, "failed [TOTAL-FAILED SIG_CRYPTO_FAILURE] signer.signature_invalid");
}
