//! `tongxing policy`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use tongxing_pki::Timestamp;
use tongxing_trust_store::AuthorityId;

use super::DataArgs;
use super::value::moment;

/// The two kinds of policy file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyFileKind {
    /// One file for each authority
    Authority,
    /// The province's own
    Province,
}

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
    /// Print the JSON Schema of policy files, for editors
    #[command(after_help = "\
Editors with a TOML language server (taplo, Even Better TOML) complete and check what is
typed if a file's first line names the schema:
  #:schema schema/authority.schema.json
What a schema cannot say, `tongxing policy check` does.

EXAMPLES:
  tongxing policy schema authority > policies/schema/authority.schema.json
  tongxing policy schema province")]
    Schema {
        /// Of which files
        of: PolicyFileKind,
    },
    Explain(ExplainArgs),
    Set(SetArgs),
}

/// Show what an authority's policy reads from a certificate, rule by rule
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("by").required(true).args(["ca", "policy"]))]
#[command(after_help = "\
Every rule is shown with what it read, each step, and what came out; then what the
policy says of the certificate by itself in each role. Path and revocation are not
judged: `tongxing verify certificate` does that.

The certificate may be a person's. Its texts are shown by their shape (9 a digit, A and
a letters, 某 any other character) and its octets by their tags and lengths, except what
the policy reads as a legal entity's.

With --policy a file is tried before it is set, or before its CA is enrolled; no province
is asked and nothing is journaled. Exit code 1 if no identity comes out.

EXAMPLES:
  tongxing policy explain --policy policies/ca-a.toml bidder.pem
  tongxing policy explain --policy policies/ca-a.toml --clear --json bidder.pem
  tongxing policy explain --ca ca-a bidder.pem
  tongxing policy explain --ca ca-a bidder.pem --reveal 'enrolling ca-a'   (journaled)")]
pub(crate) struct ExplainArgs {
    /// By the policy that this authority has in the province
    #[arg(long, value_name = "ID")]
    pub(crate) ca: Option<AuthorityId>,
    /// By this policy file, without a province
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// With --policy: the province's own policy; the shipped one without it
    #[arg(long, value_name = "FILE", requires = "policy")]
    pub(crate) province: Option<PathBuf>,
    /// The certificate, PEM or DER; of several in a file the first. It is not kept
    pub(crate) certificate: PathBuf,
    /// With --ca: show its texts and octets in the clear, for this reason; journaled
    #[arg(long, value_name = "REASON", requires = "ca")]
    pub(crate) reveal: Option<String>,
    /// With --policy: show its texts and octets in the clear
    #[arg(long, requires = "policy")]
    pub(crate) clear: bool,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// Replace a policy: an authority's, or the province's own
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("whose").required(true).args(["ca", "province"]))]
#[command(after_help = "\
A moment is judged by the policy that was in force then; what was judged already stays as
it is. A mistake that is mended for the past too takes --effective.

EXAMPLES:
  tongxing policy set --ca ca-a policies/ca-a.toml
  tongxing policy set --ca ca-a --effective 2026-12-01 policies/ca-a.toml
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
    /// From when: the past and the future are allowed; from now on without it
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub(crate) effective: Option<Timestamp>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}
