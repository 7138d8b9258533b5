//! Operators' commands, in-process and over the admin socket.

use std::fs;
use std::process::Command;

use serde_json::Value;
use tongxing_testdata::{CrlSpec, Profile, TestAuthority, Validity};
use tongxing_trust_store::{Clock, SystemClock};

use crate::run::{Folder, Run, Server, argument, binary, tongxing};

/// A province with nothing in it, and the files to enrol an authority.
pub(crate) struct World {
    pub(crate) folder: Folder,
    pub(crate) data: String,
    root: String,
    list: String,
    policy: String,
}

pub(crate) fn world() -> World {
    world_of("standard")
}

/// A province of this profile.
pub(crate) fn world_of(profile: &str) -> World {
    let folder = Folder::new();
    let now = SystemClock.now().unix();
    let spec = Profile::A.authority(Validity::decade_around(now));
    let authority = TestAuthority::generate(&spec).unwrap();
    let list = authority.crl(&CrlSpec::empty(1, now - 60, now + 86_400)).unwrap();
    let world = World {
        data: argument(&folder.path("data")),
        root: folder.file("root.pem", authority.root().pem().unwrap()),
        list: folder.file("list.crl", list),
        policy: folder.file("ca-a.toml", Profile::A.policy_toml()),
        folder,
    };
    let anywhere = ["--public-listen", "127.0.0.1:0", "--certificate-listen", "127.0.0.1:0"];
    let urls = ["--public-url", "https://localhost:0", "--certificate-url", "https://localhost:0"];
    let init = ["init", "--profile", profile];
    world.ask(&[init.as_slice(), &anywhere, &urls].concat()).ended(0);
    world
}

impl World {
    pub(crate) fn ask(&self, arguments: &[&str]) -> Run {
        tongxing(arguments.iter().chain(&["--data", &self.data, "--json"]))
    }

    pub(crate) fn enrol(&self) {
        let add = ["ca", "add", "ca-a", "--name", "通行测试甲", "--role", "sign-in"];
        let files = ["--anchor", &self.root, "--policy", &self.policy];
        self.ask(&[add.as_slice(), &files].concat()).ended(0);
        self.ask(&["crl", "import", &self.list]).ended(0);
        self.ask(&["ca", "activate", "ca-a"]).ended(0);
    }

    fn only_authority(&self) -> Value {
        let listed = self.ask(&["ca", "list"]).ended(0).json();
        assert_eq!(listed.as_array().unwrap().len(), 1);
        listed[0].clone()
    }

    pub(crate) fn serve(&self) -> Server {
        let mut server = Server::start(binary().args(["serve", "--data", &self.data]));
        server.wait_for("admin ");
        server
    }
}

#[test]
fn what_one_command_did_the_next_one_sees() {
    let world = world();
    assert_eq!(world.ask(&["ca", "list"]).ended(0).json(), serde_json::json!([]));
    world.enrol();
    let authority = world.only_authority();
    assert_eq!(authority["status"], "active");
    assert_eq!(authority["lists"][0]["freshness"], "fresh");
    let shown = world.ask(&["ca", "show", "ca-a"]).ended(0).json();
    assert_eq!(shown["history"].as_array().unwrap().len(), 2);
    world.ask(&["ca", "suspend", "ca-a", "--reason", "a test"]).ended(0);
    assert_eq!(world.only_authority()["status"], "suspended");
}

#[test]
fn a_running_gateway_answers_the_same_commands() {
    let world = world();
    let server = world.serve();
    world.enrol();
    assert_eq!(world.only_authority()["status"], "active");
    world.ask(&["ca", "show", "ca-x"]).ended(1);
    let added = world.ask(&["rp", "add", "bidding", "--name", "平台"]).ended(0).json();
    assert_eq!(added["secret"].as_str().map(str::len), Some(64));
    assert_eq!(server.end("TERM"), Some(0));
    // Nothing was lost, and the folder can be opened in-process again.
    assert_eq!(world.only_authority()["status"], "active");
    assert_eq!(world.ask(&["rp", "list"]).ended(0).json()[0]["id"], "bidding");
}

