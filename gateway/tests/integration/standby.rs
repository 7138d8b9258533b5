//! Two gateways in one process: the second follows, and takes over.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tongxing_gateway::{
    AdminClient, Config, Gateway, Invitation, JoinError, RunningGateway, join_standby,
};
use tongxing_testdata::{Company, Issued, Person, Profile, TestAuthority, Validity};
use tongxing_trust_store::{
    Clock, Command, HealthView, NoProgress, ReplicaRole, Reply, StandbyView,
};

use crate::client::{Answer, Connection, Identity, TLS13, config};
use crate::world::{PARTY, World, open};

const LISTEN: (&str, &str) = ("# listen = \"127.0.0.1:7443\"", "listen = \"127.0.0.1:0\"");
const CONFIRMED: (&str, &str) = ("# acknowledge = \"local\"", "acknowledge = \"standby\"");

/// Nothing takes so long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// The second gateway.
struct Second {
    gateway: RunningGateway,
    admin: AdminClient,
}

fn place(world: &World) -> PathBuf {
    world.folder.path().join("second")
}

async fn invitation(admin: &AdminClient) -> Invitation {
    match admin.execute(&Command::StandbyInvite { address: None }).await.unwrap() {
        Reply::StandbyInvited(invited) => invited.invitation.parse().unwrap(),
        other => panic!("{other:?}"),
    }
}

fn clock(world: &World) -> Arc<dyn Clock> {
    world.clock.clone()
}

impl Second {
    /// Joins and serves.
    async fn of(world: &World) -> Self {
        let invitation = invitation(&world.admin).await;
        join_standby(&invitation, &place(world), clock(world), &NoProgress).await.unwrap();
        let second = Self::serve(world).await;
        second.follows(world).await;
        second
    }

    async fn serve(world: &World) -> Self {
        let province = open(&place(world), &clock(world)).await;
        let config = Config::load(&place(world)).unwrap();
        let gateway = Gateway::start(province, config).await.unwrap();
        let admin = AdminClient::new(&gateway.addresses().admin_socket);
        Self { gateway, admin }
    }

    /// Waits until it has everything, and the primary knows.
    async fn follows(&self, world: &World) {
        until(async || {
            let level = |view: &StandbyView| {
                view.peer.as_ref().is_some_and(|peer| peer.connected && peer.lag_records == Some(0))
            };
            let (own, theirs) = (status(&self.admin).await, status(&world.admin).await);
            level(&own) && level(&theirs) && own.sequence == theirs.sequence
        })
        .await;
    }

    async fn connect(&self, world: &World, identity: Identity) -> Connection {
        let config = config(&world.server.authority_der, &[TLS13], Arc::new(identity));
        let port = self.gateway.addresses().certificate[0].port();
        Connection::open(config, "localhost", port).await.unwrap()
    }

    async fn sign_in(&self, world: &World, issued: &Issued) -> Answer {
        let mut connection = self.connect(world, Identity::of(issued)).await;
        connection.post("/v1/tokens", &json!({ "audience": PARTY })).await
    }

    async fn get(&self, world: &World, path: &str) -> Answer {
        let config = config(&world.server.authority_der, &[TLS13], Arc::default());
        let port = self.gateway.addresses().public[0].port();
        Connection::open(config, "localhost", port).await.unwrap().get(path).await
    }
}

async fn until(mut reached: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !reached().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("it comes to be so");
}

async fn status(admin: &AdminClient) -> StandbyView {
    match admin.execute(&Command::StandbyStatus).await.unwrap() {
        Reply::Standby(view) => *view,
        other => panic!("{other:?}"),
    }
}

async fn health(admin: &AdminClient) -> HealthView {
    match admin.execute(&Command::Health).await.unwrap() {
        Reply::Health(view) => view,
        other => panic!("{other:?}"),
    }
}

async fn promote(admin: &AdminClient, force: bool) -> Result<Reply, String> {
    let promote = Command::StandbyPromote { force };
    admin.execute(&promote).await.map_err(|error| error.to_string())
}

