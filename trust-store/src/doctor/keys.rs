//! The key files: there, readable by their owner only, and whole.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::{Check, RESTORE};
use crate::files::Disk;
use crate::province::folder as names;
use crate::seal;

const ABOUT: &str = "keys";

/// The files of named keys. A new province knows no person yet.
const FILES: [(&str, &str); 3] = [
    (names::LOOKUP_KEYS, "keys of look-ups"),
    (names::PERSON_KEYS, "keys of persons"),
    (names::EVIDENCE_KEYS, "keys that sign checkpoints"),
];

/// Looks at the folder of keys; what they open is another check's.
pub(super) fn examine(keys: &Path) -> Vec<Check> {
    let mut checks: Vec<Check> = exposed(keys).into_iter().collect();
    for (name, what) in FILES {
        checks.push(match seal::key_names(&Disk, &keys.join(name)).map(|names| names.len()) {
            Ok(0) if name != names::PERSON_KEYS => {
                Check::fail(ABOUT, format!("no {what}"), RESTORE)
            }
            Ok(count) if count > seal::KEYS_MAX / 10 * 9 => {
                let seen = format!("{count} {what}, of {} that may be", seal::KEYS_MAX);
                Check::warn(ABOUT, seen, "shorten `[retention]`, and `tongxing retention --apply`")
            }
            Ok(count) => Check::ok(ABOUT, format!("{count} {what}")),
            Err(error) => Check::fail(ABOUT, error, RESTORE),
        });
    }
    checks
}

/// The first file or folder that others may read or enter.
fn exposed(keys: &Path) -> Option<Check> {
    let data = match fs::symlink_metadata(keys) {
        Ok(data) => data,
        Err(error) => {
            return Some(Check::fail(ABOUT, format!("{}: {error}", keys.display()), RESTORE));
        }
    };
    if data.mode() & 0o077 != 0 {
        let right = if data.is_dir() { "700" } else { "600" };
        let seen = format!(
            "{}: others than its owner have rights (mode {:04o})",
            keys.display(),
            data.mode() & 0o777
        );
        return Some(Check::fail(ABOUT, seen, format!("chmod {right} {}", keys.display())));
    }
    let inside = fs::read_dir(keys).into_iter().flatten().flatten();
    inside.filter(|_| data.is_dir()).find_map(|entry| exposed(&entry.path()))
}
