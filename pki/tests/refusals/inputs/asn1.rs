//! CMS messages.

use std::sync::OnceLock;

use tongxing_testdata::{
    Attribute, AuthoritySpec, Issued, KeyAlgorithm, LeafSpec, LevelSpec, TestAuthority, Validity,
    oid,
};

use super::NOW;

const SIGNED_DATA: [u8; 11] = [6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2];
const DATA: [u8; 11] = [6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 1];
/// id-ct-TSTInfo.
const TST_INFO: [u8; 13] = [6, 11, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 1, 4];
/// id-aa-timeStampToken.
const TOKEN: [u8; 13] = [6, 11, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 2, 14];
const SHA256: [u8; 11] = [6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
const ECDSA_SHA256: [u8; 10] = [6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2];

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let octets: Vec<u8> =
        content.len().to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
    let head = match octets[..] {
        [] => vec![tag, 0],
        [short] if short < 0x80 => vec![tag, short],
        _ => [&[tag, 0x80 | u8::try_from(octets.len()).expect("a length")][..], &octets].concat(),
    };
    [head, content].concat()
}

/// ContentInfo of indefinite length, and then whatever.
fn open(inner: &[u8]) -> Vec<u8> {
    [&[0x30, 0x80][..], &SIGNED_DATA, &[0xA0, 0x80], inner].concat()
}

pub(super) fn deep() -> Vec<u8> {
    open(&[0x30, 0x80].repeat(2_000_000))
}

pub(super) fn many_elements() -> Vec<u8> {
    open(&[5, 0].repeat(4_000_000))
}

pub(super) fn huge_length() -> Vec<u8> {
    open(&[0x30, 0x88, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
}

/// SignedData of these parts.
fn message(content: &[u8], certificates: &[u8], signers: &[u8]) -> Vec<u8> {
    let hashes = tlv(0x31, &[&tlv(0x30, &[&SHA256])]);
    let certificates = tlv(0xA0, &[certificates]);
    let signers = tlv(0x31, &[signers]);
    let data = tlv(0x30, &[&[2, 1, 1], &hashes, content, &certificates, &signers]);
    tlv(0x30, &[&SIGNED_DATA, &tlv(0xA0, &[&data])])
}

/// What is in the place of a certificate is not DER, and brought into DER level by level.
pub(super) fn deep_certificate() -> Vec<u8> {
    const LEVELS: usize = 55;
    let octets = tlv(4, &[&vec![7; 15 << 20]]);
    let (heads, ends) = ([0x30, 0x80].repeat(LEVELS), [0, 0].repeat(LEVELS));
    message(&tlv(0x30, &[&DATA]), &[heads, octets, ends].concat(), &[])
}

/// An authority of two levels with these names; every call makes other keys.
fn namesake() -> TestAuthority {
    let validity = Validity::decade_around(NOW);
    let level = |name| LevelSpec::new("通行测试", name, KeyAlgorithm::EcdsaP256, validity);
    let spec = AuthoritySpec::one_level("x", level("root")).below(level("issuing"));
    TestAuthority::generate(&spec).expect("an authority")
}

/// The one that is trusted.
pub(super) fn authority() -> &'static TestAuthority {
    static AUTHORITY: OnceLock<TestAuthority> = OnceLock::new();
    AUTHORITY.get_or_init(namesake)
}

fn leaf(of: &TestAuthority, number: u8) -> Issued {
    let subject = vec![Attribute::utf8(oid::COMMON_NAME, "signer")];
    let spec = LeafSpec::signing(subject, Validity::year_from(NOW - 1_000));
    of.issue(&spec.with_serial([7, number])).expect("a leaf")
}

/// The contents of the first two elements inside an element, and so on: a DER element's parts.
fn inside(element: &[u8]) -> Vec<&[u8]> {
    let head = |element: &[u8]| {
        if element[1] < 0x80 { 2 } else { 2 + usize::from(element[1] & 0x7F) }
    };
    let length = |element: &[u8]| match element[1] {
        short if short < 0x80 => usize::from(short),
        _ => element[2..head(element)].iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet)),
    };
    let (mut rest, mut parts) = (&element[head(element)..], Vec::new());
    while !rest.is_empty() {
        let (part, others) = rest.split_at(head(rest) + length(rest));
        parts.push(part);
        rest = others;
    }
    parts
}

