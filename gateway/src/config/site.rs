//! The address of one of our sites: scheme, host and port, nothing else.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use axum::http::Uri;

/// An https origin (RFC 6454): what clients are told to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteUrl {
    host: String,
    port: u16,
}

const HTTPS_PORT: u16 = 443;

impl SiteUrl {
    /// The host in lower case, IPv6 addresses in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port; 0 where the listener chooses one.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The same site, with the port that was bound where it said 0.
    pub(crate) fn with_bound_port(&self, bound: u16) -> Self {
        let port = if self.port == 0 { bound } else { self.port };
        Self { host: self.host.clone(), port }
    }
}

impl fmt::Display for SiteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}", self.host)?;
        if self.port != HTTPS_PORT {
            write!(f, ":{}", self.port)?;
        }
        Ok(())
    }
}

impl FromStr for SiteUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || format!("\"{text}\" is no https://HOST or https://HOST:PORT");
        let uri: Uri = text.parse().map_err(|_| expected())?;
        let authority = uri.authority().ok_or_else(expected)?;
        let plain = uri.scheme_str() == Some("https")
            && matches!(uri.path(), "" | "/")
            && uri.query().is_none()
            && !authority.as_str().contains('@');
        let host = authority.host();
        if !plain || !is_host(host) {
            return Err(expected());
        }
        let port = match authority.port() {
            Some(port) => port.as_str().parse().map_err(|_| expected())?,
            None => HTTPS_PORT,
        };
        Ok(Self { host: host.to_ascii_lowercase(), port })
    }
}

/// A name, an IPv4 address or an IPv6 address in brackets (RFC 3986 3.2.2), and none of the
/// further forms that the reader of addresses lets through.
pub(crate) fn is_host(host: &str) -> bool {
    let named = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    match host.strip_prefix('[').and_then(|inside| inside.strip_suffix(']')) {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(named),
    }
}
