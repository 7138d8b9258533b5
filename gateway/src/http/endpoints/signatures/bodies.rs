//! What is asked about a signature: JSON, read strictly.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use tongxing_pki::{
    Certificate, DocumentBudget, DocumentFormat, Hash, KeyAlgorithm, Oid, RawSignature,
    SignatureScheme, SignedContent, SignedDocument, Timestamp,
};
use tongxing_trust_store::{BesideCertificate, Capacity, Detail, Reader, Requirements, WhoSigns};
use utoipa::ToSchema;

use super::super::certificates::{at_most, certificate};
use super::super::receipts::ReceiptName;
use super::reading::Reading;
use super::{Brought, Job, digests_of, held};
use crate::problem::{Misfit, RequestError, Unfit};
use crate::site::Site;

/// Entities that one request may name. Origin: ours; a consortium has a dozen members.
const MAX_ENTITIES: usize = 64;

/// Certificate policies that one request may name. Origin: ours.
const MAX_POLICIES: usize = 64;

/// One signature, with its content or the hash of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::endpoints) struct SignatureBody {
    /// Base64 of the signed document, or of a raw signature's value.
    signature: String,
    /// Found by itself without it.
    #[serde(default)]
    format: Option<FormatName>,
    /// Base64 of the content, where it is not inside.
    #[serde(default)]
    content: Option<String>,
    /// The content's hash in hexadecimal, in place of the content.
    #[serde(default)]
    hash: Option<String>,
    /// Of `hash`.
    #[serde(default)]
    hash_algorithm: Option<HashName>,
    /// PEM, or base64 of DER: of a raw signature.
    #[serde(default)]
    certificate: Option<String>,
    /// Others beside those of the document, each the same way, in any order: they help to
    /// find, and nothing is trusted for them.
    #[serde(default)]
    certificates: Vec<String>,
    /// Of a raw signature; the usual one of the key without it.
    #[serde(default)]
    algorithm: Option<AlgorithmName>,
    #[serde(default)]
    options: OptionsBody,
}

/// Several.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::endpoints) struct BatchBody {
    pub(in crate::http::endpoints) items: Vec<SignatureBody>,
}

/// What the part `request` says, where the rest comes in parts of its own.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::endpoints) struct PartsBody {
    #[serde(default)]
    pub(super) format: Option<FormatName>,
    #[serde(default)]
    pub(super) algorithm: Option<AlgorithmName>,
    #[serde(default)]
    pub(super) options: OptionsBody,
}

/// What is required of the signatures, and told.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::endpoints) struct OptionsBody {
    /// A moment in the past by which the signatures are held to have existed; now without it.
    #[serde(default)]
    at: Option<Timestamp>,
    /// Who must have signed, by unified social credit code.
    #[serde(default)]
    entities: Vec<String>,
    /// Whether all of them must have, or one.
    #[serde(default)]
    entities_who: Who,
    /// In which quality a signature counts; in any without one.
    #[serde(default)]
    capacities: Vec<Capacity>,
    /// Certificate policies of which a signer's path must be valid for one.
    #[serde(default)]
    policies: Vec<Oid>,
    #[serde(default)]
    pub(super) detail: Detail,
    #[serde(default)]
    pub(super) receipt: ReceiptName,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Who {
    #[default]
    All,
    Any,
}

/// A format by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum FormatName {
    Raw,
    Cms,
    Timestamp,
    Pdf,
}

/// A hash function by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
pub(super) enum HashName {
    #[serde(rename = "sha-256")]
    Sha256,
    #[serde(rename = "sha-384")]
    Sha384,
    #[serde(rename = "sha-512")]
    Sha512,
    #[serde(rename = "sm3")]
    Sm3,
    /// SM3 over Z and the content (GM/T 0009 10.1): what an SM2 key signs itself.
    #[serde(rename = "sm3-with-z")]
    Sm3WithZ,
}

/// How a raw signature was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
pub(super) enum AlgorithmName {
    #[serde(rename = "rsa-pkcs1-sha256")]
    RsaPkcs1Sha256,
    #[serde(rename = "rsa-pkcs1-sha384")]
    RsaPkcs1Sha384,
    #[serde(rename = "rsa-pkcs1-sha512")]
    RsaPkcs1Sha512,
    #[serde(rename = "rsa-pss-sha256")]
    RsaPssSha256,
    #[serde(rename = "rsa-pss-sha384")]
    RsaPssSha384,
    #[serde(rename = "rsa-pss-sha512")]
    RsaPssSha512,
    #[serde(rename = "ecdsa-sha256")]
    EcdsaSha256,
    #[serde(rename = "ecdsa-sha384")]
    EcdsaSha384,
    #[serde(rename = "ed25519")]
    Ed25519,
    #[serde(rename = "sm2-sm3")]
    Sm2Sm3,
}

/// What a body holds of a signature.
struct Decoded {
    octets: Vec<u8>,
    /// How a raw one is verified.
    raw: Option<RawSignature>,
    /// The certificates that came along.
    beside: Vec<BesideCertificate>,
}

