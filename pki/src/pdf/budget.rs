//! What one file may make us do. Work is counted, not timed: the same file comes
//! out the same on every machine.

use std::cell::Cell;

use super::fault::{PdfFault, PdfProblem};

/// How deep arrays and dictionaries may nest. Origin: ours; PDF libraries stop
/// between 50 and 500, and files that programs write stay under 20.
pub(super) const MAX_DEPTH: usize = 64;

/// The most values in one object. Origin: ours: sixty thousand references to
/// pages or glyph widths occur; beyond, the tree alone would take 16 MiB.
pub(super) const MAX_VALUES: u64 = 200_000;

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

/// How many decoded octets are kept for objects that are read soon after.
pub(super) const MAX_KEPT: usize = 16 << 20;

/// The work that any file may ask for in octets, however small it is: some tenths
/// of a second of decompression.
const BASE_WORK: u64 = 64 << 20;

/// Octets of work for each octet of the file: it is read once in order, and once
/// for each signature that has updates behind it.
const WORK_FOR_EACH: u64 = 48;

/// How much work is left.
pub(super) struct Work {
    left: Cell<u64>,
    limit: u64,
    entries: Cell<u64>,
}

impl Work {
    pub(super) fn for_file(octets: usize) -> Self {
        let limit = (octets as u64).saturating_mul(WORK_FOR_EACH).saturating_add(BASE_WORK);
        Self { left: Cell::new(limit), limit, entries: Cell::new(0) }
    }

    /// Pays for octets read or decoded.
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
