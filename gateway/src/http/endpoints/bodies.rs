//! What clients send: JSON, read strictly.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use tongxing_pki::Certificate;
use tongxing_trust_store::AuthorityId;
use utoipa::ToSchema;

use super::certificates::{CertificateBody, chain};
use super::signatures::{BatchBody, PartsBody, SignatureBody};
use super::svs::{
    self, ParseCert, SvsRequest, ValidateCert, VerifySignedData, VerifySignedMessage,
};
use crate::challenge::ChallengeSignature;
use crate::problem::{Misfit, RequestError, Unfit};

/// So many digits in a row may be an id.
const MANY_DIGITS: usize = 6;

/// Asks for a token by TLS.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenBody {
    pub(super) audience: String,
    #[serde(default)]
    pub(super) encryption: Option<EncryptionBody>,
}

/// The other certificate of the key that signs in: the one that is encrypted to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EncryptionBody {
    /// PEM, or base64 of DER.
    certificate: String,
    /// Others that a path may go through, each the same way, in any order.
    #[serde(default)]
    chain: Vec<String>,
}

impl EncryptionBody {
    /// The certificates, the one to encrypt to first.
    pub(super) fn certificates(&self) -> Result<Vec<Certificate>, RequestError> {
        chain(&self.certificate, &self.chain)
    }
}

/// Asks for a challenge.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AudienceBody {
    /// A relying party's id. Whether it has the form of one makes no difference
    /// to the client: it is registered or it is not.
    pub(super) audience: String,
}

/// Asks for a token by challenge.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignedBody {
    pub(super) audience: String,
    pub(super) challenge_id: String,
    pub(super) signature: ChallengeSignature,
    #[serde(default)]
    pub(super) encryption: Option<EncryptionBody>,
}

/// Confirms another authority's certificate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfirmBody {
    #[schema(value_type = String)]
    pub(super) authority: AuthorityId,
}

/// Reads a body, or says where and why not.
pub(super) fn read<T: DeserializeOwned>(content: &[u8]) -> Result<T, RequestError> {
    let unfit = |problem| Unfit::new(Misfit::Form, format!("JSON 有误：{problem}"), problem);
    parse(content).map_err(|problem| unfit(problem).into())
}

fn parse<T: DeserializeOwned>(content: &[u8]) -> Result<T, String> {
    // RFC 8259 8.1. The reader itself does not look into texts that nobody asks for.
    let text = std::str::from_utf8(content).map_err(|error| not_utf_8(content, error))?;
    serde_json::from_str(text).map_err(|error| {
        let complaint = error.to_string();
        if may_be_repeated(&complaint) {
            return complaint;
        }
        let (line, column) = (error.line(), error.column());
        format!("something else was expected at line {line} column {column}")
    })
}

fn not_utf_8(content: &[u8], error: std::str::Utf8Error) -> String {
    let lines = content[..error.valid_up_to()].split(|byte| *byte == b'\n');
    let (count, last) = lines.fold((0, 0), |(count, _), line| (count + 1, line.len()));
    format!("no UTF-8 at line {count} column {}", last + 1)
}

/// The reader quotes what it stumbles over, and a problem document goes further
/// than to whoever sent the request: what may be a person's name or id, in a
/// field's name or in its value, is not repeated.
fn may_be_repeated(complaint: &str) -> bool {
    let mut digits = complaint.split(|c: char| !c.is_ascii_digit());
    complaint.is_ascii() && digits.all(|run| run.len() < MANY_DIGITS)
}

