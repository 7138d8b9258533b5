//! The status of each certificate of a path.

use crate::path::codes as path_codes;
use crate::{
    Anchors, Budget, CertificatePool, Finding, NonceRule, PathOptions, Report, RevocationLists,
    RevocationResponses, SignatureRules, Strictness, Timestamp, ValidatedPath,
};

use super::codes;
use super::question::Question;
use super::status::RevocationStatus;

/// Whether later lists could exist already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Moment {
    /// The moment judged is now: a list with a later date is not in force yet
    /// and cannot clear a certificate.
    #[default]
    Present,
    /// It lies in the past: later lists override what was known then, and a
    /// status that none of them confirms is marked as provisional.
    Past,
}

/// Which kinds of evidence are asked for a status. A revocation that any of
/// them proves counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RevocationMethods {
    /// Lists only.
    Crl,
    /// OCSP responses only.
    Ocsp,
    /// Both, and one that clears the certificate is enough.
    #[default]
    Either,
    /// Both, and both must clear the certificate.
    Both,
}

/// Whether the status of a delegated OCSP responder must be known whose
/// certificate says neither that it need not be asked (id-pkix-ocsp-nocheck)
/// nor where. RFC 6960 4.2.2.2.1 leaves it to us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ResponderStatus {
    /// It must be known to be good.
    #[default]
    Required,
    /// It must not be known to be revoked. For authorities that say nowhere
    /// how to ask for it.
    WhereStated,
}

/// What the lists of an issuer say of certificates that another of its keys signed.
///
/// By RFC 5280 section 5 a list without an issuing distribution point is about all
/// certificates of its issuer, and 6.3.3 (f) asks of its signer the same anchor, not the
/// same key: after a change of keys one list, signed with the new key, is enough. But
/// some authorities go on with a list for each key, each naming only the certificates of
/// its key, and nothing in the lists says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OtherKeys {
    /// Where the key that signed the certificate signed lists as well, those of other
    /// keys can revoke it, and not say that it is good. Safe whatever the authority does;
    /// once it stops the old key's list, what that key signed is of unknown status.
    #[default]
    RevokeOnly,
    /// They say that it is good, too. For authorities known to go on with one list.
    Clear,
}

/// How far the clocks of responders and ours may differ, in seconds, unless a
/// caller says otherwise. Origin: OpenSSL's `ocsp` command
/// (`MAX_VALIDITY_PERIOD`).
const CLOCK_SKEW_SECONDS: i64 = 300;

/// What revocation is asked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RevocationOptions {
    /// The moment judged.
    pub at: Timestamp,
    /// Whether that is now or in the past.
    pub moment: Moment,
    /// What a breach of the list profile (RFC 5280 section 5) does: a list
    /// with one is not used under [`Strictness::Strict`].
    pub strictness: Strictness,
    /// How long after its next update a complete list or a response still
    /// serves, in seconds. For authorities whose policy allows it; 0 is the
    /// standard's.
    pub grace_seconds: i64,
    /// Which kinds of evidence are asked.
    pub methods: RevocationMethods,
    /// What lists say of certificates that another key of their issuer signed.
    pub other_keys: OtherKeys,
    /// How far the clocks of OCSP responders and ours may differ, in seconds.
    pub clock_skew_seconds: i64,
    /// What becomes of responses that do not repeat the nonce of a question of ours, when
    /// the present is judged: under [`NonceRule::Required`] those are not used that
    /// nobody asked for, such as what a document brings along. They cannot repeat a nonce,
    /// and whoever has kept one may show it for as long as it is current. A moment in the
    /// past is judged by what was said then.
    pub nonce: NonceRule,
    /// What a delegated responder's own status must be.
    pub responder_status: ResponderStatus,
    /// What is allowed of the signatures of lists and responses.
    pub signatures: SignatureRules,
    /// Limits on validating separate signers of lists and responses, for each
    /// of them.
    pub budget: Budget,
}

impl RevocationOptions {
    /// For a moment, with standard strictness.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self::of(&PathOptions::new(at))
    }

    /// The same moment, strictness, algorithms and budget as a path was
    /// validated with.
    #[must_use]
    pub fn of(options: &PathOptions) -> Self {
        Self {
            at: options.at,
            moment: Moment::default(),
            strictness: options.strictness,
            grace_seconds: 0,
            methods: RevocationMethods::default(),
            other_keys: OtherKeys::default(),
            clock_skew_seconds: CLOCK_SKEW_SECONDS,
            nonce: NonceRule::default(),
            responder_status: ResponderStatus::default(),
            signatures: options.signatures.clone(),
            budget: options.budget,
        }
    }
}

/// Where revocation is told, and who may have signed it.
#[derive(Clone, Copy, Debug)]
pub struct RevocationSources<'s> {
    /// Lists of any issuer and age; archived ones too, for moments past.
    pub lists: &'s [&'s RevocationLists],
    /// OCSP responses about any certificate and of any age.
    pub responses: &'s [&'s RevocationResponses],
    /// The anchors that the path was validated with.
    pub anchors: &'s Anchors,
    /// Where certificates of separate signers are found.
    pub pools: &'s [&'s CertificatePool],
}

/// What checking a path came to.
#[derive(Clone, Debug)]
pub struct RevocationOutcome {
    /// Every finding, the lists and responses that could not be used among
    /// them.
    pub report: Report,
    /// The status of each certificate of the path, in its order.
    pub statuses: Vec<RevocationStatus>,
}

/// Asks for the status of every certificate below the anchor.
///
/// A certificate is *good* only when current lists cover every reason for
/// which it could be revoked, or a current OCSP response says so. An anchor is not asked about: it stands as long
/// as it is enrolled.
#[must_use]
pub fn check_revocation(
    path: &ValidatedPath,
    sources: &RevocationSources<'_>,
    options: &RevocationOptions,
) -> RevocationOutcome {
    let mut report = Report::new();
    let mut statuses = Vec::with_capacity(path.certificates().len());
    if path.is_anchor_itself() {
        let finding = Finding::info(&path_codes::PATH_ANCHOR_ITSELF);
        report.push(finding.about_certificate(path.leaf()));
        return RevocationOutcome { report, statuses };
    }
    for refusal in sources.responses.iter().flat_map(|responses| responses.refusals()) {
        report.push(Finding::warning(&codes::OCSP_REFUSED).seen(refusal));
    }
    for place in 0..path.certificates().len() {
        let question = Question { path, place, sources, options, signers: &[] };
        statuses.push(question.answer(&mut report));
    }
    RevocationOutcome { report, statuses }
}
