//! Hides what may be a person's id in text that comes from a certificate.
//!
//! CAs put ids anywhere in the subject, with letters before or after them. Pages and
//! reports show the subject so that it is seen which certificate is meant; that needs
//! no ids, and screens are photographed.
//!
//! What is about nobody stays readable, since operators compare it: object identifiers,
//! octets in hexadecimal (serial numbers, hashes) and unified social credit codes, each only
//! where no resident id can stand in it.

use crate::policy::{is_uscc, may_hide_resident_id};

/// A run of letters and digits with this many digits may be an id: passports have
/// seven or eight, resident ids fifteen or seventeen.
const MANY_DIGITS: usize = 6;

/// Fewer hexadecimal digits are not taken for octets: passports have eight or nine
/// characters, some of them with such letters. A serial number of eight octets has these.
const OCTETS: usize = 16;

/// What has fewer arcs is no object identifier that anybody registered.
const ARCS: usize = 3;

/// A longer arc of an object identifier may be a date of birth, a phone or an id.
const LONGEST_ARC: usize = 7;

/// The text with every run that may be an id replaced by asterisks.
pub fn masked_ids(text: &str) -> String {
    let in_word = |c: char| c.is_ascii_alphanumeric() || c == '.';
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(in_word) {
        let (before, behind) = rest.split_at(start);
        let (word, after) = behind.split_at(behind.find(|c| !in_word(c)).unwrap_or(behind.len()));
        shown.push_str(before);
        if is_object_identifier(word.trim_end_matches('.')) {
            shown.push_str(word);
        } else {
            let runs = word.split('.').map(masked_run);
            shown.push_str(&runs.collect::<Vec<_>>().join("."));
        }
        rest = after;
    }
    shown + rest
}

fn masked_run(run: &str) -> String {
    if has_many_digits(run) && !is_about_nobody(run) {
        "*".repeat(run.len())
    } else {
        run.to_owned()
    }
}

fn has_many_digits(run: &str) -> bool {
    run.bytes().filter(u8::is_ascii_digit).count() >= MANY_DIGITS
}

fn is_object_identifier(word: &str) -> bool {
    let is_arc = |arc: &str| {
        let digits = !arc.is_empty() && arc.bytes().all(|byte| byte.is_ascii_digit());
        digits && arc.len() <= LONGEST_ARC && !may_hide_resident_id(arc) && !spells_an_id(arc)
    };
    let begins = word.split('.').next().is_some_and(|first| matches!(first, "0" | "1" | "2"));
    begins && word.split('.').count() >= ARCS && word.split('.').all(is_arc)
}

fn is_about_nobody(run: &str) -> bool {
    !may_hide_resident_id(run) && (is_company(run) || is_octets(run))
}

/// A unified social credit code, or one as CFCA writes it, behind an N or a Z.
fn is_company(run: &str) -> bool {
    is_uscc(run) || run.strip_prefix(['N', 'Z']).is_some_and(is_uscc)
}

/// Hexadecimal in one case, of octets that spell no id themselves, in ASCII or in UTF-16.
fn is_octets(run: &str) -> bool {
    let of =
        |digit: fn(u8) -> bool| run.bytes().all(digit) && run.bytes().any(|b| !b.is_ascii_digit());
    let lower = of(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let upper = of(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte));
    if run.len() < OCTETS || !run.len().is_multiple_of(2) || !(lower || upper) {
        return false;
    }
    !spells_an_id(run) && !holds_a_phone(run)
}

/// Whether eleven digits by themselves are as of a mobile phone (YD/T 1171-2015: 13 to 19 in
/// front).
fn holds_a_phone(run: &str) -> bool {
    let mut digits = run.split(|c: char| !c.is_ascii_digit()).map(str::as_bytes);
    digits.any(|digits| matches!(digits, [b'1', b'3'..=b'9', ..] if digits.len() == 11))
}

/// Whether the octets of this hexadecimal are text that may be an id, wherever they begin.
fn spells_an_id(hexadecimal: &str) -> bool {
    let spells = |digits: &[u8]| {
        let pairs = digits.chunks_exact(2);
        let octets =
            pairs.filter_map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok());
        let spelled: String = octets.filter(|octet| *octet != 0).map(char::from).collect();
        spelled.split(|c: char| !c.is_ascii_alphanumeric()).any(has_many_digits)
    };
    let digits = hexadecimal.as_bytes();
    spells(digits) || digits.get(1..).is_some_and(spells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_hidden_and_names_are_not() {
        let subject = "CN=051@张三@0110101199003070012@1,OU=Individual-1,O=CFCA RSA OCA31,C=CN";
        let expected = "CN=051@张三@*******************@1,OU=Individual-1,O=CFCA RSA OCA31,C=CN";
        assert_eq!(masked_ids(subject), expected);
        assert_eq!(masked_ids("SF11010119900307001X"), "*".repeat(20));
        assert_eq!(masked_ids("E12345678"), "*********");
        assert_eq!(masked_ids("13800138000"), "*".repeat(11));
        assert_eq!(masked_ids(""), "");
    }

    #[test]
    fn what_is_about_nobody_stays_readable() {
        for text in [
            "extension 1.2.840.113549.1.9.3 of 1.2.156.112562.2.1.1.1.",
            "certificate 7B577B510138AFBA28BDB6409CDFB870 of CN=根",
            "sha256 8e727d3bb1d50668be2dcd55ba1c49e54d3a36966ef87098ea34ba260db3e16e",
            "serialNumber=91990000TX0000001B,CN=RA@通行@Z91990000TX0000001B@1",
            "valid until 2027-05-28T19:26:40Z",
        ] {
            assert_eq!(masked_ids(text), text);
        }
    }

    #[test]
    fn what_looks_like_an_identifier_may_be_an_id() {
        for text in [
            "1.2.13800138000",
            "1.2.12345678",
            "1.110101.19900307.0012",
            "1.2.110101199002310012",
            "13800138000abcde",
            "abcde13800138000",
        ] {
            let masked = masked_ids(text);
            let shown = masked.bytes().filter(u8::is_ascii_digit).count();
            assert!(shown <= 5, "{text}: {masked}");
        }
    }

    /// Whatever stands around it, and in whichever clothing that stays readable otherwise.
    #[test]
    fn no_id_hides_in_what_is_about_nobody() {
        let ids =
            ["11010519491231002X", "440524188001010014", "110105194912310021", "110105491231002"];
        let hexadecimal = |text: &str, zeros: &str| {
            text.bytes().fold(String::new(), |hex, byte| format!("{hex}{zeros}{byte:02x}"))
        };
        for id in ids {
            for around in [
                "@",
                "0@0001",
                "SF0@",
                "A@b",
                "1.2.156.@.1",
                "7B57@7B570138AFBA28BDB6",
                "0c12@",
                "A@B",
            ] {
                let (before, after) = around.split_once('@').unwrap();
                for clothed in [id.to_owned(), hexadecimal(id, ""), hexadecimal(id, "00")] {
                    for clothed in [clothed.to_uppercase(), clothed.to_lowercase()] {
                        let shown = masked_ids(&format!("{before}{clothed}{after}"));
                        assert!(!shown.contains(&clothed), "{shown}");
                    }
                }
            }
        }
    }
}
