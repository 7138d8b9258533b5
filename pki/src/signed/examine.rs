//! The cryptography of a signed document, signer by signer.
//!
//! 1. The certificate: in the document, or among those that the caller knows.
//! 2. The content: its digest is the one that was signed. With signed attributes, it is
//!    the message-digest attribute, and the attributes bind the type of the content too.
//! 3. The attributes name the certificate, where they name one at all.
//! 4. The signature verifies over the attributes, or over the content itself.
//! 5. Timestamps are about the signature; counter-signers signed the signature: the same
//!    again, with the signature's octets as the content.
//!
//! No path is judged here, and nothing here is sure: a signature that verifies was made
//! with the key of a certificate that nobody has vouched for yet.

use crate::keys::{self, Hash, PublicKey, SignatureFault, SignatureForm, SignatureRules};
use crate::{
    Certificate, CertificatePool, Code, Finding, Oid, Report, SignatureAlgorithm, Timestamp,
    WeakAlgorithms,
};

use super::attributes::{SignedAttributes, are_signed_attributes};
use super::codes;
use super::content::{Content, DigestNeed};
use super::document::{DigestAlgorithm, SignedDocument, Signer};
use super::source::Source;
use super::timestamp::TimestampToken;

/// What the cryptography of one signature came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Examination {
    /// The signer's certificate, if it was found.
    pub certificate: Option<Certificate>,
    /// When the signer says that it signed; nothing proves it.
    pub claimed_time: Option<Timestamp>,
    /// Every check but those of certificates and timestamps.
    pub report: Report,
    /// The timestamps about this signature.
    pub timestamps: Vec<TimestampExamination>,
    /// Those who signed this signature.
    pub counter_signatures: Vec<Examination>,
}

/// What the cryptography of one timestamp came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TimestampExamination {
    /// The timestamp.
    pub token: TimestampToken,
    /// The certificate of the authority that made it, if it was found.
    pub certificate: Option<Certificate>,
    /// Every check but those of certificates.
    pub report: Report,
}

/// A document, examined: one entry for each of its signers, and for each of its
/// timestamps, in its order.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Examined {
    /// The signers.
    pub signers: Vec<Examination>,
    /// The timestamps about contents.
    pub timestamps: Vec<TimestampExamination>,
}

impl SignedDocument {
    /// Does the cryptography of every signer and timestamp. `known` are certificates
    /// beside those that came along; `rules` say which weak or irregular signatures
    /// count.
    #[must_use]
    pub fn examine(
        &self,
        content: Content<'_>,
        known: &[&CertificatePool],
        rules: &SignatureRules,
    ) -> Examined {
        let is_brought = self.is_brought(content);
        let source = |place| Source::of(self, place, content, is_brought);
        let sources: Vec<_> = (0..self.contents.len()).map(source).collect();
        let examiner = Examiner { along: &self.certificates, known, rules };
        let signers = self.signers.iter().map(|signer| {
            let source = &sources[signer.content];
            let mut outcome = examiner.signer(signer, source, Place::Content);
            let key = outcome.certificate.as_ref().map(Certificate::public_key);
            let differs = source.differs || key.is_some_and(|key| source.is_not_of(key, content));
            let differs = differs.then(|| Finding::failed(&codes::CONTENT_DIFFERS));
            outcome.report.extend(differs);
            outcome
        });
        let signers = signers.collect();
        let timestamps = self.timestamps.iter();
        let timestamps =
            timestamps.map(|stamp| examiner.timestamp(&stamp.token, &sources[stamp.content]));
        Examined { signers, timestamps: timestamps.collect() }
    }

    /// Whether a certificate's key made the signature of one of the
    /// [signers](Self::all_signers): over its signed attributes, or over its content. `None`
    /// where it is over a content that is not at hand. Whether attributes are about this
    /// content is not asked.
    #[must_use]
    pub fn is_signed_with(
        &self,
        signer: &Signer,
        certificate: &Certificate,
        content: Content<'_>,
        rules: &SignatureRules,
    ) -> Option<bool> {
        if let Some(attributes) = &signer.attributes {
            return Some(over_attributes(signer, attributes, certificate, rules).0.is_ok());
        }
        // Of a signature about another one, that is the content.
        if !self.signers.iter().any(|own| std::ptr::eq(own, signer)) {
            return None;
        }
        let source = Source::of(self, signer.content, content, self.is_brought(content));
        let examiner = Examiner { along: &self.certificates, known: &[], rules };
        examiner.content_signature(signer, &source, certificate).ok().map(|made| made.is_ok())
    }
}

