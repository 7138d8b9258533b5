//! `tongxing backup` and `restore`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tongxing_pki::Timestamp;
use tongxing_trust_store::BackupRecipient;

use super::DataArgs;
use super::value::moment;

/// Write an encrypted copy of the province, while the gateway serves
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "\
The copy is consistent as of one record, and holds all that a province needs but the
settings' files outside its folder: journal, blobs, keys, checkpoints, settings. It is an
age file: the standard `age` opens it as well. The gateway cannot: keep the identity
elsewhere, and try each month that it opens (`tongxing restore --verify-only`).

A running gateway writes the file itself, with its own account's rights.

EXAMPLES:
  tongxing backup identity -o backup.key
  tongxing backup /backups/2026-11-24.age --recipient age1…
  tongxing backup /backups/2026-11-24.age --recipient age1… --recipient age1…")]
pub(crate) struct BackupArgs {
    /// Where to; it must not exist, nor lie in the province's folder
    #[arg(required = true)]
    pub(crate) file: Option<PathBuf>,
    /// Who can open it; may be given more than once
    #[arg(long = "recipient", value_name = "AGE1…", required = true)]
    pub(crate) recipients: Vec<BackupRecipient>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    #[command(subcommand)]
    pub(crate) other: Option<BackupCommand>,
}

/// What else there is about backups.
#[derive(Debug, Subcommand)]
pub(crate) enum BackupCommand {
    /// Make the key that opens backups, and say whom to encrypt to
    #[command(after_help = "\
Whoever has this file can open every backup that was made for it: keep it off the
gateway, and keep a second copy.

EXAMPLES:
  tongxing backup identity -o backup.key")]
    Identity {
        /// Where to write the key; it must not exist
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
}

/// Make a province again from a backup, whole or up to an earlier record
#[derive(Debug, Args)]
#[command(after_help = "\
The folder must be new or empty, and gets the province only once all of it was checked:
every hash, the chain, and that the state is the one that was backed up. The journal goes
on with a record that says what was restored. Persons whose erasure the backup knows of
stay erased, whatever the record that is restored to.

EXAMPLES:
  tongxing restore 2026-11-24.age --identity backup.key --verify-only
  tongxing restore 2026-11-24.age --identity backup.key --to /srv/tongxing-new
  tongxing restore 2026-11-24.age --identity backup.key --to /srv/tongxing-new \\
      --moment 2026-11-23T17:59:00Z --reason 'record 812 was a mistake'
  tongxing restore 2026-11-24.age --identity backup.key --to /srv/tongxing --as-standby")]
pub(crate) struct RestoreArgs {
    /// The backup
    pub(crate) file: PathBuf,
    /// The key that opens it, from `tongxing backup identity`
    #[arg(long, value_name = "KEYFILE")]
    pub(crate) identity: PathBuf,
    /// Where to: a new or empty folder
    #[arg(long, value_name = "DIR", required_unless_present = "verify_only")]
    pub(crate) to: Option<PathBuf>,
    /// Only check that it could be restored; needs its room among the temporary files
    #[arg(long, conflicts_with_all = ["to", "sequence", "moment"])]
    pub(crate) verify_only: bool,
    /// Up to the record with this number
    #[arg(long, value_name = "N", conflicts_with = "moment")]
    pub(crate) sequence: Option<u64>,
    /// Up to the last record that was written by then
    #[arg(long, value_name = "RFC3339", value_parser = moment)]
    pub(crate) moment: Option<Timestamp>,
    /// Make it a standby, which then joins the primary; nothing is recorded of it
    #[arg(long, conflicts_with_all = ["verify_only", "sequence", "moment"])]
    pub(crate) as_standby: bool,
    /// Why, for the journal
    #[arg(long, default_value = "restored from a backup")]
    pub(crate) reason: String,
}
