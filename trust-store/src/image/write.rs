//! Writing an image, row by row.

use std::path::Path;

use ring::digest::{Context, SHA256};

use super::format::ImageHeader;
use super::{ImageError, ImageSummary};
use crate::files::{FileLayer, LayerFile};
use crate::index::Scan;
use crate::state::{CLOCK_KEY, ClockRow};

/// How much is written at a time.
const CHUNK: usize = 1 << 20;

/// Writes all that the scan gives to a new file and syncs it.
pub(super) fn write(
    files: &dyn FileLayer,
    path: &Path,
    mut scan: Scan<'_>,
) -> Result<ImageSummary, ImageError> {
    let header = header_of(&scan)?;
    let file = files.create(path).map_err(ImageError::io("making", path))?;
    let mut writer = Writer::new(file, path);
    writer.put(&header.encode())?;
    loop {
        let page = scan.next_page()?;
        if page.is_empty() {
            break;
        }
        for (key, value) in page {
            writer.row(&key, &value)?;
        }
    }
    let (sha256, bytes) = writer.finish()?;
    Ok(ImageSummary { header, sha256, bytes })
}

/// What the rows say of where they stand.
fn header_of(scan: &Scan<'_>) -> Result<ImageHeader, ImageError> {
    let row = scan.get(CLOCK_KEY.as_bytes())?.ok_or(ImageError::NoState)?;
    let unreadable = |problem: String| ImageError::Scan(format!("the row of the clock: {problem}"));
    let clock: ClockRow =
        serde_json::from_slice(&row).map_err(|error| unreadable(error.to_string()))?;
    let head = crate::hex::decode(&clock.head).ok_or_else(|| unreadable(clock.head.clone()))?;
    Ok(ImageHeader {
        sequence: scan.applied(),
        log_time: clock.log_time,
        head,
        rows: scan.rows(),
        state: scan.hash(),
    })
}

struct Writer<'a> {
    file: Box<dyn LayerFile>,
    path: &'a Path,
    offset: u64,
    waiting: Vec<u8>,
    digest: Context,
}

impl<'a> Writer<'a> {
    fn new(file: Box<dyn LayerFile>, path: &'a Path) -> Self {
        let waiting = Vec::with_capacity(CHUNK + CHUNK / 4);
        Self { file, path, offset: 0, waiting, digest: Context::new(&SHA256) }
    }

    fn row(&mut self, key: &[u8], value: &[u8]) -> Result<(), ImageError> {
        for bytes in [key, value] {
            // A row that is longer than this does not read again, and step 1 fails.
            let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            self.waiting.extend_from_slice(&length.to_be_bytes());
        }
        self.waiting.extend_from_slice(key);
        self.put(value)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), ImageError> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() < CHUNK { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> Result<(), ImageError> {
        self.digest.update(&self.waiting);
        self.write_waiting()
    }

    fn write_waiting(&mut self) -> Result<(), ImageError> {
        let written = self.file.write_at(self.offset, &self.waiting);
        written.map_err(ImageError::io("writing", self.path))?;
        self.offset += self.waiting.len() as u64;
        self.waiting.clear();
        Ok(())
    }

    /// The hash at the end; then all of it is made durable.
    fn finish(mut self) -> Result<([u8; 32], u64), ImageError> {
        self.flush()?;
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(self.digest.clone().finish().as_ref());
        self.waiting.extend_from_slice(&sha256);
        self.write_waiting()?;
        self.file.sync().map_err(ImageError::io("syncing", self.path))?;
        Ok((sha256, self.offset))
    }
}
