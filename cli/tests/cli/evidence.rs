//! What a province shows for its record, from the command line, and what checks it
//! without the province.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::province::{World, world};
use crate::run::{Server, argument, binary, tongxing};

fn enrolled() -> World {
    let world = world();
    world.enrol();
    world
}

impl World {
    fn out(&self, name: &str) -> String {
        argument(&self.folder.path(name))
    }

    fn key(&self) -> String {
        let keys = self.ask(&["audit", "keys"]).ended(0).json();
        keys[0]["key"].as_str().unwrap().to_owned()
    }

    fn set(&self, setting: &str) {
        let file = Path::new(&self.data).join("tongxing.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace("[record]\n", &format!("[record]\n{setting}\n"))).unwrap();
    }

    fn months(&self) -> Vec<PathBuf> {
        months(&Path::new(&self.data).join("checkpoints"))
    }
}

fn months(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let files = entries.map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|ext| ext == "txt")).collect()
}

fn verify(file: &str, key: &str) -> crate::run::Run {
    tongxing(["audit", "verify", file, "--key", key, "--json"])
}

#[test]
fn an_export_verifies_with_the_key_alone() {
    let world = enrolled();
    let verified = world.ask(&["audit", "verify", "--replay"]).ended(0).json();
    let (export, keys) = (world.out("records.jsonl"), world.out("keys.txt"));
    let exported = world.ask(&["audit", "export", &export]).ended(0).json();
    assert_eq!(exported["head"], verified["head"]);
    assert_eq!(exported["records"], verified["records"]);
    world.ask(&["audit", "export", &export]).ended(2);
    world.ask(&["audit", "keys", "-o", &keys]).ended(0);
    let key = world.key();
    let listed = fs::read_to_string(&keys).unwrap();
    assert_eq!(listed, format!("{key}\n"));
    fs::remove_dir_all(&world.data).unwrap();

    for trusted in [&key, &keys] {
        let told = verify(&export, trusted).ended(0).json();
        assert_eq!(told["head"], verified["head"]);
        assert_eq!(told["signed_by"], key.as_str());
    }
    let text = tongxing(["audit", "verify", &export, "--key", &key]).ended(0).stdout;
    assert!(text.contains("signed by: tongxing."), "{text}");
    tongxing(["audit", "verify", &export]).ended(2);
    verify(&export, "no-such-file").ended(2);
    let other = enrolled().key();
    let run = verify(&export, &other).ended(1);
    assert!(run.stderr.contains("not signed by"), "{run:#?}");
    let whole = fs::read_to_string(&export).unwrap();
    for changed in [
        whole.split_inclusive('\n').skip(1).collect::<String>(),
        whole.replace("\"last\":5", "\"last\":4"),
        whole.replacen("AAA", "AAB", 1),
        whole[..whole.len() - 1].to_owned(),
    ] {
        fs::write(&export, changed).unwrap();
        verify(&export, &key).ended(1);
    }
}

#[test]
fn a_part_is_exported_and_a_record_is_proven() {
    let world = enrolled();
    let (export, proof) = (world.out("part.jsonl"), world.out("3.tlog-proof"));
    world.ask(&["audit", "export", &export, "--from", "2", "--to", "3"]).ended(0);
    world.ask(&["audit", "prove", "3", "-o", &proof]).ended(0);
    let key = world.key();
    let told = verify(&export, &key).ended(0).json();
    assert_eq!((&told["first"], &told["last"]), (&Value::from(2), &Value::from(3)));
    assert_eq!(verify(&proof, &key).ended(0).json()["sequence"], 3);
    let text = fs::read_to_string(&proof).unwrap();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\n"), "{text}");
    fs::write(&proof, text.replace("index 2", "index 1")).unwrap();
    verify(&proof, &key).ended(1);
    world.ask(&["audit", "prove", "1000"]).ended(1);
    world.ask(&["audit", "export", &world.out("x"), "--from", "9", "--to", "8"]).ended(2);
}

#[test]
fn a_checkpoint_that_was_kept_is_answered_for() {
    let world = enrolled();
    let kept = world.out("kept.checkpoint");
    world.ask(&["audit", "checkpoint", "-o", &kept]).ended(0);
    world.ask(&["rp", "add", "bidding", "--name", "平台"]).ended(0);
    // Whatever was signed last: a new record is proven to follow.
    world.ask(&["audit", "checkpoint"]).ended(0);
    let growth = world.out("growth.txt");
    let grown = world.ask(&["audit", "consistency", &kept]).ended(0).json();
    world.ask(&["audit", "consistency", &kept, "-o", &growth]).ended(0);
    assert_eq!(grown["proof"], fs::read_to_string(&growth).unwrap());
    assert!(grown["old_size"].as_u64() < grown["checkpoint"]["size"].as_u64(), "{grown:#?}");
    let text = fs::read_to_string(&kept).unwrap();
    let other = world.folder.file("other", text.replacen('=', "=\n\n", 1));
    world.ask(&["audit", "consistency", &other]).ended(2);
    let kept = enrolled();
    let theirs = kept.out("theirs");
    kept.ask(&["audit", "checkpoint", "-o", &theirs]).ended(0);
    let run = world.ask(&["audit", "consistency", &theirs]).ended(2);
    assert!(run.stderr.contains("not of this province"), "{run:#?}");
}

