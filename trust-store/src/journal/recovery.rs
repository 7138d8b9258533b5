//! Opening: where does the journal end, and is that an end one may cut?
//!
//! A power cut leaves everything that was synced, and of the one batch that was
//! not any part, in any order of its sectors. So an unreadable record at the end
//! is either *torn* (it was in that batch, nobody was told of it, it may be cut
//! off) or *damaged* (it was acknowledged, and cutting it would lose it silently).
//! An unreadable record number *n* at the end of the last segment is damaged if
//! - a later, readable frame says that *n* was durable when it was written (unless
//!   the hint says that both were being taken over from another journal), or
//! - the hint says that *n* was acknowledged, or
//! - there is no hint, and the record is there in full length with a wrong
//!   checksum (without the hint, a torn end must at least look torn).
//!
//! Else it is torn: the segment is cut before it, synced, and the cut reported.
//! Everything before the last segment was synced before that segment was made, so
//! any fault there is damage; those segments are checked when they are read.
//!
//! What was read may be in the kernel's memory only: of a killed process's last batch
//! nobody knows whether it was synced, and where a sync failed, syncing again says
//! nothing. So the last batch is written again, as it is, and synced.
//!
//! What remains: a power cut within a second of the last acknowledgement (so that
//! the hint lags) *and* a medium that damages exactly that last, synced batch look
//! like a torn write. Checkpoints kept in a second place show even that.
//!
//! Damage is never repaired here. The operator may accept the loss of an
//! acknowledged end, if no later record would be cut off with it, by
//! [`JournalOptions::danger_accept_lost_end`].

use std::io;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::acknowledged::{Acknowledged, Hint};
use super::error::{Damage, DamageKind};
use super::file::{JournalOptions, LostEnd};
use super::frame::{self, Frame};
use super::growth::Growth;
use super::merkle::TreeHash;
use super::open_segment::OpenSegment;
use super::queue::Tail;
use super::reader::{End, JournalReader, segments};
use super::sealed::settle::{Mending, Settled, settle};
use super::sealed::{SealedSegment, manifest};
use super::{JournalError, Position, segment};
use crate::files::{self, FileLayer, LayerFile, ReadAt};

/// What opening found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenReport {
    /// The last record.
    pub position: Position,
    /// How many segments are here.
    pub segments: usize,
    /// How many segments' manifest entries or leaves were missing or torn, and
    /// made again by reading them.
    pub made_again: usize,
    /// What was cut off the end, if anything.
    pub torn: Option<TornTail>,
}

/// An end that was cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TornTail {
    /// The segment's file name.
    pub segment: String,
    /// Its length now.
    pub offset: u64,
    /// How many bytes were cut off.
    pub bytes: u64,
    /// The number of the first record that was cut off.
    pub sequence: u64,
    /// The last sequence known to have been acknowledged, if the operator
    /// accepted that acknowledged records are lost.
    pub acknowledged_lost: Option<u64>,
}

/// A journal ready to be written on.
#[derive(Debug)]
pub(super) struct Recovered {
    pub(super) report: OpenReport,
    pub(super) open: OpenSegment,
    /// The leaves of the open segment.
    pub(super) leaves: Vec<TreeHash>,
    pub(super) sealed: Vec<SealedSegment>,
    pub(super) acknowledged: Acknowledged,
}

/// Reads the last segment and settles the journal's end.
pub(super) fn recover(
    files: &Arc<dyn FileLayer>,
    folder: &Path,
    options: &JournalOptions,
) -> Result<Recovered, JournalError> {
    let found = find(files, folder, options.lost_end, Mending::Make)?;
    let Found { segments, settled, last, given_up } = found;
    let LastSegment { tail, growth, leaves, last_batch, .. } = last;
    let path = folder.join(segment::name(tail.segment));
    let mut file = files.open(&path).map_err(JournalError::io("opening", &path))?;
    let torn = cut(&mut *file, &tail, given_up).map_err(JournalError::io("cutting", &path))?;
    files::write_again(&mut *file, last_batch..tail.offset)
        .map_err(JournalError::io("writing again", &path))?;
    // Started anew each time: a lost end lowers it, a torn slot is made good.
    let acknowledged = Acknowledged::start(&**files, folder, tail.position.sequence)?;
    let Settled { entries: sealed, made: made_again, last: sealed_last, .. } = settled;
    let report = OpenReport { position: tail.position, segments, made_again, torn };
    let open = OpenSegment::at(folder, file, tail, growth, options.reserve_bytes);
    let recovered = Recovered { report, open, leaves, sealed, acknowledged };
    match sealed_last {
        None => Ok(recovered),
        Some(entry) => go_on_after(recovered, &entry, &**files, folder, options),
    }
}

