//! The state at the size of a province: how long it takes to open, to make anew
//! from the journal and from an image, what applying costs without a disk, and
//! how much memory is resident.
//!
//! 1. A province with TONGXING_BENCH_SUBJECTS companies (a million by default) is
//!    made in a temporary folder: each signs in once.
//! 2. Each phase runs in a process of its own, so that its memory is its own; the
//!    process ends by `abort`, as a killed gateway does, and the next one finds
//!    what that leaves.
//! 3. The figures are printed beside their targets, with the machine's own cost
//!    of a write and `fdatasync`.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::Command as Process;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tongxing_testdata::{Profile, TestAuthority, Validity};
use tongxing_trust_store::{
    Actor, Append, Clock, Command, FileJournal, Journal, JournalOptions, PolicyFile, Province,
    Role, Status, SystemClock,
};

const POLICY: &str = include_str!("../../policies/province.toml");

/// How many appends are under way at a time while the journal is made.
const WINDOW: usize = 4096;

/// The phase that this process is to run, and where.
const PHASE: &str = "TONGXING_BENCH_PHASE";
const FOLDER: &str = "TONGXING_BENCH_FOLDER";

fn main() {
    let variable = |name| std::env::var(name).ok();
    match (variable(PHASE), variable(FOLDER)) {
        (Some(phase), Some(folder)) => run_phase(&phase, Path::new(&folder)),
        _ => run_all(
            variable("TONGXING_BENCH_SUBJECTS").map_or(1_000_000, |n| n.parse().expect("a number")),
        ),
    }
}

fn run_all(subjects: u64) {
    let folder = tempfile::tempdir().expect("a folder for the bench");
    println!("write and fdatasync: {:.0} microseconds", sync_cost(folder.path()) * 1e6);
    let home = folder.path().join("province");
    let took = timed(|| generate(&home, subjects));
    println!("{subjects} sign-ins appended in {:.1} s", took.as_secs_f64());
    for phase in ["rebuild", "reopen", "reopen"] {
        let me = std::env::current_exe().expect("this program");
        let mut child = Process::new(me);
        // It ends by aborting, on purpose.
        child.env(PHASE, phase).env(FOLDER, &home).status().expect("a phase");
    }
}

fn run_phase(phase: &str, home: &Path) {
    let mut province = None;
    let took =
        timed(|| province = Some(Province::open(home, Arc::new(SystemClock)).expect("opening")));
    let province = province.expect("it was opened");
    let seconds = took.as_secs_f64();
    let opened = province.opened();
    println!(
        "{phase}: {seconds:.2} s, {} applied, {:?}; {}",
        opened.applied,
        opened.rebuilt,
        memory()
    );
    std::process::abort();
}

/// A province with one authority, in which each company signed in once.
fn generate(home: &Path, subjects: u64) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let policy = PolicyFile { name: "province.toml".into(), source: POLICY.into() };
    Province::create(home, "测试省", None, policy, &Actor::Gateway, clock.clone())
        .expect("creating");
    let province = Province::open(home, clock.clone()).expect("opening");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(enrol(&province));
    drop(province);
    let options = JournalOptions::default();
    let (journal, _) = FileJournal::open(&home.join("journal"), clock, &options).expect("journal");
    let mut under_way: std::collections::VecDeque<Append> = std::collections::VecDeque::new();
    for number in 0..subjects {
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

/// What the kernel says of this process's memory.
fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let value = |key: &str| -> u64 {
        let line = status.lines().find(|line| line.starts_with(key)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0) / 1024
    };
    format!("resident {} MiB, at most {} MiB", value("VmRSS"), value("VmHWM"))
}

#[expect(clippy::disallowed_methods, reason = "a bench measures real time, for people to read")]
fn timed(work: impl FnOnce()) -> Duration {
    let start = std::time::Instant::now();
    work();
    start.elapsed()
}
