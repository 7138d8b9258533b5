//! Object identifiers.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Identifiers up to this many content octets are held without allocating.
/// The longest that real certificates carry (private arcs under
/// 1.3.6.1.4.1.311.21.8) have 28.
const INLINE_LEN: usize = 30;

/// An ASN.1 OBJECT IDENTIFIER, shown and read in dotted form (`2.5.4.3`).
///
/// Two are equal when their DER content octets are. The order is that of the
/// octets: total and stable, but not the numeric order of the arcs.
#[derive(Clone)]
pub struct Oid(Repr);

#[derive(Clone)]
enum Repr {
    Inline { len: u8, octets: [u8; INLINE_LEN] },
    Shared(Arc<[u8]>),
}

/// Why a text or an encoding is not an [`Oid`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an object identifier in dotted form such as 2.5.4.3: {text:?}")]
pub struct OidError {
    text: String,
}

impl Oid {
    /// Reads the dotted form.
    ///
    /// # Errors
    /// [`OidError`] when the text has fewer than two arcs, an arc that is not
    /// a plain decimal number below 2^128, or first arcs that X.660 does not
    /// allow.
    pub fn parse(text: &str) -> Result<Self, OidError> {
        let refused = || OidError { text: text.to_owned() };
        let arcs: Option<Vec<u128>> = text.split('.').map(parse_arc).collect();
        let arcs = arcs.ok_or_else(refused)?;
        encode_arcs(&arcs).map(|octets| Self::from_checked_octets(&octets)).ok_or_else(refused)
    }

    /// The DER content octets (without tag and length).
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline { len, octets } => &octets[..usize::from(*len)],
            Repr::Shared(octets) => octets,
        }
    }

    /// Takes content octets that [`crate::der`] has already checked.
    pub(crate) fn from_checked_octets(content: &[u8]) -> Self {
        if content.len() > INLINE_LEN {
            return Self(Repr::Shared(content.into()));
        }
        let mut octets = [0; INLINE_LEN];
        octets[..content.len()].copy_from_slice(content);
        Self(Repr::Inline {
            // Bounded by INLINE_LEN just above.
            len: u8::try_from(content.len()).unwrap_or_default(),
            octets,
        })
    }

    /// Builds a constant from its arcs; a mistake stops compilation.
    pub(crate) const fn from_arcs(arcs: &[u32]) -> Self {
        let mut octets = [0; INLINE_LEN];
        let mut at = push_arc(&mut octets, 0, arcs[0] * 40 + arcs[1]);
        let mut index = 2;
        while index < arcs.len() {
            at = push_arc(&mut octets, at, arcs[index]);
            index += 1;
        }
        assert!(at <= INLINE_LEN);
        #[expect(clippy::cast_possible_truncation, reason = "at <= INLINE_LEN = 30")]
        let len = at as u8;
        Self(Repr::Inline { len, octets })
    }

    /// Whether content octets are a well-formed identifier: at least one arc,
    /// each minimal (X.690 8.19.2), complete, and below 2^128, the largest in
    /// use (UUIDs under 2.25, X.667).
    pub(crate) fn octets_are_valid(content: &[u8]) -> bool {
        // Groups of seven bits read since the arc began, and its first one.
        let (mut groups, mut first) = (0, 0);
        for &octet in content {
            if groups == 0 {
                first = octet;
            }
            groups += 1;
            // 18 groups have 126 bits, which leaves two for a nineteenth.
            let too_wide = groups > 19 || (groups == 19 && first & 0x7F > 0b11);
            if first == 0x80 || too_wide {
                return false;
            }
            if octet & 0x80 == 0 {
                groups = 0;
            }
        }
        !content.is_empty() && groups == 0
    }
}

fn parse_arc(text: &str) -> Option<u128> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let minimal = text == "0" || !text.starts_with('0');
    (plain && minimal).then(|| text.parse().ok()).flatten()
}

fn encode_arcs(arcs: &[u128]) -> Option<Vec<u8>> {
    let (&[first, second], rest) = arcs.split_first_chunk::<2>()?;
    if first > 2 || (first < 2 && second > 39) {
        return None;
    }
    let mut octets = Vec::new();
    push_base128(&mut octets, second.checked_add(first * 40)?);
    for &arc in rest {
        push_base128(&mut octets, arc);
    }
    Some(octets)
}

