//! Short texts that requests, policies and commands name things by.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use tongxing_gateway::SiteUrl;
use tongxing_pki::{Oid, ReferenceName, Timestamp};
use tongxing_trust_store::{AuthorityId, RelyingPartyId, SubjectId, masked_ids};

/// A name, an id, a number or a moment: what reads is written as it reads, and what does
/// not is refused with a reason.
pub fn text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    rereads::<AuthorityId>(text);
    rereads::<Oid>(text);
    rereads::<RelyingPartyId>(text);
    rereads::<SiteUrl>(text);
    rereads::<SubjectId>(text);
    rereads::<Timestamp>(text);
    let masked = masked_ids(text);
    assert_eq!(masked.len(), text.len(), "each character by one: {masked}");
    assert_eq!(masked_ids(&masked), masked);
    match text.parse::<ReferenceName>() {
        Ok(name) => assert_eq!(text.parse::<ReferenceName>(), Ok(name)),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn rereads<T: FromStr<Err: Display> + Display + PartialEq + Debug>(text: &str) {
    match text.parse::<T>() {
        Ok(value) => {
            let written = value.to_string();
            let again = written.parse::<T>().unwrap_or_else(|error| panic!("{written}: {error}"));
            assert_eq!(again, value, "{written}");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
