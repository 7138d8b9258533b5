//! `tongxing stats`.

use clap::Args;
use tongxing_pki::Timestamp;

use super::DataArgs;
use super::value::moment;

/// Count how certificates were used: by platform, CA, kind of key and of subject
#[derive(Debug, Args)]
#[command(after_help = "\
Counted from the record; no ids and no names of persons are in it. What became of each
sign-in follows from all records before it, so the whole journal is read and the state
made anew in memory, as `audit verify --replay` does: not for every minute. Segments that
were archived are needed too (`tongxing retrieve`).

\"Mutual\" are the sign-ins with a certificate of another CA than the one that most
sign-ins at that platform came with: those that one CA alone would not have let in.

EXAMPLES:
  tongxing stats
  tongxing stats --from 2026-11-01 --to 2026-12-01
  tongxing stats --from 2026-11-01 --json")]
pub(crate) struct StatsArgs {
    /// From this moment on
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub(crate) from: Option<Timestamp>,
    /// Before this moment
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub(crate) to: Option<Timestamp>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}
