//! From the raw form to the validated one; errors name line and column.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use toml::Spanned;

use super::raw::{
    RawAlgorithm, RawConfig, RawLimits, RawListener, RawRevocation, RawTimeouts, RawTokens,
    RawVersion,
};
use super::{
    Config, ConfigError, LimitConfig, ListenerConfig, RevocationConfig, SiteUrl, TimeoutConfig,
    TlsVersions, TokenConfig,
};
use crate::token::TokenAlgorithm;

/// The longest a token may live: a stolen one cannot be called back.
const TOKEN_MAX_SECONDS: u32 = 900;

/// The longest signed document that is read: pki's budget.
const ATTACHED_DOCUMENT: usize = 16 << 20;

/// The longest content that is hashed as it comes: bidding documents with drawings have
/// hundreds of megabytes.
const CONTENT: u64 = 4 << 30;

/// Where the text came from, to say where it is wrong.
pub(super) struct Source<'a> {
    pub(super) file: &'a Path,
    pub(super) text: &'a str,
    pub(super) folder: &'a Path,
}

pub(super) fn validate(raw: RawConfig, source: &Source<'_>) -> Result<Config, ConfigError> {
    let (certificate, without_hints) = raw.certificate.split();
    let public_url = source.text_as("public_url", &raw.public_url)?;
    let certificate_url = source.text_as("certificate_url", &raw.certificate_url)?;
    let hosts_without_hints = source.hosts("certificate.hosts_without_hints", &without_hints)?;
    let mut certificate = source.listener(certificate_url, &certificate)?;
    certificate.hosts.extend(hosts_without_hints.iter().cloned());
    let record = source.record(&raw.record)?;
    let receipts = source.receipts(&raw.receipts, record.timestamp.is_some())?;
    Ok(Config {
        folder: source.folder.to_owned(),
        admin_socket: source.path(raw.admin_socket.as_ref(), "admin.sock"),
        public: source.listener(public_url, &raw.public)?,
        certificate,
        hosts_without_hints,
        tokens: source.tokens(&raw.tokens)?,
        limits: source.limits(&raw.limits)?,
        timeouts: source.timeouts(&raw.timeouts)?,
        record,
        standby: source.standby(&raw.standby)?,
        metrics: source.metrics(&raw.metrics)?,
        revocation: source.revocation(&raw.revocation),
        receipts,
    })
}

