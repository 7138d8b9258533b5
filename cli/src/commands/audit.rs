//! `tongxing audit`: the journal read, checked and exported.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde_json::json;
use tongxing_trust_store::{Command, RecordView, Replay, Reply};

use super::ask;
use super::export::Chain;
use crate::args::{AuditCommand, DataArgs};
use crate::client::Client;
use crate::outcome::{Failure, Outcome};
use crate::render::Output;

/// How many records are asked for at a time: an answer of a few MiB.
const PAGE: u32 = 1_000;

pub(super) async fn run(command: AuditCommand, output: &Output) -> Result<Outcome, Failure> {
    match command {
        AuditCommand::List { from, limit, data } => {
            ask(&data, Command::AuditList { from, limit }, output).await
        }
        AuditCommand::Verify { export: Some(file), .. } => verify_export(&file, output),
        AuditCommand::Verify { export: None, replay, data } => {
            let replay = if replay { Replay::Yes } else { Replay::No };
            ask(&data, Command::AuditVerify { replay }, output).await
        }
        AuditCommand::Export { file, data } => export(&file, &data, output).await,
    }
}

/// Exports everything; a file that is not whole is not left behind.
async fn export(file: &Path, data: &DataArgs, output: &Output) -> Result<Outcome, Failure> {
    let client = Client::open(&data.folder).await?;
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let created = created.map_err(|error| not_written(file, &error))?;
    let chain = match write_records(&client, created, file).await {
        Ok(chain) => chain,
        Err(failure) => {
            // The failure says more than that its remains could not be removed.
            let _ = std::fs::remove_file(file);
            return Err(failure);
        }
    };
    let summary = json!({ "file": file, "records": chain.records(), "head": chain.head() });
    output.value(&summary, |style| {
        let (records, mark) = (chain.records(), style.good("✓"));
        format!("{mark} {records} records in {}\nhead: {}\n", file.display(), chain.head())
    });
    Ok(Outcome::Yes)
}

/// Writes one JSON document a line. Each carries the record's bytes, so that the
/// chain can be checked by anybody with SHA-256 and base64.
async fn write_records(client: &Client, created: File, file: &Path) -> Result<Chain, Failure> {
    let failed = |error: std::io::Error| not_written(file, &error);
    let mut lines = BufWriter::new(created);
    let mut chain = Chain::default();
    loop {
        let page = page(client, chain.records() + 1).await?;
        if page.is_empty() {
            break;
        }
        for record in &page {
            chain.follow(record).map_err(Failure::refused)?;
            serde_json::to_writer(&mut lines, record).map_err(|error| failed(error.into()))?;
            lines.write_all(b"\n").map_err(failed)?;
        }
    }
    let written = lines.into_inner().map_err(|error| failed(error.into_error()))?;
    written.sync_all().map_err(failed)?;
    Ok(chain)
}

fn not_written(file: &Path, error: &std::io::Error) -> Failure {
    Failure::bad_input(format!("writing {}: {error}", file.display()))
}

async fn page(client: &Client, from: u64) -> Result<Vec<RecordView>, Failure> {
    match client.execute(Command::AuditList { from, limit: PAGE }).await? {
        Reply::Records(records) => Ok(records),
        other => Err(Failure::unavailable(format!("an unexpected answer: {other:?}"))),
    }
}

fn verify_export(file: &Path, output: &Output) -> Result<Outcome, Failure> {
    let unreadable =
        |error: std::io::Error| Failure::bad_input(format!("{}: {error}", file.display()));
    let opened = File::open(file).map_err(unreadable)?;
    let chain = Chain::of_lines(std::io::BufReader::new(opened))
        .map_err(unreadable)?
        .map_err(|fault| Failure::refused(format!("{}: {fault}", file.display())))?;
    let summary = json!({ "records": chain.records(), "head": chain.head() });
    output.value(&summary, |style| {
        let (records, mark) = (chain.records(), style.good("✓"));
        format!("{mark} {records} records, the chain is whole.\nhead: {}\n", chain.head())
    });
    Ok(Outcome::Yes)
}