#[test]
fn a_province_for_trying_out_has_both_server_certificates() {
    let world = world();
    let settings = fs::read_to_string(world.folder.path("data/tongxing.toml")).unwrap();
    assert_eq!(settings.matches("\nsm2_certificate_file = ").count(), 2, "{settings}");
    let init = |name: &str, more: &[&str]| {
        let folder = argument(&world.folder.path(name));
        tongxing([&["init", "--json", "--data", &folder], more].concat()).ended(0).json()
    };
    let made = init("second", &[]);
    let authority = fs::read_to_string(made["sm2_ca_file"].as_str().unwrap()).unwrap();
    assert!(authority.contains("BEGIN CERTIFICATE"));
    let file = |name: &str| argument(&world.folder.path("data/tls").join(name));
    let (certificate, key) = (file("server.pem"), file("server.key"));
    let given = init("third", &["--server-certificate", &certificate, "--server-key", &key]);
    assert_eq!((&given["ca_file"], &given["sm2_ca_file"]), (&Value::Null, &Value::Null));
    assert!(!world.folder.path("third/tls/server-sm2.pem").exists());
}

/// A pipe that nobody writes to stands for a disk that never answers.
#[test]
fn ending_does_not_wait_for_certificates_that_are_being_read() {
    let world = world();
    let server = world.serve();
    let file = world.folder.path("data/tls/server.pem");
    fs::remove_file(&file).unwrap();
    assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
    server.send("HUP");
    // This waits until it reads.
    let silent = fs::File::options().write(true).open(&file).unwrap();
    world.ask(&["ca", "list"]).ended(0);
    assert_eq!(server.end("TERM"), Some(0));
    drop(silent);
}

#[test]
fn hanging_up_has_certificates_read_again() {
    let world = world();
    let log = world.folder.path("log");
    let mut server = Server::start_logged(binary().args(["serve", "--data", &world.data]), &log);
    server.wait_for("admin ");
    let told = |text: &str| {
        // Each question takes it some time, and shows that it goes on.
        (0..500).any(|_| {
            world.ask(&["ca", "list"]).ended(0);
            fs::read_to_string(&log).unwrap().contains(text)
        })
    };
    server.send("HUP");
    assert!(told("new connections see the certificates as they are now"));
    fs::write(world.folder.path("data/tls/server-sm2.key"), "no key").unwrap();
    server.send("HUP");
    assert!(told("the certificates shown stay as they were"));
    assert_eq!(server.end("TERM"), Some(0));
}

#[test]
fn a_second_gateway_is_refused() {
    let world = world();
    let _server = world.serve();
    let run = world.ask(&["serve"]).ended(2);
    assert!(run.stderr.contains("unavailable"), "{run:#?}");
}

#[test]
fn refusals_and_bad_input_differ() {
    let world = world();
    world.enrol();
    let add = ["ca", "add", "ca-a", "--name", "又一次", "--anchor", &world.root];
    let again = world.ask(&[add.as_slice(), &["--policy", &world.policy]].concat()).ended(1);
    assert!(again.stderr.contains("refused"), "{again:#?}");
    let other = ["ca", "add", "ca-b", "--name", "乙", "--anchor", &world.root];
    world.ask(&[other.as_slice(), &["--policy", &world.policy]].concat()).ended(2);
    world.ask(&["ca", "suspend", "nobody", "--reason", "a test"]).ended(1);
    world.ask(&["ca", "suspend", "ca-a", "--reason", " "]).ended(2);
    world.ask(&["crl", "import", &world.root]).ended(2);
    world.ask(&["subject", "find", "91990000TX0000001B"]).ended(1);
}

