//! The one thread that writes.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::acknowledged::Acknowledged;
use super::append::{Answer, Appended};
use super::frame::{Frame, HEADER_LEN, RESETS_CLOCK};
use super::growth::Growth;
use super::merkle::TreeHash;
use super::queue::{Need, Shared, Tail, Waiting, Work};
use super::record::{Position, RecordHash};
use super::recovery::Recovered;
use super::sealed::{SealedSegment, SealedSegments};
use super::{JournalError, MAX_CLOCK_LAG_MILLIS, segment};
use crate::clock::Clock;
use crate::files::{self, FileLayer, LayerFile};

/// Everything that only the writer thread touches.
#[derive(Debug)]
pub(super) struct Writer {
    shared: Arc<Shared>,
    files: Arc<dyn FileLayer>,
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    segment_bytes: u64,
    file: Box<dyn LayerFile>,
    acknowledged: Acknowledged,
    /// What is durable.
    tail: Tail,
    /// The tree and the open segment's hash, the batch included.
    growth: Growth,
    sealed: Arc<SealedSegments>,
    /// Taken from the queue and not yet in the batch.
    waiting: VecDeque<Waiting>,
    batch: Batch,
}

/// Frames that will be written together, and who waits for them.
#[derive(Debug, Default)]
struct Batch {
    bytes: Vec<u8>,
    leaves: Vec<TreeHash>,
    answers: Vec<(Answer<Appended>, Appended)>,
    /// The last of these frames.
    position: Option<Position>,
}

impl Writer {
    pub(super) fn new(
        shared: Arc<Shared>,
        files: Arc<dyn FileLayer>,
        folder: &Path,
        clock: Arc<dyn Clock>,
        segment_bytes: u64,
        Recovered { tail, growth, file, acknowledged, .. }: Recovered,
        sealed: Arc<SealedSegments>,
    ) -> Self {
        let folder = folder.to_owned();
        let (waiting, batch) = (VecDeque::new(), Batch::default());
        Self {
            shared,
            files,
            folder,
            clock,
            segment_bytes,
            file,
            acknowledged,
            tail,
            growth,
            sealed,
            waiting,
            batch,
        }
    }

    /// Works until the journal is closed or a write fails.
    pub(super) fn run(mut self) {
        let failure = loop {
            let work = self.shared.take(self.acknowledged.is_unsynced());
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
            Work::Quiet | Work::Close => self.acknowledged.sync(),
        }
    }

    fn write_all(&mut self) -> Result<(), JournalError> {
        let now = self.clock.now_millis();
        while let Some(waiting) = self.waiting.pop_front() {
            match waiting {
                Waiting::Record { payload, flags, need, answer } => {
                    self.make_room((HEADER_LEN + payload.len()) as u64)?;
                    self.accept(&payload, flags, need, answer, now);
                }
                Waiting::Frames { bytes, answer } => self.accept_frames(&bytes, answer)?,
                Waiting::Seal { answer } => {
                    self.commit()?;
                    if self.tail.offset > segment::HEADER_LEN as u64 {
                        self.start_segment()?;
                    }
                    // Whoever asked may have stopped waiting; so in the places below.
                    let _ = answer.send(Ok(()));
                }
            }
        }
        self.commit()
    }

    /// Goes on to the next segment if a frame of this length has no room. A segment
    /// that is empty takes any.
    fn make_room(&mut self, frame: u64) -> Result<(), JournalError> {
        let end = self.tail.offset + self.batch.bytes.len() as u64;
        if end + frame <= self.segment_bytes || end == segment::HEADER_LEN as u64 {
            return Ok(());
        }
        self.commit()?;
        self.start_segment()
    }

    /// The last record, those in the batch included.
    fn last(&self) -> Position {
        self.batch.position.unwrap_or(self.tail.position)
    }

    /// Numbers, stamps and chains a record, or refuses it for the clock.
    fn accept(
        &mut self,
        payload: &[u8],
        flags: u32,
        _need: Need,
        answer: Answer<Appended>,
        now: i64,
    ) {
        let last = self.last();
        let behind_millis = last.log_time_millis.saturating_sub(now);
        if behind_millis > MAX_CLOCK_LAG_MILLIS && flags & RESETS_CLOCK == 0 {
            let _ = answer.send(Err(JournalError::ClockBehind { behind_millis }));
            return;
        }
        let frame = Frame {
            sequence: last.sequence + 1,
            time_millis: now,
            durable: self.tail.position.sequence,
            flags,
            previous: last.hash,
            payload,
        };
        let start = self.batch.bytes.len();
        frame.encode(&mut self.batch.bytes);
        let appended = self.take_in(&frame, start);
        self.batch.answers.push((answer, appended));
    }

