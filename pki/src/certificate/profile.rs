//! The profile of RFC 5280 section 4: what a certificate should be like.
//!
//! A breach leaves the certificate readable and its meaning clear; whether it
//! counts is the validator's choice (`--strict`). Only what RFC 5280 says with
//! MUST is checked. One such rule is left out on purpose: a missing keyUsage
//! in a CA certificate (4.2.1.3) restricts nothing, and section 6 has
//! validators accept it.

mod names;
mod rules;

use x509_parser::certificate::X509Certificate;

use crate::bounded::{MAX_ALIKE, bounded};
use crate::code::Code;
use crate::codes;
use crate::der::schema::{Notes, Tolerated};

use super::Parts;

/// One departure from the profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileBreach {
    /// The rule.
    pub code: &'static Code,
    /// What was found, for people.
    pub detail: String,
}

impl ProfileBreach {
    pub(crate) fn new(code: &'static Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// What the walk tolerated, as breaches.
    pub(crate) fn from_notes(notes: &Notes) -> impl Iterator<Item = Self> {
        notes.iter().map(|(field, tolerated)| {
            let what = match tolerated {
                Tolerated::EncodedDefault => "encodes its default value",
                Tolerated::UnsortedSet => "SET OF not in ascending order",
                Tolerated::UntrimmedBits => "named bits with trailing zero bits",
            };
            Self::new(&codes::PROFILE_ENCODING, format!("{field}: {what}"))
        })
    }
}

/// The breaches of one certificate: of each rule the first [`MAX_ALIKE`].
pub(super) fn breaches(
    parts: &Parts,
    encoded: &X509Certificate<'_>,
    notes: &Notes,
) -> Vec<ProfileBreach> {
    let mut breaches: Vec<_> = ProfileBreach::from_notes(notes).collect();
    let mut report = |code: &'static Code, detail: &str| {
        if breaches.iter().filter(|breach| breach.code == code).count() < MAX_ALIKE {
            breaches.push(ProfileBreach::new(code, bounded(detail)));
        }
    };
    rules::serial(parts, &mut report);
    rules::version(parts, encoded, &mut report);
    rules::times(&encoded.tbs_certificate.validity, &mut report);
    rules::key_parameters(parts, &mut report);
    names::distinguished(parts, &mut report);
    names::alternative(parts, &mut report);
    rules::criticality(parts, &mut report);
    rules::key_identifiers(parts, &mut report);
    rules::usage(parts, &mut report);
    rules::name_constraints(parts, &mut report);
    rules::policies(parts, &mut report);
    rules::distribution_points(parts, &mut report);
    breaches
}

/// Takes a code and what was found.
type Sink<'s> = &'s mut dyn FnMut(&'static Code, &str);

impl Parts {
    fn is_ca(&self) -> bool {
        self.standard.basic_constraints.is_some_and(|found| found.is_ca())
    }
}