/// Over the DER of the attributes (RFC 5652 5.4), else over them in the order in which they
/// were sent, which the finding then says.
fn over_attributes(
    signer: &Signer,
    attributes: &SignedAttributes,
    certificate: &Certificate,
    rules: &SignatureRules,
) -> (Result<SignatureForm, SignatureFault>, Option<Finding>) {
    let (key, algorithm) = (certificate.public_key(), &signer.signature_algorithm);
    let over =
        |octets: &[u8]| keys::verify_message(key, algorithm, rules, octets, &signer.signature);
    match (over(attributes.der()), attributes.as_sent()) {
        (Err(SignatureFault::Invalid), Some(sent)) => {
            let outcome = over(sent);
            let order = outcome.is_ok().then(|| Finding::warning(&codes::ATTRIBUTES_AS_SENT));
            (outcome, order.map(|order| order.about_certificate(certificate)))
        }
        (outcome, _) => (outcome, None),
    }
}

/// What is signed: a content, or another signature.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Content,
    CounterSignature,
}

struct Examiner<'e> {
    along: &'e CertificatePool,
    known: &'e [&'e CertificatePool],
    rules: &'e SignatureRules,
}

impl Examiner<'_> {
    fn allows_sha1(&self) -> bool {
        self.rules.weak == WeakAlgorithms::DangerAllowSha1
    }

    fn signer(&self, signer: &Signer, source: &Source<'_>, place: Place) -> Examination {
        let mut report = signer.report.clone();
        let certificate = signer.certificate(self.along, self.known);
        report.push(match &certificate {
            Some(found) => Finding::passed(&codes::SIGNER_CERTIFICATE).about_certificate(found),
            None => {
                Finding::indeterminate(&codes::SIGNER_CERTIFICATE_MISSING).seen(&signer.identifier)
            }
        });
        match &signer.attributes {
            Some(attributes) => {
                self.attributes(signer, attributes, source, place, &mut report);
                if let Some(certificate) = &certificate {
                    report.push(named(attributes, certificate));
                    let (outcome, order) =
                        over_attributes(signer, attributes, certificate, self.rules);
                    report.extend(order);
                    report.extend(verified(outcome, certificate));
                }
            }
            None => report.extend(self.over_content(signer, source, certificate.as_ref())),
        }
        let own = Source::octets(&signer.signature);
        let timestamps = signer.timestamps.iter().map(|token| self.timestamp(token, &own));
        let counter_signers = signer.counter_signers.iter();
        let counter_signatures =
            counter_signers.map(|counter| self.signer(counter, &own, Place::CounterSignature));
        Examination {
            timestamps: timestamps.collect(),
            counter_signatures: counter_signatures.collect(),
            claimed_time: signer.claimed_time(),
            certificate,
            report,
        }
    }

    /// What the signed attributes say about the content (RFC 5652 11.1, 11.2).
    fn attributes(
        &self,
        signer: &Signer,
        attributes: &SignedAttributes,
        source: &Source<'_>,
        place: Place,
        report: &mut Report,
    ) {
        report.extend(content_type(signer, attributes, place));
        if let Some(time) = attributes.signing_time() {
            report.push(Finding::info(&codes::SIGNING_TIME_CLAIMED).seen(time));
        }
        let Some(hash) = self.hash(signer, report) else {
            return;
        };
        let Some(expected) = attributes.message_digest() else {
            report.push(Finding::failed(&codes::ATTRIBUTE_MISSING).seen("messageDigest"));
            return;
        };
        report.push(match source.digest(&DigestNeed::Plain(hash), None) {
            None => source.missing().expected(hash),
            Some(digest) if *digest == *expected => {
                Finding::passed(&codes::DIGEST_MATCHES).seen(hash)
            }
            Some(digest) => Finding::failed(&codes::DIGEST_DIFFERS)
                .expected(crate::path::hex(expected))
                .seen(crate::path::hex(&digest)),
        });
    }

    /// The hash function of the content, if it may be used.
    fn hash(&self, signer: &Signer, report: &mut Report) -> Option<Hash> {
        match &signer.digest_algorithm {
            Some(DigestAlgorithm::Known(Hash::Sha1)) if !self.allows_sha1() => {
                report.push(Finding::failed(&codes::DIGEST_WEAK).seen(Hash::Sha1));
                None
            }
            Some(DigestAlgorithm::Known(hash)) => Some(*hash),
            Some(DigestAlgorithm::Unsupported(oid)) => {
                report.push(Finding::failed(&codes::DIGEST_UNSUPPORTED).seen(oid));
                None
            }
            None => None,
        }
    }

    /// A signature over the content itself.
    fn over_content(
        &self,
        signer: &Signer,
        source: &Source<'_>,
        certificate: Option<&Certificate>,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        // RFC 5652 5.3: without attributes only where the content is plain data.
        if signer.content_type.as_ref().is_some_and(|kind| !is_data(kind)) {
            findings.push(Finding::failed(&codes::ATTRIBUTE_MISSING).seen("signedAttrs"));
        }
        if source.short_content().is_some_and(are_signed_attributes) {
            findings.push(Finding::failed(&codes::CONTENT_IS_ATTRIBUTES));
        }
        let mut report = Report::new();
        if signer.digest_algorithm.is_some() && self.hash(signer, &mut report).is_none() {
            findings.extend(report.findings().iter().cloned());
            return findings;
        }
        let Some(certificate) = certificate else {
            return findings;
        };
        match self.content_signature(signer, source, certificate) {
            Ok(outcome) => findings.extend(verified(outcome, certificate)),
            Err(finding) => findings.push(finding),
        }
        findings
    }

    /// Verifies over the whole content where it is at hand in one piece, else over the
    /// digest. The error is why there is nothing to verify over.
    fn content_signature(
        &self,
        signer: &Signer,
        source: &Source<'_>,
        certificate: &Certificate,
    ) -> Result<Result<SignatureForm, SignatureFault>, Finding> {
        let (key, algorithm) = (certificate.public_key(), &signer.signature_algorithm);
        if let Some(whole) = source.whole() {
            return Ok(keys::verify_message(key, algorithm, self.rules, whole, &signer.signature));
        }
        let mut outcome = None;
        for need in signer.needs(Some(key), self.rules) {
            let Some(digest) = source.digest(&need, Some(key)) else {
                return Err(source.missing().expected(need));
            };
            let verified = keys::verify_digest(
                key,
                algorithm,
                self.rules,
                &digest,
                &signer.signature,
                need.user_id(),
            );
            if verified.is_ok() {
                return Ok(verified);
            }
            outcome = Some(verified);
        }
        outcome.ok_or_else(|| {
            if source.is_at_hand() {
                Finding::indeterminate(&codes::CONTENT_WHOLE_NEEDED).seen(algorithm)
            } else {
                source.missing()
            }
        })
    }

    /// A timestamp: its own signature, and that it is about this content.
    fn timestamp(&self, token: &TimestampToken, source: &Source<'_>) -> TimestampExamination {
        let message = token.message();
        // A token that was asked for without its certificate (RFC 3161 2.4.1, certReq): the
        // document around it may have that.
        let known: Vec<_> = std::iter::once(self.along).chain(self.known.iter().copied()).collect();
        let examiner = Examiner { along: &message.certificates, known: &known, rules: self.rules };
        // A token has one signer, and its content inside.
        let signer = &message.signers[0];
        let inside = Source::of(message, 0, Content::None, false);
        let outcome = examiner.signer(signer, &inside, Place::Content);
        let mut report = message.report.clone();
        report.append(outcome.report);
        let names = signer
            .attributes
            .as_ref()
            .is_some_and(|attributes| !attributes.signing_certificates().is_empty());
        if !names {
            report.push(Finding::failed(&codes::TIMESTAMP_NAMES_CERTIFICATE));
        }
        report.push(self.imprint(token, source));
        TimestampExamination { token: token.clone(), certificate: outcome.certificate, report }
    }

    fn imprint(&self, token: &TimestampToken, source: &Source<'_>) -> Finding {
        let info = token.info();
        let hash = match &info.algorithm {
            DigestAlgorithm::Known(Hash::Sha1) if !self.allows_sha1() => {
                return Finding::failed(&codes::DIGEST_WEAK).seen(Hash::Sha1);
            }
            DigestAlgorithm::Known(hash) => *hash,
            DigestAlgorithm::Unsupported(oid) => {
                return Finding::failed(&codes::DIGEST_UNSUPPORTED).seen(oid);
            }
        };
        match source.digest(&DigestNeed::Plain(hash), None) {
            None => source.missing().expected(hash),
            Some(digest) if *digest == *info.imprint => {
                Finding::passed(&codes::TIMESTAMP_IMPRINT).seen(hash)
            }
            Some(digest) => Finding::failed(&codes::TIMESTAMP_IMPRINT_DIFFERS)
                .expected(crate::path::hex(&info.imprint))
                .seen(crate::path::hex(&digest)),
        }
    }
}

