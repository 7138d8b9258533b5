//! Hierarchies, lists and messages of GmSSL's making. `TONGXING_GMSSL` names its program
//! (3.2 or later); a test that does not find it says so and is skipped.
//!
//! Its messages have the identifiers of GM/T 0010, but are signed otherwise, up to 3.3 at
//! least: SM2 signs a digest without Z, and that of the whole ContentInfo. They read well
//! and do not verify; those that do are another library's (`sm2`) and our own.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;
use tongxing_pki::{
    DigestAlgorithm, DocumentVerificationRequest, Hash, Level, Moments, SignatureAlgorithm,
    Timestamp, codes, read_document,
};

use super::bench::{CONTENT, against, modified, summary, verify};

const VARIABLE: &str = "TONGXING_GMSSL";

/// What is said of its messages.
const UNSIGNED: &str = "signer.signature_invalid";

/// A folder in which GmSSL works.
struct Stage {
    program: PathBuf,
    folder: TempDir,
}

impl Stage {
    /// A root, an authority below it, and two companies.
    fn new() -> Option<Self> {
        let Some(program) = std::env::var_os(VARIABLE).map(PathBuf::from) else {
            println!("skipped: {VARIABLE} names no program");
            return None;
        };
        let stage = Self { program, folder: TempDir::new().expect("a folder") };
        std::fs::write(stage.path("content"), CONTENT).expect("written");
        let authority = "-key_usage keyCertSign -key_usage cRLSign -ca";
        stage.key("root");
        stage.run(&format!(
            "certgen -C CN -O GmSSL -CN root -serial_len 12 -days 3650 -key root.key -pass 1234 \
             {authority} -path_len_constraint 2 -gen_subject_key_id -out root.pem"
        ));
        for name in ["issuing", "former"] {
            stage.issue("root", name, &format!("{authority} -path_len_constraint 0"));
        }
        for name in ["one", "other"] {
            stage.issue("issuing", name, "-key_usage digitalSignature -key_usage nonRepudiation");
        }
        Some(stage)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).expect("a file")
    }

    /// The arguments are separated by spaces.
    fn run(&self, arguments: &str) {
        let mut command = Command::new(&self.program);
        command.current_dir(self.folder.path()).args(arguments.split_whitespace());
        let output = command.output().expect("it runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments}: {errors}");
    }

    fn key(&self, name: &str) {
        self.run(&format!("sm2keygen -pass 1234 -out {name}.key -pubout {name}.pub"));
    }

    fn issue(&self, issuer: &str, name: &str, options: &str) {
        self.key(name);
        let own = format!("-key {name}.key -pass 1234 -out {name}.csr");
        self.run(&format!("reqgen -C CN -O GmSSL -CN {name} {own}"));
        self.run(&format!(
            "reqsign -in {name}.csr -serial_len 12 -days 365 -cacert {issuer}.pem -key {issuer}.key \
             -pass 1234 -gen_authority_key_id -gen_subject_key_id {options} -out {name}.pem"
        ));
    }

    /// The message with its content, signed by `name`.
    fn message(&self, name: &str) -> Vec<u8> {
        let files = format!("-key {name}.key -pass 1234 -cert {name}.pem");
        self.run(&format!("cmssign {files} -in content -out message"));
        self.read("message")
    }

    /// A list of `issuer`, in which `revoked` is revoked: it makes none without entries.
    fn list(&self, issuer: &str, revoked: &str) -> Vec<u8> {
        self.run(&format!("certrevoke -in {revoked}.pem -reason keyCompromise -out revoked"));
        let next = Timestamp::from_unix(self.now() + 86_400).to_string();
        let next: String = next.chars().filter(char::is_ascii_digit).collect();
        self.run(&format!(
            "crlgen -in revoked -cacert {issuer}.pem -key {issuer}.key -pass 1234 \
             -next_update {next}Z -gen_authority_key_id -crl_num 1 -out list"
        ));
        self.read("list")
    }

    fn now(&self) -> i64 {
        // What was made last is not younger than the newest file.
        std::fs::write(self.path("moment"), b"").expect("written");
        modified(&self.path("moment"))
    }

    /// A request that trusts the root and knows the issuing authority.
    fn request(&self) -> DocumentVerificationRequest {
        let now = Timestamp::from_unix(self.now());
        let mut request = DocumentVerificationRequest::new(Moments { now, at: None });
        request.anchors = vec![self.read("root.pem")];
        request.intermediates = vec![self.read("issuing.pem")];
        request
    }
}

#[test]
fn its_hierarchies_and_lists_are_judged() {
    let Some(stage) = Stage::new() else { return };
    let of_root = stage.list("root", "former");
    let (other, revoking) = (stage.list("issuing", "other"), stage.list("issuing", "one"));
    for (lists, expected) in [
        (vec![], ""),
        (vec![of_root.clone(), other], ""),
        (vec![of_root, revoking], "revocation.revoked"),
    ] {
        let mut request = stage.request();
        request.lists = lists;
        let verification = verify(&stage.message("one"), None, &request);
        let report = &verification.judgement().signatures[0].report;
        let others: Vec<_> = against(report).into_iter().filter(|code| code != UNSIGNED).collect();
        assert_eq!(others.join(" "), expected);
        assert!(report.contains(&codes::SIGNER_CERTIFICATE, Level::Passed), "{report:?}");
    }
}

#[test]
fn its_messages_read_well_and_do_not_verify() {
    let Some(stage) = Stage::new() else { return };
    let message = stage.message("one");
    let document = read_document(&message, None).expect("a message");
    let signer = &document.signers()[0];
    assert_eq!(signer.digest_algorithm(), Some(&DigestAlgorithm::Known(Hash::Sm3)));
    assert_eq!(*signer.signature_algorithm(), SignatureAlgorithm::Sm2Sm3);
    let told = summary(&verify(&message, None, &stage.request()));
    assert_eq!(told, format!("failed [TOTAL-FAILED SIG_CRYPTO_FAILURE] {UNSIGNED}"));
}
