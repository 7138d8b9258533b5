//! Revocation lists, found by issuer and verified once.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::keys;
use crate::name::NameKey;
use crate::{Certificate, Crl, Name, PublicKey, SignatureFault, SignatureForm, SignatureRules};

use super::scope::{PointKey, Scopes, published_at};

/// A list whose signature was verified when it arrived: only
/// [`VerifiedCrl::verify`] makes one. Its encoding is not kept (a list of a
/// million entries has 39 MB of it), so that no judgement can hash it again.
/// Cloning is cheap and shares the memory.
#[derive(Clone, Debug)]
pub struct VerifiedCrl {
    crl: Crl,
    key_sha256: [u8; 32],
    form: SignatureForm,
}

impl VerifiedCrl {
    /// Verifies a list with its issuer's key, by the default rules, and lets
    /// go of the encoding. This hashes the whole list, once and for all.
    ///
    /// # Errors
    /// The [`SignatureFault`] that says why not.
    pub fn verify(crl: &Crl, key: &PublicKey) -> Result<Self, SignatureFault> {
        Self::verify_with(crl, key, &SignatureRules::default())
    }

    /// The same by the rules of the issuer's policy. Whoever judges with the list
    /// asks anew whether the rules of that moment allow how it was signed.
    ///
    /// # Errors
    /// The [`SignatureFault`] that says why not.
    pub fn verify_with(
        crl: &Crl,
        key: &PublicKey,
        rules: &SignatureRules,
    ) -> Result<Self, SignatureFault> {
        let form = crl.verify_signature_with(key, rules)?;
        Ok(Self { crl: crl.without_der(), key_sha256: *key.spki_sha256(), form })
    }

    /// The list itself, without its encoding.
    #[must_use]
    pub fn crl(&self) -> &Crl {
        &self.crl
    }

    /// SHA-256 of the SubjectPublicKeyInfo of the key that signed it.
    #[must_use]
    pub fn key_sha256(&self) -> &[u8; 32] {
        &self.key_sha256
    }
}

/// A list that a judgement may use: verified when it arrived, or by the first
/// judgement that needs it, which is remembered. Cloning is cheap and shares the
/// memory.
#[derive(Clone)]
pub struct RevocationList(Arc<Inner>);

struct Inner {
    /// Without its encoding.
    crl: Crl,
    /// With it, until it has been verified. Judgements take this lock only
    /// before.
    unverified: Mutex<Option<Crl>>,
    /// SHA-256 of the SubjectPublicKeyInfo that verified the signature, and how it
    /// was made.
    verified_by: OnceLock<([u8; 32], SignatureForm)>,
}

impl RevocationList {
    /// A list that has not been verified yet: the first judgement that needs
    /// it will, and lets go of its encoding.
    #[must_use]
    pub fn new(crl: Crl) -> Self {
        Self(Arc::new(Inner {
            crl: crl.without_der(),
            unverified: Mutex::new(Some(crl)),
            verified_by: OnceLock::new(),
        }))
    }

    /// The list itself, without its encoding.
    #[must_use]
    pub fn crl(&self) -> &Crl {
        &self.0.crl
    }

    /// SHA-256 of the SubjectPublicKeyInfo that verified the signature; `None`
    /// until one has.
    #[must_use]
    pub fn verified_by(&self) -> Option<&[u8; 32]> {
        self.0.verified_by.get().map(|(key, _)| key)
    }

    /// Verifies the signature with a key that nobody has vouched for yet, and
    /// forgets it: for a given signature anybody can make a key with which it
    /// verifies, and that must not take the place of the issuer's. Whether the
    /// rules allow it is asked anew.
    pub(super) fn check(
        &self,
        key: &PublicKey,
        rules: &SignatureRules,
    ) -> Result<SignatureForm, SignatureFault> {
        let crl = self.crl();
        match self.0.verified_by.get() {
            Some((known, form)) if known == key.spki_sha256() => {
                keys::check_again(key, crl.signature_algorithm(), rules, form)
            }
            Some(_) => Err(SignatureFault::Invalid),
            None => match self.unverified() {
                Some(whole) => whole.verify_signature_with(key, rules),
                // Verified and released by another thread in between.
                None => self.check(key, rules),
            },
        }
    }

