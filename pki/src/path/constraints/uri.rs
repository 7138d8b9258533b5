//! URIs against uniformResourceIdentifier constraints (RFC 5280 4.2.1.10).

use std::net::IpAddr;

use super::Relation;
use super::dns::{is_at_or_below, is_dns_name};

/// How a URI relates to a constraint: `host.example.com` holds that host
/// alone, `.example.com` the hosts below it. A URI without a host name (no
/// authority, or an address) cannot be placed.
pub(super) fn relation(uri: &str, constraint: &str) -> Relation {
    let Some(host) = host_of(uri) else {
        return Relation::Unclear;
    };
    let inside = match constraint.strip_prefix('.') {
        Some(domain) => host.len() > domain.len() && is_at_or_below(host, domain),
        None => constraint.is_empty() || host.eq_ignore_ascii_case(constraint),
    };
    if inside { Relation::Inside } else { Relation::Outside }
}

/// Whether a constraint is a host name, a domain after a period, or empty.
pub(super) fn is_valid_constraint(constraint: &str) -> bool {
    constraint.is_empty() || is_dns_name(constraint.strip_prefix('.').unwrap_or(constraint))
}

/// The host name of the authority component (RFC 3986 3.2).
fn host_of(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host_and_port = authority.rsplit('@').next()?;
    let host = host_and_port.split(':').next()?;
    (is_dns_name(host) && host.parse::<IpAddr>().is_err()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_or_the_hosts_below_a_domain() {
        let uri = "https://user@Host.example.com:8443/path?query";
        assert_eq!(relation(uri, "host.example.com"), Relation::Inside);
        assert_eq!(relation(uri, "example.com"), Relation::Outside);
        assert_eq!(relation(uri, ".example.com"), Relation::Inside);
        assert_eq!(relation(uri, ".host.example.com"), Relation::Outside);
    }

    #[test]
    fn a_uri_without_a_host_name_cannot_be_placed() {
        for uri in ["urn:a:b", "https://192.0.2.1/", "https://[::1]/", "file:///x"] {
            assert_eq!(relation(uri, ".example.com"), Relation::Unclear, "{uri}");
        }
    }
}
