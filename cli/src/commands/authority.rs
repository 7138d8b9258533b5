//! `tongxing ca`: enrolment, and how an authority stands.

use std::path::{Path, PathBuf};

use tongxing_trust_store::{Command, FileBytes, PolicyFile, Status};

use super::ask;
use crate::args::{AddArgs, AuthorityCommand, DataArgs, StatusArgs};
use crate::files;
use crate::outcome::{Failure, Outcome};
use crate::render::Output;

pub(super) async fn run(command: AuthorityCommand, output: &Output) -> Result<Outcome, Failure> {
    let (data, command) = translate(command)?;
    ask(&data, command, output).await
}

/// From what was typed to what the province is asked, every file read.
fn translate(command: AuthorityCommand) -> Result<(DataArgs, Command), Failure> {
    Ok(match command {
        AuthorityCommand::Add(args) => return add(*args),
        AuthorityCommand::List { data } => (data, Command::AuthorityList),
        AuthorityCommand::Show { id, data } => (data, Command::AuthorityShow { id }),
        AuthorityCommand::Anchor { id: authority, certificate, intermediate, effective, data } => {
            let certificate = bytes(&certificate)?;
            let command = if intermediate {
                Command::IntermediateAdd { authority, certificate }
            } else {
                Command::AnchorAdd { authority, certificate, effective }
            };
            (data, command)
        }
        AuthorityCommand::Roles { id: authority, roles, data } => {
            let roles = roles.into_iter().map(Into::into).collect();
            (data, Command::RolesSet { authority, roles })
        }
        AuthorityCommand::Activate { status, reason } => set(status, Status::Active, reason),
        AuthorityCommand::Test { status, reason } => set(status, Status::Testing, reason),
        AuthorityCommand::Suspend { status, reason } => set(status, Status::Suspended, reason),
        AuthorityCommand::Withdraw { status, reason } => set(status, Status::Withdrawn, reason),
        AuthorityCommand::Compromise { id, since: effective, anchor, reason, data } => {
            set(StatusArgs { id, effective, anchor, data }, Status::Compromised, reason)
        }
        AuthorityCommand::Distrust {
            id: authority, issued_after, anchor, reason, data, ..
        } => (data, Command::DistrustSet { authority, anchor, issued_after, reason }),
    })
}

fn add(args: AddArgs) -> Result<(DataArgs, Command), Failure> {
    let command = Command::AuthorityAdd {
        id: args.id,
        name_zh: args.name,
        name_en: args.name_en,
        hotline: args.hotline,
        licence_expires: args.licence_expires,
        roles: args.roles.into_iter().map(Into::into).collect(),
        anchors: all_bytes(&args.anchors)?,
        intermediates: all_bytes(&args.intermediates)?,
        policy: policy_file(&args.policy)?,
    };
    Ok((args.data, command))
}

fn set(args: StatusArgs, status: Status, reason: String) -> (DataArgs, Command) {
    let StatusArgs { id: authority, effective, anchor, data } = args;
    (data, Command::StatusSet { authority, anchor, status, effective, reason })
}

fn all_bytes(paths: &[PathBuf]) -> Result<Vec<FileBytes>, Failure> {
    paths.iter().map(|path| bytes(path)).collect()
}

/// A file as commands carry it.
pub(super) fn bytes(path: &Path) -> Result<FileBytes, Failure> {
    files::read(path).map(FileBytes::from)
}

/// A policy file as commands carry it.
pub(super) fn policy_file(path: &Path) -> Result<PolicyFile, Failure> {
    Ok(PolicyFile { name: path.display().to_string(), source: files::read_text(path)? })
}
