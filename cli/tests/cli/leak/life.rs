//! A province with persons in it, lived through once.

use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tongxing_testdata::{
    Attribute, AuthoritySpec, Company, CrlSpec, Extension, Issued, KeyAlgorithm, LeafSpec,
    LevelSpec, Person, RevocationReason, RevokedEntry, TestAuthority, Validity, crl_pem, oid,
    self_signed,
};

use crate::crash::world::{Addresses, Gateway, PLATFORM, World, now};
use crate::run::{Folder, Run, Server, argument, tongxing};

const POLICY: &str = include_str!("person-policy.toml");

/// A number that only its authority can read.
const OPAQUE: &str = "HOLDER-4711-0815";

/// What was told on the way, to whomever it was not meant to reveal persons.
pub(super) struct Life {
    pub(super) world: World,
    /// Who or what told it, and the text.
    pub(super) told: Vec<(String, String)>,
    /// Explicit readings of persons.
    pub(super) revealed: Vec<(String, String)>,
    runtime: Runtime,
    /// Certificates as files, away from everything that is searched.
    cards: Folder,
    persons: Vec<Person>,
    logs: usize,
}

/// Two authorities that certify persons.
struct Bureaus {
    one: TestAuthority,
    other: TestAuthority,
    /// A person's, of the other one.
    revoked: Issued,
}

impl Life {
    pub(super) fn lived() -> Self {
        let world = World::make(3);
        let bureaus = Bureaus::enrolled(&world);
        let mut life = Self {
            world,
            told: Vec::new(),
            revealed: Vec::new(),
            runtime: Runtime::new().unwrap(),
            cards: Folder::new(),
            persons: (0..8).map(Person::numbered).collect(),
            logs: 0,
        };
        let gateway = life.serve("text");
        let first = life.sign_ins(&gateway.addresses, &bureaus);
        life.commands(&first);
        // Killed: what it was writing stays as it is.
        drop(gateway.server);
        let gateway = life.serve("json");
        let again = life.sign_ins(&gateway.addresses, &bureaus);
        assert_eq!(again, first);
        life.erase(&first);
        let new = life.person_signs_in(&gateway.addresses, &bureaus);
        assert_ne!(new, first, "an erased person is a new one");
        assert_eq!(gateway.server.end("TERM"), Some(0));
        fs::remove_dir_all(life.world.data_folder().join("state")).unwrap();
        life.commands(&new);
        life.taken_elsewhere();
        life.take_logs();
        life
    }

    /// What must not be found.
    pub(super) fn personal_texts(&self) -> Vec<&str> {
        let persons = self.persons.iter().flat_map(|one| [one.name.as_str(), &one.personal_id]);
        persons.chain([OPAQUE]).collect()
    }

    /// A gateway that logs all that it can.
    fn serve(&mut self, format: &str) -> Gateway {
        let mut command = self.world.serve_command();
        command.args(["--log", "trace", "--log-format", format]);
        let log = self.log(self.logs);
        self.logs += 1;
        let mut server = Server::start_logged(&mut command, &log);
        let told = server.wait_for("}");
        Gateway { server, addresses: serde_json::from_str(&told).unwrap() }
    }

    fn log(&self, number: usize) -> PathBuf {
        self.world.beside(&format!("gateway-{number}.log"))
    }

    fn take_logs(&mut self) {
        for number in 0..self.logs {
            let text = fs::read_to_string(self.log(number)).unwrap();
            assert!(text.contains("DEBUG") || text.contains("INFO"), "nothing was logged");
            self.told.push((format!("log {number}"), text));
        }
    }

    /// Everybody signs in, or tries; the first person's subject.
    fn sign_ins(&mut self, at: &Addresses, bureaus: &Bureaus) -> String {
        for company in 0..self.world.companies.len() {
            for held in 0..2 {
                let issued = self.world.companies[company].certificates[held].issued.clone();
                self.by_tls(at, &issued, StatusCode::OK);
                self.by_challenge(at, &issued, StatusCode::OK);
            }
        }
        let sub = self.person_signs_in(at, bureaus);
        let bmp = [Attribute::bmp(oid::COMMON_NAME, &self.persons[1].name)];
        let bmp = bureaus.one.issue(&card(&self.persons[1], bmp.to_vec())).unwrap();
        self.by_challenge(at, &bmp, StatusCode::OK);
        self.by_tls(at, &bmp, StatusCode::OK);
        let holder = bureaus.one.issue(&holder(&self.persons[2])).unwrap();
        self.by_tls(at, &holder, StatusCode::OK);
        self.refusals(at, bureaus);
        sub
    }

