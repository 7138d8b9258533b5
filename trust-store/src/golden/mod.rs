//! Golden journals: what a province has recorded means the same to every later
//! version. How one is made, and when, is told in `testdata/journals/README.md`.
//!
//! 1. The folder is copied, for opening one may mend it.
//! 2. Its records are applied to rows in memory, one by one: head, outcomes and the
//!    hash of the rows must be what they were when it was made.
//! 3. The province is opened as a gateway would open it, must find nothing to add,
//!    verify as a whole, and give the same answers.

mod history;
mod kinds;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tongxing_testdata::{Company, Person};

use crate::change::Actor;
use crate::clock::ManualClock;
use crate::command::{Command, Replay, Reply};
use crate::hex;
use crate::ids::SubjectId;
use crate::index::MemoryRows;
use crate::journal::{JournalReader, MerkleTree, leaf_hash};
use crate::policy::Kind;
use crate::profile::RecordProfile;
use crate::province::{Province, decode, folder, place};
use crate::state::{self, Lookups};

const JOURNALS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../testdata/journals");
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The journal of this version and profile.
fn of_version(profile: RecordProfile) -> PathBuf {
    let suffix = if profile == RecordProfile::Standard { "" } else { "-gm" };
    Path::new(JOURNALS).join(format!("{VERSION}{suffix}"))
}
const PROVINCE: &str = "province";
const EXPECTED: &str = "expected.toml";

/// What a journal comes to.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Expected {
    /// What the clock shows, in Unix milliseconds, when it is opened.
    clock: i64,
    records: u64,
    /// Hash of the last record.
    head: String,
    /// Root of the tree over all records.
    root: String,
    rows: u64,
    /// Multiset hash of the rows.
    state: String,
    /// Of each record, in order.
    outcomes: Vec<String>,
    answers: Answers,
}

/// What an operator would be told.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Answers {
    segments: u64,
    checkpoints: u64,
    blobs: u64,
    /// The company with most certificates, and how many those are.
    company: SubjectId,
    company_name: Option<String>,
    certificates: u64,
    /// A person, and the name that their key opens.
    person: SubjectId,
    person_name: Option<String>,
    /// Persons whose keys are destroyed.
    erased: Vec<SubjectId>,
    /// The status of each authority.
    authorities: BTreeMap<String, String>,
}

