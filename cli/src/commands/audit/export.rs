//! Writing an export: the header, the records page by page, the end.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde_json::json;
use tongxing_trust_store::{
    Command, ExportError, ExportHeader, ExportSummary, ExportWriter, FileBytes, Reply,
};

use super::unexpected;
use crate::args::DataArgs;
use crate::client::Client;
use crate::outcome::{Failure, Outcome};
use crate::render::Output;

/// Exports records; a file that is not whole is not left behind.
pub(super) async fn run(
    file: &Path,
    (first, last): (Option<u64>, Option<u64>),
    data: &DataArgs,
    output: &Output,
) -> Result<Outcome, Failure> {
    let client = Client::open(&data.folder).await?;
    let header = header(&client, first, last).await?;
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let created = created.map_err(|error| not_written(file, &error))?;
    let (first, last) = (header.first, header.last);
    let summary = match to_file(&client, header, created, file).await {
        Ok(summary) => summary,
        Err(failure) => {
            // The failure says more than that its remains could not be removed.
            let _ = std::fs::remove_file(file);
            return Err(failure);
        }
    };
    let ExportSummary { records, head } = summary;
    let told = json!({
        "file": file, "first": first, "last": last, "records": records, "head": head,
    });
    output.value(&told, |style| {
        let mark = style.good("✓");
        format!("{mark} records {first} to {last} in {}\nhead: {head}\n", file.display())
    });
    Ok(Outcome::Yes)
}

async fn to_file(
    client: &Client,
    header: ExportHeader,
    created: File,
    file: &Path,
) -> Result<ExportSummary, Failure> {
    let failed = |error: io::Error| not_written(file, &error);
    let mut lines = BufWriter::new(created);
    let summary = write(client, header, &mut lines, file).await?;
    let written = lines.into_inner().map_err(|error| failed(error.into_error()))?;
    written.sync_all().map_err(failed)?;
    Ok(summary)
}

/// The first line: which records, and the checkpoint that they lead to.
pub(crate) async fn header(
    client: &Client,
    first: Option<u64>,
    last: Option<u64>,
) -> Result<ExportHeader, Failure> {
    match client.execute(Command::AuditExport { first, last }).await? {
        Reply::ExportHeader(header) => Ok(*header),
        other => Err(unexpected(&other)),
    }
}

/// All lines, to `file` or what stands for it.
pub(crate) async fn write(
    client: &Client,
    header: ExportHeader,
    lines: &mut impl Write,
    file: &Path,
) -> Result<ExportSummary, Failure> {
    let failed = |error: io::Error| not_written(file, &error);
    let refused = |error: ExportError| Failure::refused(error.to_string());
    let (mut next, last) = (header.first, header.last);
    let (mut export, line) = ExportWriter::begin(&header).map_err(refused)?;
    lines.write_all(&line).map_err(failed)?;
    while next <= last {
        for frame in page(client, next, last).await? {
            let line = export.record(next, frame).map_err(refused)?;
            lines.write_all(&line).map_err(failed)?;
            next += 1;
        }
    }
    let (summary, line) = export.end().map_err(refused)?;
    lines.write_all(&line).map_err(failed)?;
    Ok(summary)
}

/// The next records: one at least.
async fn page(client: &Client, first: u64, last: u64) -> Result<Vec<Vec<u8>>, Failure> {
    match client.execute(Command::AuditFrames { first, last }).await? {
        Reply::Frames(frames) if frames.is_empty() => {
            Err(Failure::unavailable(format!("record {first} did not come")))
        }
        Reply::Frames(frames) => Ok(frames.into_iter().map(FileBytes::into_vec).collect()),
        other => Err(unexpected(&other)),
    }
}

fn not_written(file: &Path, error: &io::Error) -> Failure {
    Failure::bad_input(format!("writing {}: {error}", file.display()))
}
