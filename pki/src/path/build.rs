//! Finding a path from a certificate up to an anchor.
//!
//! 1. From the end certificate upwards, the issuers of the last certificate
//!    are looked up by its issuer's name: first among the anchors (so that a
//!    path ends at the nearest one), then among the other certificates.
//! 2. The likeliest come first: those whose subject key identifier is the one
//!    asked for, then those valid at the moment judged.
//! 3. A certificate whose key and name are on the path already is not taken
//!    again, which ends loops. One whose key is an anchor's is not taken
//!    either: a path does not go past an enrolled key.
//! 4. No signature is verified on the way. Only a path that has reached an
//!    anchor is judged, and a link found broken there is not tried again, so
//!    that each certificate costs one signature where the first path is right
//!    and what a sender adds costs little where it leads nowhere.
//! 5. The first path that passes ends the search; otherwise the best of those
//!    judged is kept for the report: the one with the fewest failures.

use std::ops::ControlFlow;

use crate::{Certificate, Finding, Timestamp};

use super::anchors::Anchors;
use super::budget::{BudgetExceeded, Spending};
use super::judge::{Candidate, Judge};
use super::options::PathOptions;
use super::pool::CertificatePool;
use super::signatures::Signatures;

/// Where issuers are looked for.
#[derive(Clone, Copy)]
pub(super) struct Sources<'c> {
    pub(super) anchors: &'c Anchors,
    pub(super) pools: &'c [&'c CertificatePool],
}

/// What a search came to.
pub(super) struct Found<'c> {
    /// The path that passed, or else the best that was judged.
    pub(super) best: Option<Candidate<'c>>,
    /// What no choice of path can change about the end certificate.
    pub(super) leaf_findings: Vec<Finding>,
    /// The longest path that reached no anchor.
    pub(super) dead_end: Vec<&'c Certificate>,
    /// How many paths were judged.
    pub(super) judged: usize,
    /// Whether issuers were left out for [`PathOptions::max_depth`].
    pub(super) depth: Depth,
    /// The limit that ended the search.
    pub(super) exceeded: Option<BudgetExceeded>,
}

/// Whether the caller's limit on intermediates cut anything off.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    Enough,
    CutOff,
}

/// Looks for a path for `leaf`.
pub(super) fn search<'c>(
    leaf: &'c Certificate,
    sources: Sources<'c>,
    options: &'c PathOptions,
) -> Found<'c> {
    let mut search = Search {
        sources,
        options,
        judge: Judge::new(leaf, options),
        signatures: Signatures::new(&options.signatures),
        spending: Spending::new(options.budget),
        found: Found {
            best: None,
            leaf_findings: Vec::new(),
            dead_end: Vec::new(),
            judged: 0,
            depth: Depth::Enough,
            exceeded: None,
        },
    };
    let mut chain = vec![leaf];
    if let ControlFlow::Break(Some(exceeded)) = search.start(&mut chain) {
        search.found.exceeded = Some(exceeded);
    }
    search.found.leaf_findings = search.judge.into_leaf_findings();
    search.found
}

struct Search<'c> {
    sources: Sources<'c>,
    options: &'c PathOptions,
    judge: Judge<'c>,
    signatures: Signatures<'c>,
    spending: Spending,
    found: Found<'c>,
}

/// Broken with a limit that was reached, or without when the search is over.
type Step = ControlFlow<Option<BudgetExceeded>>;

impl<'c> Search<'c> {
    /// An enrolled certificate needs nobody above it.
    fn start(&mut self, chain: &mut Vec<&'c Certificate>) -> Step {
        let leaf = chain[0];
        if self.sources.anchors.contains(leaf) {
            return if self.options.may_end_at(leaf) {
                self.judge_path(chain, leaf)
            } else {
                Step::Continue(())
            };
        }
        self.extend(chain)
    }

    fn extend(&mut self, chain: &mut Vec<&'c Certificate>) -> Step {
        let Some(&last) = chain.last() else {
            return Step::Continue(());
        };
        let anchors = self.sources.anchors.by_name(last.issuer());
        let anchors = self.ranked(last, anchors.filter(|anchor| self.options.may_end_at(anchor)));
        for &anchor in &anchors {
            self.within(|spending| spending.steps(1))?;
            self.judge_path(chain, anchor)?;
        }
        let issuers = match self.issuers(last, chain) {
            Ok(issuers) => issuers,
            Err(exceeded) => return Step::Break(Some(exceeded)),
        };
        if issuers.is_empty() && anchors.is_empty() {
            self.note_dead_end(chain);
        }
        for issuer in issuers {
            if self.signatures.is_broken(last, issuer) {
                continue;
            }
            if self.is_too_deep(chain, issuer) {
                self.found.depth = Depth::CutOff;
                self.note_dead_end(chain);
                continue;
            }
            chain.push(issuer);
            self.within(|spending| spending.path_length(chain.len()))?;
            self.extend(chain)?;
            chain.pop();
        }
        Step::Continue(())
    }