#[test]
fn a_used_folder_is_left_alone_and_a_failed_init_leaves_nothing() {
    let world = world();
    let before = fs::read_dir(&world.data).unwrap().count();
    let run = world.ask(&["init"]).ended(2);
    assert!(run.stderr.contains("not empty"), "{run:#?}");
    assert_eq!(fs::read_dir(&world.data).unwrap().count(), before);

    let bad = world.folder.file("bad.toml", "[province]\n");
    let fresh = argument(&world.folder.path("fresh"));
    tongxing(["init", "--data", &fresh, "--policy", &bad]).ended(2);
    tongxing(["init", "--data", &fresh, "--public-url", "http://plain"]).ended(2);
    let certificate = ["--server-certificate", world.root.as_str(), "--server-key", &world.root];
    tongxing([["init", "--data", &fresh].as_slice(), &certificate].concat()).ended(2);
    assert!(!world.folder.path("fresh").exists());
}

#[test]
fn a_damaged_journal_is_never_passed_over() {
    let world = world();
    world.enrol();
    let journal = world.folder.path("data").join("journal");
    let segment = fs::read_dir(journal).unwrap().map(|entry| entry.unwrap().path());
    let segment = segment.filter(|path| path.extension().is_some_and(|ext| ext == "seg"));
    let segment = segment.min().unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    bytes[200] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let run = world.ask(&["ca", "list"]).ended(2);
    assert!(run.stderr.contains("damage") || run.stderr.contains("checksum"), "{run:#?}");
}

#[test]
fn a_lost_index_is_made_again_and_said_so() {
    let world = world();
    world.enrol();
    let state = world.folder.path("data").join("state");
    fs::remove_dir_all(&state).unwrap();
    let told = |run: &Run| assert!(run.stderr.contains("WARN the index"), "{run:#?}");
    let run = world.ask(&["ca", "list"]).ended(0);
    told(&run);
    assert_eq!(run.json()[0]["status"], "active");
    fs::write(state.join("db"), "not sled's").unwrap();
    let run = world.ask(&["ca", "list"]).ended(0);
    told(&run);
    assert_eq!(run.json()[0]["status"], "active");
    assert_eq!(world.ask(&["ca", "list"]).ended(0).stderr, "");
}

#[test]
fn people_get_tables() {
    let world = world();
    world.enrol();
    let with = |arguments: &[&str]| {
        tongxing(arguments.iter().chain(&["--data", &world.data])).ended(0).stdout
    };
    assert!(with(&["ca", "list"]).contains("ca-a  active  sign-in"));
    assert!(with(&["ca", "show", "ca-a"]).contains("CN=Tongxing Test A OCA1"));
    assert!(with(&["crl", "list"]).contains("fresh"));
    assert!(with(&["audit", "list"]).contains("authority_enrolled.v1"));
    assert!(with(&["rp", "add", "bidding", "--name", "平台"]).contains("secret: "));
    assert!(with(&["rp", "list"]).contains("平台"));
}

#[test]
fn what_would_be_moved_or_removed_is_said_first() {
    let world = world();
    let archive = argument(&world.folder.path("archive"));
    let plain = |arguments: &[&str]| {
        tongxing(arguments.iter().chain(&["--data", &world.data])).ended(0).stdout
    };
    assert!(plain(&["archive", "list"]).contains("No closed segments."));
    assert!(plain(&["archive", "--to", &archive]).contains("Nothing to move"));
    let told = plain(&["retention"]);
    assert!(told.contains("persons: kept 5856 days, 0 older"), "{told}");
    assert!(told.contains("Nothing to remove."), "{told}");
    world.ask(&["archive"]).ended(2);
    world.ask(&["archive", "--to", &world.data]).ended(2);
    world.ask(&["retrieve", "--from", &archive, "7"]).ended(1);
    let nothing = world.ask(&["retention", "--apply"]).ended(0).json();
    assert_eq!(nothing["sequence"], Value::Null);
}

#[test]
fn a_clock_reset_is_journaled() {
    let world = world();
    world.ask(&["clock", "reset", "--reason", "a test"]).ended(0);
    let listed = world.ask(&["audit", "list"]).ended(0).json();
    assert_eq!(listed[2]["entry"]["change"]["clock_reset.v1"]["reason"], "a test");
}
