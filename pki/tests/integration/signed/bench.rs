//! Files for OpenSSL, and what our judgement says of what it made.

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;
use tongxing_pki::{
    Certificate, Content, DocumentVerification, DocumentVerificationRequest, Level, Moments,
    SignatureJudgement, Timestamp, read_document, verify_signature,
};
use tongxing_testdata::{
    Attribute, AuthoritySpec, CrlSpec, Extension, Issued, KeyAlgorithm, LeafSpec, LevelSpec,
    RevocationReason, RevokedEntry, TestAuthority, Validity, Value, oid,
};

pub(super) const CONTENT: &[u8] = b"tender: 1,234,567.89 CNY\n";
pub(super) const HOUR: i64 = 3_600;
pub(super) const DAY: i64 = 24 * HOUR;

/// An authority and leaves whose files are on disk, and OpenSSL's clock, which is the
/// system's: it cannot be told another.
pub(super) struct Bench {
    folder: TempDir,
    pub(super) authority: TestAuthority,
    pub(super) now: i64,
}

impl Bench {
    /// `None` where there is no openssl.
    pub(super) fn new(algorithm: KeyAlgorithm) -> Option<Self> {
        crate::wanting::openssl()?;
        let folder = TempDir::new().expect("a folder");
        let now = modified(folder.path());
        let validity = Validity::decade_around(now);
        let root = LevelSpec::new("通行测试", "root", algorithm, validity);
        let issuing = LevelSpec::new("通行测试", "issuing", algorithm, validity);
        let spec = AuthoritySpec {
            levels: vec![root, issuing],
            ..AuthoritySpec::one_level(
                "ca",
                LevelSpec::new("通行测试", "root", algorithm, validity),
            )
        };
        let authority = TestAuthority::generate(&spec).expect("an authority");
        let bench = Self { folder, authority, now };
        bench.write("root.pem", bench.authority.root().pem().expect("PEM"));
        bench.write("issuing.pem", bench.authority.issuing().pem().expect("PEM"));
        bench.write("content", CONTENT);
        Some(bench)
    }

    /// A leaf that may sign documents.
    pub(super) fn leaf(&self, name: &str, algorithm: KeyAlgorithm) -> Issued {
        self.leaf_with(name, algorithm, |leaf| leaf)
    }

    pub(super) fn leaf_with(
        &self,
        name: &str,
        algorithm: KeyAlgorithm,
        change: impl FnOnce(LeafSpec) -> LeafSpec,
    ) -> Issued {
        let subject = vec![Attribute::utf8(oid::COMMON_NAME, name)];
        let spec = LeafSpec::signing(subject, Validity::year_from(self.now));
        let spec = LeafSpec { extended_key_usages: Vec::new(), ..spec.with_algorithm(algorithm) };
        let leaf = self.authority.issue(&change(spec)).expect("a leaf");
        self.write(&format!("{name}.pem"), leaf.certificate_pem().expect("PEM"));
        self.write(&format!("{name}.key"), openssl_key(&leaf));
        leaf
    }

    /// A timestamp authority, with OpenSSL's settings for it.
    pub(super) fn timestamper(&self, change: impl FnOnce(LeafSpec) -> LeafSpec) -> Issued {
        let purposes = Value::Sequence(vec![Value::ObjectIdentifier("1.3.6.1.5.5.7.3.8".into())]);
        let only = Extension::new("2.5.29.37", purposes).critical();
        let leaf = self
            .leaf_with("tsa", KeyAlgorithm::EcdsaP256, |leaf| change(leaf.with_extension(only)));
        self.write(
            "tsa.cnf",
            "[tsa]\ndefault_tsa=t\n[t]\nserial=serial\nsigner_digest=sha256\n\
             default_policy=1.2.3.4\ndigests=sha1,sha256,sha384,sha512\naccuracy=secs:1,millisecs:500\n\
             ess_cert_id_alg=sha256\n",
        );
        leaf
    }

