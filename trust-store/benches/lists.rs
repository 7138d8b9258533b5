//! A list of a million entries in a province, beside one of ten: what it costs to
//! open, to ask, and that nobody who signs in waits while it arrives.
//!
//!     cargo bench -p tongxing-trust-store --bench lists
//!
//! Sign-ins go on one after another while a list is imported on another thread; what
//! they took is printed beside what they take when nothing else happens. The machine
//! should have a core for each of the two.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::runtime::Runtime;
use tongxing_pki::{Certificate, Timestamp};
use tongxing_testdata::{
    Company, CrlSpec, Person, Profile, RevocationReason, RevokedEntry, TestAuthority, Validity,
};
use tongxing_trust_store::{
    Actor, Command, ManualClock, Method, PolicyFile, Province, Purpose, Recognition, Role,
    SignInRequest, Status, TokenModel,
};

/// The moment at which everything happens.
const NOW: i64 = 1_780_000_000;

const PROVINCE_POLICY: &str = include_str!("../../policies/province.toml");

const FEW: u64 = 10;
const MANY: u64 = 1_000_000;

/// How many recognitions are timed with each list, by turns.
const TURNS: usize = 4_000;

fn main() {
    let worlds = [World::new(FEW), World::new(FEW)];
    let list = worlds[1].list(2, MANY);
    println!("a list of {MANY} entries has {} octets", list.len());
    let idle = worlds[1].sign_ins_during(nothing);
    let mut import = Duration::ZERO;
    let busy = worlds[1].sign_ins_during(|| import = timed(|| worlds[1].import(list)));
    println!("importing it takes {import:?}; meanwhile, and when nothing else happens:");
    for (name, (recognise, admit)) in [("idle", idle), ("importing", busy)] {
        println!("{name:>12}: recognise {recognise}");
        println!("{:>12}  admit     {admit}", "");
    }
    let [few, many] = compare(&worlds);
    println!("recognise with {FEW} entries {few:?}, with {MANY} {many:?}");
    let opening = worlds.map(World::reopen);
    println!("opening with {FEW} entries {:?}, with {MANY} {:?}", opening[0], opening[1]);
}

#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
fn nothing() {
    thread::sleep(Duration::from_millis(1_500));
}

/// The median recognition in each world, by turns.
fn compare(worlds: &[World; 2]) -> [Duration; 2] {
    let mut taken = [Vec::new(), Vec::new()];
    for number in 0..TURNS {
        for (world, taken) in worlds.iter().zip(&mut taken) {
            let leaf = world.leaf(number % LEAVES);
            taken.push(timed(|| drop(world.recognise(&leaf))));
        }
    }
    taken.map(|mut taken| {
        taken.sort_unstable();
        taken[TURNS / 2]
    })
}

/// How many certificates sign in, one after another.
const LEAVES: usize = 8;

/// A province with one authority in a temporary folder.
struct World {
    runtime: Runtime,
    // Closed before its folder goes.
    province: Province,
    authority: TestAuthority,
    leaves: Vec<Vec<u8>>,
    folder: TempDir,
}

impl World {
    fn new(entries: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the bench");
        let home = folder.path().join("province");
        let policy = PolicyFile { name: "province.toml".into(), source: PROVINCE_POLICY.into() };
        Province::create(&home, "测试省", None, policy, &operator(), clock()).expect("a province");
        let province = Province::open(&home, clock()).expect("that province");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let spec = Profile::B.authority(Validity::decade_around(NOW));
        let authority = TestAuthority::generate(&spec).expect("an authority");
        let leaf = |number| {
            let year = Validity::year_from(NOW - 3_600);
            let leaf = Profile::B.leaf(&Company::numbered(number), &Person::numbered(0), year);
            authority.issue(&leaf).expect("a leaf").certificate_der
        };
        let leaves = (0..u32::try_from(LEAVES).expect("few")).map(leaf).collect();
        let world = Self { runtime, province, authority, leaves, folder };
        world.enrol();
        world.import(world.list(1, entries));
        world
    }