impl Signer {
    /// The digests of the content of which one verifies; none where the whole content is
    /// signed (Ed25519), or where nothing can be verified anyhow.
    pub(super) fn needs(&self, key: Option<&PublicKey>, rules: &SignatureRules) -> Vec<DigestNeed> {
        if self.attributes.is_some() {
            let named = self.digest_algorithm.as_ref().and_then(DigestAlgorithm::hash);
            return named.map(DigestNeed::Plain).into_iter().collect();
        }
        match &self.signature_algorithm {
            SignatureAlgorithm::RsaPkcs1(hash)
            | SignatureAlgorithm::RsaPss(hash)
            | SignatureAlgorithm::RsaPssSalted { hash, .. }
            | SignatureAlgorithm::Ecdsa(hash) => vec![DigestNeed::Plain(*hash)],
            SignatureAlgorithm::Sm2Sm3 => {
                let Some(key) = key else { return Vec::new() };
                let ids = rules.sm2_user_ids.iter();
                ids.map(|user_id| DigestNeed::sm2(key, user_id.clone())).collect()
            }
            SignatureAlgorithm::Ed25519
            | SignatureAlgorithm::BadParameters { .. }
            | SignatureAlgorithm::Unsupported { .. } => Vec::new(),
        }
    }
}

/// RFC 5652 11.1: the type is that of the content; counter-signatures have none (11.4).
fn content_type(signer: &Signer, attributes: &SignedAttributes, place: Place) -> Option<Finding> {
    let stated = signer.content_type.as_ref().filter(|_| place == Place::Content)?;
    let finding = match attributes.content_type() {
        None => Finding::failed(&codes::ATTRIBUTE_MISSING).seen("contentType"),
        Some(own) if own == stated => Finding::passed(&codes::ATTRIBUTE_CONTENT_TYPE).seen(own),
        Some(own) => {
            Finding::failed(&codes::ATTRIBUTE_CONTENT_TYPE_DIFFERS).expected(stated).seen(own)
        }
    };
    Some(finding)
}

