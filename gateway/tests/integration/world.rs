//! A province with three authorities, served on loopback.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use tongxing_gateway::{AdminClient, Config, Gateway, RunningGateway, Template, init_keys};
use tongxing_testdata::{
    Company, CrlSpec, Issued, LeafSpec, Person, Profile, RevocationReason, RevokedEntry,
    ServerCertificate, TestAuthority, Validity, server_certificate, sm2_server_certificate,
};
use tongxing_trust_store::{
    Actor, Clock, Command, ManualClock, PolicyFile, Province, RecordProfile, Reply, Role, Status,
    SystemClock,
};

use crate::client::{Answer, Connection, Identity, TLS12, TLS13, Version, config};

pub(crate) const PARTY: &str = "platform-a";
const PROVINCE_POLICY: &str = include_str!("../../../policies/province.toml");

pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) server: ServerCertificate,
    /// What clients of RFC 8998 see, on both listeners.
    pub(crate) sm2_server: ServerCertificate,
    pub(crate) gateway: RunningGateway,
    pub(crate) admin: AdminClient,
}

/// An enrolled authority with the means to issue.
pub(crate) struct Enrolled {
    pub(crate) profile: Profile,
    pub(crate) authority: TestAuthority,
    now: i64,
}

impl World {
    /// A province without authorities, with one relying party.
    pub(crate) async fn new() -> Self {
        Self::with_settings(&[]).await
    }

    /// The same with lines of the settings replaced.
    pub(crate) async fn with_settings(changes: &[(&str, &str)]) -> Self {
        Self::with_profile(RecordProfile::Standard, changes).await
    }

    /// The same with a record of this profile.
    pub(crate) async fn with_profile(profile: RecordProfile, changes: &[(&str, &str)]) -> Self {
        let clock = Arc::new(ManualClock::at_millis(SystemClock.now_millis()));
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let dyn_clock: Arc<dyn Clock> = clock.clone();
        create(&data, &dyn_clock, profile).await;
        let names = ["localhost", "quiet.localhost", "127.0.0.1"];
        let server = server_certificate(&names, Validity::year_from(clock.now().unix())).unwrap();
        let validity = Validity::year_from(clock.now().unix());
        let sm2_server = sm2_server_certificate(&names, validity).unwrap();
        write_settings(&data, [&server, &sm2_server], changes);
        let province = open(&data, &dyn_clock).await;
        let config = Config::load(&data).unwrap();
        let gateway = Gateway::start(province, config).await.unwrap();
        let admin = AdminClient::new(&gateway.addresses().admin_socket);
        let world = Self { folder, clock, server, sm2_server, gateway, admin };
        for id in [PARTY, "platform-b"] {
            let add = Command::RelyingPartyAdd { id: id.parse().unwrap(), name: id.to_owned() };
            world.execute(add).await;
        }
        world
    }

    /// The same with three authorities active: SM2 keys need TLS 1.3, and have tests of
    /// their own.
    pub(crate) async fn with_authorities() -> (Self, Vec<Enrolled>) {
        let world = Self::new().await;
        let mut enrolled = Vec::new();
        for profile in Profile::WITHOUT_SM2 {
            enrolled.push(world.enrol(profile).await);
        }
        (world, enrolled)
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now().unix()
    }

    pub(crate) async fn execute(&self, command: Command) -> Reply {
        self.admin.execute(&command).await.unwrap()
    }

    /// Another secret of a platform.
    pub(crate) async fn secret(&self, id: &str) -> String {
        let id = id.parse().unwrap();
        match self.execute(Command::RelyingPartySecret { id, overlap_seconds: 60 }).await {
            Reply::RelyingPartyAdded { secret, .. } => secret,
            other => panic!("{other:?}"),
        }
    }

    /// Registers a platform; the header by which it shows that it is itself.
    pub(crate) async fn platform(&self, id: &str) -> String {
        let add = Command::RelyingPartyAdd { id: id.parse().unwrap(), name: "平台".into() };
        match self.execute(add).await {
            Reply::RelyingPartyAdded { secret, .. } => {
                format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
            }
            other => panic!("{other:?}"),
        }
    }

    /// Enrols an authority as draft, imports its lists and activates it.
    pub(crate) async fn enrol(&self, profile: Profile) -> Enrolled {
        let spec = profile.authority(Validity::decade_around(self.now()));
        let authority = TestAuthority::generate(&spec).unwrap();
        self.execute(Command::AuthorityAdd {
            id: profile.id().parse().unwrap(),
            name_zh: profile.name_zh().into(),
            name_en: Some(profile.name_en().into()),
            hotline: Some("400-000-0000".into()),
            licence_expires: None,
            roles: vec![Role::SignIn],
            anchors: vec![authority.root().der().to_vec().into()],
            intermediates: authority
                .intermediates()
                .iter()
                .map(|c| c.der().to_vec().into())
                .collect(),
            policy: PolicyFile {
                name: format!("{}.toml", profile.id()),
                source: profile.policy_toml().into(),
            },
        })
        .await;
        let enrolled = Enrolled { profile, authority, now: self.now() };
        self.import(&enrolled, CrlSpec::empty(1, self.now() - 60, self.now() + 86_400)).await;
        self.set_status(profile, Status::Active).await;
        enrolled
    }

