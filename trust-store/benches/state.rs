//! The state at the size of a province: how long it takes to open, to make anew
//! from the journal and from an image, what applying costs without a disk, and
//! how much memory is resident.
//!
//! 1. A province with TONGXING_BENCH_SUBJECTS companies (100,000 by default; the
//!    targets are for 1,000,000, which take minutes) is made in a temporary folder:
//!    each signs in once.
//! 2. Each phase runs in a process of its own, so that its memory is its own; the
//!    process ends by `abort`, as a killed gateway does, and the next one finds
//!    what that leaves.
//! 3. The figures are printed with their targets, the processor's time (others may
//!    use the machine too), and what the machine itself takes for a write and
//!    `fdatasync` and for a SHA-256.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::ops::Range;
use std::path::Path;
use std::process::Command as Process;
use std::sync::Arc;
use std::time::Duration;

use ring::digest::{SHA256, digest};
use serde_json::json;
use tongxing_testdata::{Profile, TestAuthority, Validity};
use tongxing_trust_store::{
    Actor, Append, Clock, Command, DecodedRecord, FileJournal, IndexedState, Journal,
    JournalOptions, JournalReader, PolicyFile, Province, ReplayedState, Role, Status, SystemClock,
};

const POLICY: &str = include_str!("../../policies/province.toml");

/// How many appends are under way at a time while the journal is made.
const WINDOW: usize = 4096;

/// The phase that this process is to run, and where.
const PHASE: &str = "TONGXING_BENCH_PHASE";
const FOLDER: &str = "TONGXING_BENCH_FOLDER";

/// How many records are decoded before they are applied, so that only applying is
/// measured.
const DECODED: usize = 10_000;

fn main() {
    let variable = |name| std::env::var(name).ok();
    if let (Some(phase), Some(folder)) = (variable(PHASE), variable(FOLDER)) {
        return run_phase(&phase, Path::new(&folder));
    }
    let subjects = variable("TONGXING_BENCH_SUBJECTS");
    run_all(subjects.map_or(100_000, |number| number.parse().expect("a number")));
}

fn run_all(subjects: u64) {
    let folder = tempfile::tempdir().expect("a folder for the bench");
    let home = folder.path().join("province");
    let took = timed(|| generate(&home, subjects));
    println!("{subjects} subjects; their sign-ins were appended in {:.1} s", took.as_secs_f64());
    println!("write and fdatasync: {:.0} microseconds", sync_cost(folder.path()) * 1e6);
    println!("SHA-256: {:.0} MiB a second of the processor's time", hash_rate());
    println!("targets: apply 100,000 a second; open after a kill 10 s; rebuild 60 s\n");
    println!(
        "{:<28} {:>8} {:>8} {:>10} {:>9} {:>8}",
        "", "seconds", "CPU s", "per CPU s", "MiB held", "at most"
    );
    let few = (subjects / 100).max(1000);
    run_child("apply", &home);
    remove_index(&home);
    run_child("rebuild", &home);
    run_child("open after a kill", &home);
    append(&home, subjects..subjects + few);
    run_child("follow", &home);
    append(&home, subjects + few..subjects + 2 * few);
    run_child("open with a short tail", &home);
    run_child("take an image", &home);
    remove_index(&home);
    run_child("rebuild from the image", &home);
}

fn remove_index(home: &Path) {
    fs::remove_dir_all(home.join("state")).expect("removing the index");
}

fn run_child(phase: &str, home: &Path) {
    let me = std::env::current_exe().expect("this program");
    let mut child = Process::new(me);
    // It ends by aborting, on purpose.
    child.env(PHASE, phase).env(FOLDER, home).status().expect("a phase");
}

/// Runs a phase and ends as a killed process does.
fn run_phase(phase: &str, home: &Path) {
    match phase {
        "apply" => apply(home),
        "follow" => follow(home),
        "take an image" => {
            let province = open(home);
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            let cpu = cpu_seconds();
            let mut rows = 0;
            let took = timed(|| {
                let image = runtime.block_on(province.take_image(&Actor::Gateway));
                rows = image.expect("an image").rows;
            });
            line("take an image (rows)", took, cpu_seconds() - cpu, rows);
        }
        _ => {
            let mut province = None;
            let took = timed(|| province = Some(open(home)));
            let opened = province.as_ref().expect("it was opened").opened();
            line(phase, took, cpu_seconds(), opened.applied);
        }
    }
    std::process::abort();
}