impl SignatureBody {
    pub(super) fn has_hash(&self) -> bool {
        self.hash.is_some()
    }

    pub(super) fn wants_bundle(&self) -> bool {
        self.options.receipt.is_bundle()
    }

    /// Whether content and hash are there as the address asks for them.
    pub(super) fn check(&self, by_hash: bool) -> Result<(), RequestError> {
        let (zh, en) = match (by_hash, &self.content, &self.hash, self.hash_algorithm) {
            (true, None, Some(_), Some(_)) | (false, _, None, None) => return self.options.check(),
            (true, ..) => (
                "须有 hash 与 hash_algorithm，且不能有 content",
                "hash and hash_algorithm are asked for, and no content",
            ),
            (false, ..) => (
                "带 hash 的请求须发往 /v1/signatures/verify-hash",
                "a hash goes to /v1/signatures/verify-hash",
            ),
        };
        Err(Unfit::new(Misfit::Combination, zh, en).into())
    }

    /// Whether everything in it reads; what is wrong with the document is for its report.
    pub(in crate::http::endpoints) fn check_whole(&self) -> Result<(), RequestError> {
        self.check(self.has_hash())?;
        self.decoded()?;
        self.content.as_deref().map_or(Ok(()), |content| base64("content", content).map(drop))
    }

    fn decoded(&self) -> Result<Decoded, RequestError> {
        let octets = base64("signature", &self.signature)?;
        let own = self.certificate.as_deref().map(|text| certificate("certificate", text));
        let raw = raw(self.format, own.transpose()?, self.algorithm)?;
        Ok(Decoded { octets, raw, beside: beside(&self.certificates)? })
    }

    pub(super) async fn into_job(
        self,
        site: &Arc<Site>,
        reader: Reader,
    ) -> Result<Job, RequestError> {
        let Decoded { octets, raw, beside } = self.decoded()?;
        self.options.check_entities(site)?;
        held(site, &octets)?;
        let format = self.format.and_then(FormatName::document_format);
        let reading = Reading { format, raw, limit: usize::MAX, beside };
        let content = self.content.as_deref().map(|text| base64("content", text)).transpose()?;
        let (read, content) = reading.read(site, octets, content, reader.personal_data).await?;
        if let (Ok(document), true) = (&read.document, content.is_some() || self.has_hash()) {
            refuse_whole(document)?;
        }
        let brought = match (content, &self.hash, self.hash_algorithm) {
            (Some(content), ..) => Brought::Octets(content),
            (None, Some(hash), Some(algorithm)) => {
                let wrong = || wrong_hash(algorithm, hash);
                let hash = hex(hash).ok_or_else(wrong)?;
                match &read.document {
                    Ok(document) => Brought::Digests {
                        digests: digests_of(document, algorithm, &hash).ok_or_else(wrong)?,
                        opening: Vec::new(),
                    },
                    Err(_) => Brought::Nothing,
                }
            }
            _ => Brought::Nothing,
        };
        Ok(Job { read, brought, options: self.options, reader })
    }
}

/// Of what is no hash it is told how long it is, and how long one would be.
fn wrong_hash(algorithm: HashName, hash: &str) -> Unfit {
    let (digits, expected) = (hash.chars().count(), 2 * algorithm.octets());
    let zh = format!("hash 有 {digits} 个字符，应为 {expected} 个十六进制数字");
    let en = format!("hash has {digits} characters; {expected} hexadecimal digits are expected");
    Unfit::new(Misfit::Hash, zh, en)
}

/// So many certificates may come along beside a document: as many as within one.
pub(super) fn check_count(certificates: usize) -> Result<(), RequestError> {
    at_most("certificates", certificates, DocumentBudget::default().certificates)
}

fn beside(texts: &[String]) -> Result<Vec<BesideCertificate>, RequestError> {
    check_count(texts.len())?;
    let texts = texts.iter().enumerate();
    let given = texts.map(|(place, text)| certificate(&format!("certificates[{place}]"), text));
    given.map(|given| given.map(BesideCertificate::brought)).collect()
}

/// A document that is signed whole, as PDF is, takes nothing beside it: its own octets are
/// what is judged.
pub(super) fn refuse_whole(document: &SignedDocument) -> Result<(), RequestError> {
    if document.contents().iter().any(|c| matches!(c, SignedContent::Ranges(_))) {
        let zh = "请只提交文件本身（signature），去掉 content 或 hash";
        let en = "send the document alone (signature), without content or hash";
        return Err(Unfit::new(Misfit::Beside, zh, en).into());
    }
    Ok(())
}

