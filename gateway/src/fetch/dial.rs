//! From an address to a connection that may be used.

use std::net::SocketAddr;

use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tongxing_trust_store::{HostRules, PointUrl};

use super::{Client, FetchError};

/// How many of a host's addresses are tried.
const ADDRESSES: usize = 4;

/// A connection, with TLS or without.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Connects to a host that the rules name, at an address that they reach.
pub(super) async fn dial(
    client: &Client,
    url: &PointUrl,
    rules: &HostRules,
) -> Result<Box<dyn Stream>, FetchError> {
    if !rules.name(url) {
        return Err(FetchError::HostNotNamed { authority: url.authority() });
    }
    let addresses = resolve(client, url, rules).await?;
    let stream = connect(client, url, &addresses).await?;
    if !url.scheme().is_tls() {
        return Ok(Box::new(stream));
    }
    let tls = |told: String| FetchError::Tls { authority: url.authority(), told };
    let name = ServerName::try_from(url.host().to_owned()).map_err(|bad| tls(bad.to_string()))?;
    let shaken = client.in_motion(client.tls.connect(name, stream)).await?;
    Ok(Box::new(shaken.map_err(|error| tls(error.to_string()))?))
}

/// The addresses that the rules reach.
async fn resolve(
    client: &Client,
    url: &PointUrl,
    rules: &HostRules,
) -> Result<Vec<SocketAddr>, FetchError> {
    let unresolved = |told: String| FetchError::Unresolved { host: url.host().to_owned(), told };
    let found = client.in_motion(lookup_host((url.host(), url.port()))).await?;
    let found: Vec<SocketAddr> = found.map_err(|error| unresolved(error.to_string()))?.collect();
    let (reached, other): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|address| rules.reach(url, address.ip()));
    match (reached.is_empty(), other.first()) {
        (false, _) => Ok(reached),
        (true, Some(address)) => {
            Err(FetchError::NotPublic { host: url.host().to_owned(), address: address.ip() })
        }
        (true, None) => Err(unresolved("the name has none".to_owned())),
    }
}

async fn connect(
    client: &Client,
    url: &PointUrl,
    addresses: &[SocketAddr],
) -> Result<TcpStream, FetchError> {
    let mut told = String::new();
    for address in addresses.iter().take(ADDRESSES) {
        match client.in_motion(TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => told = error.to_string(),
            Err(idle) => told = idle.to_string(),
        }
    }
    Err(FetchError::Unconnected { authority: url.authority(), told })
}
