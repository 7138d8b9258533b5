//! What a caller requires of a document's signatures.

use serde::{Deserialize, Serialize};
use tongxing_pki::{Finding, Oid, PolicyOptions, Verdict};

use crate::codes;
use crate::demands::Demands;
use crate::policy::{Capacity, Identity};

/// Whether each of the entities named must have signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WhoSigns {
    /// Every one: a consortium.
    #[default]
    All,
    /// One is enough.
    Any,
}

/// Requirements; the default has none.
#[derive(Debug, Clone, Default)]
pub struct Requirements {
    /// Identifiers of entities, unified social credit codes as a rule.
    pub entities: Vec<String>,
    /// Whether each must have signed.
    pub who: WhoSigns,
    /// In which quality a signature counts; in any without one.
    pub capacities: Vec<Capacity>,
    /// Certificate policies of which a signer's path must be valid for one; every one
    /// without any.
    pub policies: Vec<Oid>,
}

/// How the entities came out.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(super) struct RequirementReport {
    verdict: Verdict,
    who: WhoSigns,
    entities: Vec<EntityMet>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct EntityMet {
    entity: String,
    verdict: Verdict,
    /// Places of the signatures that are this entity's.
    signatures: Vec<usize>,
}

impl Requirements {
    pub(super) fn demands(&self) -> Demands {
        let mut policies = PolicyOptions::default();
        if !self.policies.is_empty() {
            policies.acceptable = self.policies.iter().cloned().collect();
            policies.explicit = tongxing_pki::ExplicitPolicy::Required;
        }
        Demands { policies, ..Demands::default() }
    }

    /// Whether a signature counts by the capacity of its certificate.
    pub(super) fn check_capacity(&self, identity: &Identity) -> Option<Finding> {
        if self.capacities.is_empty() {
            return None;
        }
        let finding = if self.capacities.contains(&identity.capacity) {
            Finding::passed(&codes::CAPACITY_REQUIRED)
        } else {
            Finding::failed(&codes::CAPACITY_NOT_REQUIRED)
        };
        let names: Vec<&str> = self.capacities.iter().map(|capacity| capacity.as_str()).collect();
        Some(finding.expected(names.join(" or ")).seen(identity.capacity))
    }

    /// Compares the entities named with those that signed, each with its verdict.
    pub(super) fn compare(
        &self,
        signed: &[(Option<&Identity>, Verdict)],
    ) -> Option<(RequirementReport, Finding)> {
        if self.entities.is_empty() {
            return None;
        }
        let entities: Vec<EntityMet> =
            self.entities.iter().map(|entity| met(entity, signed)).collect();
        let verdicts = entities.iter().map(|entity| entity.verdict);
        let rank = |verdict: &Verdict| match verdict {
            Verdict::Passed => 0,
            Verdict::Indeterminate => 1,
            Verdict::Failed => 2,
        };
        let verdict = match self.who {
            WhoSigns::All => verdicts.max_by_key(rank),
            WhoSigns::Any => verdicts.min_by_key(rank),
        };
        let verdict = verdict.unwrap_or(Verdict::Failed);
        let finding = match verdict {
            Verdict::Passed => Finding::passed(&codes::ENTITY_SIGNED),
            Verdict::Indeterminate => Finding::indeterminate(&codes::ENTITY_NOT_SIGNED),
            Verdict::Failed => Finding::failed(&codes::ENTITY_NOT_SIGNED),
        };
        let missing = entities.iter().filter(|entity| entity.verdict != Verdict::Passed);
        let missing: Vec<&str> = missing.map(|entity| entity.entity.as_str()).collect();
        let finding = if missing.is_empty() {
            finding
        } else {
            finding.seen(format_args!("without {}", missing.join(", ")))
        };
        Some((RequirementReport { verdict, who: self.who, entities }, finding))
    }
}

/// An entity has signed when one of its signatures passed.
fn met(entity: &str, signed: &[(Option<&Identity>, Verdict)]) -> EntityMet {
    let mine = |identity: &Identity| {
        let claim = &identity.entity;
        !claim.is_natural_person() && claim.value.reveal().eq_ignore_ascii_case(entity)
    };
    let found = signed.iter().enumerate();
    let found = found.filter(|(_, (identity, _))| identity.is_some_and(mine));
    let found: Vec<(usize, Verdict)> =
        found.map(|(place, (_, verdict))| (place, *verdict)).collect();
    let any = |wanted| found.iter().any(|(_, verdict)| *verdict == wanted);
    let verdict = if any(Verdict::Passed) {
        Verdict::Passed
    } else if any(Verdict::Indeterminate) {
        Verdict::Indeterminate
    } else {
        Verdict::Failed
    };
    let signatures = found.into_iter().map(|(place, _)| place).collect();
    EntityMet { entity: entity.to_owned(), verdict, signatures }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Assurance, ClaimText, EntityClaim, Kind, Privacy};

    fn company(code: &str) -> Identity {
        Identity {
            entity: EntityClaim {
                kind: Kind::Uscc,
                value: ClaimText::new(code, Privacy::Public),
                name: None,
                organization_code: None,
            },
            holder: None,
            capacity: Capacity::Organization,
            assurance: Assurance::High,
        }
    }

    fn verdict(who: WhoSigns, wanted: &[&str], signed: &[(&str, Verdict)]) -> Verdict {
        let identities: Vec<_> = signed.iter().map(|(code, _)| company(code)).collect();
        let signed: Vec<_> =
            identities.iter().zip(signed).map(|(i, (_, v))| (Some(i), *v)).collect();
        let entities = wanted.iter().map(|entity| (*entity).to_owned()).collect();
        let requirements = Requirements { entities, who, ..Requirements::default() };
        let (report, finding) = requirements.compare(&signed).unwrap();
        let mut findings = tongxing_pki::Report::new();
        findings.push(finding);
        assert_eq!(findings.verdict(), report.verdict);
        report.verdict
    }

    #[test]
    fn a_consortium_needs_every_member_and_an_alternative_one() {
        use Verdict::{Failed, Indeterminate, Passed};
        let both = [("A", Passed), ("B", Passed)];
        assert_eq!(verdict(WhoSigns::All, &["A", "B"], &both), Passed);
        assert_eq!(verdict(WhoSigns::All, &["A", "B"], &both[..1]), Failed);
        assert_eq!(verdict(WhoSigns::Any, &["A", "B"], &both[..1]), Passed);
        assert_eq!(verdict(WhoSigns::All, &["a"], &both), Passed);
        let open = [("A", Passed), ("B", Indeterminate)];
        assert_eq!(verdict(WhoSigns::All, &["A", "B"], &open), Indeterminate);
        assert_eq!(verdict(WhoSigns::Any, &["C", "B"], &open), Indeterminate);
        assert_eq!(verdict(WhoSigns::All, &["A"], &[("A", Failed), ("A", Passed)]), Passed);
        assert_eq!(verdict(WhoSigns::Any, &["C"], &[]), Failed);
    }
}
