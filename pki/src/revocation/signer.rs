//! Who signed a list (RFC 5280 6.3.3 (f)-(g)).
//!
//! 1. The certificates of the path itself come first: the issuer's key in
//!    nearly every case, a former or later key of the same authority after a
//!    rollover.
//! 2. Then any certificate for the list's issuer. Its key counts only if the
//!    certificate validates, for signing lists, to the anchor of the
//!    certificate asked about, and is not revoked itself.

use crate::{Certificate, Code, GeneralName, Purpose, RevocationList, SignatureForm};

use super::check::{Moment, RevocationSources};
use super::codes;
use super::question::Question;
use super::status::Evidence;
use super::vouching::{self, MAX_CANDIDATES, Unvouched};

/// Who signed a list.
pub(super) struct Signer {
    /// SHA-256 of the SubjectPublicKeyInfo.
    pub(super) key: [u8; 32],
    pub(super) form: SignatureForm,
    /// What vouches for it and was due already.
    pub(super) overdue: Option<Evidence>,
}

/// Verifies who signed a list. The error is the reason that comes nearest to
/// success.
pub(super) fn verify(
    list: &RevocationList,
    question: &Question<'_>,
) -> Result<Signer, &'static Code> {
    let issuer = list.crl().issuer();
    let path = question.path;
    let above = &path.certificates()[1..];
    let on_path = above.iter().chain(Some(path.anchor()));
    let mut known: Vec<_> = on_path.filter(|signer| signer.subject().matches(issuer)).collect();
    likeliest_first(&mut known, list);
    let mut nearest = &codes::LIST_SIGNER_UNKNOWN;
    for signer in known {
        match signs(list, signer, question) {
            Ok(form) => return Ok(accept(list, signer, form, None)),
            Err(why) => nearest = nearer(nearest, why),
        }
    }
    let mut others: Vec<_> = separate(list, question.sources).collect();
    likeliest_first(&mut others, list);
    for signer in others.into_iter().take(MAX_CANDIDATES) {
        let outcome = signs(list, signer, question)
            .and_then(|form| vouched_for(signer, list, question).map(|overdue| (form, overdue)));
        match outcome {
            Ok((form, overdue)) => return Ok(accept(list, signer, form, overdue)),
            Err(why) => nearest = nearer(nearest, why),
        }
    }
    Err(nearest)
}

/// The key counts for this list from now on.
fn accept(
    list: &RevocationList,
    signer: &Certificate,
    form: SignatureForm,
    overdue: Option<Evidence>,
) -> Signer {
    list.remember(signer.public_key(), &form);
    Signer { key: *signer.spki_sha256(), form, overdue }
}

/// The key that the list's authority key identifier names comes first.
fn likeliest_first(signers: &mut [&Certificate], list: &RevocationList) {
    let named =
        list.crl().authority_key_identifier().and_then(|identifier| identifier.key_identifier());
    signers.sort_by_key(|signer| signer.subject_key_identifier() != named);
}

/// Whether this key signed the list and may.
fn signs(
    list: &RevocationList,
    signer: &Certificate,
    question: &Question<'_>,
) -> Result<SignatureForm, &'static Code> {
    let rules = &question.options.signatures;
    let form = list.check(signer.public_key(), rules).map_err(|_| &codes::LIST_SIGNATURE)?;
    match signer.key_usage() {
        Some(usage) if !usage.crl_sign() => Err(&codes::LIST_SIGNER_NOT_ALLOWED),
        _ => Ok(form),
    }
}

/// Other certificates for the list's issuer.
fn separate<'s>(
    list: &'s RevocationList,
    sources: &'s RevocationSources<'s>,
) -> impl Iterator<Item = &'s Certificate> {
    let issuer = list.crl().issuer();
    let supplied = sources.pools.iter();
    supplied.flat_map(move |pool| pool.by_subject(issuer)).chain(sources.anchors.by_name(issuer))
}

/// Whether a signer validates to the same anchor and is not revoked: at the moment
/// judged, or when the list was made where that was later. What says so and was due
/// already comes with it.
fn vouched_for(
    signer: &Certificate,
    list: &RevocationList,
    question: &Question<'_>,
) -> Result<Option<Evidence>, &'static Code> {
    if vouches_for_itself(signer, question) {
        return Ok(None);
    }
    let mut options = question.options.clone();
    if options.moment == Moment::Past {
        options.at = options.at.max(list.crl().this_update());
    }
    let question = &Question { options: &options, ..*question };
    vouching::path_of(signer, question, Purpose::CrlSigning, options.at)
        .and_then(|path| vouching::all_good(&path, signer, question))
        .map_err(|unvouched| match unvouched {
            Unvouched::OtherAnchor => &codes::LIST_OTHER_ANCHOR,
            Unvouched::Status => &codes::LIST_SIGNER_REVOKED,
        })
}

/// Whether the status asked for is the signer's own, and the authority that
/// certified the signer says, by a distribution point with the signer as its
/// cRLIssuer, that the signer's own list tells it. There is no other list to
/// ask then; one that names its signer still revokes it.
fn vouches_for_itself(signer: &Certificate, question: &Question<'_>) -> bool {
    let asked = question.certificate();
    let delegated = |name: &GeneralName| match name {
        GeneralName::Directory(name) => name.matches(signer.subject()),
        _ => false,
    };
    let points = asked.crl_distribution_points();
    asked.spki_sha256() == signer.spki_sha256()
        && points.iter().any(|point| point.crl_issuer().iter().any(delegated))
}

/// Of two reasons the one that came further: a signature that fits says more
/// than one that does not.
fn nearer(one: &'static Code, other: &'static Code) -> &'static Code {
    let order = [
        &codes::LIST_SIGNER_UNKNOWN,
        &codes::LIST_SIGNATURE,
        &codes::LIST_SIGNER_NOT_ALLOWED,
        &codes::LIST_OTHER_ANCHOR,
        &codes::LIST_SIGNER_REVOKED,
    ];
    let rank = |code: &Code| order.iter().position(|known| *known == code);
    if rank(one) < rank(other) { other } else { one }
}
