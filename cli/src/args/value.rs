//! Values that several commands read.

use tongxing_pki::Timestamp;
use tongxing_trust_store::Role;

/// What an authority is enrolled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum RoleArg {
    /// Its certificates may sign in
    SignIn,
    /// Its certificates may sign documents
    DocumentSigning,
    /// Its certificates may issue timestamps
    Timestamps,
    /// Its certificates may authenticate operators
    Operators,
    /// Its certificates may authenticate relying parties
    RelyingParties,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::SignIn => Self::SignIn,
            RoleArg::DocumentSigning => Self::DocumentSigning,
            RoleArg::Timestamps => Self::Timestamps,
            RoleArg::Operators => Self::Operators,
            RoleArg::RelyingParties => Self::RelyingParties,
        }
    }
}

/// Reads a moment: RFC 3339, or a date that stands for its midnight in UTC.
pub(super) fn moment(text: &str) -> Result<Timestamp, String> {
    let midnight = format!("{text}T00:00:00Z");
    Timestamp::parse_rfc3339(text).or_else(|error| {
        Timestamp::parse_rfc3339(&midnight).map_err(|_| {
            format!("{error}; write it like 2026-11-23T08:00:00Z, or 2026-11-23 for midnight UTC")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_its_midnight() {
        assert_eq!(moment("2026-11-23"), moment("2026-11-23T00:00:00Z"));
        assert!(moment("23.11.2026").unwrap_err().contains("2026-11-23"));
    }
}