    /// The first person, in their own name.
    fn person_signs_in(&mut self, at: &Addresses, bureaus: &Bureaus) -> String {
        let own = bureaus.one.issue(&named(&self.persons[0], &self.persons[0])).unwrap();
        let token = self.by_tls(at, &own, StatusCode::OK);
        self.by_challenge(at, &own, StatusCode::OK);
        self.cards.file("own.pem", own.certificate_pem().unwrap());
        subject_of(&token)
    }

    fn refusals(&mut self, at: &Addresses, bureaus: &Bureaus) {
        let person = |number: usize| self.persons[number].clone();
        let (third, fourth, fifth) = (person(3), person(4), person(5));
        let stranger = self_signed(&named(&third, &third)).unwrap();
        let expired = named(&third, &third).valid(Validity::expired_at(now()));
        let expired = bureaus.one.issue(&expired).unwrap();
        let nobody =
            bureaus.one.issue(&LeafSpec { extensions: Vec::new(), ..named(&fourth, &fourth) });
        let nobody = nobody.unwrap();
        // The other authority writes the first person's name in another way.
        let other_name = bureaus.other.issue(&named(&self.persons[0], &fifth)).unwrap();
        for issued in [&stranger, &expired, &nobody] {
            self.by_tls(at, issued, StatusCode::FORBIDDEN);
            self.by_challenge(at, issued, StatusCode::FORBIDDEN);
        }
        self.by_tls(at, &other_name, StatusCode::CONFLICT);
        self.waits(at, &other_name);
        self.by_tls(at, &bureaus.revoked, StatusCode::FORBIDDEN);
        self.id_in_subject(at, bureaus);
        self.badly_asked(at, &bureaus.revoked);
    }

    /// An id in the subject, as CFCA writes it: pages and documents show the subject.
    fn id_in_subject(&mut self, at: &Addresses, bureaus: &Bureaus) {
        let person = &self.persons[7];
        let name = format!("051@x@0{}@1", person.personal_id);
        let subject = vec![Attribute::utf8(oid::COMMON_NAME, name)];
        let spec = LeafSpec { subject, extensions: Vec::new(), ..named(person, person) };
        let issued = bureaus.one.issue(&spec).unwrap();
        self.by_tls(at, &issued, StatusCode::FORBIDDEN);
        let page = format!("{}/", at.certificate_url);
        let (_, page) = self.ask(Method::GET, &page, String::new(), Some(&issued));
        assert!(page.contains("051@x@*"), "{page}");
    }

    /// Requests with something personal where it does not belong.
    fn badly_asked(&mut self, at: &Addresses, issued: &Issued) {
        let url = format!("{}/v1/tokens", at.certificate_url);
        let body = json!({ "audience": self.persons[6].personal_id }).to_string();
        self.ask(Method::POST, &url, body, Some(issued));
        let number = format!("{{\"audience\":{}}}", &self.persons[6].personal_id[..17]);
        let name = json!({ &self.persons[6].name: 1, "audience": PLATFORM }).to_string();
        for body in [number, name] {
            self.ask(Method::POST, &url, body, Some(issued));
        }
        let url = format!("{}/v1/tokens", at.public_url);
        let signed = json!({
            "audience": PLATFORM,
            "challenge_id": STANDARD.encode(&self.persons[6].name),
            "signature": { "format": "raw", "algorithm": "ecdsa-sha256", "value": "AA==",
                "certificate": STANDARD.encode(&issued.certificate_der[1..]) },
        });
        self.ask(Method::POST, &url, signed.to_string(), None);
        let path = format!("{}/{}", at.public_url, self.persons[6].personal_id);
        self.ask(Method::GET, &path, String::new(), None);
        for path in ["/", "/problems", "/healthz", "/readyz", "/.well-known/jwks.json"] {
            self.ask(Method::GET, &format!("{}{path}", at.public_url), String::new(), None);
        }
    }

    fn waits(&mut self, at: &Addresses, issued: &Issued) {
        let url = format!("{}/v1/confirmations", at.certificate_url);
        self.ask(Method::GET, &url, String::new(), Some(issued));
        let body = json!({ "authority": "bureau-other" }).to_string();
        self.ask(Method::POST, &url, body, Some(issued));
        // The page of whoever shows the certificate is the one place that names them.
        let page = format!("{}/", at.certificate_url);
        let answer = self.world.https.ask(Method::GET, &page, String::new(), Some(issued));
        let (_, page) = self.runtime.block_on(answer).unwrap();
        self.revealed.push(("a holder's own page".to_owned(), page));
    }

    fn by_tls(&mut self, at: &Addresses, issued: &Issued, expected: StatusCode) -> Value {
        let url = format!("{}/v1/tokens", at.certificate_url);
        let body = json!({ "audience": PLATFORM }).to_string();
        let (status, answer) = self.ask(Method::POST, &url, body, Some(issued));
        assert_eq!(status, expected, "{answer}");
        serde_json::from_str(&answer).unwrap()
    }

