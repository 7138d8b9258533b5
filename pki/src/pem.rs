//! Armour: PEM, bare base64, or none.
//!
//! Authorities publish certificates and lists in all three, whatever the name
//! of the file says.

use std::borrow::Cow;

use memchr::memmem;

use crate::fault::{Fault, Problem};

mod base64;

/// The first octet of every certificate and list in DER: SEQUENCE.
const SEQUENCE: u8 = 0x30;

/// What a PEM block begins with (RFC 7468 3), at the start of a line.
const BEGIN: &[u8] = b"-----BEGIN ";

/// What the label of a PEM block ends with.
const DASHES: &[u8] = b"-----";

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
/// 1. Octets that begin like DER are returned as one structure, unread; where
///    they are handed over, not even copied.
/// 2. Text with PEM blocks gives the blocks with this label in order; others,
///    such as a private key beside a certificate, are passed over.
/// 3. Any other text is read as base64 with white space.
///
/// # Errors
/// A [`Fault`] when none of the three fits, a block is damaged, or there is
/// no block with this label.
pub fn decode_pem_or_der<'i>(
    input: impl Into<Cow<'i, [u8]>>,
    label: PemLabel,
) -> Result<Vec<Vec<u8>>, Fault> {
    let input = input.into();
    if input.first() == Some(&SEQUENCE) {
        return Ok(vec![input.into_owned()]);
    }
    if memmem::find(&input, BEGIN).is_some() {
        return blocks(&input, label);
    }
    match base64::decode(&input, base64::STRICT) {
        Some(der) if der.first() == Some(&SEQUENCE) => Ok(vec![der]),
        _ => Err(fault(label, Problem::UnknownArmour)),
    }
}

/// A signed document without its armour: PEM, whatever its label (CMS, PKCS7), or bare
/// base64. What is neither is returned as it is.
///
/// # Errors
/// A [`Fault`] when PEM is damaged.
pub fn decode_document(input: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    let binary = input.first() == Some(&SEQUENCE) || input.starts_with(b"%PDF-");
    if binary || str::from_utf8(input).is_err() {
        return Ok(Cow::Borrowed(input));
    }
    let damaged = || Fault::new("document", Problem::DamagedArmour);
    if let Some(start) = memmem::find(input, BEGIN) {
        let (_, body) = split_once(&input[start + BEGIN.len()..], DASHES).ok_or_else(damaged)?;
        let (body, _) = split_once(body, b"-----END ").ok_or_else(damaged)?;
        return base64::decode(body, base64::STRICT).map(Cow::Owned).ok_or_else(damaged);
    }
    match base64::decode(input, base64::STRICT) {
        Some(octets) if octets.first() == Some(&SEQUENCE) => Ok(Cow::Owned(octets)),
        _ => Ok(Cow::Borrowed(input)),
    }
}

/// The blocks with a label. What stands between blocks is passed over unread.
fn blocks(input: &[u8], label: PemLabel) -> Result<Vec<Vec<u8>>, Fault> {
    let damaged = || fault(label, Problem::DamagedArmour);
    let mut found = Vec::new();
    let mut rest = input;
    while let Some(start) = memmem::find(rest, BEGIN) {
        let starts_a_line = start == 0 || matches!(rest[start - 1], b'\n' | b'\r');
        rest = &rest[start + BEGIN.len()..];
        if !starts_a_line {
            continue;
        }
        let (name, body) = split_once(rest, DASHES).ok_or_else(damaged)?;
        let end = [b"-----END ", name, DASHES].concat();
        let (body, behind) = split_once(body, &end).ok_or_else(damaged)?;
        if label.name() == Some(name) {
            found.push(base64::decode(body, base64::LENIENT).ok_or_else(damaged)?);
        }
        rest = behind;
    }
    if found.is_empty() {
        return Err(fault(label, Problem::Missing));
    }
    Ok(found)
}