fn push_base128(octets: &mut Vec<u8>, arc: u128) {
    let mut groups = 1;
    while groups < 19 && arc >> (7 * groups) != 0 {
        groups += 1;
    }
    for group in (0..groups).rev() {
        let low_bits = u8::try_from((arc >> (7 * group)) & 0x7F).unwrap_or_default();
        octets.push(low_bits | if group == 0 { 0 } else { 0x80 });
    }
}

const fn push_arc(octets: &mut [u8; INLINE_LEN], mut at: usize, arc: u32) -> usize {
    let mut groups = 1;
    while groups < 5 && arc >> (7 * groups) != 0 {
        groups += 1;
    }
    while groups > 0 {
        groups -= 1;
        let more = if groups == 0 { 0 } else { 0x80 };
        octets[at] = ((arc >> (7 * groups)) & 0x7F) as u8 | more;
        at += 1;
    }
    at
}

fn decode_arcs(content: &[u8]) -> Option<Vec<u128>> {
    let mut arcs = Vec::with_capacity(content.len() + 1);
    let mut arc: u128 = 0;
    let mut inside = false;
    for &octet in content {
        if !inside && octet == 0x80 {
            return None;
        }
        if arc >> 121 != 0 {
            return None;
        }
        arc = (arc << 7) | u128::from(octet & 0x7F);
        inside = octet & 0x80 != 0;
        if !inside {
            push_decoded(&mut arcs, arc);
            arc = 0;
        }
    }
    (!inside).then_some(arcs)
}

/// The first subidentifier carries two arcs (X.690 8.19.4).
fn push_decoded(arcs: &mut Vec<u128>, arc: u128) {
    if arcs.is_empty() {
        let first = (arc / 40).min(2);
        arcs.push(first);
        arcs.push(arc - first * 40);
    } else {
        arcs.push(arc);
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arcs = decode_arcs(self.as_bytes()).unwrap_or_default();
        for (index, arc) in arcs.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            write!(f, "{arc}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({self})")
    }
}

impl PartialEq for Oid {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Oid {}

impl Hash for Oid {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl PartialOrd for Oid {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Oid {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl FromStr for Oid {
    type Err = OidError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Serialize for Oid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Oid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_and_octets_agree() {
        let oid = Oid::parse("1.2.840.113549.1.1.11").expect("valid");
        assert_eq!(oid.as_bytes(), [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 11]);
        assert_eq!(oid.to_string(), "1.2.840.113549.1.1.11");
        assert_eq!(oid, Oid::from_arcs(&[1, 2, 840, 113_549, 1, 1, 11]));
    }

    #[test]
    fn long_and_wide_identifiers_survive() {
        let uuid = format!("2.25.{}", u128::MAX);
        assert_eq!(Oid::parse(&uuid).expect("valid").to_string(), uuid);
        let long = format!("1.2{}", ".65536".repeat(20));
        assert_eq!(Oid::parse(&long).expect("valid").to_string(), long);
    }

    #[test]
    fn malformed_text_is_refused() {
        for text in ["", "1", "1.", ".1", "3.1", "1.40", "1.2.03", "1.2.x", "1.2.-1"] {
            assert!(Oid::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn malformed_octets_are_refused() {
        assert!(!Oid::octets_are_valid(&[]));
        assert!(!Oid::octets_are_valid(&[0x2A, 0x80, 0x01]), "padded arc");
        assert!(!Oid::octets_are_valid(&[0x2A, 0x86]), "unfinished arc");
        assert!(!Oid::octets_are_valid(&[0xFF; 40]), "endless arc");
        assert!(Oid::octets_are_valid(&[0x55, 0x1D, 0x0F]));
        let widest = Oid::parse(&format!("2.25.{}", u128::MAX)).expect("valid");
        assert!(Oid::octets_are_valid(widest.as_bytes()));
        let wider = [&[0x69, 0x84], &widest.as_bytes()[2..]].concat();
        assert!(!Oid::octets_are_valid(&wider), "2^128");
    }
}
