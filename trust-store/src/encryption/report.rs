//! What a platform is told of a subject's encryption certificates.

use serde::Serialize;
use serde_json::Value;
use tongxing_pki::{Certificate, Finding, Timestamp, Verdict};

use super::{BoundCertificate, EncryptionPair};
use crate::ids::SubjectId;
use crate::policy;
use crate::recognise::EncryptionRecognition;
use crate::report::{Reader, explained};
use crate::seal::Base64Bytes;

/// A subject's pairs: those that may be encrypted to, and those that might once.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EncryptionReport {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    subject: SubjectId,
    /// When this was judged.
    now: Timestamp,
    /// What may be encrypted to now, the newest first.
    current: Vec<PairReport>,
    /// The others: expired, revoked, of an authority that is not active, or undecided.
    history: Vec<PairReport>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct PairReport {
    verdict: Verdict,
    /// When the gateway learnt of it.
    registered: Timestamp,
    signing: PairSigner,
    encryption: RecipientCertificate,
    /// What speaks against encrypting to it.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<tongxing_pki::ExplainedFinding<'static>>))]
    findings: Vec<Value>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct PairSigner {
    sha256: String,
    serial: String,
    authority: String,
    capacity: &'static str,
    not_after: Timestamp,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct RecipientCertificate {
    sha256: String,
    serial: String,
    not_after: Timestamp,
    /// What a message to this key needs (RFC 5652 6.2.1), where it is kept still.
    #[serde(flatten)]
    recipient: Option<RecipientReport>,
    /// DER in base64; not to whom it would tell a person's data.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    certificate: Option<Base64Bytes>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct RecipientReport {
    not_before: Timestamp,
    /// The kind of key, in the words of policies.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'static str>,
    /// DER SubjectPublicKeyInfo in base64.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    public_key: Base64Bytes,
    /// The issuer's name, DER in base64.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    issuer: Base64Bytes,
}

impl EncryptionReport {
    /// Of pairs, each with what was recognised of it where its certificate is kept still.
    pub fn new(
        subject: SubjectId,
        judged: &[(EncryptionPair, Option<EncryptionRecognition>)],
        now: Timestamp,
        reader: Reader,
    ) -> Self {
        let told = judged.iter().map(|(pair, outcome)| told(pair, outcome.as_ref(), reader));
        let (current, history) = told.partition(|pair| pair.verdict == Verdict::Passed);
        Self { subject, now, current, history }
    }
}

fn told(
    pair: &EncryptionPair,
    outcome: Option<&EncryptionRecognition>,
    reader: Reader,
) -> PairReport {
    let against = |outcome: &EncryptionRecognition| -> Vec<Finding> {
        outcome.findings().iter().filter(|finding| finding.asks_something()).cloned().collect()
    };
    let BoundCertificate { sha256, serial, authority, capacity, not_after } = &pair.signing;
    let certificate = pair.certificate.as_ref();
    let disclosed = certificate.filter(|_| pair.discloses(reader.personal_data));
    PairReport {
        // What is not kept any more is encrypted to by nobody.
        verdict: outcome.map_or(Verdict::Failed, EncryptionRecognition::verdict),
        registered: pair.registered,
        signing: PairSigner {
            sha256: sha256.clone(),
            serial: serial.clone(),
            authority: authority.to_string(),
            capacity: capacity.as_str(),
            not_after: *not_after,
        },
        encryption: RecipientCertificate {
            sha256: pair.sha256.clone(),
            serial: pair.serial.clone(),
            not_after: pair.not_after,
            recipient: certificate.map(RecipientReport::new),
            certificate: disclosed.map(|own| own.der().to_vec().into()),
        },
        findings: explained(&outcome.map(against).unwrap_or_default(), reader),
    }
}

impl RecipientReport {
    fn new(certificate: &Certificate) -> Self {
        Self {
            not_before: certificate.not_before(),
            key: policy::key_kind(certificate.public_key()),
            public_key: certificate.spki_der().to_vec().into(),
            issuer: certificate.issuer().der().to_vec().into(),
        }
    }
}
