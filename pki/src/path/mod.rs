//! Path validation (RFC 5280 section 6.1): from a certificate to an enrolled
//! key, with every check on the way.
//!
//! 1. [`build`] finds candidate paths, the likeliest first, under a budget.
//! 2. [`judge`] runs every check over each path that reaches an anchor, until
//!    one passes.
//! 3. What passed becomes a [`ValidatedPath`], which nothing else can make; of
//!    what failed the best path is reported, with the number tried.

mod anchors;
mod budget;
mod build;
mod checks;
pub(crate) mod codes;
mod constraints;
mod judge;
mod options;
mod outcome;
mod policy;
mod pool;
mod purpose;
mod reference;
mod signatures;

use crate::Certificate;

pub use anchors::Anchors;
pub use budget::Budget;
pub use options::{
    AnyPolicy, ExplicitPolicy, PathOptions, PolicyMapping, PolicyOptions, Purpose, SecurityLevel,
    Strictness,
};
pub use outcome::{PathOutcome, ValidatedPath};
pub use pool::CertificatePool;
pub use reference::{ReferenceName, ReferenceNameError};

pub(crate) use checks::{hex, join};

/// Looks for a path from `leaf` to one of the `anchors` and validates it.
///
/// Issuers are taken from the anchors first and then from the `pools`, in any
/// order; the pools may hold anything. A `leaf` that was itself enrolled is
/// accepted as its own anchor: only its own validity, purpose, names and
/// profile are judged then, as OpenSSL does under `-partial_chain`.
#[must_use]
pub fn validate_path(
    leaf: &Certificate,
    anchors: &Anchors,
    pools: &[&CertificatePool],
    options: &PathOptions,
) -> PathOutcome {
    let sources = build::Sources { anchors, pools };
    let found = build::search(leaf, sources, options);
    outcome::conclude(found, leaf, options)
}
