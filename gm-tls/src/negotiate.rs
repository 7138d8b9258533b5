//! What goes together: RFC 8998 section 3.3 is a profile, rustls chooses each part
//! by itself.
//!
//! 1. Before the handshake a server asks what a ClientHello [`Offer`]s, and takes one
//!    of two configurations by its [`Preference`]: one that knows RFC 8998 alone
//!    ([`provider`](crate::provider)), one that does not know it. Nothing can be
//!    mixed then.
//! 2. After it, a client that offered both asks for the [`Profile`] it came to.

use rustls::crypto::SupportedKxGroup;
use rustls::pki_types::CertificateDer;
use rustls::server::{ClientHello, ParsedCertificate};
use rustls::{CipherSuite, CommonState, NamedGroup, SignatureScheme};

use crate::code_points::{CURVE_SM2, SM2SIG_SM3, TLS_SM4_CCM_SM3, TLS_SM4_GCM_SM3};
use crate::verify::SM2_KEY;

fn is_sm4(suite: CipherSuite) -> bool {
    [TLS_SM4_GCM_SM3, TLS_SM4_CCM_SM3].contains(&suite)
}

/// What a ClientHello offers of RFC 8998 section 3.3.1.1.
///
/// rustls shows neither the key shares nor `signature_algorithms_cert`: a client that
/// left out the share of curveSM2 is asked for it by a HelloRetryRequest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// A suite, the group and the signature scheme. `preferred` when the suite stands
    /// before every other that the client offers, GREASE (RFC 8701) aside.
    Whole {
        /// Whether the client lists it before everything else.
        preferred: bool,
    },
    /// A suite whose group or signature scheme is missing: not usable.
    Partial,
    /// Neither suite.
    None,
}

impl Offer {
    /// What this ClientHello offers.
    #[must_use]
    pub fn of(hello: &ClientHello<'_>) -> Self {
        let groups = hello.named_groups().unwrap_or_default();
        Self::from_lists(hello.cipher_suites(), groups, hello.signature_schemes())
    }

    fn from_lists(
        suites: &[CipherSuite],
        groups: &[NamedGroup],
        schemes: &[SignatureScheme],
    ) -> Self {
        if !suites.iter().copied().any(is_sm4) {
            return Self::None;
        }
        if !groups.contains(&CURVE_SM2) || !schemes.contains(&SM2SIG_SM3) {
            return Self::Partial;
        }
        let first = suites.iter().copied().find(|suite| !is_grease(*suite));
        Self::Whole { preferred: first.is_some_and(is_sm4) }
    }
}

/// RFC 8701 section 2: both octets the same, ending in A.
fn is_grease(suite: CipherSuite) -> bool {
    let [high, low] = suite.to_array();
    high == low && low & 0x0f == 0x0a
}

/// When a server that can do both does RFC 8998.
///
/// The choice is the client's keys too: under RFC 8998 nobody but holders of SM2 keys
/// can show a certificate (section 3.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preference {
    /// Whenever a client offers it as a whole.
    #[default]
    WhenOffered,
    /// Only where the client also prefers it to everything else.
    WhenPreferred,
}

impl Preference {
    /// Whether this offer is answered by RFC 8998.
    #[must_use]
    pub fn takes(self, offer: Offer) -> bool {
        match offer {
            Offer::Whole { preferred } => preferred || self == Self::WhenOffered,
            Offer::Partial | Offer::None => false,
        }
    }
}

/// What a finished handshake came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// RFC 8998: its suite and group, and an SM2 key where the peer showed one.
    Shangmi,
    /// Neither its suite nor its group.
    Ordinary,
}

/// Why a connection is neither of the two [`Profile`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// The handshake is not over.
    #[error("the handshake is not over")]
    Unfinished,
    /// One of suite and group is RFC 8998's, the other is not (section 3.3.1).
    #[error("suite {suite:?} and group {group:?} do not go together")]
    Mixed {
        /// The suite negotiated.
        suite: CipherSuite,
        /// The group negotiated; none with a resumed session's key alone.
        group: Option<NamedGroup>,
    },
    /// The peer's key is not SM2's under a suite of RFC 8998 (sections 3.3.2, 3.3.3).
    #[error("the peer authenticated with another key than SM2's")]
    ForeignKey,
}

