//! A disk that is almost full, and one that is.

use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tongxing_testdata::{CrlSpec, Issued, crl_pem};

use crate::crash::world::{Addresses, Gateway, PLATFORM, World, now};
use crate::run::argument;

const MIB: u64 = 1 << 20;

/// More questions than a gateway answers in half a minute.
const PATIENCE: usize = 20_000;

fn keep_free(world: &World, amount: &str) {
    let file = world.data_folder().join("tongxing.toml");
    let settings = fs::read_to_string(&file).unwrap();
    let from = settings.find("# disk_reserve").or(settings.find("disk_reserve =")).unwrap();
    let line = settings[from..].lines().next().unwrap();
    fs::write(&file, settings.replace(line, &format!("disk_reserve = \"{amount}\""))).unwrap();
}

pub(crate) fn sign_in(world: &World, at: &Addresses, company: usize) -> (StatusCode, Value) {
    let url = format!("{}/v1/tokens", at.certificate_url);
    let body = json!({ "audience": PLATFORM });
    // The one that names its holder.
    let shown = &world.companies[company].certificates[1].issued;
    Runtime::new().unwrap().block_on(world.https.post(&url, &body, Some(shown))).unwrap()
}

pub(crate) fn readiness(world: &World, at: &Addresses) -> (StatusCode, String) {
    let url = format!("{}/readyz", at.public_url);
    let none: Option<&Issued> = None;
    let asked = world.https.ask(Method::GET, &url, String::new(), none);
    Runtime::new().unwrap().block_on(asked).unwrap()
}

/// The person who holds a company's key, who has signed in.
fn holder(world: &World, company: usize) -> String {
    let found = world.ask(&["subject", "find", &world.companies[company].uscc]).ended(0).json();
    found[0]["bindings"][0]["holder"].as_str().unwrap().to_owned()
}

/// Everything that operators must be able to do at any time.
fn operators_go_on(world: &World, at: &Addresses, holder: &str) {
    world.ask(&["ca", "suspend", "ca-b", "--reason", "a full disk"]).ended(0);
    world.ask(&["ca", "activate", "ca-b"]).ended(0);
    world.ask(&["subject", "erase", holder, "--reason", "a full disk"]).ended(0);
    let import = ["crl", "import", &list(world)];
    world.ask(&import).ended(0);
    let (status, ready) = readiness(world, at);
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(touched(&ready), "{ready}");
}

/// A list that is newer than the one imported.
pub(crate) fn list(world: &World) -> String {
    let spec = CrlSpec::empty(u64::try_from(now()).unwrap(), now() - 1, now() + 86_400);
    let file = world.beside("newer.crl");
    fs::write(&file, crl_pem(&world.authorities[0].crl(&spec).unwrap()).unwrap()).unwrap();
    argument(&file)
}

