//! The one thread that writes.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::acknowledged::Acknowledged;
use super::append::{Answer, Appended};
use super::batch::{Batch, follow_on};
use super::file::JournalOptions;
use super::frame::{Frame, HEADER_LEN, RESETS_CLOCK};
use super::open_segment::OpenSegment;
use super::queue::{Need, Shared, Waiting, Work};
use super::record::Position;
use super::recovery::Recovered;
use super::sealed::{SealedSegment, SealedSegments};
use super::{JournalError, MAX_CLOCK_LAG_MILLIS};
use crate::clock::Clock;
use crate::files::{FileLayer, is_full};

/// Everything that only the writer thread touches.
#[derive(Debug)]
pub(super) struct Writer {
    shared: Arc<Shared>,
    files: Arc<dyn FileLayer>,
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    segment_bytes: u64,
    reserve_bytes: u64,
    acknowledged: Acknowledged,
    /// Its growth has the batch in it already, its tail has not.
    open: OpenSegment,
    sealed: Arc<SealedSegments>,
    /// Closed segments that the disk had no room to list.
    unlisted: VecDeque<SealedSegment>,
    /// Taken from the queue and not yet in the batch.
    waiting: VecDeque<Waiting>,
    batch: Batch,
}

/// Whether the disk had room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Space {
    There,
    Lacking,
}

impl Writer {
    pub(super) fn new(
        shared: Arc<Shared>,
        sealed: Arc<SealedSegments>,
        (files, folder): (Arc<dyn FileLayer>, &Path),
        clock: Arc<dyn Clock>,
        options: &JournalOptions,
        Recovered { open, acknowledged, .. }: Recovered,
    ) -> Self {
        Self {
            shared,
            files,
            folder: folder.to_owned(),
            clock,
            segment_bytes: options.segment_bytes,
            reserve_bytes: options.reserve_bytes,
            acknowledged,
            open,
            sealed,
            unlisted: VecDeque::new(),
            waiting: VecDeque::new(),
            batch: Batch::default(),
        }
    }

    /// Works until the journal is closed or a write fails.
    pub(super) fn run(mut self) {
        let failure = loop {
            let unfinished = self.acknowledged.is_unsynced() || self.shared.is_full();
            let work = self.shared.take(unfinished || !self.unlisted.is_empty());
            let is_last = matches!(work, Work::Close);
            match self.step(work) {
                Ok(()) if is_last => break None,
                Ok(()) => {}
                Err(error) => break Some(error),
            }
        };
        self.end(failure);
    }

    /// After an error, only [`Self::end`].
    pub(super) fn step(&mut self, work: Work) -> Result<(), JournalError> {
        match work {
            Work::Write(waiting) => {
                self.waiting = waiting.into();
                self.write_all()
            }
            Work::Quiet => {
                self.list()?;
                if self.shared.is_full() && self.make_room(1, Need::Ordinary)? == Space::There {
                    self.shared.set_full(false);
                }
                self.acknowledged.sync()
            }
            Work::Close => self.acknowledged.sync(),
        }
    }

    fn write_all(&mut self) -> Result<(), JournalError> {
        let now = self.clock.now_millis();
        while let Some(waiting) = self.waiting.pop_front() {
            match waiting {
                Waiting::Record { payload, flags, need, answer } => {
                    match self.make_room(HEADER_LEN + payload.len(), need)? {
                        Space::There => self.accept(&payload, flags, answer, now),
                        // Whoever asked may have stopped waiting; so in the places
                        // below.
                        Space::Lacking => drop(answer.send(Err(JournalError::DiskFull))),
                    }
                }
                Waiting::Frames { bytes, answer } => self.accept_frames(&bytes, answer)?,
                Waiting::Seal { answer } => {
                    self.commit()?;
                    let _ = answer.send(match self.seal()? {
                        Space::There => Ok(()),
                        Space::Lacking => Err(JournalError::DiskFull),
                    });
                }
            }
        }
        self.commit()
    }

    /// Sees to it that a frame of this length has room: in the open segment, or in
    /// the next one if it is beyond the cap. A segment that is empty takes any.
    fn make_room(&mut self, frame: usize, need: Need) -> Result<Space, JournalError> {
        let at = self.open.tail.offset + self.batch.bytes.len() as u64;
        let is_over = at + frame as u64 > self.segment_bytes;
        let mut space = Space::There;
        if is_over && !(self.open.is_empty() && self.batch.position.is_none()) {
            self.commit()?;
            space = self.seal()?;
        }
        let end = self.open.tail.offset + (self.batch.bytes.len() + frame) as u64;
        let may_go_on = space == Space::There || need == Need::Reserved;
        if !may_go_on || !self.open.make_room(end, need)? {
            space = Space::Lacking;
        } else {
            space = Space::There;
        }
        // What is reserved may fit while the disk is full.
        if need == Need::Ordinary {
            self.shared.set_full(space == Space::Lacking);
        }
        Ok(space)
    }

    /// The last record, those in the batch included.
    fn last(&self) -> Position {
        self.batch.position.unwrap_or(self.open.tail.position)
    }