/// What stands before the first `pattern`, and behind it.
fn split_once<'i>(input: &'i [u8], pattern: &[u8]) -> Option<(&'i [u8], &'i [u8])> {
    let start = memmem::find(input, pattern)?;
    Some((&input[..start], &input[start + pattern.len()..]))
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

impl PemLabel {
    const fn name(self) -> Option<&'static [u8]> {
        match self {
            Self::Certificate => Some(b"CERTIFICATE"),
            Self::Crl => Some(b"X509 CRL"),
            Self::PublicKey => Some(b"PUBLIC KEY"),
            Self::OcspResponse => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_vectors;

    const PEM: &str = "text before\n-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n\
         -----BEGIN X509 CRL-----\nMAEA\n-----END X509 CRL-----\n\
         -----BEGIN CERTIFICATE-----\nMAIFAA==\n-----END CERTIFICATE-----\n";

    /// Neither a block's name nor the end of its first line may go astray.
    #[test]
    fn what_is_not_quite_a_block_is_damaged() {
        for other in [
            "-----BEGIN CERTIFICATE-----\nMAA=\n",
            "-----BEGIN CERTIFICATE-----\nMAA=\n-----END X509 CRL-----\n",
            "-----BEGIN CERTIFICATE\nMAA=\n",
            "-----BEGIN CERTIFICATE-----\nMAA=\n-----BEGIN CERTIFICATE-----\nMAA=\n\
             -----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\nMA=A\n-----END CERTIFICATE-----\n",
        ] {
            assert_eq!(decode(other.as_bytes()), Err(Problem::DamagedArmour), "{other}");
        }
        let quoted = format!("see -----BEGIN CERTIFICATE----- below\n{PEM}");
        assert_eq!(decode(quoted.as_bytes()).map(|found| found.len()), Ok(2));
    }

    /// Another reader of PEM finds the same blocks with the same content.
    #[test]
    fn blocks_agree_with_another_reader() {
        use rustls_pki_types::pem::{SectionKind, SliceIter};
        let Some(folder) = test_vectors::folder() else {
            return;
        };
        let mut compared = 0;
        for (name, file) in test_vectors::files(&folder.join("openssl/certs")) {
            let theirs: Result<Vec<_>, _> =
                SliceIter::<(SectionKind, Vec<u8>)>::new(&file).collect();
            let theirs = theirs.map(|found| {
                let certificates =
                    found.into_iter().filter(|(kind, _)| *kind == SectionKind::Certificate);
                certificates.map(|(_, der)| der).collect::<Vec<_>>()
            });
            match theirs {
                Ok(none) if none.is_empty() => assert_eq!(decode(&file), Err(Problem::Missing)),
                theirs => assert_eq!(decode(&file).ok(), theirs.ok(), "{name}"),
            }
            compared += 1;
        }
        assert!(compared > 50, "{compared} files");
    }

    proptest::proptest! {
        /// However a writer breaks its lines, what went in comes out.
        #[test]
        fn any_armour_comes_off(
            width in 1usize..200,
            ending in proptest::sample::select(vec!["\n", "\r\n", " \n", "\t\r\n"]),
            inside in proptest::sample::select(vec!["", " ", "\t \n"]),
            padded: bool,
            plain in proptest::collection::vec(0u8.., 0..60_000),
        ) {
            use ::base64::Engine as _;
            let text = ::base64::engine::general_purpose::STANDARD.encode(&plain);
            let text = if padded { &*text } else { text.trim_end_matches('=') };
            let lines: Vec<_> = text.as_bytes().chunks(width).map(|line| {
                let (one, other) = line.split_at(line.len() / 2);
                [one, inside.as_bytes(), other].concat()
            }).collect();
            let body = lines.join(ending.as_bytes());
            let block = |label: &str, body: &[u8]| {
                let begin = format!("-----BEGIN {label}-----{ending}");
                let end = format!("{ending}-----END {label}-----{ending}");
                [begin.as_bytes(), body, end.as_bytes()].concat()
            };
            let file =
                [block("X509 CRL", &body), block("CERTIFICATE", &body), block("OTHER", b"!")];
            let file = file.concat();
            proptest::prop_assert_eq!(decode(&file), Ok(vec![plain]));
        }
    }

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