/// Plain data, in the numbering of PKCS #7 or of GM/T 0010.
fn is_data(kind: &Oid) -> bool {
    *kind == Oid::CT_DATA || *kind == Oid::SM2_DATA
}

/// Whether the first certificate that the attributes name is the signer's (RFC 5035 4,
/// ETSI EN 319 102-1 5.2.3).
fn named(attributes: &SignedAttributes, certificate: &Certificate) -> Finding {
    let all = attributes.signing_certificates();
    let Some(first) = all.first() else {
        return Finding::info(&codes::SIGNER_CERTIFICATE_NOT_NAMED);
    };
    // Where both versions are there, the stronger counts (EN 319 122-1 5.2.2).
    let strongest = all.iter().find(|id| id.algorithm.hash() != Some(Hash::Sha1)).unwrap_or(first);
    let matches = match &strongest.algorithm {
        DigestAlgorithm::Known(hash) => {
            *hash.digest(certificate.der()) == *strongest.digest
                && strongest.serial.as_ref().is_none_or(|serial| serial == certificate.serial())
        }
        DigestAlgorithm::Unsupported(oid) => {
            return Finding::indeterminate(&codes::DIGEST_UNSUPPORTED).seen(oid);
        }
    };
    let finding = if matches {
        Finding::passed(&codes::SIGNER_CERTIFICATE_NAMED)
    } else {
        Finding::failed(&codes::SIGNER_CERTIFICATE_DIFFERS)
    };
    finding.about_certificate(certificate)
}

/// The findings of a signature's verification.
fn verified(
    outcome: Result<SignatureForm, SignatureFault>,
    certificate: &Certificate,
) -> impl Iterator<Item = Finding> {
    let (finding, form) = match outcome {
        Ok(form) => {
            let finding = Finding::passed(&codes::SIGNER_SIGNATURE);
            let encoding = form.sm2_encoding().map(|encoding| format!("{encoding:?}"));
            (encoding.into_iter().fold(finding, Finding::seen), form.finding())
        }
        Err(fault) => (Finding::failed(code_of(&fault)).seen(&fault), None),
    };
    let about = |finding: Finding| finding.about_certificate(certificate);
    [Some(about(finding)), form.map(about)].into_iter().flatten()
}

/// A fault of a document's signature: where the texts of a certificate's do not fit, the
/// signer's own.
fn code_of(fault: &SignatureFault) -> &'static Code {
    match fault {
        SignatureFault::Invalid | SignatureFault::UnusedBits | SignatureFault::Released => {
            &codes::SIGNER_SIGNATURE_INVALID
        }
        SignatureFault::UnsupportedAlgorithm { .. } => &codes::SIGNER_ALGORITHM_UNSUPPORTED,
        SignatureFault::Weak { .. } => &codes::SIGNER_ALGORITHM_WEAK,
        SignatureFault::Parameters { .. } => &codes::SIGNER_ALGORITHM_PARAMETERS,
        SignatureFault::KeyMismatch { .. } => &codes::SIGNER_KEY_MISMATCH,
        other => other.code(),
    }
}
