//! A flood of strangers leaves the journal and everybody else alone.
//!
//! Meanwhile bidders sign in at a steady pace from an address of their own. With the
//! limits of a new province:
//! 1. what the flood leaves in the journal stays below 1 MiB;
//! 2. it is all told, in summaries: none of it is a record of its own;
//! 3. every bidder's sign-in succeeds;
//! 4. what the flood costs them is printed, and no verdict depends on it.

mod strangers;

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hyper::StatusCode;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::time::{MissedTickBehavior, interval};

use crate::crash::world::{Addresses, PLATFORM, World};
use strangers::{Received, by_challenge, by_tls, one_after_another};

/// A bidder signs in this often.
const PACE: Duration = Duration::from_millis(25);

/// The most that a flood may leave in the journal.
const JOURNAL_MAX: u64 = 1 << 20;

/// A gateway that serves for less than a few minutes writes no more summaries.
const SUMMARIES_MAX: usize = 8;

#[test]
fn a_thousand_strangers_leave_the_journal_and_bidders_alone() {
    flood(1_000);
}

#[test]
#[ignore = "slow: ten thousand handshakes keep two cores busy"]
fn slow_ten_thousand_strangers_leave_the_journal_and_bidders_alone() {
    flood(10_000);
}

/// So many strangers by TLS, and a tenth of that by challenge.
fn flood(connections: u32) {
    let world = Arc::new(World::make(40));
    world.restore_limits();
    let gateway = world.serve();
    let runtime = Runtime::new().unwrap();
    let calm = runtime.block_on(bidders(&world, &gateway.addresses, &Tide::of(200)));
    let before = Journal::of(&world);
    let began = stopwatch();
    let (shown, signed, flooded) =
        runtime.block_on(high_tide(&world, &gateway.addresses, connections));
    let took = began();
    // What is not summarised yet is when the gateway ends.
    assert_eq!(gateway.server.end("TERM"), Some(0));
    let left = Journal::of(&world).since(&before, &world);
    eprintln!("{connections} strangers by TLS and {} by challenge in {took:.1?}", connections / 10);
    eprintln!("by TLS: {shown:?}\nby challenge: {signed:?}\nleft in the journal: {left:?}");
    tell("calm", &calm);
    tell("flooded", &flooded);

    assert!(!flooded.is_empty());
    assert!(left.bytes < JOURNAL_MAX, "{left:?}");
    assert!(left.others.is_empty() && left.summaries <= SUMMARIES_MAX, "{left:?}");
    assert_eq!(shown.refused, connections, "{shown:?}");
    assert_eq!(left.refusals, u64::from(shown.refused + signed.refused), "{left:?}");
    world.ask(&["audit", "verify"]).ended(0);
}

#[test]
fn who_connects_too_often_is_turned_away_before_a_handshake_and_counted() {
    let world = World::make(0);
    world.limit("handshakes_per_address", 20);
    let gateway = world.serve();
    let before = Journal::of(&world);
    let runtime = Runtime::new().unwrap();
    let received = runtime.block_on(one_after_another(&world.https, &gateway.addresses, 40));
    assert_eq!(gateway.server.end("TERM"), Some(0));
    // At least one more may come while these do, for the minute goes on.
    assert!(received.refused >= 20 && received.closed > 0, "{received:?}");
    let left = Journal::of(&world).since(&before, &world);
    assert_eq!(left.refusals, 40, "{left:?}");
}

/// The flood, and how long bidders' sign-ins took meanwhile.
async fn high_tide(
    world: &Arc<World>,
    addresses: &Addresses,
    connections: u32,
) -> (Received, Received, Vec<Duration>) {
    let tide = Tide::of(usize::MAX);
    let steady = {
        let (world, addresses, tide) = (Arc::clone(world), addresses.clone(), Arc::clone(&tide));
        tokio::spawn(async move { bidders(&world, &addresses, &tide).await })
    };
    let (shown, signed) = tokio::join!(
        by_tls(&world.https, addresses, connections),
        by_challenge(&world.https, addresses, connections / 10),
    );
    tide.over.store(true, Ordering::Relaxed);
    (shown, signed, steady.await.unwrap())
}

