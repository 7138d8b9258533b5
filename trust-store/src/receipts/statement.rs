//! What a receipt states, as it is signed and kept.
//!
//! These are stored models, like those of changes: receipts are read for as long as
//! anybody keeps them. A field may be added with a default; a meaning altered is another
//! format.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tongxing_pki::{
    AnyPolicy, ContentDigests, DigestNeed, DocumentFormat, ExplicitPolicy, Hash, Language, Oid,
    PolicyMapping, PolicyOptions, SignatureScheme, Sm2UserId, Timestamp, Verdict,
};

use crate::authority::Role;
use crate::demands::Demands;
use crate::documents::{Detail, WhoSigns};
use crate::hex;
use crate::ids::{AuthorityId, RelyingPartyId};
use crate::policy::Capacity;
use crate::recognise::Purpose;
use crate::relying_party::PersonalData;
use crate::report::Reader;
use crate::seal::Base64Bytes;
use crate::snapshot::EditionModel;

/// The format that this version writes and reads.
pub(super) const FORMAT: &str = "tongxing-receipt.v1";

/// The payload of a receipt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Statement {
    pub(super) format: String,
    /// The gateway that states it (RFC 7519 `iss`).
    pub(super) iss: String,
    /// Random, so that no two statements have one hash (RFC 7519 `jti`).
    pub(super) jti: String,
    /// When it was stated, Unix seconds (RFC 7519 `iat`).
    pub(super) iat: i64,
    /// To whom.
    pub(super) relying_party: RelyingPartyId,
    pub(super) verdict: Verdict,
    /// Whether a later revocation list may still overturn it.
    pub(super) provisional: bool,
    pub(super) question: QuestionModel,
    /// The whole answer, as it was given.
    pub(super) report: Value,
    pub(super) trust: TrustModel,
    /// Each certificate that was judged, and what was brought for it beside the newest
    /// lists.
    pub(super) judgements: Vec<JudgementModel>,
    /// The revocation lists that told of any of them.
    pub(super) lists: Vec<ListModel>,
    /// Everything that it rests on, by hash.
    pub(super) evidence: Vec<EvidenceModel>,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum QuestionModel {
    Document(Box<DocumentModel>),
    Certificate(Box<CertificateModel>),
}

/// A signed document, and what was asked about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DocumentModel {
    /// Hex SHA-256 of the signed document, or of a raw signature's value.
    pub(super) signature: String,
    /// How the caller said that it is to be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) format: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) raw: Option<RawModel>,
    /// Hex SHA-256 of certificates that the document left out, and was read with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) beside: Vec<String>,
    /// The longest document that was read, in octets.
    pub(super) limit: u64,
    pub(super) content: ContentModel,
    /// How the content begins, where its digests alone were at hand.
    pub(super) opening: Opening,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<Timestamp>,
    pub(super) now: Timestamp,
    pub(super) entities: Vec<String>,
    pub(super) who: WhoSigns,
    pub(super) capacities: Vec<Capacity>,
    pub(super) policies: Vec<String>,
    pub(super) detail: Detail,
    pub(super) reader: ReaderModel,
}

/// How a bare signature was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawModel {
    /// Hex SHA-256 of the certificate.
    pub(super) certificate: String,
    pub(super) scheme: String,
}

/// The content that was brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum ContentModel {
    /// None: it is in the document, or the document is it.
    None,
    /// Its octets.
    Octets { sha256: String, length: u64 },
    /// Digests of it.
    Digests {
        digests: Vec<DigestModel>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        length: Option<u64>,
        /// Hex SHA-256 of the whole, where it is so short that it is evidence itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        short: Option<String>,
    },
}

/// One digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DigestModel {
    pub(super) algorithm: String,
    pub(super) value: Base64Bytes,
    /// Of SM3 behind Z: hex SHA-256 of the key, and the user id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) user_id: Option<Base64Bytes>,
}

/// How a content begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Opening {
    Unknown,
    /// As a sign-in challenge does.
    Challenge,
    Other,
}

/// A certificate, and what was asked about it.
#[expect(clippy::struct_excessive_bools, reason = "what RFC 5280 6.1.1 takes, as it is stored")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CertificateModel {
    /// Hex SHA-256 of each certificate given, the one asked about first.
    pub(super) chain: Vec<String>,
    pub(super) purpose: Purpose,
    pub(super) at: Timestamp,
    /// Whether that is a moment in the past.
    pub(super) past: bool,
    pub(super) names: Vec<String>,
    pub(super) policies: Vec<String>,
    pub(super) require_explicit_policy: bool,
    pub(super) inhibit_policy_mapping: bool,
    pub(super) inhibit_any_policy: bool,
    #[serde(default, skip_serializing_if = "is_full")]
    pub(super) detail: Detail,
    pub(super) reader: ReaderModel,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_full(detail: &Detail) -> bool {
    *detail == Detail::Full
}

/// For whom a report was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReaderModel {
    language: String,
    personal_data: PersonalData,
}

