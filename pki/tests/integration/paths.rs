//! Building and validating paths among generated certificates.

use tongxing_pki::{
    Budget, Certificate, Level, PathOptions, Purpose, Verdict, VerificationRequest, codes,
    verify_certificate,
};
use tongxing_testdata::{
    AlternativeName, Attribute, AuthorityCertificate, AuthoritySpec, BodyElement, Constraints,
    Extension, KeyAlgorithm, KeyUsage, LeafSpec, LevelSpec, TestAuthority, Validity, Value, oid,
};

use crate::party::{
    DAY, NOW, at_level, certify, failed, hierarchy, issued, leaf, now, options, parse, validate,
    validity,
};

#[test]
fn a_path_is_found_in_any_order_and_past_what_does_not_belong() {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root");
    let upper = certify(&mut parties, "root", "upper");
    let lower = certify(&mut parties, "upper", "lower");
    let stranger = certify(&mut parties, "stranger", "lower 2");
    let leaf = leaf(&mut parties, "lower");
    let outcome = validate(&leaf, &[&root], &[&stranger, &upper, &leaf, &lower], &options());
    let path = outcome.path.expect("a path");
    assert_eq!(path.certificates(), [leaf, lower.clone(), upper]);
    assert_eq!(path.anchor(), &root);
    assert_eq!(path.issuer_of(0), &lower);
    assert_eq!(outcome.built.len(), 4);
    assert_eq!(outcome.report.verdict(), Verdict::Passed);
}

#[test]
fn an_incomplete_chain_fails_and_says_where_it_ends() {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root");
    let lower = certify(&mut parties, "upper", "lower");
    let leaf = leaf(&mut parties, "lower");
    let outcome = validate(&leaf, &[&root], &[&lower], &options());
    assert!(outcome.path.is_none());
    assert_eq!(outcome.built, [leaf, lower]);
    assert_eq!(at_level(&outcome.report, Level::Failed), ["path.no_anchor"]);
}

#[test]
fn a_signature_is_verified_once_and_costs_nothing_afterwards() {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root");
    let lower = certify(&mut parties, "root", "lower");
    let leaf = leaf(&mut parties, "lower");
    let verdict = |leaf: &Certificate, lower: &Certificate, signatures| {
        let mut options = options();
        options.budget.signatures = signatures;
        let report = validate(leaf, &[&root], &[lower], &options).report;
        let exceeded = report.contains(&codes::BUDGET_SIGNATURES, Level::Indeterminate);
        assert_eq!(exceeded, report.verdict() == Verdict::Indeterminate);
        report.verdict()
    };
    assert_eq!(lower.verified_by(), None);
    assert_eq!(verdict(&leaf, &lower, 1), Verdict::Indeterminate, "there are two");
    assert_eq!(lower.verified_by(), Some(root.spki_sha256()));
    assert_eq!(verdict(&leaf, &lower, 1), Verdict::Passed, "the leaf's alone is left");
    assert_eq!(verdict(&leaf, &lower, 0), Verdict::Passed, "nothing is left");
    // The same octets from elsewhere are another certificate, and verified like one.
    let [leaf, lower] = [leaf, lower].map(|seen| parse(seen.der()));
    assert_eq!(verdict(&leaf, &lower, 1), Verdict::Indeterminate);
}

#[test]
fn each_budget_that_runs_out_is_named_and_nothing_passes() {
    let mut parties = hierarchy();
    let policy = Value::Sequence(vec![Value::ObjectIdentifier("1.2.3".to_owned())]);
    let policies = || Extension::new("2.5.29.32", Value::Sequence(vec![policy.clone()]));
    let stated = |mut level: LevelSpec| {
        level.extensions.push(policies());
        level
    };
    let root = certify(&mut parties, "root", "root");
    let lower = parse(&parties.certify_as("root", "lower", stated).expect("a certificate"));
    let alternative_names = vec![AlternativeName::Dns("a.example".to_owned())];
    let spec = LeafSpec { alternative_names, ..LeafSpec::signing(Vec::new(), validity()) };
    let spec = spec.with_extension(policies());
    let leaf = parse(&parties.leaf_as("lower", &spec).expect("a leaf").certificate_der);
    let judge = |change: fn(&mut Budget)| {
        let mut options = options();
        change(&mut options.budget);
        validate(&leaf, &[&root], &[&lower], &options)
    };
    assert_eq!(judge(|_| ()).report.verdict(), Verdict::Passed);
    let run_out = [
        (judge(|budget| budget.paths = 0), &codes::BUDGET_PATHS),
        (judge(|budget| budget.path_length = 1), &codes::BUDGET_PATH_LENGTH),
        (judge(|budget| budget.policy_nodes = 0), &codes::BUDGET_POLICIES),
    ];
    for (outcome, code) in run_out {
        assert!(outcome.report.contains(code, Level::Indeterminate), "{}", code.id);
        assert_eq!(outcome.report.verdict(), Verdict::Indeterminate, "{}", code.id);
        assert!(outcome.path.is_none(), "{}", code.id);
    }
}

