//! Flow 2, steps 3 and 4: from a [`Recognised`] to an [`Admitted`].
//!
//! 1. What the certificate says is turned into a change: identifiers of persons
//!    become keyed hashes, their names and ids are sealed under a key of their
//!    own. A power cut here leaves at most an unused key.
//! 2. A certificate not seen before, and OCSP responses that judging rested on, become
//!    blobs, synced. A power cut leaves an unreferenced blob, which is swept after a
//!    day.
//! 3. One record registers, binds, uses up the challenge and issues the token. A
//!    power cut leaves all of it or nothing.
//! 4. The outcome of that record, and nothing else, makes the [`Admitted`].

use std::sync::Arc;

use tongxing_pki::{Finding, Timestamp};

use crate::change::{
    Actor, BlobModel, CertificateModel, ChallengeModel, Change, EntityModel, Entry, FreshnessModel,
    HolderModel, Method, RevocationModel, SignIn, TokenModel,
};
use crate::command::{PendingView, pending_views};
use crate::error::StoreError;
use crate::hex;
use crate::ids::{AuthorityId, RelyingPartyId, SubjectId};
use crate::policy::{self, Assurance, Capacity, EntityClaim};
use crate::province::{Province, Sealing, Vault};
use crate::recognise::{Recognised, RevocationBasis};
use crate::snapshot::Freshness;
use crate::state::{Admittance, Lookups, NameAgreement, Outcome, Registration, SignInRefusal};

/// What the gateway asks to be registered with a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInRequest {
    /// For whom the token is.
    pub relying_party: RelyingPartyId,
    /// How possession was proven.
    pub method: Method,
    /// The challenge to use up, where that was the method.
    pub challenge: Option<ChallengeModel>,
    /// When possession was proven.
    pub auth_time: Timestamp,
    /// The token to be issued.
    pub token: TokenModel,
}

/// What became of a sign-in; durable when it is returned.
#[derive(Debug)]
pub enum Admission {
    /// Registered and bound: a token may be minted.
    Admitted(Box<Admitted>),
    /// The rules of registration refuse it.
    Refused(Vec<Finding>),
    /// It waits for a confirmation.
    Indeterminate(Vec<Finding>),
    /// Trust changed since the chain was judged: recognise again.
    Stale,
}

/// What became of a subject's own confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// It is recorded; the other certificate may sign in now.
    Confirmed,
    /// Nothing of that authority waits.
    NothingToConfirm,
    /// The certificate that asked has not signed in yet.
    NotBound,
}

/// The legal entity or person that signed in, as tokens may name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdmittedEntity {
    /// `uscc`, `person` or another kind of identifier.
    pub kind: String,
    /// The unified social credit code, where that is the kind.
    pub uscc: Option<String>,
    /// The registered name; never a person's.
    pub name: Option<String>,
}

/// Permission to mint one token: made only from the durable outcome of a
/// registration, and consumed by minting.
#[derive(Debug)]
pub struct Admitted {
    recognised: Recognised,
    request: SignInRequest,
    entity: AdmittedEntity,
    admittance: Admittance,
    sequence: u64,
}

impl Admitted {
    /// The stable id of the entity.
    pub fn subject(&self) -> &SubjectId {
        &self.admittance.subject
    }

    /// The entity as tokens may name it.
    pub fn entity(&self) -> &AdmittedEntity {
        &self.entity
    }

    /// The person that the entity's key was given to.
    pub fn holder(&self) -> Option<&SubjectId> {
        self.admittance.holder.as_ref()
    }

    /// For whom the certificate speaks.
    pub(crate) fn identity(&self) -> &policy::Identity {
        self.recognised.identity()
    }

    /// The capacity in which the key acts.
    pub fn capacity(&self) -> Capacity {
        self.recognised.identity().capacity
    }

    /// How surely the authority checked whom it gave the key to.
    pub fn assurance(&self) -> Assurance {
        self.recognised.identity().assurance
    }

    /// Whose certificate it was.
    pub fn authority(&self) -> &AuthorityId {
        self.recognised.authority()
    }

    /// The version of the policy that judged.
    pub fn policy_version(&self) -> &str {
        self.recognised.policy_version()
    }

    /// What the revocation answer rests on.
    pub fn revocation(&self) -> &RevocationBasis {
        self.recognised.revocation()
    }

    /// SHA-256 of the certificate.
    pub fn certificate_sha256(&self) -> &[u8; 32] {
        self.recognised.certificate().sha256()
    }

    /// What was asked.
    pub fn request(&self) -> &SignInRequest {
        &self.request
    }

    /// Whether the subject was known before.
    pub fn registration(&self) -> Registration {
        self.admittance.registration
    }

    /// Whether the certificate's name is the registered one.
    pub fn name_agreement(&self) -> NameAgreement {
        self.admittance.name
    }

    /// The journal record that admits it.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The findings of recognition.
    pub fn findings(&self) -> &[Finding] {
        self.recognised.findings()
    }
}

