//! `tongxing standby`: setting a second gateway up, and letting it take over.

use std::path::Path;
use std::sync::Arc;

use tongxing_gateway::{CONFIG_FILE, JoinError, Joined, forget_peer, join_standby};
use tongxing_trust_store::{
    Command as Ask, ReplicaRole, Reply, StandbyView, SystemClock, TakeBack, fenced_by,
};

use super::ask;
use super::init::Fresh;
use crate::args::{DataArgs, JoinArgs, StandbyCommand, TakeBackArgs};
use crate::bar::Bar;
use crate::client::{Client, operator};
use crate::outcome::{Failure, Outcome};
use crate::render::{Output, Style};

pub(super) async fn run(command: StandbyCommand, output: &Output) -> Result<Outcome, Failure> {
    match command {
        StandbyCommand::Invite { address, data } => {
            ask(&data, Ask::StandbyInvite { address }, output).await
        }
        StandbyCommand::Promote { force, data } => {
            ask(&data, Ask::StandbyPromote { force }, output).await
        }
        StandbyCommand::Status { data } => status(&data, output).await,
        StandbyCommand::Join(args) => join(&args, output).await,
        StandbyCommand::TakeBack(args) => take_back(args, output),
    }
}

async fn status(data: &DataArgs, output: &Output) -> Result<Outcome, Failure> {
    let client = Client::open(&data.folder).await?;
    let reply = client.execute(Ask::StandbyStatus).await?;
    output.reply(&reply);
    Ok(match &reply {
        Reply::Standby(view) if is_well(view) => Outcome::Yes,
        _ => Outcome::No,
    })
}

fn is_well(view: &StandbyView) -> bool {
    let followed = view.peer.as_ref().is_some_and(|peer| peer.connected && peer.fault.is_none());
    view.role != ReplicaRole::Fenced && followed
}

/// It works on the folder alone: the journal's lock keeps a gateway away.
fn take_back(args: TakeBackArgs, output: &Output) -> Result<Outcome, Failure> {
    let folder = args.data.folder;
    let (Some(term), Some(reason)) = (args.term, args.reason) else {
        let fenced = fenced_by(&folder)?;
        let told = serde_json::json!({ "fenced_by_term": fenced });
        output.value(&told, |style| match fenced {
            Some(term) => would_be_taken_back(&folder, term, style),
            None => format!("{} {} is not fenced.\n", style.good("✓"), folder.display()),
        });
        return Ok(if fenced.is_some() { Outcome::No } else { Outcome::Yes });
    };
    let back = TakeBack { term, reason, by: operator() };
    let recorded = back.carry_out(&folder, Arc::new(SystemClock))?;
    let forgotten = forget_peer(&folder);
    forgotten.map_err(|error| Failure::unavailable(error.to_string()))?;
    let told = serde_json::json!({ "term": term + 1, "recorded": recorded });
    output.value(&told, |style| {
        let term = term + 1;
        format!(
            "{} {} is the primary's of term {term}; record {recorded} says so.\n\
             1. See that the other gateway never serves again: its term is over, and it was not \
             told.\n2. tongxing serve\n3. tongxing standby invite, for a new one\n",
            style.warn("!"),
            folder.display()
        )
    });
    Ok(Outcome::Yes)
}

fn would_be_taken_back(folder: &Path, term: u64, style: Style) -> String {
    let folder = folder.display();
    format!(
        "{} {folder} is fenced: a standby began term {term}.\n\n\
         If it serves, or will, this folder can only become its standby (`tongxing standby \
         join`). If it was lost before it took over, on your responsibility:\n  \
         tongxing standby take-back --data {folder} --term {term} --reason REASON\n",
        style.bad("✗")
    )
}

async fn join(args: &JoinArgs, output: &Output) -> Result<Outcome, Failure> {
    let folder = &args.data.folder;
    // What is there already stays, whatever happens.
    let is_province = folder.join(CONFIG_FILE).is_file();
    let fresh = if is_province { None } else { Some(Fresh::new(folder)?) };
    let bar = Bar::on_stderr();
    let joined = join_standby(&args.invitation, folder, Arc::new(SystemClock), &bar).await?;
    if let Some(fresh) = fresh {
        fresh.keep();
    }
    output.value(&joined, |style| told(folder, &joined, style));
    Ok(Outcome::Yes)
}

fn told(folder: &Path, joined: &Joined, style: Style) -> String {
    let folder = folder.display();
    let Joined { sequence, last, .. } = joined;
    format!(
        "{} {folder} is a standby now, with {sequence} of {last} records.\n\
         1. Read {folder}/{CONFIG_FILE}: addresses and paths are the primary's.\n\
         2. tongxing serve --data {folder}\n\
         3. tongxing standby status --data {folder}\n",
        style.good("✓")
    )
}

impl From<JoinError> for Failure {
    fn from(error: JoinError) -> Self {
        match error {
            JoinError::Primary { .. } => Self::bad_input(error.to_string()),
            other => Self::unavailable(other.to_string()),
        }
    }
}
