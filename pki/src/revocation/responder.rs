//! Who signed an OCSP response, and whether it may (RFC 6960 4.2.2.2).
//!
//! 1. The authority that issued the certificate may, with the key that signed
//!    the certificate.
//! 2. It may with another of its keys, after a change of keys, if that key's
//!    certificate validates to the same anchor and is not revoked.
//! 3. A delegate may whom the authority certified for that, with the very key
//!    that signed the certificate: id-kp-OCSPSigning stated, valid at the
//!    moment, and not revoked unless id-pkix-ocsp-nocheck says not to ask.
//!
//! A response made after a moment in the past is judged as of when it was
//! made: callers keep only responses that they judged when they came.

use std::fmt;

use crate::path::join;
use crate::{
    Anchors, BasicConstraints, Certificate, Code, KeyUsage, Level, Oid, PathOptions, Purpose,
    Report, SignatureForm, Timestamp, validate_path,
};

use super::check::{Moment, ResponderStatus};
use super::codes;
use super::question::Question;
use super::responses::RevocationResponse;
use super::status::{Evidence, RevocationStatus};
use super::vouching::{self, MAX_CANDIDATES, Unvouched};

/// Why a response cannot be used.
pub(super) struct Doubt {
    pub(super) code: &'static Code,
    pub(super) seen: Option<String>,
}

/// Who signed a response.
pub(super) struct Responder {
    pub(super) form: SignatureForm,
    /// What vouches for it and was due already.
    pub(super) overdue: Option<Evidence>,
}

/// Verifies who signed a response. The doubt is the one that comes nearest to
/// success.
pub(super) fn verify(
    response: &RevocationResponse,
    question: &Question<'_>,
) -> Result<Responder, Doubt> {
    let responder = response.response().responder();
    let mut nearest = Doubt::of(&codes::OCSP_RESPONDER_UNKNOWN).seen(responder);
    let issuer = Some(question.issuer()).filter(|issuer| responder.is(issuer));
    let candidates = issuer.into_iter().chain(others(response, question));
    for signer in candidates.take(MAX_CANDIDATES) {
        let outcome = response
            .check(signer.public_key(), &question.options.signatures)
            .map_err(|fault| Doubt::of(&codes::OCSP_SIGNATURE).seen(fault))
            .and_then(|form| {
                may_answer(signer, response, question).map(|overdue| Responder { form, overdue })
            });
        match outcome {
            Ok(responder) => {
                response.remember(signer.public_key(), &responder.form);
                return Ok(responder);
            }
            Err(doubt) => nearest = nearest.or(doubt),
        }
    }
    Err(nearest)
}

/// Other certificates that fit what the response says of its signer: those
/// that came with it, and those at hand.
fn others<'q>(
    response: &'q RevocationResponse,
    question: &Question<'q>,
) -> impl Iterator<Item = &'q Certificate> {
    let response = response.response();
    let responder = response.responder();
    let authority = question.issuer().subject();
    let pools = question.sources.pools;
    // Few certificates are made for this: to look at all is cheap, and only of
    // those few the key is hashed.
    let delegates = pools.iter().flat_map(|pool| pool.iter()).filter(|one| is_delegate(one));
    let renewed = pools.iter().flat_map(move |pool| pool.by_subject(authority));
    let all = response.certificates().iter().chain(delegates).chain(renewed);
    all.chain(question.sources.anchors.by_name(authority)).filter(|one| responder.is(one))
}

/// Whether it may, and what says so and was due already.
fn may_answer(
    signer: &Certificate,
    response: &RevocationResponse,
    question: &Question<'_>,
) -> Result<Option<Evidence>, Doubt> {
    let issuer = question.issuer();
    let at = moment(response, question);
    if signer.spki_sha256() == issuer.spki_sha256() && signer.subject().matches(issuer.subject()) {
        Ok(None)
    } else if signer.subject().matches(issuer.subject()) && is_authority(signer) {
        renewed(signer, question, at)
    } else {
        delegated(signer, question, at)?;
        unrevoked(signer, question, at)
    }
}

/// As of when the responder is judged.
fn moment(response: &RevocationResponse, question: &Question<'_>) -> Timestamp {
    let (made, at) = (response.response().produced_at(), question.options.at);
    if question.options.moment == Moment::Past { made.max(at) } else { at }
}

fn is_authority(certificate: &Certificate) -> bool {
    certificate.basic_constraints().is_some_and(|constraints: BasicConstraints| constraints.is_ca())
        && certificate.key_usage().is_none_or(KeyUsage::key_cert_sign)
}

