//! The policy graph of RFC 9618, which replaces RFC 5280's exponential tree.
//!
//! A level holds one node per policy; a node knows its parents in the level
//! above. Nothing is pruned while the graph grows: a level without nodes is
//! RFC 9618's NULL graph, and [`PolicyGraph::authority_constrained`] follows
//! only nodes that still have a descendant in the last level, which is what
//! pruning would have left.

use std::collections::BTreeMap;

use crate::Oid;
use crate::path::budget::{BudgetExceeded, Spending};

use crate::path::options::{AnyPolicy, PolicyMapping};

/// One policy at one depth.
struct Node {
    /// The policy in the terms of the certificate's issuer.
    valid_policy: Oid,
    /// The policies that the next certificate may name to continue this one;
    /// `valid_policy` alone unless mapped.
    expected: Vec<Oid>,
    /// Places in the level above.
    parents: Vec<usize>,
}

impl Node {
    fn new(valid_policy: Oid, parents: Vec<usize>) -> Self {
        let expected = vec![valid_policy.clone()];
        Self { valid_policy, expected, parents }
    }
}

/// The `valid_policy_graph`, never NULL: the state holds `None` for that.
pub(super) struct PolicyGraph {
    levels: Vec<Vec<Node>>,
}

impl PolicyGraph {
    /// The graph of depth zero: anyPolicy alone (RFC 9618 5.2 (a)).
    pub(super) fn new() -> Self {
        let root = Node::new(Oid::ANY_POLICY, Vec::new());
        Self { levels: vec![vec![root]] }
    }

    /// Adds the level of one certificate (RFC 9618 5.3 (d)(1) and (2)).
    /// `None` when no policy continues: the graph has become NULL.
    pub(super) fn descend(
        mut self,
        policies: &[Oid],
        any_policy: AnyPolicy,
        spending: &mut Spending,
    ) -> Result<Option<Self>, BudgetExceeded> {
        let above = self.levels.last().map_or(&[][..], Vec::as_slice);
        let expecting = expectations(above);
        let any_above = place_of(above, &Oid::ANY_POLICY);
        let mut level = BTreeMap::new();
        for policy in policies.iter().filter(|policy| **policy != Oid::ANY_POLICY) {
            let parents =
                expecting.get(policy).cloned().or_else(|| any_above.map(|place| vec![place]));
            if let Some(parents) = parents {
                spending.policy_nodes(1 + parents.len())?;
                level.insert(policy.clone(), Node::new(policy.clone(), parents));
            }
        }
        if any_policy == AnyPolicy::Accepted && policies.contains(&Oid::ANY_POLICY) {
            for (policy, parents) in expecting {
                if !level.contains_key(policy) {
                    spending.policy_nodes(1 + parents.len())?;
                    level.insert(policy.clone(), Node::new(policy.clone(), parents));
                }
            }
        }
        self.levels.push(level.into_values().collect());
        Ok(self.unless_null())
    }

    /// Applies the policy mappings of a certificate to the last level
    /// (RFC 9618 5.4 (b)).
    pub(super) fn map(
        mut self,
        mappings: &BTreeMap<Oid, Vec<Oid>>,
        mapping: PolicyMapping,
        spending: &mut Spending,
    ) -> Result<Option<Self>, BudgetExceeded> {
        let any_above = self.any_policy_above();
        let Some(level) = self.levels.last_mut() else {
            return Ok(None);
        };
        if mapping == PolicyMapping::Inhibited {
            level.retain(|node| !mappings.contains_key(&node.valid_policy));
            return Ok(self.unless_null());
        }
        let any_here = place_of(level, &Oid::ANY_POLICY).is_some();
        for (issuer_policy, subject_policies) in mappings {
            spending.policy_nodes(1 + subject_policies.len())?;
            if let Some(place) = place_of(level, issuer_policy) {
                level[place].expected.clone_from(subject_policies);
            } else if let (true, Some(parent)) = (any_here, any_above) {
                let mut node = Node::new(issuer_policy.clone(), vec![parent]);
                node.expected.clone_from(subject_policies);
                level.push(node);
            }
        }
        Ok(Some(self))
    }

    /// The `authority_constrained_policy_set` (RFC 9618 5.5 (g)(1)-(4)): each
    /// policy in the anchor's own terms that the whole path carries, and
    /// anyPolicy where the whole path carries that.
    pub(super) fn authority_constrained(&self) -> Vec<Oid> {
        let mut found = Vec::new();
        let mut alive: Vec<bool> =
            self.levels.last().map(|level| vec![true; level.len()]).unwrap_or_default();
        for (depth, level) in self.levels.iter().enumerate().rev() {
            let Some(above) = depth.checked_sub(1).map(|above| &self.levels[above]) else {
                break;
            };
            let mut alive_above = vec![false; above.len()];
            for node in living(level, &alive) {
                for &parent in &node.parents {
                    alive_above[parent] = true;
                }
                if begins_at_any_policy(node, above) {
                    found.push(node.valid_policy.clone());
                }
            }
            alive = alive_above;
        }
        if let Some(last) = self.levels.last()
            && place_of(last, &Oid::ANY_POLICY).is_some()
        {
            found.push(Oid::ANY_POLICY);
        }
        found.sort();
        found.dedup();
        found
    }

    fn any_policy_above(&self) -> Option<usize> {
        let above = self.levels.len().checked_sub(2)?;
        place_of(&self.levels[above], &Oid::ANY_POLICY)
    }

    fn unless_null(self) -> Option<Self> {
        let empty = self.levels.last().is_none_or(Vec::is_empty);
        (!empty).then_some(self)
    }
}

/// Which nodes of a level expect which policy.
fn expectations(level: &[Node]) -> BTreeMap<&Oid, Vec<usize>> {
    let mut expecting: BTreeMap<&Oid, Vec<usize>> = BTreeMap::new();
    for (place, node) in level.iter().enumerate() {
        for policy in &node.expected {
            let places = expecting.entry(policy).or_default();
            if places.last() != Some(&place) {
                places.push(place);
            }
        }
    }
    expecting
}

fn place_of(level: &[Node], policy: &Oid) -> Option<usize> {
    level.iter().position(|node| node.valid_policy == *policy)
}

fn living<'l>(level: &'l [Node], alive: &'l [bool]) -> impl Iterator<Item = &'l Node> {
    level.iter().zip(alive).filter_map(|(node, alive)| alive.then_some(node))
}

/// Whether a node belongs to the `valid_policy_node_set`: a policy other than
/// anyPolicy whose only parent is anyPolicy.
fn begins_at_any_policy(node: &Node, above: &[Node]) -> bool {
    node.valid_policy != Oid::ANY_POLICY
        && matches!(node.parents[..], [parent] if above[parent].valid_policy == Oid::ANY_POLICY)
}
