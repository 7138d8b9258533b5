//! The operators' end of the admin socket.

use std::io;
use std::path::{Path, PathBuf};

use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;
use tongxing_trust_store::{Command, CommandError, Reply};

use super::EXECUTE;

/// Why a running gateway did not carry out a command.
#[derive(Debug, thiserror::Error)]
pub enum AdminClientError {
    /// No gateway listens there: the caller may open the province itself.
    #[error("{}: no gateway is running there ({source})", path.display())]
    NotRunning {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A gateway runs, and this account may not talk to it.
    #[error("{}: this account may not give commands: join the group tongxing-admin", path.display())]
    Forbidden {
        /// The socket.
        path: PathBuf,
    },
    /// The connection broke or the answer was not understood. The command may
    /// have been carried out.
    #[error(
        "the gateway's answer was not understood, and the command may have been carried out: {0}"
    )]
    Broken(String),
    /// The gateway answered no.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// Speaks to a running gateway.
#[derive(Debug, Clone)]
pub struct AdminClient {
    path: PathBuf,
}

impl AdminClient {
    /// A client for the socket at `path`; it connects for each command.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Has the gateway carry out a command.
    pub async fn execute(&self, command: &Command) -> Result<Reply, AdminClientError> {
        let stream = self.connect().await?;
        let (status, content) = exchange(stream, command).await?;
        if status == StatusCode::OK {
            return serde_json::from_slice(&content).map_err(broken);
        }
        let error: CommandError = serde_json::from_slice(&content).map_err(broken)?;
        Err(error.into())
    }

    async fn connect(&self) -> Result<UnixStream, AdminClientError> {
        UnixStream::connect(&self.path).await.map_err(|source| match source.kind() {
            io::ErrorKind::PermissionDenied => {
                AdminClientError::Forbidden { path: self.path.clone() }
            }
            _ => AdminClientError::NotRunning { path: self.path.clone(), source },
        })
    }
}

async fn exchange(
    stream: UnixStream,
    command: &Command,
) -> Result<(StatusCode, Bytes), AdminClientError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    // It ends with the sender; what it fails of shows in the answer.
    let driver = tokio::spawn(connection);
    let content = serde_json::to_vec(command).map_err(broken)?;
    let request = Request::post(EXECUTE)
        .header(HOST, "localhost")
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(content)))
        .map_err(broken)?;
    let response = sender.send_request(request).await.map_err(broken)?;
    let status = response.status();
    let content = response.into_body().collect().await.map_err(broken)?.to_bytes();
    driver.abort();
    Ok((status, content))
}

fn broken(error: impl std::fmt::Display) -> AdminClientError {
    AdminClientError::Broken(error.to_string())
}
