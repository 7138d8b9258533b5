//! Why a gateway does not start.

use std::io;
use std::net::SocketAddr;

use tongxing_trust_store::StoreError;

use crate::admin::AdminSocketError;
use crate::keys::KeyError;
use crate::tls::TlsError;

/// Why a gateway does not start; nothing of it is left running.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The record disagrees with its checkpoints.
    #[error(transparent)]
    Record(#[from] StoreError),
    /// Work on a blocking thread ended without an answer.
    #[error("a task was cut off: {0}")]
    Cut(String),
    /// Its TLS certificate or key.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Its signing keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The CAs of webhooks' servers.
    #[error("receipts.webhook_roots: {0}")]
    WebhookRoots(String),
    /// An address that cannot be listened on.
    #[error("{address}: {source}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The admin socket.
    #[error(transparent)]
    AdminSocket(#[from] AdminSocketError),
}
