//! `tongxing doctor`: one thing is damaged, and that thing is named.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::crash::world::{PLATFORM, World};
use crate::run::{Folder, Run, argument, tongxing};

/// A province that somebody signed in to, with an image and a checkpoint.
fn lived() -> World {
    let world = World::make(1);
    let gateway = world.serve();
    let url = format!("{}/v1/tokens", gateway.addresses.certificate_url);
    let (shown, body) =
        (&world.companies[0].certificates[1].issued, json!({ "audience": PLATFORM }));
    let posted = world.https.post(&url, &body, Some(shown));
    let (status, answer) = Runtime::new().unwrap().block_on(posted).unwrap();
    assert!(status.is_success(), "{answer:#}");
    assert_eq!(gateway.server.end("TERM"), Some(0));
    world.ask(&["image", "take"]).ended(0);
    world.ask(&["audit", "checkpoint"]).ended(0);
    world
}

fn doctor(data: &Path, more: &[&str]) -> Run {
    let data = argument(data);
    tongxing(["doctor", "--data", &data, "--json"].iter().chain(more))
}

/// The checks of this level, as `about: seen → help`.
fn of_level(run: &Run, level: &str) -> Vec<String> {
    let checks = run.json();
    let of_level = checks.as_array().unwrap().iter().filter(|check| check["level"] == level);
    of_level
        .map(|c| format!("{}: {} → {}", text(&c["about"]), text(&c["seen"]), c["help"]))
        .collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// What is done to a province, and what must be said of it.
struct Case {
    about: &'static str,
    level: &'static str,
    said: &'static [&'static str],
    depth: &'static [&'static str],
    damage: fn(&Path),
}

const QUICK: &[&str] = &[];
const FULL: &[&str] = &["--full"];

const CASES: &[Case] = &[
    Case {
        about: "folder",
        level: "error",
        said: &["mode 0755", "chmod 700"],
        depth: QUICK,
        damage: |data| allow(data, 0o755),
    },
    Case {
        about: "keys",
        level: "error",
        said: &["persons.keys", "mode 0644", "chmod 600"],
        depth: QUICK,
        damage: |data| allow(&data.join("keys/persons.keys"), 0o644),
    },
    Case {
        about: "keys",
        level: "error",
        said: &["lookup.keys", "tongxing restore"],
        depth: QUICK,
        damage: |data| fs::remove_file(data.join("keys/lookup.keys")).unwrap(),
    },
    Case {
        about: "keys",
        level: "error",
        said: &["evidence.keys", "tongxing restore"],
        depth: QUICK,
        damage: |data| fs::remove_file(data.join("keys/evidence.keys")).unwrap(),
    },
    Case {
        about: "keys",
        level: "error",
        said: &["challenge.key", "tongxing restore"],
        depth: QUICK,
        damage: |data| fs::remove_file(data.join("keys/challenge.key")).unwrap(),
    },
    Case {
        about: "keys",
        level: "error",
        said: &["keys/token", "no key in it"],
        depth: QUICK,
        damage: |data| below(&data.join("keys/token")).iter().for_each(|key| remove(key)),
    },
    Case {
        about: "persons",
        level: "error",
        said: &["keys are gone", "tongxing restore"],
        depth: QUICK,
        damage: |data| fs::write(data.join("keys/persons.keys"), b"").unwrap(),
    },
    Case {
        about: "persons",
        level: "error",
        said: &["1 of", "keys are gone", "tongxing restore"],
        depth: QUICK,
        damage: |data| {
            let file = data.join("keys/persons.keys");
            let keys = fs::read(&file).unwrap();
            // Whole entries: the file itself is sound.
            fs::write(&file, &keys[..keys.len() - 128]).unwrap();
        },
    },
    Case {
        about: "blobs",
        level: "error",
        said: &["is missing", "tongxing restore"],
        depth: QUICK,
        damage: |data| remove(&below(&data.join("blobs"))[0]),
    },
    Case {
        about: "blobs",
        level: "error",
        said: &["is damaged", "tongxing restore"],
        depth: FULL,
        damage: |data| flip(&below(&data.join("blobs"))[0], 7),
    },
    Case {
        about: "journal",
        level: "error",
        said: &[".seg at byte", "checksum", "tongxing restore", "accept-lost-end"],
        depth: QUICK,
        damage: |data| flip(&segment(data), 300),
    },
    Case {
        about: "journal",
        level: "error",
        said: &["were acknowledged and are gone", "accept-lost-end"],
        depth: QUICK,
        damage: |data| cut(&segment(data), 5),
    },
    Case {
        about: "index",
        level: "error",
        said: &["records were lost", "accept-lost-end"],
        depth: QUICK,
        damage: |data| {
            cut(&segment(data), 5);
            remove(&data.join("journal/acknowledged"));
        },
    },
    Case {
        about: "checkpoints",
        level: "error",
        said: &["was signed when the journal had", "tongxing restore"],
        depth: QUICK,
        damage: |data| {
            cut(&segment(data), 5);
            remove(&data.join("journal/acknowledged"));
        },
    },
    Case {
        about: "index",
        level: "warning",
        said: &["missing", "makes it anew"],
        depth: QUICK,
        damage: |data| fs::remove_dir_all(data.join("state")).unwrap(),
    },
    Case {
        about: "images",
        level: "error",
        said: &[".image", "tongxing image"],
        depth: FULL,
        damage: |data| {
            let image = &below(&data.join("images"))[0];
            flip(image, usize::try_from(fs::metadata(image).unwrap().len() / 2).unwrap());
        },
    },
    Case {
        about: "clock and files",
        level: "error",
        said: &["s from now", "NTP"],
        depth: QUICK,
        damage: |data| {
            let file = File::options().append(true).open(segment(data)).unwrap();
            let written = file.metadata().unwrap().modified().unwrap();
            file.set_modified(written + Duration::from_hours(1)).unwrap();
        },
    },
    Case {
        about: "disk",
        level: "error",
        said: &["below the reserve", "make room"],
        depth: QUICK,
        damage: |data| set(data, "disk_reserve = \"900TiB\""),
    },
    Case {
        about: "ballast",
        level: "warning",
        said: &["not set aside"],
        depth: QUICK,
        damage: |data| drop(fs::remove_file(data.join("reserve"))),
    },
    Case {
        about: "role",
        level: "error",
        said: &["fenced", "term 7"],
        depth: QUICK,
        damage: |data| fs::write(data.join("fenced"), "{\"term\":7}").unwrap(),
    },
    Case {
        about: "settings",
        level: "error",
        said: &["tongxing.toml", "no_such_setting"],
        depth: QUICK,
        damage: |data| set(data, "no_such_setting = 1"),
    },
    Case {
        about: "repair",
        level: "error",
        said: &["was interrupted", "accept-lost-end"],
        depth: QUICK,
        damage: |data| fs::write(data.join("repair.json"), "{}").unwrap(),
    },
];

