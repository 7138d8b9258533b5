//! Asking a timestamp service (RFC 3161 section 3.4).
//!
//! Over plain HTTP, as most services offer it: the question is a hash and a random
//! number, the answer is signed. Who alters it on the way breaks the signature, and
//! who drops it shows as degraded.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tongxing_trust_store::{TIMESTAMP_MAX_BYTES, TIMESTAMP_QUERY};

/// From connecting to the last byte of the answer.
const PATIENCE: Duration = Duration::from_secs(30);

const HTTP_PORT: u16 = 80;

/// Where a timestamp service is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TimestampUrl {
    host: String,
    port: u16,
    path: String,
}

impl TimestampUrl {
    /// The service's answer to a question.
    pub(crate) async fn ask(&self, query: &[u8]) -> Result<Vec<u8>, String> {
        let asked = tokio::time::timeout(PATIENCE, self.exchange(query)).await;
        asked.unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())))
    }

    async fn exchange(&self, query: &[u8]) -> Result<Vec<u8>, String> {
        // Brackets are for URLs; an address to connect to has none.
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        let stream = TcpStream::connect((host, self.port)).await.map_err(told)?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(told)?;
        // It ends with the sender; what it fails of shows in the answer.
        let driver = tokio::spawn(connection);
        let request = Request::post(&self.path)
            .header(HOST, format!("{}:{}", self.host, self.port))
            .header(CONTENT_TYPE, TIMESTAMP_QUERY)
            .body(Full::new(Bytes::copy_from_slice(query)))
            .map_err(told)?;
        let response = sender.send_request(request).await.map_err(told)?;
        let status = response.status();
        let content = Limited::new(response.into_body(), TIMESTAMP_MAX_BYTES).collect().await;
        driver.abort();
        if status != StatusCode::OK {
            return Err(format!("the service answered {status}"));
        }
        Ok(content.map_err(told)?.to_bytes().to_vec())
    }
}

fn told(error: impl fmt::Display) -> String {
    error.to_string()
}

impl fmt::Display for TimestampUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}:{}{}", self.host, self.port, self.path)
    }
}

impl FromStr for TimestampUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected http://HOST[:PORT]/PATH (its answers are signed)";
        let uri: Uri = text.parse().map_err(|_| EXPECTED)?;
        let authority = uri.authority().ok_or(EXPECTED)?;
        let plain = uri.scheme_str() == Some("http") && !authority.as_str().contains('@');
        if !plain || authority.host().is_empty() {
            return Err(EXPECTED);
        }
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Self {
            host: authority.host().to_owned(),
            port: authority.port_u16().unwrap_or(HTTP_PORT),
            path: path.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_named_by_plain_urls() {
        let url: TimestampUrl = "http://tsa.example/path?a=b".parse().unwrap();
        assert_eq!(url.to_string(), "http://tsa.example:80/path?a=b");
        let url: TimestampUrl = "http://[::1]:3180".parse().unwrap();
        assert_eq!(url.to_string(), "http://[::1]:3180/");
        for bad in ["https://tsa.example", "tsa.example", "http://u@tsa.example", "http:///x", ""] {
            assert!(bad.parse::<TimestampUrl>().is_err(), "{bad}");
        }
    }
}
