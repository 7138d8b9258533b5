use tongxing_trust_store::SIGN_IN_LINE;

use super::*;

const ISSUER: &str = "https://gateway.example";

fn key() -> ChallengeKey {
    ChallengeKey::from_bytes(&[7; 32])
}

fn party(id: &str) -> RelyingPartyId {
    id.parse().unwrap()
}

fn at(unix: i64) -> Timestamp {
    Timestamp::from_unix(unix)
}

fn made() -> Challenge {
    Challenge::new(party("platform-a"), 3, at(1000)).unwrap()
}

#[test]
fn an_id_gives_the_challenge_back() {
    let challenge = made();
    let id = challenge.id(&key());
    let opened = Challenge::open(&id, &party("platform-a"), &key(), at(1119)).unwrap();
    assert_eq!(opened, challenge);
    assert_eq!(opened.text(ISSUER), challenge.text(ISSUER));
}

#[test]
fn the_text_is_ascii_and_opens_with_the_line() {
    let text = made().text(ISSUER);
    let lines: Vec<&str> = text.split('\n').collect();
    assert_eq!(lines[0], SIGN_IN_LINE);
    assert_eq!(lines[1], "audience: platform-a");
    assert_eq!(lines[2], "issuer: https://gateway.example");
    assert!(lines[3].starts_with("nonce: ") && lines[3].len() == 7 + 32);
    assert_eq!(lines[4], "expires: 1970-01-01T00:18:40Z");
    assert_eq!(lines.len(), 5);
    assert!(text.is_ascii());
}

#[test]
fn expiry_audience_and_forgery_have_their_own_faults() {
    let id = made().id(&key());
    let open = |id: &str, audience: &str, key: &ChallengeKey, now| {
        Challenge::open(id, &party(audience), key, at(now)).unwrap_err()
    };
    assert_eq!(open(&id, "platform-a", &key(), 1120), ChallengeFault::Expired { at: at(1120) });
    let other = ChallengeFault::OtherAudience { made_for: party("platform-a") };
    assert_eq!(open(&id, "platform-b", &key(), 1000), other);
    let foreign = ChallengeKey::from_bytes(&[8; 32]);
    assert_eq!(open(&id, "platform-a", &foreign, 1000), ChallengeFault::Malformed);
    for bad in ["", "AA", "=", &"A".repeat(1000)] {
        assert_eq!(open(bad, "platform-a", &key(), 1000), ChallengeFault::Malformed);
    }
}

#[test]
fn no_bit_of_an_id_can_be_changed() {
    let id = made().id(&key());
    for index in 0..id.len() {
        let mut altered = id.clone().into_bytes();
        altered[index] = if altered[index] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).unwrap();
        let fault = Challenge::open(&altered, &party("platform-a"), &key(), at(1000)).unwrap_err();
        assert_eq!(fault, ChallengeFault::Malformed, "character {index}");
    }
}
