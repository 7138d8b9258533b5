//! Reading and writing the files that operators name.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use tongxing_trust_store::EvidenceKey;

use crate::outcome::Failure;

/// The largest input file. The largest revocation lists in use have about 40 MiB
/// (some 1,000,000 entries), 54 in base64; twice that is room enough, and fits
/// into what the admin socket takes.
const INPUT_MAX: u64 = 100 * 1024 * 1024;

/// The largest receipt: with the evidence of several authorities' lists, in base64.
const RECEIPT_MAX: u64 = 512 * 1024 * 1024;

/// Reads a file that the operator named.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    read_up_to(path, INPUT_MAX)
}

/// Reads a receipt that the operator named.
pub(crate) fn read_receipt(path: &Path) -> Result<Vec<u8>, Failure> {
    read_up_to(path, RECEIPT_MAX)
}

fn read_up_to(path: &Path, max: u64) -> Result<Vec<u8>, Failure> {
    let failed = |error: std::io::Error| Failure::bad_input(format!("{}: {error}", path.display()));
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(max + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > max {
        let limit = max / (1024 * 1024);
        return Err(Failure::bad_input(format!("{}: larger than {limit} MiB", path.display())));
    }
    Ok(bytes)
}

/// Reads all files that the operator named for one purpose.
pub(crate) fn read_all(paths: &[PathBuf]) -> Result<Vec<Vec<u8>>, Failure> {
    paths.iter().map(|path| read(path)).collect()
}

/// Reads a text file that the operator named.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read(path)?).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        Failure::bad_input(format!("{}: no UTF-8 text (byte {place})", path.display()))
    })
}

/// Each is a key's text form, or else a file of them, one a line.
pub(crate) fn evidence_keys(given: &[String]) -> Result<Vec<EvidenceKey>, Failure> {
    let mut keys = Vec::new();
    for text in given {
        if let Ok(key) = text.parse() {
            keys.push(key);
            continue;
        }
        let content = read_text(Path::new(text))
            .map_err(|failure| failure.help("give a key (NAME+ID+BASE64) or a file of keys"))?;
        for line in content.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let key = line
                .parse()
                .map_err(|error| Failure::bad_input(format!("{text}: {line:?}: {error}")))?;
            keys.push(key);
        }
    }
    Ok(keys)
}

/// Who may read a file that we write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Its owner alone: keys and secrets.
    Owner,
    /// Everybody whom the umask allows.
    Everybody,
}

/// Writes a new file and syncs it; an existing one is an error, never replaced.
pub(crate) fn create(path: &Path, readers: Readers, contents: &[u8]) -> Result<(), Failure> {
    let mode = match readers {
        Readers::Owner => 0o600,
        Readers::Everybody => 0o644,
    };
    let write = || {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
        file.write_all(contents)?;
        file.sync_all()?;
        // Its name too is to be there after a power cut.
        match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
            _ => File::open(".")?.sync_all(),
        }
    };
    write().map_err(|error: std::io::Error| {
        Failure::bad_input(format!("writing {}: {error}", path.display()))
    })
}

/// Makes a folder and those above it.
pub(crate) fn create_folder(path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(path)
        .map_err(|error| Failure::bad_input(format!("making {}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_is_its_owners_and_nothing_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        create(&path, Readers::Owner, b"secret").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(create(&path, Readers::Owner, b"other").is_err());
        assert_eq!(read(&path).unwrap(), b"secret");
    }

    #[test]
    fn text_is_utf_8() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("text");
        create(&path, Readers::Everybody, b"ab\xff").unwrap();
        assert!(read_text(&path).unwrap_err().message().ends_with("no UTF-8 text (byte 2)"));
    }
}
