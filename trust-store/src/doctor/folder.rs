//! The province's folder as files: rights, disk, clock, images.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Check, Depth, keys};
use crate::clock::Clock;
use crate::files::{Disk, FileLayer};
use crate::image::Images;
use crate::journal::MAX_CLOCK_LAG_MILLIS;
use crate::province::folder as names;
use crate::replica::Station;
use crate::reserve::{self, Size};

/// Group's and others' rights.
const OTHERS: u32 = 0o077;

/// Where systemd-timesyncd says how it is.
const TIMESYNC: &str = "/run/systemd/timesync";

/// Looks at what lies in `folder`. `disk_reserve` is what the settings keep free.
pub fn examine_folder(
    folder: &Path,
    clock: &dyn Clock,
    disk_reserve: u64,
    depth: Depth,
) -> Vec<Check> {
    let mut checks = vec![rights(folder)];
    checks.extend(keys::examine(&folder.join(names::KEYS)));
    checks.push(disk(folder, disk_reserve));
    checks.push(ballast(folder));
    checks.push(newest_file(folder, clock));
    checks.extend(images(folder, depth));
    checks.push(station(folder));
    checks.extend(synchronised());
    checks
}

fn rights(folder: &Path) -> Check {
    const ABOUT: &str = "folder";
    let help = format!("chmod 700 {}", folder.display());
    match fs::metadata(folder) {
        Err(error) => Check::fail(ABOUT, format!("{}: {error}", folder.display()), "give --data"),
        Ok(data) if data.mode() & OTHERS != 0 => {
            let mode = data.mode() & 0o777;
            Check::fail(
                ABOUT,
                format!("others than its owner may enter it (mode {mode:04o})"),
                help,
            )
        }
        Ok(data) => match foreign(folder, data.uid()) {
            Some(path) => {
                let seen = format!("{} belongs to another account", path.display());
                Check::fail(ABOUT, seen, format!("chown -R {} {}", data.uid(), folder.display()))
            }
            None => Check::ok(ABOUT, format!("{}: its owner's alone", folder.display())),
        },
    }
}

/// The first of the record's files that is not `owner`'s.
fn foreign(folder: &Path, owner: u32) -> Option<PathBuf> {
    let kept = [
        names::JOURNAL,
        names::KEYS,
        names::BLOBS,
        names::STATE,
        names::IMAGES,
        names::CHECKPOINTS,
    ];
    let paths = kept.iter().flat_map(|name| {
        let path = folder.join(name);
        let inside = fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path());
        std::iter::once(path.clone()).chain(inside).collect::<Vec<_>>()
    });
    let is_foreign = |data: Metadata| data.uid() != owner;
    paths.into_iter().find(|path| fs::symlink_metadata(path).is_ok_and(is_foreign))
}

fn disk(folder: &Path, reserve: u64) -> Check {
    const ABOUT: &str = "disk";
    match Disk.free_space(folder) {
        Err(error) => Check::unknown(ABOUT, error, "ask the system: df"),
        Ok(free) if free < reserve => {
            let seen = format!("{} free, below the reserve of {}", Size(free), Size(reserve));
            let help = "sign-ins pause: make room, for example by `tongxing archive`";
            Check::fail(ABOUT, seen, help)
        }
        Ok(free) if free < reserve.saturating_mul(2) => {
            let seen = format!("{} free; sign-ins pause below {}", Size(free), Size(reserve));
            Check::warn(ABOUT, seen, "make room soon")
        }
        Ok(free) => Check::ok(ABOUT, format!("{} free, {} kept back", Size(free), Size(reserve))),
    }
}

fn ballast(folder: &Path) -> Check {
    const ABOUT: &str = "ballast";
    if reserve::is_aside(&Disk, folder) {
        return Check::ok(ABOUT, format!("{} set aside", Size(reserve::BALLAST)));
    }
    let help = "a gateway sets it aside within a minute of its start, if there is room";
    Check::warn(ABOUT, "not set aside: nothing is left to give back on a full disk", help)
}

/// A file from the future means that the clock was set back.
fn newest_file(folder: &Path, clock: &dyn Clock) -> Check {
    const ABOUT: &str = "clock and files";
    let journal = folder.join(names::JOURNAL);
    let written = Disk.list(&journal).map(|files| {
        let times = files.iter().map(|name| Disk.modified_millis(&journal.join(name)));
        times.filter_map(io::Result::ok).max().unwrap_or(0)
    });
    match written.map(|written| written - clock.now_millis()) {
        Err(error) => {
            Check::unknown(ABOUT, format!("{}: {error}", journal.display()), "give --data")
        }
        Ok(ahead) if ahead > MAX_CLOCK_LAG_MILLIS => {
            let seen = format!("the journal was written {} s from now", ahead / 1000);
            Check::fail(ABOUT, seen, "the clock was set back: see that it is right (NTP)")
        }
        Ok(_) => Check::ok(ABOUT, "nothing was written in the future"),
    }
}

fn images(folder: &Path, depth: Depth) -> Vec<Check> {
    const ABOUT: &str = "images";
    let folder = folder.join(names::IMAGES);
    let images = Images::new(Arc::new(Disk), &folder);
    let sequences = match images.sequences() {
        Ok(sequences) if sequences.is_empty() => {
            return vec![Check::ok(ABOUT, "none yet: the state is made from the first record")];
        }
        Ok(sequences) => sequences,
        Err(error) => return vec![Check::fail(ABOUT, error, "see that the folder can be read")],
    };
    let looked_at = if depth == Depth::Full { sequences.len() } else { 1 };
    let faults = sequences.iter().take(looked_at).filter_map(|sequence| {
        let image = images.open(*sequence).and_then(|mut image| {
            while depth == Depth::Full && image.next_row()?.is_some() {}
            Ok(())
        });
        let help = "remove it and make another: `tongxing image take`";
        image.err().map(|error| Check::fail(ABOUT, error, help))
    });
    let faults: Vec<Check> = faults.collect();
    if faults.is_empty() {
        let newest = sequences.first().copied().unwrap_or_default();
        return vec![Check::ok(
            ABOUT,
            format!("{}, the newest of record {newest}", sequences.len()),
        )];
    }
    faults
}

/// What the folder says of itself.
fn station(folder: &Path) -> Check {
    const ABOUT: &str = "role";
    match Station::read(folder) {
        Ok(Station::Primary) => Check::ok(ABOUT, "it records"),
        Ok(Station::Standby) => Check::ok(ABOUT, "a standby: it follows another gateway"),
        Ok(Station::Promoting { .. }) => {
            let seen = "it was about to take the other gateway's place";
            Check::warn(ABOUT, seen, "start the gateway: it goes on with that")
        }
        Ok(Station::Fenced { term }) => {
            let seen = format!("fenced: the gateway of term {term} has taken over");
            Check::fail(ABOUT, seen, "use that one; this folder can be made its standby again")
        }
        Err(error) => Check::fail(ABOUT, error, "restore the file, or ask who changed it"),
    }
}

/// Whether the system says that its clock is kept right; `None` where it does not say.
fn synchronised() -> Option<Check> {
    const ABOUT: &str = "NTP";
    let timesync = Path::new(TIMESYNC);
    if !timesync.is_dir() {
        return None;
    }
    Some(if timesync.join("synchronized").exists() {
        Check::ok(ABOUT, "systemd-timesyncd keeps the clock")
    } else {
        let help = "`timedatectl` shows why; another service may keep it (`chronyc tracking`)";
        Check::warn(ABOUT, "systemd-timesyncd has not synchronised the clock", help)
    })
}