fn sub_of(answer: &Answer) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let json = answer.json();
    let claims = json["access_token"].as_str().unwrap().split('.').nth(1).unwrap();
    let claims: serde_json::Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    claims["sub"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_serves_reads_and_refuses_sign_ins_until_it_takes_over() {
    let world = World::with_settings(&[LISTEN]).await;
    let enrolled = world.enrol(Profile::B).await;
    let issued = enrolled.issue();
    let sub = sub_of(&world.sign_in(&issued, TLS13).await);
    let second = Second::of(&world).await;
    let keys = world.public().await.get("/.well-known/jwks.json").await.json();
    assert_eq!(second.get(&world, "/.well-known/jwks.json").await.json(), keys);
    let ready = second.get(&world, "/readyz").await;
    assert_eq!((ready.status.as_u16(), &ready.json()["role"]), (503, &json!("standby")));
    assert_eq!(second.sign_in(&world, &issued).await.code(), "service.standby");
    let add = Command::RelyingPartyAdd { id: "new".parse().unwrap(), name: "new".into() };
    assert!(second.admin.execute(&add).await.unwrap_err().to_string().contains("standby"));
    assert!(matches!(
        second.admin.execute(&Command::AuthorityList).await,
        Ok(Reply::Authorities(_))
    ));

    promote(&second.admin, false).await.unwrap();
    assert_eq!(sub_of(&second.sign_in(&world, &issued).await), sub);
    assert_eq!(second.get(&world, "/readyz").await.status, 200);
    second.admin.execute(&add).await.unwrap();
    let old = status(&world.admin).await;
    assert_eq!((old.role, old.term), (ReplicaRole::Fenced, 2));
    assert_eq!(world.sign_in(&issued, TLS13).await.code(), "service.standby");
    assert!(world.admin.execute(&add).await.unwrap_err().to_string().contains("term 2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_acknowledge_standby_nothing_is_signed_in_while_the_standby_is_away() {
    let world = World::with_settings(&[LISTEN, CONFIRMED]).await;
    let enrolled = world.enrol(Profile::B).await;
    let issued = enrolled.issue();
    assert_eq!(world.sign_in(&issued, TLS13).await.status, 200, "there is none to wait for yet");
    assert!(health(&world.admin).await.degraded.iter().any(|line| line.contains("none yet")));
    let second = Second::of(&world).await;
    until(async || health(&world.admin).await.degraded.is_empty()).await;
    assert_eq!(world.sign_in(&issued, TLS13).await.status, 200);
    let had = status(&second.admin).await.sequence;
    assert_eq!(had, status(&world.admin).await.sequence, "it was confirmed before the answer");

    second.gateway.shutdown().await;
    world.clock.advance_millis(6_000);
    let refused = world.sign_in(&issued, TLS13).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (503, "service.unavailable".into()));
    assert_eq!(status(&world.admin).await.sequence, had, "nothing was recorded");
    let second = Second::serve(&world).await;
    second.follows(&world).await;
    assert_eq!(world.sign_in(&issued, TLS13).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fenced_gateway_becomes_the_standby_of_the_one_that_took_over() {
    let world = World::with_settings(&[LISTEN]).await;
    let second = Second::of(&world).await;
    promote(&second.admin, false).await.unwrap();
    let World { folder, clock, gateway, .. } = world;
    gateway.shutdown().await;
    let first = folder.path().join("data");
    let clock: Arc<dyn Clock> = clock;
    let invited = invitation(&second.admin).await;
    let joined = join_standby(&invited, &first, Arc::clone(&clock), &NoProgress).await.unwrap();
    assert!(joined.sequence < joined.last);
    let province = open(&first, &clock).await;
    let gateway = Gateway::start(province, Config::load(&first).unwrap()).await.unwrap();
    let admin = AdminClient::new(&gateway.addresses().admin_socket);
    until(async || status(&admin).await.sequence == status(&second.admin).await.sequence).await;
    let view = status(&admin).await;
    assert_eq!((view.role, view.term), (ReplicaRole::Standby, 2));
    // And back again.
    promote(&admin, false).await.unwrap();
    assert_eq!(status(&second.admin).await.role, ReplicaRole::Fenced);
    assert_eq!(status(&admin).await.term, 3);
}

/// A stranger was refused since the last summary: stopping records and signs that.
#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_stopped_leaves_its_standby_with_its_last_record() {
    let world = World::with_settings(&[LISTEN]).await;
    let second = Second::of(&world).await;
    let stranger = TestAuthority::generate(
        &Profile::B.authority(Validity::decade_around(world.clock.now().unix())),
    );
    let (company, person) = (Company::numbered(0), Person::numbered(0));
    let leaf = Profile::B.leaf(&company, &person, Validity::year_from(world.clock.now().unix()));
    let issued = stranger.unwrap().issue(&leaf).unwrap();
    assert_ne!(world.sign_in(&issued, TLS13).await.status, 200);
    let World { folder, clock, gateway, .. } = world;
    let clock: Arc<dyn Clock> = clock;
    gateway.shutdown().await;
    let standby = status(&second.admin).await;
    let first = open(&folder.path().join("data"), &clock).await;
    let own = first.hello().unwrap();
    assert_eq!((standby.sequence, standby.hash), (own.sequence, own.hash));
    let signed = first.newest_checkpoint().unwrap();
    assert_eq!(signed.checkpoint().size, own.sequence);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_was_away_is_fenced_when_it_comes_back() {
    let world = World::with_settings(&[LISTEN]).await;
    let second = Second::of(&world).await;
    let World { folder, clock, gateway, .. } = world;
    let address = gateway.addresses().replica.unwrap();
    gateway.shutdown().await;
    let told = promote(&second.admin, false).await.unwrap_err();
    assert!(told.contains("--force") && told.contains("off"), "{told}");
    promote(&second.admin, true).await.unwrap();
    let lines = health(&second.admin).await.degraded;
    assert!(lines.iter().any(|line| line.contains("was not told")), "{lines:?}");

    let first = folder.path().join("data");
    let settings = std::fs::read_to_string(first.join("tongxing.toml")).unwrap();
    let settings = settings.replace(LISTEN.1, &format!("listen = \"{address}\""));
    std::fs::write(first.join("tongxing.toml"), settings).unwrap();
    let clock: Arc<dyn Clock> = clock;
    let province = open(&first, &clock).await;
    let gateway = Gateway::start(province, Config::load(&first).unwrap()).await.unwrap();
    let admin = AdminClient::new(&gateway.addresses().admin_socket);
    until(async || status(&admin).await.role == ReplicaRole::Fenced).await;
    gateway.shutdown().await;
    assert_eq!(open(&first, &clock).await.role(), ReplicaRole::Fenced);
    until(async || health(&second.admin).await.degraded.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_whose_disk_fails_does_not_keep_its_successor_away() {
    let world = World::with_settings(&[LISTEN]).await;
    let enrolled = world.enrol(Profile::C).await;
    let issued = enrolled.issue();
    assert_eq!(world.sign_in(&issued, TLS13).await.status, 200);
    let second = Second::of(&world).await;
    // Nothing can be written where the fence would be.
    std::fs::create_dir(world.folder.path().join("data/fenced")).unwrap();
    let told = promote(&second.admin, false).await.unwrap_err();
    assert!(told.contains("did not stop for good") && told.contains("--force"), "{told}");
    assert_eq!(world.sign_in(&issued, TLS13).await.status, 503, "it stopped nevertheless");
    assert_eq!(status(&world.admin).await.role, ReplicaRole::Fenced);
    promote(&second.admin, true).await.unwrap();
    assert_eq!(second.sign_in(&world, &issued).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lag_is_a_metric_on_either_gateway() {
    let world = World::with_settings(&[LISTEN]).await;
    let before = metrics(&world.gateway.addresses().admin_socket).await;
    assert!(before.contains("tongxing_role{role=\"primary\"} 1"), "{before}");
    assert!(!before.contains("tongxing_standby_connected"), "there is none:\n{before}");
    let second = Second::of(&world).await;
    let sequence = status(&second.admin).await.sequence;
    let own = metrics(&second.gateway.addresses().admin_socket).await;
    for line in [
        "tongxing_role{role=\"standby\"} 1".to_owned(),
        "tongxing_role{role=\"primary\"} 0".to_owned(),
        format!("tongxing_record_sequence {sequence}"),
        "tongxing_standby_connected 1".to_owned(),
        "tongxing_standby_lag_records 0".to_owned(),
        "tongxing_standby_lag_seconds 0".to_owned(),
        "tongxing_term 1".to_owned(),
    ] {
        assert!(own.lines().any(|found| found == line), "{line} in:\n{own}");
    }
    second.gateway.shutdown().await;
    let add = Command::RelyingPartyAdd { id: "new".parse().unwrap(), name: "new".into() };
    world.admin.execute(&add).await.unwrap();
    world.clock.advance_millis(60_000);
    let behind = metrics(&world.gateway.addresses().admin_socket).await;
    for line in [
        "tongxing_standby_connected 0",
        "tongxing_standby_lag_records 1",
        "tongxing_standby_lag_seconds 60",
    ] {
        assert!(behind.lines().any(|found| found == line), "{line} in:\n{behind}");
    }
}

/// What `curl --unix-socket admin.sock http://localhost/metrics` shows.
async fn metrics(socket: &Path) -> String {
    use http_body_util::{BodyExt, Empty};
    let stream = tokio::net::UnixStream::connect(socket).await.unwrap();
    let stream = hyper_util::rt::TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let request = hyper::Request::get("/metrics").header("host", "localhost");
    let request = request.body(Empty::<hyper::body::Bytes>::new()).unwrap();
    let response = sender.send_request(request).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_lets_one_gateway_join_and_no_stranger() {
    let world = World::with_settings(&[LISTEN]).await;
    let invited = invitation(&world.admin).await;
    let text = invited.to_string();
    let forged: Invitation = text.replace("standby:", "standby:x").parse().unwrap();
    let join = async |invitation: &Invitation, name: &str| {
        let folder = world.folder.path().join(name);
        join_standby(invitation, &folder, clock(&world), &NoProgress).await
    };
    assert!(matches!(join(&forged, "a").await, Err(JoinError::Peer(_))));
    assert!(matches!(join(&invited, "b").await, Err(JoinError::Peer(_))), "one guess closed it");
    let invited = invitation(&world.admin).await;
    join(&invited, "c").await.unwrap();
    assert!(matches!(join(&invited, "d").await, Err(JoinError::Peer(_))), "it was used");
    let data = world.folder.path().join("data");
    let invited = invitation(&world.admin).await;
    let own = join_standby(&invited, &data, clock(&world), &NoProgress).await;
    assert!(own.is_err(), "a primary's folder is in use");
}
