//! Going over to another key for look-ups, as stored.

use serde::{Deserialize, Serialize};

use crate::ids::SubjectId;

/// Persons that are found under a newer key, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PersonsIndexed {
    /// The newer key's version.
    pub(crate) version: u32,
    pub(crate) persons: Vec<PersonIndexed>,
}

/// What a person is found by under the newer key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PersonIndexed {
    pub(crate) subject: SubjectId,
    /// Their identifiers, as they stand in the index.
    pub(crate) found_by: Vec<String>,
    /// What their names are compared by.
    pub(crate) name_keys: Vec<String>,
}
