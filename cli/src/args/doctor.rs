//! `tongxing doctor`.

use clap::Args;

use super::DataArgs;

/// Look whether everything that the record needs is there and as it should be
#[derive(Debug, Args)]
#[command(after_help = "\
Looks at the journal, the manifest, the index, blobs, images, checkpoints, keys and who
may read them, the clock, the disk and the admin socket, and mends nothing. Each line
says what was seen and, where something is wrong, what helps. A running gateway is
asked; without one the folder is looked at, also one that does not open.

Exit codes: 0 nothing is wrong, 1 something is, 2 something could not be told. Warnings
do not count.

EXAMPLES:
  tongxing doctor
  tongxing doctor --full           reads it all: minutes on a large province
  tongxing doctor --json")]
pub(crate) struct DoctorArgs {
    /// Read every record, blob and image, and make the state anew to compare
    #[arg(long)]
    pub(crate) full: bool,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}
