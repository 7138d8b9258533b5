//! Where among sorted serial numbers one can stand, and the way to sort them.
//!
//! A binary search through a million entries waits for memory twenty times.
//! Serial numbers are random or counted, so that their leading octets, as
//! numbers, divide them well: each of a power of two of equal ranges holds a few.
//! Where an authority's numbers are distributed otherwise, ranges hold more and
//! the search inside one takes a few steps more, never more than without. The
//! same ranges sort the numbers: into their ranges first, then inside each.

use std::ops::Range;

/// How many entries a range holds on average, at least. Origin: measured; a
/// range of eight serials of 16 octets is two lines of memory, and the directory
/// costs half an octet to one an entry.
const USUAL_RANGE: u64 = 4;

/// The ranges of one bucket.
#[derive(Default)]
pub(super) struct Directory {
    /// What all serial numbers begin with, in octets.
    common: usize,
    /// The least and the largest of the numbers that follow.
    first: u64,
    last: u64,
    /// How many of a number's low bits tell nothing about its range.
    shift: u32,
    /// The place of the first entry of each range, and the count of entries.
    starts: Vec<u32>,
}

impl Directory {
    /// For serial numbers of one length, in any order.
    pub(super) fn of<'s>(all: impl ExactSizeIterator<Item = &'s [u8]> + Clone) -> Self {
        let Some((least, greatest)) = ends(all.clone()) else {
            return Self::default();
        };
        let common = least.iter().zip(greatest).take_while(|(one, other)| one == other).count();
        let mut directory = Self {
            common,
            first: number(&least[common..]),
            last: number(&greatest[common..]),
            shift: 0,
            starts: Vec::new(),
        };
        // Two at least, so that 63 bits are always enough to leave out.
        let count = u64::try_from(all.len()).unwrap_or(u64::MAX);
        let ranges = (count / USUAL_RANGE).max(2);
        while (directory.last - directory.first) >> directory.shift >= ranges {
            directory.shift += 1;
        }
        directory.count(all);
        directory
    }

    /// How many entries each range has makes where the next one starts.
    fn count<'s>(&mut self, serials: impl Iterator<Item = &'s [u8]>) {
        let ranges = self.range_of(self.last) + 1;
        let mut starts = vec![0; ranges + 1];
        for serial in serials {
            starts[self.range_of_serial(serial) + 1] += 1;
        }
        for range in 0..ranges {
            starts[range + 1] += starts[range];
        }
        self.starts = starts;
    }

    /// Gives every serial number a place, by range: what stands in one range is still
    /// in the order in which it came.
    pub(super) fn filling(&self) -> Filling {
        let Self { common, first, last, shift, ref starts } = *self;
        Filling(Self { common, first, last, shift, starts: starts.clone() })
    }

    /// Where each range starts and ends.
    pub(super) fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        self.starts.windows(2).map(|pair| place(pair[0])..place(pair[1]))
    }

    /// The places where a serial number can stand; `first` is the first of them
    /// all.
    pub(super) fn places(&self, serial: &[u8], first: &[u8]) -> Range<usize> {
        if serial.get(..self.common) != first.get(..self.common) {
            return 0..0;
        }
        let number = self.number(serial);
        if !(self.first..=self.last).contains(&number) {
            return 0..0;
        }
        let range = self.range_of(number);
        match self.starts.get(range..range + 2) {
            Some(&[start, end]) => place(start)..place(end),
            _ => 0..0,
        }
    }

    /// How much memory it takes, in octets.
    pub(super) fn octets(&self) -> usize {
        self.starts.len() * size_of::<u32>()
    }

    /// The octets behind what all begin with, as a number.
    pub(super) fn number(&self, serial: &[u8]) -> u64 {
        number(&serial[self.common..])
    }

    fn range_of_serial(&self, serial: &[u8]) -> usize {
        self.range_of(self.number(serial))
    }

    fn range_of(&self, number: u64) -> usize {
        // Below the number of ranges, which is below that of entries.
        usize::try_from((number - self.first) >> self.shift).unwrap_or(usize::MAX)
    }
}

/// Hands out the places of a directory's ranges, one after another.
pub(super) struct Filling(Directory);

impl Filling {
    /// The place of the next serial number: one of those that the directory is of.
    pub(super) fn next(&mut self, serial: &[u8]) -> usize {
        let range = self.0.range_of_serial(serial);
        let start = &mut self.0.starts[range];
        let next = place(*start);
        *start += 1;
        next
    }
}

/// The least and the greatest.
fn ends<'s>(mut all: impl Iterator<Item = &'s [u8]>) -> Option<(&'s [u8], &'s [u8])> {
    let first = all.next().map(|serial| (number(serial), serial))?;
    // The numbers decide nearly always.
    let is_before = |one: (u64, &[u8]), other: (u64, &[u8])| {
        one.0 < other.0 || (one.0 == other.0 && one.1 < other.1)
    };
    let (mut least, mut greatest) = (first, first);
    for next in all.map(|serial| (number(serial), serial)) {
        if is_before(next, least) {
            least = next;
        } else if is_before(greatest, next) {
            greatest = next;
        }
    }
    Some((least.1, greatest.1))
}

/// The first eight octets as a number; within one length the padding of
/// shorter ones changes no order.
fn number(octets: &[u8]) -> u64 {
    if let Some(whole) = octets.first_chunk::<8>() {
        return u64::from_be_bytes(*whole);
    }
    let mut padded = [0; 8];
    padded[..octets.len()].copy_from_slice(octets);
    u64::from_be_bytes(padded)
}

/// Places fit, as lists stay below [`super::MAX_CRL_ENTRIES`].
pub(super) fn place_number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

pub(super) fn place(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every serial number lies in its range, whatever the numbers are like.
    fn is_right(mut serials: Vec<[u8; 12]>) -> Directory {
        serials.sort_unstable();
        let directory = Directory::of(serials.iter().map(<[u8; 12]>::as_slice));
        for serial in &serials {
            let range = directory.places(serial, &serials[0]);
            assert!(serials[range].contains(serial), "{serial:02X?}");
        }
        directory
    }

    fn of(numbers: impl Iterator<Item = u64>, at: usize) -> Vec<[u8; 12]> {
        let serial = |number: u64| {
            let mut octets = [0x2A; 12];
            octets[at..at + 8].copy_from_slice(&number.to_be_bytes());
            octets
        };
        numbers.map(serial).collect()
    }

    #[test]
    fn random_counted_and_clustered_numbers_are_found() {
        let random = |index: u64| index.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let directory = is_right(of((1..5_000).map(random), 0));
        assert!((5_000 / 8..=5_000 / 2).contains(&directory.starts.len()));
        is_right(of(1..5_000, 4));
        is_right(of((1..5_000).map(|index| index * 1_000), 0));
        is_right(of((1..5_000).map(|index| 1 << (index % 64)), 0));
        is_right(of([0, u64::MAX, 7].into_iter(), 0));
        is_right(of([5].into_iter(), 0));
        is_right(of([5, 5, 5].into_iter(), 4));
    }

    #[test]
    fn what_lies_outside_has_no_place() {
        let serials = of((10..1_000).map(|index| index * 3), 4);
        let directory = Directory::of(serials.iter().map(<[u8; 12]>::as_slice));
        for outside in of([0, 9, 10_000_000, u64::MAX].into_iter(), 4) {
            assert!(directory.places(&outside, &serials[0]).is_empty());
        }
        let mut other = serials[0];
        other[0] ^= 1;
        assert!(directory.places(&other, &serials[0]).is_empty());
        assert!(Directory::default().places(&other, &[]).is_empty());
    }
}
