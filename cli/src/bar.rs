//! A progress bar for work that takes its time, where somebody sees it.
//!
//! It is drawn on standard error if that is a terminal; into a pipe or a log file
//! nothing is written, and the log says what was done.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tongxing_trust_store::Progress;

/// Fewer steps are over before anybody has looked.
const WORTH_SHOWING: u64 = 20_000;

const TEMPLATE: &str = "{msg} {wide_bar} {human_pos} of {human_len}, {eta} to go";

/// Draws how far opening has come.
#[derive(Debug)]
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// On standard error, unless that is no terminal.
    pub(crate) fn on_stderr() -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        Self(bar)
    }
}

impl Progress for Bar {
    fn began(&self, work: &str, total: u64) {
        if total < WORTH_SHOWING {
            return;
        }
        // Hidden by itself where standard error is no terminal.
        self.0.set_draw_target(ProgressDrawTarget::stderr());
        self.0.reset();
        self.0.set_length(total);
        self.0.set_message(work.to_owned());
    }

    fn came_to(&self, done: u64) {
        self.0.set_position(done);
    }

    fn ended(&self) {
        self.0.finish_and_clear();
        self.0.set_draw_target(ProgressDrawTarget::hidden());
    }
}
