//! What is known of a connection whose handshake is over.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tongxing_pki::Timestamp;

use super::ListenerKind;
use crate::tls::{PossessionVerifier, Shown};

/// A secured connection; its requests share it.
#[derive(Debug)]
pub(crate) struct Connection {
    listener: ListenerKind,
    peer: SocketAddr,
    /// The TLS server name in lower case.
    server_name: Option<String>,
    secured_at: Timestamp,
    verifier: Option<Arc<PossessionVerifier>>,
}

impl Connection {
    /// To be made only after the handshake: it vouches for what was shown.
    pub(super) fn new(
        listener: ListenerKind,
        peer: SocketAddr,
        server_name: Option<String>,
        secured_at: Timestamp,
        verifier: Option<Arc<PossessionVerifier>>,
    ) -> Self {
        Self { listener, peer, server_name, secured_at, verifier }
    }

    pub(crate) fn listener(&self) -> ListenerKind {
        self.listener
    }

    pub(crate) fn address(&self) -> IpAddr {
        self.peer.ip()
    }

    pub(crate) fn server_name(&self) -> Option<&str> {
        self.server_name.as_deref()
    }

    /// When the handshake ended: the `auth_time` of a sign-in with it.
    pub(crate) fn secured_at(&self) -> Timestamp {
        self.secured_at
    }

    /// The certificates shown, the leaf's key proven.
    pub(crate) fn shown(&self) -> Option<&Shown> {
        self.verifier.as_ref()?.shown_after_handshake()
    }
}
