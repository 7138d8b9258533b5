//! PDF files: written by the writer of their own tests, signed by OpenSSL.

use tongxing_testdata::Issued;

use super::super::pdf::signatures::timestamping;
use super::super::pdf::writer::{Pdf, Signing, hexadecimal};
use super::super::weave::swap;
use super::make::{Made, Scene};
use super::message::{token_about, with_last_signature_bad};
use super::table::Case;

/// A file with a signature of this encoding.
pub(super) fn make(scene: &Scene, case: Case, subfilter: &'static str, options: &str) -> Made {
    let signer = scene.signer(case);
    let by = |name| Signing { subfilter, options, ..Signing::by(name) };
    let mut pdf = Pdf::new();
    pdf.sign(&scene.bench, &by("signer"));
    match case {
        Case::ContentBit => change_content(&mut pdf),
        Case::SignatureBit => with_message(&mut pdf, with_last_signature_bad),
        Case::CertificateSwapped => {
            let other = scene.other();
            with_message(&mut pdf, |message| swap(message, &other.certificate_der));
        }
        Case::ExpiredSince | Case::RevokedBefore | Case::RevokedAfter => {
            scene.stamper(Case::Valid);
            pdf.sign(&scene.bench, &timestamping());
        }
        Case::OneOfTwoBad => {
            scene.bench.leaf("second", scene.algorithm);
            pdf.sign(&scene.bench, &by("second"));
            with_message(&mut pdf, with_last_signature_bad);
        }
        _ => {}
    }
    made(pdf, signer)
}

/// A file with a document timestamp alone.
pub(super) fn stamp(scene: &Scene, case: Case) -> Made {
    let mut pdf = Pdf::new();
    // Both of two timestamps are judged: the first one is good.
    let first = if case == Case::OneOfTwoBad { Case::Valid } else { case };
    scene.stamper(first);
    pdf.sign(&scene.bench, &timestamping());
    let mut signer = None;
    match case {
        Case::ContentBit => change_content(&mut pdf),
        Case::OneOfTwoBad => {
            pdf.sign(&scene.bench, &Signing { field: "again", ..timestamping() });
            with_message(&mut pdf, with_last_signature_bad);
        }
        Case::Truncated => {}
        _ => {
            let gap = pdf.gap();
            let about = [&pdf.bytes[..gap.start], &pdf.bytes[gap.end..]].concat();
            let (token, stamper) = token_about(scene, case, &about);
            signer = Some(stamper);
            with_message(&mut pdf, |_| token.clone());
        }
    }
    let signer = signer.unwrap_or_else(|| scene.stamper(Case::Valid));
    made(pdf, signer)
}

fn made(pdf: Pdf, signer: Issued) -> Made {
    Made { content: Some(pdf.bytes.clone()), document: pdf.bytes, certificate: None, signer }
}

fn change_content(pdf: &mut Pdf) {
    let place = pdf.find("1,000,000", 0);
    pdf.bytes[place] ^= 1;
}

/// Puts another message in the place of the last signature's.
fn with_message(pdf: &mut Pdf, change: impl Fn(&[u8]) -> Vec<u8>) {
    let gap = pdf.gap();
    let digits = &pdf.bytes[gap.start + 1..gap.end - 1];
    let digit = |octet: u8| char::from(octet).to_digit(16).expect("a digit");
    let octets = digits.chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1]));
    let octets: Vec<u8> = octets.map(|octet| u8::try_from(octet).expect("an octet")).collect();
    // DER says how long it is; zeros fill the room.
    let length = 4 + (usize::from(octets[2]) << 8 | usize::from(octets[3]));
    let changed = hexadecimal(&change(&octets[..length]));
    let room = &mut pdf.bytes[gap.start + 1..gap.end - 1];
    room.fill(b'0');
    room[..changed.len()].copy_from_slice(changed.as_bytes());
}