/// A journal as it lies there, before anything of it is cut.
pub(super) struct Found {
    /// How many segments are here.
    pub(super) segments: usize,
    pub(super) settled: Settled,
    pub(super) last: LastSegment,
    /// The last record known to have been acknowledged, if it is gone and that is
    /// accepted.
    pub(super) given_up: Option<u64>,
}

/// Finds the journal's end, and judges it.
pub(super) fn find(
    files: &Arc<dyn FileLayer>,
    folder: &Path,
    lost_end: LostEnd,
    mending: Mending,
) -> Result<Found, JournalError> {
    let firsts = segments(&**files, folder)?;
    let newest = firsts.last().copied().unwrap_or(1);
    let hint = Acknowledged::read(&**files, folder)?;
    let settled = settle(&**files, folder, &firsts, lost_end, mending)?;
    let last = read_last(files, folder, newest, &settled, hint)?;
    let path = folder.join(segment::name(last.tail.segment));
    let file = files.open_read(&path).map_err(JournalError::io("opening", &path))?;
    let given_up = judge_end(&*file, &last.tail, last.fault.clone(), hint, lost_end)
        .map_err(|error| error.unwrap_or_read(&path))?;
    Ok(Found { segments: firsts.len(), settled, last, given_up })
}

/// The last segment, as far as it can be read.
pub(super) struct LastSegment {
    pub(super) tail: Tail,
    pub(super) growth: Growth,
    leaves: Vec<TreeHash>,
    /// Where what was last written in one go begins.
    last_batch: u64,
    fault: Option<Damage>,
}

fn read_last(
    files: &Arc<dyn FileLayer>,
    folder: &Path,
    first: u64,
    settled: &Settled,
    hint: Hint,
) -> Result<LastSegment, JournalError> {
    let mut reader = JournalReader::starting(files.clone(), folder, first, End::Disk)?;
    let (position, tree) = settled.before_last();
    if reader.position() != position {
        let kind = DamageKind::Header { problem: "does not go on where the last one ended" };
        let segment = segment::name(first);
        return Err(Damage { segment, offset: 0, sequence: first, kind }.into());
    }
    let mut growth = Growth::after(&position, tree);
    let (mut leaves, mut begins, mut durable) = (Vec::new(), vec![reader.place().1], 0);
    let fault = loop {
        match reader.next_record() {
            Ok(Some(record)) => {
                leaves.push(growth.push(record.frame()));
                begins.push(reader.place().1);
                durable = frame::durable_of(record.frame());
            }
            Ok(None) => break None,
            Err(JournalError::Damaged(damage)) => break Some(damage),
            Err(other) => return Err(other),
        }
    };
    let (segment, offset) = reader.place();
    let tail = Tail { position: reader.position(), segment, offset };
    // Frames of another journal vouch for what was durable there.
    let durable = hint.copied_from.map_or(durable, |from| durable.min(from - 1));
    let before = usize::try_from((durable + 1).saturating_sub(first)).unwrap_or(usize::MAX);
    let last_batch = begins.get(before).copied().unwrap_or(offset);
    Ok(LastSegment { tail, growth, leaves, last_batch, fault })
}

/// The last segment was sealed, and the one that followed it is gone or was never
/// made (a restored journal ends so): a new one is begun. The entry must agree.
fn go_on_after(
    recovered: Recovered,
    entry: &SealedSegment,
    files: &dyn FileLayer,
    folder: &Path,
    options: &JournalOptions,
) -> Result<Recovered, JournalError> {
    let made = recovered.open.entry();
    match (entry.disagreement(&made), options.lost_end) {
        (None, _) => {
            let (position, tree) = (made.position, made.tree.clone());
            let begun = OpenSegment::begin(files, folder, position, tree, options.reserve_bytes)?;
            let open = begun.ok_or(JournalError::DiskFull)?;
            let mut sealed = recovered.sealed;
            sealed.push(made);
            Ok(Recovered { open, leaves: Vec::new(), sealed, ..recovered })
        }
        (Some(what), LostEnd::Refuse) => Err(entry.damage(DamageKind::Manifest { what })),
        (Some(_), LostEnd::Accept) => {
            manifest::save(files, folder, &recovered.sealed)?;
            Ok(recovered)
        }
    }
}