    /// Takes over frames as they stand, if each follows the one before.
    fn accept_frames(
        &mut self,
        bytes: &[u8],
        answer: Answer<Appended>,
    ) -> Result<(), JournalError> {
        let frames = match follow_on(bytes, self.last()) {
            Ok(frames) => frames,
            Err(refusal) => {
                let _ = answer.send(Err(refusal));
                return Ok(());
            }
        };
        let mut last = None;
        for (frame, bytes) in frames {
            // In one write no frame may vouch for another: recovery would take a
            // torn write for damage.
            if frame.durable > self.tail.position.sequence {
                self.commit()?;
            }
            self.make_room(bytes.len() as u64)?;
            let start = self.batch.bytes.len();
            self.batch.bytes.extend_from_slice(bytes);
            last = Some(self.take_in(&frame, start));
        }
        match last {
            Some(last) => self.batch.answers.push((answer, last)),
            None => drop(answer.send(Err(JournalError::PayloadSize { len: 0 }))),
        }
        Ok(())
    }

    /// Notes the frame that lies in the batch from `start` to the end.
    fn take_in(&mut self, frame: &Frame<'_>, start: usize) -> Appended {
        let bytes = &self.batch.bytes[start..];
        let hash = RecordHash::of(bytes);
        let leaf = self.growth.push(bytes);
        self.batch.leaves.push(leaf);
        self.batch.position = Some(self.last().after(frame, hash));
        Appended { sequence: frame.sequence, time_millis: frame.time_millis, hash }
    }

    /// One write, one sync, the hint; then everybody is told.
    fn commit(&mut self) -> Result<(), JournalError> {
        let Some(position) = self.batch.position.take() else {
            return Ok(());
        };
        let path = || self.folder.join(segment::name(self.tail.segment));
        self.file
            .write_at(self.tail.offset, &self.batch.bytes)
            .map_err(|error| JournalError::io("writing", &path())(error))?;
        self.file.sync().map_err(|error| JournalError::io("syncing", &path())(error))?;
        self.acknowledged.note(position.sequence)?;
        self.tail.position = position;
        self.tail.offset += self.batch.bytes.len() as u64;
        self.batch.bytes.clear();
        self.shared.advance(self.tail, self.growth.tree(), &mut self.batch.leaves);
        for (answer, appended) in self.batch.answers.drain(..) {
            let _ = answer.send(Ok(appended));
        }
        Ok(())
    }

    /// Closes the open segment, whose records are durable; the steps are told in
    /// `sealed`.
    fn start_segment(&mut self) -> Result<(), JournalError> {
        let entry = self.growth.seal(&self.tail);
        let (file, tail) = create_segment(&*self.files, &self.folder, self.tail.position)?;
        self.file = file;
        self.tail = tail;
        self.growth = Growth::after(&tail.position, entry.tree.clone());
        self.list(entry)
    }

    fn list(&self, entry: SealedSegment) -> Result<(), JournalError> {
        let last = entry.last;
        let (_, leaves) = self.shared.unsealed(entry.leaves().start);
        self.sealed.add(entry, &leaves)?;
        self.shared.sealed_up_to(last);
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

/// The frames in `bytes`, each with its own bytes, if they go on from `position`.
fn follow_on(
    mut bytes: &[u8],
    mut position: Position,
) -> Result<Vec<(Frame<'_>, &[u8])>, JournalError> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let after = position.sequence;
        let refused = |problem| JournalError::Frames { after, problem };
        let frame = Frame::decode(bytes).map_err(refused)?;
        frame.follows(&position).map_err(refused)?;
        let (whole, rest) = bytes.split_at(HEADER_LEN + frame.payload.len());
        position = position.after(&frame, RecordHash::of(whole));
        frames.push((frame, whole));
        bytes = rest;
    }
    Ok(frames)
}

/// Makes the segment that goes on after `position`, durably and whole.
pub(super) fn create_segment(
    files: &dyn FileLayer,
    folder: &Path,
    position: Position,
) -> Result<(Box<dyn LayerFile>, Tail), JournalError> {
    let first = position.sequence + 1;
    let name = segment::name(first);
    let path = folder.join(&name);
    let header = segment::encode_header(&position);
    files::replace(files, folder, &name, &header).map_err(JournalError::io("creating", &path))?;
    let file = files.open(&path).map_err(JournalError::io("opening", &path))?;
    Ok((file, Tail { position, segment: first, offset: segment::HEADER_LEN as u64 }))
}
