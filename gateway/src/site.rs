//! What every request of a gateway has at hand.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{Notify, Semaphore};
use tongxing_pki::Timestamp;
use tongxing_trust_store::{Clock, Province, ReplicaRole};

use crate::config::{
    Config, ListenerConfig, ReceiptConfig, RecordConfig, RevocationConfig, TimeoutConfig,
    TokenConfig,
};
use crate::fetch::Client;
use crate::keys::{ChallengeKey, KeyError, KeyStore};
use crate::limits::RateLimits;
use crate::party::{Quotas, UsedAssertions};
use crate::serve::StartError;
use crate::server::ListenerKind;
use crate::sign_in::RefusalSummary;
use crate::standby::Replication;
use crate::status::Answers;
use crate::webhooks::Webhooks;

/// The parts of a running gateway that its requests share.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) province: Province,
    pub(crate) replication: Replication,
    pub(crate) keys: Arc<KeyStore>,
    pub(crate) challenge_key: ChallengeKey,
    pub(crate) rates: RateLimits,
    /// What each relying party may ask for.
    pub(crate) quotas: Quotas,
    pub(crate) used_assertions: UsedAssertions,
    /// Documents that are judged at once.
    pub(crate) verifications: Arc<Semaphore>,
    /// The longest signed document, in bytes; it is held in memory.
    pub(crate) attached_document: usize,
    /// The longest content that flows by, in bytes.
    pub(crate) content_limit: u64,
    pub(crate) refusals: RefusalSummary,
    pub(crate) tokens: TokenConfig,
    pub(crate) timeouts: TimeoutConfig,
    pub(crate) record: RecordConfig,
    pub(crate) client: Client,
    /// What responders said.
    pub(crate) answers: Answers,
    pub(crate) revocation: RevocationConfig,
    pub(crate) receipts: ReceiptConfig,
    /// How telling platforms goes.
    pub(crate) webhooks: Webhooks,
    /// Held while a timestamp of a receipt is asked for: those who wait share it.
    pub(crate) stamping: tokio::sync::Mutex<()>,
    /// Told when a certificate named a place that was not known.
    pub(crate) new_places: Notify,
    /// The public URL as text: tokens' `iss`.
    pub(crate) issuer: String,
    public: ListenerConfig,
    certificate: ListenerConfig,
}

impl Site {
    /// Opens the keys of a province; the ports of both URLs are known by now.
    pub(crate) fn open(province: Province, config: Config) -> Result<Self, StartError> {
        Ok(Self {
            keys: Arc::new(open_keys(&province, &config)?),
            replication: Replication::open(&province, config.standby, &config.folder)?,
            challenge_key: ChallengeKey::open(&config.folder)?,
            rates: RateLimits::new(&config.limits),
            quotas: Quotas::new(config.limits.verifications_per_party),
            used_assertions: UsedAssertions::default(),
            verifications: Arc::new(Semaphore::new(config.limits.verifications)),
            attached_document: config.limits.attached_document,
            content_limit: config.limits.content,
            refusals: RefusalSummary::default(),
            tokens: config.tokens,
            timeouts: config.timeouts,
            record: config.record,
            client: Client::new(),
            answers: Answers::default(),
            revocation: config.revocation,
            webhooks: Webhooks::open(&config.receipts)?,
            receipts: config.receipts,
            stamping: tokio::sync::Mutex::new(()),
            new_places: Notify::new(),
            issuer: config.public.url.to_string(),
            public: config.public,
            certificate: config.certificate,
            province,
        })
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        self.province.clock()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock().now()
    }

    /// The settings of a listener.
    pub(crate) fn listener(&self, kind: ListenerKind) -> &ListenerConfig {
        match kind {
            ListenerKind::Public => &self.public,
            ListenerKind::Certificate => &self.certificate,
        }
    }

    /// What an assertion for a request may name as its audience (RFC 7523 3, item 3):
    /// the gateway, or the address asked, on either listener.
    pub(crate) fn audiences(&self, path: &str) -> Vec<String> {
        let sites = [self.public.url.to_string(), self.certificate.url.to_string()];
        let addresses = sites.each_ref().map(|site| format!("{site}{path}"));
        sites.into_iter().chain(addresses).collect()
    }

    /// The certificates and keys that the listeners show.
    pub(crate) fn server_files(&self) -> BTreeSet<PathBuf> {
        let of = |listener: &ListenerConfig| {
            let sm2 = listener.sm2.iter();
            let sm2 = sm2.flat_map(|sm2| [sm2.certificate_file.clone(), sm2.key_file.clone()]);
            let ordinary = [listener.certificate_file.clone(), listener.key_file.clone()];
            ordinary.into_iter().chain(sm2).collect::<Vec<_>>()
        };
        [of(&self.public), of(&self.certificate)].into_iter().flatten().collect()
    }

    /// Writes the summary of refusals, if there is anything to write. What could
    /// not be written is logged and dropped: it is a count, not a record.
    pub(crate) async fn flush_refusals(&self) {
        if let Some((since, counts)) = self.refusals.take()
            && let Err(error) = self.province.summarise_refusals(since, counts).await
        {
            tracing::error!(%error, "the summary of refusals could not be recorded");
        }
    }
}

/// Only a primary rotates its token keys; a standby publishes what it was given.
fn open_keys(province: &Province, config: &Config) -> Result<KeyStore, KeyError> {
    let now = province.clock().now();
    match province.role() {
        ReplicaRole::Primary => KeyStore::open(&config.folder, &config.tokens, now),
        ReplicaRole::Standby | ReplicaRole::Fenced => {
            KeyStore::open_as_given(&config.folder, &config.tokens, now)
        }
    }
}
