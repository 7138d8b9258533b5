//! Reading an image, checking all of it on the way.

use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256};

use super::format::{DIGEST_LEN, HEADER_LEN, ImageHeader, ROW_HEADER_LEN, row_lengths};
use super::{ImageError, ImageSummary};
use crate::files::{FileLayer, ReadAt};
use crate::index::Row;

/// How much is read at a time.
const CHUNK: usize = 1 << 20;

/// Gives an image's rows in key order. What it gave is to be believed only when
/// it has given its end: the hash of the whole stands there.
#[derive(Debug)]
pub(crate) struct ImageReader {
    file: Box<dyn ReadAt>,
    path: PathBuf,
    name: String,
    header: ImageHeader,
    length: u64,
    /// Where in the file the bytes ahead begin.
    offset: u64,
    ahead: Vec<u8>,
    used: usize,
    digest: Option<Digest>,
    given: u64,
    last_key: Vec<u8>,
    sha256: [u8; 32],
}

/// The running hash; the context itself says nothing worth showing.
struct Digest(Context);

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Digest")
    }
}

impl ImageReader {
    pub(super) fn open(
        files: &dyn FileLayer,
        folder: &Path,
        name: &str,
        sequence: u64,
    ) -> Result<Self, ImageError> {
        let path = folder.join(name);
        let file = files.open_read(&path).map_err(ImageError::io("opening", &path))?;
        let length = file.len().map_err(ImageError::io("reading", &path))?;
        let mut bytes = [0; HEADER_LEN];
        let read = file.read_at(0, &mut bytes).map_err(ImageError::io("reading", &path))?;
        let header = ImageHeader::decode(&bytes[..read]);
        let header = header.map_err(|problem| ImageError::damaged(name, problem))?;
        if header.sequence != sequence {
            return Err(ImageError::damaged(
                name,
                format!("it is that of record {}", header.sequence),
            ));
        }
        let mut digest = Context::new(&SHA256);
        digest.update(&bytes);
        Ok(Self {
            file,
            path,
            name: name.to_owned(),
            header,
            length,
            offset: HEADER_LEN as u64,
            ahead: Vec::new(),
            used: 0,
            digest: Some(Digest(digest)),
            given: 0,
            last_key: Vec::new(),
            sha256: [0; 32],
        })
    }

    /// What it says of itself, its checksum compared.
    pub(crate) fn header(&self) -> ImageHeader {
        self.header
    }

    /// How long the file is.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The file's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The hash that stands at its end, as it is; compared when the end is read.
    pub(crate) fn stated_sha256(&self) -> Result<[u8; 32], ImageError> {
        let mut stated = [0; DIGEST_LEN];
        let at = self.length.saturating_sub(DIGEST_LEN as u64);
        let read = self.file.read_at(at, &mut stated);
        let read = read.map_err(ImageError::io("reading", &self.path))?;
        if read == DIGEST_LEN { Ok(stated) } else { Err(self.damaged("it is cut short")) }
    }

    /// Reads all of it; the rows are not kept.
    pub(crate) fn verify(mut self) -> Result<ImageSummary, ImageError> {
        while self.next_row()?.is_some() {}
        Ok(ImageSummary { header: self.header, sha256: self.sha256, bytes: self.length })
    }

    /// The next row; `None` at the end, when all of it has proven whole.
    pub(crate) fn next_row(&mut self) -> Result<Option<Row>, ImageError> {
        if self.given == self.header.rows {
            self.end()?;
            return Ok(None);
        }
        self.fill(ROW_HEADER_LEN)?;
        let lengths = self.ahead[self.used..].first_chunk().copied().and_then(row_lengths);
        let Some((key, value)) = lengths else {
            return Err(self.damaged(format!("row {} has an impossible length", self.given + 1)));
        };
        self.fill(ROW_HEADER_LEN + key + value)?;
        let at = self.used + ROW_HEADER_LEN;
        let row =
            (self.ahead[at..at + key].to_vec(), self.ahead[at + key..at + key + value].to_vec());
        self.used = at + key + value;
        self.given += 1;
        if row.0 <= self.last_key {
            return Err(self.damaged(format!("row {} is not in order", self.given)));
        }
        self.last_key.clone_from(&row.0);
        Ok(Some(row))
    }

    /// Reads until `wanted` bytes are ahead.
    fn fill(&mut self, wanted: usize) -> Result<(), ImageError> {
        let have = self.ahead.len() - self.used;
        if have >= wanted {
            return Ok(());
        }
        self.ahead.drain(..self.used);
        self.offset += self.used as u64;
        self.used = 0;
        let from = self.offset + have as u64;
        let end = self.length.saturating_sub(DIGEST_LEN as u64);
        let room = usize::try_from(end.saturating_sub(from)).unwrap_or(usize::MAX);
        self.ahead.resize(have + (wanted - have).max(CHUNK).min(room), 0);
        let read = self.file.read_at(from, &mut self.ahead[have..]);
        let read = read.map_err(ImageError::io("reading", &self.path))?;
        self.ahead.truncate(have + read);
        if let Some(Digest(digest)) = &mut self.digest {
            digest.update(&self.ahead[have..]);
        }
        if self.ahead.len() < wanted {
            return Err(self.damaged("it is cut short"));
        }
        Ok(())
    }

    /// Nothing but the hash follows the last row, and it is the right one.
    fn end(&mut self) -> Result<(), ImageError> {
        let Some(Digest(digest)) = self.digest.take() else { return Ok(()) };
        let read = self.offset + self.used as u64;
        if self.used != self.ahead.len() || read + DIGEST_LEN as u64 != self.length {
            return Err(self.damaged("it does not end with its last row"));
        }
        self.sha256.copy_from_slice(digest.finish().as_ref());
        if self.stated_sha256()? != self.sha256 {
            return Err(self.damaged("its bytes are not those that were written"));
        }
        Ok(())
    }

    /// Its rows are not those that its header says.
    pub(crate) fn disagrees(&self) -> ImageError {
        self.damaged("its rows are not those that its header says")
    }

    fn damaged(&self, problem: impl Into<String>) -> ImageError {
        ImageError::damaged(&self.name, problem)
    }
}
