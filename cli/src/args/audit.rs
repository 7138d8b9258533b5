//! `tongxing audit`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::DataArgs;

/// The journal, and what shows that it is whole.
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
    /// Check everything: a province's, or an export or a proof by itself
    #[command(after_help = "\
Of a province: every record and the chain, every checkpoint, every blob. Of a file that
`audit export` or `audit prove` wrote: that its records are those that were signed; that
needs no province, only the key.

EXAMPLES:
  tongxing audit verify
  tongxing audit verify --replay
  tongxing audit verify records.jsonl --key 'tongxing.0f…+1a2b3c4d+AQ…'
  tongxing audit verify record-17.tlog-proof --key evidence.keys.txt")]
    Verify(AuditVerifyArgs),
    /// Write records to a file that verifies with a public key alone
    #[command(after_help = "\
EXAMPLES:
  tongxing audit export records.jsonl
  tongxing audit export records.jsonl --from 1000 --to 1999")]
    Export {
        /// Where to; it must not exist
        file: PathBuf,
        /// First sequence number; 1 without it
        #[arg(long)]
        from: Option<u64>,
        /// Last sequence number; the newest without it
        #[arg(long)]
        to: Option<u64>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Sign the record as it stands
    #[command(after_help = "\
The checkpoint is a signed note (C2SP tlog-checkpoint). Whoever keeps it can have it
shown later that nothing was cut off or changed: `audit consistency`.

EXAMPLES:
  tongxing audit checkpoint
  tongxing audit checkpoint -o today.checkpoint")]
    Checkpoint {
        #[command(flatten)]
        out: OutArgs,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Prove that a record is in what was signed
    #[command(after_help = "\
The proof (C2SP tlog-proof) holds the record, and is checked by `audit verify FILE --key`.

EXAMPLES:
  tongxing audit prove 17 -o record-17.tlog-proof")]
    Prove {
        /// The record's sequence number
        sequence: u64,
        #[command(flatten)]
        out: OutArgs,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Show that an old checkpoint is the beginning of the record now
    #[command(after_help = "\
The proof is what a witness takes (C2SP tlog-witness, add-checkpoint).

EXAMPLES:
  tongxing audit consistency kept-since-spring.checkpoint
  tongxing audit consistency kept-since-spring.checkpoint -o growth.txt")]
    Consistency {
        /// The checkpoint that somebody kept
        checkpoint: PathBuf,
        #[command(flatten)]
        out: OutArgs,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Show the public keys that sign checkpoints, those of all times
    #[command(after_help = "\
EXAMPLES:
  tongxing audit keys
  tongxing audit keys -o evidence.keys.txt")]
    Keys {
        #[command(flatten)]
        out: OutArgs,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Make a new key that signs checkpoints from now on
    #[command(after_help = "\
One checkpoint bears the signatures of both keys. The old public key stays published, and
what it signed stays valid.

EXAMPLES:
  tongxing audit rotate-evidence-key")]
    RotateEvidenceKey {
        #[command(flatten)]
        data: DataArgs,
    },
}

/// What is to be checked.
#[derive(Debug, Args)]
pub(crate) struct AuditVerifyArgs {
    /// An export or a proof, instead of a province
    #[arg(requires = "key", conflicts_with = "replay")]
    pub(crate) file: Option<PathBuf>,
    /// A key that is trusted (NAME+ID+BASE64), or a file of such keys, one a line
    #[arg(long, value_name = "KEY", requires = "file")]
    pub(crate) key: Vec<String>,
    /// Make the state anew from the journal, and compare it with the index
    #[arg(long)]
    pub(crate) replay: bool,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// Where a text is to go.
#[derive(Debug, Args)]
pub(crate) struct OutArgs {
    /// Write it to this new file, too
    #[arg(short = 'o', long = "out", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}
