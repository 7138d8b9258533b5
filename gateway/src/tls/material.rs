//! The server's own certificates and keys.

use std::path::{Path, PathBuf};

use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tongxing_pki::{Certificate, Fault, KeyUsage, SignatureAlgorithm};

use super::side;

/// Why TLS cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A PEM file is missing or holds something else.
    #[error("{}: {source}", path.display())]
    Pem {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: rustls_pki_types::pem::Error,
    },
    /// The file holds no certificate.
    #[error("{}: no certificate in it", path.display())]
    NoCertificate {
        /// Which file.
        path: PathBuf,
    },
    /// The certificate is malformed.
    #[error("{}: {source}", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        source: Fault,
    },
    /// The certificate cannot be shown to clients of RFC 8998 (section 3.3.3).
    #[error("{}: no certificate for RFC 8998: {problem}", path.display())]
    NotForRfc8998 {
        /// Which file.
        path: PathBuf,
        /// What it lacks.
        problem: &'static str,
    },
    /// The key is of an unknown kind, or not the certificate's.
    #[error("{}: {source}", path.display())]
    Key {
        /// The key's file.
        path: PathBuf,
        /// What rustls said.
        source: rustls::Error,
    },
    /// Reading them was cut off.
    #[error("reading certificates: {0}")]
    Unread(String),
    /// The versions and cipher suites do not go together.
    #[error("TLS settings: {0}")]
    Unusable(rustls::Error),
}

/// Which of a listener's two certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerCertificateKind {
    /// For clients that do not offer RFC 8998: RSA, ECDSA or Ed25519.
    Ordinary,
    /// For those that do: SM2.
    Sm2,
}

/// Whether a server could show this chain and use this key.
///
/// # Errors
/// [`TlsError`] with the file and what is wrong with it.
pub fn check_server_certificate(
    kind: ServerCertificateKind,
    certificate_file: &Path,
    key_file: &Path,
) -> Result<(), TlsError> {
    load(kind, certificate_file, key_file).map(drop)
}

/// Reads the chain and the key, and checks that they belong together.
pub(super) fn load(
    kind: ServerCertificateKind,
    certificate_file: &Path,
    key_file: &Path,
) -> Result<CertifiedKey, TlsError> {
    let chain = read_chain(certificate_file)?;
    let key = PrivateKeyDer::from_pem_file(key_file)
        .map_err(|source| TlsError::Pem { path: key_file.to_owned(), source })?;
    let provider: &CryptoProvider = side::provider(kind);
    let certified = CertifiedKey::from_der(chain, key, provider)
        .map_err(|source| TlsError::Key { path: key_file.to_owned(), source })?;
    if kind == ServerCertificateKind::Sm2 {
        // The chain is not empty.
        let leaf = certified.end_entity_cert().map_err(TlsError::Unusable)?;
        check_rfc_8998(certificate_file, leaf)?;
    }
    Ok(certified)
}

/// RFC 8998 section 3.3.3; that the key is SM2's came with the provider.
fn check_rfc_8998(path: &Path, leaf: &CertificateDer<'_>) -> Result<(), TlsError> {
    let leaf = Certificate::parse(leaf)
        .map_err(|source| TlsError::Malformed { path: path.to_owned(), source })?;
    let fault = |problem| Err(TlsError::NotForRfc8998 { path: path.to_owned(), problem });
    if *leaf.signature_algorithm() != SignatureAlgorithm::Sm2Sm3 {
        return fault("its issuer did not sign it with SM2");
    }
    if !leaf.key_usage().is_none_or(KeyUsage::digital_signature) {
        return fault("its key usage lacks digitalSignature");
    }
    Ok(())
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = |source| TlsError::Pem { path: path.to_owned(), source };
    let certificates = CertificateDer::pem_file_iter(path).map_err(pem)?;
    let chain = certificates.collect::<Result<Vec<_>, _>>().map_err(pem)?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate { path: path.to_owned() });
    }
    Ok(chain)
}
