//! What the audience reads: each step with its time, and whether it was as told.

use std::fmt::Write;
use std::future::Future;
use std::time::Duration;

use serde::Serialize;
use serde_json::json;

use crate::outcome::Failure;
use crate::render::{Output, width};
use crate::stopwatch::Stopwatch;

/// The column at which times stand.
const TIME_COLUMN: usize = 74;

/// A story while it is told.
pub(super) struct Story<'a> {
    output: &'a Output,
    steps: Vec<Step>,
    watch: Stopwatch,
}

/// One step, as `--json` shows it.
#[derive(Debug, Serialize)]
struct Step {
    title: String,
    seconds: f64,
    as_told: bool,
    detail: Vec<String>,
}

/// How a step ended.
pub(super) struct Ending {
    /// Whether it was what had to come.
    pub(super) as_told: bool,
    /// What else there is to say.
    pub(super) detail: Vec<String>,
}

impl Ending {
    /// It was what had to come.
    pub(super) fn as_told(detail: String) -> Self {
        Self { as_told: true, detail: vec![detail] }
    }

    /// Something else came.
    pub(super) fn otherwise(detail: String) -> Self {
        Self { as_told: false, detail: vec![detail] }
    }
}

impl<'a> Story<'a> {
    /// Nothing told yet.
    pub(super) fn new(output: &'a Output) -> Self {
        Self { output, steps: Vec::new(), watch: Stopwatch::start() }
    }

    /// Opens a chapter.
    pub(super) fn chapter(&self, title: &str) {
        self.output.note(&format!("\n{}", self.output.style().bold(title)));
    }

    /// Does something that simply has to succeed.
    pub(super) async fn work<T>(
        &mut self,
        title: &str,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let watch = Stopwatch::start();
        let result = work.await.map_err(|failure| failure.about(title))?;
        let ending = Ending { as_told: true, detail: Vec::new() };
        self.told(title, watch.elapsed(), ending);
        Ok(result)
    }

    /// Tells a step that is over.
    pub(super) fn told(&mut self, title: &str, elapsed: Duration, ending: Ending) {
        let style = self.output.style();
        let mark = if ending.as_told { style.good("✓") } else { style.bad("✗") };
        let gap = " ".repeat(TIME_COLUMN.saturating_sub(width(title)));
        let milliseconds = elapsed.as_secs_f64() * 1000.0;
        let time = style.dim(&format!("{milliseconds:8.1} ms"));
        let mut text = format!("{mark} {title}{gap} {time}");
        for line in &ending.detail {
            _ = write!(text, "\n    {line}");
        }
        self.output.note(&text);
        self.steps.push(Step {
            title: title.to_owned(),
            seconds: elapsed.as_secs_f64(),
            as_told: ending.as_told,
            detail: ending.detail,
        });
    }

    /// Says how it came out; true if everything was as told.
    pub(super) fn conclude(self) -> bool {
        let wrong = self.steps.iter().filter(|step| !step.as_told).count();
        let as_told = wrong == 0;
        let document = json!({ "as_told": as_told, "steps": self.steps });
        let seconds = self.watch.elapsed().as_secs_f64();
        self.output.value(&document, |style| {
            let count = self.steps.len();
            if as_told {
                let line = format!("All {count} steps were as told, in {seconds:.1} s.");
                format!("\n{}\n", style.good(&line))
            } else {
                let line = format!("{wrong} of {count} steps were NOT as told.");
                format!("\n{}\n", style.bad(&line))
            }
        });
        as_told
    }
}
