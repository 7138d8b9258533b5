//! OpenSSL's own OCSP cases (`test/recipes/80-test_ocsp.t`).
//!
//! OpenSSL asks there who signed a response, never how old it is, and the
//! responses are of October 2012, signed with SHA-1: so are these options. That
//! a case is right means that the certificate is known to be good exactly where
//! OpenSSL accepts the response.

use std::path::Path;

use serde_json::Value;
use tongxing_pki::{
    Anchors, Certificate, CertificatePool, OcspReply, PathOptions, PemLabel, ResponderStatus,
    RevocationOptions, RevocationResponses, RevocationSources, RevocationStatus, Timestamp,
    WeakAlgorithms, check_revocation, decode_pem_or_der, validate_path,
};

use crate::Outcomes;
use crate::party::DAY;
use crate::vectors::{folder, json, read, text};

#[test]
fn ocsp() {
    let Some(folder) = folder("openssl") else {
        return;
    };
    let suite = json(&folder, "ocsp.json");
    let mut outcomes = Outcomes::default();
    for (index, case) in suite.as_array().expect("cases").iter().enumerate() {
        let id = format!("{} {}", index + 1, text(case, "response"));
        let accepted = case["expected_exit"] == 0;
        let found = judge(&folder.join("ocsp-tests"), case);
        let differs = accepted != found.is_ok();
        outcomes.note(&id, differs.then(|| format!("accepted {accepted}, but {found:?}")));
    }
    outcomes.settle("openssl-ocsp", 58);
}

/// Whether the certificate that the response is about is known to be good.
fn judge(folder: &Path, case: &Value) -> Result<(), String> {
    let response = text(case, "response");
    let leaf = certificates(folder, subject_of(response)).remove(0);
    let anchors: Anchors = certificates(folder, text(case, "ca")).into_iter().collect();
    let others = Some(text(case, "untrusted")).filter(|name| !name.is_empty());
    let pool: CertificatePool =
        others.into_iter().flat_map(|name| certificates(folder, name)).collect();
    let mut options = PathOptions::new(Timestamp::parse_rfc3339(text(case, "time")).expect("time"));
    options.signatures.weak = WeakAlgorithms::DangerAllowSha1;
    let outcome = validate_path(&leaf, &anchors, &[&pool], &options);
    let path = outcome.path.ok_or("no valid path")?;
    let reply = OcspReply::parse(&read(folder, response)).map_err(|fault| fault.to_string())?;
    let OcspReply::Answered(response) = reply else {
        return Err("refused".to_owned());
    };
    let responses = RevocationResponses::from_iter([response]);
    let sources =
        RevocationSources { lists: &[], responses: &[&responses], anchors: &anchors, pools: &[] };
    let mut options = RevocationOptions::of(&options);
    options.grace_seconds = 100 * DAY;
    // As OpenSSL does: see RFC 6960 4.2.2.2.1, "local security policy".
    options.responder_status = ResponderStatus::WhereStated;
    match check_revocation(&path, &sources, &options).statuses.swap_remove(0) {
        RevocationStatus::Good { .. } => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// Responses are named after the certificate they are about: `WRID_D1.der`.
fn subject_of(response: &str) -> &'static str {
    let stem = response.trim_end_matches(".der");
    match stem.rsplit('_').next() {
        Some("ND1") => "ND1_Cert_EE.pem",
        Some("ND2") => "ND2_Cert_ICA.pem",
        Some("ND3") => "ND3_Cert_EE.pem",
        Some("D1") => "D1_Cert_EE.pem",
        Some("D2") => "D2_Cert_ICA.pem",
        Some("D3") => "D3_Cert_EE.pem",
        _ => panic!("response {response}"),
    }
}

fn certificates(folder: &Path, name: &str) -> Vec<Certificate> {
    let ders = decode_pem_or_der(read(folder, name), PemLabel::Certificate).expect("PEM");
    ders.iter().map(|der| Certificate::parse(der).expect("a certificate")).collect()
}