/// A SignerInfo of a leaf over some octets, with these signed and unsigned attributes.
fn signer(leaf: &Issued, octets: &[u8], signed: &[u8], unsigned: &[u8]) -> Vec<u8> {
    let body = inside(inside(&leaf.certificate_der)[0]);
    let identifier = tlv(0x30, &[body[3], body[1]]);
    let attributes = |tag, content: &[u8]| {
        if content.is_empty() { Vec::new() } else { tlv(tag, &[content]) }
    };
    let signature = if signed.is_empty() {
        leaf.key.sign(octets)
    } else {
        leaf.key.sign(&tlv(0x31, &[signed]))
    };
    tlv(
        0x30,
        &[
            &[2, 1, 1],
            &identifier,
            &tlv(0x30, &[&SHA256]),
            &attributes(0xA0, signed),
            &tlv(0x30, &[&ECDSA_SHA256]),
            &tlv(4, &[&signature.expect("signs")]),
            &attributes(0xA1, unsigned),
        ],
    )
}

/// Each token is whole, and signed by somebody.
pub(super) fn many_timestamps() -> Vec<u8> {
    let leaf = leaf(authority(), 1);
    let imprint = tlv(0x30, &[&tlv(0x30, &[&SHA256]), &tlv(4, &[&[9; 32]])]);
    let time = tlv(0x18, &[b"20261115000000Z"]);
    let info = tlv(0x30, &[&[2, 1, 1], &[6, 2, 0x2A, 3], &imprint, &[2, 1, 5], &time]);
    let content = tlv(0x30, &[&TST_INFO, &tlv(0xA0, &[&tlv(4, &[&info])])]);
    let token = message(&content, &[], &signer(&leaf, &info, &[], &[]));
    let attribute = tlv(0x30, &[&TOKEN, &tlv(0x31, &[&token.repeat(63)])]);
    let signer = signer(&leaf, b"x", &[], &attribute.repeat(63));
    let content = tlv(0x30, &[&DATA, &tlv(0xA0, &[&tlv(4, &[b"x"])])]);
    message(&content, &leaf.certificate_der, &signer)
}

/// No signer's authority is there, and as many of its name as may come along: each stands
/// below the anchor's name, and is tried.
pub(super) fn many_paths() -> Vec<u8> {
    let absent = namesake();
    let leaves: Vec<Issued> = (0..64).map(|number| leaf(&absent, number)).collect();
    let others: Vec<Vec<u8>> = (0..64).map(|_| namesake().issuing().der().to_vec()).collect();
    let own: Vec<&[u8]> = leaves.iter().map(|leaf| &leaf.certificate_der[..]).collect();
    let certificates = [own.concat(), others.concat()].concat();
    let signers: Vec<Vec<u8>> = leaves.iter().map(|leaf| signer(leaf, b"x", &[], &[])).collect();
    let content = tlv(0x30, &[&DATA, &tlv(0xA0, &[&tlv(4, &[b"x"])])]);
    message(&content, &certificates, &signers.concat())
}

pub(super) fn many_attributes() -> Vec<u8> {
    let leaf = leaf(authority(), 1);
    let attributes: Vec<Vec<u8>> = (0..64_u8)
        .map(|number| tlv(0x30, &[&[6, 3, 0x2A, 3, number], &tlv(0x31, &[&[5, 0].repeat(30)])]))
        .collect();
    let signer = signer(&leaf, b"x", &attributes.concat(), &[]);
    let content = tlv(0x30, &[&DATA, &tlv(0xA0, &[&tlv(4, &[b"x"])])]);
    message(&content, &leaf.certificate_der, &signer.repeat(64))
}
