//! The names that a caller asks for, against those that a certificate has
//! (RFC 9525 section 6; mailboxes by RFC 8550 section 3).

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::certificate::GeneralName;

use super::constraints::{is_dns_name, split_mailbox};

/// A name that the end certificate must have in its subjectAltName. The
/// subject's commonName is never looked at (RFC 9525 2).
///
/// Read from and shown as `dns:example.com`, `ip:192.0.2.1` or
/// `email:someone@example.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReferenceName {
    /// A host name in A-label form, without a trailing period.
    Dns(String),
    /// An address.
    Ip(IpAddr),
    /// A mailbox.
    Email(String),
}

/// Why a text is not a [`ReferenceName`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not dns:NAME, ip:ADDRESS or email:MAILBOX: {text:?}")]
pub struct ReferenceNameError {
    text: String,
}

impl ReferenceName {
    /// Whether a certificate with these alternative names has this name.
    pub(super) fn is_among(&self, names: &[GeneralName]) -> bool {
        names.iter().any(|name| self.matches(name))
    }

    fn matches(&self, presented: &GeneralName) -> bool {
        match (self, presented) {
            (Self::Dns(wanted), GeneralName::Dns(presented)) => dns_matches(wanted, presented),
            (Self::Ip(IpAddr::V4(wanted)), GeneralName::Ip(octets)) => {
                octets[..] == wanted.octets()
            }
            (Self::Ip(IpAddr::V6(wanted)), GeneralName::Ip(octets)) => {
                octets[..] == wanted.octets()
            }
            (Self::Email(wanted), GeneralName::Email(presented)) => {
                mailbox_matches(wanted, presented)
            }
            _ => false,
        }
    }
}

impl FromStr for ReferenceName {
    type Err = ReferenceNameError;

    fn from_str(text: &str) -> Result<Self, ReferenceNameError> {
        let name = match text.split_once(':') {
            Some(("dns", name)) if is_dns_name(name) => Some(Self::Dns(name.to_owned())),
            Some(("ip", address)) => address.parse().ok().map(Self::Ip),
            Some(("email", mailbox)) if split_mailbox(mailbox).is_some() => {
                Some(Self::Email(mailbox.to_owned()))
            }
            _ => None,
        };
        name.ok_or_else(|| ReferenceNameError { text: text.to_owned() })
    }
}

impl fmt::Display for ReferenceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => write!(f, "dns:{name}"),
            Self::Ip(address) => write!(f, "ip:{address}"),
            Self::Email(mailbox) => write!(f, "email:{mailbox}"),
        }
    }
}

/// RFC 9525 6.3: a wildcard is the whole left-most label and stands for
/// exactly one label. One directly under a top-level domain would stand for
/// registrations of different owners and is not accepted (RFC 9525 7.1).
fn dns_matches(wanted: &str, presented: &str) -> bool {
    let Some(base) = presented.strip_prefix("*.") else {
        return is_dns_name(presented) && wanted.eq_ignore_ascii_case(presented);
    };
    base.contains('.')
        && is_dns_name(base)
        && wanted.split_once('.').is_some_and(|(_, parent)| parent.eq_ignore_ascii_case(base))
}

/// The local part letter by letter, the host without case (RFC 5280 7.5).
fn mailbox_matches(wanted: &str, presented: &str) -> bool {
    match (split_mailbox(wanted), split_mailbox(presented)) {
        (Some((local, host)), Some((other_local, other_host))) => {
            local == other_local && host.eq_ignore_ascii_case(other_host)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_for_one_left_most_label() {
        assert!(dns_matches("foo.Example.com", "*.example.com"));
        assert!(!dns_matches("example.com", "*.example.com"));
        assert!(!dns_matches("a.foo.example.com", "*.example.com"));
        assert!(!dns_matches("foo.example.com", "f*.example.com"));
        assert!(!dns_matches("a.b.example.com", "a.*.example.com"));
        assert!(!dns_matches("example.com", "*.com"));
        assert!(!dns_matches("com", "*"));
    }

    #[test]
    fn names_are_read_and_shown() {
        for text in ["dns:a.example", "ip:192.0.2.1", "ip:2001:db8::1", "email:a@b.example"] {
            let name: ReferenceName = text.parse().expect("well formed");
            assert_eq!(name.to_string(), text);
        }
        for text in ["a.example", "dns:*.example", "ip:1", "email:b.example", "uri:x"] {
            assert!(text.parse::<ReferenceName>().is_err(), "{text}");
        }
    }
}
