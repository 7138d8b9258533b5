//! `tongxing repair`.

use clap::{Args, Subcommand};

use super::DataArgs;

/// What can be repaired by losing something.
#[derive(Debug, Subcommand)]
pub(crate) enum RepairCommand {
    AcceptLostEnd(AcceptLostEndArgs),
    AcceptCheckpoints(AcceptCheckpointsArgs),
}

/// Go on though checkpoints in the second place contradict the journal
#[derive(Debug, Args)]
#[command(after_help = "\
For a province that was restored from a backup, or promoted by force, while its second
place for checkpoints was away: what was signed there over the records that are gone
refuses every start. Without --signed it says what is there and changes nothing. The
checkpoints stay where they are; the journal goes on with a record that says what was
accepted, why and by whom.

If none of that happened, somebody exchanged the journal or the second place: do not
accept, compare with a backup.

No gateway may run.

EXAMPLES:
  tongxing repair accept-checkpoints
  tongxing repair accept-checkpoints --signed 812 --reason 'restored on 3 March'")]
pub(crate) struct AcceptCheckpointsArgs {
    /// Over how many records the newest was signed, as this command names it: the
    /// confirmation
    #[arg(long, value_name = "N", requires = "reason")]
    pub(crate) signed: Option<u64>,
    /// Why, for the journal
    #[arg(long, requires = "signed")]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// Go on without acknowledged records that are gone from the journal's end
#[derive(Debug, Args)]
#[command(after_help = "\
For a journal that lost its end, and only with nothing to restore from: `tongxing
restore` brings records back, this gives them up. Without --lose-from it says what is
lost and changes nothing. What is cut off is kept in the folder `lost`, and the journal
goes on with a record that says what was accepted, why and by whom. Challenges made
before are void.

No gateway may run. Damage that is not at the end is refused.

EXAMPLES:
  tongxing repair accept-lost-end
  tongxing repair accept-lost-end --lose-from 812 --reason 'disk failed, no backup'")]
pub(crate) struct AcceptLostEndArgs {
    /// The first record that is gone, as this command names it: the confirmation
    #[arg(long, value_name = "N", requires = "reason")]
    pub(crate) lose_from: Option<u64>,
    /// Why, for the journal
    #[arg(long, requires = "lose_from")]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}
