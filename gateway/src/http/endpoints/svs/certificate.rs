//! `parseCert` and `validateCert`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use tongxing_pki::{Certificate, Name, Oid, RevocationStatus, Version};
use tongxing_trust_store::{Demands, Detail, Purpose, Recognition, RevocationBasis};
use utoipa::ToSchema;

use super::super::certificates::{Asked, judged};
use super::super::receipts::ReceiptName;
use super::{NumberOrText, Outcome, ResponseCode, Told, certificate_of};
use crate::http::routes::PartyCall;
use crate::problem::RequestError;

/// What is to be read from a certificate.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::http::endpoints) struct ParseCert {
    /// Base64 of DER, or PEM.
    cert: String,
    /// GM/T 0006: which item.
    #[serde(rename = "infoType")]
    info_type: NumberOrText,
}

/// Which certificate is to be judged.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::http::endpoints) struct ValidateCert {
    /// Base64 of DER, or PEM.
    cert: String,
    /// Ours: whether there is to be a receipt, and in which form.
    #[serde(default)]
    receipt: ReceiptName,
}

pub(super) fn parse(request: &ParseCert) -> Outcome {
    let certificate = match certificate_of(&request.cert) {
        Ok(certificate) => certificate,
        Err(code) => return code.into(),
    };
    let item = request.info_type.number().and_then(Item::of);
    match item.and_then(|item| item.read(&certificate)) {
        Some(info) => Outcome {
            code: ResponseCode::Success,
            told: Told { info: Some(info), ..Told::default() },
        },
        None => ResponseCode::InfoType.into(),
    }
}

/// An item of a certificate (GM/T 0006, certificate parsing items).
enum Item {
    Version,
    Serial,
    Issuer,
    Validity,
    Subject,
    PublicKey,
    IssuerAttribute(Oid),
    SubjectAttribute(Oid),
    NotBefore,
    NotAfter,
    Extension(Oid),
}

impl Item {
    fn of(number: u32) -> Option<Self> {
        Some(match number {
            0x01 => Self::Version,
            0x02 => Self::Serial,
            0x05 => Self::Issuer,
            0x06 => Self::Validity,
            0x07 => Self::Subject,
            0x08 => Self::PublicKey,
            0x11 => Self::Extension(Oid::AUTHORITY_KEY_IDENTIFIER),
            0x12 => Self::Extension(Oid::SUBJECT_KEY_IDENTIFIER),
            0x13 => Self::Extension(Oid::KEY_USAGE),
            0x15 => Self::Extension(Oid::CERTIFICATE_POLICIES),
            0x16 => Self::Extension(Oid::POLICY_MAPPINGS),
            0x17 => Self::Extension(Oid::BASIC_CONSTRAINTS),
            0x18 => Self::Extension(Oid::POLICY_CONSTRAINTS),
            0x19 => Self::Extension(Oid::EXTENDED_KEY_USAGE),
            0x1A => Self::Extension(Oid::CRL_DISTRIBUTION_POINTS),
            0x21 => Self::IssuerAttribute(Oid::COMMON_NAME),
            0x22 => Self::IssuerAttribute(Oid::ORGANIZATION),
            0x23 => Self::IssuerAttribute(Oid::ORGANIZATIONAL_UNIT),
            0x31 => Self::SubjectAttribute(Oid::COMMON_NAME),
            0x32 => Self::SubjectAttribute(Oid::ORGANIZATION),
            0x33 => Self::SubjectAttribute(Oid::ORGANIZATIONAL_UNIT),
            0x34 => Self::SubjectAttribute(Oid::EMAIL_ADDRESS),
            0x35 => Self::NotBefore,
            0x36 => Self::NotAfter,
            _ => return None,
        })
    }

    /// Its text; of what is no text the DER in base64. `None` where the certificate does
    /// not have it.
    fn read(self, certificate: &Certificate) -> Option<String> {
        Some(match self {
            Self::Version => version(certificate.version()).to_owned(),
            Self::Serial => certificate.serial().to_string(),
            Self::Issuer => certificate.issuer().to_string(),
            Self::Subject => certificate.subject().to_string(),
            Self::Validity => {
                format!("{} {}", certificate.not_before(), certificate.not_after())
            }
            Self::NotBefore => certificate.not_before().to_string(),
            Self::NotAfter => certificate.not_after().to_string(),
            Self::PublicKey => STANDARD.encode(certificate.spki_der()),
            Self::IssuerAttribute(oid) => text(certificate.issuer(), &oid)?,
            Self::SubjectAttribute(oid) => text(certificate.subject(), &oid)?,
            Self::Extension(oid) => STANDARD.encode(certificate.extension(&oid)?.value()),
        })
    }
}

/// As certificates are spoken of: the third version is 3, which they encode as 2.
fn version(version: Version) -> &'static str {
    match version {
        Version::V1 => "1",
        Version::V2 => "2",
        Version::V3 => "3",
    }
}

fn text(name: &Name, oid: &Oid) -> Option<String> {
    name.first(oid)?.text().map(std::borrow::Cow::into_owned)
}

/// Judged as one that signs documents: the standard's `ocsp` is the policy's to say.
pub(super) async fn validate(
    call: &PartyCall,
    request: &ValidateCert,
) -> Result<Outcome, RequestError> {
    let certificate = match certificate_of(&request.cert) {
        Ok(certificate) => certificate,
        Err(code) => return Ok(code.into()),
    };
    let asked = Asked {
        chain: vec![certificate],
        purpose: Purpose::DocumentSigning,
        past: None,
        demands: Demands::default(),
        detail: Detail::Summary,
        receipt: request.receipt,
    };
    let (recognition, answered) = judged(call, asked).await?;
    let mut outcome = Outcome::of(answered)?;
    outcome.told.state = Some(state(basis(&recognition)));
    Ok(outcome)
}

fn basis(recognition: &Recognition) -> &RevocationBasis {
    match recognition {
        Recognition::Recognised(recognised) => recognised.revocation(),
        Recognition::Refused(refusal) | Recognition::Indeterminate(refusal) => refusal.revocation(),
    }
}

/// What is known of the certificate itself.
fn state(basis: &RevocationBasis) -> u32 {
    match basis.statuses.first() {
        Some(RevocationStatus::Good { .. }) => 0,
        Some(RevocationStatus::Revoked(_)) => 1,
        _ => 2,
    }
}
