//! The server's end of the admin socket.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Collected, Full, Limited};
use hyper::Response;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Serialize;
use tokio::net::UnixStream;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tongxing_trust_store::{Actor, Command, CommandError, FailureKind, Reply};

use super::{BoundSocket, EXECUTE, MAX_COMMAND_BYTES, accounts};
use crate::doctor;
use crate::metrics::{self, METRICS};
use crate::site::Site;
use crate::standby;

/// After a failed accept.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// For a command's header; its content may take its time.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);

/// Serves operators' commands.
#[derive(Debug, Clone)]
pub(crate) struct AdminServer {
    pub(crate) site: Arc<Site>,
    /// Turns true once, at shutdown.
    pub(crate) shutdown: watch::Receiver<bool>,
}

impl AdminServer {
    /// Serves the socket until shutdown; commands being carried out are finished,
    /// within the drain timeout.
    pub(crate) async fn serve(self, socket: BoundSocket) {
        let mut shutdown = self.shutdown.clone();
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                biased;
                _ = shutdown.wait_for(|down| *down) => break,
                accepted = socket.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    let server = self.clone();
                    connections.spawn(async move { server.serve_connection(stream).await });
                }
                Err(error) => {
                    tracing::warn!(%error, "an admin connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
            while connections.try_join_next().is_some() {}
        }
        drop(socket);
        let drained = async { while connections.join_next().await.is_some() {} };
        // What takes longer is cut off with the set.
        let _ = tokio::time::timeout(self.site.timeouts.drain, drained).await;
    }

    async fn serve_connection(self, stream: UnixStream) {
        let actor = match stream.peer_cred() {
            Ok(peer) => {
                Actor::Operator { uid: peer.uid(), name: accounts::account_name(peer.uid()) }
            }
            Err(error) => {
                tracing::warn!(%error, "an admin connection without credentials was closed");
                return;
            }
        };
        let actor = Arc::new(actor);
        let site = Arc::clone(&self.site);
        let service = service_fn(move |request: Request<Incoming>| {
            let (site, actor) = (Arc::clone(&site), Arc::clone(&actor));
            async move { Ok::<_, Infallible>(answer(&site, &actor, request).await) }
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
        let serving = http.serve_connection(TokioIo::new(stream), service);
        tokio::pin!(serving);
        let mut shutdown = self.shutdown.clone();
        tokio::select! {
            _ = serving.as_mut() => return,
            _ = shutdown.wait_for(|down| *down) => {}
        }
        serving.as_mut().graceful_shutdown();
        // A client that went away is no concern of the gateway.
        let _ = serving.await;
    }
}

async fn answer(
    site: &Arc<Site>,
    actor: &Arc<Actor>,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    if request.method() == Method::GET && request.uri().path() == METRICS {
        return metrics::text(site);
    }
    let outcome = match read(request).await {
        Ok(content) => execute(site, actor, content).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(reply) => {
            tracing::info!(%actor, "command carried out");
            json(StatusCode::OK, &reply)
        }
        Err(error) => {
            tracing::info!(%actor, kind = ?error.kind, "command not carried out");
            json(status_of(error.kind), &error)
        }
    }
}

/// Decodes and carries out a command on a thread that may block: some read the whole
/// journal or bring a list of a million entries, and sign-ins do not wait for them.
async fn execute(
    site: &Arc<Site>,
    actor: &Arc<Actor>,
    content: Collected<Bytes>,
) -> Result<Reply, CommandError> {
    let (site, actor) = (Arc::clone(site), Arc::clone(actor));
    let runtime = Handle::current();
    let executing = move || {
        let command = serde_json::from_slice(&content.to_bytes())
            .map_err(|error| CommandError::bad_input(format!("no command: {error}")))?;
        match runtime.block_on(carry_out(&site, &actor, command))? {
            Reply::Examined(mut checks) => {
                checks.extend(doctor::examine_own(site.province.folder()));
                checks.push(doctor::webhooks(&site.webhooks.troubles()));
                Ok(Reply::Examined(checks))
            }
            reply => Ok(reply),
        }
    };
    match tokio::task::spawn_blocking(executing).await {
        Ok(outcome) => outcome,
        Err(cut) => Err(CommandError::unavailable(format!("the command was cut off: {cut}"))),
    }
}

/// What is about the second gateway is this one's own; the rest is the province's.
async fn carry_out(
    site: &Arc<Site>,
    actor: &Actor,
    command: Command,
) -> Result<Reply, CommandError> {
    match command {
        Command::StandbyStatus => standby::status(site).await.map(Box::new).map(Reply::Standby),
        Command::StandbyInvite { address } => standby::invite(site, address),
        Command::StandbyPromote { force } => standby::promote(site, actor, force).await,
        Command::Health => {
            let mut reply = site.province.execute(actor, Command::Health).await?;
            if let Reply::Health(health) = &mut reply {
                health.degraded.extend(standby::degraded(site));
            }
            Ok(reply)
        }
        command => site.province.execute(actor, command).await,
    }
}

async fn read(request: Request<Incoming>) -> Result<Collected<Bytes>, CommandError> {
    if request.method() != Method::POST || request.uri().path() != EXECUTE {
        return Err(CommandError::bad_input(format!(
            "only POST {EXECUTE} and GET {METRICS} are served here"
        )));
    }
    let content = Limited::new(request.into_body(), MAX_COMMAND_BYTES).collect().await;
    content.map_err(|error| CommandError::bad_input(format!("the command did not arrive: {error}")))
}

fn status_of(kind: FailureKind) -> StatusCode {
    match kind {
        FailureKind::BadInput => StatusCode::BAD_REQUEST,
        FailureKind::Refused => StatusCode::CONFLICT,
        FailureKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn json(status: StatusCode, value: &impl Serialize) -> Response<Full<Bytes>> {
    // Replies are made to be serialised; one that does not is an empty answer,
    // which the client reports.
    let body = serde_json::to_vec(value).unwrap_or_default();
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(
        axum::http::header::CONTENT_TYPE,
        axum::http::HeaderValue::from_static("application/json"),
    );
    response
}
