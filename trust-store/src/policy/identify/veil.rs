//! What an explanation shows of a certificate's texts.
//!
//! A certificate puts a person's name and id wherever its authority likes, so no
//! text of it can be called harmless by where it stands. Veiled, a text keeps its
//! shape, which is what a rule is written for: digits show as `9`, letters as `A`
//! and `a`, other characters of words as `某`. Only what the policy itself read as
//! a legal entity's is shown as it is, wherever it occurs.

use der::asn1::AnyRef;
use der::{Decode, Tagged};

use super::super::identity::{ClaimText, Identity, Privacy};
use crate::hex;

/// Whether an explanation shows what may be about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disclosure {
    /// Shapes only, but for what is a legal entity's.
    Veiled,
    /// Everything in the clear.
    Revealed,
}

/// Hides what may be personal.
pub(super) struct Veil {
    disclosure: Disclosure,
    /// What may be shown wherever it occurs; longest first.
    public: Vec<String>,
}

impl Veil {
    /// The veil for a certificate with this identity; without one nothing in it is
    /// known to be a legal entity's.
    pub(super) fn over(disclosure: Disclosure, identity: Option<&Identity>) -> Self {
        let entity = identity.map(|identity| &identity.entity);
        let claims =
            entity.into_iter().flat_map(|entity| [Some(&entity.value), entity.name.as_ref()]);
        let public = claims.flatten().filter(|claim| claim.privacy() == Privacy::Public);
        let mut public: Vec<String> = public.map(|claim| claim.reveal().to_owned()).collect();
        public.retain(|text| !text.is_empty());
        public.sort_by_key(|text| std::cmp::Reverse(text.len()));
        Self { disclosure, public }
    }

    /// A text of the certificate.
    pub(super) fn text(&self, text: &str) -> String {
        if self.disclosure == Disclosure::Revealed {
            return text.to_owned();
        }
        let mut shown = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let public = self.public.iter().find_map(|public| rest.strip_prefix(public.as_str()));
            let after = public.unwrap_or(&rest[first.len_utf8()..]);
            if public.is_some() {
                shown.push_str(&rest[..rest.len() - after.len()]);
            } else {
                shown.push(shape(first));
            }
            rest = after;
        }
        shown
    }

    /// Octets of the certificate, in hex; veiled, of DER the tags and lengths, which is
    /// what a decoder is chosen by, and of all else only how many they are.
    pub(super) fn octets(&self, octets: &[u8]) -> String {
        match self.disclosure {
            Disclosure::Revealed => hex::encode(octets),
            Disclosure::Veiled => frame(octets, FRAME_DEPTH)
                .unwrap_or_else(|| format!("({} octets, no DER)", octets.len())),
        }
    }

    /// What a rule made of a text.
    pub(super) fn claim(&self, claim: &ClaimText) -> String {
        match self.disclosure {
            Disclosure::Revealed => claim.reveal().to_owned(),
            Disclosure::Veiled => self.text(claim.reveal()),
        }
    }
}

/// `SET { [0] { string } }` is the deepest that decoders read.
const FRAME_DEPTH: usize = 3;

/// The tags and lengths of DER elements one after another, as `13 12 (18 octets)`;
/// `None` if they are none.
fn frame(octets: &[u8], depth: usize) -> Option<String> {
    let mut shown = Vec::new();
    let mut rest = octets;
    while !rest.is_empty() {
        let (element, after) = AnyRef::from_der_partial(rest).ok()?;
        let header = rest.len() - after.len() - element.value().len();
        shown.extend(rest[..header].iter().map(|octet| hex::encode(&[*octet])));
        shown.push(inside(element, depth)?);
        rest = after;
    }
    (!shown.is_empty()).then(|| shown.join(" "))
}

fn inside(element: AnyRef<'_>, depth: usize) -> Option<String> {
    let value = element.value();
    if element.tag().is_constructed() && !value.is_empty() {
        frame(value, depth.checked_sub(1)?)
    } else {
        Some(format!("({} octets)", value.len()))
    }
}

/// A character's kind.
fn shape(c: char) -> char {
    match c {
        _ if c.is_ascii_digit() => '9',
        _ if c.is_ascii_uppercase() => 'A',
        _ if c.is_ascii_lowercase() => 'a',
        _ if c.is_alphanumeric() => '某',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn veil(public: &[&str]) -> Veil {
        let public = public.iter().map(|text| (*text).to_owned()).collect();
        Veil { disclosure: Disclosure::Veiled, public }
    }

    #[test]
    fn a_veiled_text_keeps_its_shape() {
        let veil = veil(&[]);
        assert_eq!(veil.text("张三丰@11010119900307123X"), "某某某@99999999999999999A");
        assert_eq!(veil.text("Li Si-5"), "Aa Aa-9");
    }

    #[test]
    fn veiled_octets_show_how_they_are_encoded_and_nothing_of_what_they_say() {
        let veil = veil(&[]);
        for (octets, shown) in [
            (b"\x13\x02AB".as_slice(), "13 02 (2 octets)"),
            (b"\x31\x06\xA0\x04\x13\x02AB", "31 06 a0 04 13 02 (2 octets)"),
            (b"\x80\x02AB", "80 02 (2 octets)"),
            (b"\x30\x00", "30 00 (0 octets)"),
            (b"1@5009JJ0TX0000000", "(18 octets, no DER)"),
            (b"secret", "(6 octets, no DER)"),
            (b"\x13\x03AB", "(4 octets, no DER)"),
            (b"", "(0 octets, no DER)"),
            (b"\x30\x06\x30\x04\x30\x02\x30\x00", "30 06 30 04 30 02 30 00 (0 octets)"),
            (b"\x30\x08\x30\x06\x30\x04\x30\x02\x30\x00", "(10 octets, no DER)"),
        ] {
            assert_eq!(veil.octets(octets), shown, "{octets:x?}");
        }
    }

    #[test]
    fn what_is_a_legal_entitys_is_shown_wherever_it_stands() {
        let veil = veil(&["示例建设有限公司", "91350100M0001TGQXM"]);
        let text = "张三@示例建设有限公司@91350100M0001TGQXM@示例";
        assert_eq!(veil.text(text), "某某@示例建设有限公司@91350100M0001TGQXM@某某");
    }
}
