//! SM2 messages with the identifiers of GM/T 0010, and what may be wrong with them.
//!
//! OpenSSL 3.0 signs no CMS with SM2: the messages are put together here, and others are
//! Bouncy Castle's (`bouncy_castle`).

use tongxing_testdata::{
    AuthoritySpec, Issued, KeyAlgorithm, LeafSpec, LevelSpec, TestAuthority, Validity,
};

use super::bench::{Bench, CONTENT, summary, verify};
use super::weave::{inside, tlv};

const PASSED: &str = "passed [TOTAL-PASSED]";
const CRYPTO: &str = "failed [TOTAL-FAILED SIG_CRYPTO_FAILURE] signer.signature_invalid";

/// 1.2.156.10197.6.1.4.2: GM/T 0010's content types; .1 is data, .2 signedData.
const TYPES: [u8; 9] = [0x2A, 0x81, 0x1C, 0xCF, 0x55, 6, 1, 4, 2];
/// 1.2.156.10197.1.401.
const SM3: [u8; 8] = [0x2A, 0x81, 0x1C, 0xCF, 0x55, 1, 0x83, 0x11];
/// 1.2.156.10197.1.501.
const SM2_WITH_SM3: [u8; 8] = [0x2A, 0x81, 0x1C, 0xCF, 0x55, 1, 0x83, 0x75];

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

fn content_type(last: u8) -> Vec<u8> {
    tlv(0x06, &[&TYPES[..], &[last]].concat())
}

fn algorithm(oid: &[u8]) -> Vec<u8> {
    sequence(&[tlv(0x06, oid), vec![5, 0]])
}

/// A SignerInfo without attributes.
fn signer(certificate: &[u8], signature: &[u8]) -> Vec<u8> {
    let body = inside(inside(certificate)[0]);
    let (serial, issuer) = (body[1].to_vec(), body[3].to_vec());
    sequence(&[
        vec![2, 1, 1],
        sequence(&[issuer, serial]),
        algorithm(&SM3),
        algorithm(&SM2_WITH_SM3),
        tlv(0x04, signature),
    ])
}

/// A message around some content, with these certificates.
fn message(content: &[u8], certificates: &[&[u8]], signers: &[Vec<u8>]) -> Vec<u8> {
    let data = sequence(&[content_type(1), tlv(0xA0, &tlv(0x04, content))]);
    let signed = sequence(&[
        vec![2, 1, 1],
        tlv(0x31, &algorithm(&SM3)),
        data,
        tlv(0xA0, &certificates.concat()),
        tlv(0x31, &signers.concat()),
    ]);
    sequence(&[content_type(2), tlv(0xA0, &signed)])
}

fn sign(leaf: &Issued, content: &[u8]) -> Vec<u8> {
    leaf.key.sign(content).expect("signs")
}

fn flipped(octets: &[u8], at: usize) -> Vec<u8> {
    let mut octets = octets.to_vec();
    octets[at] ^= 1;
    octets
}

/// The message of one signer over [`CONTENT`], with a content, a certificate and a
/// signature of one's choice in it.
fn of_one(content: &[u8], certificate: &[u8], signature: &[u8]) -> Vec<u8> {
    message(content, &[certificate], &[signer(certificate, signature)])
}

#[test]
fn one_thing_wrong_at_a_time() {
    let Some(bench) = Bench::new(KeyAlgorithm::Sm2) else { return };
    let leaf = bench.leaf("signer", KeyAlgorithm::Sm2);
    let other = bench.leaf("other", KeyAlgorithm::Sm2);
    let (own, signature) = (&leaf.certificate_der, sign(&leaf, CONTENT));
    let changed = flipped(&signature, signature.len() - 1);
    for (what, message, expected) in [
        ("nothing", of_one(CONTENT, own, &signature), PASSED),
        ("content", of_one(&flipped(CONTENT, 3), own, &signature), CRYPTO),
        ("signature", of_one(CONTENT, own, &changed), CRYPTO),
        ("certificate", of_one(CONTENT, &other.certificate_der, &signature), CRYPTO),
    ] {
        assert_eq!(summary(&verify(&message, None, &bench.request())), expected, "{what}");
    }
}

#[test]
fn usage_and_authority_are_asked() {
    let Some(bench) = Bench::new(KeyAlgorithm::Sm2) else { return };
    let leaf = bench.leaf_with("signer", KeyAlgorithm::Sm2, LeafSpec::encryption_only);
    let encrypting = of_one(CONTENT, &leaf.certificate_der, &sign(&leaf, CONTENT));
    let expected = "failed [INDETERMINATE CHAIN_CONSTRAINTS_FAILURE] \
                    certificate.encryption_certificate";
    assert_eq!(summary(&verify(&encrypting, None, &bench.request())), expected);

    let validity = Validity::decade_around(bench.now);
    let level = LevelSpec::new("通行测试", "strange", KeyAlgorithm::Sm2, validity);
    let strange = TestAuthority::generate(&AuthoritySpec::one_level("x", level)).expect("a root");
    let mut request = bench.request();
    request.anchors = vec![strange.root().der().to_vec()];
    request.intermediates.clear();
    let leaf = bench.leaf("signer", KeyAlgorithm::Sm2);
    let good = of_one(CONTENT, &leaf.certificate_der, &sign(&leaf, CONTENT));
    let expected = "failed [INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND] path.no_anchor";
    assert_eq!(summary(&verify(&good, None, &request)), expected);
}

#[test]
fn of_two_signers_each_has_a_verdict() {
    let Some(bench) = Bench::new(KeyAlgorithm::Sm2) else { return };
    let leaves = ["first", "second"].map(|name| bench.leaf(name, KeyAlgorithm::Sm2));
    let certificates = [&leaves[0].certificate_der[..], &leaves[1].certificate_der];
    let both = |second: &[u8]| {
        let signers = [
            signer(certificates[0], &sign(&leaves[0], CONTENT)),
            signer(certificates[1], &sign(&leaves[1], second)),
        ];
        let verification =
            verify(&message(CONTENT, &certificates, &signers), None, &bench.request());
        let signatures = verification.judgement().signatures.iter();
        signatures.map(|one| one.indication.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(both(CONTENT), ["TOTAL-PASSED", "TOTAL-PASSED"]);
    assert_eq!(both(b"else"), ["TOTAL-PASSED", "TOTAL-FAILED SIG_CRYPTO_FAILURE"]);
}

#[test]
fn what_is_cut_short_is_malformed() {
    let Some(bench) = Bench::new(KeyAlgorithm::Sm2) else { return };
    let leaf = bench.leaf("signer", KeyAlgorithm::Sm2);
    let message = of_one(CONTENT, &leaf.certificate_der, &sign(&leaf, CONTENT));
    for tenth in 0..10 {
        let cut = &message[..message.len() * tenth / 10];
        let told = summary(&verify(cut, None, &bench.request()));
        let expected = ["failed document.malformed", "failed document.format_unknown"];
        assert!(expected.contains(&told.as_str()), "{tenth}: {told}");
    }
}
