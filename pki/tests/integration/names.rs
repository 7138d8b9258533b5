//! Name constraints, and what a report shows of names.

use tongxing_pki::{Certificate, Level, PathOptions, PathOutcome, codes};
use tongxing_testdata::{
    AlternativeName, Attribute, Extension, Hierarchy, LeafSpec, NameConstraints, Subtree, Value,
    oid,
};

use crate::party::{certify, failed, hierarchy, options, parse, validate, validity};

/// A root, an issuer with this extension, and a leaf with these alternative
/// names under it.
fn judged(constraints: Extension, names: Vec<AlternativeName>) -> PathOutcome {
    judged_as(constraints, |leaf| LeafSpec { alternative_names: names, ..leaf })
}

fn judged_as(constraints: Extension, change: impl FnOnce(LeafSpec) -> LeafSpec) -> PathOutcome {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root");
    let constrained = |mut level: tongxing_testdata::LevelSpec| {
        level.extensions.push(constraints);
        level
    };
    let issuing = parties.certify_as("root", "issuing", constrained).expect("a certificate");
    let spec = change(LeafSpec::signing(Vec::new(), validity()));
    let leaf = parse(&parties.leaf_as("issuing", &spec).expect("a leaf").certificate_der);
    validate(&leaf, &[&root], &[&parse(&issuing)], &options())
}

fn named(
    parties: &mut Hierarchy,
    issuer: &str,
    subject: Vec<Attribute>,
    alternative_names: Vec<AlternativeName>,
) -> Certificate {
    let spec = LeafSpec { alternative_names, ..LeafSpec::signing(subject, validity()) };
    parse(&parties.leaf_as(issuer, &spec).expect("a leaf").certificate_der)
}

/// A dNSName subtree; with a minimum nobody can process it.
fn subtree(host: &str, minimum: Option<u8>) -> Value {
    let host = Value::Text(tongxing_testdata::StringKind::Ia5, host.to_owned()).implicit(2);
    let minimum = minimum.map(|number| Value::Raw(vec![0x80, 1, number]));
    Value::Sequence([Some(host), minimum].into_iter().flatten().collect())
}

#[test]
fn what_is_understood_binds_beside_what_is_not() {
    let odd = || subtree("odd.example", Some(1));
    let excluded = vec![odd(), subtree("b.example", None)];
    let permitted = vec![odd()];
    let both = Value::Sequence(vec![
        Value::Sequence(permitted).implicit(0),
        Value::Sequence(excluded).implicit(1),
    ]);
    // Not critical: the odd subtree alone binds nobody.
    let constraints = Extension::new("2.5.29.30", both);
    let name = |host: &str| vec![AlternativeName::Dns(host.to_owned())];
    let outcome = judged(constraints.clone(), name("www.b.example"));
    assert!(failed(&outcome.report, &codes::NAMES_EXCLUDED));
    let outcome = judged(constraints.clone(), name("www.c.example"));
    assert!(outcome.report.contains(&codes::NAMES_FORM_UNSUPPORTED, Level::Warning));
    assert!(outcome.path.is_some());
    let outcome = judged(constraints.critical(), name("www.c.example"));
    assert!(failed(&outcome.report, &codes::NAMES_FORM_UNSUPPORTED));
}

/// RFC 5280 4.2.1.10: whoever cannot process a form that a critical extension constrains
/// rejects certificates with a name of it.
#[test]
fn forms_that_nobody_processes_are_refused_where_they_are_critical() {
    let forms: [(&str, &[u8]); 4] = [
        ("registeredID", &[0x88, 2, 0x2A, 3]),
        ("x400Address", &[0xA3, 2, 0x30, 0]),
        ("ediPartyName", &[0xA5, 5, 0xA1, 3, 0x0C, 1, b'a']),
        ("otherName", &[0xA0, 9, 6, 2, 0x2A, 3, 0xA0, 3, 0x0C, 1, b'a']),
    ];
    for (form, der) in forms {
        let name = Value::Raw(der.to_vec());
        let subtrees = vec![Value::Sequence(vec![name.clone()])];
        let permitted = Value::Sequence(vec![Value::Sequence(subtrees).implicit(0)]);
        let constraints = Extension::new("2.5.29.30", permitted);
        let own = || Extension::new("2.5.29.17", Value::Sequence(vec![name.clone()])).critical();
        let outcome = judged_as(constraints.clone(), |leaf| leaf.with_extension(own()));
        let warned = outcome.report.contains(&codes::NAMES_FORM_UNSUPPORTED, Level::Warning);
        assert!(warned && outcome.path.is_some(), "{form}");
        let constraints = constraints.critical();
        let outcome = judged_as(constraints.clone(), |leaf| leaf.with_extension(own()));
        assert!(failed(&outcome.report, &codes::NAMES_FORM_UNSUPPORTED), "{form}");
        // Whoever has no name of that form is not bound.
        let other = vec![AlternativeName::Dns("www.c.example".to_owned())];
        assert!(judged(constraints, other).path.is_some(), "{form}");
    }
}

#[test]
fn a_report_does_not_name_the_person() {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root");
    let nobody = |level: tongxing_testdata::LevelSpec| {
        let excluded = vec![Subtree::Email(String::new()), Subtree::Directory(Vec::new())];
        level.with_name_constraints(NameConstraints { permitted: Vec::new(), excluded })
    };
    let issuing = parties.certify_as("root", "issuing", nobody).expect("a certificate");
    let subject = vec![Attribute::utf8(oid::COMMON_NAME, "zhangsan")];
    let names = ["zhangsan@a.example", "zhangsan"].map(|text| AlternativeName::Email(text.into()));
    let leaf = named(&mut parties, "issuing", subject, names.to_vec());
    let mut options: PathOptions = options();
    options.names = vec!["email:lisi@a.example".parse().expect("a name")];
    let outcome = validate(&leaf, &[&root], &[&parse(&issuing)], &options);
    assert!(failed(&outcome.report, &codes::NAMES_EXCLUDED));
    assert!(failed(&outcome.report, &codes::NAME_DIFFERS));
    assert!(outcome.report.contains(&codes::PROFILE_ALTERNATIVE_NAME, Level::Warning));
    let report = serde_json::to_string(&outcome.report).expect("serialises");
    assert!(!report.contains("zhangsan"), "{report}");
}

#[test]
fn a_certificate_that_names_itself_is_called_by_its_hash() {
    let person = vec![Attribute::utf8(oid::COMMON_NAME, "测试张三 990000199001010007")];
    let issued = tongxing_testdata::self_signed(&LeafSpec::signing(person, validity()));
    let certificate = parse(&issued.expect("a certificate").certificate_der);
    let hash = certificate.sha256().first_chunk().map(|start| u64::from_be_bytes(*start));
    let expected = format!("self-issued certificate {:016x}", hash.expect("32 bytes"));
    assert_eq!(certificate.label(), expected);
}