fn open(home: &Path) -> Province {
    Province::open(home, Arc::new(SystemClock)).expect("opening")
}

/// Decodes and applies all records in memory: no sled, no disk but for reading.
fn apply(home: &Path) {
    let mut records = JournalReader::open(&home.join("journal")).expect("the journal").peekable();
    let mut state = ReplayedState::default();
    let (mut decoding, mut applying, mut count) = (Spent::default(), Spent::default(), 0);
    while records.peek().is_some() {
        let mut decoded = Vec::with_capacity(DECODED);
        decoding.add(|| {
            for record in records.by_ref().take(DECODED) {
                decoded.push(DecodedRecord::of(&record.expect("a record")).expect("decoding"));
            }
        });
        applying.add(|| decoded.iter().for_each(|record| state.apply(record).expect("applying")));
        count += decoded.len() as u64;
    }
    line("read and decode, no apply", decoding.time, decoding.cpu, count);
    line("apply, no sled", applying.time, applying.cpu, count);
}

/// Applies what the index lacks as the gateway does while it serves: each record
/// committed by itself.
fn follow(home: &Path) {
    let state = IndexedState::open(&home.join("state")).expect("the index");
    let records = JournalReader::open(&home.join("journal")).expect("the journal");
    let records = records.map(|record| record.expect("a record"));
    let decoded: Vec<DecodedRecord> = records
        .filter(|record| record.sequence() > state.applied())
        .map(|record| DecodedRecord::of(&record).expect("decoding"))
        .collect();
    // sled works on threads of its own: all of them count.
    let cpu = cpu_seconds();
    let took = timed(|| decoded.iter().for_each(|record| state.apply(record).expect("applying")));
    line("follow, in sled one by one", took, cpu_seconds() - cpu, decoded.len() as u64);
}

/// What a part of one thread's work takes.
#[derive(Default)]
struct Spent {
    time: Duration,
    cpu: f64,
}

impl Spent {
    fn add(&mut self, work: impl FnOnce()) {
        let before = thread_cpu_seconds();
        self.time += timed(work);
        self.cpu += thread_cpu_seconds() - before;
    }
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn line(what: &str, took: Duration, cpu: f64, count: u64) {
    let (held, most) = (memory("VmRSS:"), memory("VmHWM:"));
    let (seconds, rate) = (took.as_secs_f64(), count as f64 / cpu.max(0.01));
    println!("{what:<28} {seconds:>8.2} {cpu:>8.2} {rate:>10.0} {held:>9} {most:>8}");
}

/// A province with one authority, in which each company signed in once.
fn generate(home: &Path, subjects: u64) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let policy = PolicyFile { name: "province.toml".into(), source: POLICY.into() };
    Province::create(home, "测试省", None, policy, &Actor::Gateway, clock.clone())
        .expect("creating");
    let province = Province::open(home, clock).expect("opening");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(enrol(&province));
    drop(province);
    append(home, 0..subjects);
}

/// Appends first sign-ins of the companies with these numbers.
fn append(home: &Path, numbers: Range<u64>) {
    let options = JournalOptions::default();
    let (journal, _) = FileJournal::open(&home.join("journal"), Arc::new(SystemClock), &options)
        .expect("the journal");
    let mut under_way: std::collections::VecDeque<Append> = std::collections::VecDeque::new();
    for number in numbers {
        if under_way.len() == WINDOW {
            under_way.pop_front().expect("not empty").wait().expect("appending");
        }
        under_way.push_back(journal.append(sign_in(number)));
    }
    for append in under_way {
        append.wait().expect("appending");
    }
    journal.close();
}

