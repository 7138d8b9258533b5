//! Entries sorted by serial number, in columns.
//!
//! Serial numbers of one length stand in one bucket, without separators, so
//! that an entry costs its serial's octets and five more: four for the date,
//! one for the reason. What few entries have (an invalidity date, an issuer of
//! their own, a date beyond 2106) stands beside the columns. A [`directory`] of
//! each bucket, of one octet an entry at most, says where to look.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::certificate::SerialNumber;
use crate::name::Name;
use crate::time::Timestamp;

use super::directory::{Directory, place, place_number};
use super::entries::RevocationReason;

/// In the reason's octet: no reason given.
const NO_REASON: u8 = 0x0F;
/// In the reason's octet: there is an [`Extra`] for this entry.
const HAS_EXTRA: u8 = 0x80;

/// The entries of one list.
pub(super) struct Table {
    buckets: BTreeMap<usize, Bucket>,
    issuers: Vec<Box<[Name]>>,
}

/// The entries whose serial numbers have one length.
#[derive(Default)]
struct Bucket {
    serials: Vec<u8>,
    dates: Vec<u32>,
    reasons: Vec<u8>,
    /// Sorted by place.
    extras: Vec<Extra>,
    directory: Directory,
}

#[derive(Clone, Copy)]
struct Extra {
    /// Which entry of the bucket.
    place: u32,
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
pub(super) struct Row<'a> {
    pub(super) serial: &'a [u8],
    pub(super) date: Timestamp,
    pub(super) reason: Option<RevocationReason>,
    pub(super) invalidity_date: Option<Timestamp>,
    pub(super) issuer: Option<u32>,
}

/// Collects entries in the order of the list.
#[derive(Default)]
pub(super) struct TableBuilder {
    buckets: BTreeMap<usize, Bucket>,
    issuers: Vec<Box<[Name]>>,
}

impl TableBuilder {
    pub(super) fn push(&mut self, row: &Row<'_>) {
        self.buckets.entry(row.serial.len()).or_default().push(row);
    }

    /// The names that the next rows' `issuer` may refer to.
    pub(super) fn push_issuer(&mut self, names: Box<[Name]>) {
        self.issuers.push(names);
    }

    pub(super) fn finish(mut self) -> Table {
        for (&length, bucket) in &mut self.buckets {
            bucket.sort(length);
        }
        Table { buckets: self.buckets, issuers: self.issuers }
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

    fn push(&mut self, row: &Row<'_>) {
        let short_date = u32::try_from(row.date.unix()).ok();
        let mut reason = row.reason.map_or(NO_REASON, RevocationReason::code);
        if short_date.is_none() || row.invalidity_date.is_some() || row.issuer.is_some() {
            reason |= HAS_EXTRA;
            self.extras.push(Extra {
                place: place_number(self.dates.len()),
                issuer: row.issuer.map_or(0, |issuer| issuer + 1),
                date: row.date,
                invalidity_date: row.invalidity_date,
            });
        }
        self.serials.extend_from_slice(row.serial);
        self.dates.push(short_date.unwrap_or_default());
        self.reasons.push(reason);
    }

    /// Puts all columns into the order of the serial numbers.
    fn sort(&mut self, length: usize) {
        let directory = Directory::of(&self.serials, length);
        let order = self.order(&directory, length);
        let mut sorted = Self {
            serials: Vec::with_capacity(self.serials.len()),
            dates: Vec::with_capacity(self.dates.len()),
            reasons: Vec::with_capacity(self.reasons.len()),
            extras: Vec::with_capacity(self.extras.len()),
            directory,
        };
        for old in order {
            sorted.push_from(self, place(old), length);
        }
        *self = sorted;
    }

    /// The places of all entries by serial number, of equal ones as listed.
    fn order(&self, directory: &Directory, length: usize) -> Vec<u32> {
        let mut order = directory.order(&self.serials, length);
        let serial = |old| self.serial(place(old), length);
        // The numbers decide nearly always, without looking elsewhere in memory.
        let mut numbered: Vec<(u64, u32)> = Vec::new();
        for range in directory.ranges() {
            numbered.clear();
            let places = &mut order[range];
            numbered.extend(places.iter().map(|&old| (directory.number(serial(old)), old)));
            numbered.sort_unstable_by(|one, other| {
                let all = |&(number, old): &(u64, u32)| (number, serial(old), old);
                one.0.cmp(&other.0).then_with(|| all(one).cmp(&all(other)))
            });
            for (place, (_, old)) in places.iter_mut().zip(&numbered) {
                *place = *old;
            }
        }
        order
    }

    /// Takes over an entry of another bucket.
    fn push_from(&mut self, other: &Self, place: usize, length: usize) {
        if let Some(extra) = other.extra(place) {
            self.extras.push(Extra { place: place_number(self.dates.len()), ..*extra });
        }
        self.serials.extend_from_slice(other.serial(place, length));
        self.dates.push(other.dates[place]);
        self.reasons.push(other.reasons[place]);
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
        if self.reasons[place] & HAS_EXTRA == 0 {
            return None;
        }
        let found = self.extras.binary_search_by_key(&place_number(place), |extra| extra.place);
        found.ok().map(|index| &self.extras[index])
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
