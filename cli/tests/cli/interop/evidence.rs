//! The record's evidence, checked by programs that know nothing of us.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::platform::Platform;
use super::stage::{OPENSSL, have};
use super::timestamp_service::{TimestampService, by_openssl};
use crate::province::{World, world, world_of};
use crate::run::{argument, finished};

const PYTHON: super::stage::Tool = ("python3", "--version");

/// RFC 8410: an Ed25519 SubjectPublicKeyInfo up to the key.
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// An SM2 SubjectPublicKeyInfo (GM/T 0015, OpenSSL) up to the point.
const SM2_SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d, 0x03, 0x42, 0x00,
];

/// What stands before the point in an evidence key of the profile `gm`.
const SM2_TYPE: &[u8] = b"\xfftongxing.sm2-sm3.v1";

/// RFC 6962 section 2.1, written down once more, over the hash that is named.
const ROOT: &str = "
import base64, hashlib, json, sys
def digest(data):
    return hashlib.new(sys.argv[2], data)
def tree(leaves):
    if len(leaves) == 1:
        return digest(b'\\0' + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return digest(b'\\1' + tree(leaves[:half]) + tree(leaves[half:])).digest()
lines = [json.loads(line) for line in open(sys.argv[1])]
frames = [base64.b64decode(line['frame']) for line in lines[1:-1]]
previous = bytes(32)
for number, frame in enumerate(frames, 1):
    assert int.from_bytes(frame[8:16], 'big') == number and frame[36:68] == previous
    previous = digest(frame).digest()
assert lines[-1] == {'end': {'records': len(frames), 'head': previous.hex()}}
print(lines[0]['checkpoint'], end='')
print(base64.b64encode(tree(frames)).decode())
";

/// Checks a record and the growth, from the specifications alone.
const WITNESS: &str = include_str!("witness.py");

fn openssl(arguments: &[&str]) -> crate::run::Run {
    finished(Command::new("openssl").args(arguments))
}

#[test]
fn openssl_verifies_the_signature_and_python_the_root() {
    if have(&[OPENSSL, PYTHON]).is_none() {
        return;
    }
    let world = world();
    let shown = Shown::by(&world, "sha256");
    let public = [&SPKI[..], &shown.key[1..]].concat();
    shown.verified_by_openssl(&world, &public, &shown.signature, &[]);
}

/// The profile `gm`: chain and tree with another SM3, the signature with another SM2.
#[test]
fn openssl_and_python_check_a_record_of_the_national_algorithms() {
    if have(&[OPENSSL, PYTHON]).is_none() {
        return;
    }
    let world = world_of("gm");
    let shown = Shown::by(&world, "sm3");
    let point = shown.key.strip_prefix(SM2_TYPE).unwrap();
    let public = [&SM2_SPKI[..], point].concat();
    let (r, s) = shown.signature.split_at(32);
    let content = [integer(r), integer(s)].concat();
    let signature = [&[0x30, u8::try_from(content.len()).unwrap()], &content[..]].concat();
    let with = ["-digest", "sm3", "-pkeyopt", "distid:1234567812345678"];
    shown.verified_by_openssl(&world, &public, &signature, &with);
}

/// X.690 8.3: as few octets as do, and no sign bit.
fn integer(octets: &[u8]) -> Vec<u8> {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    let sign = octets.get(zeros).is_none_or(|octet| octet & 0x80 != 0);
    let content = [if sign { &[0][..] } else { &[] }, &octets[zeros..]].concat();
    [&[0x02, u8::try_from(content.len()).unwrap()], &content[..]].concat()
}

/// What a province shows of its record.
struct Shown {
    /// What was signed.
    text: String,
    signature: Vec<u8>,
    /// The public key, behind its type.
    key: Vec<u8>,
}

impl Shown {
    /// Exports the whole record; Python comes to the same head and root with this hash.
    fn by(world: &World, hash: &str) -> Self {
        world.enrol();
        let export = argument(&world.folder.path("records.jsonl"));
        world.ask(&["audit", "export", &export]).ended(0);
        let check = ["-c", ROOT, &export, hash];
        let told = finished(Command::new("python3").args(check)).ended(0).stdout;
        let lines: Vec<&str> = told.lines().collect();
        let (origin, root, signature) = (lines[0], lines[2], lines[4]);
        assert_eq!(lines[5], root);

        let keys = world.ask(&["audit", "keys"]).ended(0).json();
        let key = keys[0]["key"].as_str().unwrap();
        world.ask(&["audit", "verify", &export, "--key", key]).ended(0);
        // NAME+ID+BASE64, of which the last may have a plus of its own.
        let parts: Vec<&str> = key.splitn(3, '+').collect();
        let (name, encoded) = (parts[0], parts[2]);
        assert_eq!(name, origin);
        let signature = signature.strip_prefix(&format!("— {origin} ")).unwrap();
        let signature = STANDARD.decode(signature).unwrap()[4..].to_vec();
        let text = lines[..3].join("\n") + "\n";
        Self { text, signature, key: STANDARD.decode(encoded).unwrap() }
    }

    fn verified_by_openssl(&self, world: &World, public: &[u8], signature: &[u8], with: &[&str]) {
        let public = world.folder.file("public.der", public);
        let signature = world.folder.file("signature", signature);
        let verify = ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", &public];
        let of = |text: &str| {
            let files = ["-rawin", "-in", text, "-sigfile", &signature];
            openssl(&[&verify[..], &files, with].concat())
        };
        of(&world.folder.file("text", &self.text)).ended(0);
        of(&world.folder.file("other", self.text.trim_end())).ended(1);
    }
}

#[test]
fn a_witness_in_python_checks_a_record_and_the_growth() {
    let Some(platform) = Platform::find() else { return };
    let world = world();
    world.enrol();
    let file = |name: &str| argument(&world.folder.path(name));
    let (old, record, growth) = (file("old"), file("record"), file("growth"));
    world.ask(&["audit", "checkpoint", "-o", &old]).ended(0);
    for number in 0..6 {
        let name = format!("platform-{number}");
        world.ask(&["rp", "add", &name, "--name", "平台"]).ended(0);
    }
    world.ask(&["audit", "checkpoint"]).ended(0);
    world.ask(&["audit", "prove", "4", "-o", &record]).ended(0);
    world.ask(&["audit", "consistency", &old, "-o", &growth]).ended(0);
    let keys = world.ask(&["audit", "keys"]).ended(0).json();
    let key = keys[0]["key"].as_str().unwrap();
    let witness = |record: &str, growth: &str| {
        finished(Command::new(&platform.python).args(["-c", WITNESS, key, &old, record, growth]))
    };
    assert_eq!(witness(&record, &growth).ended(0).stdout, "3 5 11\n");
    let altered = |file: &str, from: &str, to: &str| {
        let text = fs::read_to_string(file).unwrap();
        assert!(text.contains(from), "{text}");
        world.folder.file("altered", text.replacen(from, to, 1))
    };
    witness(&altered(&record, "index 3", "index 2"), &growth).ended(1);
    witness(&altered(&record, "\n11\n", "\n12\n"), &growth).ended(1);
    witness(
        &record,
        &altered(&growth, "\n\n", "\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n"),
    )
    .ended(1);
}

#[test]
fn openssl_believes_the_timestamp_that_is_kept() {
    if have(&[OPENSSL]).is_none() {
        return;
    }
    let world = world();
    world.enrol();
    let service = Service::start(&world);
    let settings = Path::new(&world.data).join("tongxing.toml");
    let text = fs::read_to_string(&settings).unwrap();
    let url = format!("[record]\ntimestamp_url = \"http://{}/tsa\"\n", service.running.address);
    fs::write(&settings, text.replace("[record]\n", &url)).unwrap();
    let server = world.serve();
    service.running.answered.recv_timeout(Duration::from_mins(1)).unwrap();
    // The command waits its turn behind what the answer is kept with: asked often
    // enough, the file is there.
    let timestamps = Path::new(&world.data).join("checkpoints/timestamps");
    let kept = (0..200).find_map(|_| {
        world.ask(&["audit", "keys"]).ended(0);
        only_answer(&timestamps)
    });
    let kept = argument(&kept.unwrap());
    let checkpoint = argument(&world.folder.path("newest.checkpoint"));
    world.ask(&["audit", "checkpoint", "-o", &checkpoint]).ended(0);
    assert_eq!(server.end("TERM"), Some(0));
    // Nobody is enrolled for timestamps: they are whole, and prove nothing here.
    let audit = world.ask(&["audit", "verify"]).ended(0).json();
    assert!(audit["unproven_timestamps"].as_u64() >= Some(1), "{audit}");
    assert_eq!(audit["timestamps"], 0);
    let verify = ["ts", "-verify", "-in", &kept, "-CAfile", &service.certificate];
    openssl(&[&verify[..], &["-data", &checkpoint]].concat()).ended(0);
    let other = world.folder.file("other", fs::read_to_string(&checkpoint).unwrap() + "\n");
    openssl(&[&verify[..], &["-data", &other]].concat()).ended(1);
}

fn only_answer(folder: &Path) -> Option<PathBuf> {
    let mut files = fs::read_dir(folder).ok()?.map(|entry| entry.unwrap().path());
    files.find(|path| path.extension().is_some_and(|ending| ending == "tsr"))
}

/// A timestamp authority that nobody enrolled.
struct Service {
    running: TimestampService,
    certificate: String,
}

impl Service {
    fn start(world: &World) -> Self {
        let folder = world.folder.path("tsa");
        fs::create_dir(&folder).unwrap();
        let path = |name: &str| argument(&folder.join(name));
        let (key, certificate) = (path("tsa.key"), path("tsa.pem"));
        let make = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"];
        let names = ["-subj", "/CN=Test TSA", "-keyout", &key, "-out", &certificate];
        let usage = ["-addext", "extendedKeyUsage=critical,timeStamping"];
        openssl(&[&make[..], &names, &usage].concat()).ended(0);
        let settings = "[tsa]\ndefault_tsa = own\n[own]\nserial = serial\ncerts = tsa.pem\n\
                        signer_digest = sha256\ndefault_policy = 1.2.3.4.1\ndigests = sha256\n";
        fs::write(folder.join("tsa.cnf"), settings).unwrap();
        let running = TimestampService::start(move |query| by_openssl(&folder, &query));
        Self { running, certificate }
    }
}
