//! What judging one certificate may cost.
//!
//! Everything here is driven by certificates that anybody may send. What runs
//! out makes the verdict *indeterminate* under its own code; it never hangs
//! and never passes.

use crate::Code;

use super::codes;

/// Limits on the work of one validation. [`Budget::default`] is meant for
/// every caller; tests make it smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Budget {
    /// Signatures verified while paths are tried. Origin: 100, as Go's
    /// `maxChainSignatureChecks` (crypto/x509) and rustls-webpki's `Budget`.
    pub signatures: usize,
    /// Candidate issuers looked at while paths are built. Origin: a tenth of
    /// the 200,000 steps of mozilla::pkix and rustls-webpki, whose certificate
    /// pools come from the whole web.
    pub steps: usize,
    /// Candidate paths judged in full. Origin: as many as signatures, since a
    /// further path needs at least one further certificate.
    pub paths: usize,
    /// Certificates on one path. Origin: 100, OpenSSL's default depth
    /// (`X509_STORE_CTX_set_depth`, `verify.c`).
    pub path_length: usize,
    /// Names compared with name constraints, long ones counting once for each
    /// 256 octets of the two. Origin: 2^20, as OpenSSL's `NAME_CHECK_MAX`, of
    /// which it allows as many for each certificate.
    pub name_comparisons: usize,
    /// Nodes and edges of the policy graph. Origin: 1,000, OpenSSL's
    /// `OPENSSL_POLICY_TREE_NODES_MAX`.
    pub policy_nodes: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            signatures: 100,
            steps: 20_000,
            paths: 100,
            path_length: 100,
            name_comparisons: 1 << 20,
            policy_nodes: 1_000,
        }
    }
}

/// One limit was reached.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BudgetExceeded {
    pub(crate) code: &'static Code,
    pub(crate) limit: usize,
}

/// What is left of a [`Budget`].
#[derive(Debug)]
pub(crate) struct Spending {
    limits: Budget,
    left: Budget,
}

impl Spending {
    pub(crate) fn new(limits: Budget) -> Self {
        Self { limits, left: limits }
    }

    pub(crate) fn signature(&mut self) -> Result<(), BudgetExceeded> {
        let limit = self.limits.signatures;
        spend(&mut self.left.signatures, 1, &codes::BUDGET_SIGNATURES, limit)
    }

    pub(crate) fn steps(&mut self, count: usize) -> Result<(), BudgetExceeded> {
        spend(&mut self.left.steps, count, &codes::BUDGET_STEPS, self.limits.steps)
    }

    pub(crate) fn path(&mut self) -> Result<(), BudgetExceeded> {
        spend(&mut self.left.paths, 1, &codes::BUDGET_PATHS, self.limits.paths)
    }

    pub(crate) fn path_length(&self, certificates: usize) -> Result<(), BudgetExceeded> {
        let limit = self.limits.path_length;
        let mut left = limit;
        spend(&mut left, certificates, &codes::BUDGET_PATH_LENGTH, limit)
    }

    /// One comparison of names that have these octets together.
    pub(crate) fn name_comparison(&mut self, octets: usize) -> Result<(), BudgetExceeded> {
        let limit = self.limits.name_comparisons;
        let count = 1 + octets / 256;
        spend(&mut self.left.name_comparisons, count, &codes::BUDGET_NAMES, limit)
    }

    pub(crate) fn policy_nodes(&mut self, count: usize) -> Result<(), BudgetExceeded> {
        let limit = self.limits.policy_nodes;
        spend(&mut self.left.policy_nodes, count, &codes::BUDGET_POLICIES, limit)
    }
}

fn spend(
    left: &mut usize,
    count: usize,
    code: &'static Code,
    limit: usize,
) -> Result<(), BudgetExceeded> {
    match left.checked_sub(count) {
        Some(rest) => {
            *left = rest;
            Ok(())
        }
        None => Err(BudgetExceeded { code, limit }),
    }
}
