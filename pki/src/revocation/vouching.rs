//! Who vouches for a key that is not on the path itself: the anchor of the
//! certificate asked about, and evidence that the key's own certificate is not
//! revoked.

use crate::{Certificate, CertificatePool, PathOptions, Purpose, Timestamp};
use crate::{ValidatedPath, validate_path};

use super::clearance;
use super::question::Question;
use super::status::{Evidence, RevocationStatus};

/// How many signers may vouch for one another before evidence is given up: a
/// list signed by a separate key, whose own status stands in a list signed by
/// another. Origin: ours; authorities have one.
const MAX_SIGNERS: usize = 3;

/// How many separate signers are tried for one list or response: each may cost
/// hashing the whole of it. Origin: ours; an authority has one or two.
pub(super) const MAX_CANDIDATES: usize = 8;

/// Why nobody vouches for a signer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unvouched {
    /// It does not validate, or not to the anchor of the certificate.
    OtherAnchor,
    /// Its own status is not known to be good.
    Status,
}

/// The path of a signer to the anchor of the certificate asked about.
pub(super) fn path_of(
    signer: &Certificate,
    question: &Question<'_>,
    purpose: Purpose,
    at: Timestamp,
) -> Result<ValidatedPath, Unvouched> {
    let mut options = PathOptions::new(at).for_purpose(purpose);
    options.budget = question.options.budget;
    options.signatures = question.options.signatures.clone();
    // The certificates of the path may have come from elsewhere than the pools.
    let above: CertificatePool = question.path.certificates()[1..].iter().cloned().collect();
    let mut pools = question.sources.pools.to_vec();
    pools.push(&above);
    let outcome = validate_path(signer, question.sources.anchors, &pools, &options);
    let path = outcome.path.ok_or(Unvouched::OtherAnchor)?;
    let same = path.anchor().spki_sha256() == question.path.anchor().spki_sha256();
    same.then_some(path).ok_or(Unvouched::OtherAnchor)
}

/// Whether everything on a signer's path is known not to be revoked, and what says so
/// and was due already.
pub(super) fn all_good(
    path: &ValidatedPath,
    signer: &Certificate,
    question: &Question<'_>,
) -> Result<Option<Evidence>, Unvouched> {
    let signers = with(signer, question).ok_or(Unvouched::Status)?;
    let places = if path.is_anchor_itself() { 0 } else { path.certificates().len() };
    let mut late = None;
    for place in 0..places {
        let asked = Question { path, place, signers: &signers, ..*question };
        match asked.status() {
            RevocationStatus::Good { overdue, .. } => late = clearance::longest(late, overdue),
            _ => return Err(Unvouched::Status),
        }
    }
    Ok(late)
}

/// The status of the signer itself, asked for at another moment; `None` where
/// it would vouch for itself.
pub(super) fn status_of(
    path: &ValidatedPath,
    signer: &Certificate,
    question: &Question<'_>,
    at: Timestamp,
) -> Option<RevocationStatus> {
    let signers = with(signer, question)?;
    let mut options = question.options.clone();
    options.at = at;
    let (options, signers) = (&options, &signers[..]);
    let asked = Question { path, place: 0, sources: question.sources, options, signers };
    Some(asked.status())
}

/// The signers whose status is being asked for, with one more; `None` where
/// they become too many or go in a circle.
fn with(signer: &Certificate, question: &Question<'_>) -> Option<Vec<Certificate>> {
    let same_key = |known: &Certificate| known.spki_sha256() == signer.spki_sha256();
    if question.signers.len() >= MAX_SIGNERS || question.signers.iter().any(same_key) {
        return None;
    }
    let mut signers = question.signers.to_vec();
    signers.push(signer.clone());
    Some(signers)
}
