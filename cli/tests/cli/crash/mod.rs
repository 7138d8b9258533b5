//! Killed again and again in the middle of its work, the gateway loses nothing
//! that it acknowledged.
//!
//! 1. A province with two authorities is made by the operators' commands
//!    (`world`).
//! 2. A gateway serves it. Clients register companies and sign in, by TLS and by
//!    challenge, with either authority's certificate; an operator enrols further
//!    authorities (`clients`). All that is acknowledged is noted (`ledger`).
//! 3. At a moment that a seed chooses, the process gets SIGKILL: while it works,
//!    and now and then while it opens the province again.
//! 4. The next gateway must know everything noted, under the same `sub`.
//! 5. At the end the journal verifies, the state is what the journal makes from
//!    its first record, with the index as it was left and without it, and every
//!    token noted is in the export.

mod clients;
mod damage;
mod dice;
pub(crate) mod https;
mod ledger;
mod standby;
pub(crate) mod world;

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::run::{Server, argument, tongxing};
use clients::Shift;
use dice::Dice;
use ledger::Ledger;
use world::{Gateway, World};

/// Of so many kills one hits a gateway that is still opening the province.
const KILLS_PER_KILL_WHILE_OPENING: u64 = 5;

/// Before the kill of a round so many things are acknowledged at most.
const ACKNOWLEDGED_MAX: u64 = 40;

/// Nothing takes so long unless it hangs.
const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn what_was_acknowledged_survives_fifty_kills() {
    survives(50);
}

#[test]
#[ignore = "slow: two hundred kills take minutes"]
fn slow_what_was_acknowledged_survives_two_hundred_kills() {
    survives(200);
}

fn survives(kills: u64) {
    let runtime = Runtime::new().unwrap();
    let mut dice = Dice::seeded();
    // A round signs in often enough to meet a few new companies.
    let world = Arc::new(World::make(4 * u32::try_from(kills).unwrap()));
    let ledger = Arc::new(Ledger::default());
    for kill in 1..=kills {
        if kill % KILLS_PER_KILL_WHILE_OPENING == 0 {
            runtime.block_on(kill_while_opening(&world, &mut dice));
        } else {
            let gateway = world.serve();
            runtime.block_on(ledger.check(&gateway, &world));
            runtime.block_on(kill_at_work(gateway, &world, &ledger, &mut dice));
        }
    }
    let gateway = world.serve();
    runtime.block_on(ledger.check(&gateway, &world));
    assert_eq!(gateway.server.end("TERM"), Some(0));
    ledger.tell();
    conclude(&world, &ledger);
}

/// Step 3, before the gateway says that it serves.
async fn kill_while_opening(world: &World, dice: &mut Dice) {
    let server = Server::start(&mut world.serve_command());
    tokio::time::sleep(Duration::from_millis(dice.below(150))).await;
    drop(server);
}

/// Steps 2 and 3.
async fn kill_at_work(gateway: Gateway, world: &Arc<World>, ledger: &Arc<Ledger>, dice: &mut Dice) {
    end_at_work(gateway, (world, ledger), dice, drop).await;
}

/// The same with whatever ends its work.
async fn end_at_work(
    gateway: Gateway,
    (world, ledger): (&Arc<World>, &Arc<Ledger>),
    dice: &mut Dice,
    end: impl FnOnce(Server),
) {
    let Gateway { server, addresses } = gateway;
    let shift = Shift::new(world, ledger, addresses);
    let mut clients = JoinSet::new();
    shift.start(&mut clients, dice);
    let enough = ledger.count() + dice.below(ACKNOWLEDGED_MAX);
    let reached = tokio::time::timeout(PATIENCE, ledger.reaches(enough));
    tokio::select! {
        reached = reached => reached.expect("the gateway goes on answering"),
        ended = fault(&mut clients) => ended,
    }
    // From the acknowledgement into the middle of what comes next.
    tokio::time::sleep(Duration::from_micros(dice.below(10_000))).await;
    shift.expect_kill();
    end(server);
    let ended = tokio::time::timeout(PATIENCE, fault(&mut clients));
    ended.await.expect("clients of a killed gateway end");
}

/// Waits for all clients; one that found a fault panicked.
async fn fault(clients: &mut JoinSet<()>) {
    while let Some(ended) = clients.join_next().await {
        ended.unwrap();
    }
}

/// Step 5, by the operators' commands.
fn conclude(world: &World, ledger: &Ledger) {
    let verified = world.ask(&["audit", "verify", "--replay"]).ended(0).json();
    fs::remove_dir_all(world.data_folder().join("state")).unwrap();
    let rebuilt = world.ask(&["audit", "verify", "--replay"]).ended(0).json();
    assert_eq!(rebuilt, verified);
    let export = argument(&world.data_folder().join("journal.jsonl"));
    let exported = world.ask(&["audit", "export", &export]).ended(0).json();
    assert_eq!(exported["head"], verified["head"]);
    let keys = world.ask(&["audit", "keys"]).ended(0).json();
    tongxing(["audit", "verify", &export, "--key", keys[0]["key"].as_str().unwrap()]).ended(0);
    let lines = fs::read_to_string(&export).unwrap();
    ledger.check_tokens(lines.lines().filter_map(entry));
}

/// The entry of an exported record; header and end have none.
fn entry(line: &str) -> Option<Value> {
    const HEADER: usize = 68;
    let line: Value = serde_json::from_str(line).unwrap();
    let frame = STANDARD.decode(line["frame"].as_str()?).unwrap();
    Some(serde_json::from_slice(&frame[HEADER..]).unwrap())
}
