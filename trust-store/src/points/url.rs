//! Addresses of lists and responders (RFC 3986, RFC 4516).

use std::fmt::{self, Write as _};
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest address that is read. Origin: ours; those seen have 50 to 200
/// characters, an LDAP address with a long name 400.
const MAX_LENGTH: usize = 2048;

/// The longest name in the DNS (RFC 1035 2.3.4).
const MAX_HOST: usize = 253;

/// How a place is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PointScheme {
    /// HTTP.
    Http,
    /// HTTP over TLS.
    Https,
    /// LDAP.
    Ldap,
    /// LDAP over TLS.
    Ldaps,
}

impl PointScheme {
    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
            Self::Ldap => 389,
            Self::Ldaps => 636,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Ldap => "ldap",
            Self::Ldaps => "ldaps",
        }
    }

    /// Whether TLS is spoken.
    pub fn is_tls(self) -> bool {
        matches!(self, Self::Https | Self::Ldaps)
    }

    /// Whether HTTP is spoken.
    pub fn is_http(self) -> bool {
        matches!(self, Self::Http | Self::Https)
    }
}

/// The address of a list or a responder, read once.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PointUrl {
    scheme: PointScheme,
    /// Lower-case, without brackets.
    host: String,
    port: u16,
    /// Path and query, with what may not stand in an address escaped.
    rest: String,
}

/// Why a text is no address to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PointUrlError {
    /// Longer than any address is.
    #[error("is longer than {MAX_LENGTH} characters")]
    TooLong,
    /// Neither http, https, ldap nor ldaps.
    #[error("is no http, https, ldap or ldaps address")]
    Scheme,
    /// A user name or password in it.
    #[error("has a user name in it")]
    Credentials,
    /// No host, or none that could be one.
    #[error("names no host (plain letters, digits, dots and hyphens, or an IP address)")]
    Host,
    /// No port number.
    #[error("has a port that is no number from 1 to 65535")]
    Port,
    /// A control character in it.
    #[error("has a control character in it")]
    Control,
}

impl PointUrl {
    /// How it is asked.
    pub fn scheme(&self) -> PointScheme {
        self.scheme
    }

    /// The host: lower-case, an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether the port is the usual one.
    pub fn has_default_port(&self) -> bool {
        self.port == self.scheme.default_port()
    }

    /// Path and query, beginning with a slash.
    pub fn path_and_query(&self) -> &str {
        &self.rest
    }

    /// Host and, where it is not the usual one, port: as in a `Host` header.
    pub fn authority(&self) -> String {
        let host = bracketed(&self.host);
        if self.has_default_port() { host } else { format!("{host}:{}", self.port) }
    }

    /// Where a redirect from here leads (RFC 3986 section 5, without dot segments,
    /// which servers resolve).
    ///
    /// # Errors
    /// [`PointUrlError`] where it leads nowhere that could be asked.
    pub fn join(&self, location: &str) -> Result<Self, PointUrlError> {
        let scheme = self.scheme.as_str();
        if let Some(rest) = location.strip_prefix("//") {
            return format!("{scheme}://{rest}").parse();
        }
        let is_absolute = location
            .split_once(':')
            .is_some_and(|(scheme, _)| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        if is_absolute {
            return location.parse();
        }
        let path = self.rest.split('?').next().unwrap_or_default();
        let folder = path.rfind('/').map_or("/", |end| &path[..=end]);
        let base = if location.starts_with('/') { "" } else { folder };
        format!("{scheme}://{}{base}{location}", self.authority()).parse()
    }
}

impl FromStr for PointUrl {
    type Err = PointUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MAX_LENGTH {
            return Err(PointUrlError::TooLong);
        }
        let text = text.trim();
        if text.chars().any(char::is_control) {
            return Err(PointUrlError::Control);
        }
        let (scheme, rest) = text.split_once("://").ok_or(PointUrlError::Scheme)?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            // `OCSP://host` is how some authorities write a responder's address.
            "http" | "ocsp" => PointScheme::Http,
            "https" => PointScheme::Https,
            "ldap" => PointScheme::Ldap,
            "ldaps" => PointScheme::Ldaps,
            _ => return Err(PointUrlError::Scheme),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        if authority.contains('@') {
            return Err(PointUrlError::Credentials);
        }
        let (host, port) = split_port(authority)?;
        let port = port.unwrap_or(scheme.default_port());
        Ok(Self { scheme, host, port, rest: escaped(rest) })
    }
}

