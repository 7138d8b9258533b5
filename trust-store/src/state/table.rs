//! Typed access to the rows: reading for everybody, writing for `apply`.

use std::collections::HashSet;
use std::ops::ControlFlow;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tongxing_pki::Timestamp;

use super::lookup_keys::LookupKeysRow;
use super::receipts::{DecisionRow, ReceiptRow};
use super::rows::{
    ArchivedListRow, AuthorityRow, BindingRow, EncryptionRow, ListPlace, ListRow, PendingRow,
    ProvinceRow, RelyingPartyRow, SubjectRow,
};
use super::{ClockRow, StateError};
use crate::change::{AwaitedModel, PolicyText};
use crate::ids::{AuthorityId, RelyingPartyId, SubjectId};
use crate::index::{Draft, ReadRows, Row, Rows};

/// How many expired challenges one change drops at most: more than one change
/// can add, so that the backlog always shrinks.
const EXPIRED_PER_CHANGE: usize = 4;

/// Most rows are shorter than this, in bytes.
const USUAL_ROW: usize = 1024;

/// Where the row of the clock is.
pub(crate) const CLOCK_KEY: &str = "clock";

/// What can be read from the rows.
pub(crate) trait Lookups {
    /// The rows underneath.
    fn rows(&self) -> &dyn ReadRows;

    fn clock(&self) -> Result<ClockRow, StateError> {
        Ok(get(self.rows(), CLOCK_KEY)?.unwrap_or_default())
    }

    /// The term of the last promotion, if there was one.
    fn term(&self) -> Result<Option<u64>, StateError> {
        get(self.rows(), "term")
    }

    /// The keys that look-ups go by.
    fn lookup_keys(&self) -> Result<LookupKeysRow, StateError> {
        Ok(get(self.rows(), "lk")?.unwrap_or_default())
    }

    fn province(&self) -> Result<Option<ProvinceRow>, StateError> {
        get(self.rows(), "province")
    }

    /// The text of a policy that this record set.
    fn policy_text(&self, sequence: u64) -> Result<Option<PolicyText>, StateError> {
        get(self.rows(), &format!("pt/{sequence:020}"))
    }

    fn authority(&self, id: &AuthorityId) -> Result<Option<AuthorityRow>, StateError> {
        get(self.rows(), &format!("a/{id}"))
    }

    fn authorities(&self) -> Result<Vec<(AuthorityId, AuthorityRow)>, StateError> {
        scan(self.rows(), "a/")
    }

    /// The sequence of the latest change to an authority, or to the province's
    /// own rules.
    fn latest_change(&self, id: &AuthorityId) -> Result<u64, StateError> {
        let authority: Option<u64> = get(self.rows(), &["av/", id.as_str()].concat())?;
        let province: Option<u64> = get(self.rows(), "av")?;
        Ok(authority.max(province).unwrap_or(0))
    }

    fn key_owner(&self, spki_sha256: &str) -> Result<Option<AuthorityId>, StateError> {
        get(self.rows(), &format!("k/{spki_sha256}"))
    }

    fn list(
        &self,
        authority: &AuthorityId,
        place: &ListPlace,
    ) -> Result<Option<ListRow>, StateError> {
        get(self.rows(), &format!("l/{authority}/{place}"))
    }

    /// The newest lists of an authority, one for each signer and scope.
    fn lists(&self, authority: &AuthorityId) -> Result<Vec<(ListPlace, ListRow)>, StateError> {
        scan(self.rows(), &format!("l/{authority}/"))
    }

    /// The newest list made at or before a moment, of those that were replaced.
    fn archived_list(
        &self,
        authority: &AuthorityId,
        place: &ListPlace,
        at: Timestamp,
    ) -> Result<Option<ArchivedListRow>, StateError> {
        let prefix = archive_prefix(authority, place);
        // Just before the row of that moment, should there be one.
        let before = format!("{prefix}{}", newest_first(at.plus_seconds(1)));
        let found = self.rows().scan(prefix.as_bytes(), Some(before.as_bytes()), 1)?;
        let row = found.first();
        row.map(|(key, bytes)| decode(&String::from_utf8_lossy(key), bytes)).transpose()
    }

