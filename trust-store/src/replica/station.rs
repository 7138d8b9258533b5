//! What a folder says of itself.
//!
//! | file | content | meaning |
//! |---|---|---|
//! | none | | a primary's folder |
//! | `standby` | `{"role":"standby"}` | it follows; nothing but the primary's frames is appended |
//! | `standby` | `{"role":"promoting","term":N,…}` | opening it completes its promotion |
//! | `fenced` | `{"term":N}` | another took over; nothing is appended any more |
//!
//! A fenced folder becomes a standby's only by an operator's doing ([`make_standby`]),
//! and then follows: it never appends anything of its own. It becomes a primary's again
//! only by an operator who says that the other gateway is gone (`take_back`).
//!
//! Each is replaced atomically, so that a power cut leaves one of the meanings.
//! `fenced` outweighs `standby`. A file that cannot be read is an error: guessing
//! could make two writers.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::change::{Actor, Forced, Promoted};
use crate::error::StoreError;
use crate::files::{self, Disk, FileLayer, read_all};

const STANDBY_FILE: &str = "standby";
const FENCED_FILE: &str = "fenced";

/// Far more than either file has.
const FILE_MAX: u64 = 4096;

/// What a folder is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Station {
    Primary,
    Standby,
    Promoting { promoted: Promoted, by: Actor },
    Fenced { term: u64 },
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case", deny_unknown_fields)]
enum StandbyMark {
    Standby {},
    Promoting {
        term: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        forced: Option<Forced>,
        by: Actor,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FencedMark {
    term: u64,
}

impl Station {
    /// Reads what `folder` says of itself, for good: a fence that a process was killed
    /// over is answered for by the next one, and may not be gone after a power cut.
    pub(crate) fn read(folder: &Path) -> Result<Self, StoreError> {
        Self::read_on(&Disk, folder)
    }

    fn read_on(files: &dyn FileLayer, folder: &Path) -> Result<Self, StoreError> {
        files.sync_folder(folder).map_err(StoreError::io("syncing", folder))?;
        if let Some(FencedMark { term }) = read(files, folder, FENCED_FILE)? {
            return Ok(Self::Fenced { term });
        }
        Ok(match read(files, folder, STANDBY_FILE)? {
            None => Self::Primary,
            Some(StandbyMark::Standby {}) => Self::Standby,
            Some(StandbyMark::Promoting { term, forced, by }) => {
                Self::Promoting { promoted: Promoted { term, forced }, by }
            }
        })
    }

    /// Makes `folder` say so, durably. From [`Self::Fenced`] there is no way back by
    /// this.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), StoreError> {
        self.write_on(&Disk, folder)
    }

    fn write_on(&self, files: &dyn FileLayer, folder: &Path) -> Result<(), StoreError> {
        match self {
            Self::Primary => remove(files, folder, STANDBY_FILE),
            Self::Standby => write(files, folder, STANDBY_FILE, &StandbyMark::Standby {}),
            Self::Promoting { promoted, by } => {
                let Promoted { term, forced } = promoted.clone();
                let mark = StandbyMark::Promoting { term, forced, by: by.clone() };
                write(files, folder, STANDBY_FILE, &mark)
            }
            Self::Fenced { term } => write(files, folder, FENCED_FILE, &FencedMark { term: *term }),
        }
    }
}

/// Makes the folder of a province that no process has open, a fenced one or a copy, a
/// standby's. A power cut leaves it what it was or what it becomes.
///
/// # Errors
/// [`StoreError::Io`] when its marks cannot be written.
pub fn make_standby(folder: &Path) -> Result<(), StoreError> {
    Station::Standby.write(folder)?;
    remove_fence(folder)
}

/// From here on the folder is what the other mark says.
pub(super) fn remove_fence(folder: &Path) -> Result<(), StoreError> {
    remove(&Disk, folder, FENCED_FILE)
}

fn read<T: for<'de> Deserialize<'de>>(
    files: &dyn FileLayer,
    folder: &Path,
    name: &str,
) -> Result<Option<T>, StoreError> {
    let path = folder.join(name);
    let file = match files.open_read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(StoreError::io("opening", &path))?,
    };
    let bytes = read_all(&*file, FILE_MAX).map_err(StoreError::io("reading", &path))?;
    let parsed = serde_json::from_slice(&bytes);
    parsed.map(Some).map_err(|source| StoreError::io("reading", &path)(io::Error::other(source)))
}

fn write(
    files: &dyn FileLayer,
    folder: &Path,
    name: &str,
    mark: &impl Serialize,
) -> Result<(), StoreError> {
    let content = serde_json::to_vec(mark).map_err(StoreError::encoding)?;
    let written = files::replace(files, folder, name, &content);
    written.map_err(StoreError::io("writing", &folder.join(name)))
}

fn remove(files: &dyn FileLayer, folder: &Path, name: &str) -> Result<(), StoreError> {
    let path = folder.join(name);
    match files.remove(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => {
            removed.map_err(StoreError::io("removing", &path))?;
            files.sync_folder(folder).map_err(StoreError::io("syncing", folder))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::faulty::{Faults, FaultyDisk};

    /// A process that was killed while it wrote the fence is followed by one that
    /// answers that it is fenced.
    #[test]
    fn a_fence_that_was_answered_for_survives_a_power_cut() {
        let folder = Path::new("/province");
        for (step, seed) in (1..=6).flat_map(|step| (0..16).map(move |seed| (step, seed))) {
            let disk = FaultyDisk::new(Faults { error_at: Some(step), ..Faults::default() }, seed);
            let _ = Station::Fenced { term: 2 }.write_on(&disk, folder);
            let killed = disk.kill();
            let answered = Station::read_on(&killed, folder).unwrap();
            assert_eq!(Station::read_on(&killed.reboot(), folder).unwrap(), answered, "{step}");
        }
    }

    #[test]
    fn a_folder_says_what_was_written_last_and_a_fence_outweighs_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        assert_eq!(Station::read(path).unwrap(), Station::Primary);
        for station in [
            Station::Standby,
            Station::Promoting {
                promoted: Promoted { term: 3, forced: Some(Forced::default()) },
                by: Actor::Gateway,
            },
            Station::Primary,
            Station::Standby,
            Station::Fenced { term: 4 },
        ] {
            station.write(path).unwrap();
            assert_eq!(Station::read(path).unwrap(), station);
        }
        Station::Primary.write(path).unwrap();
        assert_eq!(Station::read(path).unwrap(), Station::Fenced { term: 4 });
        make_standby(path).unwrap();
        assert_eq!(Station::read(path).unwrap(), Station::Standby);
    }

    #[test]
    fn an_unreadable_mark_is_an_error_and_never_a_primary() {
        let folder = tempfile::tempdir().unwrap();
        for name in [FENCED_FILE, STANDBY_FILE] {
            for content in ["", "{}", "{\"role\":\"primary\"}"] {
                std::fs::write(folder.path().join(name), content).unwrap();
                assert!(Station::read(folder.path()).is_err(), "{name}: {content}");
            }
            std::fs::remove_file(folder.path().join(name)).unwrap();
        }
    }
}