    fn judge_path(&mut self, chain: &[&'c Certificate], anchor: &'c Certificate) -> Step {
        self.within(Spending::path)?;
        let judged = self.judge.judge(chain, anchor, &mut self.signatures, &mut self.spending);
        self.found.judged += 1;
        let done = judged.passes() || self.judge.cannot_do_better(&judged);
        let better = self.found.best.as_ref().is_none_or(|best| judged.is_better_than(best));
        let exceeded = judged.exceeded;
        if better {
            self.found.best = Some(judged);
        }
        match exceeded {
            Some(exceeded) => Step::Break(Some(exceeded)),
            None if done => Step::Break(None),
            None => Step::Continue(()),
        }
    }

    /// The certificates that may have issued `last`, likeliest first.
    fn issuers(
        &mut self,
        last: &Certificate,
        chain: &[&Certificate],
    ) -> Result<Vec<&'c Certificate>, BudgetExceeded> {
        let mut issuers: Vec<&'c Certificate> = Vec::new();
        let pools: &'c [&'c CertificatePool] = self.sources.pools;
        for (index, pool) in pools.iter().enumerate() {
            for issuer in pool.by_subject(last.issuer()) {
                self.spending.steps(1)?;
                let on_path = chain.iter().any(|other| is_same_issuer(other, issuer));
                let enrolled = self.sources.anchors.has_key(issuer.spki_sha256());
                let again = pools[..index].iter().any(|pool| pool.contains(issuer));
                if !on_path && !enrolled && !again {
                    issuers.push(issuer);
                }
            }
        }
        rank(last, &mut issuers, self.options.at);
        Ok(issuers)
    }

    fn ranked(
        &self,
        last: &Certificate,
        candidates: impl Iterator<Item = &'c Certificate>,
    ) -> Vec<&'c Certificate> {
        let mut candidates: Vec<_> = candidates.collect();
        rank(last, &mut candidates, self.options.at);
        candidates
    }

    /// Self-issued intermediates do not count (RFC 5280 6.1.4 (l)).
    fn is_too_deep(&self, chain: &[&Certificate], issuer: &Certificate) -> bool {
        let counts = |certificate: &&&Certificate| !certificate.is_self_issued();
        let intermediates = chain[1..].iter().filter(counts).count();
        self.options
            .max_depth
            .is_some_and(|limit| intermediates + usize::from(!issuer.is_self_issued()) > limit)
    }

    fn note_dead_end(&mut self, chain: &[&'c Certificate]) {
        if chain.len() > self.found.dead_end.len() {
            self.found.dead_end = chain.to_vec();
        }
    }

    fn within(&mut self, spend: impl FnOnce(&mut Spending) -> Result<(), BudgetExceeded>) -> Step {
        match spend(&mut self.spending) {
            Ok(()) => Step::Continue(()),
            Err(exceeded) => Step::Break(Some(exceeded)),
        }
    }
}

/// Whether two certificates give one key to one name: for a path they are the
/// same issuer.
fn is_same_issuer(one: &Certificate, other: &Certificate) -> bool {
    one.spki_sha256() == other.spki_sha256() && one.subject().matches(other.subject())
}

fn rank(last: &Certificate, candidates: &mut [&Certificate], at: Timestamp) {
    if candidates.len() > 1 {
        candidates.sort_by_key(|candidate| {
            let current = candidate.not_before() <= at && at <= candidate.not_after();
            (key_identifier_rank(last, candidate), !current)
        });
    }
}

/// 0 where the key identifiers agree, 1 where one is missing, 2 where they
/// differ. They are hints (RFC 5280 4.2.1.1): a wrong one forbids nothing.
fn key_identifier_rank(last: &Certificate, candidate: &Certificate) -> u8 {
    let wanted = last.authority_key_identifier().and_then(|identifier| identifier.key_identifier());
    match (wanted, candidate.subject_key_identifier()) {
        (Some(wanted), Some(offered)) if wanted == offered => 0,
        (Some(_), Some(_)) => 2,
        _ => 1,
    }
}
