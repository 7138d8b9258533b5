//! The schemas of what is read and answered, for the OpenAPI document.

use tongxing_trust_store::{CertificateReport, DocumentReport, EncryptionReport, Notice};

use super::receipts::Answered;
use super::{bodies, certificates, confirmations, health, receipts, signatures, svs, tokens};
use crate::http::openapi::Model;

macro_rules! models {
    ($($name:ident = $type:ty;)+) => {
        $(pub(in crate::http) fn $name() -> Model {
            Model::of::<$type>()
        })+
    };
}

models! {
    audience = bodies::AudienceBody;
    token = bodies::TokenBody;
    signed = bodies::SignedBody;
    confirm = bodies::ConfirmBody;
    certificate = certificates::CertificateBody;
    signature = signatures::SignatureBody;
    batch = signatures::BatchBody;
    batch_answer = signatures::BatchAnswer;
    token_answer = tokens::TokenAnswer<'static>;
    challenge_answer = tokens::ChallengeAnswer;
    pending = confirmations::PendingAnswer;
    confirm_answer = confirmations::ConfirmAnswer;
    life = health::Life;
    readiness = health::Readiness;
    encryption_report = EncryptionReport;
    svs_answer = svs::SvsAnswer;
    notice = Notice;
    standing = receipts::Standing;
}

pub(in crate::http) fn document_report() -> Model {
    Model::named::<Answered<DocumentReport>>("DocumentAnswer").around::<DocumentReport>()
}

pub(in crate::http) fn certificate_report() -> Model {
    Model::named::<Answered<CertificateReport>>("CertificateAnswer").around::<CertificateReport>()
}

macro_rules! svs_requests {
    ($($name:ident = $type:ident;)+) => {
        $(pub(in crate::http) fn $name() -> Model {
            Model::named::<svs::SvsRequest<svs::$type>>(concat!(stringify!($type), "Request"))
        })+
    };
}

svs_requests! {
    parse_cert = ParseCert;
    validate_cert = ValidateCert;
    signed_data = VerifySignedData;
    signed_message = VerifySignedMessage;
}
