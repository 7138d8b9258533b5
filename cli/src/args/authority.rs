//! `tongxing ca`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tongxing_pki::Timestamp;
use tongxing_trust_store::AuthorityId;

use super::DataArgs;
use super::value::{RoleArg, moment};

/// Authorities.
#[derive(Debug, Subcommand)]
pub(crate) enum AuthorityCommand {
    Add(Box<AddArgs>),
    /// List all authorities with their status and what degrades them
    #[command(after_help = "EXAMPLES:\n  tongxing ca list\n  tongxing ca list --json")]
    List {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Show one authority: keys, lists, policy version, history
    #[command(after_help = "EXAMPLES:\n  tongxing ca show ca-a")]
    Show {
        /// Its id
        id: AuthorityId,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Add a key: an anchor, or with --intermediate a known subordinate CA
    #[command(after_help = "\
EXAMPLES:
  tongxing ca anchor ca-a new-root.pem
  tongxing ca anchor ca-a issuing-2027.pem --intermediate")]
    Anchor {
        /// Whose
        id: AuthorityId,
        /// CA certificate, PEM or DER
        certificate: PathBuf,
        /// It is a known subordinate CA, or a key that signs lists, not an anchor
        #[arg(long)]
        intermediate: bool,
        /// From when it is an anchor: the past and the future are allowed; from now on without it
        #[arg(long, value_name = "MOMENT", value_parser = moment, conflicts_with = "intermediate")]
        effective: Option<Timestamp>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Refuse certificates issued from a moment on; older ones stay usable
    #[command(after_help = "\
EXAMPLES:
  tongxing ca distrust ca-a --issued-after 2026-12-01 --reason 'audit failed'
  tongxing ca distrust ca-a --lift --reason 'audit passed'")]
    Distrust {
        /// Which authority
        id: AuthorityId,
        /// From which moment on issued certificates are refused
        #[arg(long, value_name = "MOMENT", value_parser = moment, required_unless_present = "lift")]
        issued_after: Option<Timestamp>,
        /// Take it back
        #[arg(long, conflicts_with = "issued_after")]
        lift: bool,
        /// Only under this anchor: hex SHA-256 of its key, as `ca show` prints it
        #[arg(long, value_name = "SHA256")]
        anchor: Option<String>,
        /// Why: bidders are told
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Set what an authority is enrolled for, replacing its roles
    #[command(after_help = "\
EXAMPLES:
  tongxing ca roles ca-a sign-in document-signing
  tongxing ca roles ca-a                            none at all")]
    Roles {
        /// Which authority
        id: AuthorityId,
        /// All its roles from now on
        roles: Vec<RoleArg>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Accept its certificates, in the roles it has
    #[command(after_help = "\
EXAMPLES:
  tongxing ca activate ca-a
  tongxing ca activate ca-a --effective 2027-01-01")]
    Activate {
        #[command(flatten)]
        status: StatusArgs,
        /// Why
        #[arg(long, default_value = "activated")]
        reason: String,
    },
    /// Let only operators try its certificates
    #[command(after_help = "EXAMPLES:\n  tongxing ca test ca-a --reason 'waiting for its CRL'")]
    Test {
        #[command(flatten)]
        status: StatusArgs,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Refuse its certificates for the time being
    #[command(after_help = "\
EXAMPLES:
  tongxing ca suspend ca-a --reason 'no revocation list since Monday'")]
    Suspend {
        #[command(flatten)]
        status: StatusArgs,
        /// Why: its bidders are told
        #[arg(long)]
        reason: String,
    },
    /// Refuse its certificates for good: its licence ended, or it left
    #[command(after_help = "\
EXAMPLES:
  tongxing ca withdraw ca-a --effective 2027-03-31T16:00:00Z --reason 'licence ended'")]
    Withdraw {
        #[command(flatten)]
        status: StatusArgs,
        /// Why: its bidders are told
        #[arg(long)]
        reason: String,
    },
    /// Declare a key no longer its own, from a moment on; final
    #[command(after_help = "\
EXAMPLES:
  tongxing ca compromise ca-a --since 2026-11-01 --reason 'theft reported by the CA'")]
    Compromise {
        /// Which authority
        id: AuthorityId,
        /// From which moment on the key was not its own any more; from now on without it
        #[arg(long, alias = "effective", value_name = "MOMENT", value_parser = moment)]
        since: Option<Timestamp>,
        /// Only this anchor: hex SHA-256 of its key, as `ca show` prints it
        #[arg(long, value_name = "SHA256")]
        anchor: Option<String>,
        #[command(flatten)]
        data: DataArgs,
        /// Why: its bidders are told
        #[arg(long)]
        reason: String,
    },
}

/// Enrol an authority, as a draft that nobody sees yet
#[derive(Debug, Args)]
#[command(after_help = "\
EXAMPLES:
  tongxing ca add ca-a --name 甲省电子认证 --anchor root.pem --policy policies/ca-a.toml \\
      --role sign-in --hotline 400-000-0000
  tongxing crl import ca-a.crl
  tongxing ca activate ca-a")]
pub(crate) struct AddArgs {
    /// Short id: a-z, 0-9 and '-'
    pub(crate) id: AuthorityId,
    /// Chinese name
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// English name
    #[arg(long, value_name = "NAME")]
    pub(crate) name_en: Option<String>,
    /// The number that its bidders call
    #[arg(long, value_name = "PHONE")]
    pub(crate) hotline: Option<String>,
    /// When its licence ends
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub(crate) licence_expires: Option<Timestamp>,
    /// What it is enrolled for; may be repeated
    #[arg(long = "role", value_name = "ROLE")]
    pub(crate) roles: Vec<RoleArg>,
    /// CA certificate whose key becomes an anchor, PEM or DER; may be repeated
    #[arg(long = "anchor", value_name = "FILE", required = true)]
    pub(crate) anchors: Vec<PathBuf>,
    /// Certificate of a known subordinate CA; may be repeated
    #[arg(long = "intermediate", value_name = "FILE")]
    pub(crate) intermediates: Vec<PathBuf>,
    /// Its policy file
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: PathBuf,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// What every change of status names.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Which authority
    pub(crate) id: AuthorityId,
    /// From when: the past and the future are allowed; from now on without it
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub(crate) effective: Option<Timestamp>,
    /// Only this anchor: hex SHA-256 of its key, as `ca show` prints it
    #[arg(long, value_name = "SHA256")]
    pub(crate) anchor: Option<String>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}
