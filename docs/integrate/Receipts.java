import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Asks whether a signature holds and keeps the receipt, asks how provisional receipts were
 * decided, and verifies what a webhook is sent.
 *
 * <pre>
 *   java Receipts.java keep SIGNATURE CONTENT RECEIPT
 *   java Receipts.java decided [SINCE]
 *   java Receipts.java notice &lt; NOTICE
 * </pre>
 *
 * <p>The JDK (17 or newer) is all that it needs. For a gateway whose certificate is of a private
 * CA set {@code -Djavax.net.ssl.trustStore}. It verifies Ed25519; a province whose record has the
 * profile {@code gm} signs with SM2, which the JDK has not: {@code tongxing receipt verify}
 * checks such receipts, and {@code decided} tells over TLS what a notice does. In a program that
 * has a JSON library, use that.
 */
public final class Receipts {
    private static final String GATEWAY = System.getenv("GATEWAY");
    private static final String PLATFORM = System.getenv("PLATFORM_ID");
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    /** SubjectPublicKeyInfo of an Ed25519 key (RFC 8410 4) up to the key. */
    private static final String ED25519 = "302a300506032b6570032100";

    public static void main(String[] arguments) throws Exception {
        switch (arguments.length == 0 ? "" : arguments[0]) {
            case "keep" -> keep(Path.of(arguments[1]), Path.of(arguments[2]), Path.of(arguments[3]));
            case "decided" -> decided(arguments.length > 1 ? Long.parseLong(arguments[1]) : 0);
            case "notice" -> {
                String notice = new String(System.in.readAllBytes(), StandardCharsets.US_ASCII).trim();
                String told = stated(notice, "tongxing-notice+jws");
                demand(PLATFORM.equals(text(told, "aud")), "for another platform");
                tell(told);
            }
            default -> throw new IllegalArgumentException("keep, decided or notice");
        }
    }

    /** The answer with its receipt and all evidence, as it came: one file that is checked offline. */
    private static void keep(Path signature, Path content, Path place) throws Exception {
        String boundary = UUID.randomUUID().toString();
        // The order matters: how the content is hashed is the signature's to say.
        BodyPublisher body = BodyPublishers.concat(
            part(boundary, "request"), BodyPublishers.ofString("{\"options\":{\"receipt\":\"bundle\"}}"),
            part(boundary, "signature"), BodyPublishers.ofFile(signature),
            part(boundary, "content"), BodyPublishers.ofFile(content),
            BodyPublishers.ofString("\r\n--" + boundary + "--\r\n"));
        HttpRequest.Builder request = to("/v1/signatures/verify")
            .header("Content-Type", "multipart/form-data; boundary=" + boundary);
        byte[] answer = ask(request.POST(body).build());
        String receipt = member(new String(answer, StandardCharsets.UTF_8), "receipt");
        String stated = stated(text(receipt, "receipt"), "tongxing-receipt+jws");
        demand(PLATFORM.equals(text(stated, "relying_party")), "for another platform");
        Files.write(place, answer);
        System.out.println(text(stated, "verdict") + " " + member(receipt, "record"));
    }

    private static BodyPublisher part(String boundary, String name) {
        String head = "\r\n--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n";
        return BodyPublishers.ofString(head.formatted(boundary, name));
    }

    private static void decided(long since) throws Exception {
        String notice;
        do {
            notice = new String(ask(to("/v1/receipts?since=" + since).build()), StandardCharsets.UTF_8);
            tell(notice);
            since = Long.parseLong(member(notice, "through"));
        } while (member(notice, "more").equals("true"));
        System.out.println(since);
    }

    private static void tell(String notice) {
        for (String decision : items(member(notice, "decisions"))) {
            System.out.println(member(decision, "receipt") + " " + text(decision, "outcome"));
        }
    }

