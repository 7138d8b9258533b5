//! `verifySignedData` and `verifySignedMessage`.

use serde::Deserialize;
use tongxing_pki::{Certificate, DocumentFormat, KeyAlgorithm, RawSignature, SignatureScheme};
use utoipa::ToSchema;

use super::super::receipts::ReceiptName;
use super::super::signatures::{Asked, report_of};
use super::{NumberOrText, Outcome, ResponseCode, certificate_of, octets_of, reader};
use crate::http::routes::PartyCall;
use crate::problem::RequestError;

/// The user id of GM/T 0009, and the same in base64: programs send both.
const STANDARD_IDS: [&str; 2] = ["1234567812345678", "MTIzNDU2NzgxMjM0NTY3OA=="];

/// A raw signature with its certificate and content.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::http::endpoints) struct VerifySignedData {
    /// GM/T 0006, such as 0x00020201 for SM2 with SM3; the usual one of the key without it.
    #[serde(default, rename = "signMethod")]
    sign_method: Option<NumberOrText>,
    /// 1: by certificate; 2: by its serial number, which finds nothing here.
    #[serde(rename = "type")]
    by: NumberOrText,
    /// Base64 of DER, or PEM.
    #[serde(default)]
    cert: Option<String>,
    /// Base64 of what was signed.
    #[serde(rename = "inData")]
    data: String,
    #[serde(default, rename = "inDataLen")]
    data_length: Option<NumberOrText>,
    #[serde(default, rename = "signerID")]
    signer_id: Option<String>,
    /// Base64 of the signature.
    signature: String,
    /// Ours: whether there is to be a receipt, and in which form.
    #[serde(default)]
    receipt: ReceiptName,
}

/// A CMS message, with its content where that is not inside.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::http::endpoints) struct VerifySignedMessage {
    /// Base64 of what was signed.
    #[serde(default, rename = "inData")]
    data: Option<String>,
    #[serde(default, rename = "inDataLen")]
    data_length: Option<NumberOrText>,
    /// Base64 of the message.
    #[serde(rename = "signedMessage")]
    message: String,
    /// Whether `inData` is a hash: not taken here.
    #[serde(default, rename = "hashFlag")]
    hash: bool,
    /// Ours: whether there is to be a receipt, and in which form.
    #[serde(default)]
    receipt: ReceiptName,
}

pub(super) async fn data(
    call: &PartyCall,
    request: VerifySignedData,
) -> Result<Outcome, RequestError> {
    match request.asked() {
        Ok(asked) => judge(call, asked).await,
        Err(code) => Ok(code.into()),
    }
}

pub(super) async fn message(
    call: &PartyCall,
    request: VerifySignedMessage,
) -> Result<Outcome, RequestError> {
    match request.asked() {
        Ok(asked) => judge(call, asked).await,
        Err(code) => Ok(code.into()),
    }
}

async fn judge(call: &PartyCall, asked: Asked) -> Result<Outcome, RequestError> {
    Outcome::of(report_of(call, asked, reader(call)).await?)
}

impl VerifySignedData {
    pub(super) fn asked(self) -> Result<Asked, ResponseCode> {
        let by_certificate = self.by.number() == Some(1);
        let certificate = self.cert.as_deref().filter(|_| by_certificate);
        let certificate = certificate_of(certificate.ok_or(ResponseCode::CertificateId)?)?;
        let given = self.signer_id.as_deref().unwrap_or_default();
        // Another id is for the authority's policy to allow, not for the caller to name.
        if !given.is_empty() && !STANDARD_IDS.contains(&given) {
            return Err(ResponseCode::DataFormat);
        }
        let raw = match &self.sign_method {
            None => RawSignature::usual(certificate).ok_or(ResponseCode::SignMethod)?,
            Some(method) => {
                let scheme = scheme(method, &certificate).ok_or(ResponseCode::SignMethod)?;
                RawSignature::new(certificate, scheme)
            }
        };
        let content = whole(&self.data, self.data_length.as_ref())?;
        let octets = octets_of(&self.signature)?;
        let (raw, content, receipt) = (Some(raw), Some(content), self.receipt);
        Ok(Asked { octets, raw, format: None, content, receipt })
    }
}

impl VerifySignedMessage {
    pub(super) fn asked(self) -> Result<Asked, ResponseCode> {
        if self.hash {
            return Err(ResponseCode::DataFormat);
        }
        let length = self.data_length.as_ref();
        let data = self.data.as_deref().filter(|data| !data.is_empty());
        let content = data.map(|data| whole(data, length)).transpose()?;
        let octets = octets_of(&self.message)?;
        let (format, receipt) = (Some(DocumentFormat::Cms), self.receipt);
        Ok(Asked { octets, raw: None, format, content, receipt })
    }
}

/// The content, which must be as long as it is said to be.
fn whole(data: &str, length: Option<&NumberOrText>) -> Result<Vec<u8>, ResponseCode> {
    let content = octets_of(data)?;
    let fits = match length {
        None => true,
        Some(length) => {
            length.number().and_then(|n| usize::try_from(n).ok()) == Some(content.len())
        }
    };
    if fits { Ok(content) } else { Err(ResponseCode::DataFormat) }
}

/// The scheme of a number (GM/T 0006, signature algorithms); some programs send 0x00020101
/// for SM2 with SM3. SHA-1 is nobody's to ask for, and RSA with SM3 is not known here.
fn scheme(method: &NumberOrText, certificate: &Certificate) -> Option<SignatureScheme> {
    let key = certificate.public_key().algorithm();
    match (method.number()?, key) {
        (0x0002_0201 | 0x0002_0101, KeyAlgorithm::Sm2 | KeyAlgorithm::Sm2Encryption) => {
            Some(SignatureScheme::Sm2Sm3)
        }
        (0x0001_0004, KeyAlgorithm::Rsa { .. }) => Some(SignatureScheme::RsaPkcs1Sha256),
        _ => None,
    }
}
