//! What certificates are for, how secure they must be, and names that are not where they
//! should be.

use tongxing_pki::{
    Certificate, Level, Oid, PathOptions, PathOutcome, Purpose, SecurityLevel, Strictness, Verdict,
    codes,
};
use tongxing_testdata::{
    AlternativeName, Attribute, Extension, Hierarchy, KeyUsage, LeafSpec, LevelSpec,
    NameConstraints, Subtree, Value, oid,
};

use crate::party::{certify, failed, hierarchy, options, parse, validate, validity};

const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";
const ANY_PURPOSE: &str = "2.5.29.37.0";

/// A leaf of a root, judged.
fn judged(spec: &LeafSpec, options: &PathOptions) -> PathOutcome {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root");
    let leaf = parse(&parties.leaf_as("root", spec).expect("a leaf").certificate_der);
    validate(&leaf, &[&root], &[], options)
}

fn leaf() -> LeafSpec {
    LeafSpec::signing(vec![Attribute::utf8(oid::COMMON_NAME, "leaf")], validity())
}

#[test]
fn who_signs_code_signs_nothing_else_and_says_so() {
    let signer = |usages: &[KeyUsage], purposes: &[&str]| LeafSpec {
        key_usages: usages.to_vec(),
        extended_key_usages: purposes.iter().map(|&purpose| purpose.to_owned()).collect(),
        ..leaf()
    };
    let options = options().for_purpose(Purpose::CodeSigning);
    let signs = [KeyUsage::DigitalSignature];
    let good = judged(&signer(&signs, &[CODE_SIGNING, oid::EMAIL_PROTECTION]), &options);
    assert!(good.path.is_some(), "{:?}", good.report);
    for purposes in [
        &[][..],
        &[oid::CLIENT_AUTH],
        &[ANY_PURPOSE],
        &[CODE_SIGNING, ANY_PURPOSE],
        &[CODE_SIGNING, oid::SERVER_AUTH],
    ] {
        let outcome = judged(&signer(&signs, purposes), &options);
        assert!(failed(&outcome.report, &codes::PURPOSE_NOT_ALLOWED), "{purposes:?}");
    }
    for usages in [
        &[][..],
        &[KeyUsage::NonRepudiation],
        &[KeyUsage::DigitalSignature, KeyUsage::CertificateSign],
        &[KeyUsage::DigitalSignature, KeyUsage::CrlSign],
    ] {
        let outcome = judged(&signer(usages, &[CODE_SIGNING]), &options);
        assert!(failed(&outcome.report, &codes::KEY_USAGE_NOT_ALLOWED), "{usages:?}");
    }
    // digitalSignature, but not critical.
    let usage = Extension::new("2.5.29.15", Value::Raw(vec![3, 2, 7, 0x80]));
    let loose = signer(&[], &[CODE_SIGNING]).with_extension(usage);
    assert!(failed(&judged(&loose, &options).report, &codes::KEY_USAGE_NOT_ALLOWED));
}

#[test]
fn everything_on_the_path_is_as_secure_as_is_asked() {
    // P-256 with SHA-256 throughout.
    for (least, passes) in [
        (SecurityLevel::Bits112, true),
        (SecurityLevel::Bits128, true),
        (SecurityLevel::Bits192, false),
    ] {
        let mut options = options();
        options.least_security = least;
        let outcome = judged(&leaf(), &options);
        assert_eq!(outcome.path.is_some(), passes, "{least:?}");
        assert_eq!(failed(&outcome.report, &codes::SECURITY_LEVEL), !passes, "{least:?}");
    }
}

/// A leaf with this subject and these alternative names, under an issuer for hosts of
/// `good.example` alone.
fn under_constraints(subject: Attribute, names: Vec<AlternativeName>) -> PathOutcome {
    let (mut parties, permitted) = (hierarchy(), vec![Subtree::Dns("good.example".into())]);
    let root = certify(&mut parties, "root", "root");
    let constraints = NameConstraints { permitted, excluded: Vec::new() };
    let declare = |level: LevelSpec| level.with_name_constraints(constraints);
    let issuing = parties.certify_as("root", "www.bad.example", declare).expect("a certificate");
    let leaf = named(&mut parties, subject, names);
    validate(&leaf, &[&root], &[&parse(&issuing)], &options())
}

fn named(
    parties: &mut Hierarchy,
    subject: Attribute,
    alternative_names: Vec<AlternativeName>,
) -> Certificate {
    let spec = LeafSpec { alternative_names, ..LeafSpec::signing(vec![subject], validity()) };
    parse(&parties.leaf_as("www.bad.example", &spec).expect("a leaf").certificate_der)
}

