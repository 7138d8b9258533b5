//! What may be typed: one type per command, raw texts turned into checked values
//! while they are read.
//!
//! A value that does not read ends the program with exit code 2 before anything
//! is opened.

mod archive;
mod audit;
mod authority;
mod backup;
mod codes;
mod doctor;
mod image;
mod inspect;
mod list;
mod policy;
mod receipt;
mod relying_party;
mod repair;
mod server;
mod standby;
mod statistics;
mod subject;
mod value;
mod verify;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use archive::{ArchiveArgs, ArchiveCommand, RetentionArgs, RetrieveArgs};
pub(crate) use audit::{AuditCommand, OutArgs};
pub(crate) use authority::{AddArgs, AuthorityCommand, StatusArgs};
pub(crate) use backup::{BackupArgs, BackupCommand, RestoreArgs};
pub(crate) use codes::CodesArgs;
pub(crate) use doctor::DoctorArgs;
pub(crate) use image::ImageCommand;
pub(crate) use inspect::InspectArgs;
pub(crate) use list::ListCommand;
pub(crate) use policy::{ExplainArgs, PolicyCommand, PolicyFileKind, SetArgs};
pub(crate) use receipt::{ReceiptCommand, ReceiptVerifyArgs};
pub(crate) use relying_party::{
    AccessArg, OrNone, PersonalDataArg, RelyingPartyCommand, RelyingPartySetArgs, TokenAlgorithmArg,
};
pub(crate) use repair::{AcceptCheckpointsArgs, AcceptLostEndArgs, RepairCommand};
pub(crate) use server::{ClockCommand, DemoArgs, InitArgs, LogFormat, ServeArgs};
pub(crate) use standby::{JoinArgs, StandbyCommand, TakeBackArgs};
pub(crate) use statistics::StatsArgs;
pub(crate) use subject::SubjectCommand;
pub(crate) use verify::{
    FormatArg, LanguageArg, PolicyArgs, PurposeArg, SchemeArg, SecurityArg, VerifyCertificateArgs,
    VerifyCommand, VerifySignatureArgs,
};

/// Exit codes, in the words of the help text.
const EXIT_CODES: &str = "\
Exit codes:
  0  yes: done, passed, found
  1  no: refused, failed, indeterminate
  2  no answer: wrong usage, an unreadable file, no province to ask

Where to go next:
  tongxing demo                 the whole job with four synthetic CAs
  tongxing init --help          make a province
  tongxing ca add --help        enrol a CA";

/// One gateway, every CA: validates certificates of all enrolled authorities and
/// hands trading platforms one uniform identity token.
#[derive(Debug, Parser)]
#[command(name = "tongxing", version, about, long_about = None, after_help = EXIT_CODES)]
#[command(disable_help_subcommand = true, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// Answer with one JSON document instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(InitArgs),
    Serve(ServeArgs),
    Demo(DemoArgs),
    /// Enrol authorities (CAs) and say how they stand
    #[command(subcommand)]
    Ca(AuthorityCommand),
    /// Import and list revocation lists
    #[command(subcommand)]
    Crl(ListCommand),
    /// Check, explain and set policies
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Register relying parties (trading platforms)
    #[command(subcommand)]
    Rp(RelyingPartyCommand),
    /// Look into the register of subjects, and settle what waits
    #[command(subcommand)]
    Subject(SubjectCommand),
    /// Read, check, export and prove the journal
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Save the state, so that it need not be made from the first record
    #[command(subcommand)]
    Image(ImageCommand),
    Backup(BackupArgs),
    Restore(RestoreArgs),
    Stats(StatsArgs),
    Archive(ArchiveArgs),
    Retrieve(RetrieveArgs),
    Retention(RetentionArgs),
    Doctor(DoctorArgs),
    /// Go on after damage that nothing can undo
    #[command(subcommand)]
    Repair(RepairCommand),
    /// A second gateway that follows this one, and can take its place
    #[command(subcommand)]
    Standby(StandbyCommand),
    /// Mend the journal's sense of time
    #[command(subcommand)]
    Clock(ClockCommand),
    Codes(CodesArgs),
    /// Judge files, without a province
    #[command(subcommand)]
    Verify(VerifyCommand),
    /// Check receipts of verifications, without a province
    #[command(subcommand)]
    Receipt(ReceiptCommand),
    Inspect(InspectArgs),
}

/// Which province a command is about.
#[derive(Debug, Clone, Args)]
pub(crate) struct DataArgs {
    /// Folder of the province, or the admin socket of its running gateway
    #[arg(long = "data", value_name = "DIR", env = "TONGXING_DATA", default_value = "province")]
    pub(crate) folder: PathBuf,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_has_examples() {
        fn visit(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            for sub in command.get_subcommands() {
                visit(sub, &path);
            }
            if !command.has_subcommands() {
                let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(help.contains("EXAMPLES"), "{path} has no examples");
                assert!(command.get_about().is_some(), "{path} says nothing of itself");
            }
        }
        visit(&Arguments::command(), "");
    }
}