/// A raw signature, where the caller says that it is one by its format or by giving the
/// certificate.
pub(super) fn raw(
    format: Option<FormatName>,
    certificate: Option<Certificate>,
    algorithm: Option<AlgorithmName>,
) -> Result<Option<RawSignature>, RequestError> {
    let clash = |zh, en| RequestError::from(Unfit::new(Misfit::Combination, zh, en));
    let certificate = match (format, certificate) {
        (None | Some(FormatName::Raw), Some(certificate)) => certificate,
        (Some(FormatName::Raw), None) => {
            return Err(clash("原始签名须附 certificate", "a raw signature needs its certificate"));
        }
        (_, None) if algorithm.is_none() => return Ok(None),
        _ => {
            return Err(clash(
                "certificate 与 algorithm 只用于原始签名；其他文件未附的证书请放入 certificates",
                "certificate and algorithm are for raw signatures; those that other documents \
                 do not carry are given as certificates",
            ));
        }
    };
    if let Some(algorithm) = algorithm {
        let scheme = algorithm.scheme(&certificate);
        return Ok(Some(RawSignature::new(certificate, scheme)));
    }
    let usual = RawSignature::usual(certificate);
    let unknown = || {
        let (zh, en) = ("证书公钥的类型未知", "the certificate's key is of no known kind");
        Unfit::new(Misfit::Certificate, zh, en).into()
    };
    usual.map(Some).ok_or_else(unknown)
}

impl OptionsBody {
    pub(super) fn check(&self) -> Result<(), RequestError> {
        at_most("entities", self.entities.len(), MAX_ENTITIES)?;
        at_most("policies", self.policies.len(), MAX_POLICIES)
    }

    /// A mistyped code would be found missing, and its owner be blamed.
    pub(super) fn check_entities(&self, site: &Site) -> Result<(), RequestError> {
        let snapshot = site.province.snapshot();
        let policy = snapshot.province_at(site.now())?;
        let named = |entity: &String| policy.may_name_entity(&entity.to_ascii_uppercase());
        match self.entities.iter().position(|entity| !named(entity)) {
            None => Ok(()),
            Some(place) => {
                let zh = format!("entities[{place}] 不是统一社会信用代码");
                let en = format!("entities[{place}] is no unified social credit code");
                Err(Unfit::new(Misfit::Form, zh, en).into())
            }
        }
    }

    pub(super) fn requirements(&self) -> Requirements {
        Requirements {
            entities: self.entities.clone(),
            who: match self.entities_who {
                Who::All => WhoSigns::All,
                Who::Any => WhoSigns::Any,
            },
            capacities: self.capacities.clone(),
            policies: self.policies.clone(),
        }
    }

    /// The moment asked about, if it is not now. Nothing is known of the future.
    pub(super) fn past(&self, now: Timestamp) -> Result<Option<Timestamp>, RequestError> {
        super::super::certificates::past(now, self.at)
    }
}

impl FormatName {
    pub(super) fn document_format(self) -> Option<DocumentFormat> {
        match self {
            Self::Raw => None,
            Self::Cms => Some(DocumentFormat::Cms),
            Self::Timestamp => Some(DocumentFormat::Timestamp),
            Self::Pdf => Some(DocumentFormat::Pdf),
        }
    }
}

impl HashName {
    /// `None` for the one that is more than a hash function.
    pub(super) fn hash(self) -> Option<Hash> {
        match self {
            Self::Sha256 => Some(Hash::Sha256),
            Self::Sha384 => Some(Hash::Sha384),
            Self::Sha512 => Some(Hash::Sha512),
            Self::Sm3 => Some(Hash::Sm3),
            Self::Sm3WithZ => None,
        }
    }

    /// The length of its values.
    fn octets(self) -> usize {
        match self {
            Self::Sha256 | Self::Sm3 | Self::Sm3WithZ => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

impl AlgorithmName {
    /// ECDSA by its hash alone: the curve is the key's.
    fn scheme(self, certificate: &Certificate) -> SignatureScheme {
        let p384 = *certificate.public_key().algorithm() == KeyAlgorithm::EcP384;
        match self {
            Self::RsaPkcs1Sha256 => SignatureScheme::RsaPkcs1Sha256,
            Self::RsaPkcs1Sha384 => SignatureScheme::RsaPkcs1Sha384,
            Self::RsaPkcs1Sha512 => SignatureScheme::RsaPkcs1Sha512,
            Self::RsaPssSha256 => SignatureScheme::RsaPssSha256,
            Self::RsaPssSha384 => SignatureScheme::RsaPssSha384,
            Self::RsaPssSha512 => SignatureScheme::RsaPssSha512,
            Self::EcdsaSha256 if p384 => SignatureScheme::EcdsaP384Sha256,
            Self::EcdsaSha256 => SignatureScheme::EcdsaP256Sha256,
            Self::EcdsaSha384 if p384 => SignatureScheme::EcdsaP384Sha384,
            Self::EcdsaSha384 => SignatureScheme::EcdsaP256Sha384,
            Self::Ed25519 => SignatureScheme::Ed25519,
            Self::Sm2Sm3 => SignatureScheme::Sm2Sm3,
        }
    }
}

fn base64(field: &str, text: &str) -> Result<Vec<u8>, RequestError> {
    let unfit = |_| {
        let zh = format!("{field} 不是带填充的 base64");
        Unfit::new(Misfit::Form, zh, format!("{field} is no padded base64")).into()
    };
    STANDARD.decode(text).map_err(unfit)
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}
