//! `tongxing standby`.

use clap::{Args, Subcommand};
use tongxing_gateway::Invitation;

use super::DataArgs;

/// The second gateway.
#[derive(Debug, Subcommand)]
pub(crate) enum StandbyCommand {
    /// Let a standby join: on the primary, while it serves
    #[command(after_help = "\
The primary needs `listen` in [standby] of tongxing.toml. The invitation is good for one
standby within an hour, and as long as the gateway is not restarted. Whoever has it gets
the province's keys.

EXAMPLES:
  tongxing standby invite
  tongxing standby invite --address gateway-1.internal:7443")]
    Invite {
        /// What the standby is to connect to, where that is not the listener's address
        #[arg(long, value_name = "HOST:PORT")]
        address: Option<String>,
        #[command(flatten)]
        data: DataArgs,
    },
    Join(JoinArgs),
    /// Show whether this is the primary or the standby, and how far the standby is
    #[command(after_help = "\
Exit code 1 when the other one is not there, or following has stopped.

EXAMPLES:
  tongxing standby status
  tongxing standby status --json")]
    Status {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Let this standby take the primary's place
    #[command(after_help = "\
The primary is told to stop for good, and what is left of its record is copied. If it
cannot be reached nothing is done: it may still serve, and two gateways would record
different things under one name. See that it is off and cannot start by itself, then use
--force. With `acknowledge = \"standby\"` nothing that was acknowledged is lost even then.

EXAMPLES:
  tongxing standby promote
  tongxing standby promote --force")]
    Promote {
        /// The primary cannot be reached, and I know that it is off
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    TakeBack(TakeBackArgs),
}

/// Make a fenced folder the primary's again: the standby is gone
#[derive(Debug, Args)]
#[command(after_help = "\
For a primary that was told to stop by a standby which never took its place: lost with its
machine in the middle of `standby promote`. Without --term it says what fenced the folder
and changes nothing. The journal goes on in the next term, with a record that says why and
by whom. Challenges made before are void.

If the other gateway serves, or ever will, two gateways record different things under one
name: see that it is off and cannot start, or make this folder its standby (`tongxing
standby join`).

No gateway may run here.

EXAMPLES:
  tongxing standby take-back
  tongxing standby take-back --term 2 --reason 'gateway-2 burnt during its promotion'")]
pub(crate) struct TakeBackArgs {
    /// The term that fenced it, as this command names it: the confirmation
    #[arg(long, value_name = "N", requires = "reason")]
    pub(crate) term: Option<u64>,
    /// Why, for the journal
    #[arg(long, requires = "term")]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// Make a folder the standby of a gateway that invited
#[derive(Debug, Args)]
#[command(after_help = "\
A new folder gets a copy of everything: record, keys, settings, and the server's
certificates that lie in the primary's folder. Read its tongxing.toml before serving.
The folder of a gateway that was fenced, or one from `tongxing restore --as-standby`,
follows from where it is, if its record is a beginning of the primary's.

EXAMPLES:
  tongxing standby join 'tongxing-standby:…' --data /srv/tongxing
  tongxing serve --data /srv/tongxing")]
pub(crate) struct JoinArgs {
    /// What `tongxing standby invite` printed
    pub(crate) invitation: Invitation,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}
