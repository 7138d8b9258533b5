//! Entries sorted by serial number, in columns.
//!
//! Serial numbers of one length stand in one bucket, without separators, so
//! that an entry costs its serial's octets and five more: four for the date,
//! one for the reason. What few entries have (an invalidity date, an issuer of
//! their own, a date beyond 2106) stands beside the columns. A [`directory`] of
//! each bucket, of one octet an entry at most, says where to look.
//!
//! 1. While a list is read, a [`Draft`] of each bucket notes in the list's order
//!    where in the encoding each serial number stands; nothing of it is copied.
//! 2. The directory is made of them, and every entry goes straight into its range
//!    of the columns.
//! 3. The few entries of each range are put in order.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::certificate::SerialNumber;
use crate::name::Name;
use crate::time::Timestamp;

use super::directory::{Directory, place, place_number};
use super::entries::RevocationReason;

/// In the reason's octet: no reason given.
const NO_REASON: u8 = 0x0F;
/// In the reason's octet: there is an [`Extra`] for this entry, and what stands in
/// its date's column is which one.
const HAS_EXTRA: u8 = 0x80;

/// The entries of one list.
pub(super) struct Table {
    buckets: BTreeMap<usize, Bucket>,
    issuers: Vec<Box<[Name]>>,
}

/// The entries whose serial numbers have one length.
struct Bucket {
    serials: Vec<u8>,
    dates: Vec<u32>,
    reasons: Vec<u8>,
    extras: Vec<Extra>,
    directory: Directory,
}

#[derive(Clone, Copy)]
struct Extra {
    /// Which issuer of the table, from 1; 0: the list's own.
    issuer: u32,
    date: Timestamp,
    invalidity_date: Option<Timestamp>,
}

/// One entry of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrlEntry<'l> {
    serial: &'l [u8],
    date: Timestamp,
    reason: Option<RevocationReason>,
    invalidity_date: Option<Timestamp>,
    issuer: Option<&'l [Name]>,
}

/// An entry on its way into the table.
pub(super) struct Row {
    /// Where in the encoding the serial number stands.
    pub(super) serial: Range<usize>,
    pub(super) date: Timestamp,
    pub(super) reason: Option<RevocationReason>,
    pub(super) invalidity_date: Option<Timestamp>,
    pub(super) issuer: Option<u32>,
}

/// Collects entries in the order of the list.
#[derive(Default)]
pub(super) struct TableBuilder {
    drafts: BTreeMap<usize, Draft>,
    issuers: Vec<Box<[Name]>>,
}

/// A bucket to be, in the order of the list.
#[derive(Default)]
struct Draft {
    /// Where each serial number starts: lists stay below
    /// [`super::MAX_CRL_OCTETS`].
    starts: Vec<u32>,
    dates: Vec<u32>,
    reasons: Vec<u8>,
    extras: Vec<Extra>,
}

impl TableBuilder {
    pub(super) fn push(&mut self, row: &Row) {
        self.drafts.entry(row.serial.len()).or_default().push(row);
    }

    /// The names that the next rows' `issuer` may refer to.
    pub(super) fn push_issuer(&mut self, names: Box<[Name]>) {
        self.issuers.push(names);
    }

    /// `der` is what the rows' serial numbers stand in.
    pub(super) fn finish(self, der: &[u8]) -> Table {
        let bucket = |(length, draft): (usize, Draft)| (length, draft.sorted(der, length));
        let buckets = self.drafts.into_iter().map(bucket).collect();
        Table { buckets, issuers: self.issuers }
    }
}

impl Draft {
    fn push(&mut self, row: &Row) {
        let mut reason = row.reason.map_or(NO_REASON, RevocationReason::code);
        let date = match u32::try_from(row.date.unix()) {
            Ok(date) if row.invalidity_date.is_none() && row.issuer.is_none() => date,
            _ => {
                reason |= HAS_EXTRA;
                self.extras.push(Extra {
                    issuer: row.issuer.map_or(0, |issuer| issuer + 1),
                    date: row.date,
                    invalidity_date: row.invalidity_date,
                });
                place_number(self.extras.len() - 1)
            }
        };
        self.starts.push(place_number(row.serial.start));
        self.dates.push(date);
        self.reasons.push(reason);
    }

    /// Steps 2 and 3.
    fn sorted(self, der: &[u8], length: usize) -> Bucket {
        let count = self.starts.len();
        let serials = self.starts.iter().map(|&start| &der[place(start)..place(start) + length]);
        let directory = Directory::of(serials.clone());
        let mut bucket = Bucket {
            serials: vec![0; count * length],
            dates: vec![0; count],
            reasons: vec![0; count],
            extras: self.extras,
            directory,
        };
        let mut places = bucket.directory.filling();
        for ((serial, date), reason) in serials.zip(self.dates).zip(self.reasons) {
            let place = places.next(serial);
            bucket.serials[place * length..(place + 1) * length].copy_from_slice(serial);
            bucket.dates[place] = date;
            bucket.reasons[place] = reason;
        }
        bucket.sort_ranges(length);
        bucket
    }
}

impl Table {
    pub(super) fn len(&self) -> usize {
        self.buckets.values().map(|bucket| bucket.dates.len()).sum()
    }

    /// How much memory the entries take, in octets; names of issuers aside.
    pub(super) fn octets(&self) -> usize {
        self.buckets.values().map(Bucket::octets).sum()
    }

