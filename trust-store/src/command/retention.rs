//! What the province's policy does not keep any longer, told or removed.
//!
//! 1. What is older than its class allows is found: archived segments by their last
//!    record, certificates by when their binding expired, the evidence of receipts by
//!    when one last relied upon it, revocation lists by when they were made, if a newer
//!    one has replaced them, OCSP responses by when they were made, both if no receipt
//!    needs them, and persons by when the last of their certificates expired.
//! 2. The change `retention_applied.v1` names it; from here on the state does not
//!    know the persons nor name the blobs, and says of each blob that retention
//!    removed it. A power cut leaves files and keys: segments are found again, blobs
//!    that nothing names are swept, and opening destroys the keys.
//! 3. The persons' keys are destroyed, as by an operator's erasure.
//! 4. The files are removed. Manifest entries, leaves, bindings and records stay, so
//!    that every proof over what is left still works.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use tongxing_pki::{Crl, OcspReply, Timestamp};

use super::archive::{blocking, elsewhere, model, until, view};
use super::reply::RetentionView;
use super::trust::record;
use super::{Apply, CommandError, Reply};
use crate::archive;
use crate::blobs::BlobId;
use crate::change::{Actor, Change, ErasedPersons, RetentionApplied};
use crate::error::StoreError;
use crate::files::Disk;
use crate::ids::SubjectId;
use crate::journal::SealedSegment;
use crate::policy::Retention;
use crate::province::Province;
use crate::state::{Lookups, needed_by_authorities};

/// How many things one record names: each takes 67 bytes of at most a million, and
/// perhaps a key's name.
const NAMED_A_RECORD: usize = 8_000;

pub(super) async fn retention(
    province: &Province,
    by: &Actor,
    archive: Option<PathBuf>,
    apply: Apply,
) -> Result<Reply, CommandError> {
    if let Some(archive) = &archive {
        elsewhere(province, archive)?;
    }
    let plan = Plan::make(province, archive.as_deref())?;
    let mut view = plan.view();
    if apply == Apply::No {
        return Ok(Reply::Retention(view));
    }
    let _no_backup = province.backing_up().lock().await;
    for change in plan.changes() {
        view.sequence = Some(record(province, by, Change::RetentionApplied(change)).await?);
    }
    if plan.gives_up_keys() {
        province.vault().give_up();
        province.destroy_given_up_keys()?;
    }
    // What an earlier attempt left goes too.
    province.sweep_blobs()?;
    if let Some(archive) = archive {
        let old = plan.segments;
        blocking(move || old.iter().try_for_each(|entry| archive::discard(&Disk, &archive, entry)))
            .await?;
    }
    Ok(Reply::Retention(view))
}

/// A certificate's blob, or what receipts relied upon, and the key that seals it and nothing else.
#[derive(Debug, Clone)]
struct Certificate {
    blob: String,
    key: Option<SubjectId>,
}

/// Blobs that tell whether certificates were revoked, as hex SHA-256.
#[derive(Debug, Default)]
struct Statuses {
    lists: Vec<String>,
    responses: Vec<String>,
}

/// What is older than its class allows.
#[derive(Debug)]
struct Plan {
    rules: Retention,
    segments: Vec<SealedSegment>,
    evidence: Vec<Certificate>,
    statuses: Statuses,
    persons: Vec<SubjectId>,
    /// Before which the persons' certificates expired.
    persons_before: Timestamp,
    /// How many bytes of files it is.
    bytes: u64,
}

impl Plan {
    /// Step 1.
    fn make(province: &Province, archive: Option<&Path>) -> Result<Self, StoreError> {
        let now = province.clock().now();
        let rules = province.snapshot().province_at(now)?.retention();
        let before = |period: Option<i64>| period.map(|seconds| now.plus_seconds(-seconds));
        let evidence_before = before(rules.evidence);
        let known = Known::read(province, evidence_before)?;
        let segments = match (before(rules.audit), archive) {
            (Some(before), Some(archive)) => old_segments(province, archive, before)?,
            _ => Vec::new(),
        };
        let relied = evidence_before.unwrap_or(Timestamp::from_unix(i64::MIN));
        let made = (before(rules.lists), before(rules.responses));
        let statuses = known.old_statuses(province, made, relied);
        let unused = known.unused_evidence(province)?;
        let persons_before = before(rules.persons);
        let persons = persons_before.map(|before| known.gone(before)).unwrap_or_default();
        let mut plan = Self {
            rules,
            segments,
            evidence: known.expired.into_iter().chain(unused).collect(),
            statuses: statuses?,
            persons,
            persons_before: persons_before.unwrap_or(now),
            bytes: 0,
        };
        plan.bytes = plan.measure(province)?;
        Ok(plan)
    }

