//! What happens beside the answer, on standard error.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::Subscriber;

use crate::args::LogFormat;
use crate::outcome::Failure;

/// For a server: every event that `filter` lets through, in one of two forms.
pub(crate) fn start(filter: &str, format: LogFormat) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| Failure::bad_input(format!("--log {filter}: {error}")))?;
    let builder = Subscriber::builder().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    started.map_err(|error| Failure::unavailable(format!("starting the log: {error}")))
}

/// For a single command: only what its caller has to know, such as an index that
/// had to be rebuilt.
pub(crate) fn start_quiet() -> Result<(), Failure> {
    Subscriber::builder()
        .with_max_level(tracing::Level::WARN)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false)
        .without_time()
        .try_init()
        .map_err(|error| Failure::unavailable(format!("starting the log: {error}")))
}
