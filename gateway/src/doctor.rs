//! `tongxing doctor`, as far as the gateway's own files go: settings, keys of tokens
//! and challenges, the admin socket.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use tongxing_trust_store::{Check, Clock, Depth, examine_folder, examine_record};

use crate::admin::admin_group;
use crate::config::{Config, DISK_RESERVE};
use crate::keys;

/// What helps where keys are gone.
const RESTORE: &str = "restore it from a backup: `tongxing restore BACKUP --identity KEY --to DIR`";

/// Looks at a province that no gateway has open: its folder, its record, and what the
/// gateway keeps there. Nothing is mended. Blocks; reads everything if asked to.
pub fn examine_province(folder: &Path, clock: &dyn Clock, depth: Depth) -> Vec<Check> {
    let reserve = Config::load(folder).map_or(DISK_RESERVE, |config| config.record.disk_reserve);
    let mut checks = examine_folder(folder, clock, reserve, depth);
    checks.extend(examine_record(folder, clock, depth));
    checks.extend(examine_own(folder));
    checks
}

/// Looks at what the gateway keeps in a province's folder.
pub(crate) fn examine_own(folder: &Path) -> Vec<Check> {
    let settings = Config::load(folder);
    let mut checks = vec![match &settings {
        Ok(_) => Check::ok("settings", "tongxing.toml can be read"),
        Err(error) => Check::fail("settings", error, "mend the line that is named"),
    }];
    checks.extend(keys::examine(folder).map(|examined| match examined {
        Ok(seen) => Check::ok("keys", seen),
        Err(error) => Check::fail("keys", error, RESTORE),
    }));
    checks.extend(settings.ok().map(|config| admin_socket(config.admin_socket())));
    checks
}

/// Whether platforms could be told how their receipts were decided.
pub(crate) fn webhooks(troubles: &[String]) -> Check {
    const ABOUT: &str = "webhooks";
    if troubles.is_empty() {
        return Check::ok(ABOUT, "every platform that has one was told");
    }
    Check::warn(ABOUT, troubles.join("; "), "ask the platform; `tongxing rp set ID --webhook URL`")
}

/// Who may ask is decided by the socket's mode alone.
fn admin_socket(path: &Path) -> Check {
    const ABOUT: &str = "admin socket";
    let data = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Check::ok(ABOUT, "none: no gateway runs");
        }
        Err(error) => {
            let seen = format!("{}: {error}", path.display());
            return Check::unknown(ABOUT, seen, "ask as the gateway's account");
        }
        Ok(data) => data,
    };
    let named = path.display();
    if !data.file_type().is_socket() {
        return Check::fail(ABOUT, format!("{named} is no socket"), format!("remove {named}"));
    }
    let ours = admin_group().is_some_and(|group| group == data.gid());
    let allowed = if ours { 0o660 } else { 0o600 };
    let mode = data.mode() & 0o777;
    if mode & !allowed == 0 {
        return Check::ok(ABOUT, format!("{named}, mode {mode:04o}"));
    }
    let seen = format!("{named}: accounts that should not may give commands (mode {mode:04o})");
    Check::fail(ABOUT, seen, format!("chmod {allowed:03o} {named}"))
}
