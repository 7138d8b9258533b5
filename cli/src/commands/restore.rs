//! `tongxing restore`: a province again, from a backup.
//!
//! It works on folders alone: no gateway is asked, and none may run there.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use tongxing_gateway::{CONFIG_FILE, Config};
use tongxing_pki::Timestamp;
use tongxing_trust_store::{
    BackupCheck, BackupError, BackupIdentity, Clock, CommandError, EvidenceError, Restore,
    RestoreReport, RestoreUntil, StoreError, SystemClock, abandon_restores,
    accept_lost_checkpoints, check_backup,
};

use super::Signals;
use crate::args::RestoreArgs;
use crate::client::operator;
use crate::files;
use crate::outcome::{Failure, Outcome};
use crate::render::{Output, Style};

/// As [`Outcome::Unanswered`].
const EXIT_UNANSWERED: i32 = 2;

pub(super) async fn run(args: RestoreArgs, output: &Output) -> Result<Outcome, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    abandon_on_signal()?;
    let identities = BackupIdentity::from_file(&args.identity, &files::read_text(&args.identity)?)?;
    let Some(to) = &args.to else {
        let check = check_backup(&args.file, &identities, &clock)?;
        output.value(&check, |style| checked(&args.file, &check, style));
        return Ok(Outcome::Yes);
    };
    let restore = Restore {
        file: args.file,
        identities,
        until: match (args.sequence, args.moment) {
            (Some(sequence), _) => RestoreUntil::Sequence(sequence),
            (None, Some(moment)) => RestoreUntil::Moment(moment),
            (None, None) if args.as_standby => RestoreUntil::EndAsStandby,
            (None, None) => RestoreUntil::End,
        },
        reason: args.reason,
        by: operator(),
    };
    let report = restore.carry_out(to, clock).await?;
    if args.as_standby {
        output.value(&report, |style| made_standby(&report, style));
        return Ok(Outcome::Yes);
    }
    let unknown = accept_in_second_place(to, report.sequence)?;
    output.value(&report, |style| restored(&report, style) + &away(to, unknown.as_ref(), style));
    Ok(Outcome::Yes)
}

/// What is unpacked holds the province in the clear, keys and all: a process that is told
/// to end removes it first.
fn abandon_on_signal() -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    // On a thread of the runtime: this one may be busy unpacking.
    tokio::spawn(async move {
        let signal = signals.next().await;
        match abandon_restores() {
            Ok(()) => eprintln!("ended by {signal}: nothing is left of what was unpacked"),
            Err(left) => {
                for path in left {
                    eprintln!("ended by {signal}: remove {}, which holds keys", path.display());
                }
            }
        }
        std::process::exit(EXIT_UNANSWERED);
    });
    Ok(())
}

/// The second place may know of later records than the backup: that they are gone is
/// what going back means, and the journal says so. What kept it from being looked at: on
/// another machine it may well be away.
fn accept_in_second_place(to: &Path, sequence: u64) -> Result<Option<EvidenceError>, Failure> {
    if !to.join(CONFIG_FILE).is_file() {
        return Ok(None);
    }
    let config = Config::load(to).map_err(|error| Failure::bad_input(error.to_string()))?;
    let Some(place) = config.checkpoint_copy() else { return Ok(None) };
    match accept_lost_checkpoints(to, Some(place), sequence) {
        Ok(_) => Ok(None),
        Err(error @ EvidenceError::Io { .. }) => Ok(Some(error)),
        Err(error) => Err(StoreError::from(error).into()),
    }
}

fn away(folder: &Path, unknown: Option<&EvidenceError>, style: Style) -> String {
    unknown.map_or_else(String::new, |error| {
        format!(
            "{} The second place for checkpoints could not be looked at: {error}.\n  \
             If it knows of later records, serving is refused once it is back: mount it now, \
             and\n  tongxing repair accept-checkpoints --data {}\n",
            style.warn("!"),
            folder.display()
        )
    })
}

fn checked(file: &Path, check: &BackupCheck, style: Style) -> String {
    format!(
        "{} {} can be restored.\n{}head:  {}\nstate: {}, as it was backed up\n",
        style.good("✓"),
        file.display(),
        contents(check),
        check.head,
        check.state
    )
}

fn contents(check: &BackupCheck) -> String {
    let BackupCheck { sequence, files, blobs, version, made, .. } = check;
    let made = Timestamp::from_unix(made.div_euclid(1000));
    format!("made {made} by {version}: records up to {sequence}, {files} files, {blobs} blobs\n")
}

fn restored(report: &RestoreReport, style: Style) -> String {
    let RestoreReport { folder, sequence, backup, recorded, .. } = report;
    let mut text = format!(
        "{} {} holds the province as it was after record {sequence}.\n{}head:  {}\nstate: {}\n",
        style.good("✓"),
        folder.display(),
        contents(backup),
        report.head,
        report.state
    );
    if *sequence < backup.sequence {
        let (first, last) = (sequence + 1, backup.sequence);
        let gone = format!("records {first} to {last} of the backup are not in it");
        _ = writeln!(text, "{} {gone}; record {recorded} says so.", style.warn("!"));
    }
    for subject in &report.erased {
        let told = format!("{subject} was erased later, and is erased here too");
        _ = writeln!(text, "{} {told}.", style.warn("!"));
    }
    text + &steps(folder, style)
}

fn made_standby(report: &RestoreReport, style: Style) -> String {
    let folder = report.folder.display();
    format!(
        "{} {folder} is a standby's, as of record {}.\n\
         1. tongxing standby invite, on the primary\n\
         2. tongxing standby join 'tongxing-standby:…' --data {folder}\n\
         3. tongxing serve --data {folder}\n",
        style.good("✓"),
        report.sequence
    )
}

/// Two gateways with the same keys would contradict each other.
fn steps(folder: &Path, style: Style) -> String {
    let folder = folder.display();
    format!(
        "{} It has the keys and the addresses of the province that was backed up. Never run\n  \
         both: they would sign different records under one name.\n\
         1. See that the other one is stopped, and cannot start again by itself.\n\
         2. Read {folder}/tongxing.toml: paths outside the folder are as they were.\n\
         3. tongxing audit verify --replay --data {folder}\n\
         4. tongxing serve --data {folder}\n\
         What was recorded since the backup is known to the platforms only: tell them.\n\
         Persons erased since the backup was made are to be erased again.\n",
        style.warn("!")
    )
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        CommandError::from(error).into()
    }
}
