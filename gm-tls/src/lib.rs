//! RFC 8998 for [rustls]: SM2, SM3 and SM4 in TLS 1.3, as a provider that any rustls
//! program can use.
//!
//! | what | name | here | source |
//! |---|---|---|---|
//! | cipher suite | `TLS_SM4_GCM_SM3` (0x00C6) | [`TLS_SM4_GCM_SM3`] | RFC 8998 section 2 |
//! | cipher suite | `TLS_SM4_CCM_SM3` (0x00C7) | [`TLS_SM4_CCM_SM3`] | RFC 8998 section 2 |
//! | group | `curveSM2` (41) | [`CURVE_SM2`] | RFC 8998 section 2, GB/T 32918.5 |
//! | signature scheme | `sm2sig_sm3` (0x0708) | [`SM2SIG_SM3`], with the identifier [`HANDSHAKE_ID`] | RFC 8998 section 3.2.1, GB/T 32918.2 |
//! | signatures in certificates | SM2-with-SM3 (1.2.156.10197.1.501), parameters absent or NULL | with the identifier [`CERTIFICATE_ID`] | GM/T 0009, GM/T 0015 |
//! | private keys | PKCS#8 and SEC 1, curve 1.2.156.10197.1.301 | [`load_sm2_key`] | RFC 5958, RFC 5915 |
//! | what goes together | | [`Offer`], [`Preference`], [`Profile`] | RFC 8998 section 3.3 |
//!
//! # Which provider
//!
//! - [`provider`]: RFC 8998 and nothing else, for clients and servers.
//! - [`with_sm2_authentication`]: your provider's suites, and SM2 keys beside its own:
//!   TLS 1.3 with client certificates of SM2 keys under ordinary suites.
//! - [`offering_both`]: for clients that offer RFC 8998 and your provider's suites.
//!
//! ```
//! use std::sync::Arc;
//! use rustls::{ClientConfig, RootCertStore};
//!
//! let roots = RootCertStore::empty(); // your SM2 root certificates
//! let config = ClientConfig::builder_with_provider(Arc::new(tongxing_gm_tls::provider()))
//!     .with_protocol_versions(&[&rustls::version::TLS13])?
//!     .with_root_certificates(roots)
//!     .with_no_client_auth();
//! assert_eq!(config.crypto_provider().cipher_suites.len(), 2);
//! # Ok::<(), rustls::Error>(())
//! ```
//!
//! # A server that does both
//!
//! RFC 8998 is a profile: its suites go with curveSM2, with an SM2 certificate of the
//! server, and with `sm2sig_sm3` alone in a CertificateRequest. rustls 0.23 chooses
//! suite, group and certificate independently of one another, so a server keeps two
//! configurations, one of them built with [`provider`], and chooses by the
//! ClientHello (`rustls::server::Acceptor`); the example `server` does so. Wrong
//! mixes cannot be negotiated then, for neither configuration has the parts.
//!
//! ```
//! # fn choose(accepted: &rustls::server::Accepted) -> bool {
//! use tongxing_gm_tls::{Offer, Preference};
//!
//! Preference::WhenOffered.takes(Offer::of(&accepted.client_hello()))
//! # }
//! ```
//!
//! # What is not here
//!
//! - TLS 1.2. RFC 8998 section 3.1 forbids these suites there, and rustls 0.23 drops
//!   signature schemes that it does not know, so that SM2 client certificates need
//!   TLS 1.3 too. TLCP (GB/T 38636) is another protocol.
//! - QUIC and kernel TLS, for which neither RFC 8998 nor rustls 0.23 has a place.
//! - Keys in the rare form whose algorithm is 1.2.156.10197.1.301 itself: rustls's
//!   certificate library compares one form. Verifiers of your own may take them.
//!
//! # Where the secrets go
//!
//! The arithmetic is RustCrypto's: `sm2` (field arithmetic from fiat-crypto), `sm3`,
//! `sm4`, `aes-gcm`, `ccm` and `hmac`; nothing is calculated here and nothing is
//! unsafe.
//!
//! - Signing and key exchange go through `sm2`'s constant-time scalar multiplication.
//!   Nonces of signatures come from key, message and fresh randomness (RFC 6979
//!   section 3.6).
//! - Tags are compared in constant time, and GHASH is computed without tables.
//! - **SM4 looks its S-box up in a table of 256 octets**, which is not constant time
//!   towards somebody who shares the processor's cache. Where that matters, run TLS
//!   where nobody else computes.
//! - Private keys, key shares, expanded SM4 keys and the states of HMAC are wiped when
//!   dropped. rustls holds traffic secrets and IVs itself.
//!
//! # rustls 0.24
//!
//! It has names for the code points; they stand in one module here, whose test fails
//! when rustls knows them.
//!
//! [rustls]: https://docs.rs/rustls

mod code_points;
mod group;
mod hash;
mod key;
mod negotiate;
mod point;
mod provider;
mod random;
mod record;
mod suite;
#[cfg(test)]
mod test_support;
mod verify;

pub use code_points::{CURVE_SM2, SM2SIG_SM3, TLS_SM4_CCM_SM3, TLS_SM4_GCM_SM3};
pub use key::{KeyError, load_sm2_key};
pub use negotiate::{Offer, Preference, Profile, ProfileError};
pub use provider::{offering_both, provider, with_sm2_authentication};
pub use verify::{CERTIFICATE_ID, HANDSHAKE_ID};
