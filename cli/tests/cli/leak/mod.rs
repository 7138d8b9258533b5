//! No person's name or id leaves the gateway but where it is meant to.
//!
//! 1. A whole province is lived through (`life`): companies whose keys persons
//!    hold, persons in their own name, by TLS and by challenge, let in, refused,
//!    in conflict and unknown; operators' commands over the socket and without a
//!    gateway; a crash; an erasure. The log is at its most talkative.
//! 2. Every file that was written, every line logged, every answer of the gateway
//!    and every output that was no explicit reading of a person is searched for
//!    all persons' names and ids, in every form (`needles`).
//!    So is what goes elsewhere: exports, a backup, a standby, checkpoints in their
//!    second place.
//! 3. Each explicit reading is on the record, with who read and why.
//! 4. That the search can find is shown each time: on planted needles of every
//!    form, and on the explicit readings.

mod life;
mod needles;

use std::fs;

use life::Life;
use needles::Needles;

#[test]
fn no_person_is_in_any_file_log_line_answer_or_output() {
    let life = Life::lived();
    let needles = Needles::of(life.personal_texts());
    let mut leaks = Vec::new();
    let mut read = needles.found_below(&life.world.data_folder(), &mut leaks);
    read += needles.found_below(&life.elsewhere(), &mut leaks);
    for (what, text) in &life.told {
        read += text.len();
        let found = needles.found_in(text.as_bytes());
        leaks.extend(found.iter().map(|found| format!("{what}: {found}")));
    }
    eprintln!("{read} bytes searched for {} forms of needles", needles.all().count());
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
    for (what, text) in &life.revealed {
        assert!(!needles.found_in(text.as_bytes()).is_empty(), "{what} reveals nothing: {text}");
    }
}

#[test]
fn a_planted_needle_of_any_form_is_found() {
    let person = tongxing_testdata::Person::numbered(0);
    let needles = Needles::of([person.name.as_str(), &person.personal_id]);
    let folder = tempfile::tempdir().unwrap();
    for (number, needle) in needles.all().enumerate() {
        let file = folder.path().join("planted");
        fs::write(&file, [b"{\"some\":", needle.bytes.as_slice(), b"}"].concat()).unwrap();
        let mut leaks = Vec::new();
        needles.found_below(folder.path(), &mut leaks);
        assert!(leaks.iter().any(|leak| leak.contains(&needle.what)), "{number}: {needle:?}");
    }
    let mut leaks = Vec::new();
    fs::write(folder.path().join("planted"), "测试三张 990000199001010006").unwrap();
    fs::write(folder.path().join(&person.name), "").unwrap();
    needles.found_below(folder.path(), &mut leaks);
    assert_eq!(
        leaks.len(),
        1,
        "the one in a file's name, and nothing that is another's: {leaks:?}"
    );
}
