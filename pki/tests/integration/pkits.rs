//! NIST PKITS: verdicts and user-constrained policy sets.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use tongxing_pki::{
    AnyPolicy, ExplicitPolicy, Oid, PathOptions, PolicyMapping, Timestamp, Verdict, Verification,
    VerificationRequest, verify_certificate,
};

use crate::Outcomes;
use crate::vectors::{against, folder, json, read, strings, text};

#[test]
fn pkits() {
    let Some(folder) = folder("pkits") else {
        return;
    };
    let suite = json(&folder, "pkits_dev.json");
    let mut outcomes = Outcomes::default();
    for case in suite["tests"].as_array().expect("cases") {
        let verification = verify(&folder, case);
        outcomes.note(text(case, "id"), difference(case, &verification));
    }
    outcomes.settle("pkits", 130);
}

fn verify(folder: &Path, case: &Value) -> Verification {
    let files = |key: &str| -> Vec<Vec<u8>> {
        let names = strings(case, key);
        names.into_iter().map(|name| read(folder, name)).collect()
    };
    let leaf = read(folder, text(case, "target"));
    let anchor = read(folder, text(case, "trust_anchor"));
    let mut request = VerificationRequest::new(&leaf, options(&case["inputs"]));
    request.anchors = vec![anchor];
    request.intermediates = files("intermediates");
    request.lists = files("crls");
    verify_certificate(&request)
}

fn options(inputs: &Value) -> PathOptions {
    let at = Timestamp::parse_rfc3339(text(inputs, "validation_time")).expect("a time");
    let mut options = PathOptions::new(at);
    options.policies.acceptable = strings(inputs, "initial_policy_set")
        .into_iter()
        .map(|oid| Oid::parse(oid).expect("an identifier"))
        .collect();
    let set = |key: &str| inputs[key] == Value::Bool(true);
    if set("initial_explicit_policy") {
        options.policies.explicit = ExplicitPolicy::Required;
    }
    if set("initial_policy_mapping_inhibit") {
        options.policies.mapping = PolicyMapping::Inhibited;
    }
    if set("initial_any_policy_inhibit") {
        options.policies.any_policy = AnyPolicy::Inhibited;
    }
    options
}

fn difference(case: &Value, verification: &Verification) -> Option<String> {
    let valid = case["expected_valid"] == Value::Bool(true);
    if valid != (verification.verdict() == Verdict::Passed) {
        let name = text(case, "name");
        return Some(format!("{name}: {}", against(verification)));
    }
    let expected: BTreeSet<_> = strings(case, "expected_user_constrained_policy_set")
        .into_iter()
        .map(ToOwned::to_owned)
        .collect();
    let found: BTreeSet<_> = verification.policies().iter().map(Oid::to_string).collect();
    (valid && expected != found).then(|| format!("policies {found:?} instead of {expected:?}"))
}