impl Profile {
    /// The profile of a connection whose handshake is over.
    ///
    /// # Errors
    /// [`ProfileError`] if the parts do not go together: the connection is to be
    /// closed.
    pub fn of(connection: &CommonState) -> Result<Self, ProfileError> {
        let suite = connection.negotiated_cipher_suite().ok_or(ProfileError::Unfinished)?.suite();
        if connection.is_handshaking() {
            return Err(ProfileError::Unfinished);
        }
        let group = connection.negotiated_key_exchange_group().map(SupportedKxGroup::name);
        match (is_sm4(suite), group == Some(CURVE_SM2)) {
            (true, true) => {
                let peer = connection.peer_certificates().and_then(<[_]>::first);
                peer.is_none_or(has_sm2_key)
                    .then_some(Self::Shangmi)
                    .ok_or(ProfileError::ForeignKey)
            }
            (false, false) => Ok(Self::Ordinary),
            _ => Err(ProfileError::Mixed { suite, group }),
        }
    }
}

/// Whether a certificate's key is an SM2 key in the form of GM/T 0015.
fn has_sm2_key(certificate: &CertificateDer<'_>) -> bool {
    // SEQUENCE { SEQUENCE { AlgorithmIdentifier }, BIT STRING }: each header of an SM2
    // key has two octets, for none of its parts is longer than 127.
    const HEADERS: usize = 4;
    let Ok(parsed) = ParsedCertificate::try_from(certificate) else { return false };
    let spki = parsed.subject_public_key_info();
    spki.get(HEADERS..).is_some_and(|rest| rest.starts_with(SM2_KEY.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AES: CipherSuite = CipherSuite::TLS13_AES_128_GCM_SHA256;
    const GREASE: CipherSuite = CipherSuite::Unknown(0x8a8a);
    const X25519: NamedGroup = NamedGroup::X25519;
    const ECDSA: SignatureScheme = SignatureScheme::ECDSA_NISTP256_SHA256;

    #[test]
    fn an_offer_is_whole_with_all_three_parts_only() {
        let offer = Offer::from_lists;
        let whole = |preferred| Offer::Whole { preferred };
        for suite in [TLS_SM4_GCM_SM3, TLS_SM4_CCM_SM3] {
            assert_eq!(offer(&[suite], &[CURVE_SM2], &[SM2SIG_SM3]), whole(true));
            assert_eq!(
                offer(&[suite, AES], &[X25519, CURVE_SM2], &[ECDSA, SM2SIG_SM3]),
                whole(true)
            );
            assert_eq!(offer(&[AES, suite], &[CURVE_SM2], &[SM2SIG_SM3]), whole(false));
            assert_eq!(offer(&[GREASE, suite, AES], &[CURVE_SM2], &[SM2SIG_SM3]), whole(true));
            assert_eq!(offer(&[suite], &[X25519], &[SM2SIG_SM3]), Offer::Partial);
            assert_eq!(offer(&[suite], &[CURVE_SM2], &[ECDSA]), Offer::Partial);
        }
        assert_eq!(offer(&[AES], &[CURVE_SM2], &[SM2SIG_SM3]), Offer::None);
    }

    #[test]
    fn a_preference_never_takes_half_an_offer() {
        for preference in [Preference::WhenOffered, Preference::WhenPreferred] {
            assert!(!preference.takes(Offer::None));
            assert!(!preference.takes(Offer::Partial));
            assert!(preference.takes(Offer::Whole { preferred: true }));
        }
        assert!(Preference::WhenOffered.takes(Offer::Whole { preferred: false }));
        assert!(!Preference::WhenPreferred.takes(Offer::Whole { preferred: false }));
    }

    #[test]
    fn grease_is_what_rfc_8701_reserves() {
        let reserved = (0..=u16::MAX).filter(|value| is_grease(CipherSuite::from(*value)));
        let expected: Vec<u16> = (0..16).map(|high| (high << 4 | 0x0a) * 0x0101).collect();
        assert_eq!(reserved.collect::<Vec<_>>(), expected);
    }
}
