//! Whether what was read agrees with itself.

use tongxing_pki::Finding;

use super::super::codes;
use super::super::identity::{Capacity, Identity};
use super::super::kind::{Bearer, Kind, organization_code};
use super::findings::{Contradiction, conflict};
use super::trial::Value;
use crate::name_rule::name_key;

/// The value that names the entity: a USCC before all others, since only it
/// names the same entity at every authority; otherwise the first rule's.
pub(super) fn strongest<'v, 'r>(values: &'v [Value<'r>]) -> Option<&'v Value<'r>> {
    values.iter().find(|value| value.kind == Some(Kind::Uscc)).or_else(|| values.first())
}

/// Compares every two identifiers.
pub(super) fn identifiers(
    values: &[Value<'_>],
    findings: &mut Vec<Finding>,
) -> Result<(), Contradiction> {
    all_agree(values, contradict, findings)
}

/// Compares every two names, by NFKC and without spaces.
pub(super) fn names(
    values: &[Value<'_>],
    findings: &mut Vec<Finding>,
) -> Result<(), Contradiction> {
    let differ = |one: &Value<'_>, other: &Value<'_>| {
        name_key(one.text.reveal()) != name_key(other.text.reveal())
    };
    all_agree(values, differ, findings)
}

fn all_agree(
    values: &[Value<'_>],
    contradict: impl Fn(&Value<'_>, &Value<'_>) -> bool,
    findings: &mut Vec<Finding>,
) -> Result<(), Contradiction> {
    for (index, one) in values.iter().enumerate() {
        if let Some(other) = values[index + 1..].iter().find(|other| contradict(one, other)) {
            let said = |value: &Value<'_>| format!("{} (rule {:?})", value.text, value.rule);
            findings.push(conflict(said(one), said(other)));
            return Err(Contradiction);
        }
    }
    Ok(())
}

fn contradict(one: &Value<'_>, other: &Value<'_>) -> bool {
    let (Some(kind), Some(other_kind)) = (one.kind, other.kind) else { return false };
    if kind == other_kind {
        return one.text.reveal() != other.text.reveal();
    }
    match (kind.bearer(), other_kind.bearer()) {
        (Bearer::LegalEntity, Bearer::NaturalPerson)
        | (Bearer::NaturalPerson, Bearer::LegalEntity) => return true,
        _ => {}
    }
    match (code_inside(one), code_inside(other)) {
        (Some(code), Some(other_code)) => code != other_code,
        _ => false,
    }
}

/// The organization code inside an identifier: of a USCC characters 9 to 17, of
/// a tax number of 15 characters what follows the 6 of the district, and one of
/// 18 is a USCC (State Taxation Administration, announcement 2015 no. 64).
fn code_inside<'v>(value: &'v Value<'_>) -> Option<&'v str> {
    let text = value.text.reveal();
    match value.kind? {
        Kind::Uscc => organization_code(text),
        Kind::OrganizationCode => Some(text),
        Kind::TaxNumber => match text.len() {
            15 => text.get(6..),
            18 => organization_code(text),
            _ => None,
        },
        _ => None,
    }
}

/// Whether the capacity goes with whom the identifier belongs to.
pub(super) fn fits(identity: &Identity, findings: &mut Vec<Finding>) -> bool {
    let individual = identity.capacity == Capacity::Individual;
    let fits = match identity.entity.kind.bearer() {
        Bearer::LegalEntity => !individual,
        Bearer::NaturalPerson => individual,
        Bearer::Either => true,
    };
    if !fits {
        let seen = format!("{} with {}", identity.capacity, identity.entity.kind);
        findings.push(Finding::failed(&codes::CAPACITY_MISMATCH).seen(seen));
    }
    fits
}
