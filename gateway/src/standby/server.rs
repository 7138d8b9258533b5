//! The end that answers: the replica listener. See [`wire`](super::wire) for what is
//! asked, and the module above for what it means.
//!
//! Only a gateway whose key is known gets past the handshake, or, while an invitation
//! is open, one that can only show its secret.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::{Method, Request, StatusCode};
use hyper::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tongxing_trust_store::{ReplicaHello, ReplicaRole, StoreError};

use super::answer::{Answer, Content, No, blocking, json, read, with_status};
use super::fingerprint::Fingerprint;
use super::join::welcome;
use super::pairing::{Peer, PeerIs};
use super::wire::{self, Fence, Fenced, Join};
use crate::serve::StartError;
use crate::site::Site;

/// One standby has one connection, and another while it is promoted or joins.
const CONNECTIONS: usize = 8;

const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Between two questions a standby takes over what it was given; one that is silent for
/// longer is gone, and its place is free.
const IDLE_TIMEOUT: Duration = Duration::from_mins(5);

/// After a failed accept.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A bound listener.
#[derive(Debug)]
pub(crate) struct ReplicaListener(TcpListener);

impl ReplicaListener {
    pub(crate) async fn bind(address: SocketAddr) -> Result<Self, StartError> {
        let bound = TcpListener::bind(address).await;
        bound.map(Self).map_err(|source| StartError::Bind { address, source })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.0.local_addr().ok()
    }
}

