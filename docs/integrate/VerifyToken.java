import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Verifies an identity token with the published keys: TOKEN on standard input.
 *
 * <p>The JDK (17 or newer) is all that it needs: {@code java VerifyToken.java}. For a gateway
 * whose certificate is of a private CA set {@code -Djavax.net.ssl.trustStore}. The claims and
 * keys that it reads are flat texts and numbers; in a program that has a JSON library, use
 * that.
 */
public final class VerifyToken {
    private static final String GATEWAY = System.getenv("GATEWAY");
    private static final String AUDIENCE = System.getenv("PLATFORM_ID");

    public static void main(String[] arguments) throws Exception {
        String token = new String(System.in.readAllBytes(), StandardCharsets.US_ASCII).trim();
        System.out.println(verify(token));
    }

    /** The claims of a token that is this platform's, as JSON; throws for any other. */
    static String verify(String token) throws Exception {
        String[] parts = token.split("\\.", -1);
        demand(parts.length == 3, "no compact JWS");
        String header = decoded(parts[0]);
        String claims = decoded(parts[1]);
        demand("at+jwt".equals(text(header, "typ")), "another kind of token");
        String key = key(text(header, "kid"));
        // What the key is for decides about the algorithm, not what the token says.
        demand("ES256".equals(text(key, "alg")) && "ES256".equals(text(header, "alg")), "another algorithm");
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initVerify(KeyFactory.getInstance("EC").generatePublic(point(key)));
        signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        demand(signature.verify(Base64.getUrlDecoder().decode(parts[2])), "a false signature");
        long now = Instant.now().getEpochSecond();
        demand(GATEWAY.equals(text(claims, "iss")), "of another issuer");
        demand(AUDIENCE.equals(text(claims, "aud")), "for another platform");
        demand(number(claims, "nbf") <= now + 30 && now < number(claims, "exp"), "not valid now");
        return claims;
    }

    /** The published key of this name. */
    private static String key(String name) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(GATEWAY + "/.well-known/jwks.json")).build();
        HttpResponse<String> answer =
            HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        demand(answer.statusCode() == 200, "no keys");
        Matcher keys = Pattern.compile("\\{[^{}]*\\}").matcher(answer.body());
        while (keys.find()) {
            if (keys.group().contains("\"kid\":\"" + name + "\"")) {
                return keys.group();
            }
        }
        throw new SecurityException("signed with a key that is not published");
    }

    private static ECPublicKeySpec point(String key) throws Exception {
        AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
        curve.init(new ECGenParameterSpec("secp256r1"));
        ECPoint point = new ECPoint(coordinate(key, "x"), coordinate(key, "y"));
        return new ECPublicKeySpec(point, curve.getParameterSpec(ECParameterSpec.class));
    }

    private static BigInteger coordinate(String key, String name) {
        return new BigInteger(1, Base64.getUrlDecoder().decode(text(key, name)));
    }

    private static String decoded(String part) {
        return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
    }

    /** A member of the outermost object. Names inside other objects are not looked at. */
    private static String text(String json, String name) {
        return member(json, name, "\"([^\"\\\\]*)\"");
    }

    private static long number(String json, String name) {
        return Long.parseLong(member(json, name, "(\\d+)"));
    }

    private static String member(String json, String name, String value) {
        String flat = json.substring(1, json.length() - 1).replaceAll("\\{[^{}]*\\}", "{}");
        Matcher found = Pattern.compile("(?:^|,)\"" + name + "\":" + value).matcher(flat);
        demand(found.find(), "no " + name);
        return found.group(1);
    }

    private static void demand(boolean holds, String why) {
        if (!holds) {
            throw new SecurityException(why);
        }
    }
}
