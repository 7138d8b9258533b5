//! The admin socket, and the end of a gateway.

use std::sync::Arc;

use tongxing_gateway::AdminClientError;
use tongxing_testdata::Profile;
use tongxing_trust_store::{Clock, Command, FailureKind, PolicyFile, Reply};

use crate::client::TLS13;
use crate::world::{World, open};

#[tokio::test(flavor = "multi_thread")]
async fn failures_keep_their_kind_over_the_socket() {
    let world = World::new().await;
    world.enrol(Profile::B).await;
    let kind = |command: Command| {
        let admin = world.admin.clone();
        async move {
            match admin.execute(&command).await {
                Err(AdminClientError::Command(error)) => error.kind,
                other => panic!("{other:?}"),
            }
        }
    };
    let bad = Command::PolicySet {
        authority: Some("ca-b".parse().unwrap()),
        policy: PolicyFile { name: "x.toml".into(), source: "nonsense = 1".into() },
        effective: None,
    };
    assert_eq!(kind(bad).await, FailureKind::BadInput);
    let unknown = Command::AuthorityShow { id: "nobody".parse().unwrap() };
    assert_ne!(kind(unknown).await, FailureKind::Unavailable);
    match world.execute(Command::AuthorityList).await {
        Reply::Authorities(authorities) => assert_eq!(authorities.len(), 1),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_shutdown_the_province_opens_again_with_everything() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::B).await;
    assert_eq!(world.sign_in(&enrolled.issue(), TLS13).await.status, 200);
    let World { folder, clock, gateway, admin, .. } = world;
    let socket = gateway.addresses().admin_socket.clone();
    gateway.shutdown().await;
    assert!(!socket.exists());
    let gone = admin.execute(&Command::Health).await.unwrap_err();
    assert!(matches!(gone, AdminClientError::NotRunning { .. }), "{gone}");

    let clock: Arc<dyn Clock> = clock;
    let province = open(&folder.path().join("data"), &clock).await;
    let by = tongxing_trust_store::Actor::Operator { uid: 0, name: None };
    let found =
        province.execute(&by, Command::SubjectFind { query: "通行测试建筑有限公司".into() }).await;
    match found.unwrap() {
        Reply::Subjects(subjects) => assert_eq!(subjects.len(), 1),
        other => panic!("{other:?}"),
    }
}