impl Province {
    /// Registers a recognised sign-in.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be made durable; nothing was admitted.
    pub async fn admit(
        &self,
        recognised: Recognised,
        request: SignInRequest,
    ) -> Result<Admission, StoreError> {
        // Before anything of it is sealed.
        self.takes_sign_ins()?;
        let Attempt { recognised, sequence, outcome } = self.attempt(recognised, &request).await?;
        match outcome {
            Outcome::Admitted(admittance) => {
                let entity = name_entity(&recognised.identity().entity, &admittance);
                Ok(Admission::Admitted(Box::new(Admitted {
                    recognised,
                    request,
                    entity,
                    admittance,
                    sequence,
                })))
            }
            Outcome::SignInRefused(refusal) => Ok(explain(refusal)),
            Outcome::Stale => Ok(Admission::Stale),
            Outcome::Done | Outcome::Rejected(_) => Err(StoreError::UnexpectedOutcome { sequence }),
        }
    }

    /// What waits for confirmation for the subject that this certificate is bound
    /// to; nothing for a certificate that is not bound.
    ///
    /// # Errors
    /// [`StoreError`] when the state cannot be read.
    pub fn pending_for(&self, recognised: &Recognised) -> Result<Vec<PendingView>, StoreError> {
        let certificate = hex::encode(recognised.certificate().sha256());
        self.read(|view| match view.binding(&certificate)? {
            Some(binding) => pending_views(view, &binding.subject),
            None => Ok(Vec::new()),
        })
    }

    /// The subject itself, with a bound certificate, confirms that another
    /// authority's other name means it; durable when this returns.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be made durable.
    pub async fn confirm_own(
        &self,
        recognised: &Recognised,
        authority: &AuthorityId,
    ) -> Result<Confirmation, StoreError> {
        let certificate = hex::encode(recognised.certificate().sha256());
        let Some(binding) = self.read(|view| view.binding(&certificate))? else {
            return Ok(Confirmation::NotBound);
        };
        // Asking for nothing, again and again, may not fill the record.
        let pending = self.read(|view| view.pending(&binding.subject))?;
        if !pending.iter().any(|(waiting, _)| waiting == authority) {
            return Ok(Confirmation::NothingToConfirm);
        }
        let change = Change::BindingConfirmed {
            subject: binding.subject.clone(),
            authority: authority.clone(),
        };
        let entry = Entry { by: Actor::Subject(binding.subject), change };
        match self.submit(&entry).await? {
            (_, Outcome::Done) => Ok(Confirmation::Confirmed),
            (_, Outcome::Rejected(_)) => Ok(Confirmation::NothingToConfirm),
            (sequence, _) => Err(StoreError::UnexpectedOutcome { sequence }),
        }
    }

    /// Steps 1 to 3, and once more where a bound certificate's person is not sealed:
    /// its policy read none from it when it was bound, or they were erased since.
    async fn attempt(
        &self,
        recognised: Recognised,
        request: &SignInRequest,
    ) -> Result<Attempt, StoreError> {
        let sealing = self.sealing_of(&recognised)?;
        let attempt = self.register(recognised, request, sealing).await?;
        let unsealed = sealing == Sealing::DoneBefore
            && attempt.outcome == Outcome::Stale
            && !self.is_outdated(&attempt.recognised)?;
        if unsealed {
            return self.register(attempt.recognised, request, Sealing::Now).await;
        }
        Ok(attempt)
    }

    /// A bound certificate was sealed when it was bound.
    fn sealing_of(&self, recognised: &Recognised) -> Result<Sealing, StoreError> {
        let certificate = hex::encode(recognised.certificate().sha256());
        let bound = self.read(|view| view.binding(&certificate))?.is_some();
        Ok(if bound { Sealing::DoneBefore } else { Sealing::Now })
    }

    /// Whether trust changed since the chain was judged.
    fn is_outdated(&self, recognised: &Recognised) -> Result<bool, StoreError> {
        let latest = self.read(|view| view.latest_change(recognised.authority()))?;
        Ok(latest > recognised.revision())
    }

    /// Steps 1 to 3.
    async fn register(
        &self,
        recognised: Recognised,
        request: &SignInRequest,
        sealing: Sealing,
    ) -> Result<Attempt, StoreError> {
        let (recognised, change) = self.describe(recognised, request, sealing).await?;
        let entry = Entry { by: Actor::Gateway, change: Change::SignIn(Box::new(change)) };
        let submitted = self.submit(&entry).await;
        self.leave_tidy(&entry, &submitted);
        let (sequence, outcome) = submitted?;
        Ok(Attempt { recognised, sequence, outcome })
    }