    /// Remembers a key that has been checked and is vouched for.
    pub(super) fn remember(&self, key: &PublicKey, form: &SignatureForm) {
        // Another thread may have been quicker.
        let _ = self.0.verified_by.set((*key.spki_sha256(), form.clone()));
        self.0.unverified.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn unverified(&self) -> Option<Crl> {
        // Nothing that can panic runs under the lock.
        self.0.unverified.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl From<Crl> for RevocationList {
    fn from(crl: Crl) -> Self {
        Self::new(crl)
    }
}

impl From<VerifiedCrl> for RevocationList {
    fn from(VerifiedCrl { crl, key_sha256, form }: VerifiedCrl) -> Self {
        let verified_by = OnceLock::from((key_sha256, form));
        Self(Arc::new(Inner { crl, unverified: Mutex::default(), verified_by }))
    }
}

impl fmt::Debug for RevocationList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RevocationList").field(&self.0.crl).finish()
    }
}

/// Revocation lists by issuer, and of each issuer by distribution point: some have
/// thousands, of which one is about a given certificate.
#[derive(Clone, Debug, Default)]
pub struct RevocationLists {
    by_issuer: HashMap<NameKey, OfIssuer>,
}

/// The lists of one issuer.
#[derive(Clone, Debug, Default)]
struct OfIssuer {
    lists: Vec<RevocationList>,
    /// The places of those that name no distribution point.
    anywhere: Vec<usize>,
    /// The places of the others, by each of their distribution point's names.
    at_point: HashMap<PointKey, Vec<usize>>,
}

impl OfIssuer {
    fn push(&mut self, list: RevocationList) {
        let place = self.lists.len();
        match published_at(list.crl()) {
            None => self.anywhere.push(place),
            Some(points) => {
                for point in points {
                    self.at_point.entry(point).or_default().push(place);
                }
            }
        }
        self.lists.push(list);
    }

    /// Those that can cover a certificate, in the order in which they came.
    fn for_scopes(&self, scopes: &Scopes<'_>) -> impl Iterator<Item = &RevocationList> {
        let mut places = self.anywhere.clone();
        if !self.at_point.is_empty() {
            let at_points =
                scopes.points().into_iter().filter_map(|point| self.at_point.get(&point));
            places.extend(at_points.flatten());
            places.sort_unstable();
            places.dedup();
        }
        places.into_iter().map(|place| &self.lists[place])
    }
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
        self.by_issuer.values().flat_map(|of_issuer| &of_issuer.lists)
    }

    /// Takes in all lists of others.
    pub(crate) fn absorb(&mut self, others: Self) {
        self.extend(others.by_issuer.into_values().flat_map(|of_issuer| of_issuer.lists));
    }

    /// The lists of an issuer.
    pub fn by_issuer(&self, issuer: &Name) -> impl Iterator<Item = &RevocationList> {
        self.by_issuer.get(issuer.key()).into_iter().flat_map(|of_issuer| &of_issuer.lists)
    }

    /// The lists of an issuer that can cover a certificate: all that do are among them.
    pub(super) fn for_scopes(
        &self,
        issuer: &Name,
        scopes: &Scopes<'_>,
    ) -> impl Iterator<Item = &RevocationList> {
        let of_issuer = self.by_issuer.get(issuer.key()).into_iter();
        of_issuer.flat_map(|of_issuer| of_issuer.for_scopes(scopes))
    }

    /// The lists that tell a certificate's status, whoever signed them: by the
    /// issuers and distribution points that RFC 5280 6.3.3 (b) compares.
    pub fn about<'l>(
        &'l self,
        certificate: &'l Certificate,
    ) -> impl Iterator<Item = &'l RevocationList> {
        let scopes = Scopes::of(certificate);
        let issuers = scopes.list_issuers().into_iter();
        let lists: Vec<_> = issuers.flat_map(|issuer| self.for_scopes(issuer, &scopes)).collect();
        lists.into_iter().filter(move |list| scopes.covered_by(list.crl()).is_some())
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

#[cfg(test)]
mod tests;
