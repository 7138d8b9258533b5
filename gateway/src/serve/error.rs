//! Why a gateway does not start.

use std::io;
use std::net::SocketAddr;

use crate::admin::AdminSocketError;
use crate::keys::KeyError;
use crate::tls::TlsError;

/// Why a gateway does not start; nothing of it is left running.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its TLS certificate or key.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Its signing keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
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