#[test]
fn below_the_reserve_sign_ins_pause_and_operators_go_on() {
    let world = World::make(2);
    let gateway = world.serve();
    assert_eq!(sign_in(&world, &gateway.addresses, 0).0, StatusCode::OK);
    assert!(readiness(&world, &gateway.addresses).1.contains("\"disk_reserve\":\"kept\""));
    assert_eq!(gateway.server.end("TERM"), Some(0));
    let (holder, sealed) = (holder(&world, 0), fs::metadata(keys(&world)).unwrap().len());

    keep_free(&world, "1000000TiB");
    let Gateway { server, addresses } = world.serve();
    for company in 0..2 {
        let (status, problem) = sign_in(&world, &addresses, company);
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{problem:#}");
        assert_eq!(problem["code"], "storage.reserve");
        assert!(problem["title"].as_str().unwrap().contains("存储空间不足"), "{problem:#}");
    }
    assert_eq!(fs::metadata(keys(&world)).unwrap().len(), sealed, "nothing was sealed for them");
    operators_go_on(&world, &addresses, &holder);
    assert_eq!(server.end("TERM"), Some(0));
    world.ask(&["audit", "verify", "--replay"]).ended(0);
}

#[test]
fn a_gateway_sets_a_ballast_aside_that_takes_up_room() {
    let world = World::make(1);
    keep_free(&world, "1MiB");
    assert_eq!(world.serve().server.end("TERM"), Some(0));
    let ballast = fs::metadata(world.data_folder().join("reserve")).unwrap();
    assert_eq!(ballast.len(), 64 * MIB);
    assert!(ballast.blocks() * 512 >= 64 * MIB, "{} blocks", ballast.blocks());
    assert_eq!(ballast.mode() & 0o777, 0o600);
}

fn keys(world: &World) -> PathBuf {
    world.data_folder().join("keys/persons.keys")
}

/// A file system of its own, gone when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: &Path, bytes: u64) -> Option<Self> {
        let size = format!("size={bytes}");
        let mut mount = Command::new("mount");
        let output = mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output();
        let mounted = output.is_ok_and(|output| output.status.success());
        mounted.then(|| Self(at.to_owned()))
    }

    /// Writes a file until nothing more fits, or so much is free.
    fn fill(&self, but: u64) {
        let mut filler = fs::File::create(self.0.join("filler")).unwrap();
        let block = vec![1; 64 << 10];
        while self.free() > but && filler.write_all(&block).is_ok() {}
    }

    fn empty(&self) {
        fs::remove_file(self.0.join("filler")).unwrap();
    }

    fn free(&self) -> u64 {
        let stat = nix::sys::statvfs::statvfs(&self.0).unwrap();
        stat.blocks_available() * stat.fragment_size()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_real_disk_fills_up_and_is_emptied_again() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(folder.path(), 320 * MIB) else {
        eprintln!("skipped: this account may not mount a file system");
        return;
    };
    let world = World::make_in(folder.path().join("data"), 2);
    keep_free(&world, "80MiB");
    let Gateway { server, addresses } = world.serve();
    assert_eq!(sign_in(&world, &addresses, 0).0, StatusCode::OK);
    let holder = holder(&world, 0);
    let ballast = world.data_folder().join("reserve");
    assert!(ballast.exists());

    disk.fill(70 * MIB);
    wait_until(&world, &addresses, touched);
    let (status, problem) = sign_in(&world, &addresses, 1);
    assert_eq!((status.as_u16(), &problem["code"]), (503, &json!("storage.reserve")));
    assert!(ballast.exists(), "there is room for operators without it");
    disk.fill(0);
    wait_until(&world, &addresses, |_| !ballast.exists());
    operators_go_on(&world, &addresses, &holder);
    assert_eq!(sign_in(&world, &addresses, 1).0, StatusCode::SERVICE_UNAVAILABLE);

    disk.empty();
    wait_until(&world, &addresses, |ready| !touched(ready));
    assert_eq!(sign_in(&world, &addresses, 1).0, StatusCode::OK);
    assert_eq!(server.end("TERM"), Some(0));
    world.ask(&["audit", "verify", "--replay"]).ended(0);
    assert_eq!(world.serve().server.end("TERM"), Some(0));
    assert!(ballast.exists(), "it is set aside again");

    // A gateway that starts on a full disk has the ballast to give.
    disk.fill(0);
    let Gateway { server, addresses } = world.serve();
    assert!(!ballast.exists());
    world.ask(&["ca", "suspend", "ca-b", "--reason", "a full disk"]).ended(0);
    assert_eq!(sign_in(&world, &addresses, 1).0, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(server.end("TERM"), Some(0));
}

/// Asks the gateway how it is until that comes; it looks once a second.
fn wait_until(world: &World, at: &Addresses, come: impl Fn(&str) -> bool) {
    let asked = (0..PATIENCE).any(|_| come(&readiness(world, at).1));
    assert!(asked, "the gateway never saw how the disk is");
}

fn touched(ready: &str) -> bool {
    ready.contains("\"disk_reserve\":\"touched\"")
}
