//! `tongxing rp`: relying parties.

use tongxing_trust_store::Command;

use super::ask;
use crate::args::RelyingPartyCommand;
use crate::outcome::{Failure, Outcome};
use crate::render::Output;

pub(super) async fn run(command: RelyingPartyCommand, output: &Output) -> Result<Outcome, Failure> {
    match command {
        RelyingPartyCommand::Add { id, name, data } => {
            ask(&data, Command::RelyingPartyAdd { id, name }, output).await
        }
        RelyingPartyCommand::List { data } => ask(&data, Command::RelyingPartyList, output).await,
    }
}
