//! `tongxing archive`, `tongxing retrieve` and `tongxing retention`.

use std::path::{Path, PathBuf};

use tongxing_trust_store::{Apply, Command};

use super::ask;
use crate::args::{ArchiveArgs, ArchiveCommand, RetentionArgs, RetrieveArgs};
use crate::outcome::{Failure, Outcome};
use crate::render::Output;

pub(super) async fn archive(args: ArchiveArgs, output: &Output) -> Result<Outcome, Failure> {
    let ArchiveArgs { command, to, before, keep, dry_run, data } = args;
    let command = match (command, to) {
        (Some(ArchiveCommand::List { data }), _) => {
            return ask(&data, Command::SegmentList, output).await;
        }
        (None, Some(to)) => {
            let apply = if dry_run { Apply::No } else { Apply::Yes };
            Command::Archive { to: whole(&to)?, before, keep, apply }
        }
        (None, None) => return Err(Failure::bad_input("--to FOLDER is missing".to_owned())),
    };
    ask(&data, command, output).await
}

pub(super) async fn retrieve(args: RetrieveArgs, output: &Output) -> Result<Outcome, Failure> {
    let RetrieveArgs { from, segments, data } = args;
    ask(&data, Command::Retrieve { from: whole(&from)?, segments }, output).await
}

pub(super) async fn retention(args: RetentionArgs, output: &Output) -> Result<Outcome, Failure> {
    let RetentionArgs { archive, apply, data } = args;
    let archive = archive.as_deref().map(whole).transpose()?;
    let apply = if apply { Apply::Yes } else { Apply::No };
    ask(&data, Command::Retention { archive, apply }, output).await
}

/// The gateway that carries it out has another working folder.
fn whole(folder: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(folder)
        .map_err(|error| Failure::bad_input(format!("{}: {error}", folder.display())))
}
