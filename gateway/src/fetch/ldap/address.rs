//! What an LDAP address asks for (RFC 4516), as a search request (RFC 4511 4.5.1).

use rasn_ldap::{
    AttributeValueAssertion, Filter, LdapMessage, MessageId, ProtocolOp, SearchRequest,
    SearchRequestDerefAliases, SearchRequestScope,
};
use tongxing_trust_store::PointUrl;

use crate::fetch::FetchError;

/// The attributes that hold lists (RFC 4523 2.2), each with its `;binary`.
const ATTRIBUTES: [&str; 3] =
    ["certificateRevocationList", "authorityRevocationList", "deltaRevocationList"];

/// Entries that the directory is asked for at most.
const SIZE_LIMIT: u32 = 16;

/// Seconds that the directory is asked to take at most.
const TIME_LIMIT: u32 = 60;

/// A search for lists.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Search {
    /// The entry, by its distinguished name.
    entry: String,
    attributes: Vec<String>,
    scope: SearchRequestScope,
    filter: Filter,
}

impl Search {
    /// What the address asks for.
    pub(super) fn of(url: &PointUrl) -> Result<Self, FetchError> {
        let rest = url.path_and_query();
        let mut parts = rest.strip_prefix('/').unwrap_or(rest).split('?');
        let mut part = || unescaped(parts.next().unwrap_or_default());
        let (entry, attributes, scope, filter) = (part()?, part()?, part()?, part()?);
        let entry = String::from_utf8(entry)
            .map_err(|_| FetchError::LdapAddress("its entry is not UTF-8 (RFC 4516 2.1)"))?;
        let scope = match scope.to_ascii_lowercase().as_slice() {
            b"" | b"base" => SearchRequestScope::BaseObject,
            b"one" => SearchRequestScope::SingleLevel,
            b"sub" => SearchRequestScope::WholeSubtree,
            _ => return Err(FetchError::LdapAddress("its scope is none of base, one and sub")),
        };
        Ok(Self {
            entry,
            attributes: asked_for(&attributes)?,
            scope,
            filter: read_filter(&filter)?,
        })
    }

    /// The request as a message of this number.
    pub(super) fn message(self, id: MessageId) -> Result<Vec<u8>, FetchError> {
        let request = SearchRequest::new(
            self.entry.into(),
            self.scope,
            // Aliases are the directory's own matter: always followed.
            SearchRequestDerefAliases::DerefAlways,
            SIZE_LIMIT,
            TIME_LIMIT,
            false,
            self.filter,
            self.attributes.into_iter().map(Into::into).collect(),
        );
        let message = LdapMessage::new(id, ProtocolOp::SearchRequest(request));
        rasn::ber::encode(&message)
            .map_err(|_| FetchError::LdapAddress("what it asks for cannot be written down"))
    }
}

/// The attributes to ask for: those of the address, as far as they hold lists.
fn asked_for(named: &[u8]) -> Result<Vec<String>, FetchError> {
    let named = String::from_utf8_lossy(named);
    if named.trim().is_empty() {
        return Ok(ATTRIBUTES[..2].iter().map(|one| format!("{one};binary")).collect());
    }
    let known = |name: &str| {
        let name = name.split(';').next().unwrap_or_default().trim();
        let found = ATTRIBUTES.iter().find(|one| one.eq_ignore_ascii_case(name));
        found.map(|one| format!("{one};binary"))
    };
    let known: Vec<String> = named.split(',').filter_map(known).collect();
    if known.is_empty() {
        return Err(FetchError::LdapAddress("it names no attribute that holds lists"));
    }
    Ok(known)
}

