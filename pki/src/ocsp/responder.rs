//! Who signed a response, by its own account.

use std::fmt;

use crate::certificate::Certificate;
use crate::keys::Hash;
use crate::name::Name;
use crate::path::hex;

/// Who signed a response (RFC 6960 4.2.2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OcspResponder {
    /// The subject of the responder's certificate.
    Name(Name),
    /// SHA-1 of the responder's key, as its certificate carries it.
    KeyHash(Box<[u8]>),
}

impl OcspResponder {
    /// Whether it is the subject of this certificate. SHA-1 picks a key here
    /// and proves nothing: the signature does.
    #[must_use]
    pub fn is(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Name(name) => certificate.subject().matches(name),
            Self::KeyHash(hash) => {
                let key = certificate.public_key().key_octets();
                Hash::Sha1.digest(key).as_ref() == &**hash
            }
        }
    }
}

impl fmt::Display for OcspResponder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::KeyHash(hash) => write!(f, "key {}", hex(hash)),
        }
    }
}
