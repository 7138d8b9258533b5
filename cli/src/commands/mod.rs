//! What each command does.

mod archive;
mod audit;
mod authority;
mod backup;
mod codes;
mod doctor;
mod init;
mod inspect;
mod list;
mod policy;
mod receipt;
mod relying_party;
mod repair;
mod restore;
mod serve;
mod server_certificate;
mod standby;
mod subject;
mod verify;

use tongxing_trust_store::{Command as Ask, Reply};

use crate::args::{
    ClockCommand, Command, DataArgs, ImageCommand, ReceiptCommand, RepairCommand, StatsArgs,
    VerifyCommand,
};
use crate::client::Client;
use crate::demo;
use crate::outcome::{Failure, Outcome};
use crate::render::Output;

pub(crate) use audit::export as audit_export;
pub(crate) use init::{NewProvince, built_in_policy};
pub(crate) use serve::Signals;
pub(crate) use server_certificate::ServerCertificate;

/// Carries out one command.
pub(crate) async fn run(command: Command, output: &Output) -> Result<Outcome, Failure> {
    match command {
        Command::Init(args) => init::run(args, output).await,
        Command::Serve(args) => serve::run(args, output).await,
        Command::Demo(args) => demo::run(args, output).await,
        Command::Ca(command) => authority::run(command, output).await,
        Command::Crl(command) => list::run(command, output).await,
        Command::Policy(command) => policy::run(command, output).await,
        Command::Rp(command) => relying_party::run(command, output).await,
        Command::Subject(command) => subject::run(command, output).await,
        Command::Audit(command) => audit::run(command, output).await,
        Command::Image(ImageCommand::Take { data }) => ask(&data, Ask::ImageTake, output).await,
        Command::Image(ImageCommand::List { data }) => ask(&data, Ask::ImageList, output).await,
        Command::Backup(args) => backup::run(args, output).await,
        Command::Restore(args) => restore::run(args, output).await,
        Command::Stats(StatsArgs { from, to, data }) => {
            ask(&data, Ask::Statistics { from, to }, output).await
        }
        Command::Archive(args) => archive::archive(args, output).await,
        Command::Retrieve(args) => archive::retrieve(args, output).await,
        Command::Retention(args) => archive::retention(args, output).await,
        Command::Doctor(args) => doctor::run(args, output).await,
        Command::Repair(RepairCommand::AcceptLostEnd(args)) => repair::run(args, output).await,
        Command::Repair(RepairCommand::AcceptCheckpoints(args)) => {
            repair::accept_checkpoints(args, output).await
        }
        Command::Codes(args) => codes::run(&args, output),
        Command::Standby(command) => standby::run(command, output).await,
        Command::Clock(ClockCommand::Reset { reason, data }) => {
            ask(&data, Ask::ClockReset { reason }, output).await
        }
        Command::Verify(VerifyCommand::Certificate(args)) => verify::certificate(&args, output),
        Command::Verify(VerifyCommand::Signature(args)) => verify::signature(&args, output).await,
        Command::Receipt(ReceiptCommand::Verify(args)) => receipt::verify(&args, output),
        Command::Inspect(args) => inspect::run(&args, output),
    }
}

/// Asks the province and shows the answer.
async fn ask(data: &DataArgs, command: Ask, output: &Output) -> Result<Outcome, Failure> {
    let client = Client::open(&data.folder).await?;
    let reply = client.execute(command).await?;
    output.reply(&reply);
    Ok(match reply {
        Reply::Subjects(found) if found.is_empty() => Outcome::No,
        Reply::Images(images) if images.iter().any(|image| image.fault.is_some()) => Outcome::No,
        Reply::Explanation(found) if found.get("identity").is_none() => Outcome::No,
        _ => Outcome::Yes,
    })
}
