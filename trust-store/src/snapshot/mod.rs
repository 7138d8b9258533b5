//! The compiled, immutable view that decisions are taken against.
//!
//! A snapshot is made from the state after each change of trust and swapped in
//! whole. Nothing in it changes, and nothing it does reads a file or a database.
//! Status is kept as its dated history and asked at the moment judged, so that a
//! change planned for tomorrow takes effect by itself.

mod authority;
mod compile;
mod editions;
mod lists;
mod signatures;
mod source;
mod status;
mod trust;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use tongxing_pki::{
    Anchors, Certificate, CertificatePool, Crl, KeyAlgorithm, KeyUsage, RevocationLists,
    SignatureRules, Sm2UserIds, Timestamp, VerifiedCrl,
};

pub use authority::{Anchor, Authority, Freshness};
pub(crate) use compile::Compiler;
use editions::Editions;
pub use editions::Held;
pub(crate) use lists::Arrivals;
pub(crate) use source::BlobSource;
pub use status::{AskWhen, StatusQuestion, StatusQuestions};
pub(crate) use trust::{
    AuthorityDocument, EditionDocument, EditionModel, TrustDocument, TrustDocuments, models,
};

use crate::authority::{Role, Standing, Status};
use crate::error::StoreError;
use crate::ids::{AuthorityId, RelyingPartyId};
use crate::policy::{AuthorityPolicy, ProvincePolicy};
use crate::recognise::MAX_CHAIN;
use crate::relying_party::RelyingParty;

/// The most authorities of one name whose rules are tried on a certificate. Origin:
/// ours; three CAs called TJCA are known.
const MAX_NAMESAKES: usize = 4;

/// Everything that decides, as of one place in the journal.
#[derive(Debug)]
pub struct Snapshot {
    revision: u64,
    clock_epoch: u64,
    province: Editions<ProvincePolicy>,
    authorities: BTreeMap<AuthorityId, Arc<Authority>>,
    /// Whose each enrolled key is, anchors and intermediates.
    owners: HashMap<[u8; 32], AuthorityId>,
    anchors: Anchors,
    intermediates: CertificatePool,
    /// The newest list of each enrolled key, verified under that key.
    lists: RevocationLists,
    relying_parties: BTreeMap<RelyingPartyId, RelyingParty>,
    hints: Vec<Vec<u8>>,
    trust: TrustDocuments,
}

impl Snapshot {
    /// The sequence number of the last change it knows.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Raised by each clock reset: challenges of earlier epochs are void.
    pub fn clock_epoch(&self) -> u64 {
        self.clock_epoch
    }