    fn enrol(&self) {
        let der = |certificate: &[u8]| certificate.to_vec().into();
        let intermediates = self.authority.intermediates().iter();
        let id = Profile::B.id();
        self.execute(Command::AuthorityAdd {
            id: id.parse().expect("an id"),
            name_zh: Profile::B.name_zh().into(),
            name_en: None,
            hotline: None,
            licence_expires: None,
            roles: vec![Role::SignIn],
            anchors: vec![der(self.authority.root().der())],
            intermediates: intermediates.map(|known| der(known.der())).collect(),
            policy: PolicyFile {
                name: format!("{id}.toml"),
                source: Profile::B.policy_toml().into(),
            },
        });
        self.execute(Command::StatusSet {
            authority: id.parse().expect("an id"),
            anchor: None,
            status: Status::Active,
            effective: None,
            reason: "for the bench".into(),
        });
    }

    /// A list of other certificates, with serial numbers that look random.
    fn list(&self, number: u64, entries: u64) -> Vec<u8> {
        let entry = |index: u64| {
            let high = (index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 1 | 1 << 62;
            let serial = [high.to_be_bytes(), index.to_be_bytes()].concat();
            RevokedEntry::new(serial, NOW - 3_600, RevocationReason::Superseded)
        };
        let issued = NOW - 60 + i64::try_from(number).expect("few");
        let spec = CrlSpec::empty(number, issued, NOW + 86_400);
        let spec = (0..entries).map(entry).fold(spec, CrlSpec::revoking);
        self.authority.crl(&spec).expect("a list")
    }

    fn import(&self, list: Vec<u8>) {
        self.execute(Command::ListImport { list: list.into() });
    }

    fn execute(&self, command: Command) {
        // A runtime of its own: others sign in meanwhile.
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let done = runtime.block_on(self.province.execute(&operator(), command));
        done.expect("a command that is in order");
    }

    /// Parsed afresh: one that was verified once remembers it.
    fn leaf(&self, number: usize) -> Certificate {
        Certificate::parse(&self.leaves[number]).expect("a certificate")
    }

    fn recognise(&self, leaf: &Certificate) -> Recognition {
        let chain = std::slice::from_ref(leaf);
        let at = Timestamp::from_unix(NOW);
        self.province.snapshot().recognise(chain, Purpose::SignIn, at)
    }

    /// What recognising and admitting took, one after another, during `work`.
    fn sign_ins_during(&self, work: impl FnOnce()) -> (Latencies, Latencies) {
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            let signing_in = scope.spawn(|| {
                let (mut recognise, mut admit) = (Vec::new(), Vec::new());
                while !done.load(Ordering::Relaxed) {
                    let leaf = self.leaf(recognise.len() % LEAVES);
                    let (recognition, taken) = result_of(|| self.recognise(&leaf));
                    recognise.push(taken);
                    admit.push(timed(|| self.admit(recognition)));
                }
                (Latencies(recognise), Latencies(admit))
            });
            work();
            done.store(true, Ordering::Relaxed);
            signing_in.join().expect("no sign-in fails")
        })
    }

    fn admit(&self, recognition: Recognition) {
        let Recognition::Recognised(recognised) = recognition else {
            panic!("{recognition:?}");
        };
        let now = Timestamp::from_unix(NOW);
        let request = SignInRequest {
            relying_party: "platform".parse().expect("an id"),
            method: Method::Tls,
            challenge: None,
            auth_time: now,
            token: TokenModel {
                jti: "t".into(),
                issued_at: now,
                expires_at: now.plus_seconds(300),
            },
        };
        let admitting = self.province.admit(*recognised, request);
        self.runtime.block_on(admitting).expect("an outcome");
    }

    /// How long it takes to open the province again.
    fn reopen(self) -> Duration {
        let Self { province, folder, .. } = self;
        drop(province);
        timed(|| drop(Province::open(&folder.path().join("province"), clock())))
    }
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(Timestamp::from_unix(NOW)))
}

fn operator() -> Actor {
    Actor::Operator { uid: 0, name: None }
}

/// What each of many took.
struct Latencies(Vec<Duration>);

impl std::fmt::Display for Latencies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = |part: usize| sorted.get(sorted.len() * part / 1_000).copied().unwrap_or_default();
        let longest = sorted.last().copied().unwrap_or_default();
        let (half, most) = (at(500), at(990));
        write!(f, "median {half:?}, p99 {most:?}, longest {longest:?} of {}", sorted.len())
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    result_of(work).1
}

#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
fn result_of<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}
