//! `tongxing codes`.

use clap::Args;

/// Show what the codes of findings and problems mean
#[derive(Debug, Args)]
#[command(after_help = "\
Without a code, all of them, one a line. A code ends with exit code 1 if there is none
like it.

EXAMPLES:
  tongxing codes
  tongxing codes revocation.revoked
  tongxing codes --json
  tongxing codes --markdown > docs/codes.md
  tongxing codes --openapi > docs/openapi.json")]
pub(crate) struct CodesArgs {
    /// The codes to explain
    #[arg(value_name = "CODE")]
    pub(crate) codes: Vec<String>,
    /// Everything about them as a page of documentation
    #[arg(long, conflicts_with = "json")]
    pub(crate) markdown: bool,
    /// The whole HTTP API, its problems among it, as an OpenAPI 3.1 document
    #[arg(long, conflicts_with_all = ["json", "markdown", "codes"])]
    pub(crate) openapi: bool,
}
