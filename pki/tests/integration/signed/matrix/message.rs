//! CMS messages, timestamps among them.

use std::cell::Cell;

use tongxing_pki::{DocumentBudget, SignedContent, TimestampToken};
use tongxing_testdata::{Issued, KeyAlgorithm, Validity};

use super::super::bench::{CONTENT, DAY, HOUR};
use super::super::weave::{inside, swap, tlv, with_signers, with_timestamp};
use super::gm::{self, Signs};
use super::make::{Made, Scene, flipped, last_flipped, position, signature_of};
use super::table::Case;

/// Whose numbers the message has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbering {
    /// RFC 5652; OpenSSL signs.
    Rfc,
    /// GM/T 0010, with signed attributes.
    Gm,
    /// GM/T 0010, without.
    GmBare,
}

/// Whether the content is inside.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Content,
    Nothing,
}

/// How it is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Der,
    /// Indefinite lengths, and the content in two segments.
    Ber,
}

/// A kind of message.
#[derive(Clone, Copy)]
pub(super) struct Messages {
    pub(super) numbering: Numbering,
    pub(super) holds: Holds,
    pub(super) encoding: Encoding,
}

impl Messages {
    pub(super) fn make(self, scene: &Scene, case: Case) -> Made {
        let signer = scene.signer(case);
        let second =
            (case == Case::OneOfTwoBad).then(|| scene.bench.leaf("second", self.second_key()));
        let mut message = self.sign(scene, &signer, second.as_ref());
        let mut content = CONTENT.to_vec();
        match case {
            Case::ContentBit if self.holds == Holds::Content => {
                message = flipped(&message, position(&message, CONTENT) + 3);
            }
            Case::ContentBit => content = flipped(&content, 3),
            Case::SignatureBit | Case::OneOfTwoBad => message = with_last_signature_bad(&message),
            Case::CertificateSwapped => message = swap(&message, &scene.other().certificate_der),
            Case::ExpiredSince | Case::RevokedBefore | Case::RevokedAfter => {
                scene.stamper(Case::Valid);
                let token = scene.bench.timestamp(&signature_of(&message), "");
                message = with_timestamp(&message, &token);
            }
            _ => {}
        }
        let document = match self.encoding {
            Encoding::Der => message,
            Encoding::Ber => in_ber(&message),
        };
        let content = (self.holds == Holds::Nothing).then_some(content);
        Made { document, content, certificate: None, signer }
    }

    /// Of a kind whose SignerInfo is longer, which comes last in a SET of RFC 5652.
    fn second_key(self) -> KeyAlgorithm {
        match self.numbering {
            Numbering::Rfc => KeyAlgorithm::Rsa2048,
            Numbering::Gm | Numbering::GmBare => KeyAlgorithm::Sm2,
        }
    }

    fn sign(self, scene: &Scene, signer: &Issued, second: Option<&Issued>) -> Vec<u8> {
        let attached = self.holds == Holds::Content;
        let signs = match self.numbering {
            Numbering::Rfc => {
                let by_second = second.map_or("", |_| "-signer second.pem -inkey second.key");
                let detach = if attached { "-nodetach" } else { "" };
                return scene.bench.sign("signer", format!("{detach} {by_second}").trim());
            }
            Numbering::Gm => Signs::Attributes,
            Numbering::GmBare => Signs::Content,
        };
        let leaves: Vec<&Issued> = [signer].into_iter().chain(second).collect();
        gm::message(&leaves, CONTENT, signs, attached)
    }
}

/// A token that stands alone, about the content.
pub(super) fn token(scene: &Scene, case: Case) -> Made {
    let (document, signer) = token_about(scene, case, CONTENT);
    let content = match case {
        Case::ContentBit => flipped(CONTENT, 3),
        _ => CONTENT.to_vec(),
    };
    Made { document, content: Some(content), certificate: None, signer }
}

/// A token about some octets with the case in it, and whose it is.
pub(super) fn token_about(scene: &Scene, case: Case, octets: &[u8]) -> (Vec<u8>, Issued) {
    let stamper = scene.stamper(case);
    let token = scene.bench.timestamp(octets, "");
    let token = match case {
        Case::SignatureBit => with_last_signature_bad(&token),
        Case::CertificateSwapped => {
            let other = scene.stamper(Case::Valid);
            swap(&token, &other.certificate_der)
        }
        Case::WrongUsage => forged(scene, &token),
        Case::OneOfTwoBad => with_signer_twice(&token),
        _ => token,
    };
    (token, stamper)
}