/// Either the end may be cut here (and what acknowledged record that loses, by
/// the operator's leave), or the journal is damaged.
fn judge_end(
    file: &dyn ReadAt,
    tail: &Tail,
    fault: Option<Damage>,
    hint: Hint,
    lost_end: LostEnd,
) -> Result<Option<u64>, JudgeError> {
    let next = tail.position.sequence + 1;
    let acknowledged = hint.acknowledged.filter(|hint| *hint >= next);
    let vouched_elsewhere = hint.copied_from.is_some_and(|from| from <= next);
    let damage = match fault {
        None => None,
        Some(damage) if !could_be_torn(&damage.kind) => return Err(damage.into()),
        Some(damage) => {
            let rest = read_from(file, tail.offset)?;
            if !vouched_elsewhere && later_frame_vouches_for(next, &rest) {
                return Err(damage.into());
            }
            let looks_torn = damage.kind != DamageKind::Checksum;
            (acknowledged.is_some() || (hint.acknowledged.is_none() && !looks_torn))
                .then_some(damage)
        }
    };
    match (damage, acknowledged, lost_end) {
        (None, None, _) => Ok(None),
        (_, acknowledged, LostEnd::Accept) => Ok(Some(acknowledged.unwrap_or(next))),
        (Some(damage), _, LostEnd::Refuse) if damage.kind == DamageKind::Checksum => {
            Err(damage.into())
        }
        (_, acknowledged, LostEnd::Refuse) => Err(Damage {
            segment: segment::name(tail.segment),
            offset: tail.offset,
            sequence: next,
            kind: DamageKind::AcknowledgedLost { acknowledged: acknowledged.unwrap_or(next) },
        }
        .into()),
    }
}

/// A record whose checksum is right was written as it stands: if it does not
/// fit, that is no torn write.
fn could_be_torn(kind: &DamageKind) -> bool {
    matches!(kind, DamageKind::Incomplete | DamageKind::Length { .. } | DamageKind::Checksum)
}

/// Whether a readable frame in `rest` was written after `sequence` was durable.
fn later_frame_vouches_for(sequence: u64, rest: &[u8]) -> bool {
    (1..rest.len()).any(|at| {
        let bytes = &rest[at..];
        // Most places fail the length; the checksum is computed for few.
        frame::wanted_len(bytes).is_ok_and(|wanted| wanted <= bytes.len())
            && Frame::decode(bytes)
                .is_ok_and(|frame| frame.sequence > sequence && frame.durable >= sequence)
    })
}

fn read_from(file: &dyn ReadAt, offset: u64) -> io::Result<Vec<u8>> {
    let rest = file.len()?.saturating_sub(offset);
    let mut bytes = vec![0; usize::try_from(rest).map_err(io::Error::other)?];
    let read = file.read_at(offset, &mut bytes)?;
    bytes.truncate(read);
    Ok(bytes)
}

fn cut(
    file: &mut dyn LayerFile,
    tail: &Tail,
    acknowledged_lost: Option<u64>,
) -> io::Result<Option<TornTail>> {
    let bytes = file.len()?.saturating_sub(tail.offset);
    if bytes > 0 {
        file.truncate(tail.offset)?;
    }
    Ok((bytes > 0 || acknowledged_lost.is_some()).then(|| TornTail {
        segment: segment::name(tail.segment),
        offset: tail.offset,
        bytes,
        sequence: tail.position.sequence + 1,
        acknowledged_lost,
    }))
}

/// Damage found, or the file could not be read to tell.
#[derive(Debug, thiserror::Error)]
enum JudgeError {
    #[error(transparent)]
    Damaged(#[from] Damage),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl JudgeError {
    fn unwrap_or_read(self, path: &Path) -> JournalError {
        match self {
            Self::Damaged(damage) => damage.into(),
            Self::Io(error) => JournalError::io("reading", path)(error),
        }
    }
}