/// Reads `content` as every endpoint with a body would; for fuzzing. One answer
/// for each kind of body: what its client would be told where it does not read.
pub fn check_json_bodies(content: &[u8]) -> [Result<(), String>; 12] {
    [
        parse::<AudienceBody>(content).map(drop),
        parse::<TokenBody>(content).map(drop),
        parse::<SignedBody>(content).map(drop),
        parse::<ConfirmBody>(content).map(drop),
        parse::<CertificateBody>(content).map(drop),
        parse::<SignatureBody>(content).map(drop),
        parse::<BatchBody>(content).map(drop),
        parse::<PartsBody>(content).map(drop),
        parse::<SvsRequest<ParseCert>>(content).map(drop),
        parse::<SvsRequest<ValidateCert>>(content).map(drop),
        parse::<SvsRequest<VerifySignedData>>(content).map(drop),
        parse::<SvsRequest<VerifySignedMessage>>(content).map(drop),
    ]
}

/// Reads what is in `content` as far as an endpoint would before it asks the province;
/// for fuzzing. For each kind of body that it reads as, and each item of a batch: what
/// its client would be told where something in it does not read.
pub fn check_json_contents(content: &[u8]) -> Vec<Result<(), String>> {
    let mut outcomes = Vec::new();
    if let Ok(TokenBody { encryption: Some(other), .. }) = parse(content) {
        outcomes.push(other.certificates().map(drop));
    }
    if let Ok(body) = parse::<CertificateBody>(content) {
        outcomes.push(body.check());
    }
    let items = parse::<BatchBody>(content).map(|batch| batch.items).unwrap_or_default();
    for item in items.into_iter().chain(parse::<SignatureBody>(content)) {
        outcomes.push(item.check_whole());
    }
    let outcomes = outcomes.into_iter().map(|outcome| outcome.map_err(|error| error.told()));
    outcomes.chain(svs::check_contents(content)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem<T: DeserializeOwned + std::fmt::Debug>(content: &str) -> String {
        let error = read::<T>(content.as_bytes()).unwrap_err();
        assert_eq!(error.kind().code.id, "request.malformed");
        error.told()
    }

    #[test]
    fn bodies_are_read_as_documented() {
        read::<AudienceBody>(br#"{"audience":"a"}"#).unwrap();
        let signed = r#"{"audience":"a","challenge_id":"x","signature":{"format":"raw",
            "algorithm":"ecdsa-sha256","value":"AA==","certificate":"MAA=","chain":["MAA="]}}"#;
        read::<SignedBody>(signed.as_bytes()).unwrap();
        let without_chain = signed.replace(r#","chain":["MAA="]"#, "");
        read::<SignedBody>(without_chain.as_bytes()).unwrap();
    }

    #[test]
    fn all_of_a_body_is_utf_8() {
        let body = b"{\"request\":{\"cert\":\"\"},\n\"of nobody\":\"\xff\"}";
        let told = parse::<SvsRequest<ValidateCert>>(body).unwrap_err();
        assert_eq!(told, "no UTF-8 at line 2 column 14");
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(problem::<AudienceBody>(r#"{"audience":"a","x":1}"#).contains("unknown field `x`"));
        assert!(problem::<AudienceBody>("{}").contains("missing field `audience`"));
        for personal in [r#"{"audience":990000199001010007}"#, r#"{"audience":"a","张三":1}"#] {
            let problem = problem::<AudienceBody>(personal);
            assert!(problem.starts_with("something else was expected at line 1"), "{problem}");
        }
        assert!(problem::<ConfirmBody>(r#"{"authority":"A B"}"#).contains("authority id"));
        let signature = |algorithm: &str, value: &str| {
            format!(
                r#"{{"audience":"a","challenge_id":"x","signature":{{"format":"raw",
                "algorithm":"{algorithm}","value":"{value}","certificate":"MAA="}}}}"#
            )
        };
        assert!(problem::<SignedBody>(&signature("rsa-md5", "AA==")).contains("rsa-md5"));
        assert!(problem::<SignedBody>(&signature("ed25519", "!")).contains("Invalid"));
        let unknown =
            signature("ed25519", "AA==").replace(r#""format":"raw","#, r#""format":"raw","x":1,"#);
        assert!(problem::<SignedBody>(&unknown).contains("unknown field `x`"));
    }
}
