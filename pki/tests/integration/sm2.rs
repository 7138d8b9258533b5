//! SM2 certificates that others made: Tongsuo's test hierarchies, and certificates
//! of Chinese authorities.

use std::path::Path;

use tongxing_pki::{
    Anchors, Certificate, CertificatePool, KeyAlgorithm, Level, PathOptions, PathOutcome, Purpose,
    SignatureAlgorithm, Timestamp, Verdict, codes, decode_pem_or_der, validate_path,
};

use crate::party::at_level;
use crate::vectors::{folder, read};

/// NRCAC's ROOTCA, above every other certificate of that folder.
const ROOT: &str = "9c28d3847414bfff.der";
/// CFCA CS SM2 CA: signed by itself, and by NRCAC's root, with one key.
const CFCA_SELF_SIGNED: &str = "5fc09a7db2b91e87.der";
const CFCA_CROSS_SIGNED: &str = "1ec27345101a4d5f.der";
/// CFCA SM2 OCA1, issued twice for one key.
const OCA1: [&str; 2] = ["3bffef10f54c62cb.der", "e6326c175f654176.der"];
const SHECA: &str = "d03f82e2dcfb65f8.der";
/// A server's two certificates: for signing, and for encryption.
const SIGNING_LEAF: &str = "0147ac31bc27ecd9.der";
const ENCRYPTION_LEAF: &str = "f8b8f85fcfadd13e.der";

/// When all of them were valid.
const VALID: &str = "2024-01-01T00:00:00Z";

fn at(moment: &str, purpose: Purpose) -> PathOptions {
    let moment = Timestamp::parse_rfc3339(moment).expect("a moment");
    PathOptions::new(moment).for_purpose(purpose)
}

fn real(folder: &Path, name: &str) -> Certificate {
    Certificate::parse(&read(folder, name)).unwrap_or_else(|fault| panic!("{name}: {fault}"))
}

/// The outcome for a certificate with everything but the anchors as supplied.
fn outcome(folder: &Path, leaf: &str, anchor: &str, supplied: &[&str]) -> PathOutcome {
    let anchors = Anchors::from_iter([real(folder, anchor)]);
    let pool: CertificatePool = supplied.iter().map(|name| real(folder, name)).collect();
    validate_path(&real(folder, leaf), &anchors, &[&pool], &at(VALID, Purpose::Any))
}

fn lengths_to(folder: &Path, leaf: &str, anchor: &str, supplied: &[&str]) -> usize {
    let outcome = outcome(folder, leaf, anchor, supplied);
    let path = outcome.path.as_ref();
    let path = path.unwrap_or_else(|| panic!("{leaf}: {:?}", outcome.report));
    assert_eq!(path.anchor(), &real(folder, anchor));
    path.certificates().len()
}

#[test]
fn certificates_of_chinese_authorities_build_and_verify() {
    let Some(folder) = folder("sm2/real") else { return };
    let everything = [CFCA_SELF_SIGNED, CFCA_CROSS_SIGNED, OCA1[0], OCA1[1], SHECA];
    for name in [SIGNING_LEAF, ENCRYPTION_LEAF].into_iter().chain(everything) {
        let certificate = real(&folder, name);
        assert_eq!(*certificate.public_key().algorithm(), KeyAlgorithm::Sm2, "{name}");
        assert_eq!(*certificate.signature_algorithm(), SignatureAlgorithm::Sm2Sm3, "{name}");
    }
    // Up to NRCAC's root by the cross-signed certificate, whichever else is there.
    assert_eq!(lengths_to(&folder, SIGNING_LEAF, ROOT, &everything), 3);
    assert_eq!(lengths_to(&folder, SHECA, ROOT, &[]), 1);
    assert_eq!(lengths_to(&folder, CFCA_CROSS_SIGNED, ROOT, &everything), 1);
    for oca1 in OCA1 {
        assert_eq!(lengths_to(&folder, SIGNING_LEAF, ROOT, &[oca1, CFCA_CROSS_SIGNED]), 3);
        assert_eq!(lengths_to(&folder, SIGNING_LEAF, CFCA_SELF_SIGNED, &[oca1]), 2);
        assert_eq!(lengths_to(&folder, oca1, CFCA_SELF_SIGNED, &[]), 1);
        assert_eq!(lengths_to(&folder, oca1, CFCA_CROSS_SIGNED, &[]), 1);
        assert_eq!(lengths_to(&folder, SIGNING_LEAF, oca1, &[]), 1);
    }
    // Self-signed, it vouches for itself alone.
    let unanchored = outcome(&folder, SIGNING_LEAF, SHECA, &everything);
    assert_eq!(unanchored.report.verdict(), Verdict::Failed);
}