    /// What was sealed for a sign-in that is not recorded is of no use to anybody. (Of
    /// one that is, and not admitted, the applier says so.)
    fn leave_tidy(&self, entry: &Entry, submitted: &Result<(u64, Outcome), StoreError>) {
        let Change::SignIn(change) = &entry.change else { return };
        match submitted {
            Err(StoreError::DiskReserve { .. }) => self.vault().orphan(change),
            Err(StoreError::Journal(error)) if error.is_refusal() => self.vault().orphan(change),
            // It may yet be found when the journal is opened again.
            _ => {}
        }
    }

    /// Steps 1 and 2. Only sealing and keeping responses cost file writes, and those run
    /// on a thread that may block.
    async fn describe(
        &self,
        recognised: Recognised,
        request: &SignInRequest,
        sealing: Sealing,
    ) -> Result<(Recognised, SignIn), StoreError> {
        let vault = Arc::clone(self.vault());
        let writes_nothing =
            sealing == Sealing::DoneBefore && recognised.revocation().responses.is_empty();
        let (recognised, said) = if writes_nothing {
            let said = describe_identity(&vault, &recognised, sealing)?;
            (recognised, said)
        } else {
            let describing = move || {
                let said = describe_identity(&vault, &recognised, sealing)?;
                Ok::<_, StoreError>((recognised, said))
            };
            tokio::task::spawn_blocking(describing)
                .await
                .map_err(|cut| StoreError::task(&cut))??
        };
        let certificate = recognised.certificate();
        let change = SignIn {
            authority: recognised.authority().clone(),
            judged_at: recognised.revision(),
            certificate: CertificateModel {
                sha256: hex::encode(certificate.sha256()),
                serial: certificate.serial().to_string(),
                not_after: certificate.not_after(),
                key: policy::key_kind(certificate.public_key()).map(str::to_owned),
                blob: said.blob,
            },
            entity: said.entity,
            holder: said.holder,
            capacity: recognised.identity().capacity,
            new_subject: SubjectId::random().ok_or(StoreError::NoRandomness)?,
            relying_party: request.relying_party.clone(),
            method: request.method,
            challenge: request.challenge.clone(),
            auth_time: request.auth_time,
            token: request.token.clone(),
            revocation: describe_revocation(recognised.revocation()),
            responses: said.responses,
        };
        Ok((recognised, change))
    }
}

/// A sign-in that is on the record, and what became of it.
struct Attempt {
    recognised: Recognised,
    sequence: u64,
    outcome: Outcome,
}

/// What a certificate says, as the record may keep it.
struct Said {
    entity: EntityModel,
    holder: Option<HolderModel>,
    blob: Option<BlobModel>,
    /// What judging rested on, as blobs.
    responses: Vec<String>,
}

fn describe_identity(
    vault: &Vault,
    recognised: &Recognised,
    sealing: Sealing,
) -> Result<Said, StoreError> {
    let identity = recognised.identity();
    let entity = vault.entity_model(&identity.entity, sealing)?;
    let holder = identity.holder.as_ref().map(|holder| vault.holder_model(holder, sealing));
    let holder = holder.transpose()?;
    let blob = match sealing {
        Sealing::DoneBefore => None,
        Sealing::Now => {
            let held = holder.as_ref().and_then(|holder| holder.person.as_ref());
            let person = held.or(entity.person.as_ref()).map(|person| &person.id);
            Some(vault.keep_certificate(recognised.certificate().der(), person)?)
        }
    };
    let responses = recognised.revocation().responses.iter();
    let responses = responses.map(|response| Ok(vault.blobs.put(response.der())?.to_string()));
    let responses = responses.collect::<Result<_, StoreError>>()?;
    Ok(Said { entity, holder, blob, responses })
}

/// What the answer about revocation rests on, where somebody was asked.
fn describe_revocation(basis: &RevocationBasis) -> Option<RevocationModel> {
    let freshness = match basis.freshness? {
        Freshness::Fresh => FreshnessModel::Fresh,
        // Who is let in on an answer that is overdue is let in on record. What is too old
        // even for that recognises nobody.
        Freshness::Grace | Freshness::Stale => FreshnessModel::Grace,
    };
    Some(RevocationModel { method: basis.method.to_owned(), freshness, made: basis.made? })
}

/// The entity as tokens may name it: by the register, never a person's name.
fn name_entity(claim: &EntityClaim, admittance: &Admittance) -> AdmittedEntity {
    let natural = claim.is_natural_person();
    AdmittedEntity {
        kind: if natural { "person".to_owned() } else { admittance.kind.clone() },
        uscc: admittance.uscc.clone(),
        name: if natural { None } else { admittance.registered_name.clone() },
    }
}

fn explain(refusal: SignInRefusal) -> Admission {
    let code = refusal.code();
    match refusal {
        SignInRefusal::NameConflict => Admission::Indeterminate(vec![Finding::indeterminate(code)]),
        SignInRefusal::ChallengeReplayed
        | SignInRefusal::ChallengeExpired
        | SignInRefusal::ChallengeVoided
        | SignInRefusal::NoUscc => Admission::Refused(vec![Finding::failed(code)]),
    }
}
