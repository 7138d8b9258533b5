//! The names of RFC 8998, in the one place that changes when rustls knows them.
//!
//! rustls 0.23 has no variants for them and reads them from the wire as `Unknown`;
//! a test below fails as soon as it does not.

use rustls::crypto::hash::HashAlgorithm;
use rustls::{CipherSuite, NamedGroup, SignatureAlgorithm, SignatureScheme};

/// SM4 in Galois/Counter mode with SM3 (RFC 8998 section 2).
pub const TLS_SM4_GCM_SM3: CipherSuite = CipherSuite::Unknown(0x00c6);

/// SM4 in Counter with CBC-MAC mode with SM3 (RFC 8998 section 2).
pub const TLS_SM4_CCM_SM3: CipherSuite = CipherSuite::Unknown(0x00c7);

/// The group curveSM2 (RFC 8998 section 2).
pub const CURVE_SM2: NamedGroup = NamedGroup::Unknown(41);

/// The signature scheme sm2sig_sm3 (RFC 8998 section 2).
pub const SM2SIG_SM3: SignatureScheme = SignatureScheme::Unknown(0x0708);

/// rustls tells hashes apart by it and sends it nowhere: the first octet of
/// [`SM2SIG_SM3`].
pub(crate) const SM3: HashAlgorithm = HashAlgorithm::Unknown(0x07);

/// TLS 1.2 has no name for SM2 keys. One of its private-use values (RFC 5246 section
/// 12), which is never sent, keeps every TLS 1.2 suite from being used with them.
pub(crate) const SM2_KEY: SignatureAlgorithm = SignatureAlgorithm::Unknown(0xfe);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rustls_reads_the_code_points_as_these_values() {
        assert_eq!(CipherSuite::from(0x00c6), TLS_SM4_GCM_SM3);
        assert_eq!(CipherSuite::from(0x00c7), TLS_SM4_CCM_SM3);
        assert_eq!(NamedGroup::from(41), CURVE_SM2);
        assert_eq!(SignatureScheme::from(0x0708), SM2SIG_SM3);
        assert_eq!(HashAlgorithm::from(0x07), SM3);
        assert_eq!(SignatureAlgorithm::from(0xfe), SM2_KEY);
    }
}
