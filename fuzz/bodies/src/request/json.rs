//! The JSON that requests bring.

use serde::de::IgnoredAny;
use serde_json::Value;
use tongxing_gateway::{check_json_bodies, check_json_contents};

/// The shortest number of a person: of the first generation, with fifteen digits.
const ID_DIGITS: usize = 15;

/// The JSON body of a request: for a challenge, a token, a confirmation, or by a platform
/// for verifications, in our form or in that of GM/T 0029.
///
/// What reads in one form reads in every other form of the same JSON; what does
/// not read is refused with its place.
pub fn token_request(bytes: &[u8]) {
    let outcomes = check_json_bodies(bytes);
    assert_eq!(outcomes, check_json_bodies(bytes));
    let forms = if outcomes.iter().any(Result::is_ok) { forms(bytes) } else { Vec::new() };
    for form in forms {
        let again = check_json_bodies(&form);
        for (outcome, again) in outcomes.iter().zip(&again) {
            // What is there twice is refused, and is there once in a Value.
            assert!(outcome.is_err() || again.is_ok(), "{}", String::from_utf8_lossy(&form));
        }
    }
    for told in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        assert!(told.contains(" at line ") && told.contains(" column "), "{told}");
        repeats_nothing(told);
    }
    let contents = check_json_contents(bytes);
    assert_eq!(contents, check_json_contents(bytes));
    for told in contents.iter().filter_map(|outcome| outcome.as_ref().err()) {
        assert!(!told.is_empty() && !told.contains('\n'), "{told}");
        repeats_nothing(told);
    }
}

/// Other forms of the same JSON.
fn forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    serde_json::from_slice::<IgnoredAny>(bytes).expect("what reads is JSON");
    let mut forms = vec![respaced(bytes, b""), respaced(bytes, b"\r\n\t ")];
    // Members that nobody asks for may hold what a Value cannot: a number beyond every
    // float, half a surrogate pair.
    if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
        forms.push(value.to_string().into_bytes());
        forms.push(format!("{value:#}").into_bytes());
    }
    forms
}

/// The same tokens with other white space between them.
fn respaced(json: &[u8], space: &[u8]) -> Vec<u8> {
    let mut respaced = Vec::with_capacity(json.len());
    let (mut in_text, mut escaped) = (false, false);
    for byte in json {
        if in_text {
            respaced.push(*byte);
            in_text = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
            continue;
        }
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {}
            b'{' | b'}' | b'[' | b']' | b':' | b',' => {
                respaced.extend_from_slice(space);
                respaced.push(*byte);
                respaced.extend_from_slice(space);
            }
            _ => {
                in_text = *byte == b'"';
                respaced.push(*byte);
            }
        }
    }
    respaced
}

/// Problem documents go further than to whoever sent the request.
fn repeats_nothing(told: &str) {
    assert!(told.is_ascii(), "{told}");
    let mut digits = told.split(|c: char| !c.is_ascii_digit());
    assert!(digits.all(|run| run.len() < ID_DIGITS), "{told}");
}
