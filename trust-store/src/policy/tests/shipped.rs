//! Every shipped file loads, and reads synthetic certificates in its own
//! authority's encoding.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tongxing_pki::{Certificate, Level};
use tongxing_testdata::{
    AuthoritySpec, Company, Encoding, Expected, ExpectedIdentity, Key, KeyAlgorithm, LevelSpec,
    Person, Profile, TestAuthority, Validity, encodings,
};

use super::super::{AuthorityPolicy, Identity};
use super::{NOW, at, failed, issue, now, province};
use crate::authority::Role;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies")
}

fn shipped(name: &str) -> AuthorityPolicy {
    let file = format!("{name}.toml");
    let source = std::fs::read_to_string(folder().join(&file)).unwrap();
    AuthorityPolicy::parse(&file, &source).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn all_load_under_their_own_names_and_say_that_they_are_unverified() {
    let mut count = 0;
    let encodings = encodings().unwrap();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if path.extension().is_some_and(|extension| extension == "toml") && name != "province" {
            let policy = shipped(name);
            assert_eq!(policy.authority().as_str(), name);
            assert!(policy.unverified(), "{name}");
            assert!(encodings.iter().any(|one| one.profile == name), "no encoding of {name}");
            count += 1;
        }
    }
    assert!(count >= 9, "{count} files found");
}

#[test]
fn the_readmes_example_loads() {
    let readme = include_str!("../../../../policies/README.md");
    let example = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    AuthorityPolicy::parse("README.md", example.unwrap())
        .unwrap_or_else(|errors| panic!("{errors}"));
}

fn authority(algorithm: KeyAlgorithm) -> &'static (TestAuthority, Arc<Key>) {
    static AUTHORITIES: Mutex<BTreeMap<String, &(TestAuthority, Arc<Key>)>> =
        Mutex::new(BTreeMap::new());
    let id = format!("{algorithm:?}");
    let mut authorities = AUTHORITIES.lock().unwrap();
    authorities.entry(id.clone()).or_insert_with(|| {
        let validity = Validity::decade_around(NOW);
        let root = LevelSpec::new("通行测试", "Root", algorithm, validity);
        let authority = TestAuthority::generate(&AuthoritySpec::one_level(id, root)).unwrap();
        // One key for all leaves: RSA keys take long to make.
        let key = Arc::new(Key::generate(algorithm).unwrap());
        Box::leak(Box::new((authority, key)))
    })
}

/// A certificate in that encoding.
fn certificate(encoding: &Encoding) -> Certificate {
    let (authority, key) = authority(encoding.algorithm);
    let leaf = encoding.leaf(Validity::year_from(NOW), Some(Arc::clone(key)));
    Certificate::parse(&authority.issue(&leaf).unwrap().certificate_der).unwrap()
}

fn read(identity: &Identity) -> ExpectedIdentity {
    let Identity { entity, holder, capacity, .. } = identity;
    let held = holder.as_ref().and_then(|holder| holder.id.as_ref());
    ExpectedIdentity {
        capacity: capacity.as_str(),
        kind: entity.kind.as_str(),
        value: entity.value.reveal().to_owned(),
        name: entity.name.as_ref().map(|name| name.reveal().to_owned()),
        holder: held.map(|id| id.value.reveal().to_owned()),
    }
}

#[test]
fn every_profile_reads_its_authoritys_encodings_as_declared() {
    for encoding in encodings().unwrap() {
        let found = shipped(encoding.profile).identify(&province(), &certificate(&encoding));
        let about = format!("{}, {}", encoding.profile, encoding.name);
        match (&encoding.expected, found.identity()) {
            (Expected::Read(expected), Some(identity)) => {
                assert_eq!(&read(identity), expected, "{about}");
            }
            (Expected::Refused(codes), None) => {
                assert_eq!(&failed(found.findings()), codes, "{about}");
            }
            (expected, _) => panic!("{about}: not {expected:?} but {found:#?}"),
        }
    }
}

#[test]
fn whatever_a_profile_reads_its_files_say_that_nobody_has_tried_it() {
    let encodings = encodings().unwrap();
    let of_ca = |id| encodings.iter().find(|one: &&Encoding| one.profile == id).unwrap();
    let source = std::fs::read_to_string(folder().join("cfca.toml")).unwrap();
    let tried = source.replace("unverified = true\n", "");
    assert_ne!(source, tried);
    let path = [certificate(of_ca("cfca"))];
    for (source, warned) in [(source, ["policy.unverified"].as_slice()), (tried, &[])] {
        let policy = AuthorityPolicy::parse("cfca.toml", &source).unwrap();
        assert_eq!(policy.unverified(), !warned.is_empty());
        let findings = policy.accept(&path, Role::SignIn, now());
        assert_eq!(at(&findings, Level::Warning), warned);
        assert_eq!(failed(&findings), [""; 0]);
    }
}

#[test]
fn signing_certificates_are_accepted_and_encryption_certificates_are_not() {
    for encoding in encodings().unwrap() {
        let policy = shipped(encoding.profile);
        let (authority, key) = authority(encoding.algorithm);
        let leaf = encoding.leaf(Validity::year_from(NOW), Some(Arc::clone(key)));
        for (leaf, refusals) in [
            (leaf.clone(), [].as_slice()),
            (leaf.encryption_only(), &["certificate.encryption_only"]),
        ] {
            let issued = authority.issue(&leaf).unwrap();
            let path = [Certificate::parse(&issued.certificate_der).unwrap()];
            for role in [Role::SignIn, Role::DocumentSigning] {
                let findings = policy.accept(&path, role, now());
                assert_eq!(failed(&findings), refusals, "{}, {}", encoding.profile, encoding.name);
            }
        }
    }
}

#[test]
fn the_demos_authorities() {
    let (company, person) = (Company::numbered(0), Person::numbered(1));
    for profile in Profile::ALL {
        let policy = AuthorityPolicy::parse(profile.id(), profile.policy_toml())
            .unwrap_or_else(|errors| panic!("{errors}"));
        let validity = Validity::year_from(NOW);
        // The profile's leaf, issued by the quicker test authority.
        let spec = profile.leaf(&company, &person, validity);
        let spec = spec.with_algorithm(KeyAlgorithm::EcdsaP256);
        let found = policy.identify(&province(), &issue(&spec));
        let identity = found.identity().unwrap_or_else(|| panic!("{found:#?}"));
        assert_eq!(identity.entity.value.reveal(), company.uscc);
    }
}
