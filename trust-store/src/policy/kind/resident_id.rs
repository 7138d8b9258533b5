//! Resident identity numbers, GB 11643-1999, and their look-alikes: the
//! residence permits of Hong Kong, Macao and Taiwan residents (81, 82, 83) and
//! of foreigners (9) have the same form and the same check.

use super::KindFault;

const LENGTH: usize = 18;
/// GB 11643-1989: without century and check character.
const OLD_LENGTH: usize = 15;
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// The check character by remainder (ISO 7064 MOD 11-2).
const CHECK: &[u8; 11] = b"10X98765432";

/// Form, birthday and check character.
///
/// The 15-digit numbers of GB 11643-1989 were withdrawn in 2013 and are refused.
pub(super) fn check(text: &str) -> Result<(), KindFault> {
    let bytes = text.as_bytes();
    if !has_form(bytes) {
        return Err(KindFault::Shape { expected: "17 digits, then a digit or X" });
    }
    let digits = bytes.iter().map(|b| u32::from(b - b'0'));
    let sum: u32 = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let expected = char::from(CHECK[(sum % 11) as usize]);
    let seen = char::from(bytes[LENGTH - 1]);
    if seen != expected {
        return Err(KindFault::CheckDigit { expected, seen });
    }
    if is_birthday(text) { Ok(()) } else { Err(KindFault::Birthday) }
}

/// Whether a resident id stands anywhere in `text`, in either case of its X.
pub(super) fn hides_in(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    upper
        .as_bytes()
        .windows(LENGTH)
        .any(|window| str::from_utf8(window).is_ok_and(|candidate| check(candidate).is_ok()))
}

/// Whether what may be a resident id stands anywhere in `text`: one whose check character
/// is wrong too, and one of the fifteen digits of GB 11643-1989.
pub(crate) fn may_hide_in(text: &str) -> bool {
    let is_number = |window: &[u8]| window.iter().all(u8::is_ascii_digit);
    let holds = |length: usize, born: fn(&str) -> bool| {
        let mut windows = text.as_bytes().windows(length);
        windows.any(|window| is_number(window) && str::from_utf8(window).is_ok_and(born))
    };
    holds(LENGTH - 1, is_birthday) || holds(OLD_LENGTH, is_old_birthday)
}

/// Characters 7 to 12 as a date of the last century.
fn is_old_birthday(text: &str) -> bool {
    text.get(..6)
        .zip(text.get(6..))
        .is_some_and(|(area, rest)| is_birthday(&format!("{area}19{rest}")))
}

fn has_form(bytes: &[u8]) -> bool {
    let Some((last, digits)) = bytes.split_last() else { return false };
    let ends = last.is_ascii_digit() || *last == b'X';
    let starts = digits.first().is_some_and(|first| *first != b'0');
    bytes.len() == LENGTH && digits.iter().all(u8::is_ascii_digit) && starts && ends
}

/// Characters 7 to 14 as a date that somebody alive may be born on.
fn is_birthday(text: &str) -> bool {
    let number = |range| text.get(range).and_then(|s: &str| s.parse::<u32>().ok()).unwrap_or(0);
    let (year, month, day) = (number(6..10), number(10..12), number(12..14));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    (1880..2100).contains(&year) && (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_examples_pass() {
        // GB 11643-1999, annex A.
        for id in ["11010519491231002X", "440524188001010014"] {
            assert_eq!(check(id), Ok(()), "{id}");
        }
    }

    #[test]
    fn each_part_is_checked() {
        let check_digit = check("110105194912310021");
        assert_eq!(check_digit, Err(KindFault::CheckDigit { expected: 'X', seen: '1' }));
        for bad in ["11010519491231002x", "110105491231002", "01010519491231002X", "", "X"] {
            assert!(matches!(check(bad), Err(KindFault::Shape { .. })), "{bad}");
        }
    }

    #[test]
    fn a_day_that_never_was_is_no_birthday() {
        let with_check = |front: &str| -> Vec<_> {
            let ends = CHECK.iter().map(|&c| format!("{front}{}", char::from(c)));
            let checked = ends.map(|id| check(&id));
            checked.filter(|r| !matches!(r, Err(KindFault::CheckDigit { .. }))).collect()
        };
        for (front, expected) in [
            ("11010519490229001", Err(KindFault::Birthday)),
            ("11010519480229001", Ok(())),
            ("11010519001301001", Err(KindFault::Birthday)),
            ("11010517001201001", Err(KindFault::Birthday)),
        ] {
            assert_eq!(with_check(front), [expected], "{front}");
        }
    }

    #[test]
    fn what_may_be_one_is_found_whatever_its_check_character() {
        for text in ["0110101199003070012", "SF11010119900307001", "x110101900307001y"] {
            assert!(may_hide_in(text), "{text}");
        }
        for text in ["110101199913990099", "1101019003070", "91990000TX0000001B", "通行"] {
            assert!(!may_hide_in(text), "{text}");
        }
    }

    #[test]
    fn one_is_found_inside_longer_text() {
        assert!(hides_in("6021SF011010519491231002X0001"));
        assert!(hides_in("sf11010519491231002x"));
        assert!(!hides_in("1@5009JJ0799655058"));
        assert!(!hides_in("一二三四五六七八九十一二三四五六七八"));
    }
}
