//! A province with two authorities, served on loopback.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tongxing_gateway::{AdminClient, Config, Gateway, RunningGateway, Template, init_keys};
use tongxing_testdata::{
    AuthoritySpec, Company, CrlSpec, Issued, KeyAlgorithm, LeafSpec, LevelSpec, Person, Profile,
    ServerCertificate, TestAuthority, Validity, server_certificate,
};
use tongxing_trust_store::{
    Actor, Clock, Command, PolicyFile, Province, Role, Status, SystemClock,
};

use crate::client::Client;

pub(crate) const PARTY: &str = "platform-a";
const PROVINCE_POLICY: &str = include_str!("../../../policies/province.toml");

/// Limits that the bench does not run into.
const LIMITS: [(&str, &str); 2] = [
    ("# sign_ins_per_certificate_per_minute = 60", "sign_ins_per_certificate_per_minute = 1000000"),
    ("# requests_per_address_per_minute = 6000", "requests_per_address_per_minute = 1000000"),
];

/// A gateway with threads of its own.
pub(crate) struct World {
    gateway: Option<RunningGateway>,
    admin: AdminClient,
    server: ServerCertificate,
    runtime: Runtime,
    _folder: TempDir,
}

/// An authority that issues to companies.
pub(crate) struct Bidders {
    authority: TestAuthority,
    kind: KeyAlgorithm,
    issued: RefCell<Vec<Issued>>,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the bench");
        let data = folder.path().join("data");
        let server = server_certificate(&["localhost"], Validity::year_from(now()));
        let server = server.expect("a server's certificate");
        create(&data, &server);
        let runtime = Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let province = Province::open(&data, Arc::new(SystemClock)).expect("that province");
        let config = Config::load(&data).expect("settings that are in order");
        let gateway = runtime.block_on(Gateway::start(province, config)).expect("it starts");
        let admin = AdminClient::new(&gateway.addresses().admin_socket);
        let world = Self { gateway: Some(gateway), admin, server, runtime, _folder: folder };
        let id = PARTY.parse().expect("an id");
        world.execute(&Command::RelyingPartyAdd { id, name: "平台".into() });
        world
    }

    pub(crate) fn client(&self) -> Client {
        let gateway = self.gateway.as_ref().expect("it runs until it is dropped");
        Client::connect(gateway.addresses().public[0].port(), &self.server.authority_der)
    }

    /// Enrols an authority with this kind of keys throughout, and activates it.
    pub(crate) fn enrol(&self, kind: KeyAlgorithm) -> Bidders {
        let bidders = Bidders::new(kind);
        let (id, authority) = (bidders.id(), &bidders.authority);
        let der = |certificate: &[u8]| certificate.to_vec().into();
        let intermediates = authority.intermediates().iter();
        self.execute(&Command::AuthorityAdd {
            id: id.parse().expect("an id"),
            name_zh: "通行测试".into(),
            name_en: None,
            hotline: None,
            licence_expires: None,
            roles: vec![Role::SignIn],
            anchors: vec![der(authority.root().der())],
            intermediates: intermediates.map(|below| der(below.der())).collect(),
            policy: bidders.policy(),
        });
        self.execute(&Command::StatusSet {
            authority: id.parse().expect("an id"),
            anchor: None,
            status: Status::Active,
            effective: None,
            reason: "for the bench".into(),
        });
        let spec = CrlSpec::empty(1, now() - 60, now() + 86_400);
        for list in [authority.crl(&spec), authority.root_crl(&spec)] {
            self.execute(&Command::ListImport { list: list.expect("a list").into() });
        }
        bidders
    }

    fn execute(&self, command: &Command) {
        self.runtime.block_on(self.admin.execute(command)).expect("a command that is in order");
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(gateway) = self.gateway.take() {
            self.runtime.block_on(gateway.shutdown());
        }
    }
}

impl Bidders {
    fn new(kind: KeyAlgorithm) -> Self {
        let level = |name: &str, length| {
            let name = format!("Tongxing Test {name} {kind:?}");
            LevelSpec::new("通行测试", name, kind, Validity::decade_around(now()))
                .with_path_length(length)
        };
        let spec = AuthoritySpec::one_level(id(kind), level("Root", 1)).below(level("Issuing", 0));
        let authority = TestAuthority::generate(&spec).expect("an authority");
        Self { authority, kind, issued: RefCell::default() }
    }

    fn id(&self) -> &'static str {
        id(self.kind)
    }

    /// Profile D's, for this kind of keys.
    fn policy(&self) -> PolicyFile {
        let mut source = Profile::D.policy_toml().replace(Profile::D.id(), self.id());
        if self.kind != KeyAlgorithm::Sm2 {
            source = source.replace("[\"sm2\"]", "[\"p-256\"]");
            source = source.replace("[\"sm2-sm3\"]", "[\"ecdsa-sha256\"]");
        }
        PolicyFile { name: format!("{}.toml", self.id()), source }
    }

    /// A company's certificate, the same every time.
    pub(crate) fn certificate_of(&self, number: usize) -> Issued {
        let mut issued = self.issued.borrow_mut();
        while issued.len() <= number {
            let spec = self.leaf(issued.len());
            issued.push(self.authority.issue(&spec).expect("a leaf"));
        }
        issued[number].clone()
    }

    /// Of another company for each kind of key: both are registered.
    fn leaf(&self, number: usize) -> LeafSpec {
        let first = if self.kind == KeyAlgorithm::Sm2 { 100_000 } else { 0 };
        let company = Company::numbered(first + u32::try_from(number).expect("a number"));
        let validity = Validity::year_from(now() - 3_600);
        Profile::D.leaf(&company, &Person::numbered(0), validity).with_algorithm(self.kind)
    }
}

fn id(kind: KeyAlgorithm) -> &'static str {
    match kind {
        KeyAlgorithm::Sm2 => "of-sm2",
        _ => "of-p-256",
    }
}

fn now() -> i64 {
    SystemClock.now().unix()
}

/// What `init` does.
fn create(data: &Path, server: &ServerCertificate) {
    let policy = PolicyFile { name: "province.toml".into(), source: PROVINCE_POLICY.into() };
    let by = Actor::Operator { uid: 0, name: None };
    let clock = Arc::new(SystemClock);
    Province::create(data, "测试省", None, policy, &by, clock).expect("a province");
    init_keys(data, SystemClock.now()).expect("keys");
    std::fs::create_dir(data.join("tls")).expect("a folder");
    let write = |name: &str, text: String| std::fs::write(data.join(name), text).expect("written");
    write("tls/server.pem", server.certificate_pem().expect("PEM"));
    write("tls/server.key", server.key.pkcs8_pem().expect("PEM"));
    let template = Template {
        public_url: "https://localhost:0".into(),
        certificate_url: "https://localhost:0".into(),
        public_listen: "127.0.0.1:0".into(),
        certificate_listen: "127.0.0.1:0".into(),
        ..Template::default()
    };
    let mut text = Config::default_toml(&template);
    for (from, to) in LIMITS {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    write("tongxing.toml", text);
}