    /// The province's own rules in force at a moment; the first ones hold for moments
    /// before them, too.
    ///
    /// # Errors
    /// [`StoreError::ProvincePolicy`] where those of that moment do not load in this
    /// version.
    pub fn province_at(&self, at: Timestamp) -> Result<Held<'_, ProvincePolicy>, StoreError> {
        let fault = |fault: Arc<str>| StoreError::ProvincePolicy(fault.to_string());
        self.province.at(at).map_err(fault)
    }

    /// The version of the province's own rules at a moment; the record that set them
    /// where they do not load.
    pub fn province_version_at(&self, at: Timestamp) -> String {
        match self.province.at(at) {
            Ok(policy) => policy.version().to_owned(),
            Err(_) => self.province.sequence_at(at).unwrap_or_default().to_string(),
        }
    }

    /// From when the province's own rules are others.
    pub(crate) fn province_dates(&self) -> impl Iterator<Item = Timestamp> {
        self.province.dates()
    }

    /// What it was compiled from, as receipts name it.
    pub(crate) fn trust(&self) -> &TrustDocuments {
        &self.trust
    }

    /// All authorities, by id.
    pub fn authorities(&self) -> impl Iterator<Item = &Authority> {
        self.authorities.values().map(AsRef::as_ref)
    }

    /// One authority.
    pub fn authority(&self, id: &AuthorityId) -> Option<&Authority> {
        self.authorities.get(id).map(AsRef::as_ref)
    }

    /// A relying party.
    pub fn relying_party(&self, id: &RelyingPartyId) -> Option<&RelyingParty> {
        self.relying_parties.get(id)
    }

    /// All relying parties, by id.
    pub fn relying_parties(&self) -> impl Iterator<Item = &RelyingParty> {
        self.relying_parties.values()
    }

    /// The anchors that may stand above a timestamp of a moment.
    pub(crate) fn timestamp_anchors(&self, at: Timestamp) -> Anchors {
        let authorities = self.authorities().filter(|one| one.roles().contains(&Role::Timestamps));
        let active = authorities.flat_map(|authority| {
            let keys = authority.anchors().map(Anchor::certificate);
            keys.filter(move |key| {
                authority.standing(key.spki_sha256(), at).0 == Standing::Is(Status::Active)
            })
        });
        active.cloned().collect()
    }

    /// DER names of every anchor and known intermediate of every authority but
    /// drafts: browsers offer only certificates under a listed issuer.
    pub fn hints(&self) -> &[Vec<u8>] {
        &self.hints
    }

    /// The authority whose enrolled key (anchor or known intermediate) this is.
    pub(crate) fn owner(&self, spki_sha256: &[u8; 32]) -> Option<&Authority> {
        self.authority(self.owners.get(spki_sha256)?)
    }

    /// Whose a certificate may be, by names and key identifiers alone, the likeliest
    /// first: good for choosing the rules to judge by, and confirmed by the keys
    /// afterwards. Names of CAs collide, so that there may be several.
    pub(crate) fn issuing_authorities(
        &self,
        leaf: &Certificate,
        supplied: &CertificatePool,
    ) -> Vec<&Authority> {
        let mut found: Vec<&Authority> = Vec::new();
        let above = supplied.above(leaf, MAX_CHAIN - 1);
        for certificate in std::iter::once(leaf).chain(above) {
            let owners = self.issuers_by_name(certificate).into_iter();
            for owner in owners.filter_map(|issuer| self.owner(issuer.spki_sha256())) {
                if found.len() < MAX_NAMESAKES
                    && !found.iter().any(|known| known.id() == owner.id())
                {
                    found.push(owner);
                }
            }
        }
        found
    }

    /// The enrolled certificates that may have issued one, by its issuer's name; first
    /// those whose key it names.
    fn issuers_by_name(&self, certificate: &Certificate) -> Vec<&Certificate> {
        let name = certificate.issuer();
        let enrolled = self.anchors.by_name(name).chain(self.intermediates.by_subject(name));
        let mut issuers: Vec<&Certificate> = enrolled.collect();
        let wanted =
            certificate.authority_key_identifier().and_then(|wanted| wanted.key_identifier());
        // What names no key fits every one.
        issuers.sort_by_key(|issuer| wanted.is_some() && issuer.subject_key_identifier() != wanted);
        issuers
    }

    /// The user ids that the SM2 key of a chain's leaf may sign with at a moment: those
    /// that the policies of the authorities name that it may be of. Whoever acts on it
    /// asks the policy of the authority that it turns out to be of.
    pub fn sm2_user_ids(&self, chain: &[Certificate], at: Timestamp) -> Sm2UserIds {
        let Some((leaf, rest)) = chain.split_first() else { return Sm2UserIds::default() };
        if *leaf.public_key().algorithm() != KeyAlgorithm::Sm2 {
            return Sm2UserIds::default();
        }
        let supplied: CertificatePool = rest.iter().take(MAX_CHAIN).cloned().collect();
        let authorities = self.issuing_authorities(leaf, &supplied).into_iter();
        let policies = authorities.filter_map(|authority| authority.policy_at(at));
        let user_ids =
            policies.flat_map(|policy| policy.sm2_user_ids().iter().cloned().collect::<Vec<_>>());
        Sm2UserIds::standard_and(user_ids.collect::<Vec<_>>())
    }

    /// The certificates that any path for a chain may go through: those of the chain,
    /// and from each of them up the enrolled ones that may have issued it, by their
    /// names alone.
    pub(crate) fn relatives<'s>(&'s self, chain: &'s [Certificate]) -> Vec<&'s Certificate> {
        let mut found: Vec<&Certificate> = chain.iter().collect();
        let mut known: HashSet<&[u8; 32]> = chain.iter().map(Certificate::sha256).collect();
        let mut next = 0;
        while let Some(certificate) = found.get(next).copied() {
            next += 1;
            // A path does not go past an enrolled key.
            if self.anchors.has_key(certificate.spki_sha256()) {
                continue;
            }
            let anchors = self.anchors.by_name(certificate.issuer());
            let issuers = anchors.chain(self.intermediates.by_subject(certificate.issuer()));
            found.extend(issuers.filter(|issuer| known.insert(issuer.sha256())));
        }
        found
    }

    pub(crate) fn anchors(&self) -> &Anchors {
        &self.anchors
    }

    pub(crate) fn intermediates(&self) -> &CertificatePool {
        &self.intermediates
    }

    pub(crate) fn lists(&self) -> &RevocationLists {
        &self.lists
    }

    /// A list that an enrolled key signed and that arrives at a moment, verified, and
    /// whose it is.
    ///
    /// RFC 5280 6.3.3 (f): the signature is verified under the issuer's key;
    /// names only pick the candidates.
    pub(crate) fn verify_list(
        &self,
        list: &Crl,
        at: Timestamp,
    ) -> Option<(&Authority, VerifiedCrl)> {
        self.authorities.values().find_map(|authority| {
            let anchors = authority.anchors.iter().map(|anchor| &anchor.certificate);
            let rules = list_rules(authority.policy_at(at).as_deref());
            let verified = anchors
                .chain(&authority.intermediates)
                .filter(|issuer| issuer.subject().matches(list.issuer()))
                .filter(|issuer| issuer.key_usage().is_none_or(KeyUsage::crl_sign))
                .find_map(|issuer| {
                    VerifiedCrl::verify_with(list, issuer.public_key(), &rules).ok()
                });
            verified.map(|verified| (authority.as_ref(), verified))
        })
    }
}

/// How the signature of a list that arrives may be made: never with a weak
/// algorithm. Each judgement asks anew by the policy of its moment.
pub(crate) fn list_rules(policy: Option<&AuthorityPolicy>) -> SignatureRules {
    let user_ids = policy.map(|policy| policy.sm2_user_ids().clone()).unwrap_or_default();
    SignatureRules::default().with_sm2_user_ids(user_ids)
}

/// Drafts are invisible to bidders.
fn is_visible(authority: &Authority) -> bool {
    let statements = authority.status.entries();
    statements.iter().any(|entry| entry.status != Status::Draft)
}