/// What a token says, signed by a certificate for documents.
fn forged(scene: &Scene, token: &[u8]) -> Vec<u8> {
    let token = TimestampToken::parse(token, &DocumentBudget::default()).expect("a token");
    let SignedContent::Embedded(info) = &token.message().contents()[0] else {
        panic!("a token holds what it says");
    };
    scene.bench.leaf("forger", KeyAlgorithm::EcdsaP256);
    scene.bench.write("content", info);
    scene.bench.sign("forger", "-nodetach -cades -econtent_type 1.2.840.113549.1.9.16.1.4")
}

/// A message of a signer whose certificate has expired when it is judged, and a token with the
/// case in it.
pub(super) fn stamped(scene: &Scene, case: Case) -> Made {
    let message = expiring(scene);
    let signature = signature_of(&message);
    let about = if case == Case::ContentBit { flipped(&signature, 9) } else { signature };
    let (token, signer) = match case {
        Case::OneOfTwoBad => {
            let (bad, signer) = token_about(scene, Case::SignatureBit, &about);
            (bad, signer)
        }
        _ => token_about(scene, case, &about),
    };
    let mut document = with_timestamp(&message, &token);
    if case == Case::OneOfTwoBad {
        let (good, _) = token_about(scene, Case::Valid, &about);
        document = with_timestamp(&document, &good);
    }
    Made { document, content: Some(CONTENT.to_vec()), certificate: None, signer }
}

/// The same, apart.
pub(super) fn message_and_token(scene: &Scene) -> (Vec<u8>, Vec<u8>) {
    let message = expiring(scene);
    let (token, _) = token_about(scene, Case::Valid, &signature_of(&message));
    (message, token)
}

fn expiring(scene: &Scene) -> Vec<u8> {
    let now = scene.bench.now;
    let short = Validity { not_before: now - DAY, not_after: now + HOUR };
    scene.bench.leaf_with("signer", scene.algorithm, |leaf| leaf.valid(short));
    scene.bench.write("content", CONTENT);
    scene.bench.sign("signer", "")
}

/// The message with one bit of its last signer's signature changed.
pub(super) fn with_last_signature_bad(message: &[u8]) -> Vec<u8> {
    let count = signers(message).len();
    let seen = Cell::new(0);
    with_signers(message, |mut fields| {
        seen.set(seen.get() + 1);
        if seen.get() == count {
            let signature = fields.iter_mut().rfind(|field| field[0] == 0x04);
            let signature = signature.expect("a signature");
            *signature = last_flipped(signature);
        }
        fields
    })
}

fn signers(message: &[u8]) -> Vec<&[u8]> {
    let data = inside(inside(inside(message)[1])[0]);
    inside(data.last().expect("signers come last"))
}

/// A token signed twice.
fn with_signer_twice(token: &[u8]) -> Vec<u8> {
    let info = inside(token);
    let data = inside(inside(info[1])[0]);
    let (last, before) = data.split_last().expect("signers come last");
    let twice = tlv(0x31, &inside(last).concat().repeat(2));
    let data = tlv(0x30, &[&before.concat()[..], &twice].concat());
    tlv(0x30, &[info[0], &tlv(0xA0, &data)].concat())
}

/// An element of indefinite length.
fn indefinite(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, 0x80], content, &[0, 0]].concat()
}

/// The message with indefinite lengths around its parts, its content in two segments.
fn in_ber(message: &[u8]) -> Vec<u8> {
    let info = inside(message);
    let parts = inside(inside(info[1])[0]);
    let written = parts.iter().enumerate().map(|(place, part)| match place {
        // encapContentInfo
        2 => match &inside(part)[..] {
            [kind, content] => indefinite(0x30, &[*kind, &segmented(inside(content)[0])].concat()),
            _ => indefinite(0x30, &inside(part).concat()),
        },
        _ if part[0] & 0x20 != 0 => indefinite(part[0], &inside(part).concat()),
        _ => part.to_vec(),
    });
    let data = indefinite(0x30, &written.collect::<Vec<_>>().concat());
    indefinite(0x30, &[info[0], &indefinite(0xA0, &data)].concat())
}

/// `[0]` with a short OCTET STRING in two segments.
fn segmented(octets: &[u8]) -> Vec<u8> {
    let content = &octets[octets.len() - usize::from(octets[1])..];
    let (one, two) = content.split_at(content.len() / 2);
    indefinite(0xA0, &indefinite(0x24, &[tlv(4, one), tlv(4, two)].concat()))
}