impl Source<'_> {
    fn listener(&self, url: SiteUrl, raw: &RawListener) -> Result<ListenerConfig, ConfigError> {
        let mut listen = Vec::new();
        for address in raw.listen.get_ref() {
            listen.push(self.text_as::<SocketAddr>("listen", address)?);
        }
        if listen.is_empty() {
            return Err(self.fault("listen", &raw.listen, "at least one address is needed".into()));
        }
        let versions = self.versions(raw.tls.as_ref())?;
        let mut config = ListenerConfig {
            url,
            listen,
            certificate_file: self.path(Some(&raw.certificate_file), ""),
            key_file: self.path(Some(&raw.key_file), ""),
            sm2: self.sm2(raw, versions)?,
            versions,
            hosts: self.hosts("hosts", &raw.hosts)?,
        };
        config.add_listen_addresses();
        Ok(config)
    }

    fn versions(&self, raw: Option<&Spanned<Vec<RawVersion>>>) -> Result<TlsVersions, ConfigError> {
        let Some(raw) = raw else { return Ok(TlsVersions::Both) };
        let has = |version| raw.get_ref().contains(&version);
        match (has(RawVersion::Tls12), has(RawVersion::Tls13)) {
            (true, true) => Ok(TlsVersions::Both),
            (true, false) => Ok(TlsVersions::Tls12),
            (false, true) => Ok(TlsVersions::Tls13),
            (false, false) => Err(self.fault("tls", raw, "\"1.2\", \"1.3\" or both".into())),
        }
    }

    fn hosts(
        &self,
        key: &'static str,
        raw: &[Spanned<String>],
    ) -> Result<Vec<String>, ConfigError> {
        let mut hosts = Vec::with_capacity(raw.len());
        for host in raw {
            let site: Result<SiteUrl, _> = format!("https://{}", host.get_ref()).parse();
            match site {
                Ok(site) if site.port() == 443 && !host.get_ref().contains(['/', ':']) => {
                    hosts.push(site.host().to_owned());
                }
                _ => {
                    let problem = format!("\"{}\" is no host name without port", host.get_ref());
                    return Err(self.fault(key, host, problem));
                }
            }
        }
        Ok(hosts)
    }

    fn tokens(&self, raw: &RawTokens) -> Result<TokenConfig, ConfigError> {
        let lifetime = raw.max_lifetime_seconds.as_ref();
        let rotation = raw.rotation_hours.as_ref();
        let lifetime = self.number(
            "tokens.max_lifetime_seconds",
            lifetime,
            TOKEN_MAX_SECONDS,
            30..=u64::from(TOKEN_MAX_SECONDS),
        )?;
        let hours = self.number("tokens.rotation_hours", rotation, 24, 1..=24 * 90)?;
        Ok(TokenConfig {
            max_lifetime_seconds: i64::from(lifetime),
            algorithm: match raw.algorithm {
                None | Some(RawAlgorithm::Es256) => TokenAlgorithm::Es256,
                Some(RawAlgorithm::EdDsa) => TokenAlgorithm::EdDsa,
            },
            rotation_seconds: i64::from(hours) * 3600,
        })
    }

    fn limits(&self, raw: &RawLimits) -> Result<LimitConfig, ConfigError> {
        let connections = raw.connections.as_ref();
        let per_address = raw.connections_per_address.as_ref();
        let connections = self.number("limits.connections", connections, 4096, 1..=1_000_000)?;
        let verifications = raw.verifications.as_ref();
        let verifications = self.number("limits.verifications", verifications, 8, 1..=1_024)?;
        let content = raw.content.as_ref();
        let content = content.map(|raw| self.bytes("limits.content", raw)).transpose()?;
        let per_address =
            self.number("limits.connections_per_address", per_address, 1024, 1..=1_000_000)?;
        Ok(LimitConfig {
            connections: connections as usize,
            connections_per_address: per_address as usize,
            sign_ins_per_certificate: self.rate(
                "limits.sign_ins_per_certificate_per_minute",
                raw.sign_ins_per_certificate_per_minute.as_ref(),
                60,
            )?,
            requests_per_address: self.rate(
                "limits.requests_per_address_per_minute",
                raw.requests_per_address_per_minute.as_ref(),
                6000,
            )?,
            handshakes_per_address: self.rate(
                "limits.handshakes_per_address_per_minute",
                raw.handshakes_per_address_per_minute.as_ref(),
                6000,
            )?,
            failures_per_address: self.rate(
                "limits.failed_authentications_per_address_per_minute",
                raw.failed_authentications_per_address_per_minute.as_ref(),
                60,
            )?,
            verifications_per_party: self.rate(
                "limits.verifications_per_party_per_minute",
                raw.verifications_per_party_per_minute.as_ref(),
                6000,
            )?,
            verifications: verifications as usize,
            attached_document: self.attached_document(raw)?,
            content: content.unwrap_or(CONTENT),
        })
    }

    /// It is held in memory, once or twice, for each that is judged at once.
    fn attached_document(&self, raw: &RawLimits) -> Result<usize, ConfigError> {
        let Some(raw) = &raw.attached_document else { return Ok(ATTACHED_DOCUMENT) };
        let bytes = self.bytes("limits.attached_document", raw)?;
        let bytes = usize::try_from(bytes).ok().filter(|bytes| *bytes <= ATTACHED_DOCUMENT);
        bytes.ok_or_else(|| {
            let problem = format!("{ATTACHED_DOCUMENT} bytes at most");
            self.fault("limits.attached_document", raw, problem)
        })
    }

    fn rate(
        &self,
        key: &'static str,
        raw: Option<&Spanned<u64>>,
        default: u32,
    ) -> Result<NonZeroU32, ConfigError> {
        let rate = self.number(key, raw, default, 1..=100_000_000)?;
        // The range starts at 1.
        Ok(NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN))
    }

    fn timeouts(&self, raw: &RawTimeouts) -> Result<TimeoutConfig, ConfigError> {
        let seconds = |key, raw: &Option<Spanned<u64>>, default, longest| {
            let number = self.number(key, raw.as_ref(), default, 1..=longest)?;
            Ok::<_, ConfigError>(Duration::from_secs(u64::from(number)))
        };
        Ok(TimeoutConfig {
            handshake: seconds("timeouts.handshake_seconds", &raw.handshake_seconds, 20, 120)?,
            header: seconds("timeouts.header_seconds", &raw.header_seconds, 30, 600)?,
            request: seconds("timeouts.request_seconds", &raw.request_seconds, 30, 600)?,
            connection: seconds(
                "timeouts.connection_seconds",
                &raw.connection_seconds,
                600,
                86_400,
            )?,
            drain: seconds("timeouts.drain_seconds", &raw.drain_seconds, 20, 600)?,
        })
    }

    pub(super) fn number(
        &self,
        key: &'static str,
        raw: Option<&Spanned<u64>>,
        default: u32,
        range: RangeInclusive<u64>,
    ) -> Result<u32, ConfigError> {
        let Some(raw) = raw else { return Ok(default) };
        match u32::try_from(*raw.get_ref()) {
            Ok(number) if range.contains(raw.get_ref()) => Ok(number),
            _ => {
                let problem =
                    format!("{} is not within {} to {}", raw.get_ref(), range.start(), range.end());
                Err(self.fault(key, raw, problem))
            }
        }
    }

    pub(super) fn text_as<T>(
        &self,
        key: &'static str,
        raw: &Spanned<String>,
    ) -> Result<T, ConfigError>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        let text = raw.get_ref();
        text.parse().map_err(|error| self.fault(key, raw, format!("\"{text}\": {error}")))
    }

    fn revocation(&self, raw: &RawRevocation) -> RevocationConfig {
        let folder = raw.drop_folder.as_ref();
        RevocationConfig { drop_folder: folder.map(|folder| self.path(Some(folder), "")) }
    }

    pub(super) fn path(&self, raw: Option<&Spanned<String>>, default: &str) -> PathBuf {
        self.folder.join(raw.map_or(default, |path| path.get_ref()))
    }

    pub(super) fn fault<T>(
        &self,
        key: &'static str,
        at: &Spanned<T>,
        problem: String,
    ) -> ConfigError {
        let before = self.text.get(..at.span().start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        ConfigError::Value {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            key,
            problem,
        }
    }
}
