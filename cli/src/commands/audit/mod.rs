//! `tongxing audit`: the journal read, checked, exported, signed and proven.

pub(crate) mod export;
mod verify;

use std::path::Path;

use serde::Serialize;
use tongxing_trust_store::{Command, Replay, Reply};

use super::ask;
use crate::args::{AuditCommand, DataArgs, OutArgs};
use crate::client::Client;
use crate::files::{self, Readers};
use crate::outcome::{Failure, Outcome};
use crate::render::Output;

pub(super) async fn run(command: AuditCommand, output: &Output) -> Result<Outcome, Failure> {
    match command {
        AuditCommand::List { from, limit, data } => {
            ask(&data, Command::AuditList { from, limit }, output).await
        }
        AuditCommand::Verify(args) => {
            if let Some(file) = args.file {
                return verify::file(&file, &args.key, output);
            }
            let replay = if args.replay { Replay::Yes } else { Replay::No };
            ask(&args.data, Command::AuditVerify { replay }, output).await
        }
        AuditCommand::Export { file, from, to, data } => {
            export::run(&file, (from, to), &data, output).await
        }
        AuditCommand::Checkpoint { out, data } => {
            write(&data, Command::AuditCheckpoint, &out, output).await
        }
        AuditCommand::Prove { sequence, out, data } => {
            write(&data, Command::AuditProve { sequence }, &out, output).await
        }
        AuditCommand::Consistency { checkpoint, out, data } => {
            let checkpoint = files::read_text(&checkpoint)?;
            write(&data, Command::AuditConsistency { checkpoint }, &out, output).await
        }
        AuditCommand::Keys { out, data } => {
            write(&data, Command::EvidenceKeyList, &out, output).await
        }
        AuditCommand::RotateEvidenceKey { data } => {
            ask(&data, Command::EvidenceKeyRotate, output).await
        }
    }
}

/// Shows an answer; with `-o`, its text goes to a file and what it says is shown.
async fn write(
    data: &DataArgs,
    command: Command,
    out: &OutArgs,
    output: &Output,
) -> Result<Outcome, Failure> {
    let Some(file) = &out.file else { return ask(data, command, output).await };
    let reply = Client::open(&data.folder).await?.execute(command).await?;
    let (text, what) = text_of(&reply)?;
    files::create(file, Readers::Everybody, text.as_bytes())?;
    let written = Written { file, what: &what };
    output.value(&written, |style| format!("{} {what} in {}\n", style.good("✓"), file.display()));
    Ok(Outcome::Yes)
}

#[derive(Serialize)]
struct Written<'a> {
    file: &'a Path,
    #[serde(rename = "holds")]
    what: &'a str,
}

/// What a file of the answer holds, and what that is.
fn text_of(reply: &Reply) -> Result<(String, String), Failure> {
    match reply {
        Reply::Checkpoint(view) => {
            Ok((view.note.clone(), format!("a checkpoint of {} records", view.size)))
        }
        Reply::Proof { sequence, proof } => {
            Ok((proof.clone(), format!("the proof of record {sequence}")))
        }
        Reply::Consistent { old_size, checkpoint, proof } => {
            let what = format!("the proof from {old_size} to {} records", checkpoint.size);
            Ok((proof.clone(), what))
        }
        Reply::EvidenceKeys(keys) => {
            let lines: Vec<&str> = keys.iter().map(|key| key.key.as_str()).collect();
            Ok((lines.join("\n") + "\n", format!("{} keys", keys.len())))
        }
        other => Err(unexpected(other)),
    }
}

fn unexpected(reply: &Reply) -> Failure {
    Failure::unavailable(format!("an unexpected answer: {reply:?}"))
}
