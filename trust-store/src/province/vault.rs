//! Certificates and personal data on their way into the record: keyed hashes to
//! find persons by, sealed texts to read them from, never the texts themselves.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::blobs::Blobs;
use crate::change::{BlobModel, EntityModel, HolderModel, IdentifierModel, PersonModel, SignIn};
use crate::error::StoreError;
use crate::ids::SubjectId;
use crate::name_rule::name_key;
use crate::policy::{ClaimText, EntityClaim, HolderClaim, Kind, Privacy};
use crate::seal::{LookupHash, LookupKeys, PersonKeys, Sealed};
use crate::snapshot::Arrivals;

/// What is sealed of a person.
#[derive(Serialize, Deserialize)]
pub(crate) struct PersonalData {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
}

/// Whether a certificate's personal data must be sealed with this sign-in, or
/// was when the certificate was bound.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sealing {
    Now,
    DoneBefore,
}

/// What is kept beside the journal, and the keys that hide it.
#[derive(Debug)]
pub(crate) struct Vault {
    /// Whether keys were given up since they were last destroyed.
    pub(super) untidy: AtomicBool,
    /// Keys of records that were refused: no record names them.
    pub(super) orphans: Mutex<Vec<SubjectId>>,
    pub(crate) blobs: Blobs,
    /// Lists whose blobs are about to be named.
    pub(crate) arrivals: Arrivals,
    pub(crate) persons: PersonKeys,
    pub(crate) lookups: LookupKeys,
}

impl Vault {
    /// The entity as the change carries it.
    pub(crate) fn entity_model(
        &self,
        claim: &EntityClaim,
        sealing: Sealing,
    ) -> Result<EntityModel, StoreError> {
        let identifier = self.identifier(claim);
        if !claim.is_natural_person() {
            let name = claim.name.as_ref().map(|name| name.reveal().to_owned());
            let name_keys = name.iter().map(|name| name_key(name)).collect();
            return Ok(EntityModel { identifier, name, name_keys, person: None });
        }
        let data = PersonalData {
            kind: Some(claim.kind.as_str().to_owned()),
            id: Some(claim.value.reveal().to_owned()),
            name: claim.name.as_ref().map(|name| name.reveal().to_owned()),
        };
        Ok(EntityModel {
            identifier,
            name: None,
            name_keys: self.hashed_name(claim.name.as_ref()),
            person: self.seal_person(&data, sealing)?,
        })
    }

    /// The holder as the change carries it.
    pub(crate) fn holder_model(
        &self,
        claim: &HolderClaim,
        sealing: Sealing,
    ) -> Result<HolderModel, StoreError> {
        let data = PersonalData {
            kind: claim.id.as_ref().map(|id| id.kind.as_str().to_owned()),
            id: claim.id.as_ref().map(|id| id.value.reveal().to_owned()),
            name: claim.name.as_ref().map(|name| name.reveal().to_owned()),
        };
        // An opaque number is only its authority's own: the name finds the holder.
        let lookups = match &claim.id {
            Some(id) if id.kind != Kind::Opaque => self.hashes(id.kind.as_str(), &id.value),
            _ => Vec::new(),
        };
        let mut name_keys = self.hashed_name(claim.name.as_ref());
        if name_keys.is_empty()
            && let Some(id) = &claim.id
        {
            name_keys = texts(&self.hashes(HOLDER_NUMBER, &id.value));
        }
        Ok(HolderModel { lookups, name_keys, person: self.seal_person(&data, sealing)? })
    }

    /// Keeps a certificate as a blob, sealed under its person's key; under one of its
    /// own where the policy reads no person, for it may name one all the same.
    pub(crate) fn keep_certificate(
        &self,
        der: &[u8],
        person: Option<&SubjectId>,
    ) -> Result<BlobModel, StoreError> {
        let key = match person {
            Some(person) => person.clone(),
            None => self.new_key()?,
        };
        let sealed = self.persons.seal(key.as_str(), der, CERTIFICATE_CONTEXT)?;
        let sha256 = self.blobs.put(sealed.as_bytes())?.to_string();
        Ok(BlobModel { sha256, sealed_for: Some(key) })
    }

    /// Makes a key, and draws the name that it is kept under.
    fn new_key(&self) -> Result<SubjectId, StoreError> {
        let id = SubjectId::random().ok_or(StoreError::NoRandomness)?;
        self.persons.create(id.as_str())?;
        Ok(id)
    }

    /// Reads a certificate that was kept; `None` where retention removed it, or whoever it
    /// was sealed for is erased.
    pub(crate) fn open_certificate(
        &self,
        blob: &str,
        sealed_for: Option<&SubjectId>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(kept) = self.blobs.get(&blob.parse()?)? else { return Ok(None) };
        let Some(person) = sealed_for else { return Ok(Some(kept)) };
        let sealed = Sealed::from_bytes(kept)?;
        let clear = self.persons.open(person.as_str(), &sealed, CERTIFICATE_CONTEXT)?;
        Ok(clear.map(|clear| clear.to_vec()))
    }

