//! The settings file as written: strict about keys and types, nothing else.

use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::ConfigError;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawConfig {
    pub(super) public_url: Spanned<String>,
    pub(super) certificate_url: Spanned<String>,
    pub(super) admin_socket: Option<Spanned<String>>,
    pub(super) public: RawListener,
    pub(super) certificate: RawCertificateListener,
    #[serde(default)]
    pub(super) tokens: RawTokens,
    #[serde(default)]
    pub(super) limits: RawLimits,
    #[serde(default)]
    pub(super) timeouts: RawTimeouts,
    #[serde(default)]
    pub(super) record: RawRecord,
    #[serde(default)]
    pub(super) standby: RawStandby,
    #[serde(default)]
    pub(super) metrics: RawMetrics,
    #[serde(default)]
    pub(super) revocation: RawRevocation,
    #[serde(default)]
    pub(super) receipts: RawReceipts,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawListener {
    pub(super) listen: Spanned<Vec<Spanned<String>>>,
    pub(super) certificate_file: Spanned<String>,
    pub(super) key_file: Spanned<String>,
    pub(super) sm2_certificate_file: Option<Spanned<String>>,
    pub(super) sm2_key_file: Option<Spanned<String>>,
    pub(super) sm2_when: Option<Spanned<RawSm2When>>,
    pub(super) tls: Option<Spanned<Vec<RawVersion>>>,
    #[serde(default)]
    pub(super) hosts: Vec<Spanned<String>>,
}

/// A listener that asks for certificates has one key more; serde cannot refuse
/// unknown keys through a flattened part, so the keys stand here again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCertificateListener {
    listen: Spanned<Vec<Spanned<String>>>,
    certificate_file: Spanned<String>,
    key_file: Spanned<String>,
    sm2_certificate_file: Option<Spanned<String>>,
    sm2_key_file: Option<Spanned<String>>,
    sm2_when: Option<Spanned<RawSm2When>>,
    tls: Option<Spanned<Vec<RawVersion>>>,
    #[serde(default)]
    hosts: Vec<Spanned<String>>,
    #[serde(default)]
    hosts_without_hints: Vec<Spanned<String>>,
}

impl RawCertificateListener {
    /// The part that every listener has, and the hosts without hints.
    pub(super) fn split(self) -> (RawListener, Vec<Spanned<String>>) {
        let common = RawListener {
            listen: self.listen,
            certificate_file: self.certificate_file,
            key_file: self.key_file,
            sm2_certificate_file: self.sm2_certificate_file,
            sm2_key_file: self.sm2_key_file,
            sm2_when: self.sm2_when,
            tls: self.tls,
            hosts: self.hosts,
        };
        (common, self.hosts_without_hints)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum RawVersion {
    #[serde(rename = "1.2")]
    Tls12,
    #[serde(rename = "1.3")]
    Tls13,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum RawSm2When {
    #[serde(rename = "offered")]
    Offered,
    #[serde(rename = "preferred")]
    Preferred,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTokens {
    pub(super) max_lifetime_seconds: Option<Spanned<u64>>,
    pub(super) algorithm: Option<RawAlgorithm>,
    pub(super) rotation_hours: Option<Spanned<u64>>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) enum RawAlgorithm {
    #[serde(rename = "ES256")]
    Es256,
    #[serde(rename = "EdDSA")]
    EdDsa,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLimits {
    pub(super) connections: Option<Spanned<u64>>,
    pub(super) connections_per_address: Option<Spanned<u64>>,
    pub(super) sign_ins_per_certificate_per_minute: Option<Spanned<u64>>,
    pub(super) requests_per_address_per_minute: Option<Spanned<u64>>,
    pub(super) handshakes_per_address_per_minute: Option<Spanned<u64>>,
    pub(super) failed_authentications_per_address_per_minute: Option<Spanned<u64>>,
    pub(super) verifications_per_party_per_minute: Option<Spanned<u64>>,
    pub(super) verifications: Option<Spanned<u64>>,
    pub(super) attached_document: Option<Spanned<RawBytes>>,
    pub(super) content: Option<Spanned<RawBytes>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the keys of the file name their unit")]
pub(super) struct RawTimeouts {
    pub(super) handshake_seconds: Option<Spanned<u64>>,
    pub(super) header_seconds: Option<Spanned<u64>>,
    pub(super) request_seconds: Option<Spanned<u64>>,
    pub(super) connection_seconds: Option<Spanned<u64>>,
    pub(super) drain_seconds: Option<Spanned<u64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRecord {
    pub(super) image_every: Option<Spanned<u64>>,
    pub(super) disk_reserve: Option<Spanned<RawBytes>>,
    pub(super) checkpoint_interval_seconds: Option<Spanned<u64>>,
    pub(super) checkpoint_copy: Option<Spanned<String>>,
    pub(super) timestamp_url: Option<Spanned<String>>,
    pub(super) timestamp_interval_seconds: Option<Spanned<u64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStandby {
    pub(super) listen: Option<Spanned<String>>,
    pub(super) address: Option<Spanned<String>>,
    pub(super) acknowledge: Option<RawAcknowledge>,
    pub(super) degrade_after_seconds: Option<Spanned<u64>>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawAcknowledge {
    Local,
    Standby,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMetrics {
    pub(super) listen: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRevocation {
    pub(super) drop_folder: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawReceipts {
    pub(super) given: Option<RawGiven>,
    pub(super) timestamp: Option<Spanned<bool>>,
    pub(super) webhook_roots: Option<Spanned<String>>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawGiven {
    Asked,
    Always,
}

/// An amount of bytes: a number, or a text such as `"512MiB"`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum RawBytes {
    Number(u64),
    Text(String),
}

/// Parses the text; the parser's message names line and column.
pub(super) fn parse(text: &str, file: &Path) -> Result<RawConfig, ConfigError> {
    toml::from_str(text)
        .map_err(|error| ConfigError::Syntax { file: file.to_owned(), message: error.to_string() })
}
