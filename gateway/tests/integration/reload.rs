//! Certificates of the server that are renewed while it runs.

use std::sync::Arc;

use tongxing_gateway::TlsError;
use tongxing_gm_tls::provider;
use tongxing_testdata::{ServerCertificate, Validity, server_certificate, sm2_server_certificate};

use crate::client::{Connection, TLS13, config, config_of};
use crate::world::World;

fn write(world: &World, name: &str, server: &ServerCertificate) {
    let file = |extension: &str| world.folder.path().join(format!("data/tls/{name}.{extension}"));
    std::fs::write(file("pem"), server.certificate_pem().unwrap()).unwrap();
    std::fs::write(file("key"), server.key.pkcs8_pem().unwrap()).unwrap();
}

/// Which of the listeners, and whether under RFC 8998, show what this authority issued.
async fn shown(world: &World, server: &ServerCertificate, sm2: bool) -> [bool; 2] {
    let mut shown = [false; 2];
    for (port, shown) in [world.public_port(), world.certificate_port()].into_iter().zip(&mut shown)
    {
        let root = &server.authority_der[..];
        let tls = if sm2 {
            config_of(provider(), &[root], &[TLS13], Arc::default())
        } else {
            config(root, &[TLS13], Arc::default())
        };
        *shown = Connection::open(tls, "localhost", port).await.is_ok();
    }
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn renewed_certificates_are_shown_without_a_restart() {
    let world = World::new().await;
    let mut open = world.public().await;
    let validity = Validity::year_from(world.now());
    let ordinary = server_certificate(&["localhost"], validity).unwrap();
    let sm2 = sm2_server_certificate(&["localhost"], validity).unwrap();
    write(&world, "server", &ordinary);
    write(&world, "server-sm2", &sm2);
    assert_eq!(shown(&world, &ordinary, false).await, [false; 2], "nobody asked for it yet");
    world.gateway.shown_certificates().reload().await.unwrap();
    for (renewed, old, is_sm2) in
        [(&ordinary, &world.server, false), (&sm2, &world.sm2_server, true)]
    {
        assert_eq!(shown(&world, renewed, is_sm2).await, [true; 2]);
        assert_eq!(shown(&world, old, is_sm2).await, [false; 2]);
    }
    // What was open goes on.
    assert_eq!(open.get("/.well-known/jwks.json").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_not_in_order_changes_nothing() {
    let world = World::new().await;
    let validity = Validity::year_from(world.now());
    let ordinary = server_certificate(&["localhost"], validity).unwrap();
    write(&world, "server", &ordinary);
    // The other's key stays: it does not fit.
    let other = sm2_server_certificate(&["localhost"], validity).unwrap();
    let file = world.folder.path().join("data/tls/server-sm2.pem");
    std::fs::write(file, other.certificate_pem().unwrap()).unwrap();
    let refused = world.gateway.shown_certificates().reload().await;
    assert!(matches!(refused, Err(TlsError::Key { .. })), "{refused:?}");
    assert_eq!(shown(&world, &world.server, false).await, [true; 2]);
    assert_eq!(shown(&world, &world.sm2_server, true).await, [true; 2]);
    assert_eq!(shown(&world, &ordinary, false).await, [false; 2]);
}