/// How long bidders go on.
struct Tide {
    sign_ins: usize,
    over: AtomicBool,
}

impl Tide {
    fn of(sign_ins: usize) -> Arc<Self> {
        Arc::new(Self { sign_ins, over: AtomicBool::new(false) })
    }
}

/// Bidders sign in, one after the other, each of whom must succeed; how long each
/// took.
async fn bidders(world: &World, addresses: &Addresses, tide: &Tide) -> Vec<Duration> {
    let url = format!("{}/v1/tokens", addresses.certificate_url);
    let body = json!({ "audience": PLATFORM });
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut took = Vec::new();
    for bidder in world.companies.iter().cycle().take(tide.sign_ins) {
        pace.tick().await;
        if tide.over.load(Ordering::Relaxed) {
            break;
        }
        let began = stopwatch();
        let shown = Some(&bidder.certificates[0].issued);
        let (status, answer) = world.https.post(&url, &body, shown).await.unwrap();
        assert_eq!(status, StatusCode::OK, "{answer:#}");
        took.push(began());
    }
    took
}

/// How far the journal is.
struct Journal {
    records: u64,
    bytes: u64,
}

/// What the flood left there.
#[derive(Debug, Default)]
struct Left {
    /// Beyond bidders' sign-ins.
    bytes: u64,
    summaries: usize,
    /// How many refusals they tell of.
    refusals: u64,
    /// Records that are neither, by kind.
    others: BTreeMap<String, usize>,
}

impl Journal {
    fn of(world: &World) -> Self {
        let records = world.ask(&["audit", "verify"]).ended(0).json()["records"].as_u64().unwrap();
        let files = fs::read_dir(world.data_folder().join("journal")).unwrap();
        let bytes = files.map(|file| file.unwrap().metadata().unwrap().len()).sum();
        Self { records, bytes }
    }

    fn since(&self, before: &Self, world: &World) -> Left {
        let from = (before.records + 1).to_string();
        let listed =
            world.ask(&["audit", "list", "--from", &from, "--limit", "10000"]).ended(0).json();
        let mut left = Left { bytes: self.bytes - before.bytes, ..Left::default() };
        for record in listed.as_array().unwrap() {
            left.count(record);
        }
        left
    }
}

impl Left {
    fn count(&mut self, record: &Value) {
        let change = record["entry"]["change"].as_object().unwrap();
        let (kind, content) = change.iter().next().unwrap();
        match kind.as_str() {
            "sign_in.v1" => {
                let frame = record["frame"].as_str().unwrap().len() as u64;
                self.bytes = self.bytes.saturating_sub(frame / 4 * 3);
            }
            "refusals_summarised.v1" => {
                let counts = content["counts"].as_object().unwrap().values();
                self.summaries += 1;
                self.refusals += counts.filter_map(Value::as_u64).sum::<u64>();
            }
            other => *self.others.entry(other.to_owned()).or_default() += 1,
        }
    }
}

fn tell(when: &str, took: &[Duration]) {
    let mut sorted = took.to_vec();
    sorted.sort_unstable();
    let at = |percent: usize| {
        let place = sorted.len().saturating_sub(1) * percent / 100;
        sorted.get(place).copied().unwrap_or_default()
    };
    eprintln!(
        "bidders, {when}: {} sign-ins, all succeeded; median {:.1?}, p99 {:.1?}, longest {:.1?}",
        sorted.len(),
        at(50),
        at(99),
        at(100)
    );
}

/// How long something takes: figures for people, never for a verdict.
#[expect(clippy::disallowed_methods, reason = "this measures; nothing waits for it")]
fn stopwatch() -> impl Fn() -> Duration {
    let began = Instant::now();
    move || began.elapsed()
}
