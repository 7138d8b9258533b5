//! What strangers can make a judgement cost: time, and the size of its report.
//!
//! Their certificates need no valid signature for most checks to run, and one
//! TLS handshake carries about 64 KB of them.

use tongxing_pki::{Certificate, Level, PathOutcome, Verdict, codes};
use tongxing_testdata::{Extension, LeafSpec, NameConstraints, Subtree, Value};

use crate::party::{certify, failed, hierarchy, options, parse, validate, validity};

const SUBJECT_ALT_NAME: &str = "2.5.29.17";
/// How much of a handshake one part of an attack fills.
const SHARE: usize = 30_000;

/// A subjectAltName of many names, each with this content under this tag.
fn alternative_names(tag: u8, content: &[u8], count: usize) -> Extension {
    let length = u8::try_from(content.len()).expect("short");
    let name = [&[tag, length], content].concat();
    Extension::new(SUBJECT_ALT_NAME, Value::Sequence(vec![Value::Raw(name); count]))
}

/// The octets of all texts in a report.
fn octets_of(outcome: &PathOutcome) -> usize {
    let findings = outcome.report.findings().iter();
    findings
        .flat_map(|finding| [finding.subject(), finding.expectation(), finding.observation()])
        .flatten()
        .map(str::len)
        .sum()
}

/// A leaf of `issuer` with many names, under constraints that exclude all.
fn crowded(issuer: &str, names: Extension) -> (Certificate, Certificate, Certificate) {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root");
    let nothing = |level: tongxing_testdata::LevelSpec| {
        let excluded = vec![Subtree::Dns(String::new())];
        level.with_name_constraints(NameConstraints { permitted: Vec::new(), excluded })
    };
    let issuing = parse(&parties.certify_as("root", issuer, nothing).expect("a certificate"));
    let spec = LeafSpec::signing(Vec::new(), validity()).with_extension(names);
    let leaf = parse(&parties.leaf_as(issuer, &spec).expect("a leaf").certificate_der);
    (leaf, issuing, root)
}

#[test]
fn a_report_does_not_grow_with_what_a_stranger_sends() {
    let names = alternative_names(0x82, b"-", SHARE / 3);
    let (leaf, issuing, root) = crowded(&"x".repeat(SHARE), names);
    let outcome = validate(&leaf, &[&root], &[&issuing], &options());
    assert!(failed(&outcome.report, &codes::NAMES_EXCLUDED));
    assert!(outcome.report.contains(&codes::PROFILE_ALTERNATIVE_NAME, Level::Warning));
    let size = octets_of(&outcome);
    assert!(size < 4 * SHARE, "{size} octets");
}

#[test]
fn unknown_critical_extensions_do_not_fill_a_report() {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root");
    let mut spec = LeafSpec::signing(Vec::new(), validity());
    for arc in 0..2_000 {
        let unknown = Extension::new(format!("1.3.6.1.4.1.55738.{arc}"), Value::Raw(vec![5, 0]));
        spec = spec.with_extension(unknown.critical());
    }
    let leaf = parse(&parties.leaf_as("root", &spec).expect("a leaf").certificate_der);
    let outcome = validate(&leaf, &[&root], &[], &options());
    assert!(failed(&outcome.report, &codes::CRITICAL_UNKNOWN));
    let count = outcome.report.findings().len();
    assert!(count < 100, "{count} findings");
}

#[test]
fn comparing_long_names_costs_more() {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root");
    let many = |level: tongxing_testdata::LevelSpec| {
        let excluded = vec![Subtree::Uri("a.example".to_owned()); SHARE / 64];
        level.with_name_constraints(NameConstraints { permitted: Vec::new(), excluded })
    };
    let issuing = parse(&parties.certify_as("root", "issuing", many).expect("a certificate"));
    let uri = [&b"http://"[..], &vec![b'a'; SHARE], b"@b.example"].concat();
    let length = u16::try_from(uri.len()).expect("short").to_be_bytes();
    let name = [&[0x86, 0x82], &length[..], &uri].concat();
    let names = Extension::new(SUBJECT_ALT_NAME, Value::Sequence(vec![Value::Raw(name)]));
    let spec = LeafSpec::signing(Vec::new(), validity()).with_extension(names);
    let leaf = parse(&parties.leaf_as("issuing", &spec).expect("a leaf").certificate_der);
    let outcome = validate(&leaf, &[&root], &[&issuing], &options());
    assert_eq!(outcome.report.verdict(), Verdict::Passed);
    let mut options = options();
    options.budget.name_comparisons = SHARE;
    let outcome = validate(&leaf, &[&root], &[&issuing], &options);
    assert!(outcome.report.contains(&codes::BUDGET_NAMES, Level::Indeterminate));
}
