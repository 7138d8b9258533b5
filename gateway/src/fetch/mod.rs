//! The one client of this gateway: everything that it asks others.
//!
//! 1. The host must be one that the rules name ([`HostRules`]); a redirect's too.
//! 2. It is resolved once, and addresses that the rules do not reach are left out:
//!    what was looked at is what is connected to.
//! 3. The question goes out, over TLS where the address says so.
//! 4. The answer is read as it comes, up to a limit of bytes. Nothing that an
//!    answer says of its own length is believed.
//!
//! All of it together, and each pause in it, has a limit of time. Whoever answers
//! may be anybody: what comes is bytes, judged elsewhere.

mod dial;
mod error;
mod http;
mod ldap;
mod offline;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tongxing_trust_store::{HostRules, PointUrl};

pub(crate) use error::FetchError;
pub(crate) use http::Validators;
pub use offline::{HttpAnswer, read_http_answer, read_ldap_answer, reread_ldap_question};

use http::Question;

/// What an answer may cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes of content.
    pub(crate) bytes: usize,
    /// From resolving the host to the last byte.
    pub(crate) total: Duration,
    /// Without a single byte.
    pub(crate) idle: Duration,
    /// Redirects followed.
    pub(crate) redirects: usize,
}

impl Limits {
    /// For revocation lists. A million entries are 39 MB; usual lists have less
    /// than one.
    pub(crate) const LIST: Self = Self {
        bytes: 64 << 20,
        total: Duration::from_mins(1),
        idle: Duration::from_secs(15),
        redirects: 3,
    };
}

/// What was there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fetched {
    /// The same as the last time, says the server.
    Unchanged,
    /// Documents: one by HTTP, by LDAP as many as the entry has.
    Content {
        /// Each as it came.
        documents: Vec<Vec<u8>>,
        /// What to ask with the next time.
        validators: Validators,
    },
}

/// Asks others.
#[derive(Clone)]
pub(crate) struct Client {
    tls: TlsConnector,
    limits: Limits,
}

impl Client {
    /// Trusts the roots that the machine trusts for TLS. Reads files.
    pub(crate) fn new() -> Self {
        Self::trusting_also(Vec::new())
    }

    /// The same, and trusts these roots as well.
    pub(crate) fn trusting_also(further: Vec<CertificateDer<'static>>) -> Self {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "some of the machine's TLS roots could not be read");
        }
        roots.add_parsable_certificates(found.certs.into_iter().chain(further));
        Self::trusting(roots)
    }

    /// Trusts these roots for TLS.
    pub(crate) fn trusting(roots: RootCertStore) -> Self {
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        Self { tls: TlsConnector::from(Arc::new(config)), limits: Limits::LIST }
    }

    /// The same client with other limits.
    pub(crate) fn within(&self, limits: Limits) -> Self {
        Self { tls: self.tls.clone(), limits }
    }

    /// What is at an address; only if it changed, where validators are known.
    pub(crate) async fn fetch(
        &self,
        url: &PointUrl,
        rules: &HostRules,
        known: &Validators,
    ) -> Result<Fetched, FetchError> {
        let asking = async {
            if url.scheme().is_http() {
                self.follow(url, rules, &Question::Get { known }).await
            } else {
                let documents = ldap::search(self, url, rules).await?;
                Ok(Fetched::Content { documents, validators: Validators::default() })
            }
        };
        self.in_time(asking).await
    }

    /// The answer to a document sent to an address.
    pub(crate) async fn post(
        &self,
        url: &PointUrl,
        rules: &HostRules,
        content_type: &'static str,
        document: Vec<u8>,
    ) -> Result<Vec<u8>, FetchError> {
        let question = Question::Post { content_type, document: document.into() };
        let answer = self.in_time(self.follow(url, rules, &question)).await?;
        match answer {
            Fetched::Content { mut documents, .. } if documents.len() == 1 => {
                Ok(documents.swap_remove(0))
            }
            Fetched::Content { .. } | Fetched::Unchanged => {
                Err(FetchError::Broken("no content".to_owned()))
            }
        }
    }

    /// Follows redirects of a GET; each is asked like the first.
    async fn follow(
        &self,
        url: &PointUrl,
        rules: &HostRules,
        question: &Question<'_>,
    ) -> Result<Fetched, FetchError> {
        let mut next = url.clone();
        for _ in 0..=self.limits.redirects {
            match http::ask(self, &next, rules, question).await? {
                http::Answer::Is(fetched) => return Ok(fetched),
                http::Answer::IsAt(elsewhere) => next = elsewhere,
            }
        }
        Err(FetchError::Redirects { most: self.limits.redirects })
    }

    async fn in_time<T>(
        &self,
        asking: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, FetchError> {
        let total = self.limits.total;
        timeout(total, asking).await.unwrap_or(Err(FetchError::TooSlow { total }))
    }

    /// A step that must not pause for longer than the idle limit.
    async fn in_motion<T>(&self, step: impl Future<Output = T>) -> Result<T, FetchError> {
        let idle = self.limits.idle;
        timeout(idle, step).await.map_err(|_| FetchError::Idle { idle })
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("limits", &self.limits).finish_non_exhaustive()
    }
}
