//! Flow 1, step 7: the identity, by the policy's ordered rules.
//!
//! 1. Capacity and assurance are found, by the first of their rules that holds;
//!    rules that hold and disagree refuse.
//! 2. The rules of each field are tried in order, every one of them, on every
//!    text at their source.
//! 3. What they yield is compared. Values that contradict each other refuse: one
//!    of them is wrong, and nobody here can know which.
//! 4. A USCC is taken before anything else, otherwise the first rule's value.
//! 5. The capacity must go with whom the identifier belongs to.

mod compare;
mod explain;
mod findings;
mod trial;
mod veil;

use tongxing_pki::{Certificate, Finding, Level};

pub use explain::{Explanation, RuleTrace};
pub(super) use explain::{PolicyTrace, RoleTrace};
use trial::{ClassTrial, Trial, Value};
pub use veil::Disclosure;

use self::findings::Contradiction;
use super::codes;
use super::file::{Parsed, Section};
use super::identity::{
    Assurance, Capacity, ClaimText, EntityClaim, HolderClaim, HolderId, Identity, Privacy,
};
use super::kind::{self, Bearer, Kind, UsccRules};
use super::rule::{self, ClassRule, Facts, RuleNames, ValueRule, Yields};

/// What a policy reads from a certificate, and how that went.
#[derive(Debug, Clone)]
pub struct Identification {
    findings: Vec<Finding>,
    identity: Option<Identity>,
}

impl Identification {
    /// The identity; present only when no finding failed.
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// Every check, passed or not. Personal data in them is masked.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Both, by value.
    pub fn into_parts(self) -> (Option<Identity>, Vec<Finding>) {
        (self.identity, self.findings)
    }
}

/// The compiled `[identity]` table.
#[derive(Debug, Clone)]
pub(super) struct IdentityRules {
    capacity: Vec<ClassRule<Capacity>>,
    default_capacity: Option<Capacity>,
    assurance: Vec<ClassRule<Assurance>>,
    default_assurance: Assurance,
    entity_id: Vec<ValueRule>,
    entity_name: Vec<ValueRule>,
    holder_id: Vec<ValueRule>,
    holder_name: Vec<ValueRule>,
}

const HOLDER_KINDS: &[Kind] = &[Kind::PersonalId, Kind::Passport, Kind::Opaque];

impl IdentityRules {
    pub(super) fn parse(section: &Section<'_>) -> Parsed<Self> {
        let names = RuleNames::default();
        let default_capacity =
            section.optional("default-capacity").map(|item| rule::capacity(&item)).transpose();
        let default_assurance = section
            .required("default-assurance", "\"low\", \"substantial\" or \"high\"")
            .and_then(|item| rule::assurance(&item));
        let capacity = rule::capacity_rules(section, &names);
        let assurance = rule::assurance_rules(section, &names);
        let entity = section.section("entity").and_then(|entity| {
            let present = entity.required("id", "at least one rule, `[[identity.entity.id]]`");
            let rules = fields(&entity, &Kind::ALL, &names);
            present.and(rules)
        });
        let holder = section
            .optional("holder")
            .map_or(Ok(Fields::default()), |item| fields(&item.section()?, HOLDER_KINDS, &names));
        let ((entity_id, entity_name), (holder_id, holder_name)) = (entity?, holder?);
        Ok(Self {
            capacity: capacity?,
            default_capacity: default_capacity?,
            assurance: assurance?,
            default_assurance: default_assurance?,
            entity_id,
            entity_name,
            holder_id,
            holder_name,
        })
    }

    /// Reads the identity; the trials are what explanations are made of.
    pub(super) fn run<'r>(
        &'r self,
        uscc: &UsccRules,
        certificate: &'r Certificate,
    ) -> (Identification, Trials<'r>) {
        let trials = self.tries(uscc, certificate);
        let mut findings = Vec::new();
        let failed = |finding: &Finding| finding.level() == Level::Failed;
        let identity = self.conclude(&trials, &mut findings);
        let identity = identity.filter(|_| !findings.iter().any(failed));
        (Identification { findings, identity }, trials)
    }

    fn tries<'r>(&'r self, uscc: &UsccRules, certificate: &'r Certificate) -> Trials<'r> {
        let facts = Facts { certificate, capacity: None };
        let capacity = ClassTrial::all(&self.capacity, facts);
        let assurance = ClassTrial::all(&self.assurance, facts);
        let found = trial::agreed(&capacity).ok().flatten().or(self.default_capacity);
        let facts = Facts { certificate, capacity: found };
        let entity_privacy = Either(match found {
            Some(Capacity::Individual) => Privacy::Personal,
            _ => Privacy::Public,
        });
        let holder_privacy = Either(Privacy::Personal);
        let tries = |rules: &'r [ValueRule], privacy| Trial::all(rules, facts, uscc, privacy);
        let held =
            if found == Some(Capacity::Individual) { [].as_slice() } else { &self.holder_id };
        let called =
            if found == Some(Capacity::Individual) { [].as_slice() } else { &self.holder_name };
        Trials {
            capacity,
            assurance,
            entity_id: tries(&self.entity_id, entity_privacy),
            entity_name: tries(&self.entity_name, entity_privacy),
            holder_id: tries(held, holder_privacy),
            holder_name: tries(called, holder_privacy),
        }
    }

    fn conclude(&self, trials: &Trials<'_>, findings: &mut Vec<Finding>) -> Option<Identity> {
        let capacity = findings::capacity(&trials.capacity, self.default_capacity, findings);
        let assurance = findings::assurance(&trials.assurance, self.default_assurance, findings);
        let entity = entity(trials, capacity, findings);
        let holder = holder(trials, findings);
        let identity = Identity {
            entity: entity?,
            holder: holder.ok()?,
            capacity: capacity?,
            assurance: assurance?,
        };
        compare::fits(&identity, findings).then_some(identity)
    }
}