    /// Destroys keys that were given up; doing it again does nothing.
    pub(crate) fn destroy(&self, keys: &[SubjectId]) -> Result<(), StoreError> {
        let keys: Vec<&str> = keys.iter().map(SubjectId::as_str).collect();
        Ok(self.persons.erase(&keys).map(drop)?)
    }

    /// Leaves keys to be destroyed: of this entry no record was made, nor will be.
    pub(crate) fn orphan(&self, sign_in: &SignIn) {
        let mut orphans = self.orphans.lock().unwrap_or_else(PoisonError::into_inner);
        orphans.extend(sign_in.keys().cloned());
        drop(orphans);
        self.give_up();
    }

    /// Says that there are keys to be destroyed, which the state can name.
    pub(crate) fn give_up(&self) {
        self.untidy.store(true, Ordering::Relaxed);
    }

    /// Opens what was sealed of a person; `None` once they are erased.
    pub(crate) fn open_person(
        &self,
        person: &PersonModel,
    ) -> Result<Option<PersonalData>, StoreError> {
        let Some(clear) = self.persons.open(person.id.as_str(), &person.sealed, PERSON_CONTEXT)?
        else {
            return Ok(None);
        };
        serde_json::from_slice(&clear).map(Some).map_err(StoreError::encoding)
    }

    /// The keyed hashes by which a person with this id is found.
    pub(crate) fn person_keys_of(&self, kind: Kind, id: &str) -> Vec<String> {
        texts(&self.lookups.lookups(kind.as_str(), id))
    }

    /// The index keys in `found_by` as they are under another version of the look-up key,
    /// for the person that `data` is of.
    pub(crate) fn found_by_under(
        &self,
        version: u32,
        found_by: &[String],
        data: &PersonalData,
    ) -> Vec<String> {
        let mut found = Vec::new();
        for key in found_by {
            let Some((place, _)) = key.rsplit_once('/') else { continue };
            // Holders without an id of their own are found by name, within their entity.
            let hash = if place.starts_with("holder/") {
                self.name_under(version, data)
            } else {
                data.kind
                    .as_deref()
                    .zip(data.id.as_deref())
                    .and_then(|(kind, id)| self.lookups.lookup_under(version, kind, id))
            };
            let key = hash.map(|hash| format!("{place}/{hash}"));
            found.extend(key.filter(|key| !found.contains(key)));
        }
        found
    }

    /// What the name of the person that `data` is of is compared by, under a version of
    /// the look-up key.
    pub(crate) fn name_keys_under(&self, version: u32, data: &PersonalData) -> Vec<String> {
        self.name_under(version, data).iter().map(ToString::to_string).collect()
    }

    fn name_under(&self, version: u32, data: &PersonalData) -> Option<LookupHash> {
        match (&data.name, &data.id) {
            (Some(name), _) => self.lookups.lookup_under(version, NAME, &name_key(name)),
            (None, Some(id)) => self.lookups.lookup_under(version, HOLDER_NUMBER, id),
            (None, None) => None,
        }
    }

    fn identifier(&self, claim: &EntityClaim) -> IdentifierModel {
        let value = || claim.value.reveal().to_owned();
        let kind = || claim.kind.as_str().to_owned();
        match (claim.kind, claim.value.privacy()) {
            (Kind::Uscc, _) => IdentifierModel::Uscc(value()),
            (Kind::OrganizationCode, _) => IdentifierModel::OrganizationCode(value()),
            (Kind::PersonalId | Kind::Passport, _) => {
                IdentifierModel::Person { lookups: self.hashes(claim.kind.as_str(), &claim.value) }
            }
            (_, Privacy::Personal) => IdentifierModel::ScopedPerson {
                kind: kind(),
                lookups: self.hashes(claim.kind.as_str(), &claim.value),
            },
            (_, Privacy::Public) => IdentifierModel::Scoped { kind: kind(), value: value() },
        }
    }

    fn hashes(&self, kind: &str, value: &ClaimText) -> Vec<LookupHash> {
        self.lookups.lookups(kind, value.reveal())
    }

    fn hashed_name(&self, name: Option<&ClaimText>) -> Vec<String> {
        name.map(|name| texts(&self.lookups.lookups(NAME, &name_key(name.reveal()))))
            .unwrap_or_default()
    }

    fn seal_person(
        &self,
        data: &PersonalData,
        sealing: Sealing,
    ) -> Result<Option<PersonModel>, StoreError> {
        if sealing == Sealing::DoneBefore {
            return Ok(None);
        }
        let clear = serde_json::to_vec(data).map_err(StoreError::encoding)?;
        let id = self.new_key()?;
        let sealed: Sealed = self.persons.seal(id.as_str(), &clear, PERSON_CONTEXT)?;
        Ok(Some(PersonModel { id, sealed }))
    }
}

/// What is looked up that is no identifier of its own: names, and the numbers of holders
/// without a name.
const NAME: &str = "name";
const HOLDER_NUMBER: &str = "holder-number";

/// Binds a sealed text to what it is, so that one cannot be shown as another.
const PERSON_CONTEXT: &[u8] = b"person.v1";
const CERTIFICATE_CONTEXT: &[u8] = b"certificate.v1";

fn texts(hashes: &[LookupHash]) -> Vec<String> {
    hashes.iter().map(ToString::to_string).collect()
}
