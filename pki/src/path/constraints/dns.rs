//! DNS names against dNSName constraints (RFC 5280 4.2.1.10).

use super::Relation;

/// How a name in a certificate relates to a constraint. The name may be a
/// wildcard (`*.example.com`); the constraint `example.com` holds that name
/// and everything below it, and the empty constraint holds everything.
///
/// A name that is no DNS name at all cannot be placed: it is
/// [`Relation::Unclear`], so that neither a permission nor an exclusion can be
/// escaped by writing it badly.
pub(super) fn relation(name: &str, constraint: &str) -> Relation {
    let (wildcard, base) = match name.strip_prefix("*.") {
        Some(base) => (true, base),
        None => (false, name),
    };
    if !is_dns_name(base) {
        return Relation::Unclear;
    }
    if let Some(domain) = constraint.strip_prefix('.') {
        return below(base, domain, wildcard);
    }
    if is_at_or_below(base, constraint) {
        return Relation::Inside;
    }
    // `*.example.com` stands for `bar.example.com` too, so that a constraint
    // on that one name holds a part of it (CVE-2025-61727).
    let touches = wildcard
        && constraint.split_once('.').is_some_and(|(_, parent)| parent.eq_ignore_ascii_case(base));
    if touches { Relation::Overlaps } else { Relation::Outside }
}

/// The reading of a constraint with a leading period: the names below a
/// domain, not the domain itself.
fn below(base: &str, domain: &str, wildcard: bool) -> Relation {
    let longer = wildcard || base.len() > domain.len();
    if longer && is_at_or_below(base, domain) { Relation::Inside } else { Relation::Outside }
}

/// Whether a constraint is a host name or empty. A leading period is refused
/// here: RFC 5280 gives it a meaning for URIs only.
pub(super) fn is_valid_constraint(constraint: &str) -> bool {
    constraint.is_empty() || is_dns_name(constraint)
}

/// Whether `name` is `domain` or one of its subdomains.
pub(super) fn is_at_or_below(name: &str, domain: &str) -> bool {
    if domain.is_empty() {
        return true;
    }
    let Some(start) = name.len().checked_sub(domain.len()) else {
        return false;
    };
    let (head, tail) = name.as_bytes().split_at(start);
    tail.eq_ignore_ascii_case(domain.as_bytes()) && (head.is_empty() || head.ends_with(b"."))
}

/// The preferred name syntax of RFC 1034 3.5 with RFC 1123 2.1, plus the
/// underscore, which names of services have: labels of 1 to 63 letters,
/// digits, hyphens and underscores, 253 octets in all.
pub(crate) fn is_dns_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 253 && name.split('.').all(is_label)
}

/// Whether a text that may be anything has the form of a host: several labels, a wildcard
/// before them or not, and no address.
pub(super) fn looks_like_a_host(text: &str) -> bool {
    let base = text.strip_prefix("*.").unwrap_or(text);
    base.contains('.') && is_dns_name(base) && base.parse::<std::net::IpAddr>().is_err()
}

fn is_label(label: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !label.is_empty()
        && label.len() <= 63
        && label.bytes().all(known)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constraint_holds_its_name_and_all_below() {
        assert_eq!(relation("example.com", "example.com"), Relation::Inside);
        assert_eq!(relation("a.b.EXAMPLE.com", "example.COM"), Relation::Inside);
        assert_eq!(relation("example.com", ""), Relation::Inside);
        assert_eq!(relation("badexample.com", "example.com"), Relation::Outside);
        assert_eq!(relation("com", "example.com"), Relation::Outside);
    }

    #[test]
    fn a_wildcard_touches_the_names_it_stands_for() {
        assert_eq!(relation("*.example.com", "example.com"), Relation::Inside);
        assert_eq!(relation("*.example.com", "bar.example.com"), Relation::Overlaps);
        assert_eq!(relation("*.example.com", "a.bar.example.com"), Relation::Outside);
    }

    #[test]
    fn a_common_name_is_a_host_only_where_it_has_the_form_of_one() {
        for host in ["www.example.com", "*.example.com", "xn--fiqs8s.cn", "a_b.example"] {
            assert!(looks_like_a_host(host), "{host}");
        }
        for other in
            ["localhost", "Zhang San", "041@Z91@某公司@1", "192.0.2.1", "a..b", "某.公司", ""]
        {
            assert!(!looks_like_a_host(other), "{other}");
        }
    }

    #[test]
    fn what_is_no_name_cannot_be_placed() {
        for name in [".example.com", "", "a..example.com", "*", "example.com."] {
            assert_eq!(relation(name, "example.com"), Relation::Unclear, "{name}");
        }
        assert!(!is_valid_constraint("*.example.com"));
        assert!(!is_valid_constraint(".example.com"));
        assert!(is_valid_constraint(""));
    }
}
