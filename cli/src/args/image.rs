//! `tongxing image`.

use clap::Subcommand;

use super::DataArgs;

/// Images of the state.
#[derive(Debug, Subcommand)]
pub(crate) enum ImageCommand {
    /// Save the state whole, while the gateway goes on
    #[command(after_help = "\
The newest two images are kept. Segments that end before the older of them are
not needed to make the state anew and may be archived.

EXAMPLES:
  tongxing image take
  tongxing image take --json")]
    Take {
        #[command(flatten)]
        data: DataArgs,
    },
    /// List images, each read whole and compared with the journal
    #[command(after_help = "EXAMPLES:\n  tongxing image list")]
    List {
        #[command(flatten)]
        data: DataArgs,
    },
}
