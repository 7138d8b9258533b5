//! The TLS listeners: from an accepted connection to its requests.
//!
//! 1. A connection waits in the kernel's queue until there is room for it, and is
//!    dropped when its address has too many, or began too many of late: before its
//!    handshake costs anything.
//! 2. Its TLS handshake ends within the handshake timeout or the connection does.
//! 3. Its requests are served one after another: the header within its timeout,
//!    which also bounds idleness, at most [`MAX_HEADERS`] of [`MAX_HEAD_BYTES`].
//! 4. After its lifetime, or at shutdown, the request being served is finished,
//!    within the drain timeout, and the connection is closed.

mod connection;
mod places;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::server::Acceptor;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

pub(crate) use connection::Connection;
pub(crate) use places::Places;

use crate::http::Sites;
use crate::site::Site;
use crate::tls::{CertificateTls, PossessionVerifier, PublicTls};

/// More than any browser sends.
const MAX_HEADERS: usize = 64;

/// The whole head of a request; hyper answers 431 beyond.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// After a failed accept (out of file descriptors): long enough for one to be
/// freed, short enough for nobody to notice.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Which of the two TLS listeners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListenerKind {
    /// Asks for no client certificate.
    Public,
    /// Asks for one, and takes any or none.
    Certificate,
}

impl ListenerKind {
    /// Its name in the log and in documents.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Certificate => "certificate",
        }
    }
}

/// The TLS of a listener.
#[derive(Debug, Clone)]
pub(crate) enum ListenerTls {
    Public(Arc<PublicTls>),
    Certificate(Arc<CertificateTls>),
}

impl ListenerTls {
    fn kind(&self) -> ListenerKind {
        match self {
            Self::Public(_) => ListenerKind::Public,
            Self::Certificate(_) => ListenerKind::Certificate,
        }
    }
}

/// A connection's task ends in order or by a fault of ours.
fn report_end(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a connection ended by a fault inside the gateway");
    }
}

/// What all connections of a gateway share.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) site: Arc<Site>,
    pub(crate) sites: Sites,
    pub(crate) places: Places,
    /// Turns true once, at shutdown.
    pub(crate) shutdown: watch::Receiver<bool>,
}

impl Server {
    /// Serves a listener until shutdown, then drains its connections.
    pub(crate) async fn serve(self, listener: TcpListener, tls: ListenerTls) {
        let mut shutdown = self.shutdown.clone();
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                biased;
                _ = shutdown.wait_for(|down| *down) => break,
                accepted = self.accept(&listener) => accepted,
            };
            if let Some((stream, peer, place)) = accepted {
                let (server, tls) = (self.clone(), tls.clone());
                connections.spawn(async move {
                    server.serve_connection(stream, peer, &tls).await;
                    drop(place);
                });
            }
            while let Some(ended) = connections.try_join_next() {
                report_end(ended);
            }
        }
        drop(listener);
        let drained = async {
            while let Some(ended) = connections.join_next().await {
                report_end(ended);
            }
        };
        if tokio::time::timeout(self.site.timeouts.drain, drained).await.is_err() {
            tracing::warn!(open = connections.len(), "connections were cut off at shutdown");
            connections.shutdown().await;
        }
    }

    /// Step 1; `None` when the connection was not taken.
    async fn accept(
        &self,
        listener: &TcpListener,
    ) -> Option<(TcpStream, SocketAddr, places::Place)> {
        let room = self.places.room().await?;
        match listener.accept().await {
            Ok((stream, peer)) => {
                let Some(place) = self.places.take(room, peer.ip()) else {
                    self.turn_away(peer, "connection.too_many");
                    return None;
                };
                if !self.site.rates.allows_handshake(peer.ip()) {
                    self.turn_away(peer, "connection.rate_limited");
                    return None;
                }
                Some((stream, peer, place))
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                None
            }
        }
    }

    /// A flood of connections may fill neither the log nor the journal: they are
    /// counted, as refusals are.
    fn turn_away(&self, peer: SocketAddr, why: &'static str) {
        tracing::debug!(%peer, why, "a connection was closed before its handshake");
        self.site.refusals.count(why, self.site.clock().now_millis());
    }

    /// Steps 2 to 4.
    async fn serve_connection(&self, stream: TcpStream, peer: SocketAddr, tls: &ListenerTls) {
        // An answer waits for nothing; a failure only makes it slower.
        let _ = stream.set_nodelay(true);
        let secured =
            tokio::time::timeout(self.site.timeouts.handshake, self.secure(stream, peer, tls));
        match secured.await {
            Ok(Ok((stream, connection))) => self.serve_requests(stream, connection).await,
            Ok(Err(error)) => {
                tracing::info!(%peer, listener = tls.kind().as_str(), %error, "handshake failed");
            }
            Err(_) => {
                tracing::info!(%peer, listener = tls.kind().as_str(), "handshake timed out");
            }
        }
    }

    /// Step 2.
    async fn secure(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        tls: &ListenerTls,
    ) -> std::io::Result<(TlsStream<TcpStream>, Connection)> {
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let hello = start.client_hello();
        let name = hello.server_name().map(str::to_ascii_lowercase);
        let (config, verifier): (_, Option<Arc<PossessionVerifier>>) = match tls {
            ListenerTls::Public(tls) => (tls.config_for(&hello), None),
            ListenerTls::Certificate(tls) => {
                let (config, verifier) = tls.config_for(&hello, name.as_deref());
                (config, Some(verifier))
            }
        };
        let stream = start.into_stream(config).await?;
        let secured_at = self.site.now();
        Ok((stream, Connection::new(tls.kind(), peer, name, secured_at, verifier)))
    }

    /// Steps 3 and 4.
    async fn serve_requests(&self, stream: TlsStream<TcpStream>, connection: Connection) {
        let connection = Arc::new(connection);
        let sites = self.sites.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let (sites, connection) = (sites.clone(), Arc::clone(&connection));
            async move { Ok::<_, Infallible>(sites.answer(connection, request).await) }
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(self.site.timeouts.header)
            .max_headers(MAX_HEADERS)
            .max_buf_size(MAX_HEAD_BYTES);
        let serving = http.serve_connection(TokioIo::new(stream), service);
        tokio::pin!(serving);
        let mut shutdown = self.shutdown.clone();
        tokio::select! {
            // What ends a connection is the client's business and in no log.
            _ = serving.as_mut() => return,
            () = tokio::time::sleep(self.site.timeouts.connection) => {}
            _ = shutdown.wait_for(|down| *down) => {}
        }
        serving.as_mut().graceful_shutdown();
        let _ = tokio::time::timeout(self.site.timeouts.drain, serving).await;
    }
}
