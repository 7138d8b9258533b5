//! Hides what may be a person's id in text that comes from a certificate.
//!
//! CAs put ids anywhere in the subject, with letters before or after them. Pages and
//! reports show the subject so that it is seen which certificate is meant; that needs
//! no ids, and screens are photographed.

/// A run of letters and digits with this many digits may be an id: passports have
/// seven or eight, resident ids fifteen or seventeen.
const MANY_DIGITS: usize = 6;

/// The text with every such run replaced by asterisks.
pub fn masked_ids(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            run.push(c);
        } else {
            end_run(&mut run, &mut shown);
            shown.push(c);
        }
    }
    end_run(&mut run, &mut shown);
    shown
}

fn end_run(run: &mut String, shown: &mut String) {
    let digits = run.bytes().filter(u8::is_ascii_digit).count();
    if digits >= MANY_DIGITS {
        shown.extend(std::iter::repeat_n('*', run.len()));
    } else {
        shown.push_str(run);
    }
    run.clear();
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
        assert_eq!(masked_ids(""), "");
    }
}
