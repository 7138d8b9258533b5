//! The rows as `apply` writes them.

use std::collections::HashSet;
use std::ops::ControlFlow;

use serde::Serialize;
use tongxing_pki::Timestamp;

use super::keys::{
    ARCHIVE, CLOCK_KEY, archive_prefix, awaiting_key, challenge_key, decision_key, newest_first,
    receipt_key,
};
use super::lookup_keys::LookupKeysRow;
use super::lookups::Lookups;
use super::reading::each_row;
use super::receipts::{DecisionRow, ReceiptRow};
use super::rows::{
    ArchivedListRow, AuthorityRow, BindingRow, EncryptionRow, ListPlace, ListRow, PendingRow,
    ProvinceRow, RelyingPartyRow, SubjectRow,
};
use super::{ClockRow, StateError};
use crate::change::{AwaitedModel, PolicyText};
use crate::ids::{AuthorityId, RelyingPartyId, SubjectId};
use crate::index::{Draft, ReadRows, Rows};

/// How many expired challenges one change drops at most: more than one change
/// can add, so that the backlog always shrinks.
const EXPIRED_PER_CHANGE: usize = 4;

/// Most rows are shorter than this, in bytes.
const USUAL_ROW: usize = 1024;

/// The rows as `apply` reads and writes them.
pub(crate) struct Table<'a> {
    rows: &'a mut dyn Rows,
    /// Where rows are encoded, one after another.
    encoded: Vec<u8>,
}

impl Lookups for Table<'_> {
    fn rows(&self) -> &dyn ReadRows {
        &*self.rows
    }
}

impl<'a> Table<'a> {
    pub(crate) fn new(rows: &'a mut dyn Rows) -> Self {
        Self { rows, encoded: Vec::with_capacity(USUAL_ROW) }
    }

