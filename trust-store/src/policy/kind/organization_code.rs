//! Organization codes, GB 11714-1997: eight characters and a check character.

use super::KindFault;

const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// Length, alphabet and check character (GB 11714-1997, 3.3).
pub(super) fn check(text: &str) -> Result<(), KindFault> {
    let alphabet = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase();
    if text.len() != 9 || !text.bytes().all(alphabet) {
        return Err(KindFault::Shape { expected: "9 of 0-9 and A-Z, without a hyphen" });
    }
    let values = text.chars().filter_map(|c| c.to_digit(36));
    let sum: u32 = values.zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    let expected = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    };
    let seen = text.chars().last().unwrap_or(' ');
    if seen == expected { Ok(()) } else { Err(KindFault::CheckDigit { expected, seen }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_inside_published_usccs_pass() {
        for code in ["799655058", "71526726X", "192203821"] {
            assert_eq!(check(code), Ok(()), "{code}");
        }
    }

    #[test]
    fn others_do_not() {
        assert_eq!(check("799655059"), Err(KindFault::CheckDigit { expected: '8', seen: '9' }));
        for bad in ["79965505-8", "79965505", "79965505x", "七九九六五五〇五八"] {
            assert!(matches!(check(bad), Err(KindFault::Shape { .. })), "{bad}");
        }
    }
}
