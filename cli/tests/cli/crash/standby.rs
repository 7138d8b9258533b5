//! A primary that is lost at work takes nothing with it that it acknowledged.
//!
//! With `acknowledge = "standby"`, each round:
//! 1. A standby joins the primary, by the operators' two commands, and serves.
//! 2. Clients keep the primary busy until it ends, in one of three ways. It gets SIGKILL,
//!    as in the suite above, and its disk is gone: the folder is removed. Or it is not:
//!    then the machine comes back later, and must not record anything any more. Or it is
//!    told to stop by the standby that takes over, in the middle of its work.
//! 3. The standby is promoted, by force where the primary was killed.
//! 4. It must know everything noted. It is the primary of
//!    the next round.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hyper::StatusCode;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::dice::Dice;
use super::ledger::Ledger;
use super::world::{Gateway, World, serve};
use super::{PATIENCE, conclude, end_at_work, kill_at_work};
use crate::disk::sign_in;
use crate::run::{Run, argument, tongxing};

#[test]
fn what_was_acknowledged_survives_three_changes_of_the_primary() {
    survives_losses(3);
}

#[test]
#[ignore = "slow: twenty promotions take minutes"]
fn slow_what_was_acknowledged_survives_twenty_changes_of_the_primary() {
    survives_losses(20);
}

fn survives_losses(losses: u32) {
    let runtime = Runtime::new().unwrap();
    let mut dice = Dice::seeded();
    let world = Arc::new(World::make(8 * losses));
    let ledger = Arc::new(Ledger::default());
    set(&world.data_folder(), "# listen = \"127.0.0.1:7443\"", "listen = \"127.0.0.1:0\"");
    set(&world.data_folder(), "# acknowledge = \"local\"", "acknowledge = \"standby\"");
    let mut primary = world.serve();
    for loss in 1..=losses {
        let folder = world.beside(&format!("standby-{loss}"));
        let standby = join(&world, &folder);
        runtime.block_on(is_waited_for(&world, &folder));
        let lost = Lost { folder: world.data_folder(), replica: primary.addresses.replica.clone() };
        let is_killed = loss % 3 != 2;
        if is_killed {
            runtime.block_on(kill_at_work(primary, &world, &ledger, &mut dice));
            if loss % 3 == 0 {
                fs::remove_dir_all(&lost.folder).unwrap();
            }
            let refused = ask(&folder, &["standby", "promote"]).ended(1);
            assert!(refused.stderr.contains("--force"), "{refused:#?}");
            ask(&folder, &["standby", "promote", "--force"]).ended(0);
        } else {
            let promote = |server| {
                ask(&folder, &["standby", "promote"]).ended(0);
                let old = ask(&lost.folder, &["standby", "status"]).json();
                assert_eq!(old["role"], "fenced", "{old:#}");
                drop(server);
            };
            runtime.block_on(end_at_work(primary, (&world, &ledger), &mut dice, promote));
        }
        world.moves_to(folder);
        runtime.block_on(ledger.check(&standby, &world));
        if loss % 3 == 1 {
            runtime.block_on(lost.comes_back());
        }
        primary = standby;
    }
    assert_eq!(primary.server.end("TERM"), Some(0));
    ledger.tell();
    conclude(&world, &ledger);
}

/// With `acknowledge = "standby"`, nobody is told of anything that the standby does not
/// have: not without a gateway either.
#[test]
fn without_a_gateway_nothing_is_acknowledged_that_the_standby_does_not_have() {
    let runtime = Runtime::new().unwrap();
    let world = World::make(1);
    let data = world.data_folder();
    set(&data, "# listen = \"127.0.0.1:7443\"", "listen = \"127.0.0.1:0\"");
    set(&data, "# acknowledge = \"local\"", "acknowledge = \"standby\"");
    let add = ["rp", "add", "late", "--name", "late"];
    let primary = world.serve();
    let folder = world.beside("standby");
    let standby = join(&world, &folder);
    runtime.block_on(is_waited_for(&world, &folder));
    drop(standby);
    assert_eq!(primary.server.end("TERM"), Some(0));

    let last = || world.ask(&["audit", "verify"]).ended(0).json()["records"].clone();
    let before = last();
    let refused = world.ask(&add).ended(2);
    assert!(refused.stderr.contains("tongxing serve"), "{refused:#?}");
    assert_eq!(last(), before, "nothing was recorded");
    let primary = world.serve();
    let status = world.ask(&["standby", "status"]).json();
    assert_eq!(status["peer"]["lag_records"], Value::Null, "nobody knows yet: {status:#}");
    assert_eq!(primary.server.end("TERM"), Some(0));
    set(&data, "acknowledge = \"standby\"", "acknowledge = \"local\"");
    world.ask(&add).ended(0);
}

