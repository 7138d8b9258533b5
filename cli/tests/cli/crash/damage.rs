//! What a medium does to the files of a province is named, and mended or refused.
//!
//! The journal is the record: an end that nobody was told of is cut off, anything
//! else is refused as it stands. The state follows from it: whatever is wrong with
//! it, it is made anew. Either way the operator is told.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::world::{PLATFORM, World};
use crate::run::Run;

/// How many places of one file are damaged, one after the other.
const PLACES: usize = 24;

/// A province that somebody has signed in to, and what it is when it is whole.
struct Lived {
    world: World,
    verified: Value,
    sub: String,
}

fn lived() -> Lived {
    let world = World::make(1);
    let sub = sign_in(&world);
    let verified = verify(&world).ended(0).json();
    Lived { world, verified, sub }
}

/// Through a gateway, which is ended in good order.
fn sign_in(world: &World) -> String {
    let gateway = world.serve();
    let url = format!("{}/v1/tokens", gateway.addresses.certificate_url);
    let bidder = &world.companies[0];
    let (shown, body) = (&bidder.certificates[0].issued, json!({ "audience": PLATFORM }));
    let posted = world.https.post(&url, &body, Some(shown));
    let (status, answer) = Runtime::new().unwrap().block_on(posted).unwrap();
    assert!(status.is_success(), "{answer:#}");
    assert_eq!(gateway.server.end("TERM"), Some(0));
    let found = world.ask(&["subject", "find", &bidder.uscc]).ended(0).json();
    found[0]["id"].as_str().unwrap().to_owned()
}

fn verify(world: &World) -> Run {
    world.ask(&["audit", "verify", "--replay"])
}

impl Lived {
    fn segment(&self) -> PathBuf {
        let journal = self.world.data_folder().join("journal");
        let files = files_below(&journal);
        files.into_iter().find(|file| file.extension().is_some_and(|ext| ext == "seg")).unwrap()
    }

    /// The bytes of the last record.
    fn last_frame(&self) -> Vec<u8> {
        let last = self.verified["records"].to_string();
        let listed = self.world.ask(&["audit", "list", "--from", &last]).ended(0).json();
        STANDARD.decode(listed[0]["frame"].as_str().unwrap()).unwrap()
    }

    /// Nothing can be done with the province, and nothing was done to it.
    fn is_refused(&self, damaged: &[u8], told: &[&str]) {
        for command in [&["audit", "verify"][..], &["ca", "list"], &["serve"]] {
            let run = self.world.ask(command).ended(2);
            for text in told {
                assert!(run.stderr.contains(text), "{text:?} is not said: {run:#?}");
            }
            for helps in ["tongxing doctor", "tongxing restore BACKUP", "accept-lost-end"] {
                assert!(run.stderr.contains(helps), "{helps:?} is not named: {run:#?}");
            }
            assert_eq!(run.stdout, "");
        }
        assert_eq!(fs::read(self.segment()).unwrap(), damaged, "a refused journal was changed");
    }

    /// The province is as it was; returns what the operator was told.
    fn is_recovered(&self) -> String {
        let run = verify(&self.world).ended(0);
        assert_eq!(run.json(), self.verified, "{run:#?}");
        let again = verify(&self.world).ended(0);
        assert_eq!(again.stderr, "", "mended, and not for good");
        run.stderr
    }
}

#[test]
fn an_acknowledged_end_that_is_gone_is_refused() {
    let lived = lived();
    let segment = lived.segment();
    let (whole, frame) = (fs::read(&segment).unwrap(), lived.last_frame().len());
    let acknowledged = format!("records up to {} were acknowledged", lived.verified["records"]);
    for gone in [1, frame / 2, frame - 1, frame] {
        let damaged = &whole[..whole.len() - gone];
        fs::write(&segment, damaged).unwrap();
        lived.is_refused(damaged, &[&acknowledged, ".seg at byte"]);
    }
    fs::write(&segment, &whole).unwrap();
    assert_eq!(lived.is_recovered(), "");
}

#[test]
fn a_torn_write_that_nobody_was_told_of_is_cut_off_and_named() {
    let lived = lived();
    let segment = lived.segment();
    let (whole, frame) = (fs::read(&segment).unwrap(), lived.last_frame());
    for torn in [1, frame.len() / 2, frame.len() - 1] {
        fs::write(&segment, [whole.as_slice(), &frame[..torn]].concat()).unwrap();
        let told = lived.is_recovered();
        assert!(told.contains("cut off") && told.contains(".seg"), "{told}");
        assert_eq!(fs::read(&segment).unwrap(), whole);
    }
}

