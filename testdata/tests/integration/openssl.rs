//! `openssl verify` over chains and lists. Where openssl is not installed these tests
//! say so and pass: `parsed` covers the content.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use tongxing_testdata::{
    AlternativeName, Attribute, AuthorityCertificate, AuthoritySpec, Company, CrlSpec, Hierarchy,
    Issued, KeyAlgorithm, LevelSpec, NameConstraints, Person, Profile, RevocationReason,
    RevokedEntry, Subtree, TestAuthority, Validity, crl_pem, oid, self_signed, server_certificate,
};

use super::{NOW, authority, leaf};

type Outcome = Result<(), Box<dyn Error>>;

const ALGORITHMS: [KeyAlgorithm; 4] = [
    KeyAlgorithm::Rsa2048,
    KeyAlgorithm::EcdsaP256,
    KeyAlgorithm::EcdsaP384,
    KeyAlgorithm::Ed25519,
];

/// A folder to verify in.
struct Bench(TempDir);

impl Bench {
    /// `None` where there is no openssl and none is required.
    fn new() -> Result<Option<Self>, Box<dyn Error>> {
        if Command::new("openssl").arg("version").output().is_err() {
            let required =
                std::env::var_os("TONGXING_TEST_INTEROP").is_some_and(|value| value == "required");
            assert!(!required, "missing: openssl");
            eprintln!("not run for want of openssl");
            return Ok(None);
        }
        Ok(Some(Self(TempDir::new()?)))
    }

    fn write(&self, name: &str, content: &str) -> Result<PathBuf, Box<dyn Error>> {
        let path = self.0.path().join(name);
        std::fs::write(&path, content)?;
        Ok(path)
    }

    /// What `openssl verify` says of the leaf: whether it is good, and its words.
    fn verify(
        &self,
        root: &AuthorityCertificate,
        leaf: &Issued,
        options: &[&str],
        lists: &[Vec<u8>],
    ) -> Result<(bool, String), Box<dyn Error>> {
        let lists: String = lists.iter().map(|der| crl_pem(der)).collect::<Result<_, _>>()?;
        let lists = self.write("lists.pem", &lists)?;
        let root = self.write("root.pem", &root.pem()?)?;
        let chain = self.write("chain.pem", &leaf.full_chain_pem()?)?;
        let leaf = self.write("leaf.pem", &leaf.certificate_pem()?)?;
        let mut command = Command::new("openssl");
        command.args(["verify", "-x509_strict", "-attime", &NOW.to_string()]);
        command.args(options).args([Path::new("-CAfile"), &root]);
        command.args([Path::new("-untrusted"), &chain]);
        if options.contains(&"-crl_check") || options.contains(&"-crl_check_all") {
            command.args([Path::new("-CRLfile"), &lists]);
        }
        let output = command.arg(&leaf).output()?;
        let words = [output.stdout, output.stderr].concat();
        let words = String::from_utf8_lossy(&words).into_owned();
        Ok((output.status.success(), words))
    }
}

fn empty_list() -> CrlSpec {
    CrlSpec::empty(7, NOW - 3_600, NOW + 86_400)
}

#[test]
fn chains_of_every_algorithm_and_length() -> Outcome {
    let Some(bench) = Bench::new()? else {
        return Ok(());
    };
    for (algorithm, levels) in ALGORITHMS.into_iter().zip([1, 2, 3, 2]) {
        let authority = authority(algorithm, levels)?;
        let leaf = authority.issue(&leaf(algorithm))?;
        assert_eq!(leaf.chain_der.len(), levels - 1);
        let (good, words) = bench.verify(authority.root(), &leaf, &[], &[])?;
        assert!(good, "{algorithm:?}, {levels} levels: {words}");
    }
    Ok(())
}

#[test]
fn lists_of_both_levels() -> Outcome {
    let Some(bench) = Bench::new()? else {
        return Ok(());
    };
    let authority = authority(KeyAlgorithm::EcdsaP256, 2)?;
    let leaf = authority.issue(&leaf(KeyAlgorithm::EcdsaP256))?;
    let root_list = authority.root_crl(&empty_list())?;
    let verify = |spec: &CrlSpec| -> Result<_, Box<dyn Error>> {
        let lists = [root_list.clone(), authority.crl(spec)?];
        bench.verify(authority.root(), &leaf, &["-crl_check_all"], &lists)
    };

    let (good, words) = verify(&empty_list())?;
    assert!(good, "{words}");
    let entry = RevokedEntry {
        invalid_since: Some(NOW - 7_200),
        ..RevokedEntry::new(leaf.serial.clone(), NOW - 3_600, RevocationReason::KeyCompromise)
    };
    let (good, words) = verify(&empty_list().revoking(entry))?;
    assert!(!good && words.contains("certificate revoked"), "{words}");
    Ok(())
}

#[test]
fn every_profile_verifies_with_its_list() -> Outcome {
    let Some(bench) = Bench::new()? else {
        return Ok(());
    };
    for profile in Profile::WITHOUT_SM2 {
        let spec = profile.authority(Validity::decade_around(NOW));
        let authority = TestAuthority::generate(&spec)?;
        let (company, holder) = (Company::numbered(0), Person::numbered(0));
        let leaf = authority.issue(&profile.leaf(&company, &holder, Validity::year_from(NOW)))?;
        let lists = [authority.crl(&empty_list())?];
        let options = ["-crl_check", "-purpose", "sslclient"];
        let (good, words) = bench.verify(authority.root(), &leaf, &options, &lists)?;
        assert!(good, "{profile:?}: {words}");
    }
    Ok(())
}

