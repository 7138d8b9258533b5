//! Figures for Prometheus: over the admin socket, and over plain HTTP where
//! `[metrics] listen` is set. They name no person and no company.
//!
//! All are gauges, taken at the moment they are asked for.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::Full;
use hyper::Response;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use metrics::{describe_gauge, gauge};
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::net::TcpListener;
use tongxing_trust_store::ReplicaRole;

use crate::serve::StartError;
use crate::site::Site;
use crate::standby;

/// Where they are, on either listener.
pub(crate) const METRICS: &str = "/metrics";

/// A scraper asks at once or not at all.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(30);

/// All figures, in the text format of Prometheus.
pub(crate) fn render(site: &Site) -> String {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    metrics::with_local_recorder(&recorder, || {
        of_record(site);
        of_standby(site);
        of_lists(site);
        of_webhooks(site);
    });
    handle.render()
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; 2^53 records are far off")]
fn of_record(site: &Site) {
    let health = site.province.health();
    describe_gauge!("tongxing_record_sequence", "Number of the last durable record");
    gauge!("tongxing_record_sequence").set(health.sequence as f64);
    describe_gauge!("tongxing_journal_writable", "1 while the journal takes records");
    gauge!("tongxing_journal_writable").set(f64::from(u8::from(health.journal_writable)));
    describe_gauge!("tongxing_judgeable_authorities", "Active authorities that can be judged");
    gauge!("tongxing_judgeable_authorities").set(health.judgeable_authorities as f64);
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; 2^53 records are far off")]
fn of_standby(site: &Site) {
    let role = site.province.role();
    describe_gauge!("tongxing_role", "1 for what this gateway is: primary, standby or fenced");
    for each in [ReplicaRole::Primary, ReplicaRole::Standby, ReplicaRole::Fenced] {
        gauge!("tongxing_role", "role" => each.as_str()).set(f64::from(u8::from(each == role)));
    }
    if let Ok(term) = site.province.term() {
        describe_gauge!("tongxing_term", "Term of the record: promotions and one");
        gauge!("tongxing_term").set(term as f64);
    }
    describe_gauge!(
        "tongxing_acknowledges_alone",
        "1 while records are acknowledged without the standby, though it is set otherwise"
    );
    let alone = standby::acknowledges_alone(site);
    gauge!("tongxing_acknowledges_alone").set(f64::from(u8::from(alone)));
    let Some(peer) = standby::peer(site) else { return };
    describe_gauge!("tongxing_standby_connected", "1 while the standby follows");
    gauge!("tongxing_standby_connected").set(f64::from(u8::from(peer.connected)));
    if let Some(records) = peer.lag_records {
        describe_gauge!("tongxing_standby_lag_records", "Records that the standby does not have");
        gauge!("tongxing_standby_lag_records").set(records as f64);
    }
    if let Some(seconds) = peer.lag_seconds {
        describe_gauge!("tongxing_standby_lag_seconds", "Since the standby last had everything");
        gauge!("tongxing_standby_lag_seconds").set(seconds as f64);
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; seconds fit")]
fn of_lists(site: &Site) {
    let now = site.now();
    describe_gauge!("tongxing_list_places", "Places where an authority's lists are fetched");
    describe_gauge!("tongxing_list_places_failing", "Those that had no current list last time");
    describe_gauge!("tongxing_list_due_seconds", "Until the first of its lists is overdue");
    for authority in site.province.snapshot().authorities() {
        let points = site.province.points().of(authority.id());
        if points.is_empty() {
            continue;
        }
        let id = authority.id().to_string();
        let failing = points.iter().filter(|point| point.last_error.is_some()).count();
        gauge!("tongxing_list_places", "authority" => id.clone()).set(points.len() as f64);
        gauge!("tongxing_list_places_failing", "authority" => id.clone()).set(failing as f64);
        if let Some(due) = points.iter().filter_map(|point| point.next_update).min() {
            let seconds = due.unix().saturating_sub(now.unix());
            gauge!("tongxing_list_due_seconds", "authority" => id).set(seconds as f64);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; platforms are few")]
fn of_webhooks(site: &Site) {
    describe_gauge!("tongxing_webhooks_failing", "Platforms whose webhook did not take a notice");
    gauge!("tongxing_webhooks_failing").set(site.webhooks.troubles().len() as f64);
}

/// Binds the listener of the settings.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| StartError::Bind { address, source })
}

/// Serves the figures until the task ends; one connection after another is enough.
pub(crate) async fn serve(site: Arc<Site>, listener: TcpListener) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let of_connection = Arc::clone(&site);
        let service = service_fn(move |request: Request<Incoming>| {
            let answered = answer(&of_connection, request.method(), request.uri().path());
            async move { Ok::<_, Infallible>(answered) }
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).keep_alive(false);
        let serving = http.serve_connection(TokioIo::new(stream), service);
        // A scraper that went away is no concern of the gateway.
        let _ = tokio::time::timeout(CONNECTION_TIMEOUT, serving).await;
    }
}

fn answer(site: &Site, method: &Method, path: &str) -> Response<Full<Bytes>> {
    if *method == Method::GET && path == METRICS {
        return text(site);
    }
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// The answer to `GET /metrics`.
pub(crate) fn text(site: &Site) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(render(site))));
    let media_type = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}