#[test]
fn what_is_damaged_is_named_with_what_helps() {
    let world = lived();
    for case in CASES {
        let folder = Folder::new();
        let data = folder.path("data");
        let copied = Command::new("cp").arg("-a").arg(world.data_folder()).arg(&data).status();
        assert!(copied.unwrap().success());
        (case.damage)(&data);
        let run = doctor(&data, case.depth);
        let about = format!("{}: ", case.about);
        let seen = of_level(&run, case.level);
        let is_said = |check: &String| {
            check.starts_with(&about) && case.said.iter().all(|said| check.contains(said))
        };
        assert!(seen.iter().any(is_said), "{} {:?}: {run:#?}", case.about, case.said);
        if case.level == "error" {
            assert_eq!(run.code, 1, "{}: {run:#?}", case.about);
        }
    }
}

#[test]
fn a_whole_province_is_well_and_nothing_is_mended_or_recorded() {
    let world = lived();
    let data = world.data_folder();
    let before = fs::read(segment(&data)).unwrap();
    for depth in [QUICK, FULL] {
        let run = doctor(&data, depth).ended(0);
        assert_eq!(of_level(&run, "error"), [""; 0]);
        for about in ["journal", "index", "blobs", "persons", "images", "checkpoints", "keys"] {
            let well = of_level(&run, "ok");
            assert!(well.iter().any(|check| check.starts_with(about)), "{about}: {run:#?}");
        }
    }
    fs::remove_dir_all(data.join("state")).unwrap();
    doctor(&data, QUICK).ended(2);
    assert!(!data.join("state").exists());
    assert_eq!(fs::read(segment(&data)).unwrap(), before);
    let text = tongxing(["doctor", "--data", &argument(&data)]).ended(2).stdout;
    assert!(text.contains("! warning index"), "{text}");
}

#[test]
fn a_running_gateway_is_asked_and_looks_at_its_socket_too() {
    let world = lived();
    let gateway = world.serve();
    let socket = &gateway.addresses.admin_socket;
    for data in [&world.data_folder(), socket] {
        for depth in [QUICK, FULL] {
            let run = doctor(data, depth).ended(0);
            let well = of_level(&run, "ok");
            for about in ["journal", "checkpoints", "persons", "admin socket", "settings"] {
                assert!(well.iter().any(|check| check.starts_with(about)), "{about}: {run:#?}");
            }
        }
    }
    allow(socket, 0o666);
    remove(&below(&world.data_folder().join("blobs"))[0]);
    let run = doctor(socket, QUICK).ended(1);
    let told = of_level(&run, "error");
    assert!(told.iter().any(|c| c.starts_with("admin socket") && c.contains("0666")), "{told:?}");
    assert!(told.iter().any(|c| c.starts_with("blobs") && c.contains("is missing")), "{told:?}");
}

#[test]
fn where_there_is_no_province_there_is_no_answer() {
    let folder = Folder::new();
    let run = doctor(&folder.path("nothing"), QUICK).ended(2);
    assert!(run.stderr.contains("holds no province"), "{run:#?}");
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn remove(path: &Path) {
    fs::remove_file(path).unwrap();
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 0x20;
    fs::write(path, bytes).unwrap();
}

fn cut(path: &Path, bytes: u64) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_len(file.metadata().unwrap().len() - bytes).unwrap();
}

/// Adds a setting of the record.
fn set(data: &Path, setting: &str) {
    let file = data.join("tongxing.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(file, text.replace("[record]\n", &format!("[record]\n{setting}\n"))).unwrap();
}

fn segment(data: &Path) -> PathBuf {
    let is_segment = |file: &PathBuf| file.extension().is_some_and(|ext| ext == "seg");
    below(&data.join("journal")).into_iter().rfind(is_segment).unwrap()
}

/// All files below a folder, sorted.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}
