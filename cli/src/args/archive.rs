//! `tongxing archive`, `tongxing retrieve` and `tongxing retention`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::DataArgs;

/// Move old segments of the journal to a folder elsewhere, or list all
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "\
A segment is moved only if an image of the state stands for it: without one the
state could not be made anew (`tongxing image take`). It is copied, the copy is
synced, read again and compared with the manifest, the journal says where it
went, and only then is the original removed. Proofs go on working without it.

EXAMPLES:
  tongxing archive --to /mnt/archive --dry-run
  tongxing archive --to /mnt/archive                    all that an image stands for
  tongxing archive --to /mnt/archive --before 2000000
  tongxing archive list")]
pub(crate) struct ArchiveArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ArchiveCommand>,
    /// The folder, which is made if it is missing
    #[arg(long, value_name = "FOLDER", required = true)]
    pub(crate) to: Option<PathBuf>,
    /// Only segments that end before this record
    #[arg(long, value_name = "SEQUENCE", conflicts_with = "keep")]
    pub(crate) before: Option<u64>,
    /// All but this many of the newest closed segments
    #[arg(long, value_name = "N")]
    pub(crate) keep: Option<usize>,
    /// Only say what would be moved
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// What else there is about archives.
#[derive(Debug, Subcommand)]
pub(crate) enum ArchiveCommand {
    /// List the closed segments, those that were moved away too
    #[command(after_help = "EXAMPLES:\n  tongxing archive list\n  tongxing archive list --json")]
    List {
        #[command(flatten)]
        data: DataArgs,
    },
}

/// Bring archived segments back; each is compared with the journal's manifest
#[derive(Debug, Args)]
#[command(after_help = "\
EXAMPLES:
  tongxing retrieve --from /mnt/archive                 all that the folder holds
  tongxing retrieve --from /mnt/archive 1 70211         by their first records")]
pub(crate) struct RetrieveArgs {
    /// The folder that they were moved to
    #[arg(long, value_name = "FOLDER")]
    pub(crate) from: PathBuf,
    /// First records of the segments wanted
    #[arg(value_name = "SEGMENT")]
    pub(crate) segments: Vec<u64>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// Say what the province's policy does not keep any longer, and remove it
#[derive(Debug, Args)]
#[command(after_help = "\
The periods stand in the table [retention] of the province's policy. Without
--apply nothing is changed. Persons are erased as `tongxing subject erase` does.
Entries, roots and leaves of removed segments stay, and so do bindings, which
then say that their certificate was removed.

EXAMPLES:
  tongxing retention
  tongxing retention --archive /mnt/archive             archived segments too
  tongxing retention --archive /mnt/archive --apply")]
pub(crate) struct RetentionArgs {
    /// The folder that segments were moved to
    #[arg(long, value_name = "FOLDER")]
    pub(crate) archive: Option<PathBuf>,
    /// Remove it
    #[arg(long)]
    pub(crate) apply: bool,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}