#[test]
fn dual_certificates_are_told_apart() {
    let Some(folder) = folder("sm2/real") else { return };
    let anchors = Anchors::from_iter([real(&folder, OCA1[0])]);
    let failed = |name: &str, purpose| {
        let outcome = validate_path(&real(&folder, name), &anchors, &[], &at(VALID, purpose));
        at_level(&outcome.report, Level::Failed)
    };
    for purpose in [Purpose::ClientAuth, Purpose::Any] {
        assert!(failed(SIGNING_LEAF, purpose).is_empty());
    }
    assert_eq!(
        failed(ENCRYPTION_LEAF, Purpose::ClientAuth),
        ["certificate.encryption_certificate"]
    );
    let signing = failed(ENCRYPTION_LEAF, Purpose::Signing);
    assert!(signing.contains(&"certificate.encryption_certificate"), "{signing:?}");
}

#[test]
fn an_altered_certificate_does_not_verify() {
    let Some(folder) = folder("sm2/real") else { return };
    let mut der = read(&folder, SIGNING_LEAF);
    let place = der.windows(13).position(|window| window == b"ebssec.boc.cn").expect("its name");
    der[place] = b'f';
    let altered = Certificate::parse(&der).expect("well formed");
    let anchors = Anchors::from_iter([real(&folder, OCA1[0])]);
    let outcome = validate_path(&altered, &anchors, &[], &at(VALID, Purpose::Any));
    assert_eq!(at_level(&outcome.report, Level::Failed), [codes::SIGNATURE_INVALID.id]);
}

#[test]
fn hierarchies_of_tongsuo_build_and_verify() {
    let Some(folder) = folder("sm2/tongsuo") else { return };
    let certificates = |name: &str| -> Vec<Certificate> {
        let blocks = decode_pem_or_der(read(&folder, name), tongxing_pki::PemLabel::Certificate);
        let ders = blocks.expect("PEM");
        ders.iter().map(|der| Certificate::parse(der).expect("a certificate")).collect()
    };
    let authorities = certificates("chain-ca.crt");
    let (roots, others): (Vec<_>, Vec<_>) =
        authorities.into_iter().partition(Certificate::is_self_issued);
    let (anchors, pool) = (Anchors::from_iter(roots), CertificatePool::from_iter(others));
    for (name, purpose, expected) in [
        ("client_sign.crt", Purpose::ClientAuth, &[][..]),
        ("client_sign.crt", Purpose::Signing, &[]),
        ("server_sign.crt", Purpose::ServerAuth, &[]),
        ("client_enc.crt", Purpose::Any, &[]),
        ("client_enc.crt", Purpose::ClientAuth, &["certificate.encryption_certificate"]),
        ("server_enc.crt", Purpose::Signing, &["certificate.encryption_certificate"]),
        ("client_sign_expire.crt", Purpose::ClientAuth, &["certificate.expired"]),
        ("server_sign2.crt", Purpose::Any, &["path.no_anchor"]),
    ] {
        let leaf = &certificates(name)[0];
        let outcome = validate_path(leaf, &anchors, &[&pool], &at(VALID, purpose));
        assert_eq!(at_level(&outcome.report, Level::Failed), expected, "{name}");
        let length = outcome.path.map_or(0, |path| path.certificates().len());
        assert_eq!(length, if expected.is_empty() { 2 } else { 0 }, "{name}");
    }
}
