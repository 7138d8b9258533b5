//! Named bits: what a key may be used for, and reasons for revocation.

use std::fmt;

use crate::der::primitive::read_bit_string;
use crate::der::reader::Element;

/// What a key may be used for (RFC 5280 4.2.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyUsage(u16);

/// A set of reasons for revocation (RFC 5280 4.2.1.13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReasonFlags(u16);

macro_rules! usages {
    ($($(#[$doc:meta])* $method:ident = $bit:literal, $name:literal;)+) => {
        impl KeyUsage {
            $($(#[$doc])*
            #[must_use]
            pub const fn $method(self) -> bool {
                self.0 & (1 << $bit) != 0
            })+
        }

        const USAGES: &[(u16, &str)] = &[$((1 << $bit, $name)),+];
    };
}

usages! {
    /// Signatures other than on certificates and lists.
    digital_signature = 0, "digitalSignature";
    /// Signatures against the signer's denial; X.509 now calls it
    /// contentCommitment.
    non_repudiation = 1, "nonRepudiation";
    /// Encrypting keys.
    key_encipherment = 2, "keyEncipherment";
    /// Encrypting data directly.
    data_encipherment = 3, "dataEncipherment";
    /// Key agreement.
    key_agreement = 4, "keyAgreement";
    /// Signing certificates.
    key_cert_sign = 5, "keyCertSign";
    /// Signing revocation lists.
    crl_sign = 6, "cRLSign";
    /// With key agreement: only to encipher.
    encipher_only = 7, "encipherOnly";
    /// With key agreement: only to decipher.
    decipher_only = 8, "decipherOnly";
}

impl KeyUsage {
    pub(super) fn read(value: Element<'_>) -> Option<Self> {
        named_bits(value).map(Self)
    }

    /// Whether no use at all is named.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl ReasonFlags {
    /// Every reason (RFC 5280 6.3.3 calls it all-reasons).
    pub const ALL: Self = Self(0b1_1111_1110);
    /// No reason.
    pub const NONE: Self = Self(0);

    pub(super) fn read(value: Element<'_>) -> Option<Self> {
        named_bits(value).map(Self)
    }

    /// The bits, the first named one (`unused`) lowest.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The reasons in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The reasons in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every reason of `other` is in this set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether there are no reasons.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// The first sixteen bits of a BIT STRING, the first one lowest. No standard
/// names more.
fn named_bits(value: Element<'_>) -> Option<u16> {
    let (octets, _) = read_bit_string(value.content).ok()?;
    let octet = |index: usize| octets.get(index).copied().unwrap_or(0).reverse_bits();
    Some(u16::from_le_bytes([octet(0), octet(1)]))
}

/// The names of the standard, separated by commas.
impl fmt::Display for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (bit, name) in USAGES {
            if self.0 & bit != 0 {
                write!(f, "{separator}{name}")?;
                separator = ", ";
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::reader::read_single;

    fn usage(octets: &[u8]) -> KeyUsage {
        KeyUsage::read(read_single(octets).expect("DER")).expect("a BIT STRING")
    }

    #[test]
    fn bits_have_names() {
        let signing = usage(&[3, 2, 6, 0b1100_0000]);
        assert!(signing.digital_signature() && signing.non_repudiation());
        assert!(!signing.key_cert_sign());
        assert_eq!(signing.to_string(), "digitalSignature, nonRepudiation");
        let ninth = usage(&[3, 3, 7, 0b0000_1000, 0b1000_0000]);
        assert!(ninth.decipher_only() && ninth.key_agreement());
        assert!(usage(&[3, 1, 0]).is_empty());
    }
}
