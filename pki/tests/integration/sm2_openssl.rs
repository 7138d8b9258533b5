//! SM2 hierarchies that OpenSSL 3 issues: certificates, lists and responses.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use tongxing_pki::{
    Anchors, Certificate, CertificatePool, Crl, KeyAlgorithm, Level, OcspReply, PathOptions,
    PathOutcome, PemLabel, RevocationLists, RevocationOptions, RevocationResponses,
    RevocationSources, RevocationStatus, SignatureRules, Sm2UserId, Sm2UserIds, Timestamp,
    VerifiedCrl, check_revocation, codes, decode_pem_or_der, validate_path,
};

use crate::ocsp_openssl::modified;
use crate::party::at_level;

const STANDARD_ID: &str = "distid:1234567812345678";

/// What `openssl ca` is told.
const SETTINGS: &str = "
[ca]
default_ca = own
[own]
dir = .
database = index.txt
new_certs_dir = .
serial = serial
crlnumber = crlnumber
policy = any
default_days = 365
default_crl_days = 30
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = dn
prompt = no
[dn]
CN = by command
[authority]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign,digitalSignature
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
";

/// A folder with authorities of OpenSSL's making, each under its name.
struct Stage {
    folder: TempDir,
    /// The signers' user id, where their keys are SM2.
    user_id: &'static str,
}

/// How a key signs: whether it is SM2, and with which digest.
#[derive(Clone, Copy)]
enum Kind {
    Sm2,
    Rsa,
    P256,
}

impl Kind {
    fn generate(self) -> &'static [&'static str] {
        match self {
            Self::Sm2 => &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2"],
            Self::Rsa => &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
            Self::P256 => &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        }
    }

    const fn digest(self) -> &'static str {
        match self {
            Self::Sm2 => "sm3",
            Self::Rsa | Self::P256 => "sha256",
        }
    }
}

impl Stage {
    /// `None` where there is no openssl.
    fn new(user_id: &'static str) -> Option<Self> {
        crate::wanting::openssl()?;
        let folder = TempDir::new().expect("a folder");
        for (name, content) in
            [("ca.cnf", SETTINGS), ("index.txt", ""), ("serial", "1001"), ("crlnumber", "01")]
        {
            std::fs::write(folder.path().join(name), content).expect("written");
        }
        Some(Self { folder, user_id })
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_unix(modified(self.folder.path()))
    }

    fn openssl(&self, arguments: &[&str]) {
        let mut command = Command::new("openssl");
        let output = command.current_dir(self.folder.path()).args(arguments).output();
        let output = output.expect("openssl runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
    }

    /// The options by which an SM2 key signs under the stage's user id.
    fn signing(&self, kind: Kind) -> Vec<&'static str> {
        match kind {
            Kind::Sm2 => vec!["-sigopt", self.user_id],
            Kind::Rsa | Kind::P256 => Vec::new(),
        }
    }

    fn root(&self, name: &str, kind: Kind) {
        let key = format!("{name}.key");
        self.openssl(&[&["genpkey", "-out", &key], kind.generate()].concat());
        let (digest, subject) = (format!("-{}", kind.digest()), format!("/CN={name}"));
        let out = format!("{name}.pem");
        let make = ["req", "-x509", "-new", "-config", "ca.cnf", "-extensions", "root", &digest];
        let files = ["-key", &key, "-subj", &subject, "-days", "3650", "-out", &out];
        self.openssl(&[&make[..], &files, &self.signing(kind)].concat());
    }