#[test]
fn what_resembles_a_verified_certificate_is_verified_itself() {
    let mut parties = hierarchy();
    parties.alias("impostor", "root");
    let root = certify(&mut parties, "root", "root");
    let impostor = certify(&mut parties, "impostor", "impostor");
    let lower = certify(&mut parties, "root", "lower");
    let leaf = leaf(&mut parties, "lower");
    let judge = |root, lower| validate(&leaf, &[root], &[lower], &options()).report;
    assert_eq!(judge(&root, &lower).verdict(), Verdict::Passed);
    // All the same but the signature.
    let mut forged = lower.der().to_vec();
    *forged.last_mut().expect("octets") ^= 1;
    let forged = parse(&forged);
    assert!(failed(&judge(&root, &forged), &codes::SIGNATURE_INVALID));
    assert_eq!(forged.verified_by(), None);
    // Verified, but with another key of that name.
    assert!(failed(&judge(&impostor, &lower), &codes::SIGNATURE_INVALID));
    assert_eq!(lower.verified_by(), Some(root.spki_sha256()));
}

#[test]
fn a_path_ends_at_the_nearest_enrolled_key() {
    let mut parties = hierarchy();
    let far = certify(&mut parties, "far", "far");
    let near = certify(&mut parties, "near", "near");
    let crossed = certify(&mut parties, "far", "near");
    let leaf = leaf(&mut parties, "near");
    let both = validate(&leaf, &[&far, &near], &[&crossed], &options());
    assert_eq!(both.path.expect("a path").anchor(), &near);
    let only_far = validate(&leaf, &[&far], &[&crossed, &near], &options());
    assert_eq!(only_far.path.expect("a path").anchor(), &far);
    // A subordinate authority is an anchor like any other.
    let subordinate = validate(&leaf, &[&crossed], &[], &options());
    assert_eq!(subordinate.path.expect("a path").anchor(), &crossed);
}

#[test]
fn a_path_does_not_go_past_an_enrolled_key() {
    let mut parties = hierarchy();
    let far = certify(&mut parties, "far", "far");
    let expired = |level: LevelSpec| LevelSpec { validity: Validity::expired_at(NOW), ..level };
    let near = parties.certify_as("near", "near", expired).expect("a root");
    let near = parse(&near);
    let crossed = certify(&mut parties, "far", "near");
    let leaf = leaf(&mut parties, "near");
    let outcome = validate(&leaf, &[&far, &near], &[&crossed], &options());
    assert!(failed(&outcome.report, &codes::VALIDITY_EXPIRED));
}

#[test]
fn loops_and_cross_certificates_end() {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root");
    let names = ["a", "b", "c", "d"];
    let mut tangle = Vec::new();
    for issuer in names {
        for subject in names {
            tangle.push(certify(&mut parties, issuer, subject));
        }
    }
    let leaf = leaf(&mut parties, "a");
    let others: Vec<_> = tangle.iter().collect();
    let lost = validate(&leaf, &[&root], &others, &options());
    assert!(failed(&lost.report, &codes::PATH_NO_ANCHOR));
    let way_out = certify(&mut parties, "root", "d");
    let others: Vec<_> = tangle.iter().chain([&way_out]).collect();
    let found = validate(&leaf, &[&root], &others, &options());
    assert_eq!(found.report.verdict(), Verdict::Passed);
}

#[test]
fn an_authority_with_a_new_key_has_two_anchors_of_one_name() {
    let mut parties = hierarchy();
    parties.alias("new", "old");
    let old = certify(&mut parties, "old", "old");
    let new = certify(&mut parties, "new", "new");
    for (issuer, anchor) in [("old", &old), ("new", &new)] {
        let leaf = leaf(&mut parties, issuer);
        let outcome = validate(&leaf, &[&old, &new], &[], &options());
        assert_eq!(outcome.path.expect("a path").anchor(), anchor);
        let other = if anchor == &old { &new } else { &old };
        let outcome = validate(&leaf, &[other], &[], &options());
        assert!(failed(&outcome.report, &codes::SIGNATURE_INVALID));
    }
}

