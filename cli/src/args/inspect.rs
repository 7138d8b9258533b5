//! `tongxing inspect`.

use std::path::PathBuf;

use clap::Args;

use super::LanguageArg;

/// Show what is in a file: certificate, list, OCSP response, CMS, timestamp, PDF, receipt
#[derive(Debug, Args)]
#[command(after_help = "\
Nothing is verified: what a file says of itself is shown, whether it is true or not.
DER, BER, PEM and base64 are read; of several certificates or lists in one file, every one.

EXAMPLES:
  tongxing inspect bidder.pem
  tongxing inspect --lang zh tender.zip.p7s
  tongxing inspect tender.pdf
  tongxing inspect --json tender.tsr")]
pub(crate) struct InspectArgs {
    /// The language of the labels
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub(crate) lang: LanguageArg,
    /// The file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}
