//! The shape of GM/T 0029 (sign and verify servers), for platforms that speak it already:
//! the same judgement as everywhere else, told in that convention's words.
//!
//! 1. A request is `{version, reqType, reqTime, request}` in JSON; the operation is that
//!    of the address. `reqType` is its name or its number and may be left out.
//! 2. The answer is `{version, respType, respTime, respond}`; `respond.respValue` is 0
//!    where everything passed, and a response code of the standard otherwise. Beside it
//!    stands the report that every other endpoint gives.
//!
//! What is weaker there is not made weaker here: every check runs whatever `verifyLevel`
//! says. What of this was compared with the standard's text and what was not is said in
//! docs/gmt-0029.md.

mod certificate;
mod code;
mod signature;

use axum::response::Response;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tongxing_pki::{Certificate, Timestamp};
use tongxing_trust_store::{Reader, ReceiptFile};
use utoipa::ToSchema;

use super::bodies::read;
use super::receipts::Answered;
use crate::http::routes::{PartyCall, json};
use crate::problem::{Misfit, RequestError, Unfit};
use code::ResponseCode;

pub(in crate::http::endpoints) use certificate::{ParseCert, ValidateCert};
pub(in crate::http::endpoints) use signature::{VerifySignedData, VerifySignedMessage};

/// What is asked, by the standard's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Operation {
    ParseCert,
    ValidateCert,
    VerifySignedData,
    VerifySignedMessage,
}

impl Operation {
    pub(in crate::http) fn name(self) -> &'static str {
        match self {
            Self::ParseCert => "parseCert",
            Self::ValidateCert => "validateCert",
            Self::VerifySignedData => "verifySignedData",
            Self::VerifySignedMessage => "verifySignedMessage",
        }
    }

    /// ReqType and RespType of the ASN.1 form.
    fn number(self) -> u32 {
        match self {
            Self::ParseCert => 1,
            Self::ValidateCert => 2,
            Self::VerifySignedData => 4,
            Self::VerifySignedMessage => 12,
        }
    }
}

/// The envelope of a request. Members that are not named here are none of the gateway's.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::http::endpoints) struct SvsRequest<T> {
    #[serde(default, rename = "reqType")]
    request_type: Option<NumberOrText>,
    #[schema(inline)]
    request: T,
}

/// What programs write as a number, or as a text with one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(untagged)]
pub(in crate::http::endpoints) enum NumberOrText {
    Number(u32),
    Text(String),
}

impl NumberOrText {
    /// The number, written in digits or in hexadecimal ones behind `0x`.
    fn number(&self) -> Option<u32> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => match text.strip_prefix("0x").or(text.strip_prefix("0X")) {
                Some(digits) => u32::from_str_radix(digits, 16).ok(),
                None => text.parse().ok(),
            },
        }
    }
}

/// The envelope of an answer.
#[derive(Serialize, ToSchema)]
pub(in crate::http::endpoints) struct SvsAnswer {
    version: &'static str,
    #[serde(rename = "respType")]
    response_type: &'static str,
    #[serde(rename = "respTime")]
    time: Timestamp,
    respond: Respond,
}

/// What came out.
#[derive(Serialize, ToSchema)]
struct Respond {
    #[serde(rename = "respValue")]
    value: u32,
    message: &'static str,
    #[serde(flatten)]
    told: Told,
}

/// What an operation tells beside the code.
#[derive(Default, Serialize, ToSchema)]
struct Told {
    /// Of a certificate: 0 good, 1 revoked, 2 unknown, as OCSP has them (RFC 6960 4.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<u32>,
    /// What was asked of a certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    info: Option<String>,
    /// The report that the other endpoints give, without the checks that passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    report: Option<Value>,
    /// Ours: what defends the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    receipt: Option<ReceiptFile>,
}

/// What an operation came to.
struct Outcome {
    code: ResponseCode,
    told: Told,
}

impl From<ResponseCode> for Outcome {
    fn from(code: ResponseCode) -> Self {
        Self { code, told: Told::default() }
    }
}

impl Outcome {
    /// What a report comes to, with its receipt where there is one.
    fn of<R: Serialize>(answered: Answered<R>) -> Result<Self, RequestError> {
        let Answered { report, receipt } = answered;
        let unwritten =
            |error| RequestError::Internal(format!("a report does not serialise: {error}"));
        let report = serde_json::to_value(&report).map_err(unwritten)?;
        let code = ResponseCode::of_report(&report);
        Ok(Self { code, told: Told { report: Some(report), receipt, ..Told::default() } })
    }
}

/// Carries out an operation.
pub(super) async fn answer(
    operation: Operation,
    call: PartyCall,
) -> Result<Response, RequestError> {
    let outcome = match operation {
        Operation::ParseCert => certificate::parse(&request(operation, &call)?),
        Operation::ValidateCert => {
            certificate::validate(&call, &request(operation, &call)?).await?
        }
        Operation::VerifySignedData => signature::data(&call, request(operation, &call)?).await?,
        Operation::VerifySignedMessage => {
            signature::message(&call, request(operation, &call)?).await?
        }
    };
    json(&SvsAnswer {
        version: "v1",
        response_type: operation.name(),
        time: call.call.site.now(),
        respond: Respond {
            value: outcome.code.value(),
            message: call.call.visit.language.pick(outcome.code.zh(), outcome.code.en()),
            told: outcome.told,
        },
    })
}

/// What is asked, for the operation of this address.
fn request<T: DeserializeOwned>(operation: Operation, call: &PartyCall) -> Result<T, RequestError> {
    let envelope: SvsRequest<T> = read(&call.call.content)?;
    let named = envelope.request_type.as_ref();
    let fits = named.is_none_or(|named| {
        named.number() == Some(operation.number())
            || *named == NumberOrText::Text(operation.name().to_owned())
    });
    if fits {
        Ok(envelope.request)
    } else {
        let name = operation.name();
        let zh = format!("reqType 不是 {name} 的");
        Err(Unfit::new(Misfit::Form, zh, format!("reqType is not that of {name}")).into())
    }
}

/// Reads what is in `content` as far as each operation would before it asks the province.
/// For fuzzing: the answer's code where something in it does not read.
pub(super) fn check_contents(content: &[u8]) -> Vec<Result<(), String>> {
    let mut outcomes = Vec::new();
    let mut told = |outcome: Result<(), ResponseCode>| {
        outcomes.push(outcome.map_err(|code| format!("{:#010x} {}", code.value(), code.en())));
    };
    if let Ok(envelope) = read::<SvsRequest<ParseCert>>(content) {
        let outcome = certificate::parse(&envelope.request);
        told(if outcome.told.info.is_some() { Ok(()) } else { Err(outcome.code) });
    }
    if let Ok(envelope) = read::<SvsRequest<VerifySignedData>>(content) {
        told(envelope.request.asked().map(drop));
    }
    if let Ok(envelope) = read::<SvsRequest<VerifySignedMessage>>(content) {
        told(envelope.request.asked().map(drop));
    }
    outcomes
}

/// A certificate in base64 or PEM.
fn certificate_of(text: &str) -> Result<Certificate, ResponseCode> {
    super::certificates::certificate("cert", text).map_err(|_| ResponseCode::CertificateDecode)
}

/// Octets in base64.
fn octets_of(text: &str) -> Result<Vec<u8>, ResponseCode> {
    use base64::Engine as _;
    let decoded = base64::engine::general_purpose::STANDARD.decode(text);
    decoded.map_err(|_| ResponseCode::DataFormat)
}

fn reader(call: &PartyCall) -> Reader {
    Reader { language: call.call.visit.language, personal_data: call.party.personal_data() }
}
