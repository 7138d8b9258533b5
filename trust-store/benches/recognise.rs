//! Recognition with a warm snapshot, against the signatures that it verifies.
//!
//! Whatever else a judgement does (finding the path, the checks of RFC 5280, the
//! policy, revocation, reading the identity, the report) must stay small beside
//! the signatures, which nobody can avoid: less than 0.3 of their cost.
//!
//! Both are measured by turns, a short batch each, so that a disturbance of the
//! machine meets them alike; every certificate is parsed afresh, outside what is
//! timed, because one that was verified once remembers it. The ratio is printed at
//! the end, and the same again with up to 1,000 authorities enrolled, which must
//! cost nothing.

use std::hint::black_box;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tongxing_pki::{Certificate, Timestamp};
use tongxing_testdata::{
    AuthoritySpec, Company, CrlSpec, LevelSpec, Person, Profile, TestAuthority, Validity,
};
use tongxing_trust_store::{
    Actor, Command, ManualClock, PolicyFile, Province, Purpose, Recognised, Recognition, Role,
    Snapshot, Status,
};

/// The moment at which everything happens.
const NOW: i64 = 1_780_000_000;

const PROVINCE_POLICY: &str = include_str!("../../policies/province.toml");

const CROWDS: [usize; 4] = [1, 10, 100, 1_000];

/// How many certificates are judged in one turn.
const BATCH: u64 = 64;

fn recognitions(criterion: &mut Criterion) {
    let table = Table::default();
    let mut group = criterion.benchmark_group("recognise");
    group.measurement_time(Duration::from_secs(4));

    let world = World::new();
    for profile in Profile::ALL {
        let authority = world.enrol(profile, profile.id(), &profile.authority(validity()));
        let case = Case::new(&world, profile, &authority);
        let name = format!("profile {profile:?}");
        group.bench_function(&name, |bencher| {
            bencher.iter_custom(|count| table.measure(&name, count, &case));
        });
    }

    let crowd = World::new();
    let known = crowd.enrol_numbered(0);
    let mut enrolled = 1;
    for size in CROWDS {
        for number in enrolled..size {
            crowd.enrol_numbered(number);
        }
        enrolled = size;
        let case = Case::new(&crowd, Profile::B, &known);
        let name = format!("one of {size} authorities");
        group.bench_function(&name, |bencher| {
            bencher.iter_custom(|count| table.measure(&name, count, &case));
        });
    }
    group.finish();
    table.print();
}

fn validity() -> Validity {
    Validity::decade_around(NOW)
}

/// A province in a temporary folder.
struct World {
    runtime: Runtime,
    // Closed before its folder goes.
    province: Province,
    _folder: TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the bench");
        let home = folder.path().join("province");
        let clock = Arc::new(ManualClock::at(Timestamp::from_unix(NOW)));
        let policy = PolicyFile { name: "province.toml".into(), source: PROVINCE_POLICY.into() };
        Province::create(&home, "测试省", None, policy, &operator(), clock.clone())
            .expect("a province");
        let province = Province::open(&home, clock).expect("that province");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        Self { runtime, province, _folder: folder }
    }

    /// An authority of profile B with names and keys of its own.
    fn enrol_numbered(&self, number: usize) -> TestAuthority {
        let id = format!("crowd-{number}");
        let profile = Profile::B.authority(validity());
        let root = LevelSpec::new(
            Profile::B.name_zh(),
            format!("Tongxing Test Crowd {number}"),
            profile.levels[0].algorithm,
            validity(),
        );
        self.enrol(Profile::B, &id, &AuthoritySpec::one_level(&*id, root.with_path_length(0)))
    }

    /// An active authority with fresh lists.
    fn enrol(&self, profile: Profile, id: &str, spec: &AuthoritySpec) -> TestAuthority {
        let authority = TestAuthority::generate(spec).expect("an authority");
        let der = |certificate: &[u8]| certificate.to_vec().into();
        let intermediates = authority.intermediates().iter();
        let policy = profile.policy_toml().replace(profile.id(), id);
        self.execute(Command::AuthorityAdd {
            id: id.parse().expect("an id"),
            name_zh: profile.name_zh().into(),
            name_en: Some(profile.name_en().into()),
            hotline: None,
            licence_expires: None,
            roles: vec![Role::SignIn],
            anchors: vec![der(authority.root().der())],
            intermediates: intermediates.map(|known| der(known.der())).collect(),
            policy: PolicyFile { name: format!("{id}.toml"), source: policy },
        });
        self.execute(Command::StatusSet {
            authority: id.parse().expect("an id"),
            anchor: None,
            status: Status::Active,
            effective: None,
            reason: "for the bench".into(),
        });
        let spec = CrlSpec::empty(1, NOW - 60, NOW + 86_400);
        self.execute(Command::ListImport { list: authority.crl(&spec).expect("a list").into() });
        if !authority.intermediates().is_empty() {
            let list = authority.root_crl(&spec).expect("a list");
            self.execute(Command::ListImport { list: list.into() });
        }
        authority
    }

    fn execute(&self, command: Command) {
        let done = self.runtime.block_on(self.province.execute(&operator(), command));
        done.expect("a command that is in order");
    }
}