    /// Numbers, stamps and chains a record, or refuses it for the clock.
    fn accept(&mut self, payload: &[u8], flags: u32, answer: Answer<Appended>, now: i64) {
        let last = self.last();
        let behind_millis = last.log_time_millis.saturating_sub(now);
        if behind_millis > MAX_CLOCK_LAG_MILLIS && flags & RESETS_CLOCK == 0 {
            let _ = answer.send(Err(JournalError::ClockBehind { behind_millis }));
            return;
        }
        let frame = Frame {
            sequence: last.sequence + 1,
            time_millis: now,
            durable: self.open.tail.position.sequence,
            flags,
            previous: last.hash,
            payload,
        };
        let appended = self.batch.encode(&frame, last, &mut self.open.growth);
        self.batch.answers.push((answer, appended));
    }

    /// Takes over frames as they stand, if each follows the one before.
    fn accept_frames(
        &mut self,
        bytes: &[u8],
        answer: Answer<Appended>,
    ) -> Result<(), JournalError> {
        let frames = match follow_on(bytes, self.last()) {
            Ok(frames) if !frames.is_empty() => frames,
            other => {
                let refusal = other.err().unwrap_or(JournalError::PayloadSize { len: 0 });
                let _ = answer.send(Err(refusal));
                return Ok(());
            }
        };
        let durable = self.open.tail.position.sequence;
        let vouch_for_another = frames.iter().any(|(frame, _)| frame.durable > durable);
        if vouch_for_another {
            self.commit()?;
            self.acknowledged.copying_from(self.last().sequence + 1)?;
        }
        match self.copy(&frames)? {
            Ok(appended) => self.batch.answers.push((answer, appended)),
            Err(refusal) => drop(answer.send(Err(refusal))),
        }
        if vouch_for_another {
            self.commit()?;
            self.acknowledged.copied()?;
        }
        Ok(())
    }

    /// Copies frames into the batch, and segments that they fill to the disk; the
    /// last of them, or why the rest has no room.
    fn copy(
        &mut self,
        frames: &[(Frame<'_>, &[u8])],
    ) -> Result<Result<Appended, JournalError>, JournalError> {
        let mut outcome = Err(JournalError::DiskFull);
        for (frame, bytes) in frames {
            if self.make_room(bytes.len(), Need::Ordinary)? == Space::Lacking {
                return Ok(Err(JournalError::DiskFull));
            }
            let last = self.last();
            outcome = Ok(self.batch.copy((frame, bytes), last, &mut self.open.growth));
        }
        Ok(outcome)
    }

    /// One write, one sync, the hint; then everybody is told.
    fn commit(&mut self) -> Result<(), JournalError> {
        let Some(position) = self.batch.position.take() else {
            return Ok(());
        };
        self.open.write(&self.batch.bytes, position)?;
        self.acknowledged.note(position.sequence)?;
        self.batch.bytes.clear();
        self.shared.advance(self.open.tail, self.open.growth.tree(), &mut self.batch.leaves);
        for (answer, appended) in self.batch.answers.drain(..) {
            let _ = answer.send(Ok(appended));
        }
        Ok(())
    }

    /// Closes the open segment, whose records are durable, unless it is empty; the
    /// steps are told in `sealed`.
    fn seal(&mut self) -> Result<Space, JournalError> {
        if self.open.is_empty() {
            return Ok(Space::There);
        }
        let entry = self.open.entry();
        let (position, tree) = (entry.position, entry.tree.clone());
        let next =
            OpenSegment::begin(&*self.files, &self.folder, position, tree, self.reserve_bytes)?;
        let Some(next) = next else {
            return Ok(Space::Lacking);
        };
        std::mem::replace(&mut self.open, next).close()?;
        self.unlisted.push_back(entry);
        self.list()?;
        Ok(Space::There)
    }

    /// Lists what is closed. On a full disk it is done later, or by the next opening:
    /// until then the leaves stay in memory.
    fn list(&mut self) -> Result<(), JournalError> {
        while let Some(entry) = self.unlisted.front() {
            let leaves = entry.leaves();
            let count = usize::try_from(leaves.end - leaves.start).unwrap_or(usize::MAX);
            let (_, unsealed) = self.shared.unsealed(leaves.start);
            match self.sealed.add(entry.clone(), unsealed.get(..count).unwrap_or_default()) {
                Ok(()) => self.shared.sealed_up_to(entry.last),
                Err(JournalError::Io { source, .. }) if is_full(&source) => break,
                Err(error) => return Err(error),
            }
            self.unlisted.pop_front();
        }
        Ok(())
    }

    /// Tells everybody who still waits. After a failure nothing is acknowledged
    /// any more, in this process.
    pub(super) fn end(&mut self, failure: Option<JournalError>) {
        let failure = failure.map(|error| JournalError::Poisoned(Arc::new(error)));
        let answer = failure.clone().unwrap_or(JournalError::Closed);
        self.shared.end(failure);
        for (written, _) in self.batch.answers.drain(..) {
            let _ = written.send(Err(answer.clone()));
        }
        for unwritten in self.waiting.drain(..) {
            unwritten.refuse(answer.clone());
        }
    }
}

impl Drop for Writer {
    /// Should the thread panic, appends must fail rather than wait for ever.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.end(Some(JournalError::WriterPanicked));
        }
    }
}