    private static HttpRequest.Builder to(String path) {
        String secret = PLATFORM + ":" + System.getenv("PLATFORM_SECRET");
        String basic = Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8));
        return HttpRequest.newBuilder(URI.create(GATEWAY + path))
            .timeout(Duration.ofMinutes(1))
            .header("Authorization", "Basic " + basic);
    }

    private static byte[] ask(HttpRequest request) throws Exception {
        for (int attempt = 1; ; attempt++) {
            HttpResponse<byte[]> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofByteArray());
            if (answer.statusCode() == 200) {
                return answer.body();
            }
            // A quota that is used up, or a gateway that is busy, says when to come back.
            Optional<String> wait = answer.headers().firstValue("Retry-After");
            demand(attempt < 3 && wait.isPresent(), new String(answer.body(), StandardCharsets.UTF_8));
            Thread.sleep(Duration.ofSeconds(Long.parseLong(wait.get())).toMillis());
        }
    }

    /** What a JWS of this kind states; throws unless a published evidence key signed it. */
    private static String stated(String jws, String kind) throws Exception {
        String[] parts = jws.split("\\.", -1);
        demand(parts.length == 3, "no compact JWS");
        String header = new String(decoded(parts[0]), StandardCharsets.UTF_8);
        demand(kind.equals(text(header, "typ")), "another kind of JWS");
        String key = key(text(header, "kid"));
        // What the key is for decides about the algorithm, not what the JWS says.
        demand("EdDSA".equals(text(key, "alg")) && "EdDSA".equals(text(header, "alg")), "another algorithm");
        byte[] spki = HexFormat.of().parseHex(ED25519 + HexFormat.of().formatHex(decoded(text(key, "x"))));
        Signature signature = Signature.getInstance("Ed25519");
        signature.initVerify(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(spki)));
        signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        demand(signature.verify(decoded(parts[2])), "a false signature");
        String statement = new String(decoded(parts[1]), StandardCharsets.UTF_8);
        demand(GATEWAY.equals(text(statement, "iss")), "of another gateway");
        return statement;
    }

    /** The published key of this name: those of all times are there. */
    private static String key(String name) throws Exception {
        String keys = new String(ask(to("/.well-known/evidence-keys.json").build()), StandardCharsets.UTF_8);
        for (String key : items(member(keys, "keys"))) {
            if (name.equals(text(key, "kid"))) {
                return key;
            }
        }
        throw new SecurityException("signed with a key that is not published");
    }

    private static byte[] decoded(String part) {
        return Base64.getUrlDecoder().decode(part);
    }

    /** A member of the outermost object that is a text without escapes. */
    private static String text(String json, String name) {
        String value = member(json, name);
        demand(value.startsWith("\"") && value.indexOf('\\') < 0, "no " + name);
        return value.substring(1, value.length() - 1);
    }

    /** A member of the outermost object, as it stands there. */
    private static String member(String json, String name) {
        int depth = 0;
        int begin = -1;
        for (int at = 0; at < json.length(); at++) {
            switch (json.charAt(at)) {
                case '{', '[' -> depth++;
                case '}', ']' -> depth--;
                case '"' -> {
                    int end = end(json, at);
                    boolean isName = depth == 1 && begin < 0 && json.startsWith(":", end + 1);
                    if (isName && json.substring(at + 1, end).equals(name)) {
                        begin = end + 2;
                    }
                    at = end;
                }
                default -> { }
            }
            char here = json.charAt(at);
            if (begin >= 0 && at >= begin && (depth == 0 || depth == 1 && here == ',')) {
                return json.substring(begin, at);
            }
        }
        throw new SecurityException("no " + name);
    }

    /** The objects of an array. */
    private static List<String> items(String array) {
        List<String> items = new ArrayList<>();
        int depth = 0;
        int begin = 0;
        for (int at = 0; at < array.length(); at++) {
            switch (array.charAt(at)) {
                case '{', '[' -> {
                    if (depth++ == 1) {
                        begin = at;
                    }
                }
                case '}', ']' -> {
                    if (--depth == 1) {
                        items.add(array.substring(begin, at + 1));
                    }
                }
                case '"' -> at = end(array, at);
                default -> { }
            }
        }
        return items;
    }

    /** Where a text that begins here ends. */
    private static int end(String json, int begin) {
        int at = begin + 1;
        while (json.charAt(at) != '"') {
            at += json.charAt(at) == '\\' ? 2 : 1;
        }
        return at;
    }

    private static void demand(boolean holds, String why) {
        if (!holds) {
            throw new SecurityException(why);
        }
    }
}
