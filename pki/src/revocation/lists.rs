//! Revocation lists, found by issuer and verified once.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::keys;
use crate::name::NameKey;
use crate::{Crl, Name, PublicKey, SignatureFault, WeakAlgorithms};

/// A revocation list that remembers which key it was verified with, so that
/// judging a certificate never hashes the list again. Cloning is cheap and
/// shares that memory.
#[derive(Clone)]
pub struct RevocationList(Arc<Inner>);

struct Inner {
    crl: Crl,
    /// SHA-256 of the SubjectPublicKeyInfo that verified the signature.
    verified_by: OnceLock<[u8; 32]>,
}

impl RevocationList {
    /// A list that has not been verified yet; the first judgement that needs
    /// it will.
    #[must_use]
    pub fn new(crl: Crl) -> Self {
        Self(Arc::new(Inner { crl, verified_by: OnceLock::new() }))
    }

    /// The list itself.
    #[must_use]
    pub fn crl(&self) -> &Crl {
        &self.0.crl
    }

    /// Verifies the signature with this key, or remembers that it has been.
    /// From then on no other key counts. Callers that import lists do this
    /// once with the issuer's key, so that no judgement has to.
    ///
    /// # Errors
    /// The fault that the signature has for this key.
    pub fn verify(&self, key: &PublicKey) -> Result<(), SignatureFault> {
        self.check(key, WeakAlgorithms::Refused)?;
        self.remember(key);
        Ok(())
    }

    /// Verifies the signature with a key that nobody has vouched for yet, and
    /// forgets it: for a given signature anybody can make a key with which it
    /// verifies, and that must not take the place of the issuer's. Whether the
    /// algorithm is allowed is asked anew.
    pub(super) fn check(
        &self,
        key: &PublicKey,
        weak: WeakAlgorithms,
    ) -> Result<(), SignatureFault> {
        let crl = self.crl();
        match self.0.verified_by.get() {
            Some(known) if known == key.spki_sha256() => {
                keys::check_algorithm(key, crl.signature_algorithm(), weak)
            }
            Some(_) => Err(SignatureFault::Invalid),
            None => crl.verify_signature_with(key, weak),
        }
    }

    /// Remembers a key that has been checked and is vouched for.
    pub(super) fn remember(&self, key: &PublicKey) {
        // Another thread may have been quicker.
        let _ = self.0.verified_by.set(*key.spki_sha256());
    }
}

impl From<Crl> for RevocationList {
    fn from(crl: Crl) -> Self {
        Self::new(crl)
    }
}

impl fmt::Debug for RevocationList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RevocationList").field(&self.0.crl).finish()
    }
}

/// Revocation lists by issuer.
#[derive(Clone, Debug, Default)]
pub struct RevocationLists {
    by_issuer: HashMap<NameKey, Vec<RevocationList>>,
}

impl RevocationLists {
    /// No lists.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a list.
    pub fn insert(&mut self, list: impl Into<RevocationList>) {
        let list = list.into();
        let issuer = list.crl().issuer().key().clone();
        self.by_issuer.entry(issuer).or_default().push(list);
    }

    /// Whether there are no lists.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_issuer.is_empty()
    }

    /// All lists, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &RevocationList> {
        self.by_issuer.values().flatten()
    }

    /// The lists of an issuer.
    pub fn by_issuer(&self, issuer: &Name) -> impl Iterator<Item = &RevocationList> {
        self.by_issuer.get(issuer.key()).into_iter().flatten()
    }
}

impl<L: Into<RevocationList>> Extend<L> for RevocationLists {
    fn extend<I: IntoIterator<Item = L>>(&mut self, lists: I) {
        for list in lists {
            self.insert(list);
        }
    }
}

impl<L: Into<RevocationList>> FromIterator<L> for RevocationLists {
    fn from_iter<I: IntoIterator<Item = L>>(lists: I) -> Self {
        let mut all = Self::new();
        all.extend(lists);
        all
    }
}
