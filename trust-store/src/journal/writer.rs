//! The one thread that writes.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::acknowledged::Acknowledged;
use super::append::{Answer, Appended};
use super::frame::{Frame, HEADER_LEN, RESETS_CLOCK};
use super::queue::{Shared, Tail, Waiting, Work};
use super::record::{Position, RecordHash};
use super::recovery::Recovered;
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
    /// Taken from the queue and not yet in the batch.
    waiting: VecDeque<Waiting>,
    batch: Batch,
}

/// Frames that will be written together, and who waits for them.
#[derive(Debug, Default)]
struct Batch {
    bytes: Vec<u8>,
    answers: Vec<(Answer, Appended)>,
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
        Recovered { tail, file, acknowledged, .. }: Recovered,
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
        while let Some(next) = self.waiting.front() {
            if !self.fits(next) {
                self.commit()?;
                self.start_segment()?;
            }
            if let Some(waiting) = self.waiting.pop_front() {
                self.accept(waiting, now);
            }
        }
        self.commit()
    }

    /// Whether the segment has room. One that is empty takes any record.
    fn fits(&self, waiting: &Waiting) -> bool {
        let frame = (HEADER_LEN + waiting.payload.len()) as u64;
        let end = self.tail.offset + self.batch.bytes.len() as u64;
        end + frame <= self.segment_bytes || end == segment::HEADER_LEN as u64
    }

    /// Numbers, stamps and chains a record, or refuses it for the clock.
    fn accept(&mut self, Waiting { payload, flags, answer }: Waiting, now: i64) {
        let last = self.batch.position.unwrap_or(self.tail.position);
        let behind_millis = last.log_time_millis.saturating_sub(now);
        if behind_millis > MAX_CLOCK_LAG_MILLIS && flags & RESETS_CLOCK == 0 {
            // Whoever asked may have stopped waiting; so in the places below.
            let _ = answer.send(Err(JournalError::ClockBehind { behind_millis }));
            return;
        }
        let frame = Frame {
            sequence: last.sequence + 1,
            time_millis: now,
            durable: self.tail.position.sequence,
            flags,
            previous: last.hash,
            payload: &payload,
        };
        let start = self.batch.bytes.len();
        frame.encode(&mut self.batch.bytes);
        let hash = RecordHash::of(&self.batch.bytes[start..]);
        self.batch.position = Some(last.after(&frame, hash));
        let appended = Appended { sequence: frame.sequence, time_millis: now, hash };
        self.batch.answers.push((answer, appended));
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
        self.shared.advance(self.tail);
        for (answer, appended) in self.batch.answers.drain(..) {
            let _ = answer.send(Ok(appended));
        }
        Ok(())
    }

    fn start_segment(&mut self) -> Result<(), JournalError> {
        let (file, tail) = create_segment(&*self.files, &self.folder, self.tail.position)?;
        self.file = file;
        self.tail = tail;
        Ok(())
    }

    /// Tells everybody who still waits. After a failure nothing is acknowledged
    /// any more, in this process.
    pub(super) fn end(&mut self, failure: Option<JournalError>) {
        let failure = failure.map(|error| JournalError::Poisoned(Arc::new(error)));
        let answer = failure.clone().unwrap_or(JournalError::Closed);
        self.shared.end(failure);
        let written = self.batch.answers.drain(..).map(|(asked, _)| asked);
        let unwritten = self.waiting.drain(..).map(|waiting| waiting.answer);
        for asked in written.chain(unwritten) {
            let _ = asked.send(Err(answer.clone()));
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
