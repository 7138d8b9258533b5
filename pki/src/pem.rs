//! Armour: PEM, bare base64, or none.
//!
//! Authorities publish certificates and lists in all three, whatever the name
//! of the file says.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::pem::{SectionKind, SliceIter};

use crate::fault::{Fault, Problem};

/// The first octet of every certificate and list in DER: SEQUENCE.
const SEQUENCE: u8 = 0x30;

/// What a PEM block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PemLabel {
    /// `CERTIFICATE`.
    Certificate,
    /// `X509 CRL`.
    Crl,
    /// `PUBLIC KEY` (RFC 7468 13).
    PublicKey,
    /// None: nobody agreed on a label for OCSP responses. DER or base64.
    OcspResponse,
}

/// The DER inside a file that holds it bare, in PEM or in base64.
///
/// 1. Octets that begin like DER are returned as one structure, unread.
/// 2. Text with PEM blocks gives the blocks with this label in order; others,
///    such as a private key beside a certificate, are passed over.
/// 3. Any other text is read as base64 with white space.
///
/// # Errors
/// A [`Fault`] when none of the three fits, a block is damaged, or there is
/// no block with this label.
pub fn decode_pem_or_der(input: &[u8], label: PemLabel) -> Result<Vec<Vec<u8>>, Fault> {
    if input.first() == Some(&SEQUENCE) {
        return Ok(vec![input.to_vec()]);
    }
    if contains(input, b"-----BEGIN") {
        return blocks(input, label);
    }
    let text: Vec<u8> =
        input.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect();
    match STANDARD.decode(text) {
        Ok(der) if der.first() == Some(&SEQUENCE) => Ok(vec![der]),
        _ => Err(fault(label, Problem::UnknownArmour)),
    }
}

/// A signed document without its armour: PEM, whatever its label (CMS, PKCS7), or bare
/// base64. What is neither is returned as it is.
///
/// # Errors
/// A [`Fault`] when PEM is damaged.
pub fn decode_document(input: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    const BEGIN: &str = "-----BEGIN ";
    let binary = input.first() == Some(&SEQUENCE) || input.starts_with(b"%PDF-");
    let Some(text) = str::from_utf8(input).ok().filter(|_| !binary) else {
        return Ok(Cow::Borrowed(input));
    };
    let damaged = || Fault::new("document", Problem::DamagedArmour);
    let decode = |text: &str| {
        let octets: Vec<u8> = text.bytes().filter(|octet| !octet.is_ascii_whitespace()).collect();
        STANDARD.decode(octets).ok()
    };
    if let Some(start) = text.find(BEGIN) {
        let (_, body) = text[start + BEGIN.len()..].split_once("-----").ok_or_else(damaged)?;
        let (body, _) = body.split_once("-----END ").ok_or_else(damaged)?;
        return decode(body).map(Cow::Owned).ok_or_else(damaged);
    }
    match decode(text) {
        Some(octets) if octets.first() == Some(&SEQUENCE) => Ok(Cow::Owned(octets)),
        _ => Ok(Cow::Borrowed(input)),
    }
}

fn blocks(input: &[u8], label: PemLabel) -> Result<Vec<Vec<u8>>, Fault> {
    let mut found = Vec::new();
    for block in SliceIter::<(SectionKind, Vec<u8>)>::new(input) {
        let (kind, der) = block.map_err(|_| fault(label, Problem::DamagedArmour))?;
        if Some(kind) == label.kind() {
            found.push(der);
        }
    }
    if found.is_empty() {
        return Err(fault(label, Problem::Missing));
    }
    Ok(found)
}

fn fault(label: PemLabel, problem: Problem) -> Fault {
    let field = match label {
        PemLabel::Certificate => "certificate",
        PemLabel::Crl => "certificateList",
        PemLabel::PublicKey => "subjectPublicKeyInfo",
        PemLabel::OcspResponse => "ocspResponse",
    };
    Fault::new(field, problem)
}

fn contains(input: &[u8], pattern: &[u8]) -> bool {
    input.windows(pattern.len()).any(|window| window == pattern)
}

impl PemLabel {
    const fn kind(self) -> Option<SectionKind> {
        match self {
            Self::Certificate => Some(SectionKind::Certificate),
            Self::Crl => Some(SectionKind::Crl),
            Self::PublicKey => Some(SectionKind::PublicKey),
            Self::OcspResponse => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEM: &str = "text before\n-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n\
         -----BEGIN X509 CRL-----\nMAEA\n-----END X509 CRL-----\n\
         -----BEGIN CERTIFICATE-----\nMAIFAA==\n-----END CERTIFICATE-----\n";

    fn decode(input: &[u8]) -> Result<Vec<Vec<u8>>, Problem> {
        decode_pem_or_der(input, PemLabel::Certificate).map_err(|fault| fault.problem().clone())
    }

    #[test]
    fn blocks_with_the_label_are_taken() {
        let expected = vec![vec![0x30, 0], vec![0x30, 2, 5, 0]];
        assert_eq!(decode(PEM.as_bytes()), Ok(expected));
        let lists = decode_pem_or_der(PEM.as_bytes(), PemLabel::Crl);
        assert_eq!(lists, Ok(vec![vec![0x30, 1, 0]]));
    }

    #[test]
    fn der_and_bare_base64_are_read() {
        assert_eq!(decode(&[0x30, 0]), Ok(vec![vec![0x30, 0]]));
        assert_eq!(decode(b" MAIF\r\nAA==\n"), Ok(vec![vec![0x30, 2, 5, 0]]));
    }

    #[test]
    fn documents_lose_their_armour() {
        let pem = b"-----BEGIN CMS-----\nMAIF\nAA==\n-----END CMS-----\n";
        let der = &[0x30, 2, 5, 0][..];
        for armoured in [&pem[..], b" MAIFAA==\n", der] {
            assert_eq!(decode_document(armoured).as_deref(), Ok(der));
        }
        for other in [&b"%PDF-1.7"[..], b"hello", b"", &[0xFF, 0xFE]] {
            assert_eq!(decode_document(other).as_deref(), Ok(other));
        }
        let damaged = decode_document(b"-----BEGIN CMS-----\n!!\n-----END CMS-----");
        assert_eq!(damaged.map_err(|fault| fault.problem().clone()), Err(Problem::DamagedArmour));
    }

    #[test]
    fn anything_else_is_refused_by_name() {
        assert_eq!(decode(b""), Err(Problem::UnknownArmour));
        assert_eq!(decode(b"hello"), Err(Problem::UnknownArmour));
        let damaged = "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n";
        assert_eq!(decode(damaged.as_bytes()), Err(Problem::DamagedArmour));
        let other = "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n";
        assert_eq!(decode(other.as_bytes()), Err(Problem::Missing));
    }
}
