//! Messages with the identifiers of GM/T 0010. OpenSSL 3.0 signs no CMS with SM2: these are put
//! together here; others are Bouncy Castle's (`bouncy_castle`).

use tongxing_pki::Hash;
use tongxing_testdata::Issued;

use crate::signed::weave::{inside, tlv};

/// 1.2.156.10197.6.1.4.2: GM/T 0010's content types; .1 is data, .2 signedData.
const TYPES: [u8; 9] = [0x2A, 0x81, 0x1C, 0xCF, 0x55, 6, 1, 4, 2];
/// 1.2.156.10197.1.401.
const SM3: [u8; 8] = [0x2A, 0x81, 0x1C, 0xCF, 0x55, 1, 0x83, 0x11];
/// 1.2.156.10197.1.501.
const SM2_WITH_SM3: [u8; 8] = [0x2A, 0x81, 0x1C, 0xCF, 0x55, 1, 0x83, 0x75];
/// 1.2.840.113549.1.9; .3 is the content type, .4 the digest of the content.
const PKCS9: [u8; 8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9];

/// Whether attributes are signed in the content's stead.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::signed) enum Signs {
    Attributes,
    Content,
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

fn content_type(last: u8) -> Vec<u8> {
    tlv(0x06, &[&TYPES[..], &[last]].concat())
}

fn algorithm(oid: &[u8]) -> Vec<u8> {
    sequence(&[tlv(0x06, oid), vec![5, 0]])
}

/// The attribute 1.2.840.113549.1.9.`last`.
pub(in crate::signed) fn attribute(last: u8, value: &[u8]) -> Vec<u8> {
    sequence(&[tlv(0x06, &[&PKCS9[..], &[last]].concat()), tlv(0x31, value)])
}

/// What is signed in a content's stead: its type, and its digest.
pub(in crate::signed) fn attributes(content: &[u8]) -> [Vec<u8>; 2] {
    let digest = Hash::Sm3.digest(content);
    [attribute(3, &content_type(1)), attribute(4, &tlv(0x04, digest.as_ref()))]
}

/// A SignerInfo over the content.
fn signer(leaf: &Issued, content: &[u8], signs: Signs) -> Vec<u8> {
    match signs {
        Signs::Attributes => {
            let attributes = attributes(content).concat();
            signer_info(leaf, &tlv(0x31, &attributes), tlv(0xA0, &attributes))
        }
        Signs::Content => signer_info(leaf, content, Vec::new()),
    }
}

/// A SignerInfo that signs these octets, and holds those attributes.
pub(in crate::signed) fn signer_info(leaf: &Issued, signed: &[u8], attributes: Vec<u8>) -> Vec<u8> {
    let body = inside(inside(&leaf.certificate_der)[0]);
    let (serial, issuer) = (body[1].to_vec(), body[3].to_vec());
    sequence(&[
        vec![2, 1, 1],
        sequence(&[issuer, serial]),
        algorithm(&SM3),
        attributes,
        algorithm(&SM2_WITH_SM3),
        tlv(0x04, &leaf.key.sign(signed).expect("signs")),
    ])
}

/// A message over the content by these, in DER but for the order of its signers.
pub(in crate::signed) fn message(
    leaves: &[&Issued],
    content: &[u8],
    signs: Signs,
    attached: bool,
) -> Vec<u8> {
    let signers: Vec<Vec<u8>> = leaves.iter().map(|leaf| signer(leaf, content, signs)).collect();
    let certificates: Vec<&[u8]> = leaves.iter().map(|leaf| &leaf.certificate_der[..]).collect();
    around(&certificates, &signers, attached.then_some(content))
}

/// A message of these signers.
pub(in crate::signed) fn around(
    certificates: &[&[u8]],
    signers: &[Vec<u8>],
    content: Option<&[u8]>,
) -> Vec<u8> {
    let inner = content.map(|content| tlv(0xA0, &tlv(0x04, content)));
    let signed = sequence(&[
        vec![2, 1, 1],
        tlv(0x31, &algorithm(&SM3)),
        sequence(&[content_type(1), inner.unwrap_or_default()]),
        tlv(0xA0, &certificates.concat()),
        tlv(0x31, &signers.concat()),
    ]);
    sequence(&[content_type(2), tlv(0xA0, &signed)])
}