#[test]
fn every_golden_journal_comes_to_what_it_always_did() {
    let mut seen = 0;
    for golden in fs::read_dir(JOURNALS).unwrap().map(|entry| entry.unwrap().path()) {
        if golden.is_dir() {
            let text = fs::read_to_string(golden.join(EXPECTED)).unwrap();
            let expected: Expected = toml::from_str(&text).unwrap();
            let copy = TempDir::new().unwrap();
            copy_private(&golden.join(PROVINCE), copy.path());
            let found = look(copy.path(), expected.clock);
            assert_eq!(found, expected, "{}: see README.md there", golden.display());
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[test]
fn the_newest_golden_journals_hold_every_kind_of_change() {
    for profile in RecordProfile::ALL {
        holds_every_kind(profile);
    }
}

fn holds_every_kind(profile: RecordProfile) {
    let newest = of_version(profile);
    assert!(newest.is_dir(), "no golden journal {}: see README.md there", newest.display());
    let mut found = BTreeSet::new();
    for record in JournalReader::open(&newest.join(PROVINCE).join(folder::JOURNAL)).unwrap() {
        let record = record.unwrap();
        found.insert(kinds::name(&decode(&record).unwrap().change).to_owned());
        kinds::names_in(&serde_json::from_slice(record.payload()).unwrap(), &mut found);
    }
    for kind in kinds::all(profile) {
        assert!(
            found.contains(&kind),
            "{kind} is in no record of {}: let `golden::history` make it happen, and write the \
             journal anew; see README.md there",
            newest.display()
        );
    }
    let text = fs::read_to_string(newest.join(EXPECTED)).unwrap();
    let outcomes: BTreeSet<_> =
        toml::from_str::<Expected>(&text).unwrap().outcomes.into_iter().collect();
    assert_eq!(outcomes.len(), kinds::OUTCOMES, "{outcomes:?}");
}

#[test]
#[ignore = "writes testdata/journals: when a kind of change is new, and when a release is cut"]
fn write_the_golden_journal() {
    RecordProfile::ALL.into_iter().for_each(write);
}

fn write(profile: RecordProfile) {
    let golden = of_version(profile);
    let made = history::make(profile);
    let copy = TempDir::new().unwrap();
    copy_private(made.folder.path(), copy.path());
    let expected = look(copy.path(), made.clock);
    if golden.exists() {
        fs::remove_dir_all(&golden).unwrap();
    }
    fs::create_dir_all(&golden).unwrap();
    copy_private(made.folder.path(), &golden.join(PROVINCE));
    fs::write(golden.join(EXPECTED), toml::to_string_pretty(&expected).unwrap()).unwrap();
}

/// Steps 2 and 3.
fn look(home: &Path, clock: i64) -> Expected {
    let mut rows = MemoryRows::default();
    let reader = JournalReader::open(&home.join(folder::JOURNAL)).unwrap();
    let mut tree = MerkleTree::new(reader.position().profile);
    let (mut head, mut outcomes) = (String::new(), Vec::new());
    for record in reader {
        let record = record.unwrap();
        let outcome = state::apply(place(&record), &decode(&record).unwrap(), &mut rows).unwrap();
        head = record.hash().to_string();
        tree.push(leaf_hash(record.position().profile, record.frame()));
        outcomes.push(kinds::outcome(&outcome).to_owned());
    }
    let (count, hash) = rows.fingerprint();
    let answers = ask(home, clock, tree.size(), (count, hash));
    Expected {
        clock,
        records: tree.size(),
        head,
        root: hex::encode(&tree.root()),
        rows: count,
        state: hex::encode(&hash),
        outcomes,
        answers,
    }
}

/// Step 3.
fn ask(home: &Path, clock: i64, records: u64, state: (u64, [u8; 32])) -> Answers {
    let province = Province::open(home, Arc::new(ManualClock::at_millis(clock))).unwrap();
    assert_eq!(
        province.index_stands_at().unwrap(),
        (records, state),
        "opening it changed something"
    );
    let runtime = Runtime::new().unwrap();
    let command = |command| runtime.block_on(province.execute(&Actor::Gateway, command)).unwrap();
    let Reply::Verified(verified) = command(Command::AuditVerify { replay: Replay::Yes }) else {
        panic!("no answer");
    };
    let Reply::Subjects(companies) =
        command(Command::SubjectFind { query: Company::numbered(0).uscc })
    else {
        panic!("no answer");
    };
    let Reply::Authorities(authorities) = command(Command::AuthorityList) else {
        panic!("no answer");
    };
    let (person, person_name) = person(&province);
    Answers {
        segments: verified.segments,
        checkpoints: verified.checkpoints,
        blobs: verified.blobs,
        company: companies[0].id.clone(),
        company_name: companies[0].name.clone(),
        certificates: companies[0].bindings.len() as u64,
        person,
        person_name,
        erased: province.read(|view| view.given_up_keys()).unwrap(),
        authorities: authorities.into_iter().map(|a| (a.id.to_string(), a.status)).collect(),
    }
}

/// Without a record of it, as an operator's reading would be.
fn person(province: &Province) -> (SubjectId, Option<String>) {
    let vault = province.vault();
    let keys = vault.person_keys_of(Kind::PersonalId, &Person::numbered(1).personal_id);
    let read = province.read(|view| {
        let id = view.subject_by(&format!("person/{}", keys[0]))?.unwrap();
        Ok((view.subject(&id)?.unwrap(), id))
    });
    let (row, id) = read.unwrap();
    let data = vault.open_person(&row.person.unwrap()).unwrap().unwrap();
    (id, data.name)
}

/// Copies a folder; key files are their owner's alone, which no repository keeps.
fn copy_private(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::Permissions::from_mode(0o700)).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place: PathBuf = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_private(&entry.path(), &place);
        } else {
            fs::copy(entry.path(), &place).unwrap();
            fs::set_permissions(&place, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
}
