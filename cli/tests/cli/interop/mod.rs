//! The demo's province with clients that nobody here wrote: curl, openssl, PyJWT.
//!
//! Without a tool its tests pass and say so, unless `TONGXING_TEST_INTEROP` is
//! `required`, as it is in `./check`.

mod challenge;
mod evidence;
mod platform;
mod receipt;
mod sm2;
pub(crate) mod stage;
#[expect(dead_code, reason = "only the gateway's tests want a service that is silent")]
mod timestamp_service;

use serde_json::Value;

use platform::Platform;
use stage::{CURL, Demo, OPENSSL, have};

/// The demo's authorities, in the order of its bidders: RSA, P-256, P-384.
const AUTHORITIES: [&str; 3] = ["ca-a", "ca-b", "ca-c"];

/// One version of TLS and no other.
const VERSIONS: [[&str; 3]; 2] =
    [["--tlsv1.2", "--tls-max", "1.2"], ["--tlsv1.3", "--tls-max", "1.3"]];

#[test]
fn everybody_signs_in_as_the_same_company_and_a_platform_believes_it() {
    let (Some(()), Some(platform)) = (have(&[CURL, OPENSSL]), Platform::find()) else { return };
    let demo = Demo::start();
    let mut tokens = Vec::new();
    for bidder in 0..AUTHORITIES.len() {
        for version in &VERSIONS {
            for shown in ["certificate", "chain"] {
                tokens.push(demo.token_by_tls(bidder, shown, version));
            }
        }
        tokens.extend(challenge::tokens(&demo, bidder));
    }
    let claims = platform.verify(&demo, &tokens).unwrap();
    assert_eq!(claims.len(), tokens.len());
    assert!(claims.iter().all(|claim| claim["sub"] == claims[0]["sub"]), "{claims:#?}");
    for authority in AUTHORITIES {
        let of = |acr: &str| {
            let by = |claim: &&Value| claim["authority"] == authority && claim["acr"] == acr;
            claims.iter().filter(by).count()
        };
        assert_eq!(of("certificate-tls"), 4, "{claims:#?}");
        assert!(of("certificate-challenge") >= 1, "{claims:#?}");
    }
}

#[test]
fn a_platform_takes_no_token_but_its_own() {
    let (Some(()), Some(platform)) = (have(&[CURL]), Platform::find()) else { return };
    let demo = Demo::start();
    let token = demo.token_by_tls(1, "certificate", &[]);
    platform.verify(&demo, std::slice::from_ref(&token)).unwrap();
    let refused =
        |platform: &Platform, token: &str| platform.verify(&demo, &[token.to_owned()]).unwrap_err();
    let other = Platform { audience: Some("another-platform"), ..platform.clone() };
    assert!(refused(&other, &token).contains("InvalidAudienceError"));
    let elsewhere = Platform { issuer: Some("https://elsewhere.example"), ..platform.clone() };
    assert!(refused(&elsewhere, &token).contains("InvalidIssuerError"));
    // Another first character of the payload: `{` becomes something else.
    let altered = token.replacen(".e", ".f", 1);
    assert!(refused(&platform, &altered).contains("InvalidSignatureError"));
}

#[test]
fn a_browser_of_another_site_gets_nothing() {
    if have(&[CURL]).is_none() {
        return;
    }
    let demo = Demo::start();
    let answer = demo.by_tls(0, "chain", &["--header", "origin: https://evil.example"]);
    assert_eq!(answer["code"], "request.origin", "{answer}");
}

#[test]
fn openssl_finds_nothing_to_resume() {
    if have(&[OPENSSL]).is_none() {
        return;
    }
    let demo = Demo::start();
    for version in ["-tls1_2", "-tls1_3"] {
        let session = demo.folder.path(&format!("session{version}"));
        let to_file = session.to_str().unwrap();
        let told = demo.s_client(&[version, "-sess_out", to_file]);
        assert!(
            !told.contains("TLS session ticket") && !told.contains("NewSessionTicket"),
            "{told}"
        );
        assert!(!session.exists(), "openssl was given a session: {told}");
        // Five times more, with whatever it remembers.
        let told = demo.s_client(&[version, "-reconnect"]);
        assert_eq!(told.matches("\nNew, TLS").count(), 6, "{told}");
        assert!(!told.contains("Reused"), "{told}");
    }
}