/// What was trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrustModel {
    /// The last record that it knew.
    pub(super) revision: u64,
    /// The time of that record, by whose policies lists were taken.
    pub(super) compiled: Timestamp,
    /// Hex SHA-256 of the document of all that was trusted.
    pub(super) sha256: String,
    /// The editions of the province's policy, the earliest first.
    pub(super) policies: Vec<EditionModel>,
    /// The authorities that could have mattered.
    pub(super) authorities: Vec<AuthorityModel>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthorityModel {
    pub(super) id: AuthorityId,
    /// Hex SHA-256 of its document.
    pub(super) sha256: String,
    /// The editions of its policy, the earliest first.
    pub(super) policies: Vec<EditionModel>,
}

/// One certificate at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JudgementModel {
    /// Hex SHA-256.
    pub(super) certificate: String,
    pub(super) role: Role,
    pub(super) at: Timestamp,
    /// Archived lists, hex SHA-256.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) archived: Vec<String>,
    /// Whether the archive had more than a judgement looks at.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) archive_in_part: bool,
    /// OCSP responses that were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) responses: Vec<ResponseModel>,
    /// Responders that gave none: the number of their status (RFC 6960 4.2.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) refusals: Vec<u8>,
}

/// For what is stored: the usual is left out.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// An OCSP response, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResponseModel {
    pub(super) sha256: String,
    /// The nonce that it was asked with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) nonce: Option<Base64Bytes>,
    /// Whether it had to repeat it.
    pub(super) nonce_required: bool,
}

/// A revocation list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListModel {
    pub(super) sha256: String,
    pub(super) authority: AuthorityId,
    /// Hex SHA-256 of the key that signed it.
    pub(super) signer: String,
    pub(super) scope: String,
    /// Whether it was the newest of its place.
    pub(super) newest: bool,
}

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EvidenceModel {
    pub(super) sha256: String,
    pub(super) kind: EvidenceKind,
}

/// What it is, and with that who has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EvidenceKind {
    /// The signed document, or a raw signature's value: the platform's own.
    Signature,
    /// The content: the platform's own.
    Content,
    /// A certificate that the platform gave.
    Certificate,
    /// A certificate that the document left out: the platform may not have it, and every
    /// receipt brings it along.
    Beside,
    /// The same where it names a person of whom the platform is not told: whoever has it
    /// brings it.
    Withheld,
    /// What was trusted, as a whole.
    Trust,
    /// An authority as it was trusted.
    Authority,
    /// The text of an edition of a policy.
    Policy,
    /// The certificate of an enrolled key.
    Enrolled,
    /// A revocation list.
    Crl,
    /// An OCSP response.
    Ocsp,
}

impl EvidenceKind {
    /// Whether the gateway keeps it for everybody who verifies; the rest may name
    /// persons, and is kept by the platform alone.
    pub(super) fn is_kept(self) -> bool {
        match self {
            Self::Signature | Self::Content | Self::Certificate | Self::Beside | Self::Withheld => {
                false
            }
            Self::Trust
            | Self::Authority
            | Self::Policy
            | Self::Enrolled
            | Self::Crl
            | Self::Ocsp => true,
        }
    }

    /// The word for programs.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Content => "content",
            Self::Certificate => "certificate",
            Self::Beside => "beside",
            Self::Withheld => "withheld",
            Self::Trust => "trust",
            Self::Authority => "authority",
            Self::Policy => "policy",
            Self::Enrolled => "enrolled",
            Self::Crl => "crl",
            Self::Ocsp => "ocsp",
        }
    }
}

impl Statement {
    /// Reads a payload of this format.
    pub(super) fn read(octets: &[u8]) -> Option<Self> {
        serde_json::from_slice(octets).ok().filter(|read: &Self| read.format == FORMAT)
    }
}

impl From<Reader> for ReaderModel {
    fn from(reader: Reader) -> Self {
        Self { language: reader.language.tag().to_owned(), personal_data: reader.personal_data }
    }
}

impl ReaderModel {
    pub(super) fn reader(&self) -> Option<Reader> {
        let both = [Language::Zh, Language::En];
        let language = both.into_iter().find(|language| language.tag() == self.language)?;
        Some(Reader { language, personal_data: self.personal_data })
    }
}

const HASHES: [(Hash, &str); 5] = [
    (Hash::Sha1, "sha-1"),
    (Hash::Sha256, "sha-256"),
    (Hash::Sha384, "sha-384"),
    (Hash::Sha512, "sha-512"),
    (Hash::Sm3, "sm3"),
];

/// SM3 over Z and the content, as the API calls it.
const SM3_WITH_Z: &str = "sm3-with-z";