#[test]
fn a_common_name_that_is_a_host_leads_out_of_no_constraint() {
    let common = |text: &str| Attribute::utf8(oid::COMMON_NAME, text);
    let host = |name: &str| vec![AlternativeName::Dns(name.to_owned())];
    let address = vec![AlternativeName::Email("a@bad.example".to_owned())];
    for (subject, names) in [
        (common("www.good.example"), Vec::new()),
        (common("041@Z91350100M000100Y43@某公司@1"), Vec::new()),
        (common("192.0.2.1"), Vec::new()),
        // Who looks at hosts has one to look at.
        (common("www.bad.example"), host("www.good.example")),
        (Attribute::utf8(oid::ORGANIZATION, "www.bad.example"), Vec::new()),
    ] {
        let outcome = under_constraints(subject.clone(), names);
        assert!(outcome.path.is_some(), "{subject:?}: {:?}", outcome.report);
    }
    for (subject, names) in [
        (common("www.bad.example"), Vec::new()),
        (common("www.bad.example"), address),
        (common("*.bad.example"), Vec::new()),
        (Attribute::bmp(oid::COMMON_NAME, "www.bad.example"), Vec::new()),
        (common("www.good.example"), host("www.bad.example")),
    ] {
        let outcome = under_constraints(subject.clone(), names);
        assert!(failed(&outcome.report, &codes::NAMES_NOT_PERMITTED), "{subject:?}");
    }
}

#[test]
fn an_extension_of_no_names_is_a_fault_of_the_profile() {
    for oid in ["2.5.29.17", "2.5.29.18"] {
        let spec = leaf().with_extension(Extension::new(oid, Value::Sequence(Vec::new())));
        let outcome = judged(&spec, &options());
        assert!(outcome.path.is_some());
        assert!(outcome.report.contains(&codes::PROFILE_ALTERNATIVE_NAME, Level::Warning), "{oid}");
        let strict = judged(&spec, &options().with_strictness(Strictness::Strict));
        assert!(failed(&strict.report, &codes::PROFILE_ALTERNATIVE_NAME), "{oid}");
        let mut asking = options();
        asking.names = vec!["dns:leaf".parse().expect("a name")];
        assert!(failed(&judged(&spec, &asking).report, &codes::NAME_DIFFERS), "{oid}");
    }
}

#[test]
fn one_purpose_runs_through_the_whole_path() {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root");
    let purposes = |purposes: &[&str]| {
        let purposes = purposes.iter().map(|&oid| Value::ObjectIdentifier(oid.to_owned()));
        Extension::new("2.5.29.37", Value::Sequence(purposes.collect()))
    };
    let (email, documents) = (oid::EMAIL_PROTECTION, "1.3.6.1.5.5.7.3.36");
    let mut judge = |above: &[&str], below: &[&str], leaf: &[&str], apart: bool| {
        let mut certify = |issuer, subject, oids| {
            let limited = |mut level: LevelSpec| {
                level.extensions.push(purposes(oids));
                level
            };
            parse(&parties.certify_as(issuer, subject, limited).expect("a certificate"))
        };
        let (upper, lower) = (certify("root", "upper", above), certify("upper", "lower", below));
        let extended_key_usages = leaf.iter().map(|&oid| oid.to_owned()).collect();
        let spec = LeafSpec { extended_key_usages, ..LeafSpec::signing(Vec::new(), validity()) };
        let leaf = parse(&parties.leaf_as("lower", &spec).expect("a leaf").certificate_der);
        let mut options = options().for_purpose(Purpose::Signing);
        if apart {
            let both = [Oid::EMAIL_PROTECTION, Oid::DOCUMENT_SIGNING];
            options.purpose = Purpose::Any;
            options.authority_purposes = Some(both.to_vec());
        }
        validate(&leaf, &[&root], &[&upper, &lower], &options).report.verdict()
    };
    let both = [email, documents];
    for apart in [false, true] {
        assert_eq!(judge(&[email], &[email], &both, apart), Verdict::Passed);
        assert_eq!(judge(&[ANY_PURPOSE], &[documents], &both, apart), Verdict::Passed);
        assert_eq!(judge(&both, &[documents], &[documents], apart), Verdict::Passed);
        assert_eq!(judge(&[email], &[documents], &both, apart), Verdict::Failed);
        assert_eq!(judge(&[documents], &[email], &both, apart), Verdict::Failed);
    }
    // What the leaf states counts where it was asked for.
    assert_eq!(judge(&[email], &[email], &[documents], false), Verdict::Failed);
    assert_eq!(judge(&[email], &[email], &[documents], true), Verdict::Passed);
}