#[test]
fn of_several_paths_the_best_is_reported() {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root");
    let old = |level: LevelSpec| LevelSpec {
        validity: Validity::expired_at(NOW),
        ..level.with_path_length(0)
    };
    let upper = certify(&mut parties, "root", "upper");
    let worse = parties.certify_as("root", "upper", old).expect("a certificate");
    let short = |level: LevelSpec| level.with_path_length(0);
    let bad = parties.certify_as("root", "upper", short).expect("a certificate");
    let (worse, bad) = (parse(&worse), parse(&bad));
    let lower = certify(&mut parties, "upper", "lower");
    let leaf = leaf(&mut parties, "lower");
    let outcome = validate(&leaf, &[&root], &[&worse, &bad, &lower], &options());
    assert_eq!(outcome.built[2], bad);
    let found = at_level(&outcome.report, Level::Failed);
    assert_eq!(found, ["certificate.path_length_exceeded"]);
    assert!(outcome.report.contains(&codes::PATH_ALTERNATIVES, Level::Info));
    let outcome = validate(&leaf, &[&root], &[&worse, &bad, &lower, &upper], &options());
    assert_eq!(outcome.path.expect("a path").certificates()[2], upper);
}

#[test]
fn the_first_failure_does_not_hide_the_rest() {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root");
    let short = |level: LevelSpec| level.with_path_length(0);
    let upper = parse(&parties.certify_as("root", "upper", short).expect("a certificate"));
    let lower = certify(&mut parties, "upper", "lower");
    let spec = LeafSpec::signing(Vec::new(), Validity::expired_at(NOW)).server_only();
    let mut leaf = parties.leaf_as("lower", &spec).expect("a leaf").certificate_der;
    *leaf.last_mut().expect("a signature") ^= 1;
    let leaf = parse(&leaf);
    let options = options().for_purpose(Purpose::ClientAuth);
    let outcome = validate(&leaf, &[&root], &[&upper, &lower], &options);
    for code in [
        &codes::VALIDITY_EXPIRED,
        &codes::PURPOSE_NOT_ALLOWED,
        &codes::SIGNATURE_INVALID,
        &codes::PATH_LENGTH_EXCEEDED,
    ] {
        assert!(failed(&outcome.report, code), "{code}");
    }
    assert!(outcome.report.contains(&codes::SIGNATURE_VALID, Level::Passed));
}

#[test]
fn a_leaf_that_no_path_can_save_is_judged_once() {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root");
    let one = certify(&mut parties, "root", "lower");
    let other = certify(&mut parties, "root", "lower");
    let spec = LeafSpec::signing(Vec::new(), Validity::not_yet_at(NOW));
    let leaf = parse(&parties.leaf_as("lower", &spec).expect("a leaf").certificate_der);
    let outcome = validate(&leaf, &[&root], &[&one, &other], &options());
    assert_eq!(at_level(&outcome.report, Level::Failed), ["certificate.not_yet_valid"]);
    assert!(!outcome.report.contains(&codes::PATH_ALTERNATIVES, Level::Info));
}

#[test]
fn an_encryption_certificate_has_its_own_reason() {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root");
    let spec = LeafSpec::signing(Vec::new(), validity()).encryption_only();
    let leaf = parse(&parties.leaf_as("root", &spec).expect("a leaf").certificate_der);
    for purpose in [Purpose::ClientAuth, Purpose::Signing] {
        let outcome = validate(&leaf, &[&root], &[], &options().for_purpose(purpose));
        assert!(failed(&outcome.report, &codes::ENCRYPTION_CERTIFICATE));
    }
}

#[test]
fn depth_counts_intermediates() {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root");
    let upper = certify(&mut parties, "root", "upper");
    let lower = certify(&mut parties, "upper", "lower");
    let leaf = leaf(&mut parties, "lower");
    let within = |depth: usize| {
        let mut options = options();
        options.max_depth = Some(depth);
        validate(&leaf, &[&root], &[&upper, &lower], &options)
    };
    assert_eq!(within(2).report.verdict(), Verdict::Passed);
    assert!(failed(&within(1).report, &codes::PATH_TOO_DEEP));
    assert!(failed(&within(0).report, &codes::PATH_TOO_DEEP));
}

#[test]
fn an_enrolled_certificate_vouches_for_itself() {
    let mut parties = hierarchy();
    let leaf = parse(&issued(&mut parties, "nobody").certificate_der);
    let outcome = validate(&leaf, &[&leaf], &[], &options());
    let path = outcome.path.expect("a path");
    assert!(path.is_anchor_itself());
    assert_eq!(path.leaf(), &leaf);
    assert_eq!(path.certificates().len(), 1);
    let late = PathOptions::new(now().plus_seconds(4_000 * DAY));
    let outcome = validate(&leaf, &[&leaf], &[], &late);
    assert!(failed(&outcome.report, &codes::VALIDITY_EXPIRED));
}

