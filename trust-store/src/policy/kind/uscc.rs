//! Unified social credit codes, GB 32100-2015.

use super::KindFault;

/// The 31 characters of the code, each at its value: no I, O, S, V, Z
/// (GB 32100-2015, table 2).
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Characters 9 to 17 are the organization code (GB 32100-2015, 4).
const ORGANIZATION_CODE: std::ops::Range<usize> = 8..17;

/// Length and alphabet.
pub(in super::super) fn shape(text: &str) -> Result<(), KindFault> {
    if text.len() == 18 && text.bytes().all(|b| value(b).is_some()) {
        return Ok(());
    }
    Err(KindFault::Shape { expected: "18 of 0-9 and A-Z without I, O, S, V, Z" })
}

/// The check character, GB 32100-2015 annex A: weights 3^i mod 31.
///
/// `text` has the right shape.
pub(super) fn check_digit(text: &str) -> Result<(), KindFault> {
    let mut weight = 1;
    let mut sum = 0;
    for character in text.bytes().take(17) {
        sum += value(character).unwrap_or(0) * weight;
        weight = weight * 3 % 31;
    }
    let expected = char::from(ALPHABET[(31 - sum % 31) % 31]);
    let seen = text.chars().last().unwrap_or(' ');
    if seen == expected { Ok(()) } else { Err(KindFault::CheckDigit { expected, seen }) }
}

/// The organization code inside a USCC of the right shape.
pub(in super::super) fn organization_code(uscc: &str) -> Option<&str> {
    uscc.get(ORGANIZATION_CODE)
}

fn value(character: u8) -> Option<usize> {
    ALPHABET.iter().position(|&b| b == character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_codes_pass() {
        // Alibaba (China), Tencent, Huawei: from the public register.
        for code in ["91330100799655058B", "9144030071526726XG", "914403001922038216"] {
            assert_eq!(shape(code), Ok(()), "{code}");
            assert_eq!(check_digit(code), Ok(()), "{code}");
        }
    }

    #[test]
    fn letters_outside_the_alphabet_do_not() {
        for code in ["91330100799655058I", "9133010079965505", "91330100799655058b", ""] {
            assert!(shape(code).is_err(), "{code}");
        }
    }

    #[test]
    fn every_single_wrong_character_is_noticed() {
        let code = "91330100799655058B";
        for place in 0..17 {
            for &wrong in ALPHABET {
                let mut altered = code.as_bytes().to_vec();
                altered[place] = wrong;
                let altered = String::from_utf8(altered).unwrap();
                assert_eq!(check_digit(&altered).is_ok(), altered == code, "{altered}");
            }
        }
    }

    #[test]
    fn the_organization_code_is_inside() {
        assert_eq!(organization_code("91330100799655058B"), Some("799655058"));
    }
}
