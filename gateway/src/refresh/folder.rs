//! A folder whose files are imported: for authorities that are not connected.
//!
//! 1. A file counts when it did not change between two looks, or was moved in whole:
//!    one that is still being written is left alone. Names that begin with a dot or
//!    end in `.part` or `.tmp` are never looked at, nor is anything but plain files.
//! 2. It is imported as by `tongxing crl import`: verified, kept, recorded.
//! 3. It is moved to `done/`, or to `refused/` beside a `NAME.why` that says why. Killed
//!    before that, it is imported again, which changes nothing.
//!
//! When nothing can be recorded, files wait where they are.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::runtime::Handle;
use tokio::time::MissedTickBehavior;
use tongxing_trust_store::{Actor, CommandError, FailureKind, ReplicaRole};

use crate::fetch::Limits;
use crate::site::Site;

/// Between two looks.
const LOOK: Duration = Duration::from_secs(5);

/// What operators read the folder's troubles under.
const TROUBLE: &str = "drop folder";

/// How a file was at a look: length, and when it was changed.
type Shape = (u64, Option<SystemTime>);

/// The files that wait, as they were at the last look.
type Waiting = HashMap<PathBuf, Shape>;

/// What became of a file.
enum Taken {
    Done,
    Refused(String),
    /// Nothing can be recorded now.
    Later(String),
}

/// Watches the folder, where one is set, for as long as the gateway runs.
pub(crate) async fn watch(site: Arc<Site>) {
    let Some(folder) = site.revocation.drop_folder.clone() else { return };
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut waiting = Waiting::new();
    loop {
        looks.tick().await;
        // A standby gets its lists from the primary.
        if site.province.role() != ReplicaRole::Primary {
            continue;
        }
        let (of_thread, folder) = (Arc::clone(&site), folder.clone());
        let runtime = Handle::current();
        let looking = move || {
            let import = |file: &[u8]| runtime.block_on(import(&of_thread, file));
            let looked = look(&folder, &waiting, import);
            let trouble = looked.as_ref().err();
            let trouble = trouble.map(|error| format!("{}: {error}", folder.display()));
            of_thread.province.points().report(TROUBLE, trouble);
            looked.unwrap_or_default()
        };
        waiting = tokio::task::spawn_blocking(looking).await.unwrap_or_default();
    }
}

/// Step 2.
async fn import(site: &Site, file: &[u8]) -> Taken {
    match site.province.import_list(&Actor::Gateway, None, file.into()).await {
        Ok(list) => {
            let (authority, made) = (&list.authority, list.this_update);
            tracing::info!(%authority, %made, "a list was taken from the drop folder");
            Taken::Done
        }
        Err(CommandError { kind: FailureKind::Unavailable, message }) => Taken::Later(message),
        Err(CommandError { message, .. }) => Taken::Refused(message),
    }
}

/// Imports the files that are as they were at the last look; returns those that wait.
fn look(folder: &Path, before: &Waiting, import: impl Fn(&[u8]) -> Taken) -> io::Result<Waiting> {
    let mut waiting = Waiting::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // Of the entry itself: a link is never followed.
        let metadata = entry.metadata()?;
        if !metadata.is_file() || is_unfinished(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let (file, shape) = (entry.path(), shape(&metadata));
        if before.get(&file) != Some(&shape) {
            waiting.insert(file, shape);
            continue;
        }
        match take(&file, &metadata, &import)? {
            Taken::Done => put_away(folder, &file, "done", None)?,
            Taken::Refused(why) => {
                tracing::warn!(file = %file.display(), why, "a file in the drop folder was refused");
                put_away(folder, &file, "refused", Some(&why))?;
            }
            Taken::Later(why) => return Err(io::Error::other(why)),
        }
    }
    Ok(waiting)
}

fn take(file: &Path, metadata: &Metadata, import: impl Fn(&[u8]) -> Taken) -> io::Result<Taken> {
    let most = Limits::LIST.bytes as u64;
    if metadata.len() > most {
        return Ok(Taken::Refused(format!("it has more than {most} bytes")));
    }
    Ok(import(&fs::read(file)?))
}

fn shape(metadata: &Metadata) -> Shape {
    (metadata.len(), metadata.modified().ok())
}

fn is_unfinished(name: &str) -> bool {
    let path = Path::new(name);
    let ending = path.extension().map(OsStr::to_ascii_lowercase);
    name.starts_with('.') || ending.is_some_and(|ending| ending == "part" || ending == "tmp")
}

