//! Identifiers: short, safe to print, checked once when they are made.

use std::fmt;
use std::str::FromStr;

use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

/// Why a text is not an identifier of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not {what}: {expected}")]
pub struct IdError {
    text: String,
    what: &'static str,
    expected: &'static str,
}

/// The longest short id: fits a file name, a URL segment and a log column.
const SHORT_ID_MAX: usize = 40;

fn check_short(text: &str, what: &'static str) -> Result<(), IdError> {
    let shape = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let edges = !text.starts_with('-') && !text.ends_with('-');
    if !text.is_empty() && text.len() <= SHORT_ID_MAX && edges && text.chars().all(shape) {
        return Ok(());
    }
    Err(IdError {
        text: text.chars().take(SHORT_ID_MAX).collect(),
        what,
        expected: "1 to 40 of a-z, 0-9 and '-', not at either end",
    })
}

macro_rules! short_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                check_short(text, $what)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                check_short(&text, $what)?;
                Ok(Self(text))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

short_id!(
    /// The short id of an authority (a CA organisation), for example `ca-a`.
    AuthorityId,
    "an authority id"
);

short_id!(
    /// The short id of a relying party (a trading platform).
    RelyingPartyId,
    "a relying party id"
);

/// The stable id of a subject: what tokens carry as `sub`.
///
/// 130 random bits in lower-case base 32, so that it says nothing about whom it
/// names and two provinces never collide.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SubjectId(String);

const SUBJECT_ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const SUBJECT_LEN: usize = 26;

impl SubjectId {
    /// Draws a new id from the system's generator; `None` if it has no randomness.
    pub fn random() -> Option<Self> {
        let mut bytes = [0_u8; SUBJECT_LEN];
        SystemRandom::new().fill(&mut bytes).ok()?;
        let letter = |b: &u8| char::from(SUBJECT_ALPHABET[usize::from(b & 31)]);
        Some(Self(bytes.iter().map(letter).collect()))
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SubjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SubjectId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for SubjectId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        if text.len() == SUBJECT_LEN && text.bytes().all(|b| SUBJECT_ALPHABET.contains(&b)) {
            return Ok(Self(text));
        }
        Err(IdError {
            text: text.chars().take(SHORT_ID_MAX).collect(),
            what: "a subject id",
            expected: "26 of a-z and 2-7",
        })
    }
}

impl From<SubjectId> for String {
    fn from(id: SubjectId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_ids_are_strict() {
        for good in ["a", "ca-a", "2024-x"] {
            assert!(good.parse::<AuthorityId>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a b", "a/b", "甲", &"a".repeat(41)] {
            assert!(bad.parse::<AuthorityId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn subject_ids_round_trip() {
        let id = SubjectId::random().unwrap();
        assert_eq!(id.as_str().parse::<SubjectId>().unwrap(), id);
        assert_ne!(SubjectId::random().unwrap(), id);
        assert!("not-an-id".parse::<SubjectId>().is_err());
    }
}