    /// Where the files are.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.folder.path().join(name), content).expect("written");
    }

    pub(super) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.path().join(name)).expect("a file")
    }

    /// Runs openssl in the folder; the arguments are separated by spaces.
    pub(super) fn openssl(&self, arguments: &str) {
        let mut command = Command::new("openssl");
        command.current_dir(self.folder.path()).args(arguments.split(' '));
        let output = command.output().expect("openssl runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments}: {errors}");
    }

    /// `openssl cms -sign` over the content, by a leaf.
    pub(super) fn sign(&self, signer: &str, options: &str) -> Vec<u8> {
        let line = format!(
            "cms -sign -binary -in content -signer {signer}.pem -inkey {signer}.key \
             -outform DER -out message {options}"
        );
        self.openssl(line.trim_end());
        self.read("message")
    }

    /// A timestamp token about some octets.
    pub(super) fn timestamp(&self, octets: &[u8], options: &str) -> Vec<u8> {
        self.write("stamped", octets);
        self.openssl("ts -query -data stamped -sha256 -cert -out query");
        let line = format!(
            "ts -reply -config tsa.cnf -queryfile query -signer tsa.pem -inkey tsa.key \
             -chain issuing.pem -out answer {options}"
        );
        self.openssl(line.trim_end());
        self.openssl("ts -reply -in answer -token_out -out token");
        self.read("token")
    }

    /// A request that trusts the root, knows the issuing authority, and asks for now.
    pub(super) fn request(&self) -> DocumentVerificationRequest {
        self.request_at(self.now)
    }

    pub(super) fn request_at(&self, now: i64) -> DocumentVerificationRequest {
        let now = Timestamp::from_unix(now);
        let mut request = DocumentVerificationRequest::new(Moments { now, at: None });
        request.anchors = vec![self.read("root.pem")];
        request.intermediates = vec![self.read("issuing.pem")];
        request
    }

    /// Lists of both authorities, which revoke this serial at that moment.
    pub(super) fn lists(&self, revoked: Option<(&Issued, i64)>, issued: i64) -> Vec<Vec<u8>> {
        let empty = CrlSpec::empty(1, issued, issued + 30 * DAY);
        let list = revoked.into_iter().fold(empty.clone(), |list, (leaf, at)| {
            let reason = RevocationReason::Superseded;
            list.revoking(RevokedEntry::new(leaf.serial.clone(), at, reason))
        });
        vec![
            self.authority.root().crl(&empty).expect("a list"),
            self.authority.issuing().crl(&list).expect("a list"),
        ]
    }
}

/// Reads and verifies.
pub(super) fn verify(
    document: &[u8],
    content: Option<&[u8]>,
    request: &DocumentVerificationRequest,
) -> DocumentVerification {
    let document = read_document(document, None);
    let content = content.map_or(Content::None, Content::Octets);
    verify_signature(document.as_ref(), content, request)
}

/// The verdict, the indication and what speaks against the signature, on one line.
pub(super) fn summary(verification: &DocumentVerification) -> String {
    let judgement = verification.judgement();
    let mut lines = vec![verification.verdict().to_string()];
    lines.extend(against(&judgement.report));
    for signature in &judgement.signatures {
        lines.push(of_signature(signature));
    }
    for timestamp in &judgement.timestamps {
        let line = format!("[{}] {}", timestamp.indication, against(&timestamp.report).join(" "));
        lines.push(line.trim_end().to_owned());
    }
    lines.join(" ").trim_end().to_owned()
}

fn of_signature(signature: &SignatureJudgement<Vec<Certificate>>) -> String {
    format!("[{}] {}", signature.indication, against(&signature.report).join(" "))
        .trim_end()
        .to_owned()
}

pub(super) fn against(report: &tongxing_pki::Report) -> Vec<String> {
    let findings = report.findings().iter();
    let decisive =
        findings.filter(|finding| matches!(finding.level(), Level::Failed | Level::Indeterminate));
    decisive.map(|finding| finding.code().id.to_owned()).collect()
}

/// PKCS #8, version 1, up to an Ed25519 key.
const HEAD: [u8; 16] = [0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// The key in PEM. OpenSSL 3.0 reads Ed25519 keys in version 1 of PKCS #8 alone (RFC 8410
/// 7), and ring writes version 2: the same with the public key behind the private one.
fn openssl_key(leaf: &Issued) -> String {
    if leaf.key.algorithm() != KeyAlgorithm::Ed25519 {
        return leaf.key_pem().expect("PEM");
    }
    let der = leaf.key_pkcs8_der();
    assert_eq!(der[5..16], HEAD[5..16], "the algorithm and the frame of the key");
    let text = STANDARD.encode([&HEAD[..], &der[16..48]].concat());
    format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
}

/// The system's time, by the folder just made: this crate may not read clocks.
pub(super) fn modified(path: &Path) -> i64 {
    let modified = std::fs::metadata(path).and_then(|data| data.modified()).expect("a time");
    let since = modified.duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_secs()).expect("a moment")
}
