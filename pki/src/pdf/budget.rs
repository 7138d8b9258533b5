//! What one file may make us do. Work is counted, not timed: the same file comes
//! out the same on every machine.

use std::cell::Cell;

use super::fault::{PdfFault, PdfProblem};

/// How deep arrays and dictionaries may nest. Origin: ours; PDF libraries stop
/// between 50 and 500, and files that programs write stay under 20.
pub(super) const MAX_DEPTH: usize = 64;

/// The most values in one object, the keys of dictionaries counted. Origin: ours: sixty
/// thousand references to pages or glyph widths occur; beyond, the tree alone would take
/// 16 MiB.
pub(super) const MAX_VALUES: u64 = 200_000;

/// The most octets of names and strings in one object: they are copied. Origin: ours: the
/// longest string is a signature, with lists in it some megabytes at most.
pub(super) const MAX_TEXT: u64 = 8 << 20;

/// The most octets that are kept of all signatures together: their dictionaries and what they
/// lock. Origin: ours, as much as a message outside of a PDF may have.
const MAX_RETAINED: u64 = 16 << 20;

/// The most octets in the names of all fields of a revision: each has the names above it in
/// its own. Origin: ours: the most fields, each with a name of eighty octets.
pub(super) const MAX_NAMES: u64 = 4 << 20;

/// The most entries in all cross-reference sections together. Origin: ours: a
/// scan of ten thousand pages has some fifty thousand objects. They take 16
/// octets each, 8 MiB in all.
pub(super) const MAX_ENTRIES: u64 = 500_000;

/// The most cross-reference sections. Origin: ours: fifty signers, each with a
/// timestamp, validation data and an archive timestamp, make two hundred.
pub(super) const MAX_SECTIONS: u64 = 512;

/// The most signatures looked at in one file. Origin: ours, as for sections.
pub(super) const MAX_SIGNATURES: u64 = 256;

/// The most form fields, widgets counted. Origin: ours.
pub(super) const MAX_FIELDS: u64 = 50_000;

/// The most octets that one stream of structure may decode to. Origin: ours: an
/// object stream usually holds 100 to 200 objects, a few hundred kilobytes at
/// most.
pub(super) const MAX_DECODED: usize = 8 << 20;

/// The most octets of certificates, lists and responses that are read from a security store.
/// Origin: ours, as much as a message outside of a PDF may have.
pub(super) const MAX_STORED: usize = 16 << 20;

/// How many decoded octets are kept for objects that are read soon after.
pub(super) const MAX_KEPT: usize = 16 << 20;

/// In how many streams, as they are looked for one by one. Origin: ours.
pub(super) const MAX_KEPT_STREAMS: usize = 64;

/// The work that any file may ask for, however small it is, in octets hashed or decompressed:
/// some tenths of a second.
const BASE_WORK: u64 = 64 << 20;

/// Octets of work for each octet of the file: it is read once in order, and once
/// for each signature that has updates behind it.
const WORK_FOR_EACH: u64 = 48;

/// What an octet costs that is parsed, in octets that are hashed. Origin: measured.
const PARSED: usize = 4;

/// What looking an object up costs beside that, in the same. Origin: measured.
const LOOKED_UP: usize = 128;

/// What beginning to decompress costs, in the same. Origin: measured.
const BEGUN: usize = 16 << 10;

/// How much work is left.
pub(super) struct Work {
    left: Cell<u64>,
    limit: u64,
    entries: Cell<u64>,
    retained: Cell<u64>,
}

impl Work {
    pub(super) fn for_file(octets: usize) -> Self {
        let limit = (octets as u64).saturating_mul(WORK_FOR_EACH).saturating_add(BASE_WORK);
        let (entries, retained) = (Cell::new(0), Cell::new(0));
        Self { left: Cell::new(limit), limit, entries, retained }
    }

    /// Pays for octets that were parsed, whatever came of it.
    pub(super) fn parsed(&self, octets: usize, at: usize) -> Result<(), PdfFault> {
        self.pay(octets.saturating_mul(PARSED), at)
    }

    /// Pays for an object that is looked up, be it there or not.
    pub(super) fn looked_up(&self, at: usize) -> Result<(), PdfFault> {
        self.pay(LOOKED_UP, at)
    }

    /// Pays for octets that were decoded.
    pub(super) fn decoded(&self, octets: usize, at: usize) -> Result<(), PdfFault> {
        self.pay(octets.saturating_add(BEGUN), at)
    }

    /// Counts octets that are kept of a signature.
    pub(super) fn retain(&self, octets: usize, at: usize) -> Result<(), PdfFault> {
        self.retained.set(self.retained.get().saturating_add(octets as u64));
        within(self.retained.get(), MAX_RETAINED, "octets kept of signatures", at)
    }

    /// Pays for octets read once.
    pub(super) fn pay(&self, octets: usize, at: usize) -> Result<(), PdfFault> {
        match self.left.get().checked_sub(octets as u64) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(limit(at, "octets of work", self.limit)),
        }
    }

    /// Counts one more entry of a cross-reference section.
    pub(super) fn entry(&self, at: usize) -> Result<(), PdfFault> {
        self.entries.set(self.entries.get() + 1);
        within(self.entries.get(), MAX_ENTRIES, "cross-reference entries", at)
    }
}

/// A limit that was reached.
pub(super) fn limit(at: usize, what: &'static str, limit: u64) -> PdfFault {
    PdfFault::new(at, PdfProblem::Limit { what, limit })
}

/// Whether a count is within its limit.
pub(super) fn within(count: u64, most: u64, what: &'static str, at: usize) -> Result<(), PdfFault> {
    if count > most { Err(limit(at, what, most)) } else { Ok(()) }
}
