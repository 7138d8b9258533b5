//! Handshakes: hints, resumption, possession.

use std::sync::Arc;

use rustls::HandshakeKind;
use rustls_pki_types::CertificateDer;
use serde_json::json;
use tongxing_testdata::{Issued, Profile};

use crate::client::{Connection, Identity, TLS12, TLS13, Version, config};
use crate::world::{PARTY, World};

async fn hints(world: &World, name: &str, version: Version) -> Vec<Vec<u8>> {
    let identity = Arc::new(Identity::default());
    let config = config(&world.server.authority_der, &[version], Arc::clone(&identity));
    let mut connection = Connection::open(config, name, world.certificate_port()).await.unwrap();
    connection.get("/healthz").await;
    let hints = identity.hints.lock().unwrap();
    hints.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn hints_follow_enrolment_without_a_restart() {
    let world = World::new().await;
    assert!(hints(&world, "localhost", TLS13).await.is_empty());
    let enrolled = world.enrol(Profile::C).await;
    let mut expected: Vec<_> = vec![enrolled.authority.root().name_der().to_vec()];
    expected.extend(enrolled.authority.intermediates().iter().map(|c| c.name_der().to_vec()));
    expected.sort();
    // The snapshot is published before the command is answered; the hints follow it
    // at once, on another thread.
    for version in [TLS12, TLS13] {
        let mut seen = hints(&world, "localhost", version).await;
        for _ in 0..100 {
            if seen.len() == expected.len() {
                break;
            }
            tokio::task::yield_now().await;
            seen = hints(&world, "localhost", version).await;
        }
        seen.sort();
        assert_eq!(seen, expected);
        assert!(hints(&world, "quiet.localhost", version).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_resumed() {
    let world = World::new().await;
    let issued = world.enrol(Profile::B).await.issue();
    for version in [TLS12, TLS13] {
        let identity = Arc::new(Identity::of(&issued));
        let config = config(&world.server.authority_der, &[version], identity);
        for _ in 0..3 {
            let port = world.certificate_port();
            let mut connection =
                Connection::open(Arc::clone(&config), "localhost", port).await.unwrap();
            let body = json!({ "audience": PARTY });
            assert_eq!(connection.post("/v1/tokens", &body).await.status, 200);
            assert_eq!(connection.handshake, Some(HandshakeKind::Full));
        }
    }
}

/// Whether the handshake fails, or what follows it: in TLS 1.3 the client learns
/// of the refusal with its first request.
async fn refused(world: &World, shown: &[u8], key: &Issued, version: Version) -> bool {
    let chain = vec![CertificateDer::from(shown.to_vec())];
    let identity = Arc::new(Identity::showing(chain, key));
    let config = config(&world.server.authority_der, &[version], identity);
    match Connection::open(config, "localhost", world.certificate_port()).await {
        Err(_) => true,
        Ok(mut connection) => connection.send("GET", "/", &[], "").await.is_err(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_without_its_key_fails_the_handshake() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::B).await;
    let (victim, thief) = (enrolled.issue(), enrolled.issue());
    for version in [TLS12, TLS13] {
        assert!(refused(&world, &victim.certificate_der, &thief, version).await);
        assert!(!refused(&world, &thief.certificate_der, &thief, version).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_certificate_fails_the_handshake() {
    let world = World::new().await;
    let issued = world.enrol(Profile::B).await.issue();
    for version in [TLS12, TLS13] {
        let cut = &issued.certificate_der[..issued.certificate_der.len() - 1];
        assert!(refused(&world, cut, &issued, version).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_listener_asks_for_no_certificate() {
    let world = World::new().await;
    let issued = world.enrol(Profile::B).await.issue();
    let identity = Arc::new(Identity::of(&issued));
    let config = config(&world.server.authority_der, &[TLS13], Arc::clone(&identity));
    let mut connection = Connection::open(config, "localhost", world.public_port()).await.unwrap();
    assert_eq!(connection.get("/").await.status, 200);
    assert!(identity.hints.lock().unwrap().is_empty());
}
