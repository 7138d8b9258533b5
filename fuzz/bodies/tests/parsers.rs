//! Everything that reads octets has a target, or is on the list of what reads nobody else's.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tongxing_fuzz_bodies::TARGETS;

const README: &str = include_str!("../../README.md");

const ROOMS: [&str; 5] = ["pki", "trust-store", "gm-tls", "gateway", "cli"];

/// What code calls to make something of octets or of texts. White space is left out.
const READS: [&str; 17] = [
    "serde_json::from_",
    "toml::from_str",
    "ber::decode",
    "der::decode",
    "Decoder::new",
    "SliceReader::new",
    "implFromStrfor",
    "NO_PAD.decode",
    "STANDARD.decode",
    "pem_slice_iter",
    "multer::",
    "from_pkcs8",
    "age::Decryptor",
    "tar::Archive",
    "from_utf8",
    ".to_str()",
    "ZlibDecoder",
];

/// A row of a table: a file or folder, and the targets where it has some.
struct Row {
    path: &'static str,
    targets: Vec<&'static str>,
}

#[test]
fn every_reader_has_a_target_or_a_reason() {
    let rows = rows();
    let mut used = BTreeSet::new();
    for file in ROOMS.iter().flat_map(|room| readers(&root().join(room).join("src"))) {
        let own = rows.iter().filter(|row| Path::new(&file).starts_with(row.path));
        let own = own.max_by_key(|row| row.path.len());
        let own = own.unwrap_or_else(|| panic!("{file} reads, and is not in fuzz/README.md"));
        used.insert(own.path);
    }
    for row in &rows {
        assert!(used.contains(row.path), "{} reads nothing, and is in fuzz/README.md", row.path);
    }
}

#[test]
fn every_target_is_named_and_every_name_is_a_target() {
    let targets: BTreeSet<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    for row in rows() {
        for target in row.targets {
            assert!(targets.contains(target), "{target} of {} is no target", row.path);
        }
    }
    for target in targets {
        assert!(README.contains(&format!("`{target}`")), "{target} is not in fuzz/README.md");
    }
}

/// The rows of both tables.
fn rows() -> Vec<Row> {
    let lines = README.lines().filter_map(|line| line.strip_prefix("| `"));
    let row = |line: &'static str| {
        let (path, rest) = line.split_once("` |").unwrap();
        let cells: Vec<&str> = rest.trim_end_matches('|').split('|').map(str::trim).collect();
        let targets = cells.get(1).copied().unwrap_or_default().split_whitespace();
        Row { path, targets: targets.map(|target| target.trim_matches('`')).collect() }
    };
    let rows: Vec<Row> = lines.map(row).collect();
    assert!(rows.iter().any(|row| row.targets.is_empty()), "the second table");
    rows
}

/// The files of a folder that read something, by their paths in the repository.
fn readers(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("tests") {
                found.extend(readers(&path));
            }
        } else if reads(&path) {
            found.push(path.strip_prefix(root()).unwrap().display().to_string());
        }
    }
    found
}

fn reads(path: &Path) -> bool {
    // Tests read the journals of releases, and disks that fail.
    let of = |name: &str| path.components().any(|part| part.as_os_str() == name);
    let of_tests = of("tests.rs") || of("golden") || of("faulty");
    let source = fs::read_to_string(path).unwrap();
    let code = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let code: String = code.split_whitespace().collect();
    !of_tests && READS.iter().any(|call| code.contains(call))
}

/// The repository.
fn root() -> PathBuf {
    fs::canonicalize(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).unwrap()
}
