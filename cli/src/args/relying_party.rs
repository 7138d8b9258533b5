//! `tongxing rp`.

use clap::Subcommand;
use tongxing_trust_store::RelyingPartyId;

use super::DataArgs;

/// Relying parties.
#[derive(Debug, Subcommand)]
pub(crate) enum RelyingPartyCommand {
    /// Register a platform; its secret is shown once
    #[command(after_help = "EXAMPLES:\n  tongxing rp add bidding --name 省公共资源交易平台")]
    Add {
        /// Short id: the audience (`aud`) of its tokens
        id: RelyingPartyId,
        /// Its name
        #[arg(long)]
        name: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// List all relying parties
    #[command(after_help = "EXAMPLES:\n  tongxing rp list")]
    List {
        #[command(flatten)]
        data: DataArgs,
    },
}