async fn enrol(province: &Province) {
    let now = SystemClock.now().unix();
    let profile = Profile::ALL[0];
    let authority =
        TestAuthority::generate(&profile.authority(Validity::decade_around(now))).expect("a CA");
    let add = Command::AuthorityAdd {
        id: "ca-a".parse().expect("an id"),
        name_zh: "甲".into(),
        name_en: None,
        hotline: None,
        licence_expires: None,
        roles: vec![Role::SignIn],
        anchors: vec![authority.root().der().to_vec().into()],
        intermediates: Vec::new(),
        policy: PolicyFile { name: "ca-a.toml".into(), source: profile.policy_toml().into() },
    };
    let activate = Command::StatusSet {
        authority: "ca-a".parse().expect("an id"),
        anchor: None,
        status: Status::Active,
        effective: None,
        reason: "bench".into(),
    };
    for command in [add, activate] {
        province.execute(&Actor::Gateway, command).await.expect("enrolling");
    }
}

/// The record of a company's first sign-in, as the journal stores it.
fn sign_in(number: u64) -> Vec<u8> {
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let hash = |salt: u64| {
        let limb = |n: u64| mixed.rotate_left(7).wrapping_mul(2 * (salt + n) + 1);
        format!("{:016x}{:016x}{:016x}{:016x}", limb(1), limb(2), limb(3), limb(4))
    };
    let name = format!("福建省第{number}建筑工程有限公司");
    let entry = json!({ "by": "gateway", "change": { "sign_in.v1": {
        "authority": "ca-a",
        "judged_at": 1000,
        "certificate": {
            "sha256": hash(0),
            "serial": format!("{mixed:016x}"),
            "not_after": "2030-01-01T00:00:00Z",
            "blob": { "sha256": hash(10) },
        },
        "entity": {
            "identifier": { "uscc": format!("91350100{number:010}") },
            "name": name,
            "name_keys": [name],
        },
        "capacity": "organization",
        "new_subject": subject(mixed),
        "relying_party": "platform",
        "method": "tls",
        "auth_time": "2026-01-01T00:00:00Z",
        "token": {
            "jti": format!("{mixed:032x}"),
            "issued_at": "2026-01-01T00:00:00Z",
            "expires_at": "2026-01-01T00:05:00Z",
        },
    } } });
    serde_json::to_vec(&entry).expect("it serialises")
}

/// A subject's id: 26 letters, spread as random ones are.
fn subject(mixed: u64) -> String {
    let letter = |place: u32| {
        let bits = mixed.rotate_left(place * 5).wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 59;
        char::from(b"abcdefghijklmnopqrstuvwxyz234567"[usize::try_from(bits).expect("5 bits")])
    };
    (0..26).map(letter).collect()
}

fn sync_cost(folder: &Path) -> f64 {
    let mut file =
        OpenOptions::new().create(true).append(true).open(folder.join("plain")).expect("a file");
    let took = timed(|| {
        for _ in 0..200 {
            file.write_all(&[b'x'; 900]).expect("writing");
            file.sync_data().expect("syncing");
        }
    });
    took.as_secs_f64() / 200.0
}

/// How much SHA-256 hashes: what this machine's processor is worth.
fn hash_rate() -> f64 {
    let (block, mut spent) = (vec![7; 1 << 20], Spent::default());
    spent.add(|| {
        for _ in 0..256 {
            std::hint::black_box(digest(&SHA256, &block));
        }
    });
    256.0 / spent.cpu
}

/// What the kernel says of this process's memory, in MiB.
fn memory(key: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let value = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    value.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// The processor's time that this process took, of all its threads: beside the
/// clock's it shows what others on the machine took.
fn cpu_seconds() -> f64 {
    const TICKS: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // proc(5): utime and stime are the 12th and 13th field behind the name.
    let behind = stat.rsplit(')').next().unwrap_or_default();
    let ticks = behind.split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS
}

/// The processor's time that this thread took.
#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn thread_cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = stat.split_whitespace().next().and_then(|nanos| nanos.parse::<u64>().ok());
    nanos.unwrap_or(0) as f64 / 1e9
}

#[expect(clippy::disallowed_methods, reason = "a bench measures real time, for people to read")]
fn timed(work: impl FnOnce()) -> Duration {
    let start = std::time::Instant::now();
    work();
    start.elapsed()
}
