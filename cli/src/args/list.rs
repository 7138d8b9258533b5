//! `tongxing crl`.

use std::path::PathBuf;

use clap::Subcommand;

use super::DataArgs;

/// Revocation lists.
#[derive(Debug, Subcommand)]
pub(crate) enum ListCommand {
    /// Import lists; the key that signed one says whose it is
    #[command(
        after_help = "EXAMPLES:\n  tongxing crl import ca-a.crl\n  tongxing crl import lists/*.crl\n  tongxing crl import --archive 2025/*.crl"
    )]
    Import {
        /// Revocation lists: DER, PEM or bare base64
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Newer ones are there already: keep these for moments in the past
        #[arg(long)]
        archive: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Show where lists are fetched, and what came of it
    #[command(after_help = "EXAMPLES:\n  tongxing crl points")]
    Points {
        #[command(flatten)]
        data: DataArgs,
    },
    /// List all known lists with their freshness
    #[command(after_help = "EXAMPLES:\n  tongxing crl list")]
    List {
        #[command(flatten)]
        data: DataArgs,
    },
}
