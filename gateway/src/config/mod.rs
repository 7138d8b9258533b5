//! The server's settings: `tongxing.toml` in the province's folder.
//!
//! 1. The text is parsed strictly: an unknown key or a wrong type is an error
//!    that names its line and column.
//! 2. Every value is validated and turned into the types of this module; nothing
//!    outside ever sees the raw form.
//! 3. Relative paths are taken from the province's folder.
//!
//! Trust is not configured here: authorities, policies and relying parties are in
//! the journal.

mod error;
mod raw;
mod receipts;
mod record;
mod site;
mod sm2;
mod standby;
mod template;
mod validate;

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use error::ConfigError;
pub(crate) use receipts::{ReceiptConfig, ReceiptsGiven, Timestamped};
pub(crate) use record::{DISK_RESERVE, RecordConfig};
pub use site::SiteUrl;
pub(crate) use site::is_host;
pub(crate) use sm2::Sm2Config;
pub(crate) use standby::{AcknowledgeConfig, StandbyConfig};
pub use template::Template;

use crate::token::TokenAlgorithm;

/// The name of the settings file in the province's folder.
pub const CONFIG_FILE: &str = "tongxing.toml";

/// Settings files are small; anything larger is not one.
const CONFIG_MAX_BYTES: u64 = 1024 * 1024;

/// Validated settings of one gateway.
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) folder: PathBuf,
    pub(crate) admin_socket: PathBuf,
    pub(crate) public: ListenerConfig,
    pub(crate) certificate: ListenerConfig,
    /// Names on the certificate listener that send no list of acceptable CAs.
    pub(crate) hosts_without_hints: Vec<String>,
    pub(crate) tokens: TokenConfig,
    pub(crate) limits: LimitConfig,
    pub(crate) timeouts: TimeoutConfig,
    pub(crate) record: RecordConfig,
    pub(crate) standby: StandbyConfig,
    /// Where figures are served in the clear.
    pub(crate) metrics: Option<SocketAddr>,
    pub(crate) revocation: RevocationConfig,
    pub(crate) receipts: ReceiptConfig,
}

/// One TLS listener.
#[derive(Debug, Clone)]
pub(crate) struct ListenerConfig {
    /// The address that clients are told; port 0 stands for the bound port.
    pub(crate) url: SiteUrl,
    /// Where to listen.
    pub(crate) listen: Vec<SocketAddr>,
    /// PEM file with the server's certificate chain, leaf first.
    pub(crate) certificate_file: PathBuf,
    /// PEM file with the server's private key.
    pub(crate) key_file: PathBuf,
    /// The certificate of clients that offer RFC 8998.
    pub(crate) sm2: Option<Sm2Config>,
    /// Protocol versions offered.
    pub(crate) versions: TlsVersions,
    /// Names and addresses that a request may be for, lower-case, without port.
    pub(crate) hosts: Vec<String>,
}

impl ListenerConfig {
    /// One that is told to clients as `url`, answers for `hosts` too, and listens nowhere.
    pub(crate) fn unbound(url: &str, hosts: &[&str]) -> Result<Self, String> {
        Ok(Self {
            url: url.parse()?,
            listen: Vec::new(),
            certificate_file: PathBuf::new(),
            key_file: PathBuf::new(),
            sm2: None,
            versions: TlsVersions::Both,
            hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
        })
    }

    /// Whether a request without a TLS server name may be for `host`.
    pub(crate) fn answers_for(&self, host: &str) -> bool {
        host == self.url.host() || self.hosts.iter().any(|name| name == host)
    }

    /// Adds the addresses listened on, unless they stand for all addresses.
    fn add_listen_addresses(&mut self) {
        for address in &self.listen {
            let ip = address.ip();
            if !ip.is_unspecified() {
                self.hosts.push(host_of(ip));
            }
        }
    }
}

/// An address as it stands in a Host header (RFC 3986 3.2.2), without a port.
fn host_of(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    }
}