#[test]
fn a_running_gateway_signs_copies_and_publishes() {
    let world = enrolled();
    let second = world.folder.path("second");
    fs::create_dir(&second).unwrap();
    world.set(&format!("checkpoint_copy = {:?}", argument(&second)));
    let server = world.serve();
    let shown = world.ask(&["audit", "checkpoint"]).ended(0).json();
    let verified = world.ask(&["audit", "verify"]).ended(0).json();
    assert_eq!(shown["size"], verified["records"]);
    let before = world.key();
    world.ask(&["audit", "rotate-evidence-key"]).ended(0);
    let keys = world.ask(&["audit", "keys"]).ended(0).json();
    assert_eq!((keys.as_array().unwrap().len(), &keys[0]["key"]), (2, &Value::from(before)));
    world.ask(&["rp", "add", "bidding", "--name", "平台"]).ended(0);
    assert_eq!(server.end("TERM"), Some(0));

    // At shutdown everything was signed, and copied.
    let verified = world.ask(&["audit", "verify"]).ended(0).json();
    let own = fs::read_to_string(&world.months()[0]).unwrap();
    assert!(own.contains(&format!("\n{}\n", verified["records"])), "{own}");
    let copied = second.join(shown["origin"].as_str().unwrap());
    assert_eq!(fs::read_to_string(&months(&copied)[0]).unwrap(), own);
}

#[test]
fn a_journal_that_was_exchanged_is_refused_by_the_second_place() {
    let world = enrolled();
    let second = world.folder.path("second");
    fs::create_dir(&second).unwrap();
    world.set(&format!("checkpoint_copy = {:?}", argument(&second)));
    let earlier = world.folder.path("earlier");
    copy_folder(Path::new(&world.data), &earlier);
    world.ask(&["rp", "add", "bidding", "--name", "平台"]).ended(0);
    world.ask(&["audit", "checkpoint"]).ended(0);
    fs::remove_dir_all(&world.data).unwrap();
    fs::rename(&earlier, &world.data).unwrap();
    for command in [["rp", "list"], ["audit", "verify"]] {
        let run = world.ask(&command).ended(2);
        assert!(run.stderr.contains("second") && run.stderr.contains("restore"), "{run:#?}");
    }
    let run = world.ask(&["serve"]).ended(2);
    assert!(run.stderr.contains("accept-lost-end"), "{run:#?}");
}

/// Restored where the second place is not mounted, which is told; and later it is.
#[test]
fn a_second_place_that_was_away_while_restoring_is_accepted_by_its_number() {
    let world = enrolled();
    let (second, away) = (world.folder.path("second"), world.folder.path("away"));
    fs::create_dir(&second).unwrap();
    world.set(&format!("checkpoint_copy = {:?}", argument(&second)));
    let (key, file) = (world.out("backup.key"), world.out("backup.age"));
    let made = tongxing(["backup", "identity", "-o", &key, "--json"]).ended(0).json();
    world.ask(&["backup", &file, "--recipient", made["recipient"].as_str().unwrap()]).ended(0);
    world.ask(&["rp", "add", "bidding", "--name", "平台"]).ended(0);
    let signed = world.ask(&["audit", "checkpoint"]).ended(0).json()["size"].to_string();
    fs::remove_dir_all(&world.data).unwrap();
    fs::rename(&second, &away).unwrap();
    let restored = tongxing(["restore", &file, "--identity", &key, "--to", &world.data]).ended(0);
    assert!(restored.stdout.contains("repair accept-checkpoints"), "{restored:#?}");
    for name in ["one", "two"] {
        world.ask(&["rp", "add", name, "--name", "平台"]).ended(0);
    }
    fs::rename(&away, &second).unwrap();
    let refused = world.ask(&["serve"]).ended(2);
    assert!(refused.stderr.contains("accept-checkpoints"), "{refused:#?}");
    let accept = ["repair", "accept-checkpoints"];
    let told = world.ask(&accept).ended(1).json();
    assert_eq!(told["signed"].to_string(), signed);
    let confirmed = ["--signed", &signed, "--reason", "restored"];
    world.ask(&[&accept[..], &confirmed].concat()).ended(0);
    world.ask(&accept).ended(0);
    world.ask(&["rp", "list"]).ended(0);
}

/// Told to end in the middle of it: here it waits for a backup that does not come.
#[test]
fn a_check_of_a_backup_that_is_ended_leaves_nothing_unpacked() {
    let world = enrolled();
    let (key, pipe) = (world.out("backup.key"), world.out("backup.age"));
    tongxing(["backup", "identity", "-o", &key]).ended(0);
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let temporary = world.folder.path("temporary");
    fs::create_dir(&temporary).unwrap();
    let mut command = binary();
    command.env("TMPDIR", &temporary);
    command.args(["restore", &pipe, "--identity", &key, "--verify-only"]);
    let checking = Server::start(&mut command);
    let unpacked = || fs::read_dir(&temporary).unwrap().count();
    while unpacked() == 0 {
        std::thread::yield_now();
    }
    assert_eq!(checking.end("INT"), Some(2));
    assert_eq!(unpacked(), 0);
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