/// The standby fenced the primary, and burnt before anybody signed in to it.
#[test]
fn a_fenced_primary_is_taken_back_when_the_other_is_gone() {
    let runtime = Runtime::new().unwrap();
    let world = World::make(2);
    set(&world.data_folder(), "# listen = \"127.0.0.1:7443\"", "listen = \"127.0.0.1:0\"");
    let primary = world.serve();
    assert_eq!(sign_in(&world, &primary.addresses, 0).0, StatusCode::OK);
    let folder = world.beside("standby");
    let standby = join(&world, &folder);
    runtime.block_on(is_waited_for(&world, &folder));
    ask(&folder, &["standby", "promote"]).ended(0);
    drop(standby);
    fs::remove_dir_all(folder).unwrap();

    let take_back = ["standby", "take-back"];
    let told = world.ask(&take_back).ended(1).json();
    let term = told["fenced_by_term"].as_u64().unwrap();
    let by = |term: u64| {
        let term = term.to_string();
        world.ask(&["standby", "take-back", "--term", &term, "--reason", "it burnt"])
    };
    let refused = by(term);
    assert!(refused.code != 0 && refused.stderr.contains("in use"), "{refused:#?}");
    drop(primary);
    let refused = by(term + 1).ended(2);
    assert!(refused.stderr.contains(&format!("term {term}")), "{refused:#?}");
    assert_eq!(by(term).ended(0).json()["term"], term + 1);
    assert_eq!(world.ask(&take_back).ended(0).json()["fenced_by_term"], Value::Null);
    let Gateway { server, addresses } = world.serve();
    for company in 0..2 {
        assert_eq!(sign_in(&world, &addresses, company).0, StatusCode::OK);
    }
    assert_eq!(server.end("TERM"), Some(0));
    let log = world.ask(&["audit", "list"]).ended(0).stdout;
    assert!(log.contains("it burnt"), "the record says why: {log}");
    world.ask(&["audit", "verify", "--replay"]).ended(0);
}

/// Step 1.
fn join(world: &World, folder: &Path) -> Gateway {
    let invited = world.ask(&["standby", "invite"]).ended(0).json();
    let invitation = invited["invitation"].as_str().unwrap();
    ask(folder, &["standby", "join", invitation]).ended(0);
    serve(folder, &folder.with_extension("log"))
}

/// Until then the primary goes on alone, and promises nothing.
async fn is_waited_for(world: &World, folder: &Path) {
    until(|| {
        let primary = world.ask(&["standby", "status"]).json();
        let standby = ask(folder, &["standby", "status"]).json();
        primary["peer"]["connected"] == true
            && primary["peer"]["lag_records"] == 0
            && primary["sequence"] == standby["sequence"]
    })
    .await;
}

/// A primary that was killed.
struct Lost {
    folder: PathBuf,
    replica: Option<String>,
}

impl Lost {
    /// It serves again, at the same address: the one that took over tells it to stop.
    /// Until then it has no standby, and acknowledges nothing.
    async fn comes_back(&self) {
        let address = self.replica.as_ref().unwrap();
        set(&self.folder, "listen = \"127.0.0.1:0\"", &format!("listen = \"{address}\""));
        let old = serve(&self.folder, &self.folder.with_extension("old.log"));
        until(|| ask(&self.folder, &["standby", "status"]).json()["role"] == "fenced").await;
        let add = ["rp", "add", "late", "--name", "late"];
        let before = ask(&self.folder, &["standby", "status"]).json()["sequence"].clone();
        let refused = ask(&self.folder, &add).ended(2);
        assert!(refused.stderr.contains("fenced"), "{refused:#?}");
        drop(old);
        let refused = ask(&self.folder, &add).ended(2);
        assert!(refused.stderr.contains("fenced"), "also without a gateway: {refused:#?}");
        let after = ask(&self.folder, &["standby", "status"]).json()["sequence"].clone();
        assert_eq!(before, after);
    }
}

fn ask(folder: &Path, arguments: &[&str]) -> Run {
    let data = argument(folder);
    tongxing(arguments.iter().copied().chain(["--data", &data, "--json"]))
}

/// Changes a line of the settings.
fn set(folder: &Path, from: &str, to: &str) {
    let file = folder.join("tongxing.toml");
    let settings = fs::read_to_string(&file).unwrap();
    assert!(settings.contains(from), "{from}");
    fs::write(file, settings.replacen(from, to, 1)).unwrap();
}

async fn until(mut reached: impl FnMut() -> bool) {
    let waiting = async {
        while !reached() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("it comes to be so");
}