    /// Has `issuer` certify a new key.
    fn issue(&self, issuer: (&str, Kind), name: &str, kind: Kind, profile: &str) {
        let (key, request) = (format!("{name}.key"), format!("{name}.csr"));
        self.openssl(&[&["genpkey", "-out", &key], kind.generate()].concat());
        let (digest, subject) = (format!("-{}", kind.digest()), format!("/CN={name}"));
        let ask = ["req", "-new", "-config", "ca.cnf", &digest, "-key", &key];
        let files = ["-subj", &subject, "-out", &request];
        self.openssl(&[&ask[..], &files, &self.signing(kind)].concat());
        let out = format!("{name}.pem");
        let mut sign = self.ca(issuer);
        sign.extend(["-batch", "-notext", "-extensions", profile].map(str::to_owned));
        sign.extend(["-in", &request, "-out", &out].map(str::to_owned));
        if matches!(kind, Kind::Sm2) {
            sign.extend(["-vfyopt", self.user_id].map(str::to_owned));
        }
        self.openssl(&sign.iter().map(String::as_str).collect::<Vec<_>>());
    }

    fn ca(&self, (issuer, kind): (&str, Kind)) -> Vec<String> {
        let (certificate, key) = (format!("{issuer}.pem"), format!("{issuer}.key"));
        let own = ["ca", "-config", "ca.cnf", "-md", kind.digest()];
        let files = ["-cert", &certificate, "-keyfile", &key];
        own.iter().chain(&files).chain(&self.signing(kind)).map(|text| (*text).to_owned()).collect()
    }

    fn revoke(&self, issuer: (&str, Kind), name: &str) {
        let certificate = format!("{name}.pem");
        let mut revoke = self.ca(issuer);
        revoke.extend(["-revoke", &certificate].map(str::to_owned));
        self.openssl(&revoke.iter().map(String::as_str).collect::<Vec<_>>());
    }

    fn list(&self, issuer: (&str, Kind)) -> Crl {
        let mut make = self.ca(issuer);
        make.extend(["-gencrl", "-out", "list.pem"].map(str::to_owned));
        self.openssl(&make.iter().map(String::as_str).collect::<Vec<_>>());
        Crl::parse(&self.der("list.pem", PemLabel::Crl)).expect("a list")
    }

    /// What the issuer's own key answers about a certificate.
    fn response(&self, issuer: &str, name: &str) -> RevocationResponses {
        let (certificate, key) = (format!("{issuer}.pem"), format!("{issuer}.key"));
        let leaf = format!("{name}.pem");
        let ask = ["ocsp", "-issuer", &certificate, "-cert", &leaf, "-no_nonce"];
        self.openssl(&[&ask[..], &["-reqout", "request.der"]].concat());
        let answer = ["ocsp", "-index", "index.txt", "-CA", &certificate, "-ndays", "1"];
        let signer = ["-rsigner", &certificate, "-rkey", &key, "-rmd", "sm3", "-noverify"];
        let files = ["-rsigopt", self.user_id, "-reqin", "request.der", "-respout", "answer.der"];
        self.openssl(&[&answer[..], &signer, &files].concat());
        let der = std::fs::read(self.folder.path().join("answer.der")).expect("an answer");
        let OcspReply::Answered(response) = OcspReply::parse(&der).expect("a response") else {
            panic!("refused");
        };
        let mut responses = RevocationResponses::new();
        responses.insert(response);
        responses
    }

    fn der(&self, name: &str, label: PemLabel) -> Vec<u8> {
        let file = std::fs::read(self.folder.path().join(Path::new(name))).expect("a file");
        decode_pem_or_der(&file, label).expect("PEM").swap_remove(0)
    }

    fn certificate(&self, name: &str) -> Certificate {
        let der = self.der(&format!("{name}.pem"), PemLabel::Certificate);
        Certificate::parse(&der).unwrap_or_else(|fault| panic!("{name}: {fault}"))
    }

    fn validate(&self, leaf: &str, anchor: &str, others: &[&str], ids: &Sm2UserIds) -> PathOutcome {
        let anchors = Anchors::from_iter([self.certificate(anchor)]);
        let pool: CertificatePool = others.iter().map(|name| self.certificate(name)).collect();
        let mut options = PathOptions::new(self.now());
        options.signatures = SignatureRules::default().with_sm2_user_ids(ids.clone());
        validate_path(&self.certificate(leaf), &anchors, &[&pool], &options)
    }

