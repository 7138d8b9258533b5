//! `tongxing receipt`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::LanguageArg;

/// Receipts of verifications.
#[derive(Debug, Subcommand)]
pub(crate) enum ReceiptCommand {
    /// Check a receipt, and derive its verdict anew from its own evidence
    #[command(after_help = "\
FILE is what the verification answered, or its member `receipt`. Needed are no province
and no network: the receipt's signature and its proof are checked with the key, each piece
of evidence by its hash, and the question is judged again by what was trusted then. What
has happened since (a CA withdrawn, a policy changed, a certificate expired) has no part
in it. Keys: `tongxing audit keys`, or GET /v1/evidence-keys; keep one from the day on
which you begin to keep receipts.

EXAMPLES:
  tongxing receipt verify answer.json --key evidence.keys.txt
  tongxing receipt verify answer.json --key evidence.keys.txt --document bid.pdf
  tongxing receipt verify answer.json --key evidence.keys.txt --document bid.zip --document bid.p7s
  tongxing receipt verify signed.json --key evidence.keys.txt --evidence list.crl --json")]
    Verify(ReceiptVerifyArgs),
}

/// What is to be checked.
#[derive(Debug, Args)]
pub(crate) struct ReceiptVerifyArgs {
    /// The receipt, or the answer that it came with
    pub(crate) file: PathBuf,
    /// A key that is trusted (NAME+ID+BASE64), or a file of such keys, one a line; may be
    /// repeated
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Vec<String>,
    /// A timestamp authority that is trusted, in PEM or DER; may be repeated. Without it, those
    /// count that the province had enrolled for timestamps when it gave the receipt
    #[arg(long = "tsa-anchor", value_name = "FILE")]
    pub(crate) tsa_anchors: Vec<PathBuf>,
    /// The document that was verified, or its content; may be repeated
    #[arg(long = "document", value_name = "FILE")]
    pub(crate) documents: Vec<PathBuf>,
    /// A piece of evidence that is not in the file (GET /v1/evidence/SHA256); may be
    /// repeated
    #[arg(long = "evidence", value_name = "FILE")]
    pub(crate) evidence: Vec<PathBuf>,
    /// In which language; English without what bidders read if it is left out
    #[arg(long)]
    pub(crate) lang: Option<LanguageArg>,
}
