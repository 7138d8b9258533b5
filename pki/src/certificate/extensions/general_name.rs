//! GeneralName.

use std::fmt;

use crate::der::reader::{Element, read_single};
use crate::name::Name;
use crate::oid::Oid;

/// A name of any form (RFC 5280 4.2.1.6), as written: whether a host name or
/// an address is one is for those to say who use it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GeneralName {
    /// A name of a form that its type-id defines.
    Other {
        /// Which form.
        type_id: Oid,
        /// The encoding of the value.
        value: Box<[u8]>,
    },
    /// A mailbox.
    Email(String),
    /// A host name.
    Dns(String),
    /// An X.400 address, as encoded.
    X400(Box<[u8]>),
    /// A distinguished name.
    Directory(Name),
    /// An EDI party name, as encoded.
    EdiParty(Box<[u8]>),
    /// A URI.
    Uri(String),
    /// An address of 4 or 16 octets; with a mask, 8 or 32, in name
    /// constraints.
    Ip(Box<[u8]>),
    /// A registered object identifier.
    RegisteredId(Oid),
    /// A mailbox, host name or URI whose octets are no text.
    Unreadable {
        /// The number of the form: 1, 2 or 6.
        form: u8,
        /// The octets.
        octets: Box<[u8]>,
    },
}

impl GeneralName {
    pub(crate) fn read_all(names: Element<'_>) -> Option<Vec<Self>> {
        names.children().map(Self::read).collect()
    }

    /// Reads a name that has passed the walk.
    pub(crate) fn read(name: Element<'_>) -> Option<Self> {
        let content = name.content;
        Some(match name.tag & 0x1F {
            0 => {
                let mut fields = name.children();
                Self::Other {
                    type_id: Oid::from_checked_octets(fields.next()?.content),
                    value: fields.next()?.content.into(),
                }
            }
            1 => Self::text(1, content, Self::Email),
            2 => Self::text(2, content, Self::Dns),
            3 => Self::X400(name.raw.into()),
            4 => Self::Directory(Name::from_walked(read_single(content).ok()?)),
            5 => Self::EdiParty(name.raw.into()),
            6 => Self::text(6, content, Self::Uri),
            7 => Self::Ip(content.into()),
            8 => Self::RegisteredId(Oid::from_checked_octets(content)),
            _ => return None,
        })
    }

    /// What may stand in a report: hosts and addresses whole, of all other
    /// forms, which may name a person, only which form it is.
    pub(crate) fn without_person(&self) -> String {
        let form = match self {
            Self::Email(_) => "email",
            Self::Directory(_) => "dn",
            Self::Uri(_) => "uri",
            // The rest is shown without content.
            _ => return self.to_string(),
        };
        form.to_owned()
    }

    /// IA5String is ASCII; UTF-8 in its place, as some authorities write it,
    /// is read too and is a breach of the profile.
    fn text(form: u8, octets: &[u8], make: fn(String) -> Self) -> Self {
        match str::from_utf8(octets) {
            Ok(text) => make(text.to_owned()),
            Err(_) => Self::Unreadable { form, octets: octets.into() },
        }
    }
}

impl fmt::Display for GeneralName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other { type_id, .. } => write!(f, "other:{type_id}"),
            Self::Email(text) => write!(f, "email:{}", text.escape_debug()),
            Self::Dns(text) => write!(f, "dns:{}", text.escape_debug()),
            Self::X400(_) => f.write_str("x400"),
            Self::Directory(name) => write!(f, "dn:{name}"),
            Self::EdiParty(_) => f.write_str("edi"),
            Self::Uri(text) => write!(f, "uri:{}", text.escape_debug()),
            Self::Ip(octets) => write_ip(f, octets),
            Self::RegisteredId(oid) => write!(f, "rid:{oid}"),
            Self::Unreadable { form, .. } => write!(f, "unreadable:{form}"),
        }
    }
}

fn write_ip(f: &mut fmt::Formatter<'_>, octets: &[u8]) -> fmt::Result {
    use std::net::{Ipv4Addr, Ipv6Addr};
    let v4 = |octets: [u8; 4]| Ipv4Addr::from(octets);
    let v6 = |octets: [u8; 16]| Ipv6Addr::from(octets);
    if let Ok(address) = octets.try_into().map(v4) {
        return write!(f, "ip:{address}");
    }
    if let Ok(address) = octets.try_into().map(v6) {
        return write!(f, "ip:{address}");
    }
    let half = octets.len() / 2;
    let (address, mask) = octets.split_at(half);
    if let (Ok(address), Ok(mask)) = (address.try_into().map(v4), mask.try_into().map(v4)) {
        return write!(f, "ip:{address}/{mask}");
    }
    if let (Ok(address), Ok(mask)) = (address.try_into().map(v6), mask.try_into().map(v6)) {
        return write!(f, "ip:{address}/{mask}");
    }
    write!(f, "ip: {} octets", octets.len())
}