    fn status(
        &self,
        leaf: &str,
        lists: &RevocationLists,
        responses: &RevocationResponses,
    ) -> RevocationStatus {
        let outcome = self.validate(leaf, "root", &[], &Sm2UserIds::default());
        let path = outcome.path.unwrap_or_else(|| panic!("{leaf}: {:?}", outcome.report));
        let anchors = Anchors::from_iter([path.anchor().clone()]);
        let (lists, responses) = ([lists], [responses]);
        let sources = RevocationSources {
            lists: &lists,
            responses: &responses,
            anchors: &anchors,
            pools: &[],
        };
        let asked = check_revocation(&path, &sources, &RevocationOptions::new(self.now()));
        asked.statuses.into_iter().next().expect("one certificate")
    }
}

const ROOT: (&str, Kind) = ("root", Kind::Sm2);

#[test]
fn certificates_lists_and_responses_verify() {
    let Some(stage) = Stage::new(STANDARD_ID) else { return };
    stage.root("root", Kind::Sm2);
    for name in ["good", "gone"] {
        stage.issue(ROOT, name, Kind::Sm2, "leaf");
        let leaf = stage.certificate(name);
        assert_eq!(*leaf.public_key().algorithm(), KeyAlgorithm::Sm2);
    }
    stage.revoke(ROOT, "gone");
    let list = stage.list(ROOT);
    let mut lists = RevocationLists::new();
    let key = stage.certificate("root").public_key().clone();
    lists.insert(VerifiedCrl::verify(&list, &key).expect("OpenSSL's signature"));
    let (none, nothing) = (RevocationResponses::new(), RevocationLists::new());
    for (name, good) in [("good", true), ("gone", false)] {
        let by_list = stage.status(name, &lists, &none);
        let by_response = stage.status(name, &nothing, &stage.response("root", name));
        for status in [by_list, by_response] {
            let fits = match status {
                RevocationStatus::Good { .. } => good,
                RevocationStatus::Revoked { .. } => !good,
                _ => false,
            };
            assert!(fits, "{name}: {status:?}");
        }
    }
}

#[test]
fn another_user_id_is_a_policys_to_allow() {
    let Some(stage) = Stage::new("distid:another") else { return };
    stage.root("root", Kind::Sm2);
    stage.issue(ROOT, "leaf", Kind::Sm2, "leaf");
    let refused = stage.validate("leaf", "root", &[], &Sm2UserIds::default());
    assert_eq!(at_level(&refused.report, Level::Failed), [codes::SIGNATURE_INVALID.id]);
    let other = Sm2UserId::new(b"another").expect("short");
    let allowed = stage.validate("leaf", "root", &[], &Sm2UserIds::standard_and([other]));
    assert!(allowed.path.is_some(), "{:?}", allowed.report);
    assert_eq!(at_level(&allowed.report, Level::Info), [codes::SM2_USER_ID.id]);
}

#[test]
fn mixed_chains_verify_both_ways() {
    for (above, below) in [
        (Kind::Rsa, Kind::Sm2),
        (Kind::P256, Kind::Sm2),
        (Kind::Sm2, Kind::Rsa),
        (Kind::Sm2, Kind::P256),
    ] {
        let Some(stage) = Stage::new(STANDARD_ID) else { return };
        stage.root("root", above);
        stage.issue(("root", above), "issuing", below, "authority");
        stage.issue(("issuing", below), "leaf", below, "leaf");
        let outcome = stage.validate("leaf", "root", &["issuing"], &Sm2UserIds::default());
        let path = outcome.path.unwrap_or_else(|| panic!("{:?}", outcome.report));
        assert_eq!(path.certificates().len(), 2);
        let key = stage.certificate("issuing").public_key().clone();
        let list = stage.list(("issuing", below));
        VerifiedCrl::verify(&list, &key).expect("OpenSSL's signature");
    }
}
