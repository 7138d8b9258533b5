//! Which hosts may be asked, and at which addresses.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::url::{PointUrl, PointUrlError, split_port};

/// Whether hosts may be asked whose address is not a public one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PrivateAddresses {
    /// What resolves to such an address is not asked.
    #[default]
    Refused,
    /// Addresses of private networks are as good as others: for an authority that is
    /// reached over a private line. The machine's own (loopback, link-local, those of
    /// its cloud) are asked only where the rules name the address itself.
    Allowed,
    /// Whatever the name leads to: an operator wrote it down in the settings.
    Trusted,
}

/// A host that may be asked, by its exact name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost {
    host: String,
    /// Without it, the usual port of whatever is spoken.
    port: Option<u16>,
}

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostRules {
    hosts: Vec<AllowedHost>,
    private_addresses: PrivateAddresses,
}

impl HostRules {
    /// These hosts only.
    pub fn new(hosts: Vec<AllowedHost>, private_addresses: PrivateAddresses) -> Self {
        Self { hosts, private_addresses }
    }

    /// The one host of an address that an operator wrote down, wherever it is.
    pub fn trusting(url: &PointUrl) -> Self {
        let host = AllowedHost { host: url.host().to_owned(), port: Some(url.port()) };
        Self::new(vec![host], PrivateAddresses::Trusted)
    }

    /// The one host of an address that an operator wrote down for a platform, whose names
    /// lead where the platform says: the machine's own addresses only where they were
    /// written themselves.
    pub fn of_platform(url: &PointUrl) -> Self {
        Self { private_addresses: PrivateAddresses::Allowed, ..Self::trusting(url) }
    }

    /// Whether nothing may be asked.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty()
    }

    /// Whether the host of this address may be asked.
    pub fn name(&self, url: &PointUrl) -> bool {
        self.hosts.iter().any(|allowed| {
            let port = match allowed.port {
                Some(port) => port == url.port(),
                None => url.has_default_port(),
            };
            port && allowed.host == url.host()
        })
    }

    /// Whether the host of `url`, which the rules name, may be asked at an address that
    /// its name leads to.
    pub fn reach(&self, url: &PointUrl, address: IpAddr) -> bool {
        use PrivateAddresses as P;
        match (kind(address), self.private_addresses) {
            (Kind::Public, _)
            | (Kind::Private, P::Allowed | P::Trusted)
            | (Kind::Own, P::Trusted) => true,
            // Names lead wherever those say who answer for them.
            (Kind::Own, P::Allowed) => url.host().parse() == Ok(address),
            (Kind::Private | Kind::Own, P::Refused) | (Kind::Nobody, _) => false,
        }
    }
}

impl FromStr for AllowedHost {
    type Err = PointUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (host, port) = split_port(text)?;
        Ok(Self { host, port })
    }
}

impl fmt::Display for AllowedHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// Whom an address belongs to (IANA's special-purpose address registries).
#[derive(PartialEq)]
enum Kind {
    Public,
    /// A host of a private network.
    Private,
    /// The machine itself, its own link, or what its cloud tells it alone.
    Own,
    /// No single host: nothing is ever asked there.
    Nobody,
}

/// Where Alibaba Cloud and Amazon tell a machine about itself, credentials included, at
/// addresses that are not link-local ("instance metadata" in their documentation).
const METADATA_V4: Ipv4Addr = Ipv4Addr::new(100, 100, 100, 200);
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

fn kind(address: IpAddr) -> Kind {
    match address {
        IpAddr::V4(address) => kind_of_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(inside) => kind_of_v4(inside),
            None => kind_of_v6(address),
        },
    }
}

fn kind_of_v4(address: Ipv4Addr) -> Kind {
    let octets = address.octets();
    // Shared (RFC 6598), protocol assignments (RFC 6890), benchmarks (RFC 2544).
    let special = matches!(octets, [100, 64..=127, ..] | [192, 0, 0, _] | [198, 18 | 19, ..]);
    if octets[0] == 0 || octets[0] >= 224 || address.is_documentation() {
        Kind::Nobody
    } else if address.is_loopback() || address.is_link_local() || address == METADATA_V4 {
        Kind::Own
    } else if address.is_private() || special {
        Kind::Private
    } else {
        Kind::Public
    }
}