    fn measure(&self, province: &Province) -> Result<u64, StoreError> {
        let mut bytes = self.segments.iter().map(|entry| entry.bytes).sum();
        let evidence = self.evidence.iter().map(|certificate| &certificate.blob);
        let Statuses { lists, responses } = &self.statuses;
        for blob in evidence.chain(lists).chain(responses) {
            let blob = blob.parse::<BlobId>()?;
            bytes += province.vault().blobs.len(&blob)?.unwrap_or(0);
        }
        Ok(bytes)
    }

    fn view(&self) -> RetentionView {
        RetentionView {
            audit_seconds: self.rules.audit,
            evidence_seconds: self.rules.evidence,
            lists_seconds: self.rules.lists,
            responses_seconds: self.rules.responses,
            persons_seconds: self.rules.persons,
            segments: self.segments.iter().map(view).collect(),
            evidence: self.evidence.iter().map(|one| one.blob.clone()).collect(),
            lists: self.statuses.lists.clone(),
            responses: self.statuses.responses.clone(),
            persons: self.persons.clone(),
            bytes: self.bytes,
            sequence: None,
        }
    }

    fn gives_up_keys(&self) -> bool {
        !self.persons.is_empty() || self.evidence.iter().any(|one| one.key.is_some())
    }

    /// Step 2, in records that have room for it.
    fn changes(&self) -> Vec<RetentionApplied> {
        let none = RetentionApplied::default;
        let mut changes = Vec::new();
        for segments in self.segments.chunks(NAMED_A_RECORD) {
            let segments = segments.iter().map(model).collect();
            changes.push(RetentionApplied { segments, ..none() });
        }
        for lists in self.statuses.lists.chunks(NAMED_A_RECORD) {
            changes.push(RetentionApplied { lists: lists.to_vec(), ..none() });
        }
        for responses in self.statuses.responses.chunks(NAMED_A_RECORD) {
            changes.push(RetentionApplied { responses: responses.to_vec(), ..none() });
        }
        for evidence in self.evidence.chunks(NAMED_A_RECORD) {
            let keys = evidence.iter().filter_map(|one| one.key.clone()).collect();
            let evidence = evidence.iter().map(|one| one.blob.clone()).collect();
            changes.push(RetentionApplied { evidence, keys, ..none() });
        }
        for persons in self.persons.chunks(NAMED_A_RECORD) {
            let (expired_before, persons) = (self.persons_before, persons.to_vec());
            let persons = Some(ErasedPersons { expired_before, persons });
            changes.push(RetentionApplied { persons, ..none() });
        }
        changes
    }
}

/// Archived segments whose last record is older; a segment here is moved away first.
fn old_segments(
    province: &Province,
    archive: &Path,
    before: Timestamp,
) -> Result<Vec<SealedSegment>, StoreError> {
    let mut old = Vec::new();
    for entry in province.journal().sealed_segments() {
        let is_old = entry.archived && until(&entry) < before;
        if is_old && archive::find(&Disk, archive, &entry)?.is_some() {
            old.push(entry);
        }
    }
    Ok(old)
}

/// What the state knows that is not kept for ever.
#[derive(Debug, Default)]
struct Known {
    /// Certificates of bindings that are kept still and expired before the moment asked
    /// about.
    expired: Vec<Certificate>,
    /// The other blobs that records name and no authority needs: replaced lists, OCSP
    /// responses, and certificates whose bindings are gone.
    others: HashSet<String>,
    /// Of these others, the evidence of receipts, with when one last relied upon it.
    relied_upon: HashMap<String, Timestamp>,
    /// Of that evidence, what none relied upon since the moment asked about, but for lists
    /// that newer ones have replaced.
    unused: Vec<String>,
    /// Persons, with when they were last seen or their last certificate expires.
    persons: HashMap<SubjectId, Timestamp>,
}

