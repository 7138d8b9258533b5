//! The leaf hashes of one sealed segment: 32 bytes each, in order, and a CRC-32C
//! over them (4 bytes, big-endian).

use std::io;
use std::path::Path;

use super::SealedSegment;
use crate::files::{self, FileLayer, ReadAt};
use crate::journal::merkle::TreeHash;
use crate::journal::{JournalError, segment};

const LEAF: usize = 32;
const CRC: usize = 4;

/// The name of the file beside the segment that begins with `first`.
pub(in crate::journal) fn name(first: u64) -> String {
    segment::name(first).replace(segment::SUFFIX, ".leaves")
}

/// Writes the leaves, durably and whole.
pub(super) fn write(
    files: &dyn FileLayer,
    folder: &Path,
    first: u64,
    leaves: &[TreeHash],
) -> Result<(), JournalError> {
    let mut bytes = leaves.concat();
    bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_be_bytes());
    let name = name(first);
    let path = folder.join(&name);
    files::replace(files, folder, &name, &bytes).map_err(JournalError::io("writing", &path))
}

/// The leaves of a segment; `None` if the file is missing or torn.
pub(in crate::journal) fn read(
    files: &dyn FileLayer,
    folder: &Path,
    entry: &SealedSegment,
) -> Result<Option<Vec<TreeHash>>, JournalError> {
    let Some(file) = find(files, folder, entry)? else {
        return Ok(None);
    };
    let path = folder.join(name(entry.first));
    // A length that no memory holds is not one that was written.
    let len = usize::try_from(length(entry)).unwrap_or(0);
    let mut bytes = vec![0; len];
    let read = file.read_at(0, &mut bytes).map_err(JournalError::io("reading", &path))?;
    let Some((content, crc)) = bytes[..read].split_last_chunk::<CRC>() else {
        return Ok(None);
    };
    let (leaves, rest) = content.as_chunks::<LEAF>();
    let whole =
        read == len && rest.is_empty() && crc32c::crc32c(content) == u32::from_be_bytes(*crc);
    Ok(whole.then(|| leaves.to_vec()))
}

/// Whether the file is there in full length; what is in it is checked when it is
/// read.
pub(super) fn is_there(
    files: &dyn FileLayer,
    folder: &Path,
    entry: &SealedSegment,
) -> Result<bool, JournalError> {
    Ok(find(files, folder, entry)?.is_some())
}

/// The file, if it has the length that the entry asks for.
fn find(
    files: &dyn FileLayer,
    folder: &Path,
    entry: &SealedSegment,
) -> Result<Option<Box<dyn ReadAt>>, JournalError> {
    let path = folder.join(name(entry.first));
    let file = match files.open_read(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(JournalError::io("opening", &path)(error)),
    };
    let len = file.len().map_err(JournalError::io("reading", &path))?;
    Ok((len == length(entry)).then_some(file))
}

/// How long the file of a whole segment's leaves is.
fn length(entry: &SealedSegment) -> u64 {
    let range = entry.leaves();
    (range.end - range.start) * LEAF as u64 + CRC as u64
}
