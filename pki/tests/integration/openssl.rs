//! OpenSSL's own path cases (`test/recipes/25-test_verify.t`).

use std::path::Path;

use serde_json::Value;
use tongxing_pki::{
    ExplicitPolicy, Oid, PathOptions, Purpose, SecurityLevel, SignatureRules, Strictness,
    Timestamp, Verdict, Verification, VerificationRequest, WeakAlgorithms, verify_certificate,
};

use crate::Outcomes;
use crate::vectors::{against, folder, json, read, strings, text};

/// When OpenSSL made its certificates they were to be valid for 100 years.
const USUAL_TIME: &str = "2026-01-01T00:00:00Z";

#[test]
fn openssl() {
    let Some(folder) = folder("openssl") else {
        return;
    };
    let suite = json(&folder, "verify.json");
    let mut outcomes = Outcomes::default();
    for (index, case) in suite.as_array().expect("cases").iter().enumerate() {
        // Titles repeat.
        let id = format!("{} {}", index + 1, text(case, "title"));
        let verification = verify(&folder, case, options(case));
        outcomes.note(&id, difference(case, &verification));
    }
    outcomes.settle("openssl", 116);
}

fn verify(folder: &Path, case: &Value, options: PathOptions) -> Verification {
    let files = |key: &str| -> Vec<Vec<u8>> {
        let names = strings(case, key);
        names.into_iter().map(|name| read(folder, name)).collect()
    };
    let leaf = read(folder, text(case, "leaf"));
    let mut request = VerificationRequest::new(&leaf, options);
    request.anchors = files("trusted");
    request.intermediates = files("untrusted");
    verify_certificate(&request)
}

fn options(case: &Value) -> PathOptions {
    let at = Timestamp::parse_rfc3339(USUAL_TIME).expect("a time");
    let mut options = PathOptions::new(at);
    options.purpose = match text(case, "purpose") {
        "" => Purpose::Any,
        "sslserver" => Purpose::ServerAuth,
        "sslclient" => Purpose::ClientAuth,
        "timestampsign" => Purpose::TimeStamping,
        "codesign" => Purpose::CodeSigning,
        other => panic!("purpose {other}"),
    };
    let mut words = strings(case, "options").into_iter();
    while let Some(option) = words.next() {
        let mut value = || words.next().unwrap_or_default();
        match option {
            // Always so here: every anchor ends a path, root or not, and
            // policies are always processed. The last is never so: see the
            // exceptions.
            "-partial_chain" | "-policy_check" | "-allow_proxy_certs" => {}
            "-auth_level" => set_level(&mut options, value()),
            "-x509_strict" => options.strictness = Strictness::Strict,
            "-verify_depth" => options.max_depth = value().parse().ok(),
            "-attime" => options.at = Timestamp::from_unix(value().parse().expect("seconds")),
            "-explicit_policy" => options.policies.explicit = ExplicitPolicy::Required,
            "-policy" => {
                let policy = Oid::parse(value()).expect("an identifier");
                options.policies.acceptable = [policy].into();
            }
            other => panic!("option {other}"),
        }
    }
    options
}

/// OpenSSL's levels (`SSL_CTX_set_security_level`): 80, 112, 128 and 192 bits from 1 on.
/// SHA-1 signs below 80.
fn set_level(options: &mut PathOptions, level: &str) {
    options.least_security = match level {
        "3" => SecurityLevel::Bits128,
        "4" => SecurityLevel::Bits192,
        _ => SecurityLevel::Bits112,
    };
    if level == "0" {
        options.signatures = SignatureRules::default().with_weak(WeakAlgorithms::DangerAllowSha1);
    }
}

fn difference(case: &Value, verification: &Verification) -> Option<String> {
    let valid = case["expected_valid"] == Value::Bool(true);
    (valid != (verification.verdict() == Verdict::Passed)).then(|| against(verification))
}