/// Step 3. The reason is there before the file is.
fn put_away(folder: &Path, file: &Path, place: &str, why: Option<&str>) -> io::Result<()> {
    let place = folder.join(place);
    fs::create_dir_all(&place)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let names =
        std::iter::once(name.clone()).chain((1..).map(|number: u32| format!("{name}.{number}")));
    let Some(free) = names.map(|name| place.join(name)).find(|path| !path.exists()) else {
        return Err(io::Error::other("no name is free"));
    };
    if let Some(why) = why {
        let mut beside = free.clone().into_os_string();
        beside.push(".why");
        fs::write(beside, format!("{why}\n"))?;
    }
    fs::rename(file, free)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    struct Folder {
        folder: tempfile::TempDir,
        taken: RefCell<Vec<Vec<u8>>>,
    }

    impl Folder {
        fn new() -> Self {
            Self { folder: tempfile::tempdir().unwrap(), taken: RefCell::default() }
        }

        fn write(&self, name: &str, content: &[u8]) {
            fs::write(self.folder.path().join(name), content).unwrap();
        }

        fn look(&self, before: &Waiting) -> io::Result<Waiting> {
            look(self.folder.path(), before, |file| {
                self.taken.borrow_mut().push(file.to_vec());
                match file {
                    b"good" => Taken::Done,
                    b"later" => Taken::Later("the disk is full".to_owned()),
                    _ => Taken::Refused("it is no list".to_owned()),
                }
            })
        }

        fn names(&self, place: &str) -> Vec<String> {
            let Ok(entries) = fs::read_dir(self.folder.path().join(place)) else { return vec![] };
            let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name();
            let mut names: Vec<String> =
                entries.map(|entry| name(entry).into_string().unwrap()).collect();
            names.sort();
            names
        }
    }

    #[test]
    fn files_are_taken_once_and_put_away() {
        let folder = Folder::new();
        folder.write("a.crl", b"good");
        folder.write("b.crl", b"bad");
        let waiting = folder.look(&Waiting::new()).unwrap();
        assert_eq!(folder.taken.borrow().len(), 0, "they may still be being written");
        assert!(folder.look(&waiting).unwrap().is_empty());
        assert_eq!(folder.taken.borrow().len(), 2);
        assert_eq!(folder.names("done"), ["a.crl"]);
        assert_eq!(folder.names("refused"), ["b.crl", "b.crl.why"]);
        let why = fs::read_to_string(folder.folder.path().join("refused/b.crl.why")).unwrap();
        assert_eq!(why, "it is no list\n");
        assert_eq!(folder.names(""), ["done", "refused"]);
    }

    #[test]
    fn a_file_that_is_still_being_written_waits() {
        let folder = Folder::new();
        folder.write("a.crl", b"go");
        let waiting = folder.look(&Waiting::new()).unwrap();
        folder.write("a.crl", b"good");
        let waiting = folder.look(&waiting).unwrap();
        assert_eq!(folder.taken.borrow().len(), 0);
        folder.look(&waiting).unwrap();
        assert_eq!(*folder.taken.borrow(), [b"good"]);
    }

    #[test]
    fn unfinished_names_folders_and_links_are_left_alone() {
        let folder = Folder::new();
        for name in [".hidden", "a.part", "b.TMP"] {
            folder.write(name, b"good");
        }
        fs::create_dir(folder.folder.path().join("folder.crl")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.folder.path().join("link.crl")).unwrap();
        assert!(folder.look(&Waiting::new()).unwrap().is_empty());
    }

    #[test]
    fn nothing_is_put_away_while_nothing_can_be_recorded() {
        let folder = Folder::new();
        folder.write("a.crl", b"later");
        let waiting = folder.look(&Waiting::new()).unwrap();
        assert!(folder.look(&waiting).unwrap_err().to_string().contains("disk is full"));
        assert_eq!(folder.names(""), ["a.crl"]);
    }

    #[test]
    fn a_name_that_came_before_is_kept_beside_the_new_one() {
        let folder = Folder::new();
        for _ in 0..3 {
            folder.write("a.crl", b"good");
            let waiting = folder.look(&Waiting::new()).unwrap();
            folder.look(&waiting).unwrap();
        }
        assert_eq!(folder.names("done"), ["a.crl", "a.crl.1", "a.crl.2"]);
    }

    #[test]
    fn a_missing_folder_is_an_error_and_not_an_empty_one() {
        let missing = Path::new("/nonexistent/drop");
        assert!(look(missing, &Waiting::new(), |_| Taken::Done).is_err());
    }
}