    fn by_challenge(&mut self, at: &Addresses, issued: &Issued, expected: StatusCode) {
        let url = |path| format!("{}{path}", at.public_url);
        let body = json!({ "audience": PLATFORM }).to_string();
        let (_, challenge) = self.ask(Method::POST, &url("/v1/challenges"), body, None);
        let challenge: Value = serde_json::from_str(&challenge).unwrap();
        let signature = issued.key.sign(challenge["text"].as_str().unwrap().as_bytes()).unwrap();
        let signed = json!({
            "audience": PLATFORM,
            "challenge_id": challenge["challenge_id"],
            "signature": {
                "format": "raw",
                "algorithm": "ecdsa-sha256",
                "value": STANDARD.encode(signature),
                "certificate": STANDARD.encode(&issued.certificate_der),
                "chain": issued.chain_der.iter().map(|der| STANDARD.encode(der)).collect::<Vec<_>>(),
            },
        });
        let (status, answer) = self.ask(Method::POST, &url("/v1/tokens"), signed.to_string(), None);
        assert_eq!(status, expected, "{answer}");
    }

    fn ask(
        &mut self,
        method: Method,
        url: &str,
        body: String,
        shown: Option<&Issued>,
    ) -> (StatusCode, String) {
        let what = format!("answer to {method} {}", url.rsplit(':').next().unwrap_or_default());
        let answer = self.world.https.ask(method, url, body, shown);
        let (status, text) = self.runtime.block_on(answer).unwrap();
        // A token's parts are base64 of what they say: searched as that.
        self.told.push((what, text.clone()));
        (status, text)
    }

    /// Every command that reads, as text and as JSON.
    fn commands(&mut self, sub: &str) {
        let export = argument(&self.world.beside(&format!("export-{}.jsonl", self.told.len())));
        let own = argument(&self.cards.path("own.pem"));
        let id = self.persons[0].personal_id.clone();
        let reads: [&[&str]; 21] = [
            &["subject", "find", &id],
            &["subject", "find", "测试"],
            &["subject", "show", sub],
            &["audit", "list"],
            &["audit", "verify", "--replay"],
            &["policy", "explain", "--ca", "bureau-one", &own],
            &["policy", "explain", "--ca", "ca-c", &own],
            &["ca", "list"],
            &["ca", "show", "bureau-one"],
            &["crl", "list"],
            &["rp", "list"],
            &["subject", "rename", sub, "别名"],
            &["clock", "reset", "--reason", "a test"],
            &["image", "take"],
            &["image", "list"],
            &["audit", "checkpoint"],
            &["audit", "keys"],
            &["archive", "list"],
            &["retention"],
            &["doctor"],
            &["doctor", "--full"],
        ];
        for arguments in reads {
            let run = self.world.ask(arguments);
            self.heard(arguments, &run);
            let run = self.plainly(arguments);
            self.heard(arguments, &run);
        }
        let run = self.world.ask(&["audit", "export", &export]).ended(0);
        self.heard(&["audit", "export"], &run);
        self.told.push(("the export".to_owned(), fs::read_to_string(export).unwrap()));
        let show = ["subject", "show", sub, "--reveal", "a test"];
        let explain = ["policy", "explain", "--ca", "bureau-one", &own, "--reveal", "a test"];
        for (arguments, kind) in
            [(&show[..], "personal_data_read.v1"), (&explain, "certificate_revealed.v1")]
        {
            let before = self.records();
            let run = self.world.ask(arguments).ended(0);
            self.revealed.push((arguments.join(" "), run.stdout));
            self.is_on_the_record(before + 1, kind);
        }
    }

    fn records(&self) -> u64 {
        let verified = self.world.ask(&["audit", "verify"]).ended(0).json();
        verified["records"].as_u64().unwrap()
    }

    /// Whoever reads what is a person's leaves a record: who, when and why.
    fn is_on_the_record(&self, from: u64, kind: &str) {
        let listed = self.world.ask(&["audit", "list", "--from", &from.to_string()]).ended(0);
        let listed = listed.json();
        let is_it = |record: &&Value| record["entry"]["change"][kind]["reason"] == "a test";
        let found = listed.as_array().unwrap().iter().find(is_it);
        let found = found.unwrap_or_else(|| panic!("no {kind} from record {from} on: {listed:#}"));
        assert!(found["entry"]["by"]["operator"].is_object(), "{found:#}");
    }

