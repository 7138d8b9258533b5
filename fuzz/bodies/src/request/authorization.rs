//! By what a platform shows that it is itself.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use tongxing_gateway::{ShownCredentials, read_authorization};
use tongxing_pki::{PublicKey, Timestamp};

use crate::hex;

/// A platform's key, whose other half nobody has, and an assertion that it signed.
const KEY: &[u8] = include_bytes!("../../fixed/platform.spki");
const ASSERTION: &str = include_str!("../../fixed/platform.jwt");

const NOW: i64 = 1_780_000_000;
const AUDIENCE: &str = "https://g.example";

/// RFC 7523 has it end soon, and clocks may be apart.
const LONGEST: i64 = 360;
const LEEWAY: i64 = 60;

/// The values of Authorization headers, one a line.
///
/// An assertion is read as any other reader of JSON reads it, and is believed only if the
/// platform signed it. A secret written down again is the same secret.
pub fn authorization(bytes: &[u8]) {
    let values: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let read = || {
        let key = PublicKey::from_spki_der(KEY).expect("the fixed key");
        let now = Timestamp::from_unix(NOW);
        read_authorization(&values, &[key], &[AUDIENCE.to_owned()], now)
    };
    let shown = read();
    assert_eq!(shown, read());
    match shown {
        Ok(None) => panic!("there is a header"),
        Ok(Some(ShownCredentials::Secret { id, secret })) => is_same_secret(id, secret),
        Ok(Some(assertion)) => {
            let [value] = values.as_slice() else { panic!("two headers") };
            let value = std::str::from_utf8(value).expect("it was taken");
            let token = value.split_once(' ').map(|(_, token)| token.trim());
            is_read_as_elsewhere(token.expect("a scheme"), &assertion);
        }
        Err(told) => assert!(!told.is_empty() && told.is_ascii(), "{told}"),
    }
}

fn is_same_secret(id: Option<String>, secret: String) {
    let own = |text: &str| hex(text.as_bytes(), "%");
    let written = format!("{}:{}", own(id.as_deref().unwrap_or("?")), own(&secret));
    let header = format!("BASIC {}", STANDARD.encode(written));
    // Three octets for each are more than a header may have of long ones.
    if header.len() <= 1024 {
        let again = read_authorization(&[header.as_bytes()], &[], &[], Timestamp::from_unix(NOW));
        assert_eq!(again, Ok(Some(ShownCredentials::Secret { id, secret })));
    }
}

fn is_read_as_elsewhere(token: &str, shown: &ShownCredentials) {
    let ShownCredentials::Assertion { issuer, id, good_until, signed, holds } = shown else {
        return;
    };
    let (message, signature) = token.rsplit_once('.').expect("three parts");
    let (header, claims) = message.split_once('.').expect("three parts");
    assert!(!header.contains('.') && !claims.contains('.') && !signature.contains('.'));
    let (fixed, _) = ASSERTION.trim_end().rsplit_once('.').expect("three parts");
    assert!(!signed || message == fixed, "nobody signed it");
    let json = |part: &str| {
        let octets = URL_SAFE_NO_PAD.decode(part).expect("it was decoded");
        serde_json::from_slice::<Value>(&octets).ok()
    };
    // What nobody asks for may hold a number beyond every float.
    let (Some(header), Some(claims)) = (json(header), json(claims)) else { return };
    let algorithms = ["ES256", "ES384", "EdDSA", "RS256", "PS256"];
    assert!(header["alg"].as_str().is_some_and(|alg| algorithms.contains(&alg)), "{header}");
    assert!(header.get("crit").is_none(), "nothing critical is understood: {header}");
    assert_eq!(claims["jti"], id.as_str());
    assert!(issuer.as_ref().is_none_or(|issuer| claims["iss"] == issuer.as_str()));
    if !holds {
        return;
    }
    let exp = claims["exp"].as_i64().expect("a moment");
    assert!((NOW - LEEWAY..=NOW + LONGEST).contains(&exp), "{claims}");
    assert_eq!(good_until.unix(), exp + LEEWAY);
    assert_eq!(claims["sub"], claims["iss"]);
    let several = claims["aud"].as_array().is_some_and(|all| all.iter().any(|a| a == AUDIENCE));
    assert!(several || claims["aud"] == AUDIENCE, "for somebody else: {claims}");
    for begins in [&claims["nbf"], &claims["iat"]] {
        assert!(begins.is_null() || begins.as_i64().is_some_and(|at| at <= NOW + LEEWAY));
    }
}