/// Another key of the authority.
fn renewed(
    signer: &Certificate,
    question: &Question<'_>,
    at: Timestamp,
) -> Result<Option<Evidence>, Doubt> {
    vouching::path_of(signer, question, Purpose::Any, at)
        .and_then(|path| vouching::all_good(&path, signer, question))
        .map_err(|unvouched| match unvouched {
            Unvouched::OtherAnchor => Doubt::of(&codes::OCSP_OTHER_ANCHOR),
            Unvouched::Status => Doubt::of(&codes::OCSP_RESPONDER_STATUS),
        })
}

/// RFC 6960 4.2.2.2: issued by the authority itself, with the key that signed
/// the certificate, for this purpose. The authority's own extended key usages
/// are not asked for it: by RFC 6960 the delegation is the authority's alone.
fn delegated(signer: &Certificate, question: &Question<'_>, at: Timestamp) -> Result<(), Doubt> {
    let issuer = question.issuer();
    let not_authorised = || Doubt::of(&codes::OCSP_NOT_AUTHORISED).seen(signer.label());
    if !signer.issuer().matches(issuer.subject()) || !is_delegate(signer) {
        return Err(not_authorised());
    }
    let signs = |usage: KeyUsage| usage.digital_signature() || usage.non_repudiation();
    if !signer.key_usage().is_none_or(signs) {
        return Err(not_authorised());
    }
    let mut options = PathOptions::new(at);
    options.budget = question.options.budget;
    options.signatures = question.options.signatures.clone();
    let only = Anchors::from_iter([issuer.clone()]);
    let outcome = validate_path(signer, &only, &[], &options);
    if outcome.path.is_some() {
        return Ok(());
    }
    Err(Doubt::of(&codes::OCSP_RESPONDER_INVALID).seen(join(&faults(&outcome.report))))
}

/// RFC 6960 4.2.2.2: the purpose is stated, never implied.
fn is_delegate(certificate: &Certificate) -> bool {
    certificate.extended_key_usage().is_some_and(|stated| stated.contains(&Oid::OCSP_SIGNING))
}

/// RFC 6960 4.2.2.2.1.
fn unrevoked(
    signer: &Certificate,
    question: &Question<'_>,
    at: Timestamp,
) -> Result<Option<Evidence>, Doubt> {
    if signer.extension(&Oid::OCSP_NO_CHECK).is_some() {
        return Ok(None);
    }
    let doubt = || Doubt::of(&codes::OCSP_RESPONDER_STATUS).seen(signer.label());
    let path = vouching::path_of(signer, question, Purpose::Any, at)
        .map_err(|_| Doubt::of(&codes::OCSP_OTHER_ANCHOR).seen(signer.label()))?;
    let status = vouching::status_of(&path, signer, question, at);
    let lenient = question.options.responder_status == ResponderStatus::WhereStated;
    match status {
        Some(RevocationStatus::Good { overdue, .. }) => Ok(overdue),
        Some(RevocationStatus::Unknown { .. }) | None if lenient && !says_where(signer) => Ok(None),
        _ => Err(doubt()),
    }
}

/// Whether the certificate says where its status is told.
fn says_where(certificate: &Certificate) -> bool {
    let mut access = certificate.authority_info_access().iter();
    !certificate.crl_distribution_points().is_empty()
        || access.any(|description| *description.method() == Oid::ACCESS_OCSP)
}

fn faults(report: &Report) -> Vec<&'static Code> {
    let failed = report
        .findings()
        .iter()
        .filter(|finding| matches!(finding.level(), Level::Failed | Level::Indeterminate));
    failed.map(crate::Finding::code).collect()
}

impl Doubt {
    pub(super) fn of(code: &'static Code) -> Self {
        Self { code, seen: None }
    }

    pub(super) fn seen(self, seen: impl fmt::Display) -> Self {
        Self { seen: Some(seen.to_string()), ..self }
    }

    /// Of two the one that came further: a signature that fits says more than
    /// one that does not.
    fn or(self, other: Self) -> Self {
        let order = [
            &codes::OCSP_RESPONDER_UNKNOWN,
            &codes::OCSP_SIGNATURE,
            &codes::OCSP_NOT_AUTHORISED,
            &codes::OCSP_RESPONDER_INVALID,
            &codes::OCSP_OTHER_ANCHOR,
            &codes::OCSP_RESPONDER_STATUS,
        ];
        let rank = |code: &Code| order.iter().position(|known| *known == code);
        if rank(self.code) < rank(other.code) { other } else { self }
    }
}
