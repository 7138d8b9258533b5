//! C2SP x509-limbo, judged strictly. The cases under `webpki::` describe a
//! profile for web servers: their figures are printed and decide nothing.

use serde_json::Value;
use tongxing_pki::{
    PathOptions, Purpose, ReferenceName, Strictness, Timestamp, Verdict, Verification,
    VerificationRequest, verify_certificate,
};

use crate::Outcomes;
use crate::vectors::{against, folder, json, strings, text};

/// Most cases name no time; their certificates are valid from 1970 to 2969.
const USUAL_TIME: &str = "2026-01-01T00:00:00Z";

#[test]
fn limbo() {
    let Some(folder) = folder("limbo") else {
        return;
    };
    let suite = json(&folder, "limbo_core_208.json");
    let mut outcomes = Outcomes::default();
    let (mut web, mut web_right) = (0, 0);
    for case in suite["testcases"].as_array().expect("cases") {
        let difference = difference(case, &verify(case));
        let id = text(case, "id");
        if id.starts_with("webpki::") {
            web += 1;
            web_right += usize::from(difference.is_none());
            if let Some(difference) = difference {
                println!("{id}: {difference}");
            }
        } else {
            outcomes.note(id, difference);
        }
    }
    println!("limbo, webpki:: only: {web} cases, {web_right} right");
    assert_eq!(web, 56, "cases read");
    outcomes.settle("limbo", 152);
}

fn verify(case: &Value) -> Verification {
    let leaf = text(case, "peer_certificate").as_bytes();
    let files = |key: &str| -> Vec<Vec<u8>> {
        let texts = strings(case, key).into_iter();
        texts.map(|text| text.as_bytes().to_vec()).collect()
    };
    let mut request = VerificationRequest::new(leaf, options(case));
    request.anchors = files("trusted_certs");
    request.intermediates = files("untrusted_intermediates");
    request.lists = files("crls");
    verify_certificate(&request)
}

fn options(case: &Value) -> PathOptions {
    let time = case["validation_time"].as_str().unwrap_or(USUAL_TIME);
    // Certificates know whole seconds; the fraction of a moment is cut off.
    let whole = format!("{}Z", &time[.."2026-01-01T00:00:00".len()]);
    let at = Timestamp::parse_rfc3339(&whole).expect("a time");
    let mut options = PathOptions::new(at).with_strictness(Strictness::Strict);
    if let [purpose] = strings(case, "extended_key_usage")[..] {
        options.purpose = match purpose {
            "serverAuth" => Purpose::ServerAuth,
            "clientAuth" => Purpose::ClientAuth,
            other => panic!("purpose {other}"),
        };
    }
    let depth = case["max_chain_depth"].as_u64();
    options.max_depth = depth.and_then(|depth| usize::try_from(depth).ok());
    let several = case["expected_peer_names"].as_array().into_iter().flatten();
    let names = several.chain(Some(&case["expected_peer_name"]));
    options.names = names.filter_map(name).collect();
    options
}

fn name(name: &Value) -> Option<ReferenceName> {
    let value = text(name, "value");
    let text = match name["kind"].as_str()? {
        "DNS" => format!("dns:{value}"),
        "IP" => format!("ip:{value}"),
        "RFC822" => format!("email:{value}"),
        other => panic!("name kind {other}"),
    };
    Some(text.parse().expect("a name"))
}

fn difference(case: &Value, verification: &Verification) -> Option<String> {
    let valid = text(case, "expected_result") == "SUCCESS";
    (valid != (verification.verdict() == Verdict::Passed)).then(|| against(verification))
}