impl Known {
    fn read(province: &Province, expired: Option<Timestamp>) -> Result<Self, StoreError> {
        province.read(|view| {
            let mut known = Self::default();
            view.each_subject(|id, row| {
                if row.person.is_some() {
                    known.persons.insert(id, row.registered);
                }
            })?;
            known.others = view.named_blobs()?.into_iter().collect();
            for blob in needed_by_authorities(view)? {
                known.others.remove(&blob);
            }
            let archived: HashSet<String> = view.archived_blobs()?.into_iter().collect();
            let relied_upon = view.evidence_of_receipts()?.into_iter();
            known.relied_upon =
                relied_upon.filter(|(blob, _)| known.others.contains(blob)).collect();
            let mut bindings = Vec::new();
            view.each_binding(|row| {
                for person in [Some(&row.subject), row.holder.as_ref()].into_iter().flatten() {
                    if let Some(until) = known.persons.get_mut(person) {
                        *until = row.not_after.max(*until);
                    }
                }
                if known.others.remove(&row.blob) && expired.is_some_and(|at| row.not_after < at) {
                    bindings.push(row);
                }
            })?;
            for row in bindings {
                let key = view.own_key_of(&row)?;
                known.expired.push(Certificate { blob: row.blob, key });
            }
            // What seals one goes with the certificate bound beside it.
            view.each_encryption(|row| {
                if known.others.remove(&row.blob) && expired.is_some_and(|at| row.not_after < at) {
                    known.expired.push(Certificate { blob: row.blob, key: None });
                }
            })?;
            let unused = known.relied_upon.iter().filter(|(blob, last)| {
                expired.is_some_and(|at| **last < at) && !archived.contains(*blob)
            });
            known.unused = unused.map(|(blob, _)| blob.clone()).collect();
            known.unused.sort();
            Ok(known)
        })
    }

    /// Evidence that no receipt relied upon for so long. Lists that newer ones have
    /// replaced, and responses, go as such or not at all: sign-ins rest on them, too.
    fn unused_evidence(&self, province: &Province) -> Result<Vec<Certificate>, StoreError> {
        let mut unused = Vec::new();
        for blob in &self.unused {
            let content = province.vault().blobs.get(&blob.parse::<BlobId>()?)?;
            let is_response =
                |content: &[u8]| matches!(OcspReply::parse(content), Ok(OcspReply::Answered(_)));
            if !content.as_deref().is_some_and(is_response) {
                unused.push(Certificate { blob: blob.clone(), key: None });
            }
        }
        Ok(unused)
    }

    /// Of what is neither needed nor a binding's certificate, nor evidence of a receipt
    /// since `relied`, whatever reads as a list or as a response; neither class is looked
    /// for where its rule keeps it for ever.
    fn old_statuses(
        &self,
        province: &Province,
        (lists_before, responses_before): (Option<Timestamp>, Option<Timestamp>),
        relied: Timestamp,
    ) -> Result<Statuses, StoreError> {
        let mut old = Statuses::default();
        if lists_before.is_none() && responses_before.is_none() {
            return Ok(old);
        }
        let is_old = |made: Timestamp, before: Option<Timestamp>| before.is_some_and(|b| made < b);
        for blob in &self.others {
            if self.relied_upon.get(blob).is_some_and(|last| *last >= relied) {
                continue;
            }
            let Some(content) = province.vault().blobs.get(&blob.parse::<BlobId>()?)? else {
                continue;
            };
            if let Ok(list) = Crl::parse(&content) {
                if is_old(list.this_update(), lists_before) {
                    old.lists.push(blob.clone());
                }
            } else if let Ok(OcspReply::Answered(response)) = OcspReply::parse(&content)
                && is_old(response.produced_at(), responses_before)
            {
                old.responses.push(blob.clone());
            }
        }
        old.lists.sort();
        old.responses.sort();
        Ok(old)
    }

    fn gone(&self, before: Timestamp) -> Vec<SubjectId> {
        let gone = self.persons.iter().filter(|(_, until)| **until < before);
        let mut gone: Vec<_> = gone.map(|(id, _)| id.clone()).collect();
        gone.sort();
        gone
    }
}
