//! `tongxing backup`: copies of a province that only a recipient opens.

use std::path::{Path, PathBuf};

use serde_json::json;
use tongxing_trust_store::{BackupIdentity, Command};

use super::ask;
use crate::args::{BackupArgs, BackupCommand};
use crate::files::{self, Readers};
use crate::outcome::{Failure, Outcome};
use crate::render::Output;

pub(super) async fn run(args: BackupArgs, output: &Output) -> Result<Outcome, Failure> {
    match (args.other, args.file) {
        (Some(BackupCommand::Identity { output: file }), _) => identity(&file, output),
        (None, Some(file)) => {
            let recipients = args.recipients.iter().map(ToString::to_string).collect();
            let file = whole_path(&file)?;
            ask(&args.data, Command::Backup { file, recipients }, output).await
        }
        // The arguments demand one of the two.
        (None, None) => Err(Failure::bad_input("say where to write the backup")),
    }
}

/// The file is written by whichever process has the province open.
fn whole_path(file: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(file)
        .map_err(|error| Failure::bad_input(format!("{}: {error}", file.display())))
}

fn identity(file: &Path, output: &Output) -> Result<Outcome, Failure> {
    let identity = BackupIdentity::generate();
    files::create(file, Readers::Owner, identity.to_file().as_bytes())?;
    let recipient = identity.recipient().to_string();
    output.value(&json!({ "file": file, "recipient": recipient }), |style| {
        format!(
            "{} {} opens what is encrypted to\n{recipient}\n{}\n",
            style.good("✓"),
            file.display(),
            style.dim("Keep it off the gateway, and keep a second copy.")
        )
    });
    Ok(Outcome::Yes)
}