#[test]
fn leaves_that_are_wrong_in_one_way() -> Outcome {
    let Some(bench) = Bench::new()? else {
        return Ok(());
    };
    let authority = authority(KeyAlgorithm::EcdsaP256, 1)?;
    let good = leaf(KeyAlgorithm::EcdsaP256);
    for (name, purpose, issued, words_expected) in [
        (
            "expired",
            "sslclient",
            authority.issue(&good.clone().valid(Validity::expired_at(NOW)))?,
            "has expired",
        ),
        (
            "not yet valid",
            "sslclient",
            authority.issue(&good.clone().valid(Validity::not_yet_at(NOW)))?,
            "not yet valid",
        ),
        (
            "server only",
            "sslclient",
            authority.issue(&good.clone().server_only())?,
            "certificate purpose",
        ),
        (
            "encryption only",
            "smimesign",
            authority.issue_pair(&good)?.encryption,
            "certificate purpose",
        ),
        ("self-signed", "sslclient", self_signed(&good)?, "self-signed"),
        (
            "impostor: the same names, another key",
            "sslclient",
            super::authority(KeyAlgorithm::Ed25519, 1)?.issue(&good)?,
            "error",
        ),
    ] {
        let (accepted, words) =
            bench.verify(authority.root(), &issued, &["-purpose", purpose], &[])?;
        assert!(!accepted && words.contains(words_expected), "{name}: {words}");
    }
    Ok(())
}

#[test]
fn name_constraints_bind() -> Outcome {
    let Some(bench) = Bench::new()? else {
        return Ok(());
    };
    let constraints = NameConstraints {
        permitted: vec![Subtree::Dns("test".to_owned())],
        excluded: vec![
            Subtree::Ip("10.0.0.0".parse()?, "255.0.0.0".parse()?),
            Subtree::Directory(vec![Attribute::printable(oid::COUNTRY, "XX")]),
        ],
    };
    let validity = Validity::decade_around(NOW);
    let root = LevelSpec::new("通行测试", "Constrained", KeyAlgorithm::EcdsaP256, validity)
        .with_name_constraints(constraints);
    let spec = AuthoritySpec::one_level("constrained", root);
    let authority = TestAuthority::generate(&spec)?;
    for (name, expected) in [("a.test", true), ("a.example", false)] {
        let mut spec = leaf(KeyAlgorithm::EcdsaP256);
        spec.alternative_names = vec![AlternativeName::Dns(name.to_owned())];
        let issued = authority.issue(&spec)?;
        let (good, words) = bench.verify(authority.root(), &issued, &[], &[])?;
        assert_eq!(good, expected, "{name}: {words}");
    }
    Ok(())
}

#[test]
fn a_cross_certificate_leads_to_the_other_root() -> Outcome {
    let Some(bench) = Bench::new()? else {
        return Ok(());
    };
    let old = authority(KeyAlgorithm::EcdsaP384, 1)?;
    let new = authority(KeyAlgorithm::Ed25519, 2)?;
    let cross = old.cross_certify(new.root(), Validity::decade_around(NOW))?;
    let mut issued = new.issue(&leaf(KeyAlgorithm::Ed25519))?;
    issued.chain_der.push(cross.der().to_vec());
    let (good, words) = bench.verify(old.root(), &issued, &[], &[])?;
    assert!(good, "{words}");
    Ok(())
}

#[test]
fn parties_of_a_loop() -> Outcome {
    let Some(bench) = Bench::new()? else {
        return Ok(());
    };
    let mut parties = Hierarchy::new(KeyAlgorithm::Ed25519, Validity::year_from(NOW));
    parties.alias("imposter", "b");
    let root = parties.certify("root", "root")?;
    let mut issued = parties.leaf("b", "leaf")?;
    for (issuer, subject) in [("root", "a"), ("a", "b"), ("b", "a"), ("root", "imposter")] {
        issued.chain_der.push(parties.certify(issuer, subject)?);
    }
    let chain = bench.write("loop.pem", &issued.chain_pem()?)?;
    let leaf = bench.write("loop-leaf.pem", &issued.certificate_pem()?)?;
    issued.certificate_der = root;
    let root = bench.write("loop-root.pem", &issued.certificate_pem()?)?;
    let status = Command::new("openssl")
        .args(["verify", "-attime", &NOW.to_string()])
        .args([Path::new("-CAfile"), &root, Path::new("-untrusted"), &chain])
        .arg(&leaf)
        .status()?;
    assert!(status.success());
    Ok(())
}

#[test]
fn a_server_certificate_for_loopback() -> Outcome {
    let Some(bench) = Bench::new()? else {
        return Ok(());
    };
    let names = ["127.0.0.1", "localhost"];
    let server = server_certificate(&names, Validity::year_from(NOW))?;
    let root = bench.write("server-root.pem", &server.authority_pem()?)?;
    let leaf = bench.write("server.pem", &server.certificate_pem()?)?;
    let status = Command::new("openssl")
        .args(["verify", "-x509_strict", "-attime", &NOW.to_string()])
        .args(["-purpose", "sslserver", "-verify_ip", "127.0.0.1"])
        .args([Path::new("-CAfile"), &root, &leaf])
        .status()?;
    assert!(status.success());
    Ok(())
}
