//! To whom something may be encrypted: a subject's encryption certificates.
//!
//! A renewed key cannot read what was encrypted to the one before, and of the two
//! certificates of a national key only one is ever seen at sign-in. So whoever signs in
//! may give the other one along:
//!
//! 1. It is recognised as a certificate to encrypt to, by the same authority's rules.
//! 2. It must speak for exactly whom the one that signed in speaks for. Which certificates
//!    one key device holds, no certificate says; the same authority does not give the same
//!    holder's name to anybody else.
//! 3. It becomes a blob, sealed as the one that signed in. A power cut leaves an
//!    unreferenced blob, which is swept after a day.
//! 4. One record registers it beside the binding of the one that signed in.
//!
//! A certificate that signs in and may be encrypted to as well needs no registration: it
//! is its own pair.

mod report;

use std::sync::Arc;

use tongxing_pki::{Certificate, Finding, Timestamp};

pub use report::EncryptionReport;

use crate::change::{Actor, BlobModel, CertificateModel, Change, EncryptionRegistered, Entry};
use crate::codes;
use crate::error::StoreError;
use crate::hex;
use crate::ids::{AuthorityId, SubjectId};
use crate::policy::{self, Capacity};
use crate::province::Province;
use crate::recognise::RecognisedEncryption;
use crate::registration::Admitted;
use crate::relying_party::PersonalData;
use crate::state::{BindingRow, EncryptionRow, Lookups, Outcome};

/// How many pairs of a subject are told of, the newest: years of renewals.
pub const MAX_PAIRS: usize = 64;

/// What became of an encryption certificate that was given with a sign-in.
#[derive(Debug)]
pub enum EncryptionAdmission {
    /// It is registered; whether that is new makes no difference.
    Registered,
    /// It does not belong to the certificate that signed in.
    Refused(Vec<Finding>),
    /// Trust changed since it was judged: recognise again.
    Stale,
}

/// Two certificates of a subject: one signs, the other is encrypted to.
#[derive(Debug, Clone)]
pub struct EncryptionPair {
    /// The certificate that signs.
    pub signing: BoundCertificate,
    /// Hex SHA-256 of the one to encrypt to; the same where one does both.
    pub sha256: String,
    /// Its serial number.
    pub serial: String,
    /// When it expires.
    pub not_after: Timestamp,
    /// When the gateway learnt of it.
    pub registered: Timestamp,
    /// The certificate, unless retention or an erasure removed it.
    pub certificate: Option<Certificate>,
    /// Whether it holds a person's data.
    pub names_person: bool,
}

/// A certificate that is bound to a subject.
#[derive(Debug, Clone)]
pub struct BoundCertificate {
    /// Hex SHA-256.
    pub sha256: String,
    /// Its serial number.
    pub serial: String,
    /// Whose certificate it is.
    pub authority: AuthorityId,
    /// In which quality it acts.
    pub capacity: Capacity,
    /// When it expires.
    pub not_after: Timestamp,
}

impl EncryptionPair {
    /// Whether a platform may have the certificate itself, and not only its key.
    pub fn discloses(&self, to: PersonalData) -> bool {
        !self.names_person || to == PersonalData::Disclosed
    }
}

impl Province {
    /// Registers the encryption certificate of a key that signed in; durable when this
    /// returns.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be made durable.
    pub async fn register_encryption(
        &self,
        admitted: &Admitted,
        encryption: &RecognisedEncryption,
    ) -> Result<EncryptionAdmission, StoreError> {
        let recognised = encryption.recognised();
        let same = recognised.authority() == admitted.authority()
            && recognised.identity().entity == admitted.identity().entity
            && recognised.identity().holder == admitted.identity().holder;
        if !same {
            let finding = Finding::failed(&codes::ENCRYPTION_OTHER_HOLDER);
            return Ok(EncryptionAdmission::Refused(vec![finding]));
        }
        let signing = hex::encode(admitted.certificate_sha256());
        let own = hex::encode(recognised.certificate().sha256());
        let known = self.read(|view| {
            let binding = view.binding(&signing)?;
            let known = view.encryption(&signing, &own)?;
            Ok(binding.map(|binding| (binding, known)))
        })?;
        match known {
            // Erased meanwhile, or bound anew: there is nothing to register it beside.
            None => Ok(EncryptionAdmission::Stale),
            Some((binding, Some(row))) if row.subject == binding.subject => {
                Ok(EncryptionAdmission::Registered)
            }
            Some((binding, _)) => self.record_encryption(binding, signing, encryption).await,
        }
    }

