//! `tongxing crl`: revocation lists.

use std::path::Path;

use serde_json::json;
use tongxing_trust_store::{Command, Reply};

use super::ask;
use super::authority::bytes;
use crate::args::ListCommand;
use crate::client::Client;
use crate::outcome::{Failure, Outcome};
use crate::render::Output;

pub(super) async fn run(command: ListCommand, output: &Output) -> Result<Outcome, Failure> {
    match command {
        ListCommand::Import { files, archive, data } => {
            let client = Client::open(&data.folder).await?;
            let mut worst = Outcome::Yes;
            let mut imported = Vec::new();
            for file in &files {
                match import(&client, file, archive).await {
                    Ok(sequence) => {
                        output.note(&format!("✓ {}: record {sequence}", file.display()));
                        imported.push(json!({ "file": file, "sequence": sequence }));
                    }
                    Err(failure) => {
                        output.failure(&failure);
                        worst = worse(worst, failure.outcome());
                    }
                }
            }
            output.value(&imported, |_| String::new());
            Ok(worst)
        }
        ListCommand::Points { data } => ask(&data, Command::PointList, output).await,
        ListCommand::List { data } => ask(&data, Command::ListList, output).await,
    }
}

/// Imports one list; the others are imported whatever becomes of it.
async fn import(client: &Client, file: &Path, archive: bool) -> Result<u64, Failure> {
    let list = bytes(file)?;
    let command =
        if archive { Command::ListArchive { list } } else { Command::ListImport { list } };
    match client.execute(command).await.map_err(|failure| failure.about(file.display()))? {
        Reply::Done { sequence, .. } => Ok(sequence),
        other => Err(Failure::unavailable(format!("an unexpected answer: {other:?}"))),
    }
}

fn worse(one: Outcome, other: Outcome) -> Outcome {
    match (one, other) {
        (Outcome::Yes, other) => other,
        (one, Outcome::Yes) => one,
        (Outcome::No, Outcome::No) => Outcome::No,
        _ => Outcome::Unanswered,
    }
}