/// Host and port of an authority.
pub(super) fn split_port(authority: &str) -> Result<(String, Option<u16>), PointUrlError> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(inside) => {
            let (host, after) = inside.split_once(']').ok_or(PointUrlError::Host)?;
            let port = match after {
                "" => None,
                after => Some(after.strip_prefix(':').ok_or(PointUrlError::Host)?),
            };
            let address: IpAddr = host.parse().map_err(|_| PointUrlError::Host)?;
            (address.to_string(), port)
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host.to_ascii_lowercase(), Some(port)),
            None => (authority.to_ascii_lowercase(), None),
        },
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let is_address = host.parse::<IpAddr>().is_ok();
    if host.is_empty() || host.len() > MAX_HOST || !(is_address || host.bytes().all(plain)) {
        return Err(PointUrlError::Host);
    }
    let port = port.map(|port| port.parse().ok().filter(|port| *port > 0));
    match port {
        Some(None) => Err(PointUrlError::Port),
        Some(port) => Ok((host, port)),
        None => Ok((host, None)),
    }
}

/// Path and query without a fragment; what may not stand in them is escaped, since
/// authorities write spaces and Chinese into LDAP names.
fn escaped(rest: &str) -> String {
    let rest = rest.split('#').next().unwrap_or_default();
    let mut text = String::with_capacity(rest.len() + 1);
    if !rest.starts_with('/') {
        text.push('/');
    }
    for byte in rest.bytes() {
        if byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

impl fmt::Display for PointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme.as_str(), self.authority(), self.rest)
    }
}

impl TryFrom<String> for PointUrl {
    type Error = PointUrlError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<PointUrl> for String {
    fn from(url: PointUrl) -> Self {
        url.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> PointUrl {
        text.parse().unwrap()
    }

    #[test]
    fn addresses_are_read_as_authorities_write_them() {
        for (text, same) in [
            ("http://CRL.example.CN/a.crl", "http://crl.example.cn/a.crl"),
            ("HTTP://crl.example.cn:80", "http://crl.example.cn/"),
            ("https://crl.example.cn:8443?x=1#top", "https://crl.example.cn:8443/?x=1"),
            ("OCSP://ocsp.example.cn:8080", "http://ocsp.example.cn:8080/"),
            ("ldap://[::1]:1389/c=CN", "ldap://[::1]:1389/c=CN"),
            (
                "ldap://ldap.example.cn/CN=根 1,O=x?certificateRevocationList;binary?base",
                "ldap://ldap.example.cn/CN=%E6%A0%B9%201,O=x?certificateRevocationList;binary?base",
            ),
        ] {
            assert_eq!(read(text).to_string(), same);
            assert_eq!(read(same), read(text), "{text} reads back");
        }
    }

    #[test]
    fn what_is_no_address_to_ask_is_named() {
        for (text, error) in [
            ("file:///etc/passwd", PointUrlError::Scheme),
            ("gopher://x", PointUrlError::Scheme),
            ("crl.example.cn/a.crl", PointUrlError::Scheme),
            ("http://user@crl.example.cn/", PointUrlError::Credentials),
            ("http://crl.example.cn\\@evil.example/", PointUrlError::Credentials),
            ("http:///a.crl", PointUrlError::Host),
            ("ldap:///CN=x?certificateRevocationList", PointUrlError::Host),
            ("http://ex%61mple.cn/", PointUrlError::Host),
            ("http://例.cn/", PointUrlError::Host),
            ("http://[::1/", PointUrlError::Host),
            ("http://host:0/", PointUrlError::Port),
            ("http://host:65536/", PointUrlError::Port),
            ("http://host:/", PointUrlError::Port),
            ("http://host/a\r\nX: y", PointUrlError::Control),
        ] {
            assert_eq!(text.parse::<PointUrl>(), Err(error), "{text}");
        }
        let long = format!("http://host/{}", "a".repeat(MAX_LENGTH));
        assert_eq!(long.parse::<PointUrl>(), Err(PointUrlError::TooLong));
    }

    #[test]
    fn redirects_lead_from_where_they_were_given() {
        let from = read("http://crl.example.cn:8080/a/b.crl?v=1");
        for (location, to) in [
            ("https://other.example/c", "https://other.example/c"),
            ("//other.example/c", "http://other.example/c"),
            ("/c", "http://crl.example.cn:8080/c"),
            ("c.crl", "http://crl.example.cn:8080/a/c.crl"),
        ] {
            assert_eq!(from.join(location).unwrap().to_string(), to);
        }
        assert_eq!(from.join("file:///etc/passwd"), Err(PointUrlError::Scheme));
        assert_eq!(from.join("javascript:x"), Err(PointUrlError::Scheme));
    }
}
