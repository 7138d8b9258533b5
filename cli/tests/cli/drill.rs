//! The drill: a backup is made while the gateway serves, the province is destroyed
//! and comes back, and everybody is who they were.

use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::Method;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tongxing_pki::Timestamp;

use crate::crash::world::{Gateway, PLATFORM, World};
use crate::interop::stage::{Tool, have};
use crate::run::{Run, argument, binary, finished, tongxing};

/// The standard implementation of age, and the archiver that comes with the system.
const AGE: Tool = ("age", "--version");
const TAR: Tool = ("tar", "--version");

/// How many companies are known before the backup.
const KNOWN: usize = 3;

struct Drill {
    world: World,
    runtime: Runtime,
    key: String,
    recipient: String,
}

impl Drill {
    fn new() -> Self {
        let world = World::make(6);
        let key = argument(&world.beside("backup.key"));
        let made = tongxing(["backup", "identity", "-o", &key, "--json"]).ended(0).json();
        let recipient = made["recipient"].as_str().unwrap().to_owned();
        Self { world, runtime: Runtime::new().unwrap(), key, recipient }
    }

    fn file(&self) -> String {
        argument(&self.world.beside("backup.age"))
    }

    fn back_up(&self) -> Run {
        self.world.ask(&["backup", &self.file(), "--recipient", &self.recipient])
    }

    fn restore(&self, to: &str, more: &[&str]) -> Run {
        let to = argument(&self.world.beside(to));
        let file = self.file();
        let whole = ["restore", &file, "--identity", &self.key, "--to", &to, "--json"];
        tongxing(whole.iter().chain(more))
    }

    /// Signs a company in with one of its certificates; what the token says.
    fn sign_in(&self, gateway: &Gateway, company: usize, certificate: usize) -> Claims {
        let url = format!("{}/v1/tokens", gateway.addresses.certificate_url);
        let shown = &self.world.companies[company].certificates[certificate].issued;
        let body = json!({ "audience": PLATFORM });
        let posted = self.world.https.post(&url, &body, Some(shown));
        let (status, answer) = self.runtime.block_on(posted).unwrap();
        assert!(status.is_success(), "{answer:#}");
        Claims::of(answer["access_token"].as_str().unwrap())
    }

    fn jwks(&self, gateway: &Gateway) -> Value {
        let url = format!("{}/.well-known/jwks.json", gateway.addresses.public_url);
        let asked = self.world.https.ask(Method::GET, &url, String::new(), None);
        serde_json::from_str(&self.runtime.block_on(asked).unwrap().1).unwrap()
    }

    fn verified(&self) -> Value {
        self.world.ask(&["audit", "verify", "--replay"]).ended(0).json()
    }

    fn shown(&self, subject: &str) -> Value {
        let show = ["subject", "show", subject, "--reveal", "a drill"];
        self.world.ask(&show).ended(0).json()
    }
}

/// Who a token is about.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Claims {
    subject: String,
    /// The person who holds the key, where the certificate names one.
    holder: Option<String>,
}

impl Claims {
    fn of(token: &str) -> Self {
        let payload = token.split('.').nth(1).unwrap();
        let claims: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Self { subject: text(&claims["sub"]).unwrap(), holder: text(&claims["act"]["sub"]) }
    }
}

#[test]
fn the_drill() {
    let drill = Drill::new();
    let gateway = drill.world.serve();
    let known: Vec<Claims> = (0..KNOWN).map(|who| drill.sign_in(&gateway, who, 1)).collect();
    let shown: Vec<Value> = known
        .iter()
        .flat_map(|claims| {
            [drill.shown(&claims.subject), drill.shown(claims.holder.as_ref().unwrap())]
        })
        .collect();
    let keys = drill.jwks(&gateway);
    let made = back_up_while_serving(&drill, &gateway);
    assert_eq!(gateway.server.end("TERM"), Some(0));
    assert_recorded(&drill, &made);

    fs::remove_dir_all(drill.world.data_folder()).unwrap();
    let restored = drill.restore("data", &[]).ended(0).json();
    for same in ["sequence", "head", "state"] {
        assert_eq!(restored[same], made[same], "{same}");
    }
    assert_eq!(drill.verified()["records"], restored["recorded"]);

    let gateway = drill.world.serve();
    assert_eq!(drill.jwks(&gateway), keys);
    for (who, claims) in known.iter().enumerate() {
        assert_eq!(drill.sign_in(&gateway, who, 1), *claims);
    }
    let again: Vec<Value> = known
        .iter()
        .flat_map(|claims| {
            [drill.shown(&claims.subject), drill.shown(claims.holder.as_ref().unwrap())]
        })
        .collect();
    assert_eq!(again, shown);
    // With another authority's certificate too, and somebody new.
    assert_eq!(drill.sign_in(&gateway, 0, 0).subject, known[0].subject);
    drill.sign_in(&gateway, 5, 1);
    assert_eq!(gateway.server.end("TERM"), Some(0));
    drill.verified();
}

/// Companies sign in from before the backup begins until after it has ended.
fn back_up_while_serving(drill: &Drill, gateway: &Gateway) -> Value {
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let client = scope.spawn(|| {
            let mut signed_in = 0;
            while !ended.load(Ordering::SeqCst) {
                drill.sign_in(gateway, KNOWN + signed_in % 2, 1);
                signed_in += 1;
            }
            signed_in
        });
        let made = drill.back_up();
        ended.store(true, Ordering::SeqCst);
        assert!(client.join().unwrap() > 0);
        made.ended(0).json()
    })
}

