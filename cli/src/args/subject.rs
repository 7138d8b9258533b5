//! `tongxing subject`.

use clap::Subcommand;
use tongxing_trust_store::{AuthorityId, SubjectId};

use super::DataArgs;

/// Subjects.
#[derive(Debug, Subcommand)]
pub(crate) enum SubjectCommand {
    /// Find subjects by id, USCC, name or certificate hash
    #[command(after_help = "\
EXAMPLES:
  tongxing subject find 91350100M0001TGQXM
  tongxing subject find 某某建设")]
    Find {
        /// What to look for
        query: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Show one subject: its certificates and what waits for confirmation
    #[command(after_help = "\
EXAMPLES:
  tongxing subject show abcdefghijklmnopqrstuvwxyz
  tongxing subject show abcdefghijklmnopqrstuvwxyz --reveal 'complaint 17'   (journaled)")]
    Show {
        /// Its id: the `sub` of its tokens
        id: SubjectId,
        /// Show personal data, for this reason; the reading is journaled
        #[arg(long, value_name = "REASON")]
        reveal: Option<String>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Confirm that the other name in a CA's certificate means this subject
    #[command(after_help = "\
EXAMPLES:
  tongxing subject confirm abcdefghijklmnopqrstuvwxyz --ca ca-b")]
    Confirm {
        /// Which subject
        id: SubjectId,
        /// Whose certificate waits
        #[arg(long, value_name = "ID")]
        ca: AuthorityId,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Set the registered name of a legal entity
    #[command(after_help = "\
EXAMPLES:
  tongxing subject rename abcdefghijklmnopqrstuvwxyz 某某建设集团有限公司")]
    Rename {
        /// Which subject
        id: SubjectId,
        /// Its name from now on
        name: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Look persons up under a new key from now on
    #[command(after_help = "\
Persons are found by keyed hashes of their ids and names. This makes a new key, has every
person found under it, and retires the keys before it: hashes made from now on say nothing
to somebody who learned an old key. It can be run while the gateway serves; if it is
interrupted, run it again. A standby should be following (`tongxing standby status`).

EXAMPLES:
  tongxing subject rotate-lookup-key")]
    RotateLookupKey {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Erase a person: their keys are destroyed, the record stays whole
    #[command(after_help = "\
Nothing opens the person's name, id and certificates afterwards, in the journal or in
backups of it made without the keys folder. Who signs in again is a new person.

EXAMPLES:
  tongxing subject erase abcdefghijklmnopqrstuvwxyz --reason 'request 2026-31'")]
    Erase {
        /// Whom
        id: SubjectId,
        /// Why; it is journaled
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        data: DataArgs,
    },
}
