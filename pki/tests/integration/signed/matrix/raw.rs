//! Bare signatures. The case of a proven time is the moment that the caller asks for.

use tongxing_pki::{Certificate, RawSignature, SignatureScheme, SignedDocument};

use super::super::bench::CONTENT;
use super::make::{Made, Scene, flipped, last_flipped};
use super::table::{Case, Format};

fn scheme(format: Format) -> Option<SignatureScheme> {
    match format {
        Format::RawRsaPkcs1 => Some(SignatureScheme::RsaPkcs1Sha256),
        Format::RawRsaPss => Some(SignatureScheme::RsaPssSha256),
        Format::RawEcdsa => Some(SignatureScheme::EcdsaP256Sha256),
        Format::RawEd25519 => Some(SignatureScheme::Ed25519),
        Format::RawSm2 => Some(SignatureScheme::Sm2Sm3),
        _ => None,
    }
}

pub(super) fn is_raw(format: Format) -> bool {
    scheme(format).is_some()
}

pub(super) fn document(format: Format, certificate: &[u8], signature: &[u8]) -> SignedDocument {
    let certificate = Certificate::parse(certificate).expect("a certificate");
    let scheme = scheme(format).expect("a bare signature");
    RawSignature::new(certificate, scheme).document(signature)
}

pub(super) fn make(scene: &Scene, case: Case) -> Made {
    let signer = scene.signer(case);
    let signature = match (case, scene.format) {
        // OpenSSL's in DER has 64 octets at nine tenths of 71, as bare r and s have.
        (Case::Truncated, Format::RawSm2) => {
            signer.key.sign_sm2_raw("1234567812345678", CONTENT).expect("signs").to_vec()
        }
        _ => sign(scene),
    };
    let (mut content, mut document) = (CONTENT.to_vec(), signature);
    let mut certificate = signer.certificate_der.clone();
    match case {
        Case::ContentBit => content = flipped(&content, 3),
        Case::SignatureBit => document = last_flipped(&document),
        Case::CertificateSwapped => certificate = scene.other().certificate_der,
        _ => {}
    }
    Made { document, content: Some(content), certificate: Some(certificate), signer }
}

/// OpenSSL's signature by `signer.key` over the content.
fn sign(scene: &Scene) -> Vec<u8> {
    scene.bench.openssl(match scene.format {
        Format::RawRsaPss => {
            "dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 \
             -sign signer.key -out signature content"
        }
        Format::RawEd25519 => "pkeyutl -sign -inkey signer.key -rawin -in content -out signature",
        Format::RawSm2 => {
            "pkeyutl -sign -inkey signer.key -rawin -digest sm3 \
             -pkeyopt distid:1234567812345678 -in content -out signature"
        }
        _ => "dgst -sha256 -sign signer.key -out signature content",
    });
    scene.bench.read("signature")
}
