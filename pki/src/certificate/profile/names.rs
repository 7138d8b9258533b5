//! The rules for names.

use crate::certificate::{GeneralName, Parts};
use crate::codes;
use crate::oid::Oid;

use super::Sink;

/// RFC 5280 4.1.2.4, 4.1.2.6 and appendix A.
pub(super) fn distinguished(parts: &Parts, report: Sink<'_>) {
    if parts.issuer.is_empty() {
        report(&codes::PROFILE_ISSUER, "empty");
    }
    if parts.subject.is_empty() {
        let critical = parts
            .extensions
            .iter()
            .any(|extension| *extension.oid() == Oid::SUBJECT_ALT_NAME && extension.critical());
        if parts.is_ca() {
            report(&codes::PROFILE_SUBJECT, "empty in a CA certificate");
        } else if !critical {
            report(&codes::PROFILE_SUBJECT, "empty without a critical subjectAltName");
        }
    }
    for (field, name) in [("issuer", &parts.issuer), ("subject", &parts.subject)] {
        for attribute in name.attributes() {
            if attribute.breaks_its_type() {
                report(&codes::PROFILE_TEXT, &format!("{field}: {}", attribute.oid()));
            }
        }
    }
}

/// RFC 5280 4.2.1.6 and 4.2.1.7.
pub(super) fn alternative(parts: &Parts, report: Sink<'_>) {
    let standard = &parts.standard;
    let empty = [
        (Oid::SUBJECT_ALT_NAME, standard.subject_alternative_names.is_empty()),
        (Oid::ISSUER_ALT_NAME, standard.issuer_alternative_names.is_empty()),
    ];
    for (oid, is_empty) in empty {
        if is_empty && parts.extensions.iter().any(|extension| *extension.oid() == oid) {
            report(&codes::PROFILE_ALTERNATIVE_NAME, "none in the extension");
        }
    }
    let names = standard.subject_alternative_names.iter();
    for name in names.chain(&standard.issuer_alternative_names) {
        if !is_well_formed(name) {
            report(&codes::PROFILE_ALTERNATIVE_NAME, &name.without_person());
        }
    }
}

fn is_well_formed(name: &GeneralName) -> bool {
    match name {
        GeneralName::Dns(name) => is_host(name.strip_prefix("*.").unwrap_or(name)),
        GeneralName::Email(mailbox) => is_mailbox(mailbox),
        GeneralName::Uri(uri) => is_uri(uri),
        GeneralName::Ip(octets) => matches!(octets.len(), 4 | 16),
        GeneralName::Directory(name) => !name.is_empty(),
        GeneralName::Unreadable { .. } => false,
        _ => true,
    }
}

/// The preferred name syntax of RFC 1034 3.5 as RFC 1123 2.1 has it: labels
/// of letters, digits and inner hyphens, the last one not a number (or it
/// would be an address).
fn is_host(name: &str) -> bool {
    let label_is_good = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= 253
        && name.split('.').all(label_is_good)
        && !last.bytes().all(|octet| octet.is_ascii_digit())
}

/// The Mailbox of RFC 2821 4.1.2 in broad strokes: something printable, and a
/// host or a literal address.
fn is_mailbox(mailbox: &str) -> bool {
    let Some((local, domain)) = mailbox.rsplit_once('@') else {
        return false;
    };
    let literal = domain.starts_with('[') && domain.ends_with(']');
    let printable = |octet: u8| (0x21..0x7F).contains(&octet) || local.starts_with('"');
    !local.is_empty()
        && local.is_ascii()
        && local.bytes().all(printable)
        && (literal || is_host(domain))
}

/// RFC 3986 in broad strokes: absolute, with a scheme, in ASCII.
fn is_uri(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else {
        return false;
    };
    let mut letters = scheme.bytes();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet))
        && !rest.is_empty()
        && rest.bytes().all(|octet| (0x21..0x7F).contains(&octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_have_the_preferred_syntax() {
        for good in ["example.com", "a-b.example", "1and1.com", "localhost", "xn--fiqs8s.cn"] {
            assert!(is_host(good), "{good}");
        }
        for bad in ["", ".", "a..b", "a_b.com", "-a.com", "a-.com", "127.0.0.1", ".a.com", "a.com."]
        {
            assert!(!is_host(bad), "{bad}");
        }
    }

    #[test]
    fn mailboxes_and_uris_are_told_from_other_text() {
        assert!(is_mailbox("a.b@example.com") && is_mailbox("a@[192.0.2.1]"));
        assert!(!is_mailbox("example.com") && !is_mailbox("a b@example.com"));
        assert!(is_uri("ldap://host/cn=a?crl") && is_uri("OCSP://host"));
        assert!(!is_uri("/path") && !is_uri("http:") && !is_uri("http://主机"));
    }
}