    /// Imports a list of the issuing level, and the root's where that is another.
    pub(crate) async fn import(&self, enrolled: &Enrolled, spec: CrlSpec) {
        let mut lists = vec![enrolled.authority.crl(&spec).unwrap()];
        if !enrolled.authority.intermediates().is_empty() {
            let empty = CrlSpec { revoked: Vec::new(), ..spec };
            lists.push(enrolled.authority.root_crl(&empty).unwrap());
        }
        for list in lists {
            self.execute(Command::ListImport { list: list.into() }).await;
        }
    }

    pub(crate) async fn set_status(&self, profile: Profile, status: Status) {
        self.execute(Command::StatusSet {
            authority: profile.id().parse().unwrap(),
            anchor: None,
            status,
            effective: None,
            reason: "test".into(),
        })
        .await;
    }

    pub(crate) async fn revoke(&self, enrolled: &Enrolled, issued: &Issued) {
        let now = self.now();
        let entry =
            RevokedEntry::new(issued.serial.clone(), now - 10, RevocationReason::KeyCompromise);
        self.import(enrolled, CrlSpec::empty(2, now - 5, now + 86_400).revoking(entry)).await;
    }

    pub(crate) fn certificate_port(&self) -> u16 {
        self.gateway.addresses().certificate[0].port()
    }

    pub(crate) fn public_port(&self) -> u16 {
        self.gateway.addresses().public[0].port()
    }

    pub(crate) async fn connect(&self, identity: Identity, versions: &[Version]) -> Connection {
        let config = config(&self.server.authority_der, versions, Arc::new(identity));
        Connection::open(config, "localhost", self.certificate_port()).await.unwrap()
    }

    pub(crate) async fn public(&self) -> Connection {
        let identity = Arc::new(Identity::default());
        let config = config(&self.server.authority_der, &[TLS13, TLS12], identity);
        Connection::open(config, "localhost", self.public_port()).await.unwrap()
    }

    /// Signs in over a new connection.
    pub(crate) async fn sign_in(&self, issued: &Issued, version: Version) -> Answer {
        let mut connection = self.connect(Identity::of(issued), &[version]).await;
        connection.post("/v1/tokens", &json!({ "audience": PARTY })).await
    }

    /// The claims of a token, verified with the published keys.
    pub(crate) async fn claims(&self, answer: &Answer) -> Value {
        assert_eq!(answer.status, 200, "{}", answer.text);
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        let keys = self.public().await.get("/.well-known/jwks.json").await.json();
        crate::tokens::verify(&token, &keys)
    }
}

impl Enrolled {
    /// A leaf of the first company and person.
    pub(crate) fn leaf(&self) -> LeafSpec {
        self.leaf_of(&Company::numbered(0))
    }

    pub(crate) fn leaf_of(&self, company: &Company) -> LeafSpec {
        self.profile.leaf(company, &Person::numbered(0), Validity::year_from(self.now))
    }

    pub(crate) fn issue(&self) -> Issued {
        self.authority.issue(&self.leaf()).unwrap()
    }
}

/// What `init` does; it blocks.
async fn create(data: &Path, clock: &Arc<dyn Clock>, profile: RecordProfile) {
    let (data, clock) = (data.to_owned(), Arc::clone(clock));
    let making = move || {
        let policy = PolicyFile { name: "province.toml".into(), source: PROVINCE_POLICY.into() };
        let by = Actor::Operator { uid: 0, name: None };
        let now = clock.now();
        let names = ("测试省", Some("Test"));
        Province::create_with(profile, &data, names, policy, &by, clock).unwrap();
        init_keys(&data, now).unwrap();
    };
    tokio::task::spawn_blocking(making).await.unwrap();
}

/// Opens a province; it blocks.
pub(crate) async fn open(data: &Path, clock: &Arc<dyn Clock>) -> Province {
    let (data, clock) = (data.to_owned(), Arc::clone(clock));
    tokio::task::spawn_blocking(move || Province::open(&data, clock).unwrap()).await.unwrap()
}

fn write_settings(data: &Path, servers: [&ServerCertificate; 2], changes: &[(&str, &str)]) {
    std::fs::create_dir(data.join("tls")).unwrap();
    for (server, name) in servers.into_iter().zip(["server", "server-sm2"]) {
        let file = |extension: &str| data.join(format!("tls/{name}.{extension}"));
        std::fs::write(file("pem"), server.certificate_pem().unwrap()).unwrap();
        std::fs::write(file("key"), server.key.pkcs8_pem().unwrap()).unwrap();
    }
    let template = Template {
        public_url: "https://localhost:0".into(),
        certificate_url: "https://localhost:0".into(),
        public_listen: "127.0.0.1:0".into(),
        certificate_listen: "127.0.0.1:0".into(),
        sm2: Some(Template::sm2_files()),
        ..Template::default()
    };
    let mut text = Config::default_toml(&template)
        .replace("# hosts_without_hints = []", "hosts_without_hints = [\"quiet.localhost\"]");
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    std::fs::write(data.join("tongxing.toml"), text).unwrap();
}
