//! `tongxing policy`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use tongxing_trust_store::AuthorityId;

use super::DataArgs;

/// Policies.
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Read policy files and show every mistake; needs no province
    #[command(after_help = "\
EXAMPLES:
  tongxing policy check policies/province.toml policies/ca-a.toml")]
    Check {
        /// Policy files: the province's or an authority's
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Show what an authority's policy reads from a certificate, rule by rule
    #[command(after_help = "\
Texts of the certificate are shown by their shape (9 a digit, A and a letters, 某 any other
character), except what the policy reads as a legal entity's: they may be a person's.

EXAMPLES:
  tongxing policy explain --ca ca-a bidder.pem
  tongxing policy explain --ca ca-a bidder.pem --reveal 'enrolling ca-a'   (journaled)")]
    Explain {
        /// Whose policy
        #[arg(long, value_name = "ID")]
        ca: AuthorityId,
        /// The certificate, PEM or DER; it is not kept
        certificate: PathBuf,
        /// Show its texts in the clear, for this reason; the reading is journaled
        #[arg(long, value_name = "REASON")]
        reveal: Option<String>,
        #[command(flatten)]
        data: DataArgs,
    },
    Set(SetArgs),
}

/// Replace a policy: an authority's, or the province's own
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("whose").required(true).args(["ca", "province"]))]
#[command(after_help = "\
EXAMPLES:
  tongxing policy set --ca ca-a policies/ca-a.toml
  tongxing policy set --province policies/province.toml")]
pub(crate) struct SetArgs {
    /// The policy of this authority
    #[arg(long, value_name = "ID")]
    pub(crate) ca: Option<AuthorityId>,
    /// The province's own policy
    #[arg(long)]
    pub(crate) province: bool,
    /// The new text
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}
