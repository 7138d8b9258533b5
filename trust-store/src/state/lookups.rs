//! What can be read from the rows, by name: for decisions, and for `apply`.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use tongxing_pki::Timestamp;

use super::keys::{ARCHIVE, CLOCK_KEY, archive_prefix, decision_key, newest_first, receipt_key};
use super::lookup_keys::LookupKeysRow;
use super::reading::{decode, each_row, get, scan, typed};
use super::receipts::{DecisionRow, ReceiptRow};
use super::rows::{
    ArchivedListRow, AuthorityRow, BindingRow, EncryptionRow, ListPlace, ListRow, PendingRow,
    ProvinceRow, RelyingPartyRow, SubjectRow,
};
use super::{ClockRow, StateError};
use crate::change::PolicyText;
use crate::ids::{AuthorityId, RelyingPartyId, SubjectId};
use crate::index::ReadRows;

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

    /// Bindings of certificates whose hashes begin so, `limit` at most.
    fn bindings_beginning(
        &self,
        certificate: &str,
        limit: usize,
    ) -> Result<Vec<BindingRow>, StateError> {
        let prefix = ["c/", certificate].concat();
        let rows = self.rows().scan_prefix(prefix.as_bytes(), limit)?;
        let rows: Vec<(String, _)> = typed(rows, &prefix)?;
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    /// A page of all bindings, those after a certificate's hash.
    fn bindings_after(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, BindingRow)>, StateError> {
        let after = after.map(|after| ["c/", after].concat());
        let rows = self.rows().scan(b"c/", after.as_deref().map(str::as_bytes), limit)?;
        typed(rows, "c/")
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

    /// The keys under which something is sealed that is kept: registered persons' data,
    /// and bound certificates.
    fn sealed_keys(&self) -> Result<BTreeSet<SubjectId>, StateError>
    where
        Self: Sized,
    {
        let mut keys = BTreeSet::new();
        self.each_subject(|_, row| keys.extend(row.sealed_under))?;
        let mut certificates = Vec::new();
        self.each_binding(|row| certificates.extend(row.sealed_for.map(|key| (key, row.blob))))?;
        for (key, blob) in certificates {
            // What retention removed is sealed no more.
            if self.names_blob(&blob)? {
                keys.insert(key);
            }
        }
        Ok(keys)
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