/// How a text is treated whose kind does not say whom it belongs to.
#[derive(Clone, Copy)]
struct Either(Privacy);

impl Either {
    fn of(self, kind: Option<Kind>) -> Privacy {
        match kind.map(Kind::bearer) {
            Some(Bearer::LegalEntity) => Privacy::Public,
            Some(Bearer::NaturalPerson) => Privacy::Personal,
            Some(Bearer::Either) | None => self.0,
        }
    }
}

/// Every rule that was tried.
pub(super) struct Trials<'r> {
    capacity: Vec<ClassTrial<'r, Capacity>>,
    assurance: Vec<ClassTrial<'r, Assurance>>,
    entity_id: Vec<Trial<'r>>,
    entity_name: Vec<Trial<'r>>,
    holder_id: Vec<Trial<'r>>,
    holder_name: Vec<Trial<'r>>,
}

/// The rules for an identifier and for a name.
type Fields = (Vec<ValueRule>, Vec<ValueRule>);

fn fields(section: &Section<'_>, kinds: &'static [Kind], names: &RuleNames) -> Parsed<Fields> {
    let id = rule::value_rules(section, "id", Yields::Identifier(kinds), names);
    let name = rule::value_rules(section, "name", Yields::Name, names);
    section.finish();
    Ok((id?, name?))
}

fn entity(
    trials: &Trials<'_>,
    capacity: Option<Capacity>,
    findings: &mut Vec<Finding>,
) -> Option<EntityClaim> {
    let ids = findings::values(&trials.entity_id, findings);
    let names = findings::values(&trials.entity_name, findings);
    let ids_agree = compare::identifiers(&ids, findings);
    let names_agree = compare::names(&names, findings);
    let Some(id) = compare::strongest(&ids) else {
        findings.push(Finding::failed(&codes::NO_ENTITY));
        return None;
    };
    ids_agree.and(names_agree).ok()?;
    let kind = id.kind?;
    findings.push(
        Finding::passed(&codes::ENTITY_FOUND)
            .seen(format_args!("{kind} {} (rule {:?})", id.text, id.rule)),
    );
    let privacy =
        if capacity == Some(Capacity::Individual) { Privacy::Personal } else { id.text.privacy() };
    let name = names.first().map(|name| ClaimText::new(name.text.reveal(), privacy));
    Some(EntityClaim {
        kind,
        value: id.text.clone(),
        name,
        organization_code: organization_code(&ids),
    })
}

fn organization_code(ids: &[Value<'_>]) -> Option<String> {
    let of = |value: &Value<'_>| match value.kind? {
        Kind::Uscc => kind::organization_code(value.text.reveal()).map(str::to_owned),
        Kind::OrganizationCode => Some(value.text.reveal().to_owned()),
        _ => None,
    };
    ids.iter().find_map(of)
}

/// The holder, where the certificate names one.
fn holder(
    trials: &Trials<'_>,
    findings: &mut Vec<Finding>,
) -> Result<Option<HolderClaim>, Contradiction> {
    let ids = findings::values(&trials.holder_id, findings);
    let names = findings::values(&trials.holder_name, findings);
    let ids_agree = compare::identifiers(&ids, findings);
    compare::names(&names, findings)?;
    ids_agree?;
    let id = ids.first().and_then(|id| Some(HolderId { kind: id.kind?, value: id.text.clone() }));
    let name = names.first().map(|name| name.text.clone());
    if id.is_none() && name.is_none() {
        return Ok(None);
    }
    findings.push(Finding::passed(&codes::HOLDER_FOUND));
    Ok(Some(HolderClaim { id, name }))
}