/// The protocol versions of a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TlsVersions {
    /// TLS 1.2 only: for keys that cannot do RSA-PSS, which TLS 1.3 demands.
    Tls12,
    /// TLS 1.3 only.
    Tls13,
    /// Both, the newer preferred.
    Both,
}

/// How tokens are made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TokenConfig {
    /// The longest that a token is valid, whatever the province's policy allows; at
    /// most fifteen minutes.
    pub(crate) max_lifetime_seconds: i64,
    /// The algorithm of newly made signing keys.
    pub(crate) algorithm: TokenAlgorithm,
    /// How long a key signs before the next one takes over.
    pub(crate) rotation_seconds: i64,
}

/// What one client, and all of them, may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LimitConfig {
    /// Connections at a time on both TLS listeners together.
    pub(crate) connections: usize,
    /// Connections at a time from one address: a whole hall sits behind one.
    pub(crate) connections_per_address: usize,
    /// Sign-ins a minute with one certificate for one relying party.
    pub(crate) sign_ins_per_certificate: NonZeroU32,
    /// Requests a minute that cost something, from one address.
    pub(crate) requests_per_address: NonZeroU32,
    /// TLS handshakes a minute from one address, on both listeners together.
    pub(crate) handshakes_per_address: NonZeroU32,
    /// Failed attempts a minute to pass for a relying party, from one address.
    pub(crate) failures_per_address: NonZeroU32,
    /// Verifications a minute for a relying party, unless it has a quota of its own.
    pub(crate) verifications_per_party: NonZeroU32,
    /// Documents that are judged at once.
    pub(crate) verifications: usize,
    /// The longest signed document, in bytes: it is held in memory.
    pub(crate) attached_document: usize,
    /// The longest content that is hashed as it comes, in bytes.
    pub(crate) content: u64,
}

/// How revocation lists come in.
#[derive(Debug, Clone)]
pub(crate) struct RevocationConfig {
    /// A folder whose files are imported.
    pub(crate) drop_folder: Option<PathBuf>,
}

/// How long clients may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeoutConfig {
    /// From accepting a connection to the end of its TLS handshake.
    pub(crate) handshake: Duration,
    /// For a request's header; a connection may be idle as long.
    pub(crate) header: Duration,
    /// For a request's content to arrive.
    pub(crate) request: Duration,
    /// For a connection as a whole.
    pub(crate) connection: Duration,
    /// For open requests at shutdown.
    pub(crate) drain: Duration,
}

impl Config {
    /// Reads and validates `tongxing.toml` in the province's folder.
    pub fn load(folder: &Path) -> Result<Self, ConfigError> {
        let file = folder.join(CONFIG_FILE);
        let unreadable = |source| ConfigError::Unreadable { file: file.clone(), source };
        let length = std::fs::metadata(&file).map_err(unreadable)?.len();
        if length > CONFIG_MAX_BYTES {
            return Err(ConfigError::TooLarge { file, limit: CONFIG_MAX_BYTES });
        }
        let text = std::fs::read_to_string(&file).map_err(unreadable)?;
        Self::parse(&text, folder)
    }

    /// Validates the text of a settings file; `folder` is what relative paths
    /// start from.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, ConfigError> {
        let file = folder.join(CONFIG_FILE);
        let raw = raw::parse(text, &file)?;
        validate::validate(raw, &validate::Source { file: &file, text, folder })
    }

    /// A complete settings file with every key explained.
    pub fn default_toml(template: &Template) -> String {
        template.render()
    }

    /// Where the gateway's admin socket is.
    pub fn admin_socket(&self) -> &Path {
        &self.admin_socket
    }

    /// The second place of the checkpoints, where one is set.
    pub fn checkpoint_copy(&self) -> Option<&Path> {
        self.record.checkpoint_copy.as_deref()
    }

    /// The address of the public listener; also the issuer of tokens.
    pub fn public_url(&self) -> &SiteUrl {
        &self.public.url
    }

    /// The address of the certificate listener.
    pub fn certificate_url(&self) -> &SiteUrl {
        &self.certificate.url
    }
}

#[cfg(test)]
mod tests;