    /// Steps 3 and 4.
    async fn record_encryption(
        &self,
        binding: BindingRow,
        signing: String,
        encryption: &RecognisedEncryption,
    ) -> Result<EncryptionAdmission, StoreError> {
        let recognised = encryption.recognised();
        let certificate = recognised.certificate().clone();
        let (vault, sealed_for) = (Arc::clone(self.vault()), binding.sealed_for.clone());
        let keeping = move || vault.keep_certificate(certificate.der(), sealed_for.as_ref());
        let kept = tokio::task::spawn_blocking(keeping).await;
        let blob: BlobModel = kept.map_err(|cut| StoreError::task(&cut))??;
        let certificate = recognised.certificate();
        let change = EncryptionRegistered {
            subject: binding.subject,
            authority: recognised.authority().clone(),
            judged_at: recognised.revision(),
            signing,
            certificate: CertificateModel {
                sha256: hex::encode(certificate.sha256()),
                serial: certificate.serial().to_string(),
                not_after: certificate.not_after(),
                key: policy::key_kind(certificate.public_key()).map(str::to_owned),
                blob: Some(blob),
            },
        };
        let change = Change::EncryptionRegistered(Box::new(change));
        match self.submit(&Entry { by: Actor::Gateway, change }).await? {
            (_, Outcome::Done) => Ok(EncryptionAdmission::Registered),
            (_, Outcome::Stale | Outcome::Rejected(_)) => Ok(EncryptionAdmission::Stale),
            (sequence, _) => Err(StoreError::UnexpectedOutcome { sequence }),
        }
    }

    /// The pairs of a subject, the newest first and at most [`MAX_PAIRS`]; `None` where
    /// nobody has this id. Whether one may be encrypted to now is for
    /// [`Snapshot::recognise_encryption`](crate::Snapshot::recognise_encryption) to say.
    /// Blocks: it reads certificates.
    ///
    /// # Errors
    /// [`StoreError`] when the state or a certificate cannot be read.
    pub fn encryption_pairs(
        &self,
        subject: &SubjectId,
    ) -> Result<Option<Vec<EncryptionPair>>, StoreError> {
        let read = self.read(|view| {
            if view.subject(subject)?.is_none() {
                return Ok(None);
            }
            let mut found = Vec::new();
            for signing in view.bindings_of(subject)? {
                let Some(binding) = view.binding(&signing)? else { continue };
                let mut others = view.encryptions(&signing)?;
                others.retain(|(_, row)| row.subject == binding.subject);
                found.push((signing, binding, others));
            }
            Ok(Some(found))
        })?;
        let Some(bound) = read else { return Ok(None) };
        let mut pairs = Vec::new();
        for (signing, binding, others) in bound {
            let own = self.pair(&signing, &binding, (&signing, &itself(&binding)))?;
            // Without the certificate nobody knows what else it was for.
            let encrypts = own.certificate.as_ref().is_some_and(policy::may_encrypt);
            pairs.extend(encrypts.then_some(own));
            for (sha256, row) in others {
                pairs.push(self.pair(&signing, &binding, (&sha256, &row))?);
            }
        }
        pairs.sort_by_key(|pair| std::cmp::Reverse(pair.registered));
        pairs.truncate(MAX_PAIRS);
        Ok(Some(pairs))
    }

    fn pair(
        &self,
        signing: &str,
        binding: &BindingRow,
        (sha256, row): (&str, &EncryptionRow),
    ) -> Result<EncryptionPair, StoreError> {
        let der = self.vault().open_certificate(&row.blob, binding.sealed_for.as_ref())?;
        Ok(EncryptionPair {
            signing: BoundCertificate {
                sha256: signing.to_owned(),
                serial: binding.serial.clone(),
                authority: binding.authority.clone(),
                capacity: binding.capacity,
                not_after: binding.not_after,
            },
            sha256: sha256.to_owned(),
            serial: row.serial.clone(),
            not_after: row.not_after,
            registered: row.registered,
            certificate: der.and_then(|der| Certificate::parse(&der).ok()),
            names_person: binding.sealed_for.is_some(),
        })
    }
}

/// A bound certificate as one to encrypt to.
fn itself(binding: &BindingRow) -> EncryptionRow {
    EncryptionRow {
        subject: binding.subject.clone(),
        serial: binding.serial.clone(),
        not_after: binding.not_after,
        blob: binding.blob.clone(),
        registered: binding.bound,
    }
}
