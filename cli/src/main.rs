//! The one binary of Tongxing: the server and every operator command.
//!
//! 1. Arguments are read into checked values (`args`); a mistake ends here, with
//!    exit code 2 and nothing opened.
//! 2. A command runs (`commands`), through a `client` that reaches the province
//!    in this process or over the admin socket.
//! 3. What came out is shown (`render`), as text or as one JSON document, and
//!    becomes the exit code (`outcome`).

mod args;
mod bar;
mod client;
mod commands;
mod demo;
mod files;
mod log;
mod outcome;
mod render;
mod shipped;
mod stopwatch;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use outcome::{Failure, Outcome};
use render::Output;

/// How long threads that wait for a disk are waited for when all is done: what was to be
/// kept is kept by then, and a disk may hang for ever.
const LEFT_BEHIND: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    let arguments = args::Arguments::parse();
    let output = Output::new(arguments.json);
    match run(arguments.command, &output) {
        Ok(outcome) => outcome.into(),
        Err(failure) => {
            output.failure(&failure);
            failure.outcome().into()
        }
    }
}

fn run(command: args::Command, output: &Output) -> Result<Outcome, Failure> {
    if !matches!(command, args::Command::Serve(_)) {
        log::start_quiet()?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unavailable(format!("starting the runtime: {error}")))?;
    let outcome = runtime.block_on(commands::run(command, output));
    runtime.shutdown_timeout(LEFT_BEHIND);
    outcome
}