    /// The same rows, for writes that may be forgotten.
    pub(super) fn draft(&mut self) -> Draft<'_> {
        Draft::over(self.rows)
    }

    pub(super) fn set_clock(&mut self, clock: &ClockRow) -> Result<(), StateError> {
        self.put(CLOCK_KEY, clock)
    }

    /// Terms only grow.
    pub(super) fn raise_term(&mut self, term: u64) -> Result<(), StateError> {
        let before = self.term()?.unwrap_or(0);
        self.put("term", &before.max(term))
    }

    pub(super) fn set_province(&mut self, row: &ProvinceRow) -> Result<(), StateError> {
        self.put("province", row)
    }

    pub(super) fn set_policy_text(
        &mut self,
        sequence: u64,
        text: &PolicyText,
    ) -> Result<(), StateError> {
        self.put(format!("pt/{sequence:020}"), text)
    }

    pub(super) fn set_authority(
        &mut self,
        id: &AuthorityId,
        row: &AuthorityRow,
    ) -> Result<(), StateError> {
        self.put(format!("a/{id}"), row)
    }

    pub(super) fn touch_authority(
        &mut self,
        id: &AuthorityId,
        sequence: u64,
    ) -> Result<(), StateError> {
        self.put(format!("av/{id}"), &sequence)
    }

    pub(super) fn touch_province(&mut self, sequence: u64) -> Result<(), StateError> {
        self.put("av", &sequence)
    }

    pub(super) fn set_key_owner(
        &mut self,
        spki_sha256: &str,
        id: &AuthorityId,
    ) -> Result<(), StateError> {
        self.put(format!("k/{spki_sha256}"), id)
    }

    pub(super) fn set_list(
        &mut self,
        authority: &AuthorityId,
        place: &ListPlace,
        row: &ListRow,
    ) -> Result<(), StateError> {
        self.put(format!("l/{authority}/{place}"), row)
    }

    pub(super) fn set_archived_list(
        &mut self,
        authority: &AuthorityId,
        place: &ListPlace,
        row: &ArchivedListRow,
    ) -> Result<(), StateError> {
        let made = newest_first(row.list.this_update);
        self.put(format!("{}{made}", archive_prefix(authority, place)), row)
    }

    /// Forgets the archived lists that are in these blobs.
    pub(super) fn forget_archived_lists(
        &mut self,
        blobs: &HashSet<&str>,
    ) -> Result<(), StateError> {
        let mut gone = Vec::new();
        each_row(self.rows, ARCHIVE, |rest, row: ArchivedListRow| {
            if blobs.contains(row.list.blob.as_str()) {
                gone.push(format!("{ARCHIVE}{rest}"));
            }
            ControlFlow::Continue(())
        })?;
        gone.iter().try_for_each(|key| Ok(self.rows.delete(key.as_bytes())?))
    }

    pub(super) fn set_relying_party(
        &mut self,
        id: &RelyingPartyId,
        row: &RelyingPartyRow,
    ) -> Result<(), StateError> {
        self.put(format!("r/{id}"), row)
    }

    pub(super) fn set_subject(
        &mut self,
        id: &SubjectId,
        row: &SubjectRow,
    ) -> Result<(), StateError> {
        self.put(["s/", id.as_str()].concat(), row)
    }

    pub(super) fn set_subject_by(
        &mut self,
        identifier: &str,
        id: &SubjectId,
    ) -> Result<(), StateError> {
        self.put(["u/", identifier].concat(), id)
    }

    /// Takes the identifier away, should it be this subject's.
    pub(super) fn forget_subject_by(
        &mut self,
        identifier: &str,
        id: &SubjectId,
    ) -> Result<(), StateError> {
        if self.subject_by(identifier)?.as_ref() == Some(id) {
            self.rows.delete(["u/", identifier].concat().as_bytes())?;
        }
        Ok(())
    }

    pub(super) fn set_lookup_keys(&mut self, row: LookupKeysRow) -> Result<(), StateError> {
        self.put("lk", &row)
    }

    pub(super) fn add_organization_code(
        &mut self,
        code: &str,
        id: &SubjectId,
    ) -> Result<(), StateError> {
        self.put(["o/", code, "/", id.as_str()].concat(), &())
    }

    /// Binds a certificate, which was bound as `before` until now.
    pub(super) fn set_binding(
        &mut self,
        certificate: &str,
        before: Option<&BindingRow>,
        row: &BindingRow,
    ) -> Result<(), StateError> {
        if let Some(before) = before {
            self.drop_binding(certificate, before)?;
        }
        if let Some(holder) = &row.holder {
            self.put(["h/", holder.as_str(), "/", certificate].concat(), &())?;
        }
        self.put(["b/", row.subject.as_str(), "/", certificate].concat(), &())?;
        self.put(["c/", certificate].concat(), row)
    }

    pub(super) fn set_encryption(
        &mut self,
        signing: &str,
        certificate: &str,
        row: &EncryptionRow,
    ) -> Result<(), StateError> {
        self.put(format!("y/{signing}/{certificate}"), row)
    }

    fn drop_binding(&mut self, certificate: &str, row: &BindingRow) -> Result<(), StateError> {
        self.rows.delete(format!("b/{}/{certificate}", row.subject).as_bytes())?;
        if let Some(holder) = &row.holder {
            self.rows.delete(format!("h/{holder}/{certificate}").as_bytes())?;
        }
        Ok(self.rows.delete(format!("c/{certificate}").as_bytes())?)
    }

    /// Forgets a person: how they were found and which certificates were theirs.
    pub(super) fn erase_subject(
        &mut self,
        id: &SubjectId,
        row: &SubjectRow,
    ) -> Result<(), StateError> {
        for identifier in &row.found_by {
            self.rows.delete(format!("u/{identifier}").as_bytes())?;
        }
        for certificate in self.certificates_of(id)? {
            for (encryption, row) in self.encryptions(&certificate)? {
                self.forget_blob(&row.blob)?;
                self.rows.delete(format!("y/{certificate}/{encryption}").as_bytes())?;
            }
            if let Some(binding) = self.binding(&certificate)? {
                self.let_go_of_certificate(&binding)?;
                self.drop_binding(&certificate, &binding)?;
            }
        }
        self.give_up_keys(id, &row.sealed_under)?;
        Ok(self.rows.delete(format!("s/{id}").as_bytes())?)
    }

    /// Leaves person keys to be destroyed.
    pub(super) fn give_up_keys(
        &mut self,
        id: &SubjectId,
        keys: &[SubjectId],
    ) -> Result<(), StateError> {
        self.put(format!("e/{id}"), &keys)
    }

    pub(super) fn give_up_key(&mut self, key: &SubjectId) -> Result<(), StateError> {
        self.give_up_keys(key, std::slice::from_ref(key))
    }

    /// A certificate is not kept any longer, nor the key that seals nothing else.
    pub(super) fn let_go_of_certificate(&mut self, row: &BindingRow) -> Result<(), StateError> {
        self.forget_blob(&row.blob)?;
        self.own_key_of(row)?.map_or(Ok(()), |key| self.give_up_key(&key))
    }

    /// No record names it any more; sweeping removes it.
    fn forget_blob(&mut self, sha256: &str) -> Result<(), StateError> {
        if self.names_blob(sha256)? {
            self.rows.delete(format!("n/{sha256}").as_bytes())?;
        }
        Ok(())
    }

    pub(super) fn add_evidence_key(&mut self, sequence: u64, key: &str) -> Result<(), StateError> {
        self.put(format!("ek/{sequence:020}"), &key)
    }

    pub(super) fn name_blob(&mut self, sha256: &str) -> Result<(), StateError> {
        let gone = ["g/", sha256].concat();
        if self.rows.get(gone.as_bytes())?.is_some() {
            self.rows.delete(gone.as_bytes())?;
        }
        self.put(["n/", sha256].concat(), &())
    }

    /// Names a blob that receipts rest on. When they last did is kept by the day, so
    /// that what all rest on is not written with each.
    pub(super) fn rely_on_blob(&mut self, sha256: &str, at: Timestamp) -> Result<(), StateError> {
        const DAY: i64 = 86_400;
        let day = |moment: Timestamp| moment.unix().div_euclid(DAY);
        if self.relied_upon(sha256)?.is_none_or(|last| day(last) < day(at)) {
            self.put(format!("ve/{sha256}"), &at)?;
        }
        if self.names_blob(sha256)? { Ok(()) } else { self.name_blob(sha256) }
    }

    pub(super) fn set_receipt(&mut self, record: u64, row: &ReceiptRow) -> Result<(), StateError> {
        self.put(receipt_key(record), row)
    }

    pub(super) fn await_list(
        &mut self,
        awaited: &AwaitedModel,
        record: u64,
    ) -> Result<(), StateError> {
        self.put(awaiting_key(awaited, record), &())
    }

    /// Of the lists that a receipt waits for, this one no more, unless another of its
    /// certificates does.
    pub(super) fn await_no_more(
        &mut self,
        awaited: &AwaitedModel,
        record: u64,
        row: &ReceiptRow,
    ) -> Result<(), StateError> {
        let key = awaiting_key(awaited, record);
        let others = row.awaits.iter().any(|(_, other)| awaiting_key(other, record) == key);
        if !others || row.decided.is_some() {
            self.rows.delete(key.as_bytes())?;
        }
        Ok(())
    }

    pub(super) fn set_decision(
        &mut self,
        relying_party: &RelyingPartyId,
        record: u64,
        receipt: u64,
        row: &DecisionRow,
    ) -> Result<(), StateError> {
        self.put(decision_key(relying_party, record, receipt), row)
    }

    pub(super) fn set_notices_delivered(
        &mut self,
        relying_party: &RelyingPartyId,
        through: u64,
    ) -> Result<(), StateError> {
        self.put(format!("vd/{relying_party}"), &through)
    }

    /// Notes that a named blob is not kept any longer; another is none of its
    /// business.
    pub(super) fn let_go_of_blob(&mut self, sha256: &str, at: Timestamp) -> Result<(), StateError> {
        if self.names_blob(sha256)? {
            self.rows.delete(format!("n/{sha256}").as_bytes())?;
            if self.relied_upon(sha256)?.is_some() {
                self.rows.delete(format!("ve/{sha256}").as_bytes())?;
            }
            self.put(format!("g/{sha256}"), &at)?;
        }
        Ok(())
    }

    pub(super) fn set_pending(
        &mut self,
        subject: &SubjectId,
        authority: &AuthorityId,
        row: &PendingRow,
    ) -> Result<(), StateError> {
        self.put(format!("q/{subject}/{authority}"), row)
    }

    pub(super) fn take_pending(
        &mut self,
        subject: &SubjectId,
        authority: &AuthorityId,
    ) -> Result<bool, StateError> {
        let key = format!("q/{subject}/{authority}");
        let found = self.rows.get(key.as_bytes())?.is_some();
        if found {
            self.rows.delete(key.as_bytes())?;
        }
        Ok(found)
    }

    /// Marks a challenge as used; `false` when it was used before.
    pub(super) fn use_challenge(
        &mut self,
        expires_at: i64,
        nonce: &str,
    ) -> Result<bool, StateError> {
        let key = challenge_key(expires_at, nonce);
        if self.rows.get(key.as_bytes())?.is_some() {
            return Ok(false);
        }
        self.put(key, &())?;
        Ok(true)
    }

    pub(super) fn drop_expired_challenges(&mut self, log_time: i64) -> Result<(), StateError> {
        let limit = challenge_key(log_time, "");
        for (key, _) in self.rows.scan_prefix(b"x/", EXPIRED_PER_CHANGE)? {
            if key.as_slice() >= limit.as_bytes() {
                break;
            }
            self.rows.delete(&key)?;
        }
        Ok(())
    }

    fn put<T: Serialize>(&mut self, key: impl Into<String>, row: &T) -> Result<(), StateError> {
        let key = key.into();
        self.encoded.clear();
        match serde_json::to_writer(&mut self.encoded, row) {
            // Rows in memory live long: each in just the room that it needs.
            Ok(()) => {
                Ok(self.rows.put_row((key.into_bytes(), self.encoded.as_slice().to_vec()))?)
            }
            Err(source) => Err(StateError::Row { key, source }),
        }
    }
}
