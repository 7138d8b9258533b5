//! The two cipher suites (RFC 8998 section 2).

use rustls::crypto::CipherSuiteCommon;
use rustls::crypto::tls13::HkdfUsingHmac;
use rustls::{SupportedCipherSuite, Tls13CipherSuite};

use crate::code_points;
use crate::hash::{HmacSm3, Sm3Hash};
use crate::record::{RecordProtection, Sm4Ccm, Sm4Gcm};

/// Records of full length under one key for GCM with blocks of 128 bits, for an
/// attacker's advantage of 2^-60 (RFC 8446 section 5.5; the limit depends on the
/// block's length, not on the cipher). rustls changes the key before.
const GCM_RECORDS: u64 = 1 << 24;

/// The same for CCM: encrypted and forged records together stay below 2^34 divided
/// by the 2^10 blocks of a record (RFC 9001 appendix B.2), which leaves half of 2^24.
const CCM_RECORDS: u64 = 1 << 23;

/// `TLS_SM4_GCM_SM3`.
pub(crate) static SM4_GCM_SM3: SupportedCipherSuite =
    SupportedCipherSuite::Tls13(&Tls13CipherSuite {
        common: CipherSuiteCommon {
            suite: code_points::TLS_SM4_GCM_SM3,
            hash_provider: &Sm3Hash,
            confidentiality_limit: GCM_RECORDS,
        },
        hkdf_provider: &HkdfUsingHmac(&HmacSm3),
        aead_alg: &RecordProtection::<Sm4Gcm>::new(),
        // RFC 8998 says nothing of QUIC.
        quic: None,
    });

/// `TLS_SM4_CCM_SM3`.
pub(crate) static SM4_CCM_SM3: SupportedCipherSuite =
    SupportedCipherSuite::Tls13(&Tls13CipherSuite {
        common: CipherSuiteCommon {
            suite: code_points::TLS_SM4_CCM_SM3,
            hash_provider: &Sm3Hash,
            confidentiality_limit: CCM_RECORDS,
        },
        hkdf_provider: &HkdfUsingHmac(&HmacSm3),
        aead_alg: &RecordProtection::<Sm4Ccm>::new(),
        quic: None,
    });