    /// What goes elsewhere: a backup, a standby made from it, and checkpoints in their
    /// second place.
    fn taken_elsewhere(&mut self) {
        let elsewhere = self.elsewhere();
        fs::create_dir_all(&elsewhere).unwrap();
        let identity = argument(&self.cards.path("backup.key"));
        let made = tongxing(["backup", "identity", "-o", &identity, "--json"]).ended(0).json();
        let file = argument(&elsewhere.join("province.age"));
        let recipient = made["recipient"].as_str().unwrap();
        let run = self.world.ask(&["backup", &file, "--recipient", recipient]).ended(0);
        self.heard(&["backup", "FILE"], &run);
        let standby = argument(&elsewhere.join("standby"));
        let restore = ["restore", &file, "--identity", &identity, "--to", &standby];
        let run = tongxing(restore.into_iter().chain(["--as-standby"])).ended(0);
        self.heard(&["restore", "--as-standby"], &run);
        let settings = self.world.data_folder().join("tongxing.toml");
        let text = fs::read_to_string(&settings).unwrap();
        let place = elsewhere.join("checkpoints");
        let copy = format!("[record]\ncheckpoint_copy = \"{}\"\n", place.display());
        fs::create_dir(&place).unwrap();
        fs::write(&settings, text.replacen("[record]\n", &copy, 1)).unwrap();
        let run = self.world.ask(&["audit", "checkpoint"]).ended(0);
        self.heard(&["audit", "checkpoint"], &run);
    }

    /// Where that is.
    pub(super) fn elsewhere(&self) -> PathBuf {
        self.world.beside("elsewhere")
    }

    fn erase(&mut self, sub: &str) {
        let erased = ["subject", "erase", sub, "--reason", "a test"];
        let run = self.world.ask(&erased).ended(0);
        self.heard(&erased, &run);
        let run = self.world.ask(&["subject", "show", sub, "--reveal", "a test"]).ended(1);
        self.heard(&["subject", "show", "an erased one"], &run);
    }

    fn plainly(&self, arguments: &[&str]) -> Run {
        let data = argument(&self.world.data_folder());
        tongxing(arguments.iter().copied().chain(["--data", &data]))
    }

    fn heard(&mut self, arguments: &[&str], run: &Run) {
        let what = format!("output of {}", arguments[..arguments.len().min(2)].join(" "));
        self.told.push((what, format!("{}{}", run.stdout, run.stderr)));
    }
}

impl Bureaus {
    fn enrolled(world: &World) -> Self {
        let bureau = |id: &str, name: &str| {
            let validity = Validity::decade_around(now());
            let root = LevelSpec::new(name, id, KeyAlgorithm::EcdsaP256, validity);
            let authority = TestAuthority::generate(&AuthoritySpec::one_level(id, root)).unwrap();
            world.enrol(id, name, &POLICY.replace("\"ID\"", &format!("\"{id}\"")), &authority);
            authority
        };
        let one = bureau("bureau-one", "通行测试丁认证中心");
        let other = bureau("bureau-other", "通行测试戊认证中心");
        let person = Person::numbered(7);
        let revoked = other.issue(&named(&person, &person)).unwrap();
        revoke(world, &other, &revoked);
        Self { one, other, revoked }
    }
}

/// Revokes by a new list, as operators do.
fn revoke(world: &World, authority: &TestAuthority, issued: &Issued) {
    let reason = RevocationReason::AffiliationChanged;
    let entry = RevokedEntry::new(issued.serial.clone(), now() - 10, reason);
    let list = CrlSpec::empty(2, now() - 5, now() + 86_400).revoking(entry);
    let file = world.beside("revoking.crl");
    fs::write(&file, crl_pem(&authority.crl(&list).unwrap()).unwrap()).unwrap();
    world.ask(&["crl", "import", &argument(&file)]).ended(0);
}

/// A person's own certificate, with somebody's name.
fn named(person: &Person, name: &Person) -> LeafSpec {
    card(person, vec![Attribute::utf8(oid::COMMON_NAME, &name.name)])
}

fn card(person: &Person, subject: Vec<Attribute>) -> LeafSpec {
    let id = tongxing_testdata::Value::printable(&person.personal_id).explicit(0);
    LeafSpec::signing(subject, Validity::year_from(now()))
        .with_extension(Extension::new(oid::GMT_0015_IDENTIFY_CODE, id))
}

/// A company's certificate whose holder has a name and an opaque number.
fn holder(person: &Person) -> LeafSpec {
    let company = Company::numbered(77);
    let subject = vec![
        Attribute::utf8(oid::ORGANIZATION, &company.name),
        Attribute::utf8(oid::COMMON_NAME, &person.name),
        Attribute::printable(oid::SERIAL_NUMBER, OPAQUE),
    ];
    let code = tongxing_testdata::Value::printable(&company.uscc);
    LeafSpec::signing(subject, Validity::year_from(now()))
        .with_extension(Extension::new(oid::GMT_0015_USCC, code))
}

/// The `sub` of a token.
fn subject_of(answer: &Value) -> String {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let token = answer["access_token"].as_str().unwrap();
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    claims["sub"].as_str().unwrap().to_owned()
}