/// One comparison, or whether an attribute is there: what authorities write.
fn read_filter(text: &[u8]) -> Result<Filter, FetchError> {
    if text.is_empty() {
        return Ok(Filter::Present("objectClass".into()));
    }
    let unknown = || FetchError::LdapAddress("its filter is not of the form (name=value)");
    let inner = text.strip_prefix(b"(").and_then(|inner| inner.strip_suffix(b")"));
    let inner = inner.unwrap_or(text);
    let equals = inner.iter().position(|byte| *byte == b'=').ok_or_else(unknown)?;
    let (name, value) = (&inner[..equals], &inner[equals + 1..]);
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b".-;".contains(byte);
    if name.is_empty() || !name.iter().all(plain) {
        return Err(unknown());
    }
    let name = String::from_utf8_lossy(name).into_owned().into();
    match value {
        b"*" => Ok(Filter::Present(name)),
        value if value.iter().any(|byte| b"*()\\".contains(byte)) => Err(unknown()),
        value => {
            Ok(Filter::EqualityMatch(AttributeValueAssertion::new(name, value.to_vec().into())))
        }
    }
}

/// The octets that an escaped text stands for.
fn unescaped(text: &str) -> Result<Vec<u8>, FetchError> {
    let broken = || FetchError::LdapAddress("it has a % without two hexadecimal digits");
    let mut octets = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            octets.push(byte);
            continue;
        }
        let mut digit = || bytes.next().and_then(|digit| char::from(digit).to_digit(16));
        let value = digit().zip(digit()).map(|(high, low)| (high << 4) | low);
        octets.push(value.and_then(|value| u8::try_from(value).ok()).ok_or_else(broken)?);
    }
    Ok(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(url: &str) -> Result<Search, String> {
        Search::of(&url.parse().unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn addresses_say_entry_attributes_scope_and_filter() {
        let read = search(
            "ldap://h/CN=CRL1,O=根?certificateRevocationList;binary?sub?(objectclass=cRLDistributionPoint)",
        );
        let expected = Search {
            entry: "CN=CRL1,O=根".to_owned(),
            attributes: vec!["certificateRevocationList;binary".to_owned()],
            scope: SearchRequestScope::WholeSubtree,
            filter: Filter::EqualityMatch(AttributeValueAssertion::new(
                "objectclass".into(),
                b"cRLDistributionPoint".to_vec().into(),
            )),
        };
        assert_eq!(read, Ok(expected));
        let plain = search("ldap://h/c=CN").unwrap();
        assert_eq!(plain.scope, SearchRequestScope::BaseObject);
        assert_eq!(plain.attributes.len(), 2);
        assert_eq!(plain.filter, Filter::Present("objectClass".into()));
    }

    #[test]
    fn addresses_that_ask_for_something_else_are_not_asked() {
        for (url, told) in [
            ("ldap://h/c=CN?userPassword", "no attribute"),
            ("ldap://h/c=CN??everything", "scope"),
            ("ldap://h/c=CN???(|(a=b)(c=d))", "filter"),
            ("ldap://h/c=CN???(a=b*)", "filter"),
            ("ldap://h/c=%C", "%"),
            ("ldap://h/c=%B8%F9", "UTF-8"),
        ] {
            let error = search(url).unwrap_err();
            assert!(error.contains(told), "{url}: {error}");
        }
    }

    #[test]
    fn the_request_is_what_rfc_4511_says() {
        let search = search("ldap://h/c=CN?certificateRevocationList").unwrap();
        let mut expected = vec![0x30, 71, 2, 1, 1, 0x63, 66, 4, 4];
        expected.extend_from_slice(b"c=CN");
        expected.extend_from_slice(&[10, 1, 0, 10, 1, 3, 2, 1, 16, 2, 1, 60, 1, 1, 0, 0x87, 11]);
        expected.extend_from_slice(b"objectClass");
        expected.extend_from_slice(&[0x30, 34, 4, 32]);
        expected.extend_from_slice(b"certificateRevocationList;binary");
        expected[1] = u8::try_from(expected.len() - 2).unwrap();
        expected[6] = u8::try_from(expected.len() - 7).unwrap();
        assert_eq!(search.message(1).unwrap(), expected);
    }
}
