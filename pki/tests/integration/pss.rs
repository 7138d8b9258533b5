//! RSASSA-PSS as OpenSSL signs with it: salts of every length, and SHA-1 where it is
//! allowed.

use std::process::Command;

use tempfile::TempDir;
use tongxing_pki::{
    Certificate, SignatureAlgorithm, SignatureFault, SignatureRules, WeakAlgorithms,
};

/// Self-signed certificates made by `openssl req`.
struct Bench(TempDir);

impl Bench {
    /// `None` where there is no openssl.
    fn new() -> Option<Self> {
        crate::wanting::openssl()?;
        Some(Self(TempDir::new().expect("a folder")))
    }

    /// A certificate with a new key of this kind, signed with its own key.
    fn certificate(&self, kind: &str, hash: &str, salt: &str) -> Certificate {
        let salt = format!("rsa_pss_saltlen:{salt}");
        let mut command = Command::new("openssl");
        command.current_dir(self.0.path()).args(["req", "-x509", "-newkey", kind, "-nodes"]);
        command.args(["-keyout", "key.pem", "-outform", "DER", "-out", "own.der"]);
        command.args(["-subj", "/CN=PSS", "-days", "1", &format!("-{hash}")]);
        command.args(["-sigopt", "rsa_padding_mode:pss", "-sigopt", &salt]);
        let output = command.output().expect("openssl runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let der = std::fs::read(self.0.path().join("own.der")).expect("a certificate");
        Certificate::parse(&der).expect("a certificate")
    }
}

fn verified(certificate: &Certificate, weak: WeakAlgorithms) -> Result<(), SignatureFault> {
    let rules = SignatureRules::default().with_weak(weak);
    certificate.verify_signature_with(certificate.public_key(), &rules).map(drop)
}

#[test]
fn a_salt_may_have_any_length() {
    let Some(bench) = Bench::new() else {
        return;
    };
    for (hash, salt) in
        [("sha256", "0"), ("sha256", "20"), ("sha256", "32"), ("sha384", "max"), ("sha512", "32")]
    {
        let certificate = bench.certificate("rsa:2048", hash, salt);
        assert_eq!(verified(&certificate, WeakAlgorithms::Refused), Ok(()), "{hash} {salt}");
        // Its last octet belongs to the signature.
        let mut altered = certificate.der().to_vec();
        *altered.last_mut().expect("octets") ^= 1;
        let altered = Certificate::parse(&altered).expect("well formed");
        let refused = verified(&altered, WeakAlgorithms::Refused);
        assert_eq!(refused, Err(SignatureFault::Invalid), "{hash} {salt}");
    }
}

#[test]
fn a_key_for_pss_alone_signs_with_its_own_parameters() {
    let Some(bench) = Bench::new() else {
        return;
    };
    let certificate = bench.certificate("rsa-pss", "sha256", "max");
    let algorithm = certificate.signature_algorithm();
    // 256 octets less the hash's 32 and two.
    let longest = matches!(algorithm, SignatureAlgorithm::RsaPssSalted { salt: 222, .. });
    assert!(longest, "{algorithm}");
    assert_eq!(verified(&certificate, WeakAlgorithms::Refused), Ok(()));
}

#[test]
fn sha1_signs_only_where_it_is_allowed() {
    let Some(bench) = Bench::new() else {
        return;
    };
    let certificate = bench.certificate("rsa:2048", "sha1", "20");
    let refused = verified(&certificate, WeakAlgorithms::Refused);
    assert!(matches!(refused, Err(SignatureFault::Weak { .. })), "{refused:?}");
    assert_eq!(verified(&certificate, WeakAlgorithms::DangerAllowSha1), Ok(()));
}
