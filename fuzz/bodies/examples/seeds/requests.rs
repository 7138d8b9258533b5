//! What strangers and platforms send.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};

use super::{DEEP, NOW, Outcome, repository, seed, write};

pub(crate) fn all() -> Outcome {
    assertions()?;
    bodies()?;
    bodies_of_gmt_0029()?;
    challenge_ids()?;
    heads()?;
    parts()
}

/// What stands before the code in an id: version, epoch, expiry, nonce, audience.
fn challenge_ids() -> Outcome {
    let id = |version: u8, audience: &str| {
        let expires = NOW.to_be_bytes();
        [&[version], &7_u64.to_be_bytes()[..], &expires, &[0xa5; 16], audience.as_bytes()].concat()
    };
    seed("challenge_id", "good", &id(1, "platform"))?;
    seed("challenge_id", "no-audience", &id(1, ""))?;
    seed("challenge_id", "other-version", &id(2, "platform"))?;
    seed("challenge_id", "long-audience", &id(1, &"a".repeat(200)))?;
    seed("challenge_id", "cut", &id(1, "platform")[..20])
}

/// The bodies of our own form.
fn bodies() -> Outcome {
    let signature = r#"{"format":"raw","algorithm":"ecdsa-sha256","value":"MAYCAQECAQE=","certificate":"MAA=","chain":["MAA="]}"#;
    let signed =
        format!(r#"{{"audience":"platform","challenge_id":"AQ","signature":{signature}}}"#);
    seed("token_request", "audience.json", br#"{"audience":"platform"}"#)?;
    seed("token_request", "signed.json", signed.as_bytes())?;
    seed("token_request", "confirm.json", br#"{"authority":"ca-a"}"#)?;
    let certificate = br#"{"certificate":"MAA=","purpose":"sign-in","names":["dns:a.example"]}"#;
    seed("token_request", "certificate.json", certificate)?;
    let signature = r#"{"signature":"MAA=","content":"AA==","options":{"entities":["A"]}}"#;
    seed("token_request", "signature.json", signature.as_bytes())?;
    let batch = format!(r#"{{"items":[{signature}]}}"#);
    seed("token_request", "batch.json", batch.as_bytes())?;
    seed("token_request", "unknown.json", br#"{"audience":"platform","sub":"x"}"#)?;
    seed("token_request", "twice.json", br#"{"audience":"a","audience":"b"}"#)?;
    seed("token_request", "surrogate.json", br#"{"audience":"\ud800"}"#)?;
    seed("token_request", "not-utf-8.json", b"{\"audience\":\"\xff\"}")?;
    seed("token_request", "array.json", br#"["platform"]"#)?;
    seed("token_request", "number.json", br#"{"audience":1e999}"#)?;
    seed("token_request", "deep.json", "[".repeat(DEEP).as_bytes())?;
    seed("token_request", "cut.json", &signed.as_bytes()[..signed.len() / 2])
}

/// The same calls in the shape of GM/T 0029.
fn bodies_of_gmt_0029() -> Outcome {
    let cert = STANDARD.encode(fs::read(repository("fuzz/bodies/fixed/leaf.der"))?);
    let envelope = |operation: &str, request: &str| {
        format!(
            r#"{{"version":"v1","reqType":"{operation}","reqTime":"20260528","request":{request}}}"#
        )
    };
    let bodies = [
        ("parseCert", format!(r#"{{"cert":"{cert}","infoType":49}}"#)),
        ("validateCert", format!(r#"{{"cert":"{cert}","ocsp":false}}"#)),
        (
            "verifySignedData",
            format!(
                r#"{{"signMethod":"0x00020201","type":1,"cert":"{cert}","inData":"AA==","inDataLen":1,"signerID":"1234567812345678","signature":"MAYCAQECAQE=","verifyLevel":2}}"#
            ),
        ),
        (
            "verifySignedMessage",
            r#"{"inData":"AA==","inDataLen":"1","signedMessage":"MAA=","hashFlag":false}"#.into(),
        ),
    ];
    for (operation, request) in &bodies {
        seed(
            "token_request",
            &format!("{operation}.json"),
            envelope(operation, request).as_bytes(),
        )?;
    }
    let message = r#"{"signedMessage":"MAA="}"#;
    for (name, extra) in [
        ("beyond-every-float", r#""more":1e400"#),
        ("half-a-pair", r#""more":"\ud800""#),
        ("twice", r#""more":1,"more":2"#),
    ] {
        let body = format!(r#"{{{extra},"reqType":12,"request":{message}}}"#);
        seed("token_request", &format!("{name}.json"), body.as_bytes())?;
    }
    let broken = [&b"{\"more\":\"\xff\",\"request\":"[..], message.as_bytes(), b"}"].concat();
    seed("token_request", "ignored-not-utf-8.json", &broken)?;
    let deep =
        format!(r#"{{"more":{}{},"request":{message}}}"#, "[".repeat(DEEP), "]".repeat(DEEP));
    seed("token_request", "ignored-deep.json", deep.as_bytes())
}

/// SubjectPublicKeyInfo of a P-256 key (RFC 5480), up to its point.
const P256: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\
    \x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";

/// Authorization headers. The platform's key is forgotten.
fn assertions() -> Outcome {
    let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(|_| "a key")?;
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random)?;
    let exp = NOW + 60;
    let claims = format!(
        r#"{{"iss":"platform-a","sub":"platform-a","aud":["https://g.example"],"exp":{exp},"iat":{NOW},"jti":"1"}}"#
    );
    let unsigned = |header: &str, claims: &str| {
        format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
    };
    let message = unsigned(r#"{"alg":"ES256","kid":"1"}"#, &claims);
    let signature = pair.sign(&random, message.as_bytes()).map_err(|_| "a signature")?;
    let signature = URL_SAFE_NO_PAD.encode(signature);
    let fixed = |name: &str| repository(&format!("fuzz/bodies/fixed/platform.{name}"));
    write(&fixed("spki"), &[P256, pair.public_key().as_ref()].concat())?;
    write(&fixed("jwt"), format!("{message}.{signature}\n").as_bytes())?;
    let bearer =
        |header: &str, claims: &str| format!("Bearer {}.{signature}", unsigned(header, claims));
    for (name, value) in [
        ("signed", format!("Bearer {message}.{signature}")),
        (
            "of-nobody",
            bearer(
                r#"{"alg":"RS256"}"#,
                &claims.replace(r#"["https://g.example"]"#, r#""https://g.example""#),
            ),
        ),
        ("critical", bearer(r#"{"alg":"ES256","crit":["b64"],"b64":false}"#, &claims)),
        ("critical-null", bearer(r#"{"alg":"ES256","crit":null}"#, &claims)),
        ("none", bearer(r#"{"alg":"none"}"#, &claims)),
        (
            "too-long-ahead",
            bearer(r#"{"alg":"EdDSA"}"#, &claims.replace(&exp.to_string(), "9223372036854775807")),
        ),
        (
            "more",
            bearer(r#"{"alg":"ES384","x":1e400}"#, &claims.replace('}', r#","nbf":0,"x":{}}"#)),
        ),
        ("secret", format!("Basic {}", STANDARD.encode("platform-a:0123456789abcdef"))),
        ("secret-encoded", format!("basic {}", STANDARD.encode("platform%2Da:x%3Ay+z%e9%80%9a"))),
        ("two", "Basic YTpi\nBasic YTpi".to_owned()),
        ("digest", "Digest username=\"a\"".to_owned()),
    ] {
        seed("authorization", name, value.as_bytes())?;
    }
    Ok(())
}

/// Heads of requests: what is asked for, and headers.
fn heads() -> Outcome {
    for (name, head) in [
        (
            "token",
            "/v1/tokens\nHost: G.example:9443\nOrigin: https://g.example:9443\nContent-Type: application/json; charset=utf-8\nAccept-Language: en-GB, zh;q=0.9",
        ),
        (
            "other-name",
            "/v1/signatures/verify\nhost: h.example\norigin: https://h.example\ncontent-type: multipart/form-data; boundary=x",
        ),
        (
            "two-origins",
            "/\nhost: h.example\norigin: https://h.example\norigin: https://evil.example",
        ),
        ("foreign", "/v1/challenges\nhost: x.example\norigin: null"),
        (
            "since",
            "/v1/receipts?since=42\nhost: [::1]:9443\naccept-language: en;q=0.5,fr,zh;q=0.333",
        ),
        ("record", "/v1/receipts/18446744073709551615?\nhost: user@g.example"),
        ("subject", "/v1/subjects/x%2F..%2F/encryption-certificates#a\nhost: a\nhost: a"),
        ("absolute", "http://g.example/v1/evidence/00?since=+1"),
    ] {
        seed("request_head", name, head.as_bytes())?;
    }
    Ok(())
}

/// Signatures in parts.
fn parts() -> Outcome {
    let certificate = fs::read(repository("fuzz/bodies/fixed/leaf.der"))?;
    let head = |name: &str| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").into_bytes()
    };
    let form = |parts: &[(&str, &[u8])]| {
        let mut form = b"multipart/form-data; boundary=x\n".to_vec();
        for (name, content) in parts {
            form.extend([&head(name)[..], content, b"\r\n"].concat());
        }
        [&form[..], b"--x--\r\n"].concat()
    };
    let request = ("request", &br#"{"format":"raw","algorithm":"ecdsa-sha256"}"#[..]);
    let (signature, content) = (("signature", &b"\x30\x00"[..]), ("content", &b"a\r\n--x"[..]));
    let whole = form(&[request, signature, ("certificate", &certificate), content]);
    for (name, form) in [
        ("whole", whole.clone()),
        ("attached", form(&[("signature", b"MAA="), ("certificates", &certificate)])),
        ("content-first", form(&[content, signature])),
        ("content-not-last", form(&[signature, content, request])),
        ("twice", form(&[signature, signature])),
        ("unknown", form(&[("signature; filename=x", b"")])),
        ("too-long", form(&[("signature", &[0; 1025])])),
        ("long-content", form(&[signature, ("content", &[b'a'; 9_000])])),
        ("cut", whole[..whole.len() / 2].to_vec()),
        (
            "quoted",
            [&b"multipart/form-data; boundary=\"x y\"\n"[..], b"preamble\r\n--x y--"].concat(),
        ),
        ("no-boundary", b"multipart/form-data\n--\r\n\r\n----".to_vec()),
    ] {
        seed("request_parts", name, &form)?;
    }
    Ok(())
}
