//! The two sides of a listener: ordinary TLS, and RFC 8998.
//!
//! RFC 8998 is a profile of TLS 1.3: its suites, its group, an SM2 certificate of the
//! server and SM2 signatures of the client go together (section 3.3). Each side knows
//! its own parts alone, so that nothing can be mixed; the ClientHello decides which
//! one answers it.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use rustls::crypto::CryptoProvider;
use rustls::sign::SingleCertAndKey;
use rustls::{
    ConfigBuilder, ServerConfig, SignatureScheme, SupportedProtocolVersion, WantsVerifier,
};
use tongxing_gm_tls::{Offer, Preference};

use super::material::{self, ServerCertificateKind, TlsError};
use super::verifier;
use crate::config::{ListenerConfig, TlsVersions};

const TLS12: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];
const TLS13: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];
const BOTH: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13, &rustls::version::TLS12];

static ORDINARY: LazyLock<Arc<CryptoProvider>> =
    LazyLock::new(|| Arc::new(rustls::crypto::ring::default_provider()));
static SHANGMI: LazyLock<Arc<CryptoProvider>> =
    LazyLock::new(|| Arc::new(tongxing_gm_tls::provider()));

/// The suites, groups and kinds of server keys of a side.
pub(super) fn provider(kind: ServerCertificateKind) -> &'static Arc<CryptoProvider> {
    match kind {
        ServerCertificateKind::Ordinary => &ORDINARY,
        ServerCertificateKind::Sm2 => &SHANGMI,
    }
}

/// What the connections of one side of a listener share.
#[derive(Debug, Clone)]
pub(super) struct Side {
    pub(super) builder: ConfigBuilder<ServerConfig, WantsVerifier>,
    pub(super) server: Arc<SingleCertAndKey>,
    /// What clients may sign with, preferred first.
    pub(super) client_schemes: &'static [SignatureScheme],
}

impl Side {
    fn load(
        kind: ServerCertificateKind,
        (certificate_file, key_file): (&Path, &Path),
        versions: &[&'static SupportedProtocolVersion],
    ) -> Result<Self, TlsError> {
        let server = material::load(kind, certificate_file, key_file)?;
        let builder = ServerConfig::builder_with_provider(Arc::clone(provider(kind)))
            .with_protocol_versions(versions)
            .map_err(TlsError::Unusable)?;
        Ok(Self {
            builder,
            server: Arc::new(SingleCertAndKey::from(server)),
            client_schemes: match kind {
                ServerCertificateKind::Ordinary => verifier::ORDINARY_SCHEMES,
                ServerCertificateKind::Sm2 => verifier::RFC_8998_SCHEMES,
            },
        })
    }
}

/// Both sides of a listener, or `T` made of each.
#[derive(Debug)]
pub(super) struct Sides<T> {
    ordinary: T,
    shangmi: Option<(T, Preference)>,
}

impl Sides<Side> {
    pub(super) fn load(config: &ListenerConfig) -> Result<Self, TlsError> {
        let versions = match config.versions {
            TlsVersions::Tls12 => TLS12,
            TlsVersions::Tls13 => TLS13,
            TlsVersions::Both => BOTH,
        };
        let files = (&*config.certificate_file, &*config.key_file);
        let ordinary = Side::load(ServerCertificateKind::Ordinary, files, versions)?;
        let shangmi = config.sm2.as_ref().map(|sm2| {
            let files = (&*sm2.certificate_file, &*sm2.key_file);
            // RFC 8998 section 3.1.
            let side = Side::load(ServerCertificateKind::Sm2, files, TLS13)?;
            Ok::<_, TlsError>((side, sm2.preference))
        });
        Ok(Self { ordinary, shangmi: shangmi.transpose()? })
    }

    pub(super) fn map<T>(self, make: impl Fn(Side) -> T) -> Sides<T> {
        Sides {
            ordinary: make(self.ordinary),
            shangmi: self.shangmi.map(|(side, preference)| (make(side), preference)),
        }
    }
}

impl<T> Sides<T> {
    /// The side that answers a ClientHello.
    pub(super) fn answering(&self, offer: Offer) -> &T {
        match &self.shangmi {
            Some((side, preference)) if preference.takes(offer) => side,
            _ => &self.ordinary,
        }
    }
}