#[test]
fn a_journal_cut_behind_its_index_is_refused() {
    let lived = lived();
    let segment = lived.segment();
    let (whole, frame) = (fs::read(&segment).unwrap(), lived.last_frame().len());
    // Without the hint of what was acknowledged, the last record looks torn.
    fs::remove_file(segment.with_file_name("acknowledged")).unwrap();
    fs::write(&segment, &whole[..whole.len() - frame / 2]).unwrap();
    let run = verify(&lived.world).ended(2);
    assert!(run.stderr.contains("records were lost"), "{run:#?}");
    // Nor does it help to forget the index: the gateway signed what it had.
    let data = lived.world.data_folder();
    fs::remove_dir_all(data.join("state")).unwrap();
    let run = verify(&lived.world).ended(2);
    assert!(run.stderr.contains("checkpoint in ") && run.stderr.contains("restore"), "{run:#?}");
    // Going on without them is somebody's decision, and is named too.
    fs::remove_dir_all(data.join("checkpoints")).unwrap();
    fs::remove_dir_all(data.join("state")).unwrap();
    let run = verify(&lived.world).ended(0);
    let records = lived.verified["records"].as_u64().unwrap();
    assert_eq!(run.json()["records"], records - 1);
    assert!(run.stderr.contains("rebuilt"), "{run:#?}");
}

#[test]
fn a_lost_end_is_given_up_only_by_its_number_and_on_the_record() {
    let lived = lived();
    let (segment, last) = (lived.segment(), lived.verified["records"].as_u64().unwrap());
    let whole = fs::read(&segment).unwrap();
    let damaged = &whole[..whole.len() - 1];
    fs::write(&segment, damaged).unwrap();
    let repair = |more: &[&str]| lived.world.ask(&[&["repair", "accept-lost-end"], more].concat());
    let told = repair(&[]).ended(1).json();
    assert_eq!((&told["first"], &told["last"]), (&json!(last), &json!(last)));
    repair(&["--lose-from", &last.to_string()]).ended(2);
    repair(&["--lose-from", "2", "--reason", "no backup"]).ended(1);
    assert_eq!(fs::read(&segment).unwrap(), damaged, "nothing was accepted");

    let first = last.to_string();
    let accepted = repair(&["--lose-from", &first, "--reason", "no backup"]).ended(0).json();
    assert_eq!(accepted["recorded"], last);
    let cut_off = fs::read(accepted["cut_off"].as_str().unwrap()).unwrap();
    assert!(damaged.ends_with(&cut_off) && !cut_off.is_empty());
    let told = lived.world.ask(&["audit", "list", "--from", &first]).ended(0).json();
    assert_eq!(told[0]["entry"]["change"]["lost_end_accepted.v1"]["reason"], "no backup");
    assert!(told[0]["entry"]["by"]["operator"].is_object(), "{told:#}");
    verify(&lived.world).ended(0);
    sign_in(&lived.world);
    assert_eq!(repair(&[]).ended(0).json(), Value::Null);
}

#[test]
fn a_flipped_byte_in_the_journal_is_refused_where_it_is() {
    let lived = lived();
    let segment = lived.segment();
    let whole = fs::read(&segment).unwrap();
    for place in places(&whole) {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x20;
        fs::write(&segment, &damaged).unwrap();
        lived.is_refused(&damaged, &["journal damaged: ", ".seg at byte"]);
    }
    fs::write(&segment, &whole).unwrap();
    assert_eq!(lived.is_recovered(), "");
}

#[test]
fn a_flipped_byte_in_the_state_is_mended_or_harmless() {
    let lived = lived();
    let state = lived.world.data_folder().join("state");
    let whole = files_below(&state).into_iter().map(|file| (fs::read(&file).unwrap(), file));
    let whole: Vec<(Vec<u8>, PathBuf)> = whole.collect();
    let mut named = 0;
    for (contents, file) in &whole {
        for place in places(contents) {
            restore(&state, &whole);
            let mut damaged = contents.clone();
            damaged[place] ^= 0x20;
            fs::write(file, &damaged).unwrap();
            let told = lived.is_recovered();
            let rebuilt = told.contains("rebuilt from the journal");
            assert!(rebuilt || told.is_empty(), "byte {place} of {}: {told}", file.display());
            named += usize::from(rebuilt);
        }
    }
    eprintln!("{named} flipped bytes had the state rebuilt");
    assert!(named > PLACES, "only {named} flipped bytes mattered");
}

#[test]
fn a_deleted_state_is_made_anew_and_said() {
    let lived = lived();
    let state = lived.world.data_folder().join("state");
    fs::remove_dir_all(&state).unwrap();
    assert!(lived.is_recovered().contains("rebuilt from the journal"));
    fs::remove_dir_all(&state).unwrap();
    assert_eq!(sign_in(&lived.world), lived.sub);
    let log = fs::read_to_string(lived.world.log()).unwrap();
    assert!(log.contains("rebuilt from the journal"), "{log}");
}

fn restore(folder: &Path, files: &[(Vec<u8>, PathBuf)]) {
    fs::remove_dir_all(folder).unwrap();
    for (contents, file) in files {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, contents).unwrap();
    }
}

/// Places spread over what a file holds; the zeros in it are mostly room.
fn places(bytes: &[u8]) -> Vec<usize> {
    let used: Vec<usize> = (0..bytes.len()).filter(|place| bytes[*place] != 0).collect();
    let step = used.len().div_ceil(PLACES).max(1);
    used.iter().step_by(step).chain(used.last()).copied().collect()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}
