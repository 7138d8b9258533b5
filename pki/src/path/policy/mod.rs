//! Certificate policies (RFC 5280 6.1 with the graph of RFC 9618).
//!
//! 1. [`PolicyState::new`] takes the inputs (6.1.2 (a), (d)-(f)).
//! 2. For every certificate from the anchor down, [`PolicyState::process`]
//!    grows the graph by its policies (6.1.3 (d)-(f)), and for all but the last
//!    [`PolicyState::prepare_next`] applies mappings and constraints (6.1.4
//!    (a)-(b), (h)-(j)).
//! 3. [`PolicyState::wrap_up`] gives the user-constrained policy set (6.1.5
//!    (a)-(b), (g)).
//!
//! The policies of the anchor's own certificate are not looked at: an anchor
//! is a name and a key (6.1.1 (d)), and what it is accepted for is its
//! authority's policy, outside this crate.

mod graph;

use std::collections::{BTreeMap, BTreeSet};

use crate::{Certificate, Oid};

use super::budget::{BudgetExceeded, Spending};
use super::options::{AnyPolicy, ExplicitPolicy, PolicyMapping, PolicyOptions};
use graph::PolicyGraph;

/// Whether a certificate is the last of its path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Intermediate,
    Last,
}

/// The variables of RFC 5280 6.1.2 that policies need.
pub(super) struct PolicyState {
    graph: Option<PolicyGraph>,
    explicit_policy: usize,
    policy_mapping: usize,
    inhibit_any_policy: usize,
}

/// Whether a policy condition holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    Holds,
    Broken,
}

impl PolicyState {
    /// For a path of `length` certificates, the anchor not counted.
    pub(super) fn new(options: &PolicyOptions, length: usize) -> Self {
        let unless = |inhibited: bool| if inhibited { 0 } else { length + 1 };
        Self {
            graph: Some(PolicyGraph::new()),
            explicit_policy: unless(options.explicit == ExplicitPolicy::Required),
            policy_mapping: unless(options.mapping == PolicyMapping::Inhibited),
            inhibit_any_policy: unless(options.any_policy == AnyPolicy::Inhibited),
        }
    }

    /// 6.1.3 (d)-(f): the policies of one certificate. Broken when an explicit
    /// policy is required and none is left.
    pub(super) fn process(
        &mut self,
        certificate: &Certificate,
        place: Place,
        spending: &mut Spending,
    ) -> Result<Condition, BudgetExceeded> {
        let self_issued_above = place == Place::Intermediate && certificate.is_self_issued();
        let any_policy = if self.inhibit_any_policy > 0 || self_issued_above {
            AnyPolicy::Accepted
        } else {
            AnyPolicy::Inhibited
        };
        self.graph = match (self.graph.take(), policies_of(certificate)) {
            (Some(graph), Some(policies)) => graph.descend(policies, any_policy, spending)?,
            _ => None,
        };
        Ok(holds(self.explicit_policy > 0 || self.graph.is_some()))
    }

    /// 6.1.4 (a)-(b), (h)-(j): what a certificate says about those below it.
    /// Broken when it maps from or to anyPolicy.
    pub(super) fn prepare_next(
        &mut self,
        certificate: &Certificate,
        spending: &mut Spending,
    ) -> Result<Condition, BudgetExceeded> {
        let mappings = group(certificate.policy_mappings());
        let mapping = if self.policy_mapping > 0 {
            PolicyMapping::Accepted
        } else {
            PolicyMapping::Inhibited
        };
        if !mappings.is_empty()
            && let Some(graph) = self.graph.take()
        {
            self.graph = graph.map(&mappings, mapping, spending)?;
        }
        self.count_down(certificate);
        self.constrain(certificate);
        let maps_any = mappings.contains_key(&Oid::ANY_POLICY)
            || mappings.values().any(|to| to.contains(&Oid::ANY_POLICY));
        Ok(holds(!maps_any))
    }

    /// 6.1.5 (a)-(b), (g): the user-constrained policy set, and whether the
    /// path is acceptable with it.
    pub(super) fn wrap_up(
        mut self,
        last: &Certificate,
        acceptable: &BTreeSet<Oid>,
    ) -> (Condition, Vec<Oid>) {
        self.explicit_policy = self.explicit_policy.saturating_sub(1);
        let required =
            last.policy_constraints().and_then(|constraints| constraints.require_explicit_policy);
        if required == Some(0) {
            self.explicit_policy = 0;
        }
        let of_authorities =
            self.graph.map(|graph| graph.authority_constrained()).unwrap_or_default();
        let policies = user_constrained(of_authorities, acceptable);
        let accepted = self.explicit_policy > 0 || !policies.is_empty();
        (holds(accepted), policies)
    }

    /// 6.1.4 (h): self-issued certificates do not count.
    fn count_down(&mut self, certificate: &Certificate) {
        if certificate.is_self_issued() {
            return;
        }
        for counter in self.counters() {
            *counter = counter.saturating_sub(1);
        }
    }

    /// 6.1.4 (i)-(j).
    fn constrain(&mut self, certificate: &Certificate) {
        let constraints = certificate.policy_constraints();
        let limits = [
            constraints.and_then(|constraints| constraints.require_explicit_policy),
            constraints.and_then(|constraints| constraints.inhibit_policy_mapping),
            certificate.inhibit_any_policy(),
        ];
        for (counter, limit) in self.counters().into_iter().zip(limits) {
            // A number beyond the address space constrains nothing.
            let limit = limit.and_then(|limit| usize::try_from(limit).ok());
            *counter = limit.map_or(*counter, |limit| limit.min(*counter));
        }
    }

    fn counters(&mut self) -> [&mut usize; 3] {
        [&mut self.explicit_policy, &mut self.policy_mapping, &mut self.inhibit_any_policy]
    }
}

/// The policies of a certificate. An extension that names one twice breaks
/// RFC 5280 4.2.1.4 in a way that the graph cannot express: it counts for
/// nothing.
fn policies_of(certificate: &Certificate) -> Option<&[Oid]> {
    let policies = certificate.certificate_policies()?;
    let distinct: BTreeSet<_> = policies.iter().collect();
    (distinct.len() == policies.len()).then_some(policies)
}

/// RFC 9618 5.5 (g)(5)-(6).
fn user_constrained(of_authorities: Vec<Oid>, acceptable: &BTreeSet<Oid>) -> Vec<Oid> {
    if acceptable.contains(&Oid::ANY_POLICY) {
        return of_authorities;
    }
    if of_authorities.contains(&Oid::ANY_POLICY) {
        return acceptable.iter().cloned().collect();
    }
    let mut policies = of_authorities;
    policies.retain(|policy| acceptable.contains(policy));
    policies
}

/// The mappings by issuer's policy.
fn group(mappings: &[(Oid, Oid)]) -> BTreeMap<Oid, Vec<Oid>> {
    let mut grouped: BTreeMap<Oid, Vec<Oid>> = BTreeMap::new();
    for (issuer_policy, subject_policy) in mappings {
        let to = grouped.entry(issuer_policy.clone()).or_default();
        to.push(subject_policy.clone());
    }
    for to in grouped.values_mut() {
        to.sort();
        to.dedup();
    }
    grouped
}

fn holds(condition: bool) -> Condition {
    if condition { Condition::Holds } else { Condition::Broken }
}
