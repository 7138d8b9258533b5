//! OCSP with OpenSSL on the other side: it reads our requests, and we believe
//! what its responder says.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use tongxing_pki::{
    Anchors, Certificate, Hash, OcspReply, OcspRequest, PathOptions, RevocationOptions,
    RevocationOutcome, RevocationResponse, RevocationResponses, RevocationSources,
    RevocationStatus, Timestamp, check_revocation, validate_path,
};
use tongxing_testdata::{Attribute, Validity, oid};
use tongxing_testdata::{AuthoritySpec, Issued, KeyAlgorithm, LeafSpec, LevelSpec, TestAuthority};

/// An authority whose files are on disk, and OpenSSL's clock, which is the
/// system's: OpenSSL's responder cannot be told another.
struct Bench {
    folder: TempDir,
    root: TestAuthority,
    now: i64,
}

impl Bench {
    /// `None` where there is no openssl.
    fn new(algorithm: KeyAlgorithm) -> Option<Self> {
        let folder = TempDir::new().expect("a folder");
        crate::wanting::openssl()?;
        let now = modified(folder.path());
        let validity = Validity::decade_around(now);
        let level = LevelSpec::new("通行测试", "OCSP root", algorithm, validity);
        let root = TestAuthority::generate(&AuthoritySpec::one_level("ca", level)).expect("a root");
        let bench = Self { folder, root, now };
        bench.write("root.pem", bench.root.root().pem().expect("PEM"));
        bench.write("root.key", bench.root.root().key().pkcs8_pem().expect("PEM"));
        Some(bench)
    }

    fn issue(&self, name: &str, declare: impl FnOnce(LeafSpec) -> LeafSpec) -> Issued {
        let subject = vec![Attribute::utf8(oid::COMMON_NAME, name)];
        let spec = declare(LeafSpec::signing(subject, Validity::year_from(self.now)));
        self.root.issue(&spec).expect("a leaf")
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.folder.path().join(name), content).expect("written");
    }

    /// Runs `openssl ocsp` in the folder.
    fn ocsp(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("openssl");
        command.current_dir(self.folder.path()).arg("ocsp").args(arguments);
        let output = command.output().expect("openssl runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}{errors}");
        text
    }

    /// Asks OpenSSL's responder about a leaf with our request.
    fn ask(&self, leaf: &Issued, signer: &str, hash: Hash) -> RevocationOutcome {
        let certificate = parse(&leaf.certificate_der);
        let root = parse(self.root.root().der());
        let request = OcspRequest::new(&certificate, &root, hash, Some([0xA5; 32]));
        self.write("request.der", request.der());
        let text = self.ocsp(&["-reqin", "request.der", "-req_text", "-noverify"]);
        assert!(text.contains("Nonce"), "{text}");
        let (pem, key) = (format!("{signer}.pem"), format!("{signer}.key"));
        let shared = ["-index", "index.txt", "-CA", "root.pem", "-ndays", "1"];
        let files = ["-reqin", "request.der", "-respout", "response.der"];
        let signer = ["-rsigner", &pem, "-rkey", &key, "-noverify"];
        self.ocsp(&[&shared[..], &files, &signer].concat());
        let response = std::fs::read(self.folder.path().join("response.der")).expect("a response");
        self.judge(&certificate, &request, &response)
    }

    fn judge(
        &self,
        certificate: &Certificate,
        request: &OcspRequest,
        response: &[u8],
    ) -> RevocationOutcome {
        let OcspReply::Answered(response) = OcspReply::parse(response).expect("a response") else {
            panic!("refused");
        };
        let anchors = Anchors::from_iter([parse(self.root.root().der())]);
        let at = Timestamp::from_unix(self.now);
        let outcome = validate_path(certificate, &anchors, &[], &PathOptions::new(at));
        let path = outcome.path.expect("a path");
        let responses = RevocationResponses::from_iter([RevocationResponse::to(request, response)]);
        let sources = RevocationSources {
            lists: &[],
            responses: &[&responses],
            anchors: &anchors,
            pools: &[],
        };
        check_revocation(&path, &sources, &RevocationOptions::new(at))
    }
}

/// The line of OpenSSL's index about a certificate.
fn index(status: char, issued: &Issued) -> String {
    let serial = parse(&issued.certificate_der).serial().to_string();
    let revoked = if status == 'R' { "200101000000Z,keyCompromise" } else { "" };
    format!("{status}\t491231235959Z\t{revoked}\t{serial}\tunknown\t/CN=leaf\n")
}

/// The system's time, by the folder just made: this crate may not read clocks.
pub(crate) fn modified(path: &Path) -> i64 {
    let modified = std::fs::metadata(path).and_then(|data| data.modified()).expect("a time");
    let since = modified.duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_secs()).expect("a moment")
}

fn parse(der: &[u8]) -> Certificate {
    Certificate::parse(der).expect("a generated certificate")
}

#[test]
fn openssls_responder_is_understood() {
    for algorithm in [KeyAlgorithm::EcdsaP256, KeyAlgorithm::Rsa2048] {
        let Some(bench) = Bench::new(algorithm) else {
            return;
        };
        let good = bench.issue("good", |leaf| leaf);
        let gone = bench.issue("gone", |leaf| leaf);
        let strange = bench.issue("strange", |leaf| leaf);
        bench.write("index.txt", index('V', &good) + &index('R', &gone));
        let delegate = bench.issue("responder", LeafSpec::ocsp_responder);
        bench.write("responder.pem", delegate.certificate_pem().expect("PEM"));
        bench.write("responder.key", delegate.key_pem().expect("PEM"));
        for signer in ["root", "responder"] {
            for hash in [Hash::Sha1, Hash::Sha256] {
                let status = |leaf| bench.ask(leaf, signer, hash).statuses.remove(0);
                assert!(matches!(status(&good), RevocationStatus::Good { .. }), "{signer}");
                let RevocationStatus::Revoked(revocation) = status(&gone) else {
                    panic!("{:?}", status(&gone));
                };
                assert!(revocation.to_string().starts_with("revoked 2020-01-01T00:00:00Z, keyC"));
                assert!(matches!(status(&strange), RevocationStatus::Unknown { .. }));
            }
        }
    }
}

#[test]
fn openssl_believes_the_synthetic_responder() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    let leaf = bench.issue("good", |leaf| leaf);
    bench.write("leaf.pem", leaf.certificate_pem().expect("PEM"));
    let delegate = bench.issue("responder", LeafSpec::ocsp_responder);
    let answer = tongxing_testdata::OcspAnswer::new(
        leaf.serial.clone(),
        tongxing_testdata::OcspStatus::Good,
        bench.now - 60,
        bench.now + 86_400,
    );
    let spec = tongxing_testdata::OcspSpec::of(answer);
    let sent = spec.clone().with_certificate(delegate.certificate_der.clone());
    let issuing = bench.root.issuing();
    for response in [issuing.ocsp(&spec), issuing.ocsp_by(&delegate, &sent)] {
        bench.write("response.der", response.expect("a response"));
        let files = ["-respin", "response.der", "-CAfile", "root.pem", "-issuer", "root.pem"];
        let text = bench.ocsp(&[&files[..], &["-cert", "leaf.pem", "-no_nonce"]].concat());
        assert!(text.contains("leaf.pem: good"), "{text}");
    }
}
