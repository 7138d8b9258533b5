//! `POST /v1/certificates/verify`: what the province would say of a certificate.

use std::collections::BTreeSet;

use axum::response::Response;
use serde::Deserialize;
use tongxing_pki::{
    AnyPolicy, Certificate, ExplicitPolicy, Fault, Moment, Oid, PemLabel, PolicyMapping,
    PolicyOptions, ReferenceName, Timestamp, decode_pem_or_der,
};
use tongxing_trust_store::{
    CertificateReport, CertificateSource, Demands, Detail, MAX_CHAIN, Purpose, Reader,
    ReceiptDraft, Recognition,
};
use utoipa::ToSchema;

use super::bodies::read;
use super::receipts::{self, Answered, ReceiptName};
use crate::http::routes::{PartyCall, json};
use crate::problem::{Misfit, RequestError, Unfit};
use crate::status;

/// Names that are asked for at a time. Origin: ours; a certificate of a bidder has one.
const MAX_NAMES: usize = 16;

/// Policies that are accepted at a time. Origin: ours; PKITS names six.
const MAX_POLICIES: usize = 64;

/// What is asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CertificateBody {
    /// PEM, or base64 of DER.
    certificate: String,
    /// Others that a path may go through, each the same way, in any order.
    #[serde(default)]
    chain: Vec<String>,
    purpose: Purpose,
    /// The moment judged; now without it.
    #[serde(default)]
    at: Option<Timestamp>,
    /// RFC 5280 6.1.1 (c).
    #[serde(default)]
    policies: Vec<Oid>,
    #[serde(default)]
    require_explicit_policy: bool,
    #[serde(default)]
    inhibit_policy_mapping: bool,
    #[serde(default)]
    inhibit_any_policy: bool,
    /// `dns:NAME`, `ip:ADDRESS` or `email:MAILBOX`.
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    detail: Detail,
    #[serde(default)]
    receipt: ReceiptName,
}

/// A certificate with everything that is asked about it.
pub(super) struct Asked {
    /// The certificates, the one asked about first.
    pub(super) chain: Vec<Certificate>,
    pub(super) purpose: Purpose,
    /// The moment asked about, if it is not now.
    pub(super) past: Option<Timestamp>,
    pub(super) demands: Demands,
    pub(super) detail: Detail,
    pub(super) receipt: ReceiptName,
}

/// Judges it as a sign-in or a signature with it would be judged, and registers
/// nothing.
pub(super) async fn verify(call: PartyCall) -> Result<Response, RequestError> {
    let body: CertificateBody = read(&call.call.content)?;
    let asked = Asked {
        demands: body.demands()?,
        chain: body.certificates()?,
        past: past(call.call.site.now(), body.at)?,
        purpose: body.purpose,
        detail: body.detail,
        receipt: body.receipt,
    };
    json(&judged(&call, asked).await?.1)
}

/// Judges it, with a receipt where there is to be one.
pub(super) async fn judged(
    PartyCall { call, party, .. }: &PartyCall,
    asked: Asked,
) -> Result<(Recognition, Answered<CertificateReport>), RequestError> {
    let Asked { chain, purpose, past, demands, detail, receipt } = asked;
    let judged = match past {
        Some(at) => {
            let (given, demands) = (chain.clone(), demands.clone());
            status::recognise_past(&call.site, given, purpose, at, demands).await?
        }
        None => status::recognise_for(&call.site, &chain, purpose, &demands).await,
    };
    let reader = Reader { language: call.visit.language, personal_data: party.personal_data() };
    let status::Judged { snapshot, recognition, at, supplied } = judged;
    let told = (reader, detail);
    let report = CertificateReport::new(&snapshot, &recognition, (purpose, at), told);
    let receipt = match receipt.form(&call.site) {
        None => None,
        Some(form) => {
            let moment = if past.is_some() { Moment::Past } else { Moment::Present };
            let (chain, supplied, demands) = (&chain, &supplied, &demands);
            let source =
                CertificateSource { chain, purpose, at, moment, supplied, demands, detail };
            let judged = (&recognition, &report);
            let draft = ReceiptDraft::of_certificate(&snapshot, &source, judged, reader)?;
            Some(receipts::give(&call.site, party.id(), form, draft).await?)
        }
    };
    Ok((recognition, Answered { report, receipt }))
}