#[test]
fn what_runs_out_is_indeterminate() {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root");
    let names: Vec<String> = (0..12).map(|number| format!("party {number}")).collect();
    let mut tangle = Vec::new();
    for issuer in &names {
        parties.alias(issuer, "everybody");
    }
    for issuer in &names {
        for subject in &names {
            tangle.push(certify(&mut parties, issuer, subject));
        }
    }
    let leaf = leaf(&mut parties, &names[0]);
    let others: Vec<_> = tangle.iter().collect();
    let outcome = validate(&leaf, &[&root], &others, &options());
    assert_eq!(outcome.report.verdict(), Verdict::Indeterminate);
    let found = at_level(&outcome.report, Level::Indeterminate);
    assert_eq!(found, ["budget.steps"]);
}

#[test]
fn no_key_purpose_is_not_every_key_purpose() {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root");
    let leaf = leaf(&mut parties, "root");
    let mut options = options().for_purpose(Purpose::OcspSigning);
    options.key_purposes = Some(Vec::new());
    let outcome = validate(&leaf, &[&root], &[], &options);
    assert!(failed(&outcome.report, &codes::PURPOSE_NOT_ALLOWED));
}

#[test]
fn what_cannot_be_read_beside_the_leaf_is_told() {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root");
    let leaf = leaf(&mut parties, "root");
    let block = |der: &[u8]| {
        let armour = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der);
        format!("-----BEGIN CERTIFICATE-----\n{armour}\n-----END CERTIFICATE-----\n")
    };
    let file = block(leaf.der()) + &block(&[0x30, 0]);
    let mut request = VerificationRequest::new(file.as_bytes(), options());
    request.anchors = vec![root.der().to_vec()];
    let verification = verify_certificate(&request);
    assert_eq!(verification.verdict(), Verdict::Passed);
    let found = verification.report();
    assert!(found.contains(&codes::INPUT_INTERMEDIATE_MALFORMED, Level::Warning));
}

#[test]
fn a_version_1_certificate_issues_nothing_below_an_anchor_whatever_it_carries() {
    let level = |name| LevelSpec::new("通行测试", name, KeyAlgorithm::EcdsaP256, validity());
    let root = AuthoritySpec::one_level("version-1", level("root"));
    let root = TestAuthority::generate(&root).expect("a root");
    let spec = LeafSpec {
        constraints: Constraints::Authority { path_length: None },
        key_usages: vec![KeyUsage::CertificateSign, KeyUsage::CrlSign],
        extended_key_usages: Vec::new(),
        ..LeafSpec::signing(level("below").subject, validity())
    };
    let anchor = parse(root.root().der());
    for (version, issues) in [(3, true), (1, false)] {
        let below = root.issue_changed(&spec, |body| match version {
            3 => Ok(()),
            // Version 1 is the default, and not written.
            _ => body.replace(BodyElement::Version, Vec::new()),
        });
        let below = below.expect("a subordinate");
        let key = below.key.clone();
        let issuer = AuthorityCertificate::root(&level("below"), key).expect("its key");
        let subject = vec![Attribute::utf8(oid::COMMON_NAME, "leaf")];
        let leaf = issuer.issue(&LeafSpec::signing(subject, validity())).expect("a leaf");
        let (leaf, below) = (parse(&leaf.certificate_der), parse(&below.certificate_der));
        let outcome = validate(&leaf, &[&anchor], &[&below], &options());
        assert_eq!(outcome.path.is_some(), issues, "version {version}: {:?}", outcome.report);
        assert_eq!(failed(&outcome.report, &codes::CA_NOT_ASSERTED), !issues);
    }
}

#[test]
fn a_path_ends_where_it_may_and_goes_past_no_other_anchor() {
    let mut parties = hierarchy();
    let roots = ["one", "other"].map(|root| certify(&mut parties, root, root));
    let crossed = ["one", "other"].map(|root| certify(&mut parties, root, "ca"));
    let end = leaf(&mut parties, "ca");
    let below = leaf(&mut parties, "one");
    // The other root certifies the first one.
    let above = certify(&mut parties, "other", "one");
    let validate_to = |leaf: &Certificate, root: &Certificate| {
        let mut options = options();
        options.anchor_keys = Some([*root.spki_sha256()].into());
        let others = [&crossed[0], &crossed[1], &above];
        validate(leaf, &[&roots[0], &roots[1]], &others, &options)
    };
    for root in &roots {
        let path = validate_to(&end, root).path.expect("a path");
        assert_eq!(path.anchor().spki_sha256(), root.spki_sha256());
    }
    assert!(validate_to(&below, &roots[0]).path.is_some());
    assert!(validate_to(&below, &roots[1]).path.is_none(), "past the first one");
    assert!(validate_to(&roots[0], &roots[1]).path.is_none(), "an anchor itself");
    assert!(validate_to(&end, &end).path.is_none(), "no anchor has that key");
}
