//! What an authority is enrolled for and how it stands, at any moment.

use serde::{Deserialize, Serialize};
use tongxing_pki::Timestamp;

/// What an authority is enrolled for; none by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Its certificates may sign in.
    SignIn,
    /// Its certificates may sign documents.
    DocumentSigning,
    /// Its certificates may issue RFC 3161 timestamps.
    Timestamps,
    /// Its certificates may authenticate operators.
    Operators,
    /// Its certificates may authenticate relying parties.
    RelyingParties,
}

impl Role {
    /// The name used in commands, files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::DocumentSigning => "document-signing",
            Self::Timestamps => "timestamps",
            Self::Operators => "operators",
            Self::RelyingParties => "relying-parties",
        }
    }
}

/// How the province stands to an authority, or to one of its anchors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Being entered; invisible to bidders.
    Draft,
    /// Enrolled, its certificates judged by operators only.
    Testing,
    /// Its certificates are accepted.
    Active,
    /// Refused for the time being.
    Suspended,
    /// Refused for good, licence ended or left the province.
    Withdrawn,
    /// Its key is no longer its own from the effective moment on; final.
    Compromised,
}

impl Status {
    /// The name used in commands, files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Testing => "testing",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Withdrawn => "withdrawn",
            Self::Compromised => "compromised",
        }
    }
}

/// One statement in a status history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusEntry {
    /// What was stated.
    pub status: Status,
    /// From when it holds; may lie before `known` (a compromise found late).
    pub effective: Timestamp,
    /// When the province learned it: the time of its journal record.
    pub known: Timestamp,
    /// Its place in the journal.
    pub sequence: u64,
    /// Why, in the operator's words.
    pub reason: String,
}

/// How something stands at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// No statement reaches back to that moment.
    NotYetEnrolled,
    /// The status in force.
    Is(Status),
}

impl Standing {
    /// The name used in commands, files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotYetEnrolled => "not-yet-enrolled",
            Self::Is(status) => status.as_str(),
        }
    }
}

/// An append-only history of statements, in the order they became known.
///
/// Each statement holds from its effective moment on and replaces, from there,
/// everything known before it, later-effective statements included: an operator
/// who suspends today cancels the withdrawal planned for next month, and the
/// command that does so says it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StatusHistory(Vec<StatusEntry>);

impl StatusHistory {
    /// Adds what has just become known.
    pub(crate) fn push(&mut self, entry: StatusEntry) {
        self.0.push(entry);
    }

    /// How it stands at `at`, by all that is known.
    pub fn at(&self, at: Timestamp) -> Standing {
        self.in_force(at).map_or(Standing::NotYetEnrolled, |entry| Standing::Is(entry.status))
    }

    /// The statement in force at `at`.
    pub fn in_force(&self, at: Timestamp) -> Option<&StatusEntry> {
        self.0.iter().rev().find(|entry| entry.effective <= at)
    }

    /// The first moment at which it was compromised, by all that is known.
    pub fn compromised_since(&self) -> Option<Timestamp> {
        let compromised = self.0.iter().filter(|e| e.status == Status::Compromised);
        compromised.map(|entry| entry.effective).min()
    }

    /// Every statement, in the order it became known.
    pub fn entries(&self) -> &[StatusEntry] {
        &self.0
    }

    /// Statements that a new one effective from `from` would cancel.
    pub fn cancelled_by(&self, from: Timestamp) -> impl Iterator<Item = &StatusEntry> {
        self.0.iter().filter(move |entry| entry.effective > from)
    }
}

/// One statement about certificates that are issued from some moment on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DistrustEntry {
    /// Certificates issued from this moment on are refused, older ones stay usable;
    /// `None` takes earlier statements back.
    pub issued_after: Option<Timestamp>,
    /// When the province learned it: the time of its journal record.
    pub known: Timestamp,
    /// Its place in the journal.
    pub sequence: u64,
    /// Why, in the operator's words.
    pub reason: String,
}

/// An append-only history of distrust, in the order it became known: the latest
/// statement counts, whatever moment is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DistrustHistory(Vec<DistrustEntry>);

impl DistrustHistory {
    /// Adds what has just become known.
    pub(crate) fn push(&mut self, entry: DistrustEntry) {
        self.0.push(entry);
    }

    /// The statement in force and its moment, if certificates are refused by when
    /// they were issued.
    pub fn in_force(&self) -> Option<(Timestamp, &DistrustEntry)> {
        let entry = self.0.last()?;
        Some((entry.issued_after?, entry))
    }

    /// Every statement, in the order it became known.
    pub fn entries(&self) -> &[DistrustEntry] {
        &self.0
    }

    /// Whether nothing was ever said.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(statements: &[(Status, i64, i64)]) -> StatusHistory {
        let mut history = StatusHistory::default();
        for (sequence, (status, effective, known)) in (1..).zip(statements) {
            history.push(StatusEntry {
                status: *status,
                effective: Timestamp::from_unix(*effective),
                known: Timestamp::from_unix(*known),
                sequence,
                reason: String::new(),
            });
        }
        history
    }

    fn at(history: &StatusHistory, unix: i64) -> Standing {
        history.at(Timestamp::from_unix(unix))
    }

    #[test]
    fn before_the_first_statement_nothing_is_enrolled() {
        let h = history(&[(Status::Active, 100, 100)]);
        assert_eq!(at(&h, 99), Standing::NotYetEnrolled);
        assert_eq!(at(&h, 100), Standing::Is(Status::Active));
    }

    #[test]
    fn a_late_statement_reaches_back() {
        let h = history(&[
            (Status::Active, 100, 100),
            (Status::Suspended, 300, 300),
            (Status::Compromised, 200, 500),
        ]);
        assert_eq!(at(&h, 150), Standing::Is(Status::Active));
        assert_eq!(at(&h, 250), Standing::Is(Status::Compromised));
        assert_eq!(at(&h, 400), Standing::Is(Status::Compromised));
        assert_eq!(h.compromised_since(), Some(Timestamp::from_unix(200)));
    }

    #[test]
    fn a_planned_statement_waits_and_is_cancelled_by_a_nearer_one() {
        let mut h = history(&[(Status::Active, 100, 100), (Status::Withdrawn, 900, 200)]);
        assert_eq!(at(&h, 899), Standing::Is(Status::Active));
        assert_eq!(at(&h, 900), Standing::Is(Status::Withdrawn));
        assert_eq!(h.cancelled_by(Timestamp::from_unix(300)).count(), 1);
        h.push(StatusEntry {
            status: Status::Suspended,
            effective: Timestamp::from_unix(300),
            known: Timestamp::from_unix(300),
            sequence: 3,
            reason: String::new(),
        });
        assert_eq!(at(&h, 1000), Standing::Is(Status::Suspended));
    }
}
