//! The editions of a policy as decisions need them: the one in force at a moment.
//!
//! 1. What is in force when a snapshot is compiled, and what is planned, is compiled
//!    with it: decisions about now take no lock.
//! 2. Editions of the past are kept as texts. One is compiled when a moment of its time
//!    is judged, and the last few stay on a [`Shelf`] that all snapshots share.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tongxing_pki::Timestamp;

use crate::change::PolicyText;
use crate::policy::{AuthorityPolicy, PolicyHistory, ProvincePolicy};
use crate::state::{Lookups, StateError, View};

/// Editions of the past that stay compiled. Origin: ours; documents of one time are
/// looked at together, and an authority's policy changes a few times a year.
const KEPT: usize = 64;

/// A policy that texts are compiled to.
pub(crate) trait Policy: Sized {
    /// Reads a text that this or an earlier version took.
    fn compile(text: &PolicyText) -> Result<Self, String>;
}

impl Policy for AuthorityPolicy {
    fn compile(text: &PolicyText) -> Result<Self, String> {
        Self::parse(&text.file, &text.source)
            .map_err(|errors| format!("policy {}: {errors}", text.file))
    }
}

impl Policy for ProvincePolicy {
    fn compile(text: &PolicyText) -> Result<Self, String> {
        Self::parse(&text.file, &text.source).map_err(|errors| errors.to_string())
    }
}

/// A policy, or why it does not load in this version.
pub(crate) type Compiled<P> = Result<Arc<P>, Arc<str>>;

/// One edition, in force from a moment on until the next one is.
#[derive(Debug)]
pub(super) struct Edition<P> {
    pub(super) from: Timestamp,
    pub(super) sequence: u64,
    pub(super) text: Arc<PolicyText>,
    pub(super) form: Form<P>,
}

#[derive(Debug)]
pub(super) enum Form<P> {
    Compiled(Compiled<P>),
    /// Of the past: by its text alone.
    Text,
}

/// All editions that are in force at some moment, the earliest first.
#[derive(Debug)]
pub(super) struct Editions<P> {
    pub(super) timeline: Vec<Edition<P>>,
    pub(super) shelf: Arc<Shelf<P>>,
}

impl<P: Policy> Editions<P> {
    /// The policy in force at `at`; before the first one, the first.
    pub(super) fn at(&self, at: Timestamp) -> Result<Held<'_, P>, Arc<str>> {
        let edition = self.in_force(at).ok_or("there is none")?;
        match &edition.form {
            Form::Compiled(Ok(policy)) => Ok(Held::Here(policy)),
            Form::Compiled(Err(fault)) => Err(Arc::clone(fault)),
            Form::Text => self.shelf.compiled(edition.sequence, &edition.text).map(Held::Shelved),
        }
    }

    /// The record that set the edition in force at `at`.
    pub(super) fn sequence_at(&self, at: Timestamp) -> Option<u64> {
        self.in_force(at).map(|edition| edition.sequence)
    }

    /// From when each edition is in force.
    pub(super) fn dates(&self) -> impl Iterator<Item = Timestamp> {
        self.timeline.iter().map(|edition| edition.from)
    }

    /// The policies in force since the snapshot was compiled, and the planned ones.
    pub(super) fn compiled(&self) -> impl Iterator<Item = &P> {
        self.timeline.iter().filter_map(|edition| match &edition.form {
            Form::Compiled(Ok(policy)) => Some(policy.as_ref()),
            Form::Compiled(Err(_)) | Form::Text => None,
        })
    }

    /// The text of each, from when it is in force, and the record that set it.
    pub(super) fn texts(&self) -> impl Iterator<Item = (Timestamp, u64, &Arc<PolicyText>)> {
        self.timeline.iter().map(|edition| (edition.from, edition.sequence, &edition.text))
    }

    fn in_force(&self, at: Timestamp) -> Option<&Edition<P>> {
        let later = self.timeline.partition_point(|edition| edition.from <= at);
        self.timeline.get(later.saturating_sub(1))
    }
}

/// A policy to judge by.
#[derive(Debug)]
pub enum Held<'s, P> {
    /// The snapshot's.
    Here(&'s P),
    /// One of the past.
    Shelved(Arc<P>),
}

impl<P> Deref for Held<'_, P> {
    type Target = P;

    fn deref(&self) -> &P {
        match self {
            Self::Here(policy) => policy,
            Self::Shelved(policy) => policy,
        }
    }
}

/// What was read and compiled for a snapshot, by the records that set it.
#[derive(Debug)]
pub(super) struct Policies<P> {
    texts: HashMap<u64, Arc<PolicyText>>,
    compiled: HashMap<u64, Compiled<P>>,
    shelf: Arc<Shelf<P>>,
}

