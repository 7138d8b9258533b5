//! What strangers send in requests.

use tongxing_gateway::{check_json_bodies, reread_challenge_id};

/// The JSON body of a request: for a challenge, a token, a confirmation, or by a platform
/// for verifications.
///
/// What reads in one form reads in every other form of the same JSON; what does
/// not read is refused with its place.
pub fn token_request(bytes: &[u8]) {
    let outcomes = check_json_bodies(bytes);
    assert_eq!(outcomes, check_json_bodies(bytes));
    for (kind, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Ok(()) => {
                let value: serde_json::Value =
                    serde_json::from_slice(bytes).expect("what reads is JSON");
                let compact = check_json_bodies(value.to_string().as_bytes());
                let pretty = check_json_bodies(format!("{value:#}").as_bytes());
                assert_eq!((&compact[kind], &pretty[kind]), (&Ok(()), &Ok(())), "{value}");
            }
            Err(told) => {
                assert!(told.contains(" at line ") && told.contains(" column "), "{told}");
            }
        }
    }
}

/// The id of a challenge, behind the code that keeps strangers from making one.
pub fn challenge_id(bytes: &[u8]) {
    assert_ne!(reread_challenge_id(bytes), Some(false), "two ids of one challenge");
}