fn operator() -> Actor {
    Actor::Operator { uid: 0, name: None }
}

/// One certificate, the snapshot that judges it and the path that it has.
struct Case {
    snapshot: Arc<Snapshot>,
    leaf: Vec<u8>,
    recognised: Box<Recognised>,
}

impl Case {
    fn new(world: &World, profile: Profile, authority: &TestAuthority) -> Self {
        let year = Validity::year_from(NOW - 3_600);
        let leaf = profile.leaf(&Company::numbered(0), &Person::numbered(0), year);
        let leaf = authority.issue(&leaf).expect("a leaf").certificate_der;
        let snapshot = world.province.snapshot();
        match recognise(&snapshot, &parse(&leaf)) {
            Recognition::Recognised(recognised) => Self { snapshot, leaf, recognised },
            other => panic!("{other:?}"),
        }
    }

    /// The signatures that the path needs, and nothing else.
    fn verify_signatures(&self, leaf: &Certificate) {
        let path = self.recognised.path();
        for place in 0..path.certificates().len() {
            let signed = if place == 0 { leaf } else { &path.certificates()[place] };
            let outcome = signed.verify_signature(path.issuer_of(place).public_key());
            black_box(outcome).expect("a signature that is in order");
        }
    }
}

fn parse(der: &[u8]) -> Certificate {
    Certificate::parse(der).expect("a certificate")
}

fn recognise(snapshot: &Snapshot, leaf: &Certificate) -> Recognition {
    let chain = std::slice::from_ref(leaf);
    snapshot.recognise(chain, Purpose::SignIn, Timestamp::from_unix(NOW))
}

/// What was measured: seconds for the signatures alone and for recognition.
#[derive(Default)]
struct Table(Mutex<Vec<(String, f64, f64)>>);

impl Table {
    /// The time of `count` recognitions; that of as many times their signatures
    /// is measured between them.
    #[expect(clippy::cast_precision_loss, reason = "a bench's figures are for people to read")]
    fn measure(&self, name: &str, count: u64, case: &Case) -> Duration {
        let (mut signatures, mut recognitions) = (Duration::ZERO, Duration::ZERO);
        let mut left = count;
        while left > 0 {
            let batch = left.min(BATCH);
            left -= batch;
            let leaves = || -> Vec<_> { (0..batch).map(|_| parse(&case.leaf)).collect() };
            let (some, others) = (leaves(), leaves());
            signatures += timed(|| some.iter().for_each(|leaf| case.verify_signatures(leaf)));
            let recognise = |leaf| drop(black_box(recognise(&case.snapshot, leaf)));
            recognitions += timed(|| others.iter().for_each(recognise));
        }
        let each = |total: Duration| total.as_secs_f64() / count as f64;
        let row = (name.to_owned(), each(signatures), each(recognitions));
        self.0.lock().expect("no panic while locked").push(row);
        recognitions
    }

    /// The medians of each case.
    fn print(&self) {
        let rows = self.0.lock().expect("no panic while locked");
        let mut names: Vec<&str> = rows.iter().map(|(name, ..)| name.as_str()).collect();
        names.dedup();
        println!("\n{:<26} {:>13} {:>13} {:>8}", "", "signatures", "recognise", "ratio");
        for name in names {
            let of_case = || rows.iter().filter(|(case, ..)| case == name);
            let signatures = median(of_case().map(|(_, signatures, _)| *signatures));
            let recognise = median(of_case().map(|(.., recognise)| *recognise));
            let ratio = median(of_case().map(|(_, signatures, recognise)| recognise / signatures));
            let micros = |seconds: f64| seconds * 1e6;
            let (one, other) = (micros(signatures), micros(recognise));
            println!("{name:<26} {one:>10.1} µs {other:>10.1} µs {ratio:>8.2}");
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
fn timed(work: impl FnOnce()) -> Duration {
    let start = std::time::Instant::now();
    work();
    start.elapsed()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

criterion_group!(benches, recognitions);
criterion_main!(benches);
