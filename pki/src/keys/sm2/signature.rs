//! SM2 signatures as octets: DER (GM/T 0009 7.3), or r and s one after the other.

use serde::Serialize;

use super::backend;
use super::fault::Sm2Fault;
use crate::der::reader::{Element, read_element, tag};
use crate::der::{grammar, schema};
use crate::fault::Path;

/// How a signature was encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sm2Encoding {
    /// A DER SEQUENCE of r and s.
    Der,
    /// The 32 octets of r, then those of s.
    Raw,
}

impl Sm2Encoding {
    /// The word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Der => "der",
            Self::Raw => "raw",
        }
    }
}

/// Which encodings a signature may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sm2Encodings {
    /// DER alone: certificates, lists, responses, handshakes.
    #[default]
    Der,
    /// Exactly 64 octets are r and s; any other length is DER. For documents and
    /// challenges, which key drivers sign either way.
    DerOrRaw,
}

/// r and s of a signature, both from 1 to n - 1, whose sum is not n, as 32 octets each.
pub(super) struct Scalars {
    pub(super) r: [u8; 32],
    pub(super) s: [u8; 32],
}

const RAW_OCTETS: usize = 64;

impl Scalars {
    pub(super) fn read(
        octets: &[u8],
        encodings: Sm2Encodings,
    ) -> Result<(Self, Sm2Encoding), Sm2Fault> {
        if let Ok(octets) = <&[u8; RAW_OCTETS]>::try_from(octets) {
            // DER of 64 octets would need r and s to be 2^44 times smaller than n
            // together, which nobody meets by chance.
            let looks_der = is_pair(octets);
            match encodings {
                Sm2Encodings::DerOrRaw => {
                    let (r, s) = octets.split_at(32);
                    return Self::check(r, s).map(|scalars| (scalars, Sm2Encoding::Raw));
                }
                Sm2Encodings::Der if !looks_der => return Err(Sm2Fault::RawNotAllowed),
                Sm2Encodings::Der => {}
            }
        }
        let (r, s) = read_der(octets)?;
        Self::check(r, s).map(|scalars| (scalars, Sm2Encoding::Der))
    }

    /// GB/T 32918.2 7.1, steps B1, B2 and the condition of B5. The numbers are
    /// unsigned, of any length, without needless zeros in front where DER had them.
    fn check(r: &[u8], s: &[u8]) -> Result<Self, Sm2Fault> {
        let (r, s) = (number(r, "r")?, number(s, "s")?);
        if backend::sum_is_order(r, s) {
            return Err(Sm2Fault::SumIsOrder);
        }
        Ok(Self { r, s })
    }
}

fn number(magnitude: &[u8], name: &'static str) -> Result<[u8; 32], Sm2Fault> {
    let mut octets = [0; 32];
    let out_of_range = Sm2Fault::OutOfRange { number: name };
    let start = octets.len().checked_sub(magnitude.len()).ok_or(out_of_range.clone())?;
    octets[start..].copy_from_slice(magnitude);
    if octets == [0; 32] {
        return Err(Sm2Fault::Zero { number: name });
    }
    if backend::is_below_order(octets) { Ok(octets) } else { Err(out_of_range) }
}

/// The magnitudes of r and s of a DER signature.
fn read_der(octets: &[u8]) -> Result<(&[u8], &[u8]), Sm2Fault> {
    // What does not even start as one element of this length is not about DER.
    let length = Sm2Fault::Length { octets: octets.len() };
    if octets.first() != Some(&tag::SEQUENCE) {
        return Err(length);
    }
    let mut rest = octets;
    let element = read_element(&mut rest).map_err(|_| length.clone())?;
    let path = Path::root("signature");
    if schema::walk(element.raw, &grammar::SM2_SIGNATURE, &path, &mut Vec::new()).is_err() {
        return Err(if rest.is_empty() { Sm2Fault::Encoding } else { length });
    }
    if !rest.is_empty() {
        return Err(Sm2Fault::TrailingOctets { octets: rest.len() });
    }
    let mut numbers = element.children();
    let r = numbers.next().ok_or(Sm2Fault::Encoding)?;
    let s = numbers.next().ok_or(Sm2Fault::Encoding)?;
    Ok((magnitude(r, "r")?, magnitude(s, "s")?))
}

fn is_pair(octets: &[u8]) -> bool {
    let path = Path::root("signature");
    schema::walk(octets, &grammar::SM2_SIGNATURE, &path, &mut Vec::new()).is_ok()
}

/// An INTEGER without its sign octet; a negative one is none of ours.
fn magnitude<'a>(number: Element<'a>, name: &'static str) -> Result<&'a [u8], Sm2Fault> {
    match number.content {
        [first, ..] if first & 0x80 != 0 => Err(Sm2Fault::OutOfRange { number: name }),
        [0x00, rest @ ..] => Ok(rest),
        other => Ok(other),
    }
}
