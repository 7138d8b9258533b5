//! Clients that are slow, or many: what a running gateway does with them.

use std::io::ErrorKind;
use std::sync::Arc;

use rustls_pki_types::ServerName;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tongxing_testdata::Profile;

use crate::client::{Connection, Identity, TLS13, config};
use crate::world::{PARTY, World};

/// Waits until the gateway ends a connection, and says what it sent before.
async fn until_ended(stream: &mut (impl AsyncReadExt + Unpin)) -> Vec<u8> {
    let mut sent = Vec::new();
    if let Err(error) = stream.read_to_end(&mut sent).await {
        let cut = [ErrorKind::ConnectionReset, ErrorKind::UnexpectedEof];
        assert!(cut.contains(&error.kind()), "{error}");
    }
    sent
}

async fn tcp(port: u16) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port)).await.unwrap()
}

/// Whether a handshake with the certificate listener succeeds now.
async fn handshake(world: &World) -> std::io::Result<Connection> {
    let identity = Arc::default();
    let config = config(&world.server.authority_der, &[TLS13], identity);
    Connection::open(config, "localhost", world.certificate_port()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_shake_hands_is_let_go() {
    let world =
        World::with_settings(&[("# handshake_seconds = 20", "handshake_seconds = 1")]).await;
    for port in [world.certificate_port(), world.public_port()] {
        let (mut silent, mut halting) = (tcp(port).await, tcp(port).await);
        // The header of a record whose rest never comes.
        halting.write_all(&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01]).await.unwrap();
        assert!(until_ended(&mut silent).await.is_empty());
        assert!(until_ended(&mut halting).await.is_empty());
    }
    // Whoever is not slow was not kept from anything.
    assert!(handshake(&world).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_end_a_request_is_let_go() {
    let world = World::with_settings(&[
        ("# header_seconds = 30", "header_seconds = 1"),
        ("# request_seconds = 30", "request_seconds = 1"),
    ])
    .await;
    let tls = config(&world.server.authority_der, &[TLS13], Arc::default());
    let connector = TlsConnector::from(tls);
    let head = "POST /v1/tokens HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let name = || ServerName::try_from("localhost").unwrap();
    // Nothing at all, half a header, and a header whose content never comes.
    for (sent, answer) in
        [("", ""), (head, ""), (&format!("{head}Content-Length: 50\r\n\r\n{{"), "HTTP/1.1 408")]
    {
        let stream = tcp(world.certificate_port()).await;
        let mut stream = connector.connect(name(), stream).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        let received = until_ended(&mut stream).await;
        let received = String::from_utf8_lossy(&received);
        assert!(received.starts_with(answer), "{sent:?}: {received}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_so_many_connections_at_a_time() {
    let world = World::with_settings(&[(
        "# connections_per_address = 1024",
        "connections_per_address = 2",
    )])
    .await;
    let first = handshake(&world).await.unwrap();
    let _second = handshake(&world).await.unwrap();
    let mut third = tcp(world.certificate_port()).await;
    assert!(until_ended(&mut third).await.is_empty(), "closed before its handshake");
    // The public listener's are counted with them.
    assert!(until_ended(&mut tcp(world.public_port()).await).await.is_empty());
    drop(first);
    // Its place is given back when the gateway has noticed.
    while handshake(&world).await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_begins_so_many_handshakes_a_minute() {
    let world = World::with_settings(&[(
        "# handshakes_per_address_per_minute = 6000",
        "handshakes_per_address_per_minute = 1",
    )])
    .await;
    let mut kept = handshake(&world).await.unwrap();
    assert!(until_ended(&mut tcp(world.certificate_port()).await).await.is_empty());
    assert!(handshake(&world).await.is_err());
    // Who is there goes on being served.
    assert_eq!(kept.get("/healthz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_signs_in_so_often_a_minute() {
    let world = World::with_settings(&[(
        "# sign_ins_per_certificate_per_minute = 60",
        "sign_ins_per_certificate_per_minute = 1",
    )])
    .await;
    let enrolled = world.enrol(Profile::B).await;
    let (eager, other) = (enrolled.issue(), enrolled.issue());
    let mut connection = world.connect(Identity::of(&eager), &[TLS13]).await;
    let body = json!({ "audience": PARTY });
    assert_eq!(connection.post("/v1/tokens", &body).await.status, 200);
    let refused = connection.post("/v1/tokens", &body).await;
    assert_eq!((refused.status.as_u16(), &*refused.code()), (429, "request.rate_limited"));
    let seconds: u32 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=61).contains(&seconds), "{seconds}");
    // For another platform, and with another certificate, it is another count.
    let elsewhere = json!({ "audience": "platform-b" });
    assert_eq!(connection.post("/v1/tokens", &elsewhere).await.status, 200);
    assert_eq!(world.sign_in(&other, TLS13).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_asks_so_often_a_minute() {
    let world = World::with_settings(&[(
        "# requests_per_address_per_minute = 6000",
        "requests_per_address_per_minute = 1",
    )])
    .await;
    let mut connection = world.public().await;
    let body = json!({ "audience": PARTY });
    assert_eq!(connection.post("/v1/challenges", &body).await.status, 200);
    let refused = connection.post("/v1/challenges", &body).await;
    assert_eq!((refused.status.as_u16(), &*refused.code()), (429, "request.rate_limited"));
    // What costs nothing is not counted.
    assert_eq!(connection.get("/.well-known/jwks.json").await.status, 200);
}
