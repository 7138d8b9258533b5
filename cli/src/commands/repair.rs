//! `tongxing repair`: giving up records that are gone, and accepting checkpoints that
//! contradict those that are there.
//!
//! It works on the folder alone: the journal's lock keeps a gateway away.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tongxing_gateway::{CONFIG_FILE, Config};
use tongxing_pki::Timestamp;
use tongxing_trust_store::{
    AcceptCheckpoints, AcceptLostEnd, AcceptedLoss, Contradiction, LostEnd, RepairError,
    SystemClock, contradiction, lost_end,
};

use crate::args::{AcceptCheckpointsArgs, AcceptLostEndArgs};
use crate::client::operator;
use crate::outcome::{Failure, Outcome};
use crate::render::{Output, Style};

pub(super) async fn run(args: AcceptLostEndArgs, output: &Output) -> Result<Outcome, Failure> {
    let folder = args.data.folder;
    let checkpoint_copy = second_place(&folder)?;
    let (Some(first), Some(reason)) = (args.lose_from, args.reason) else {
        return tell(&folder, checkpoint_copy.as_deref(), output);
    };
    let accept = AcceptLostEnd { first, reason, by: operator(), checkpoint_copy };
    let accepted = accept.carry_out(&folder, Arc::new(SystemClock)).await?;
    output.value(&accepted, |style| gone_on(&accepted, style));
    Ok(Outcome::Yes)
}

pub(super) async fn accept_checkpoints(
    args: AcceptCheckpointsArgs,
    output: &Output,
) -> Result<Outcome, Failure> {
    let folder = args.data.folder;
    let Some(copy) = second_place(&folder)? else {
        return Err(Failure::bad_input("the settings name no second place (`checkpoint_copy`)"));
    };
    let (Some(signed), Some(reason)) = (args.signed, args.reason) else {
        let found = contradiction(&folder, &copy, Arc::new(SystemClock))?;
        output.value(&found, |style| match &found {
            Some(found) => would_be_accepted(&folder, found, style),
            None => format!("{} {} agrees with the journal.\n", style.good("✓"), copy.display()),
        });
        return Ok(if found.is_some() { Outcome::No } else { Outcome::Yes });
    };
    let accept = AcceptCheckpoints { signed, reason, by: operator() };
    let recorded = accept.carry_out(&folder, &copy, Arc::new(SystemClock)).await?;
    let told = serde_json::json!({ "signed": signed, "recorded": recorded });
    output.value(&told, |style| {
        format!("{} They are accepted; record {recorded} says so.\n", style.warn("!"))
    });
    Ok(Outcome::Yes)
}

fn would_be_accepted(folder: &Path, found: &Contradiction, style: Style) -> String {
    let Contradiction { place, signed, count, records } = found;
    let (folder, place) = (folder.display(), place.display());
    format!(
        "{} {count} checkpoints in {place} say something else than the journal, which has \
         {records} records. The newest was signed over {signed}.\n\n\
         If this province was restored from a backup, or promoted by force, they are of the \
         records that are gone. On your responsibility:\n  \
         tongxing repair accept-checkpoints --data {folder} --signed {signed} --reason REASON\n\
         If neither happened, somebody exchanged the journal or that folder.\n",
        style.bad("✗")
    )
}

/// The second place for checkpoints: it knows of later records, too.
fn second_place(folder: &Path) -> Result<Option<PathBuf>, Failure> {
    if !folder.join(CONFIG_FILE).is_file() {
        return Ok(None);
    }
    let config = Config::load(folder).map_err(|error| Failure::bad_input(error.to_string()))?;
    Ok(config.checkpoint_copy().map(Path::to_owned))
}

/// A loss that is told of and not accepted is a no: a script does not go on.
fn tell(folder: &Path, copy: Option<&Path>, output: &Output) -> Result<Outcome, Failure> {
    let lost = lost_end(folder, copy)?;
    output.value(&lost, |style| match &lost {
        Some(lost) => would_be_lost(folder, lost, style),
        None => format!("{} nothing is lost.\n", style.good("✓")),
    });
    Ok(if lost.is_some() { Outcome::No } else { Outcome::Yes })
}

fn would_be_lost(folder: &Path, lost: &LostEnd, style: Style) -> String {
    let LostEnd { kept, first, last, segment, offset, bytes, refusal, .. } = lost;
    let kept_time = Timestamp::from_unix(lost.kept_time.div_euclid(1000));
    let folder = folder.display();
    format!(
        "{} {refusal}\n\n\
         The last record that is left is {kept}, written {kept_time}.\n\
         Records {first} to {last} were acknowledged and are gone; there may have been more.\n\
         {bytes} bytes behind byte {offset} of {segment} would be cut off, and kept in {folder}/lost.\n\n\
         Registrations, tokens, erasures and changes of trust recorded in them would be as if \
         they had never been. If there is a backup:\n  \
         tongxing restore BACKUP --identity KEY --to DIR\n\
         If there is nothing to restore from, on your responsibility:\n  \
         tongxing repair accept-lost-end --data {folder} --lose-from {first} --reason REASON\n",
        style.bad("✗")
    )
}

fn gone_on(accepted: &AcceptedLoss, style: Style) -> String {
    let AcceptedLoss { first, last, cut_off, recorded } = accepted;
    let kept = cut_off
        .as_ref()
        .map_or_else(String::new, |path| format!("What was cut off is in {}.\n", path.display()));
    format!(
        "{} The journal goes on without records {first} to {last}; record {recorded} says so.\n\
         {kept}\
         1. tongxing doctor --full\n\
         2. Do again what operators did in them: `tongxing ca list` and `tongxing crl list` show \
         how it is now. Erase again whoever was erased.\n\
         3. Tell the platforms: tokens given out in them stay valid until they expire.\n",
        style.warn("!")
    )
}

impl From<RepairError> for Failure {
    fn from(error: RepairError) -> Self {
        match error {
            RepairError::NotFound { .. } => Self::bad_input(error.to_string()),
            RepairError::NothingLost { .. }
            | RepairError::NothingContradicts
            | RepairError::OtherCheckpoints { .. }
            | RepairError::OtherEnd { .. }
            | RepairError::NotPrimary { .. }
            | RepairError::NotAtTheEnd(_) => Self::refused(error.to_string()),
            RepairError::Store(error) => error.into(),
            other => Self::unavailable(other.to_string()),
        }
    }
}