    /// All lists of one signer and scope that were replaced, the newest first.
    fn archived_lists(
        &self,
        authority: &AuthorityId,
        place: &ListPlace,
    ) -> Result<Vec<ArchivedListRow>, StateError> {
        let rows: Vec<(String, _)> = scan(self.rows(), &archive_prefix(authority, place))?;
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    /// Those of them made after a moment, the newest first.
    fn archived_lists_since(
        &self,
        authority: &AuthorityId,
        place: &ListPlace,
        at: Timestamp,
    ) -> Result<Vec<ArchivedListRow>, StateError> {
        let mut found = Vec::new();
        each_row(self.rows(), &archive_prefix(authority, place), |_, row: ArchivedListRow| {
            if row.list.this_update <= at {
                return ControlFlow::Break(());
            }
            found.push(row);
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    fn relying_party(&self, id: &RelyingPartyId) -> Result<Option<RelyingPartyRow>, StateError> {
        get(self.rows(), &format!("r/{id}"))
    }

    fn relying_parties(&self) -> Result<Vec<(RelyingPartyId, RelyingPartyRow)>, StateError> {
        scan(self.rows(), "r/")
    }

    fn subject(&self, id: &SubjectId) -> Result<Option<SubjectRow>, StateError> {
        get(self.rows(), &["s/", id.as_str()].concat())
    }

    /// Legal entities whose registered name contains `name_key`. Reads every
    /// subject, a page at a time: for operators, never for a decision.
    fn subjects_named(&self, name_key: &str, limit: usize) -> Result<Vec<SubjectId>, StateError> {
        let mut found = Vec::new();
        each_row(self.rows(), "s/", |id, row: SubjectRow| {
            let named = row.person.is_none()
                && row.name_keys.iter().any(|registered| registered.contains(name_key));
            if named && let Ok(id) = id.parse() {
                found.push(id);
            }
            if found.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(found)
    }

    fn subject_by(&self, identifier: &str) -> Result<Option<SubjectId>, StateError> {
        get(self.rows(), &["u/", identifier].concat())
    }

    /// The subjects whose USCC contains this organization code.
    fn subjects_by_organization_code(&self, code: &str) -> Result<Vec<SubjectId>, StateError> {
        let rows: Vec<(SubjectId, ())> = scan(self.rows(), &format!("o/{code}/"))?;
        Ok(rows.into_iter().map(|(id, ())| id).collect())
    }

    fn binding(&self, certificate: &str) -> Result<Option<BindingRow>, StateError> {
        get(self.rows(), &["c/", certificate].concat())
    }

    /// The key that seals a bound certificate and nothing of any person's.
    fn own_key_of(&self, binding: &BindingRow) -> Result<Option<SubjectId>, StateError> {
        let Some(key) = &binding.sealed_for else { return Ok(None) };
        for person in std::iter::once(&binding.subject).chain(&binding.holder) {
            let row = self.subject(person)?;
            if row.is_some_and(|row| row.sealed_under.contains(key)) {
                return Ok(None);
            }
        }
        Ok(Some(key.clone()))
    }

    /// The certificates bound to a subject, by their hashes.
    fn bindings_of(&self, subject: &SubjectId) -> Result<Vec<String>, StateError> {
        let rows: Vec<(String, ())> = scan(self.rows(), &format!("b/{subject}/"))?;
        Ok(rows.into_iter().map(|(certificate, ())| certificate).collect())
    }

    /// The certificates bound to a subject or held by it, by their hashes.
    fn certificates_of(&self, subject: &SubjectId) -> Result<Vec<String>, StateError> {
        let held: Vec<(String, ())> = scan(self.rows(), &format!("h/{subject}/"))?;
        let held = held.into_iter().map(|(certificate, ())| certificate);
        Ok(self.bindings_of(subject)?.into_iter().chain(held).collect())
    }

    /// An encryption certificate registered beside a bound one.
    fn encryption(
        &self,
        signing: &str,
        certificate: &str,
    ) -> Result<Option<EncryptionRow>, StateError> {
        get(self.rows(), &format!("y/{signing}/{certificate}"))
    }

    /// The encryption certificates registered beside a bound one, by their hashes.
    fn encryptions(&self, signing: &str) -> Result<Vec<(String, EncryptionRow)>, StateError> {
        scan(self.rows(), &format!("y/{signing}/"))
    }

    /// Every encryption certificate, for operators, never for a decision.
    fn each_encryption(&self, mut take: impl FnMut(EncryptionRow)) -> Result<(), StateError>
    where
        Self: Sized,
    {
        each_row(self.rows(), "y/", |_, row| {
            take(row);
            ControlFlow::Continue(())
        })
    }

    /// The person keys given up, by erasures and by sign-ins that were not
    /// admitted; destroyed with every erasure, and on every opening in case the
    /// power went between the record and the key file.
    fn given_up_keys(&self) -> Result<Vec<SubjectId>, StateError> {
        let rows: Vec<(SubjectId, Vec<SubjectId>)> = scan(self.rows(), "e/")?;
        Ok(rows.into_iter().flat_map(|(_, keys)| keys).collect())
    }

    /// The keys under which registered persons' data is sealed.
    fn sealed_keys(&self) -> Result<Vec<SubjectId>, StateError> {
        let rows: Vec<(SubjectId, SubjectRow)> = scan(self.rows(), "s/")?;
        Ok(rows.into_iter().flat_map(|(_, row)| row.sealed_under).collect())
    }

    /// The first `limit` subjects after this one.
    fn subjects_after(
        &self,
        after: Option<&SubjectId>,
        limit: usize,
    ) -> Result<Vec<(SubjectId, SubjectRow)>, StateError> {
        let after = after.map(|id| ["s/", id.as_str()].concat());
        let rows = self.rows().scan(b"s/", after.as_deref().map(str::as_bytes), limit)?;
        typed(rows, "s/")
    }

    /// The addresses of all blobs that records name.
    fn named_blobs(&self) -> Result<Vec<String>, StateError> {
        let rows: Vec<(String, ())> = scan(self.rows(), "n/")?;
        Ok(rows.into_iter().map(|(blob, ())| blob).collect())
    }

    /// The same addresses a page at a time: the first `limit` after `after`.
    fn named_blobs_after(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<String>, StateError> {
        let after = after.map(|address| format!("n/{address}"));
        let rows = self.rows().scan(b"n/", after.as_deref().map(str::as_bytes), limit)?;
        Ok(rows.iter().map(|(key, _)| String::from_utf8_lossy(&key[2..]).into_owned()).collect())
    }

    /// Whether a record names the blob at this address.
    fn names_blob(&self, address: &str) -> Result<bool, StateError> {
        Ok(self.rows().get(format!("n/{address}").as_bytes())?.is_some())
    }

    /// The evidence keys of all times in their text form, oldest first, each with
    /// the record that names it.
    fn evidence_keys(&self) -> Result<Vec<(u64, String)>, StateError> {
        let rows: Vec<(String, String)> = scan(self.rows(), "ek/")?;
        let numbered = |(sequence, key): (String, String)| (sequence.parse().unwrap_or(0), key);
        Ok(rows.into_iter().map(numbered).collect())
    }

    /// When retention removed the blob, if it did.
    fn removed_by_retention(&self, blob: &str) -> Result<Option<Timestamp>, StateError> {
        get(self.rows(), &format!("g/{blob}"))
    }

    /// Every binding, for operators, never for a decision.
    fn each_binding(&self, mut take: impl FnMut(BindingRow)) -> Result<(), StateError>
    where
        Self: Sized,
    {
        each_row(self.rows(), "c/", |_, row| {
            take(row);
            ControlFlow::Continue(())
        })
    }

    /// Every subject, for operators, never for a decision.
    fn each_subject(&self, mut take: impl FnMut(SubjectId, SubjectRow)) -> Result<(), StateError>
    where
        Self: Sized,
    {
        each_row(self.rows(), "s/", |id, row| {
            if let Ok(id) = id.parse() {
                take(id, row);
            }
            ControlFlow::Continue(())
        })
    }

    /// A receipt that is, or was, provisional, by the record of its verification.
    fn receipt(&self, record: u64) -> Result<Option<ReceiptRow>, StateError> {
        get(self.rows(), &receipt_key(record))
    }

    /// The receipts that wait for a newer list of a place, in the order of their
    /// records: the first `limit` after `after`.
    fn receipts_awaiting(
        &self,
        authority: &AuthorityId,
        place: &ListPlace,
        after: u64,
        limit: usize,
    ) -> Result<Vec<u64>, StateError> {
        let prefix = format!("vl/{authority}/{place}/");
        let after = format!("{prefix}{after:020}");
        let rows = self.rows().scan(prefix.as_bytes(), Some(after.as_bytes()), limit)?;
        let record = |key: &[u8]| String::from_utf8_lossy(&key[prefix.len()..]).parse().ok();
        Ok(rows.iter().filter_map(|(key, _)| record(key)).collect())
    }

    /// How a platform's receipts were decided, by record and receipt: the first `limit`
    /// by records after `after`.
    fn decisions(
        &self,
        relying_party: &RelyingPartyId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(u64, u64, DecisionRow)>, StateError> {
        let prefix = format!("vn/{relying_party}/");
        let last = format!("{prefix}{after:020}/~");
        let rows = self.rows().scan(prefix.as_bytes(), Some(last.as_bytes()), limit)?;
        let mut found = Vec::with_capacity(rows.len());
        for (key, bytes) in &rows {
            let key = String::from_utf8_lossy(key);
            let numbers = key.strip_prefix(&prefix).and_then(|rest| rest.split_once('/'));
            let numbers = numbers.and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
            if let Some((record, receipt)) = numbers {
                found.push((record, receipt, decode(&key, bytes)?));
            }
        }
        Ok(found)
    }

    /// How one receipt was decided by a record.
    fn decision(
        &self,
        relying_party: &RelyingPartyId,
        record: u64,
        receipt: u64,
    ) -> Result<Option<DecisionRow>, StateError> {
        get(self.rows(), &decision_key(relying_party, record, receipt))
    }

    /// The last record whose decisions a platform's webhook was told; 0 before any.
    fn notices_delivered(&self, relying_party: &RelyingPartyId) -> Result<u64, StateError> {
        Ok(get(self.rows(), &format!("vd/{relying_party}"))?.unwrap_or(0))
    }

    /// The blobs of all lists that were replaced.
    fn archived_blobs(&self) -> Result<Vec<String>, StateError> {
        let rows: Vec<(String, ArchivedListRow)> = scan(self.rows(), ARCHIVE)?;
        Ok(rows.into_iter().map(|(_, row)| row.list.blob).collect())
    }

    /// When a receipt last relied upon a blob; `None` for one that is no evidence of any.
    fn relied_upon(&self, blob: &str) -> Result<Option<Timestamp>, StateError> {
        get(self.rows(), &format!("ve/{blob}"))
    }

    /// All evidence of receipts, with when it was last relied upon.
    fn evidence_of_receipts(&self) -> Result<Vec<(String, Timestamp)>, StateError> {
        scan(self.rows(), "ve/")
    }

    fn pending(&self, subject: &SubjectId) -> Result<Vec<(AuthorityId, PendingRow)>, StateError> {
        scan(self.rows(), &format!("q/{subject}/"))
    }
}

/// The rows as decisions read them.
pub(crate) struct View<'a>(pub(crate) &'a dyn ReadRows);

impl Lookups for View<'_> {
    fn rows(&self) -> &dyn ReadRows {
        self.0
    }
}

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
            for (encryption, _) in self.encryptions(&certificate)? {
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
        if self.names_blob(&row.blob)? {
            self.rows.delete(format!("n/{}", row.blob).as_bytes())?;
        }
        self.own_key_of(row)?.map_or(Ok(()), |key| self.give_up_key(&key))
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

fn get<T: DeserializeOwned>(rows: &dyn ReadRows, key: &str) -> Result<Option<T>, StateError> {
    let Some(bytes) = rows.get(key.as_bytes())? else { return Ok(None) };
    decode(key, &bytes).map(Some)
}

/// All rows under a prefix, keyed by what follows it.
fn scan<K: TryFrom<String>, T: DeserializeOwned>(
    rows: &dyn ReadRows,
    prefix: &str,
) -> Result<Vec<(K, T)>, StateError> {
    typed(rows.scan_prefix(prefix.as_bytes(), usize::MAX)?, prefix)
}

/// Rows under a prefix, keyed by what follows it.
fn typed<K: TryFrom<String>, T: DeserializeOwned>(
    rows: Vec<Row>,
    prefix: &str,
) -> Result<Vec<(K, T)>, StateError> {
    let mut found = Vec::new();
    for (key, bytes) in rows {
        let text = String::from_utf8_lossy(&key);
        let rest = text.strip_prefix(prefix).unwrap_or_default().to_owned();
        if let Ok(id) = K::try_from(rest) {
            found.push((id, decode(&text, &bytes)?));
        }
    }
    Ok(found)
}

/// All rows under a prefix, a page at a time, until `take` has enough.
fn each_row<T: DeserializeOwned>(
    rows: &dyn ReadRows,
    prefix: &str,
    mut take: impl FnMut(&str, T) -> ControlFlow<()>,
) -> Result<(), StateError> {
    const PAGE: usize = 1024;
    let mut after: Option<Vec<u8>> = None;
    loop {
        let page = rows.scan(prefix.as_bytes(), after.as_deref(), PAGE)?;
        for (key, bytes) in &page {
            let key = String::from_utf8_lossy(key);
            let rest = key.strip_prefix(prefix).unwrap_or_default();
            if take(rest, decode(&key, bytes)?).is_break() {
                return Ok(());
            }
        }
        match page.into_iter().next_back() {
            Some((key, _)) => after = Some(key),
            None => return Ok(()),
        }
    }
}

fn decode<T: DeserializeOwned>(key: &str, bytes: &[u8]) -> Result<T, StateError> {
    let wrong = |source| StateError::Row { key: key.to_owned(), source };
    serde_json::from_slice(bytes).map_err(wrong)
}

/// Where lists are that were replaced.
const ARCHIVE: &str = "la/";

fn archive_prefix(authority: &AuthorityId, place: &ListPlace) -> String {
    format!("{ARCHIVE}{authority}/{place}/")
}

/// A moment in the order in which keys are read: later ones first.
fn newest_first(moment: Timestamp) -> String {
    // Flipping the sign bit orders signed numbers as unsigned ones, flipping all
    // others turns the order round.
    let ordered = u64::from_be_bytes(moment.unix().to_be_bytes()) ^ (u64::MAX >> 1);
    format!("{ordered:016x}")
}

fn receipt_key(record: u64) -> String {
    format!("v/{record:020}")
}

fn awaiting_key(awaited: &AwaitedModel, record: u64) -> String {
    let AwaitedModel { authority, signer, scope, .. } = awaited;
    format!("vl/{authority}/{signer}/{scope}/{record:020}")
}

fn decision_key(relying_party: &RelyingPartyId, record: u64, receipt: u64) -> String {
    format!("vn/{relying_party}/{record:020}/{receipt:020}")
}

/// Ordered by expiry, so that the oldest come first. Times before 1970 do not
/// occur: a challenge is made from the clock.
fn challenge_key(expires_at: i64, nonce: &str) -> String {
    format!("x/{:016x}/{nonce}", expires_at.max(0))
}
