//! Opening: which segments are sealed, and is everything there that must be?
//!
//! In order, for every segment but the last:
//! - it has an entry and is here: its length must agree (its content is compared
//!   when the journal is verified; every record is checked when it is read);
//! - it has an entry and is not here: it must have been archived, and its leaves
//!   must be here;
//! - it is here without an entry, or without leaves: it is read, and they are made.
//!
//! What is neither here nor listed is missing, and that is damage. An entry beyond
//! the last segment is damage too: acknowledged records are gone.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::file::LostEnd;
use super::super::growth::Growth;
use super::super::merkle::{MerkleTree, TreeHash};
use super::super::queue::Tail;
use super::super::reader::SegmentReader;
use super::manifest::Loaded;
use super::{SealedSegment, leaves, manifest};
use crate::files::FileLayer;
use crate::journal::error::{Damage, DamageKind};
use crate::journal::{JournalError, Position, segment};
use crate::profile::RecordProfile;

/// Whether what is missing of the derived files is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::journal) enum Mending {
    /// It is, durably.
    Make,
    /// It is only counted: somebody looks.
    Count,
}

/// The sealed segments, in agreement with the disk.
#[derive(Debug)]
pub(in crate::journal) struct Settled {
    profile: RecordProfile,
    pub(in crate::journal) entries: Vec<SealedSegment>,
    /// The entry of the last segment, if it was sealed: it may not be written to.
    pub(in crate::journal) last: Option<SealedSegment>,
    /// How many segments' entries or leaves were made again, or would be.
    pub(in crate::journal) made: usize,
    /// The last record of a segment that is listed beyond the last one here.
    pub(in crate::journal) beyond: Option<u64>,
}

impl Settled {
    /// Where the last segment begins.
    pub(in crate::journal) fn before_last(&self) -> (Position, MerkleTree) {
        end_of(self.profile, self.entries.last())
    }
}

/// Settles the segments that begin with `firsts`, of which the last is open.
pub(in crate::journal) fn settle(
    files: &dyn FileLayer,
    folder: &Path,
    firsts: &[u64],
    lost_end: LostEnd,
    mending: Mending,
) -> Result<Settled, JournalError> {
    let Loaded { entries: listed, whole } = manifest::load(files, folder)?;
    let open = firsts.last().copied().unwrap_or(1);
    let here: BTreeSet<u64> = firsts.iter().copied().collect();
    let (entries, changed) = (Vec::new(), !whole);
    let profile = SegmentReader::open(files, folder, open)?.1.profile;
    let mut settling = Settling { files, folder, profile, mending, entries, made: 0, changed };
    let mut next = 1;
    while next < open {
        let entry = match (listed.get(&next), here.contains(&next)) {
            (Some(entry), true) => settling.here(entry)?,
            (Some(entry), false) => settling.archived(entry)?,
            (None, true) => settling.unlisted(next)?,
            (None, false) => return Err(damage(next, DamageKind::Unlisted)),
        };
        next = entry.last + 1;
        settling.entries.push(entry);
    }
    if next != open {
        let kind = DamageKind::Header { problem: "does not go on where the last one ended" };
        return Err(damage(open, kind));
    }
    let last = listed.get(&open);
    match (listed.range(open + 1..).next(), lost_end) {
        (Some((_, gone)), LostEnd::Refuse) => return Err(gone.damage(DamageKind::MissingSegment)),
        (Some(_), LostEnd::Accept) => settling.changed = true,
        (None, _) => {}
    }
    let Settling { entries, made, changed, .. } = settling;
    if changed && mending == Mending::Make {
        let kept: Vec<_> = entries.iter().chain(last).cloned().collect();
        manifest::save(files, folder, &kept)?;
    }
    let beyond = listed.range(open + 1..).next_back().map(|(_, gone)| gone.last);
    Ok(Settled { profile, entries, last: last.cloned(), made, beyond })
}

struct Settling<'a> {
    files: &'a dyn FileLayer,
    folder: &'a Path,
    profile: RecordProfile,
    mending: Mending,
    entries: Vec<SealedSegment>,
    made: usize,
    /// Whether the manifest is to be written.
    changed: bool,
}

impl Settling<'_> {
    fn here(&mut self, entry: &SealedSegment) -> Result<SealedSegment, JournalError> {
        let path = self.folder.join(entry.file_name());
        let file = self.files.open_read(&path).map_err(JournalError::io("opening", &path))?;
        if file.len().map_err(JournalError::io("reading", &path))? != entry.bytes {
            return Err(entry.damage(DamageKind::Manifest { what: "length" }));
        }
        if !leaves::is_there(self.files, self.folder, entry)? {
            let (made, leaves) = self.read(entry.first)?;
            if let Some(what) = entry.disagreement(&made) {
                return Err(entry.damage(DamageKind::Manifest { what }));
            }
            self.make(&made, &leaves)?;
        }
        // A power cut while it was moved away, or brought back, left it here.
        self.changed |= entry.archived;
        Ok(SealedSegment { archived: false, ..entry.clone() })
    }

    fn archived(&self, entry: &SealedSegment) -> Result<SealedSegment, JournalError> {
        if !entry.archived {
            return Err(entry.damage(DamageKind::MissingSegment));
        }
        if !leaves::is_there(self.files, self.folder, entry)? {
            return Err(entry.damage(DamageKind::LeavesLost));
        }
        Ok(entry.clone())
    }

    fn unlisted(&mut self, first: u64) -> Result<SealedSegment, JournalError> {
        let (made, leaves) = self.read(first)?;
        self.make(&made, &leaves)?;
        self.changed = true;
        Ok(made)
    }

    fn read(&self, first: u64) -> Result<(SealedSegment, Vec<TreeHash>), JournalError> {
        let before = end_of(self.profile, self.entries.last());
        read(self.files, self.folder, first, before)
    }

    fn make(&mut self, entry: &SealedSegment, leaves: &[TreeHash]) -> Result<(), JournalError> {
        if self.mending == Mending::Make {
            leaves::write(self.files, self.folder, entry.first, leaves)?;
        }
        self.made += 1;
        Ok(())
    }
}

/// Reads a whole segment, which must go on from `before`: what its entry must be,
/// and its leaves.
pub(in crate::journal) fn read(
    files: &dyn FileLayer,
    folder: &Path,
    first: u64,
    (before, tree): (Position, MerkleTree),
) -> Result<(SealedSegment, Vec<TreeHash>), JournalError> {
    let (mut reader, mut position) = SegmentReader::open(files, folder, first)?;
    if position != before {
        let kind = DamageKind::Header { problem: "does not go on where the last one ended" };
        return Err(damage(first, kind));
    }
    let mut growth = Growth::after(&position, tree);
    let mut leaves = Vec::new();
    while let Some(record) = reader.next(&position, u64::MAX)? {
        position = record.position();
        leaves.push(growth.push(record.frame()));
    }
    if leaves.is_empty() {
        return Err(damage(first, DamageKind::Incomplete));
    }
    let tail = Tail { position, segment: first, offset: reader.offset() };
    Ok((growth.seal(&tail), leaves))
}

/// Where the journal of this profile stands after `entry`; without one, at its start.
pub(in crate::journal) fn end_of(
    profile: RecordProfile,
    entry: Option<&SealedSegment>,
) -> (Position, MerkleTree) {
    let start = || (Position::start(profile), MerkleTree::new(profile));
    entry.map_or_else(start, |entry| (entry.position, entry.tree.clone()))
}

fn damage(first: u64, kind: DamageKind) -> JournalError {
    Damage { segment: segment::name(first), offset: 0, sequence: first, kind }.into()
}
