//! How much of the archive is looked at for one question: one certificate, or all those of
//! one document.

use std::collections::HashMap;

use tongxing_pki::{MAX_CRL_ENTRIES, VerifiedCrl};

/// The most entries of lists that are gone through for holds, where that is not remembered:
/// about a second. Origin: ours; a list a day of 10,000 entries, for a year.
const SCANNED_ENTRIES: u64 = 4_000_000;

/// The most entries of lists that are verified and kept, beside those that the first
/// certificate cannot be judged without: about 160 MiB. Origin: the largest list that is
/// taken, so that there is always room for one.
const BROUGHT_ENTRIES: u64 = MAX_CRL_ENTRIES as u64;

/// As many entries as a list costs that has none: reading it, and its signature.
const LIST_COST: u64 = 500;

/// Whether all that an archive has was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ArchiveReading {
    /// It was.
    #[default]
    Whole,
    /// There was more than one question may have looked at: a revocation may have been
    /// missed.
    Part,
}

/// What is left to be looked at for one question, and what was brought for it.
#[derive(Debug)]
pub struct ArchiveBudget {
    scan: u64,
    bring: u64,
    stage: Stage,
    /// By the lists' blobs.
    brought: HashMap<String, VerifiedCrl>,
}

/// What a question has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing was looked at.
    Fresh,
    /// A certificate was asked about, and no list gone through.
    Begun,
    /// A list was gone through.
    Scanned,
}

impl Default for ArchiveBudget {
    fn default() -> Self {
        Self::of(SCANNED_ENTRIES, BROUGHT_ENTRIES)
    }
}

impl ArchiveBudget {
    /// So many entries of lists to go through, and so many to bring. The first list is gone
    /// through whatever it has: what is learned of it is remembered, so that asking again
    /// comes to an end.
    pub fn of(scanned: u64, brought: u64) -> Self {
        Self { scan: scanned, bring: brought, stage: Stage::Fresh, brought: HashMap::new() }
    }

    /// Whether this is the first certificate asked about: what it cannot be judged without
    /// is brought, whatever it has. That is a few lists for each certificate of its path.
    pub(crate) fn is_first(&mut self) -> bool {
        let first = self.stage == Stage::Fresh;
        if first {
            self.stage = Stage::Begun;
        }
        first
    }

    /// Whether a list with so many entries may be gone through.
    pub(crate) fn scans(&mut self, entries: u64) -> bool {
        let cost = entries.saturating_add(LIST_COST);
        let fits = cost <= self.scan || self.stage != Stage::Scanned;
        if fits {
            self.stage = Stage::Scanned;
            self.scan = self.scan.saturating_sub(cost);
        }
        fits
    }

    /// Whether a list may be brought; one that was needs no room again.
    pub(crate) fn brings(&mut self, blob: &str, entries: u64) -> bool {
        if self.brought.contains_key(blob) {
            return true;
        }
        let fits = entries <= self.bring;
        if fits {
            self.bring = self.bring.saturating_sub(entries.saturating_add(LIST_COST));
        }
        fits
    }

    /// A list that was brought.
    pub(crate) fn brought(&self, blob: &str) -> Option<VerifiedCrl> {
        self.brought.get(blob).cloned()
    }

    /// Keeps a list that was brought, as long as the question is open.
    pub(crate) fn keep(&mut self, blob: &str, list: &VerifiedCrl) {
        self.brought.insert(blob.to_owned(), list.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_list_is_gone_through_and_others_while_there_is_room() {
        let mut budget = ArchiveBudget::of(2 * LIST_COST + 10, 0);
        assert!(budget.is_first() && !budget.is_first());
        assert!(budget.scans(10) && budget.scans(0));
        assert!(!budget.scans(0), "lists without entries cost something too");
        let mut budget = ArchiveBudget::of(10, 0);
        assert!(budget.scans(u64::MAX) && !budget.scans(0));
    }

    #[test]
    fn so_many_are_brought_and_no_more() {
        let mut budget = ArchiveBudget::of(0, 1000);
        assert!(!budget.brings("large", 1001));
        assert!(budget.brings("a", 10) && budget.brings("b", 490));
        assert!(!budget.brings("c", 1), "lists cost something themselves");
    }
}
