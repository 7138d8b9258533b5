//! The second certificate of a listener: an SM2 key's, for clients that offer
//! RFC 8998.

use std::path::PathBuf;

use tongxing_gm_tls::Preference;

use super::raw::{RawListener, RawSm2When};
use super::validate::Source;
use super::{ConfigError, TlsVersions};

/// An SM2 certificate, and who sees it.
#[derive(Debug, Clone)]
pub(crate) struct Sm2Config {
    /// PEM file with the certificate chain, leaf first.
    pub(crate) certificate_file: PathBuf,
    /// PEM file with its private key.
    pub(crate) key_file: PathBuf,
    /// Which of the clients that offer RFC 8998 as a whole.
    pub(crate) preference: Preference,
}

impl Source<'_> {
    /// Both files or neither; they need TLS 1.3 (RFC 8998 section 3.1).
    pub(super) fn sm2(
        &self,
        raw: &RawListener,
        versions: TlsVersions,
    ) -> Result<Option<Sm2Config>, ConfigError> {
        let (certificate, key) = match (&raw.sm2_certificate_file, &raw.sm2_key_file) {
            (Some(certificate), Some(key)) => (certificate, key),
            (Some(alone), None) => {
                return Err(self.fault("sm2_certificate_file", alone, lacks("sm2_key_file")));
            }
            (None, Some(alone)) => {
                return Err(self.fault("sm2_key_file", alone, lacks("sm2_certificate_file")));
            }
            (None, None) => {
                return match &raw.sm2_when {
                    Some(alone) => {
                        Err(self.fault("sm2_when", alone, lacks("sm2_certificate_file")))
                    }
                    None => Ok(None),
                };
            }
        };
        if versions == TlsVersions::Tls12 {
            let problem = "SM2 needs TLS 1.3: add \"1.3\" to tls".to_owned();
            return Err(self.fault("sm2_certificate_file", certificate, problem));
        }
        Ok(Some(Sm2Config {
            certificate_file: self.path(Some(certificate), ""),
            key_file: self.path(Some(key), ""),
            preference: match raw.sm2_when.as_ref().map(|when| *when.get_ref()) {
                None | Some(RawSm2When::Offered) => Preference::WhenOffered,
                Some(RawSm2When::Preferred) => Preference::WhenPreferred,
            },
        }))
    }
}

fn lacks(other: &str) -> String {
    format!("{other} is missing beside it")
}