/// Public is 2000::/3 (RFC 4291 2.4), but what leads on to an IPv4 address.
fn kind_of_v6(address: Ipv6Addr) -> Kind {
    if address.is_unspecified() || address.is_multicast() {
        return Kind::Nobody;
    }
    match address.segments() {
        [0x2001, 0xdb8, ..] => Kind::Nobody,
        // 6to4 (RFC 3056), NAT64 (RFC 6052), and the compatible form (RFC 4291 2.5.5.1).
        [0x2002, high, low, ..]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0, 0, 0, 0, 0, 0, high @ 1..=u16::MAX, low] => through(high, low),
        // Teredo (RFC 4380) hides where it leads.
        [0x2001, 0, ..] => Kind::Own,
        [0x2000..=0x3fff, ..] => Kind::Public,
        [0xfc00..=0xfdff, ..] if address != METADATA_V6 => Kind::Private,
        // ::1, fe80::/10, and what no registry gives to hosts.
        _ => Kind::Own,
    }
}

/// What leads on to an IPv4 address is no more public than that, and never public.
fn through(high: u16, low: u16) -> Kind {
    match kind_of_v4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low))) {
        Kind::Public | Kind::Private => Kind::Private,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(hosts: &[&str], private: PrivateAddresses) -> HostRules {
        HostRules::new(hosts.iter().map(|host| host.parse().unwrap()).collect(), private)
    }

    #[test]
    fn hosts_are_named_exactly() {
        let rules = rules(&["CRL.example.cn", "ldap.example.cn:1389"], PrivateAddresses::Refused);
        for (url, named) in [
            ("http://crl.example.cn/a", true),
            ("https://crl.example.cn/a", true),
            ("http://crl.example.cn:8080/a", false),
            ("http://x.crl.example.cn/a", false),
            ("http://crl.example.cn.evil.example/a", false),
            ("http://evil.example/crl.example.cn", false),
            ("ldap://ldap.example.cn:1389/c=CN", true),
            ("ldap://ldap.example.cn/c=CN", false),
        ] {
            assert_eq!(rules.name(&url.parse().unwrap()), named, "{url}");
        }
        assert!(!HostRules::default().name(&"http://crl.example.cn/".parse().unwrap()));
    }

    fn reaches(rules: &HostRules, address: &str) -> bool {
        let url = "http://h/".parse().unwrap();
        rules.reach(&url, address.parse().unwrap())
    }

    #[test]
    fn what_is_not_public_is_not_reached_unless_allowed() {
        let public = rules(&["h"], PrivateAddresses::Refused);
        let private = rules(&["h"], PrivateAddresses::Allowed);
        for address in [
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "198.18.0.1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "64:ff9b::101:101",
        ] {
            assert!(!reaches(&public, address) && reaches(&private, address), "{address}");
        }
        for address in
            ["0.0.0.0", "::", "255.255.255.255", "224.0.0.1", "240.0.0.1", "ff02::1", "2001:db8::1"]
        {
            assert!(!reaches(&public, address) && !reaches(&private, address), "{address}");
        }
        for address in ["1.1.1.1", "223.5.5.5", "2400:3200::1", "::ffff:223.5.5.5"] {
            assert!(reaches(&public, address), "{address}");
        }
    }

    #[test]
    fn the_machine_itself_is_reached_only_by_its_address() {
        let private = rules(&["h"], PrivateAddresses::Allowed);
        let platform = HostRules::of_platform(&"http://h/".parse().unwrap());
        let settings = HostRules::trusting(&"http://h/".parse().unwrap());
        for address in [
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "100.100.100.200",
            "::1",
            "fe80::1",
            "fd00:ec2::254",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "::127.0.0.1",
            "2001:0:7f00:1::",
        ] {
            assert!(!reaches(&private, address) && reaches(&settings, address), "{address}");
            assert!(!reaches(&platform, address), "{address}");
            let host = if address.contains(':') { format!("[{address}]") } else { address.into() };
            let url: PointUrl = format!("http://{host}/").parse().unwrap();
            let [named, refused] = [PrivateAddresses::Allowed, PrivateAddresses::Refused]
                .map(|private| rules(&[&host], private));
            let (address, other) = (address.parse().unwrap(), "127.0.0.7".parse().unwrap());
            assert!(named.name(&url) && named.reach(&url, address) && !named.reach(&url, other));
            assert!(!refused.reach(&url, address));
        }
    }
}
