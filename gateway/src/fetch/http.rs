//! One question over HTTP/1.1, and its answer.

use axum::http::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HOST, HeaderName,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, USER_AGENT,
};
use axum::http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tongxing_trust_store::{HostRules, PointUrl};

use super::dial::{Stream, dial};
use super::{Client, FetchError, Fetched};

/// What a status line and headers may take together. Origin: ours; nginx sends at
/// most 32 KiB.
const HEADER_BYTES: usize = 64 << 10;

/// The longest validator that is kept. Origin: ours; usual ones have 10 to 50.
const VALIDATOR_BYTES: usize = 256;

const AGENT: &str = concat!("tongxing/", env!("CARGO_PKG_VERSION"));

/// By what a server tells whether something changed (RFC 9110 8.8).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Validators {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_modified: Option<String>,
}

/// What is asked.
pub(super) enum Question<'q> {
    Get { known: &'q Validators },
    Post { content_type: &'static str, document: Bytes },
}

/// What was answered.
pub(super) enum Answer {
    Is(Fetched),
    IsAt(PointUrl),
}

/// Asks once.
pub(super) async fn ask(
    client: &Client,
    url: &PointUrl,
    rules: &HostRules,
    question: &Question<'_>,
) -> Result<Answer, FetchError> {
    let stream = dial(client, url, rules).await?;
    ask_over(client, stream, url, question).await
}

/// Asks over a connection.
pub(super) async fn ask_over(
    client: &Client,
    stream: Box<dyn Stream>,
    url: &PointUrl,
    question: &Question<'_>,
) -> Result<Answer, FetchError> {
    let mut settings = http1::Builder::new();
    settings.max_buf_size(HEADER_BYTES);
    let shaken = client.in_motion(settings.handshake(TokioIo::new(stream))).await?;
    let (mut sender, connection) = shaken.map_err(FetchError::broken)?;
    let _driver = Driver(tokio::spawn(async move {
        // What it fails of shows in the answer.
        let _ = connection.await;
    }));
    let request = question.request(url)?;
    let response = client.in_motion(sender.send_request(request)).await?;
    let response = response.map_err(FetchError::broken)?;
    match response.status() {
        StatusCode::OK => content(client, response).await.map(Answer::Is),
        StatusCode::NOT_MODIFIED if question.is_conditional() => Ok(Answer::Is(Fetched::Unchanged)),
        status if leads_elsewhere(status) && question.is_get() => {
            let location =
                header(&response, &LOCATION).ok_or(FetchError::RedirectWithoutAddress)?;
            let next = url.join(&location).map_err(FetchError::RedirectedNowhere)?;
            if !next.scheme().is_http() {
                let error = tongxing_trust_store::PointUrlError::Scheme;
                return Err(FetchError::RedirectedNowhere(error));
            }
            Ok(Answer::IsAt(next))
        }
        status => Err(FetchError::Status(status)),
    }
}

/// RFC 9110 15.4: the redirects that say where to.
fn leads_elsewhere(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

impl Question<'_> {
    fn request(&self, url: &PointUrl) -> Result<Request<Full<Bytes>>, FetchError> {
        let method = if self.is_get() { Method::GET } else { Method::POST };
        let mut request = Request::builder()
            .method(method)
            .uri(url.path_and_query())
            .header(HOST, url.authority())
            .header(USER_AGENT, AGENT)
            .header(ACCEPT_ENCODING, "identity")
            .header(CONNECTION, "close");
        let mut body = Bytes::new();
        match self {
            Self::Get { known } => {
                for (name, value) in
                    [(IF_NONE_MATCH, &known.etag), (IF_MODIFIED_SINCE, &known.last_modified)]
                {
                    if let Some(value) = value {
                        request = request.header(name, value);
                    }
                }
            }
            Self::Post { content_type, document } => {
                request = request.header(CONTENT_TYPE, *content_type);
                body = document.clone();
            }
        }
        request.body(Full::new(body)).map_err(FetchError::broken)
    }

    fn is_get(&self) -> bool {
        matches!(self, Self::Get { .. })
    }

    fn is_conditional(&self) -> bool {
        matches!(self, Self::Get { known } if **known != Validators::default())
    }
}

/// The whole of what comes, whatever length it says it has.
async fn content(client: &Client, response: Response<Incoming>) -> Result<Fetched, FetchError> {
    if let Some(encoding) = header(&response, &CONTENT_ENCODING)
        && !encoding.eq_ignore_ascii_case("identity")
    {
        return Err(FetchError::Encoded(encoding));
    }
    let most = client.limits.bytes;
    let validators = Validators {
        etag: header(&response, &ETAG).filter(|value| value.len() <= VALIDATOR_BYTES),
        last_modified: header(&response, &LAST_MODIFIED)
            .filter(|value| value.len() <= VALIDATOR_BYTES),
    };
    let mut body = response.into_body();
    if body.size_hint().lower() > most as u64 {
        return Err(FetchError::TooLong { most });
    }
    let mut bytes = Vec::new();
    while let Some(frame) = client.in_motion(body.frame()).await? {
        let Ok(data) = frame.map_err(FetchError::broken)?.into_data() else { continue };
        if data.len() > most - bytes.len() {
            return Err(FetchError::TooLong { most });
        }
        bytes.extend_from_slice(&data);
    }
    Ok(Fetched::Content { documents: vec![bytes], validators })
}

fn header(response: &Response<Incoming>, name: &HeaderName) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}

/// The task that moves a connection's bytes; it ends with the question.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}