/// The moment asked about, if it is not now. Nothing is known of the future.
pub(super) fn past(
    now: Timestamp,
    at: Option<Timestamp>,
) -> Result<Option<Timestamp>, RequestError> {
    match at {
        Some(at) if at > now => {
            let told = (format!("at 晚于现在（{now}）"), format!("at is later than now ({now})"));
            Err(Unfit::new(Misfit::Future, told.0, told.1).into())
        }
        at => Ok(at.filter(|at| *at < now)),
    }
}

impl CertificateBody {
    /// Whether everything in it reads.
    pub(super) fn check(&self) -> Result<(), RequestError> {
        self.demands()?;
        self.certificates().map(drop)
    }

    /// The certificates, the one asked about first.
    fn certificates(&self) -> Result<Vec<Certificate>, RequestError> {
        chain(&self.certificate, &self.chain)
    }

    fn demands(&self) -> Result<Demands, RequestError> {
        at_most("names", self.names.len(), MAX_NAMES)?;
        at_most("policies", self.policies.len(), MAX_POLICIES)?;
        let name = |(place, text): (usize, &String)| {
            text.parse::<ReferenceName>().map_err(|_| {
                let forms = "dns:NAME, ip:ADDRESS or email:MAILBOX";
                Unfit::new(
                    Misfit::Form,
                    format!("names[{place}] 须为 dns:NAME、ip:ADDRESS 或 email:MAILBOX"),
                    format!("names[{place}] is no {forms}"),
                )
            })
        };
        let names = self.names.iter().enumerate().map(name).collect::<Result<_, _>>()?;
        let mut policies = PolicyOptions::default();
        if !self.policies.is_empty() {
            policies.acceptable = self.policies.iter().cloned().collect::<BTreeSet<_>>();
        }
        policies.explicit = ExplicitPolicy::required_if(self.require_explicit_policy);
        policies.mapping = PolicyMapping::inhibited_if(self.inhibit_policy_mapping);
        policies.any_policy = AnyPolicy::inhibited_if(self.inhibit_any_policy);
        Ok(Demands { names, policies })
    }
}

/// A certificate and others that a path may go through, the one asked about first.
pub(super) fn chain(leaf: &str, others: &[String]) -> Result<Vec<Certificate>, RequestError> {
    at_most("chain", others.len(), MAX_CHAIN - 1)?;
    let leaf = certificate("certificate", leaf)?;
    let others = others.iter().enumerate();
    let others = others.map(|(place, text)| certificate(&format!("chain[{place}]"), text));
    std::iter::once(Ok(leaf)).chain(others).collect()
}

/// One certificate, PEM or base64 of DER.
pub(super) fn certificate(field: &str, text: &str) -> Result<Certificate, RequestError> {
    let unread = |fault: Fault| unread(field, &fault);
    let ders = decode_pem_or_der(text.as_bytes(), PemLabel::Certificate).map_err(unread)?;
    let [der] = ders.as_slice() else {
        let count = ders.len();
        let zh = format!("{field} 有 {count} 张证书，只能有一张");
        let en = format!("{field}: {count} certificates; one is expected");
        return Err(Unfit::new(Misfit::Certificate, zh, en).into());
    };
    Ok(Certificate::parse(der).map_err(unread)?)
}

/// A certificate in this member that does not read. The fault's own path begins with what
/// was looked for, which the member says.
pub(super) fn unread(field: &str, fault: &Fault) -> Unfit {
    let en = match (fault.field(), fault.problem()) {
        ("certificate" | "", problem) => format!("{field}: {problem}"),
        (path, problem) => format!("{field}: {path}: {problem}"),
    };
    Unfit::new(Misfit::Certificate, format!("{field} 不是可读取的证书（{en}）"), en)
}

/// So many of a member and no more.
pub(super) fn at_most(of: &'static str, count: usize, limit: usize) -> Result<(), RequestError> {
    if count <= limit {
        return Ok(());
    }
    let [count, limit] = [count, limit].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
    Err(RequestError::TooMany { of, count, limit })
}
