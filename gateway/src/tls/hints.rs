//! Hints: which CAs' certificates a client may offer (RFC 8446 4.2.4, RFC 5246
//! 7.4.4). Browsers hide certificates under issuers that are not listed.

use std::sync::Arc;

use rustls::DistinguishedName;

/// Both versions carry the list in a vector of at most 65,535 bytes, TLS 1.3 inside
/// an extension with others beside it. A list that would not fit is not sent.
const MAX_BYTES: usize = 60_000;

/// Each name has its length before it.
const LENGTH_PREFIX: usize = 2;

/// The names sent to clients; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Hints(Arc<[DistinguishedName]>);

impl Hints {
    /// No names: the client may offer any certificate.
    pub(crate) fn none() -> Self {
        Self(Arc::new([]))
    }

    /// The DER of names; none if they are too many.
    pub(crate) fn of(names: &[Vec<u8>]) -> Self {
        let bytes: usize = names.iter().map(|name| name.len() + LENGTH_PREFIX).sum();
        if bytes > MAX_BYTES {
            let count = names.len();
            tracing::warn!(count, bytes, "too many CA names for a handshake: sending no hints");
            return Self::none();
        }
        let sendable = names.iter().filter(|name| !name.is_empty());
        Self(sendable.map(|name| DistinguishedName::from(name.clone())).collect())
    }

    pub(super) fn names(&self) -> &[DistinguishedName] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_does_not_fit_is_not_sent() {
        let name = vec![0x30; 100];
        assert_eq!(Hints::of(&vec![name.clone(); 500]).names().len(), 500);
        assert!(Hints::of(&vec![name; 600]).names().is_empty());
    }
}
