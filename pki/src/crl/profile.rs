//! The profile of RFC 5280 section 5: what a list should be like.

use crate::certificate::ProfileBreach;
use crate::codes;
use crate::der::reader::{Element, tag};
use crate::der::schema::Notes;
use crate::oid::Oid;

use super::Parts;
use super::parse::Frame;

/// All breaches of one list.
pub(super) fn breaches(parts: &Parts, frame: &Frame<'_>, notes: &Notes) -> Vec<ProfileBreach> {
    let mut breaches: Vec<_> = ProfileBreach::from_notes(notes).collect();
    let found = [
        (parts.issuer.is_empty(), "the issuer is empty"),
        // 5.1.2.1
        (
            frame.version.is_none() && !parts.extensions.is_empty(),
            "extensions in a list that is not version 2",
        ),
        // 5.1.2.4 and 5.1.2.5
        (is_early_general(frame.this_update), "thisUpdate is GeneralizedTime"),
        (frame.next_update.is_some_and(is_early_general), "nextUpdate is GeneralizedTime"),
        (parts.next_update.is_none(), "nextUpdate is missing"),
        // 5.1.2.6
        (
            frame.entries.is_some_and(|entries| entries.content.is_empty()),
            "an empty list of entries instead of none",
        ),
        // 5.2.1
        (parts.standard.authority_key_identifier.is_none(), "authorityKeyIdentifier is missing"),
        // 5.2.3
        (parts.standard.number.is_none(), "cRLNumber is missing"),
        (
            parts
                .standard
                .number
                .as_ref()
                .is_some_and(|number| number.is_negative() || number.bytes().len() > 20),
            "cRLNumber is negative or longer than 20 octets",
        ),
    ];
    let of_list = found
        .into_iter()
        .filter(|(broken, _)| *broken)
        .map(|(_, detail)| ProfileBreach::new(&codes::PROFILE_CRL, detail));
    breaches.extend(of_list);
    breaches.extend(criticality(parts));
    breaches
}

/// 5.2.1 to 5.2.7.
fn criticality(parts: &Parts) -> impl Iterator<Item = ProfileBreach> {
    const NEVER: [Oid; 4] = [
        Oid::AUTHORITY_KEY_IDENTIFIER,
        Oid::CRL_NUMBER,
        Oid::FRESHEST_CRL,
        Oid::AUTHORITY_INFO_ACCESS,
    ];
    const ALWAYS: [Oid; 2] = [Oid::DELTA_CRL_INDICATOR, Oid::ISSUING_DISTRIBUTION_POINT];
    parts.extensions.iter().filter_map(|extension| {
        let oid = extension.oid();
        let detail = match extension.critical() {
            true if NEVER.contains(oid) => format!("{oid} is critical"),
            false if ALWAYS.contains(oid) => format!("{oid} is not critical"),
            _ => return None,
        };
        Some(ProfileBreach::new(&codes::PROFILE_CRITICALITY, detail))
    })
}

/// Whether a time before 2050 is GeneralizedTime.
fn is_early_general(time: Element<'_>) -> bool {
    time.tag == tag::GENERALIZED_TIME && time.content < &b"2050"[..]
}