/// Who made the backup, for whom, and which file it is: all on the record.
fn assert_recorded(drill: &Drill, made: &Value) {
    let recorded = made["recorded"].to_string();
    let listed = drill.world.ask(&["audit", "list", "--from", &recorded]).ended(0).json();
    let record = &listed[0]["entry"];
    assert!(record["by"]["operator"].is_object(), "{record}");
    let change = &record["change"]["backup_made.v1"];
    assert_eq!(change["sha256"], made["sha256"]);
    assert_eq!(change["recipients"], json!([drill.recipient]));
    assert_eq!(change["sequence"], made["sequence"]);
}

#[test]
fn a_restore_to_a_record_or_a_moment_is_what_was_then() {
    let drill = Drill::new();
    let gateway = drill.world.serve();
    drill.sign_in(&gateway, 0, 1);
    assert_eq!(gateway.server.end("TERM"), Some(0));
    let then = drill.verified();
    let gateway = drill.world.serve();
    drill.sign_in(&gateway, 1, 1);
    drill.back_up().ended(0);
    assert_eq!(gateway.server.end("TERM"), Some(0));
    let records = then["records"].to_string();
    let restored = drill.restore("by-record", &["--sequence", &records]).ended(0).json();
    assert_eq!(restored["sequence"], then["records"]);
    assert_eq!(restored["head"], then["head"]);
    assert_eq!(restored["state"], then["state"]);
    let data = argument(&drill.world.beside("by-record"));
    let verify = ["audit", "verify", "--replay", "--data", &data, "--json"];
    assert_eq!(tongxing(verify).ended(0).json()["records"], restored["recorded"]);

    // Of a second in which more than one record was written, the last.
    let listed = drill.world.ask(&["audit", "list"]).ended(0).json();
    let second = |record: &Value| record["time"].as_i64().unwrap().div_euclid(1000);
    let chosen = second(&listed[4]);
    let last = listed.as_array().unwrap().iter().rfind(|record| second(record) <= chosen);
    let moment = Timestamp::from_unix(chosen).to_string();
    let restored = drill.restore("by-moment", &["--moment", &moment]).ended(0).json();
    let in_backup = restored["backup"]["sequence"].as_u64().unwrap();
    let expected = last.unwrap()["sequence"].as_u64().unwrap().min(in_backup);
    assert_eq!(restored["sequence"], expected);
}

#[test]
fn a_backup_is_tried_without_restoring_it() {
    let drill = Drill::new();
    let made = drill.back_up().ended(0).json();
    let verify = |file: &str, key: &str| {
        let temporary = drill.world.beside("temporary");
        fs::create_dir_all(&temporary).unwrap();
        let mut command = binary();
        command.args(["restore", file, "--identity", key, "--verify-only", "--json"]);
        let run = finished(command.env("TMPDIR", &temporary));
        assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0, "{run:#?}");
        run
    };
    let checked = verify(&drill.file(), &drill.key).ended(0).json();
    assert_eq!((&checked["state"], &checked["head"]), (&made["state"], &made["head"]));

    let other = argument(&drill.world.beside("other.key"));
    tongxing(["backup", "identity", "-o", &other]).ended(0);
    let wrong = verify(&drill.file(), &other).ended(2);
    assert!(wrong.stderr.contains("was not encrypted to this identity"), "{wrong:#?}");
    let whole = fs::read(drill.file()).unwrap();
    let cut = argument(&drill.world.beside("cut.age"));
    fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let damaged = verify(&cut, &drill.key).ended(2);
    assert!(damaged.stderr.contains("damaged or cut off"), "{damaged:#?}");
    let taken = drill.back_up().ended(2);
    assert!(taken.stderr.contains("replaces nothing"), "{taken:#?}");
}

#[test]
fn another_age_program_opens_a_backup() {
    if have(&[AGE, TAR]).is_none() {
        return;
    }
    let drill = Drill::new();
    drill.back_up().ended(0);
    let into = drill.world.beside("opened");
    fs::create_dir(&into).unwrap();
    let plain = argument(&drill.world.beside("backup.tar"));
    run(AGE, &["--decrypt", "--identity", &drill.key, "--output", &plain, &drill.file()]);
    run(TAR, &["--extract", "--file", &plain, "--directory", &argument(&into)]);
    let manifest = fs::read(into.join("MANIFEST.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    for file in manifest["files"].as_array().unwrap() {
        let path = into.join(file["path"].as_str().unwrap());
        assert_eq!(fs::metadata(&path).unwrap().len(), file["bytes"].as_u64().unwrap(), "{file}");
    }
    let same = |name: &str| {
        let (opened, own) = (into.join(name), drill.world.data_folder().join(name));
        assert_eq!(fs::read(opened).unwrap(), fs::read(own).unwrap(), "{name}");
    };
    for name in ["tongxing.toml", "tls/server.pem", "tls/server.key", "keys/lookup.keys"] {
        same(name);
    }
    assert!(!into.join("state").exists());
}

fn run((program, _): Tool, arguments: &[&str]) {
    let ran = Command::new(program).args(arguments).output().unwrap();
    assert!(ran.status.success(), "{program}: {ran:?}");
}
