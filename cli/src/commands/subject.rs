//! `tongxing subject`: the register, and what waits in it.

use tongxing_trust_store::Command;

use super::ask;
use crate::args::SubjectCommand;
use crate::outcome::{Failure, Outcome};
use crate::render::Output;

pub(super) async fn run(command: SubjectCommand, output: &Output) -> Result<Outcome, Failure> {
    let (data, command) = match command {
        SubjectCommand::Find { query, data } => (data, Command::SubjectFind { query }),
        SubjectCommand::Show { id, reveal, data } => (data, Command::SubjectShow { id, reveal }),
        SubjectCommand::Confirm { id: subject, ca: authority, data } => {
            (data, Command::SubjectConfirm { subject, authority })
        }
        SubjectCommand::Rename { id: subject, name, data } => {
            (data, Command::SubjectRename { subject, name })
        }
        SubjectCommand::RotateLookupKey { data } => (data, Command::LookupKeyRotate),
        SubjectCommand::Erase { id: subject, reason, data } => {
            (data, Command::SubjectErase { subject, reason })
        }
    };
    ask(&data, command, output).await
}
