//! The doctor's visit to a province that is open.

use super::{Check, Depth, examine_folder, state};
use crate::journal::MAX_CLOCK_LAG_MILLIS;
use crate::province::Province;
use crate::state::{Lookups, View};

pub(super) const CHECKPOINTS: &str = "checkpoints";

impl Province {
    /// Looks at the folder, and at what the record says as
    /// [`examine_record`](super::examine_record) does for one that nobody has open.
    /// Blocks; reads everything if asked to.
    pub(crate) fn examine(&self, depth: Depth) -> Vec<Check> {
        let health = self.health();
        let reserve = self.disk().reserve;
        let mut checks = examine_folder(self.folder(), &**self.clock(), reserve, depth);
        checks.extend([self.examine_journal(depth), self.examine_index()]);
        checks.extend([self.examine_checkpoints(), self.examine_clock()]);
        let told = self.read(|view| {
            let vault = self.vault();
            let persons = state::person_keys(view, |key| vault.persons.has(key));
            let lookups = state::lookup_key(view, |version| vault.lookups.has(version));
            Ok(vec![state::blobs(view, &vault.blobs, depth), persons, lookups])
        });
        checks.extend(told.unwrap_or_else(|error| state::untold(&error).to_vec()));
        for fault in health.degraded {
            checks.push(Check::warn("health", fault, "see the gateway's log"));
        }
        checks
    }

    fn examine_journal(&self, depth: Depth) -> Check {
        const ABOUT: &str = "journal";
        let last = self.journal().position().sequence;
        if let Some(failure) = self.journal().failure() {
            let help = "restart the gateway: what was acknowledged is there";
            return Check::fail(ABOUT, failure, help);
        }
        let sealed = self.journal().sealed_segments();
        let archived = sealed.iter().filter(|segment| segment.archived).count();
        let (profile, segments) = (self.profile(), sealed.len());
        let seen = format!(
            "{last} records (profile {profile}), {segments} sealed segments, {archived} archived"
        );
        match depth {
            Depth::Quick => Check::ok(ABOUT, seen),
            Depth::Full => match self.journal().check_sealed() {
                Ok(_) => Check::ok(ABOUT, format!("{seen}; manifest and segments agree")),
                Err(error) => {
                    let help = error.advice().unwrap_or_default();
                    Check::fail(ABOUT, error, help)
                }
            },
        }
    }

    fn examine_index(&self) -> Check {
        const ABOUT: &str = "index";
        match self.index_stands_at() {
            Ok((applied, (rows, _))) => {
                let seen =
                    format!("{rows} rows, at record {applied}; it agreed when it was opened");
                Check::ok(ABOUT, seen)
            }
            Err(error) => Check::fail(ABOUT, error, "see that the disk has room"),
        }
    }

    fn examine_checkpoints(&self) -> Check {
        let agrees = self
            .evidence_keys()
            .and_then(|known| Ok(self.keeper().check(&**self.journal(), &known)?));
        let newest = self.newest_checkpoint().map(|newest| newest.checkpoint().size);
        match agrees {
            Ok(()) => checkpoint(newest),
            Err(error) => Check::fail(CHECKPOINTS, error, super::RESTORE),
        }
    }

    fn examine_clock(&self) -> Check {
        let log_time = self.read(|view: &View<'_>| Ok(view.clock()?.log_time));
        match log_time {
            Ok(log_time) => clock(self.clock().now_millis(), log_time),
            Err(error) => Check::unknown("clock", error, "start the gateway again"),
        }
    }
}

/// A newest checkpoint that agrees, by the number of records that it was signed over.
pub(super) fn checkpoint(newest: Option<u64>) -> Check {
    if let Some(size) = newest {
        return Check::ok(CHECKPOINTS, format!("the newest is of record {size}"));
    }
    let help = "a gateway signs one within its interval: `tongxing audit checkpoint`";
    Check::warn(CHECKPOINTS, "none yet: nothing shows whether the end is whole", help)
}

/// A clock behind log time keeps everything from being recorded.
pub(super) fn clock(now: i64, log_time: i64) -> Check {
    const ABOUT: &str = "clock";
    let behind = log_time - now;
    if behind <= MAX_CLOCK_LAG_MILLIS {
        return Check::ok(ABOUT, "not behind the journal's last record");
    }
    let seen = format!("{} s behind the journal's last record", behind / 1000);
    let help = "put it right (NTP); if it is right, `tongxing clock reset --reason …`";
    Check::fail(ABOUT, seen, help)
}