/// Serves the other gateway until the task ends.
pub(crate) async fn serve(site: Arc<Site>, listener: ReplicaListener) {
    if let Some(address) = listener.address() {
        // It is set once.
        let _ = site.replication.listening.set(address);
    }
    let replication = &site.replication;
    let config = replication.pairing.own().server(&replication.pairing, &replication.invitations);
    let acceptor = match config {
        Ok(config) => TlsAcceptor::from(Arc::new(config)),
        Err(error) => return tracing::error!(%error, "the replica listener cannot use TLS"),
    };
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = tokio::task::JoinSet::new();
    loop {
        // Never closed.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.0.accept().await {
            Ok((stream, from)) => {
                let (site, acceptor) = (Arc::clone(&site), acceptor.clone());
                connections.spawn(async move {
                    serve_connection(site, acceptor, stream, from).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a replica connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve_connection(
    site: Arc<Site>,
    acceptor: TlsAcceptor,
    stream: TcpStream,
    from: SocketAddr,
) {
    // An answer waits for nothing; a failure only makes it slower.
    let _ = stream.set_nodelay(true);
    let secured = tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await;
    let Ok(Ok(stream)) = secured else {
        tracing::warn!(%from, "a stranger asked for the record, or the handshake broke off");
        return;
    };
    let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let Some(key) = shown.map(|key| Fingerprint::of(key)) else { return };
    let caller = Arc::new(Caller { site, key, from, introduced: AtomicBool::new(false) });
    let service = service_fn(move |request: Request<Incoming>| {
        let caller = Arc::clone(&caller);
        async move { Ok::<_, Infallible>(caller.answer(request).await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(IDLE_TIMEOUT);
    // What ends a connection is the other's business; it asks again.
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}

/// Who asks, over one connection.
struct Caller {
    site: Arc<Site>,
    key: Fingerprint,
    from: SocketAddr,
    /// It said where it stands, and that was found to be on our record.
    introduced: AtomicBool,
}

impl Caller {
    async fn answer(&self, request: Request<Incoming>) -> Answer {
        match self.route(request).await {
            Ok(answer) => answer,
            Err(No { status, refusal }) => {
                tracing::warn!(from = %self.from, why = refusal.message, "the other gateway was refused");
                with_status(status, &refusal)
            }
        }
    }

    async fn route(&self, request: Request<Incoming>) -> Result<Answer, No> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path();
        let is_post = parts.method == Method::POST;
        if is_post && path == wire::JOIN {
            return self.join(read(body).await?).await;
        }
        if self.site.replication.pairing.peer().is_none_or(|peer| peer.key != self.key) {
            return Err(No::forbidden("this gateway is paired with another one"));
        }
        match path {
            wire::HELLO if is_post => self.hello(&read(body).await?).await,
            wire::FENCE if is_post => self.fence(read(body).await?).await,
            wire::PERSONS if is_post => {
                let names: Vec<String> = read(body).await?;
                Ok(json(&self.site.province.replica_persons(&names)))
            }
            wire::KEYS => {
                let site = Arc::clone(&self.site);
                Ok(json(&blocking(move || site.province.replica_key_files()).await?))
            }
            path => match (path.strip_prefix(wire::FRAMES), path.strip_prefix(wire::BLOBS)) {
                (Some(after), _) => self.frames(after).await,
                (_, Some(blob)) => self.blob(blob.to_owned()).await,
                _ => Err(No::malformed("nothing is served there")),
            },
        }
    }

    /// Uses an invitation up, and remembers who did.
    async fn join(&self, Join { secret, at }: Join) -> Result<Answer, No> {
        let replication = &self.site.replication;
        if !replication.invitations.accept(&secret, self.site.now()) {
            return Err(No::forbidden("the invitation was used, is over, or is another gateway's"));
        }
        if self.site.province.role() != ReplicaRole::Primary {
            return Err(No::conflict("this gateway is not the primary"));
        }
        if let Some(theirs) = &at {
            // Before the one that follows now is given up for it.
            let own = self.own_hello().await?;
            self.check_on_our_record(theirs, &own).await?;
        }
        // Whoever takes keys and personal data is on the record first.
        let noted = self.site.province.note_standby(self.key.to_string(), self.from.to_string());
        noted.await.map_err(|error| No::unavailable(&error))?;
        let peer = Peer { key: self.key, address: None, is: PeerIs::Joining };
        replication.pairing.set_peer(peer).map_err(|error| No::unavailable(&error))?;
        tracing::info!(key = %self.key, from = %self.from, "a standby joins");
        let site = Arc::clone(&self.site);
        let welcome = tokio::task::spawn_blocking(move || welcome(&site)).await;
        let welcome = welcome.map_err(|cut| No::unavailable(&cut))?;
        Ok(json(&welcome.map_err(|error| No::unavailable(&error))?))
    }

    /// Step 1 of following.
    async fn hello(&self, theirs: &ReplicaHello) -> Result<Answer, No> {
        let own = self.own_hello().await?;
        if theirs.province != own.province {
            return Err(No::conflict("this gateway has another province"));
        }
        if theirs.term > own.term && own.role == ReplicaRole::Primary {
            tracing::error!(term = theirs.term, "another gateway took over: this one stops");
            self.give_way(theirs.term).await?;
        }
        if theirs.role == ReplicaRole::Standby {
            self.check_on_our_record(theirs, &own).await?;
            self.introduced.store(true, Ordering::Relaxed);
        }
        Ok(json(&self.own_hello().await?))
    }

    /// Whether theirs is a beginning of our record.
    async fn check_on_our_record(
        &self,
        theirs: &ReplicaHello,
        own: &ReplicaHello,
    ) -> Result<(), No> {
        if theirs.province != own.province {
            return Err(No::conflict("this gateway has another province"));
        }
        let (sequence, hash) = (theirs.sequence, theirs.hash);
        if sequence > own.sequence {
            return Err(No::diverged(sequence, own.sequence));
        }
        let site = Arc::clone(&self.site);
        if blocking(move || site.province.record_hash(sequence)).await? != hash {
            return Err(No::diverged(sequence, own.sequence));
        }
        Ok(())
    }

    async fn own_hello(&self) -> Result<ReplicaHello, No> {
        let site = Arc::clone(&self.site);
        blocking(move || site.province.hello()).await
    }

    /// Step 2 of following: the question confirms, the answer goes on.
    async fn frames(&self, after: &str) -> Result<Answer, No> {
        let after: u64 = after.parse().map_err(|_| No::malformed("no number of a record"))?;
        let province = &self.site.province;
        let replication = &self.site.replication;
        if province.role() == ReplicaRole::Standby {
            return Err(No::conflict("this gateway is a standby itself"));
        }
        if self.introduced.load(Ordering::Relaxed) {
            let level = replication.acknowledgements.confirm(after, province.position().sequence);
            if level && replication.pairing.peer_is(PeerIs::Joining) {
                replication
                    .pairing
                    .set_peer_is(PeerIs::Standby)
                    .map_err(|error| No::unavailable(&error))?;
                tracing::info!("the standby has everything");
            }
        }
        let mut last = replication.tail.last();
        // Nothing new in time is an answer too.
        let _ = tokio::time::timeout(wire::POLL, last.wait_for(|last| *last > after)).await;
        let site = Arc::clone(&self.site);
        blocking(move || frames_after(&site, after)).await
    }

    async fn blob(&self, address: String) -> Result<Answer, No> {
        let standby = &self.site.replication.acknowledgements;
        standby.hear();
        let site = Arc::clone(&self.site);
        let found = blocking(move || site.province.replica_blob(&address)).await?;
        Ok(match found {
            Some(content) => Response::new(Content::taken_by(content, standby)),
            None => with_status(StatusCode::NOT_FOUND, &()),
        })
    }

    /// Gives way to the one that takes over.
    async fn fence(&self, Fence { term }: Fence) -> Result<Answer, No> {
        tracing::warn!(term, "the standby takes over: this gateway stops");
        Ok(json(&self.give_way(term).await?))
    }

    async fn give_way(&self, term: u64) -> Result<Fenced, No> {
        let site = Arc::clone(&self.site);
        let end = blocking(move || site.province.fence(term)).await?;
        self.site.replication.changed.notify_one();
        Ok(Fenced { sequence: end.sequence, hash: end.hash })
    }
}

/// From memory for a standby that keeps up, from the journal for one that does not.
fn frames_after(site: &Site, after: u64) -> Result<Answer, StoreError> {
    let province = &site.province;
    let last = province.position().sequence;
    let keys = province.replica_key_fingerprint()?;
    let frames = match site.replication.tail.frames_after(after, wire::FRAMES_MAX) {
        Some(frames) => frames,
        None if after >= last => Vec::new(),
        None => {
            let mut frames = Vec::new();
            for record in province.records_from(after + 1)? {
                let record = record.map_err(StoreError::from)?;
                if !frames.is_empty() && frames.len() + record.frame().len() > wire::FRAMES_MAX {
                    break;
                }
                frames.extend_from_slice(record.frame());
            }
            frames
        }
    };
    let standby = &site.replication.acknowledgements;
    let mut answer = Response::new(Content::taken_by(frames, standby));
    let headers = answer.headers_mut();
    headers.insert(wire::LAST, last.into());
    headers.insert(wire::KEYS_MARK, mark(&keys).into());
    Ok(answer)
}

/// Enough of a fingerprint to see that it changed.
fn mark(fingerprint: &[u8; 32]) -> u64 {
    fingerprint.iter().take(8).fold(0, |mark, byte| mark << 8 | u64::from(*byte))
}