impl<P: Policy> Policies<P> {
    /// The editions of one history, with what is in force at `now` and later compiled.
    /// What the snapshot `before` had is taken from it.
    pub(super) fn editions(
        &mut self,
        view: &View<'_>,
        history: &PolicyHistory,
        before: &Self,
        now: Timestamp,
    ) -> Result<Editions<P>, StateError> {
        self.shelf = Arc::clone(&before.shelf);
        let timeline = history.timeline();
        let current = timeline.partition_point(|edition| edition.effective <= now);
        let mut editions = Vec::with_capacity(timeline.len());
        for (place, edition) in timeline.iter().enumerate() {
            let text = before.texts.get(&edition.sequence).cloned();
            let text = text.map_or_else(|| read(view, edition.sequence), Ok)?;
            let form = if place + 1 >= current {
                let known = before.compiled.get(&edition.sequence).cloned();
                Form::Compiled(known.unwrap_or_else(|| compile(&text)))
            } else {
                Form::Text
            };
            if let Form::Compiled(compiled) = &form {
                self.compiled.insert(edition.sequence, compiled.clone());
            }
            self.texts.insert(edition.sequence, Arc::clone(&text));
            let (from, sequence) = (edition.effective, edition.sequence);
            editions.push(Edition { from, sequence, text, form });
        }
        Ok(Editions { timeline: editions, shelf: Arc::clone(&self.shelf) })
    }
}

impl<P> Default for Policies<P> {
    fn default() -> Self {
        Self { texts: HashMap::new(), compiled: HashMap::new(), shelf: Arc::default() }
    }
}

/// A record of a policy has its text.
fn read(view: &View<'_>, sequence: u64) -> Result<Arc<PolicyText>, StateError> {
    let missing = || StateError::MissingPolicy { sequence };
    view.policy_text(sequence)?.map(Arc::new).ok_or_else(missing)
}

fn compile<P: Policy>(text: &PolicyText) -> Compiled<P> {
    P::compile(text).map(Arc::new).map_err(Arc::from)
}

/// Editions of the past that were compiled, the one used last in front.
pub(crate) struct Shelf<P>(Mutex<VecDeque<(u64, Compiled<P>)>>);

impl<P: Policy> Shelf<P> {
    /// The text of this record, compiled: while nobody else waits for it.
    fn compiled(&self, sequence: u64, text: &PolicyText) -> Compiled<P> {
        if let Some(found) = self.find(sequence) {
            return found;
        }
        let compiled = compile(text);
        let mut kept = self.lock();
        kept.push_front((sequence, compiled.clone()));
        kept.truncate(KEPT);
        compiled
    }

    fn find(&self, sequence: u64) -> Option<Compiled<P>> {
        let mut kept = self.lock();
        let place = kept.iter().position(|(known, _)| *known == sequence)?;
        let found = kept.remove(place)?;
        kept.push_front(found);
        kept.front().map(|(_, compiled)| compiled.clone())
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(u64, Compiled<P>)>> {
        // Each change of it is one step: a panic leaves nothing half-done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<P> Default for Shelf<P> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<P> fmt::Debug for Shelf<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    static COMPILED: AtomicUsize = AtomicUsize::new(0);

    /// What a text says, if it is not "broken".
    #[derive(Debug, PartialEq)]
    struct Said(String);

    impl Policy for Said {
        fn compile(text: &PolicyText) -> Result<Self, String> {
            COMPILED.fetch_add(1, Ordering::SeqCst);
            match text.source.as_str() {
                "broken" => Err("it is broken".to_owned()),
                said => Ok(Self(said.to_owned())),
            }
        }
    }

    fn edition(from: i64, sequence: u64, source: &str) -> Edition<Said> {
        let text = PolicyText { file: "f".to_owned(), source: source.to_owned() };
        let from = Timestamp::from_unix(from);
        Edition { from, sequence, text: Arc::new(text), form: Form::Text }
    }

    fn said(editions: &Editions<Said>, at: i64) -> String {
        match editions.at(Timestamp::from_unix(at)) {
            Ok(policy) => policy.0.clone(),
            Err(fault) => fault.to_string(),
        }
    }

    #[test]
    fn the_edition_of_the_moment_is_compiled_once_and_the_shelf_is_short() {
        let mut timeline = vec![edition(100, 1, "first"), edition(200, 2, "broken")];
        timeline.extend((3..200).map(|n| edition(100 * n, n.cast_unsigned(), &n.to_string())));
        let editions = Editions { timeline, shelf: Arc::default() };
        for _ in 0..3 {
            assert_eq!(said(&editions, 0), "first", "before it there was no other");
            assert_eq!(said(&editions, 199), "first");
            assert_eq!(said(&editions, 200), "it is broken");
        }
        assert_eq!(COMPILED.load(Ordering::SeqCst), 2);
        for moment in 3..200 {
            assert_eq!(said(&editions, 100 * moment + 50), moment.to_string());
        }
        assert_eq!(editions.shelf.lock().len(), KEPT);
        assert_eq!(said(&editions, 0), "first", "and again when it is gone");
    }
}