    /// The entries with this serial number, whoever issued the certificates.
    pub(super) fn find(&self, serial: &[u8]) -> impl Iterator<Item = CrlEntry<'_>> {
        let bucket = self.buckets.get(&serial.len());
        bucket.into_iter().flat_map(move |bucket| {
            bucket
                .places_of(serial)
                .map(move |place| bucket.entry(place, serial.len(), &self.issuers))
        })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = CrlEntry<'_>> {
        self.buckets.iter().flat_map(move |(&length, bucket)| {
            (0..bucket.dates.len()).map(move |place| bucket.entry(place, length, &self.issuers))
        })
    }
}

impl Bucket {
    fn octets(&self) -> usize {
        self.serials.capacity()
            + self.dates.capacity() * size_of::<u32>()
            + self.reasons.capacity()
            + self.extras.capacity() * size_of::<Extra>()
            + self.directory.octets()
    }

    /// Puts the entries of each range in order; equal ones stay as listed.
    fn sort_ranges(&mut self, length: usize) {
        let directory = std::mem::take(&mut self.directory);
        let mut scratch = Scratch::default();
        for range in directory.ranges() {
            let serials = &self.serials[range.start * length..range.end * length];
            if !serials.chunks_exact(length).is_sorted() {
                self.sort_range(range, length, &directory, &mut scratch);
            }
        }
        self.directory = directory;
    }

    fn sort_range(
        &mut self,
        range: Range<usize>,
        length: usize,
        directory: &Directory,
        scratch: &mut Scratch,
    ) {
        let serials = &mut self.serials[range.start * length..range.end * length];
        let (dates, reasons) = (&mut self.dates[range.clone()], &mut self.reasons[range]);
        scratch.serials.clear();
        scratch.serials.extend_from_slice(serials);
        let serial = |old: u32| &scratch.serials[place(old) * length..][..length];
        let numbered = scratch.serials.chunks_exact(length).zip(dates.iter()).zip(reasons.iter());
        let key = |(old, ((serial, &date), &reason))| {
            (directory.number(serial), place_number(old), date, reason)
        };
        scratch.order.clear();
        scratch.order.extend(numbered.enumerate().map(key));
        // The numbers decide nearly always.
        scratch.order.sort_unstable_by(|one, other| {
            let rest = || serial(one.1).cmp(serial(other.1)).then(one.1.cmp(&other.1));
            one.0.cmp(&other.0).then_with(rest)
        });
        for (new, &(_, old, date, reason)) in scratch.order.iter().enumerate() {
            serials[new * length..(new + 1) * length].copy_from_slice(serial(old));
            dates[new] = date;
            reasons[new] = reason;
        }
    }

    fn serial(&self, place: usize, length: usize) -> &[u8] {
        &self.serials[place * length..(place + 1) * length]
    }

    fn places_of(&self, serial: &[u8]) -> Range<usize> {
        let length = serial.len();
        let at = |place: usize| self.serial(place, length);
        let first = self.serials.get(..length).unwrap_or_default();
        let range = self.directory.places(serial, first);
        let within = partition(range.len(), |offset| at(range.start + offset) < serial);
        let start = range.start + within;
        let mut end = start;
        while end < range.end && at(end) == serial {
            end += 1;
        }
        start..end
    }

    fn extra(&self, place: usize) -> Option<&Extra> {
        let has_extra = self.reasons[place] & HAS_EXTRA != 0;
        has_extra.then(|| self.extras.get(self::place(self.dates[place]))).flatten()
    }

    fn entry<'l>(
        &'l self,
        place: usize,
        length: usize,
        issuers: &'l [Box<[Name]>],
    ) -> CrlEntry<'l> {
        let extra = self.extra(place);
        let short_date = Timestamp::from_unix(i64::from(self.dates[place]));
        let issuer = extra.and_then(|extra| usize::try_from(extra.issuer).ok()?.checked_sub(1));
        CrlEntry {
            serial: self.serial(place, length),
            date: extra.map_or(short_date, |extra| extra.date),
            reason: RevocationReason::from_code(self.reasons[place] & !HAS_EXTRA),
            invalidity_date: extra.and_then(|extra| extra.invalidity_date),
            issuer: issuer.and_then(|index| issuers.get(index)).map(|names| &**names),
        }
    }
}

/// What putting one range in order takes, kept for the next one.
#[derive(Default)]
struct Scratch {
    serials: Vec<u8>,
    /// Of each entry its serial's number, its old place, its date and its reason.
    order: Vec<(u64, u32, u32, u8)>,
}

impl CrlEntry<'_> {
    /// The certificate's serial number. Its issuer belongs to it.
    #[must_use]
    pub fn serial(&self) -> Option<SerialNumber> {
        SerialNumber::from_bytes(self.serial)
    }

    /// When the authority revoked it (RFC 5280 5.1.2.6).
    #[must_use]
    pub fn revocation_date(&self) -> Timestamp {
        self.date
    }

    /// Why, where it is told (RFC 5280 5.3.1).
    #[must_use]
    pub fn reason(&self) -> Option<RevocationReason> {
        self.reason
    }

    /// Since when the key is thought to have been unsafe (RFC 5280 5.3.2).
    #[must_use]
    pub fn invalidity_date(&self) -> Option<Timestamp> {
        self.invalidity_date
    }

    /// In an indirect list, who issued the certificate; `None`: the issuer of
    /// the list (RFC 5280 5.3.3).
    #[must_use]
    pub fn certificate_issuer(&self) -> Option<&[Name]> {
        self.issuer
    }
}

/// The first of `count` places for which `before` no longer holds.
fn partition(count: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
