//! The providers: what a `ClientConfig` or `ServerConfig` is built with.

use rustls::crypto::{CryptoProvider, SupportedKxGroup, WebPkiSupportedAlgorithms};
use rustls::pki_types::SignatureVerificationAlgorithm;
use rustls::{SignatureScheme, SupportedCipherSuite};

use crate::group::CurveSm2;
use crate::key::KeyLoader;
use crate::random::SystemRandom;
use crate::{suite, verify};

static KX_GROUP: CurveSm2 = CurveSm2;
static SM2_KEYS: KeyLoader = KeyLoader { others: None };

/// The suites of RFC 8998, preferred first.
fn suites() -> Vec<SupportedCipherSuite> {
    vec![suite::SM4_GCM_SM3, suite::SM4_CCM_SM3]
}

/// RFC 8998 and nothing else: its two suites, curveSM2, and SM2 certificates.
///
/// A server with it takes part in no other handshake, and what must go together
/// always does. Verifiers that are built with it accept chains signed with SM2
/// throughout (section 3.3.3).
#[must_use]
pub fn provider() -> CryptoProvider {
    CryptoProvider {
        cipher_suites: suites(),
        kx_groups: vec![&KX_GROUP],
        signature_verification_algorithms: verify::SUPPORTED,
        secure_random: &SystemRandom,
        key_provider: &SM2_KEYS,
    }
}

/// Another provider's suites and groups, with SM2 keys and signatures beside its own:
/// for clients that authenticate with SM2 keys under ordinary suites, and for servers
/// that take such clients. TLS 1.3 alone has a name for these signatures.
///
/// To be called once: what rustls wants to live as long as the process does so.
#[must_use]
pub fn with_sm2_authentication(base: CryptoProvider) -> CryptoProvider {
    CryptoProvider {
        signature_verification_algorithms: extended(base.signature_verification_algorithms),
        key_provider: Box::leak(Box::new(KeyLoader { others: Some(base.key_provider) })),
        ..base
    }
}

/// For clients that offer RFC 8998 first and another provider's suites beside it. The
/// key share is that of curveSM2 (section 3.3.1.1); a server that has none of this
/// asks for another one.
///
/// Such a client cannot keep a server from choosing one thing from here and another
/// from there: ask [`Profile::of`](crate::Profile::of) after the handshake. It is not
/// for servers, which choose with [`Preference`](crate::Preference) between two
/// configurations instead.
///
/// To be called once, as [`with_sm2_authentication`].
#[must_use]
pub fn offering_both(base: CryptoProvider) -> CryptoProvider {
    let base = with_sm2_authentication(base);
    let mut cipher_suites = suites();
    cipher_suites.extend(base.cipher_suites);
    let mut kx_groups: Vec<&'static dyn SupportedKxGroup> = vec![&KX_GROUP];
    kx_groups.extend(base.kx_groups);
    CryptoProvider { cipher_suites, kx_groups, ..base }
}

/// SM2 behind what `base` verifies.
fn extended(base: WebPkiSupportedAlgorithms) -> WebPkiSupportedAlgorithms {
    type Algorithms = &'static [&'static dyn SignatureVerificationAlgorithm];
    let mut all: Vec<&'static dyn SignatureVerificationAlgorithm> = base.all.to_vec();
    all.extend(verify::CERTIFICATE_ALGORITHMS);
    let mut mapping: Vec<(SignatureScheme, Algorithms)> = base.mapping.to_vec();
    mapping.extend(verify::HANDSHAKE_ALGORITHMS);
    WebPkiSupportedAlgorithms { all: Vec::leak(all), mapping: Vec::leak(mapping) }
}
