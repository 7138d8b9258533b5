//! `tongxing audit`.

use std::path::PathBuf;

use clap::Subcommand;

use super::DataArgs;

/// The journal.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// List records, oldest first
    #[command(after_help = "\
EXAMPLES:
  tongxing audit list
  tongxing audit list --from 1000 --limit 50 --json")]
    List {
        /// First sequence number
        #[arg(long, default_value_t = 1)]
        from: u64,
        /// How many at most
        #[arg(long, default_value_t = 100)]
        limit: u32,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Read the whole journal, or an export, and check the chain
    #[command(after_help = "\
EXAMPLES:
  tongxing audit verify
  tongxing audit verify --replay
  tongxing audit verify --export journal.jsonl     needs no province")]
    Verify {
        /// Check this export instead
        #[arg(long, value_name = "FILE")]
        export: Option<PathBuf>,
        /// Make the state anew from the journal, and compare it with the index
        #[arg(long, conflicts_with = "export")]
        replay: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Write every record to a file that verifies on its own
    #[command(after_help = "EXAMPLES:\n  tongxing audit export journal.jsonl")]
    Export {
        /// Where to; it must not exist
        file: PathBuf,
        #[command(flatten)]
        data: DataArgs,
    },
}
