//! How far long work has come, for whoever watches.

/// Is told how far opening has come, now and then. What it does with it, and on
/// which output, is its own affair.
pub trait Progress: Send + Sync {
    /// Work begins that consists of `total` steps: rows, or records.
    fn began(&self, work: &str, total: u64);

    /// So many steps of it are done.
    fn came_to(&self, done: u64);

    /// It ended, well or not.
    fn ended(&self);
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn began(&self, _work: &str, _total: u64) {}

    fn came_to(&self, _done: u64) {}

    fn ended(&self) {}
}
