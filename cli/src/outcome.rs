//! How a command ends: exit codes and failures.

use std::fmt;
use std::process::ExitCode;

use tongxing_trust_store::{CommandError, FailureKind, StoreError};

/// The answer of a command, as its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done, passed, found.
    Yes,
    /// Refused, failed, indeterminate.
    No,
    /// Nothing was answered: wrong usage, an unreadable file, no province to ask.
    Unanswered,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Yes => Self::SUCCESS,
            Outcome::No => Self::from(1),
            Outcome::Unanswered => Self::from(2),
        }
    }
}

/// Why a command did not do what it was asked, in words for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    kind: FailureKind,
    message: String,
    help: Option<String>,
}

impl Failure {
    /// What was given cannot be read.
    pub(crate) fn bad_input(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::BadInput, message: message.into(), help: None }
    }

    /// It was understood, and the answer is no.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::Refused, message: message.into(), help: None }
    }

    /// Whoever has to answer cannot.
    pub(crate) fn unavailable(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::Unavailable, message: message.into(), help: None }
    }

    /// Adds what to do about it.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says first what it is about: a file, an authority.
    pub(crate) fn about(mut self, subject: impl fmt::Display) -> Self {
        self.message = format!("{subject}: {}", self.message);
        self
    }

    /// The exit code that it stands for.
    pub(crate) fn outcome(&self) -> Outcome {
        match self.kind {
            FailureKind::Refused => Outcome::No,
            FailureKind::BadInput | FailureKind::Unavailable => Outcome::Unanswered,
        }
    }

    /// What happened.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub(crate) fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// What kind of failure, as scripts read it.
    pub(crate) fn kind(&self) -> FailureKind {
        self.kind
    }
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        Self { kind: error.kind, message: error.message, help: None }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let failure = match &error {
            StoreError::NotFound { .. } | StoreError::NotEmpty { .. } => {
                Self::bad_input(error.to_string())
            }
            _ => Self::unavailable(error.to_string()),
        };
        match error.advice() {
            Some(advice) => failure.help(advice),
            None => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_is_a_no() {
        assert_eq!(Failure::refused("x").outcome(), Outcome::No);
        assert_eq!(Failure::bad_input("x").outcome(), Outcome::Unanswered);
        assert_eq!(Failure::unavailable("x").outcome(), Outcome::Unanswered);
    }
}
