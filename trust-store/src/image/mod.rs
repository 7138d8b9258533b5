//! Images: the state saved whole, so that it need not be made from record 1.
//!
//! How an image is taken, while the state goes on changing, and what survives a
//! power cut in each step:
//! 1. All rows as of one sequence number are written to `images/SEQUENCE.image.new`,
//!    synced, read again and compared with their hash. A cut leaves a file under a
//!    name that nobody reads; the next image removes it.
//! 2. The change `image_taken.v1` with the file's SHA-256 is appended. A cut after
//!    it leaves a record of an image that is not there, as there are of all that
//!    were removed since.
//! 3. The file is renamed to `images/SEQUENCE.image` and its folder synced. So a
//!    file of that name is always one that the journal names: what else is found
//!    under it was put there by somebody else and is not used.
//! 4. All but the newest [`KEPT`] are removed.
//!
//! Reading one back checks its header, every length, the order of its rows and
//! the SHA-256 at its end, and then the record that names it. An image that is
//! refused is left where it is, and an older one or the journal is used.

mod error;
mod format;
mod read;
#[cfg(test)]
mod tests;
mod vouch;
mod write;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use error::ImageError;
pub(crate) use format::ImageHeader;
pub(crate) use read::ImageReader;
pub(crate) use vouch::vouch;

use crate::files::{self, FileLayer};
use crate::index::Scan;

/// How many images are kept: the newest, and one more should it be damaged.
pub(crate) const KEPT: usize = 2;

/// What an image is, in the words of the record that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImageSummary {
    pub(crate) header: ImageHeader,
    /// SHA-256 of the file without its last 32 bytes, which are this hash.
    pub(crate) sha256: [u8; 32],
    /// How long the file is.
    pub(crate) bytes: u64,
}

/// The folder of images.
#[derive(Debug, Clone)]
pub(crate) struct Images {
    files: Arc<dyn FileLayer>,
    folder: PathBuf,
}

impl Images {
    pub(crate) fn new(files: Arc<dyn FileLayer>, folder: &Path) -> Self {
        Self { files, folder: folder.to_owned() }
    }

    /// The sequences that there are images of, the newest first.
    pub(crate) fn sequences(&self) -> Result<Vec<u64>, ImageError> {
        let names = match self.files.list(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            names => names.map_err(ImageError::io("listing", &self.folder))?,
        };
        let mut found: Vec<u64> =
            names.iter().filter_map(|name| format::sequence_of(name)).collect();
        found.sort_unstable_by_key(|sequence| std::cmp::Reverse(*sequence));
        Ok(found)
    }

    /// Opens the image of a sequence; its rows are checked as they are read.
    pub(crate) fn open(&self, sequence: u64) -> Result<ImageReader, ImageError> {
        ImageReader::open(&*self.files, &self.folder, &format::name(sequence), sequence)
    }

    /// Step 1: writes what the scan gives, and reads it again.
    pub(crate) fn prepare(&self, scan: Scan<'_>) -> Result<ImageSummary, ImageError> {
        files::make_folder(&*self.files, &self.folder)
            .map_err(ImageError::io("making", &self.folder))?;
        let sequence = scan.applied();
        let name = format::unpublished_name(sequence);
        self.remove_unpublished()?;
        let prepared =
            write::write(&*self.files, &self.folder.join(&name), scan).and_then(|written| {
                let read =
                    ImageReader::open(&*self.files, &self.folder, &name, sequence)?.verify()?;
                if read == written {
                    Ok(read)
                } else {
                    Err(ImageError::damaged(&name, "it reads otherwise than it was written"))
                }
            });
        if prepared.is_err() {
            // The failure says more than that its remains could not be removed.
            let _ = self.remove_unpublished();
        }
        prepared
    }

    /// Step 3: gives an image that the journal names its name.
    pub(crate) fn publish(&self, sequence: u64) -> Result<(), ImageError> {
        let from = self.folder.join(format::unpublished_name(sequence));
        let to = self.folder.join(format::name(sequence));
        self.files.rename(&from, &to).map_err(ImageError::io("naming", &to))?;
        self.files.sync_folder(&self.folder).map_err(ImageError::io("syncing", &self.folder))
    }

    /// Step 4: removes all but the newest [`KEPT`].
    pub(crate) fn prune(&self) -> Result<(), ImageError> {
        for sequence in self.sequences()?.into_iter().skip(KEPT) {
            self.remove(&format::name(sequence))?;
        }
        Ok(())
    }

    fn remove_unpublished(&self) -> Result<(), ImageError> {
        let names =
            self.files.list(&self.folder).map_err(ImageError::io("listing", &self.folder))?;
        for name in names.iter().filter(|name| format::is_unpublished(name)) {
            self.remove(name)?;
        }
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), ImageError> {
        let path = self.folder.join(name);
        self.files.remove(&path).map_err(ImageError::io("removing", &path))
    }
}