const SCHEMES: [(SignatureScheme, &str); 12] = [
    (SignatureScheme::RsaPkcs1Sha256, "rsa-pkcs1-sha256"),
    (SignatureScheme::RsaPkcs1Sha384, "rsa-pkcs1-sha384"),
    (SignatureScheme::RsaPkcs1Sha512, "rsa-pkcs1-sha512"),
    (SignatureScheme::RsaPssSha256, "rsa-pss-sha256"),
    (SignatureScheme::RsaPssSha384, "rsa-pss-sha384"),
    (SignatureScheme::RsaPssSha512, "rsa-pss-sha512"),
    (SignatureScheme::EcdsaP256Sha256, "ecdsa-p256-sha256"),
    (SignatureScheme::EcdsaP256Sha384, "ecdsa-p256-sha384"),
    (SignatureScheme::EcdsaP384Sha256, "ecdsa-p384-sha256"),
    (SignatureScheme::EcdsaP384Sha384, "ecdsa-p384-sha384"),
    (SignatureScheme::Ed25519, "ed25519"),
    (SignatureScheme::Sm2Sm3, "sm2-sm3"),
];

/// A way of signing, by the API's name for it.
pub(crate) fn scheme_named(name: &str) -> Option<SignatureScheme> {
    SCHEMES.iter().find(|(_, known)| *known == name).map(|(scheme, _)| *scheme)
}

/// A format, by the API's name for it.
pub(crate) fn format_named(name: &str) -> Option<DocumentFormat> {
    let all = [DocumentFormat::Cms, DocumentFormat::Timestamp, DocumentFormat::Pdf];
    all.into_iter().find(|format| format.as_str() == name)
}

impl RawModel {
    pub(super) fn new(certificate: &[u8; 32], scheme: SignatureScheme) -> Option<Self> {
        let (_, name) = SCHEMES.iter().find(|(known, _)| *known == scheme)?;
        Some(Self { certificate: hex::encode(certificate), scheme: (*name).to_owned() })
    }

    pub(super) fn scheme(&self) -> Option<SignatureScheme> {
        scheme_named(&self.scheme)
    }
}

impl DocumentModel {
    /// The format that the caller named; the inner one of an unknown name.
    pub(super) fn document_format(&self) -> Result<Option<DocumentFormat>, ()> {
        let Some(name) = &self.format else { return Ok(None) };
        format_named(name).map(Some).ok_or(())
    }
}

impl ContentModel {
    /// Digests as they are stated.
    pub(super) fn digests(digests: &ContentDigests) -> Self {
        let models = digests.iter().filter_map(|(need, digest)| DigestModel::new(need, digest));
        Self::Digests {
            digests: models.collect(),
            length: digests.length(),
            short: digests.short_content().map(hex::sha256),
        }
    }
}

impl DigestModel {
    fn new(need: &DigestNeed, digest: &[u8]) -> Option<Self> {
        let value = Base64Bytes::from(digest.to_vec());
        match need {
            DigestNeed::Plain(hash) => {
                let (_, name) = HASHES.iter().find(|(known, _)| known == hash)?;
                Some(Self { algorithm: (*name).to_owned(), value, key: None, user_id: None })
            }
            DigestNeed::Sm2 { key, user_id } => Some(Self {
                algorithm: SM3_WITH_Z.to_owned(),
                value,
                key: Some(hex::encode(key)),
                user_id: Some(user_id.as_bytes().to_vec().into()),
            }),
            _ => None,
        }
    }

    /// The digest with what it is for.
    pub(super) fn restored(&self) -> Option<(DigestNeed, Vec<u8>)> {
        let value = self.value.as_slice().to_vec();
        if self.algorithm == SM3_WITH_Z {
            let key = hex::decode(self.key.as_ref()?)?;
            let user_id = Sm2UserId::new(self.user_id.as_ref()?.as_slice()).ok()?;
            return Some((DigestNeed::Sm2 { key, user_id }, value));
        }
        let (hash, _) = HASHES.iter().find(|(_, name)| *name == self.algorithm)?;
        Some((DigestNeed::Plain(*hash), value))
    }
}

impl CertificateModel {
    /// What the caller demanded, as it is stated.
    pub(super) fn with_demands(mut self, demands: &Demands) -> Self {
        let policies = &demands.policies;
        let any = PolicyOptions::default();
        self.names = demands.names.iter().map(ToString::to_string).collect();
        if policies.acceptable != any.acceptable {
            self.policies = policies.acceptable.iter().map(ToString::to_string).collect();
        }
        self.require_explicit_policy = policies.explicit == ExplicitPolicy::Required;
        self.inhibit_policy_mapping = policies.mapping == PolicyMapping::Inhibited;
        self.inhibit_any_policy = policies.any_policy == AnyPolicy::Inhibited;
        self
    }

    /// The same, read again.
    pub(super) fn demands(&self) -> Option<Demands> {
        let names = self.names.iter().map(|name| name.parse().ok()).collect::<Option<_>>()?;
        let mut policies = PolicyOptions::default();
        if !self.policies.is_empty() {
            policies.acceptable = oids(&self.policies)?.into_iter().collect();
        }
        policies.explicit = ExplicitPolicy::required_if(self.require_explicit_policy);
        policies.mapping = PolicyMapping::inhibited_if(self.inhibit_policy_mapping);
        policies.any_policy = AnyPolicy::inhibited_if(self.inhibit_any_policy);
        Some(Demands { names, policies })
    }
}

/// Object identifiers as they are stated.
pub(super) fn oids(texts: &[String]) -> Option<Vec<Oid>> {
    texts.iter().map(|text| text.parse().ok()).collect()
}
