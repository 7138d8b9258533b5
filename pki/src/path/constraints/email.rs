//! Mailboxes against rfc822Name constraints (RFC 5280 4.2.1.10).

use super::Relation;
use super::dns::{is_at_or_below, is_dns_name};

/// A constraint in one of its three forms.
#[derive(Debug, PartialEq, Eq)]
enum Constraint<'a> {
    /// `user@example.com`: that mailbox alone. Nothing in it is a wildcard.
    Mailbox { local: &'a str, host: &'a str },
    /// `example.com`: every mailbox on that host.
    Host(&'a str),
    /// `.example.com`: every mailbox on a host below that domain.
    Domain(&'a str),
}

/// How a mailbox relates to a constraint.
pub(super) fn relation(mailbox: &str, constraint: &str) -> Relation {
    let Some((local, host)) = split_mailbox(mailbox) else {
        return Relation::Unclear;
    };
    let inside = match parse(constraint) {
        // An empty constraint holds every mailbox, as it does every DNS name.
        None if constraint.is_empty() => true,
        None => return Relation::Unclear,
        Some(Constraint::Mailbox { local: wanted, host: on }) => {
            local == wanted && host.eq_ignore_ascii_case(on)
        }
        Some(Constraint::Host(wanted)) => host.eq_ignore_ascii_case(wanted),
        Some(Constraint::Domain(domain)) => {
            host.len() > domain.len() && is_at_or_below(host, domain)
        }
    };
    if inside { Relation::Inside } else { Relation::Outside }
}

/// Whether a constraint has one of the three forms, or is empty.
pub(super) fn is_valid_constraint(constraint: &str) -> bool {
    constraint.is_empty() || parse(constraint).is_some()
}

fn parse(constraint: &str) -> Option<Constraint<'_>> {
    if constraint.contains('@') {
        let (local, host) = split_mailbox(constraint)?;
        return Some(Constraint::Mailbox { local, host });
    }
    match constraint.strip_prefix('.') {
        Some(domain) if is_dns_name(domain) => Some(Constraint::Domain(domain)),
        None if is_dns_name(constraint) => Some(Constraint::Host(constraint)),
        _ => None,
    }
}

/// A Mailbox of RFC 5321 4.1.2 with a dot-string before the sign; quoted
/// local parts, which may hold a sign of their own, are not recognised and so
/// never permitted.
pub(crate) fn split_mailbox(mailbox: &str) -> Option<(&str, &str)> {
    let (local, host) = mailbox.split_once('@')?;
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
    let valid = !local.is_empty() && local.bytes().all(known) && is_dns_name(host);
    valid.then_some((local, host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms() {
        assert_eq!(relation("a@example.com", "example.com"), Relation::Inside);
        assert_eq!(relation("a@b.example.com", "example.com"), Relation::Outside);
        assert_eq!(relation("a@b.example.com", ".example.com"), Relation::Inside);
        assert_eq!(relation("a@example.com", ".example.com"), Relation::Outside);
        assert_eq!(relation("a@EXAMPLE.com", "a@example.com"), Relation::Inside);
        assert_eq!(relation("A@example.com", "a@example.com"), Relation::Outside);
    }

    #[test]
    fn an_asterisk_is_a_letter() {
        assert_eq!(relation("*@example.com", "*@example.com"), Relation::Inside);
        assert_eq!(relation("u@example.com", "*@example.com"), Relation::Outside);
    }

    #[test]
    fn what_is_no_mailbox_cannot_be_placed() {
        for mailbox in ["a@b@example.com", "@example.com", "example.com", "a@"] {
            assert_eq!(relation(mailbox, "example.com"), Relation::Unclear);
        }
        assert!(!is_valid_constraint("a@b@example.com"));
    }
}
