//! Every target over its corpus, and over a fixed number of mutations of it: the
//! same ones in every run, so that a failure comes again.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod mutate;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use mutate::Mutator;
use tongxing_fuzz_bodies::TARGETS;

/// How many mutations of a target's corpus are tried: a few seconds for all
/// targets together, in a debug build.
const MUTATIONS: usize = 4_000;

/// Targets that shake hands or judge a document for each input, and how many are tried of them.
const COSTLY: [&str; 3] = ["receipt_evidence", "tls_hello", "tls_record"];
const COSTLY_MUTATIONS: usize = 500;

/// An input and where it comes from.
struct Seed {
    name: String,
    bytes: Vec<u8>,
}

#[test]
fn authority_policy() {
    replay("authority_policy", &["policies", "testdata/policies"]);
}

#[test]
fn certificate() {
    replay("certificate", &["fuzz/bodies/fixed"]);
}

#[test]
fn challenge_id() {
    replay("challenge_id", &[]);
}

#[test]
fn config() {
    replay("config", &[]);
}

#[test]
fn crl() {
    replay("crl", &[]);
}

#[test]
fn journal_segment() {
    replay("journal_segment", &[]);
}

#[test]
fn ocsp() {
    replay("ocsp", &[]);
}

#[test]
fn province_policy() {
    replay("province_policy", &["policies"]);
}

#[test]
fn sm2_key() {
    replay("sm2_key", &[]);
}

#[test]
fn sm2_signature() {
    replay("sm2_signature", &[]);
}

#[test]
fn signed_document() {
    replay("signed_document", &[]);
}

#[test]
fn token_request() {
    replay("token_request", &[]);
}

#[test]
fn checkpoint() {
    replay("checkpoint", &[]);
}

#[test]
fn export() {
    replay("export", &[]);
}

#[test]
fn pdf() {
    replay("pdf", &[]);
}

#[test]
fn record_proof() {
    replay("record_proof", &[]);
}

#[test]
fn receipt() {
    replay("receipt", &["testdata/receipts"]);
}

#[test]
fn sm2_handshake() {
    replay("sm2_handshake", &[]);
}

#[test]
fn timestamp_answer() {
    replay("timestamp_answer", &[]);
}

#[test]
fn tls_certificate() {
    replay("tls_certificate", &["fuzz/corpus/certificate"]);
}

#[test]
fn tls_hello() {
    replay("tls_hello", &[]);
}

#[test]
fn tls_record() {
    replay("tls_record", &[]);
}

#[test]
fn authorization() {
    replay("authorization", &[]);
}

#[test]
fn http_answer() {
    replay("http_answer", &[]);
}

#[test]
fn identity() {
    replay("identity", &[]);
}

#[test]
fn ldap_answer() {
    replay("ldap_answer", &[]);
}

#[test]
fn point_url() {
    replay("point_url", &[]);
}

#[test]
fn receipt_evidence() {
    replay("receipt_evidence", &[]);
}

#[test]
fn request_head() {
    replay("request_head", &[]);
}

#[test]
fn request_parts() {
    replay("request_parts", &[]);
}

#[test]
fn standby_message() {
    replay("standby_message", &[]);
}

#[test]
fn text() {
    replay("text", &[]);
}

/// A target without a test, a fuzz binary or a corpus would be forgotten.
#[test]
fn every_target_is_replayed_and_fuzzed() {
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    let this = include_str!("replay.rs");
    for (target, _) in TARGETS {
        assert!(this.contains(&format!("replay(\"{target}\"")), "{target}");
        assert!(manifest.contains(&format!("name = \"{target}\"")), "{target}");
        let main = format!("fuzz/fuzz_targets/{target}.rs");
        let main = fs::read_to_string(root().join(main)).unwrap();
        assert!(main.contains(&format!("tongxing_fuzz_bodies::{target}(")), "{target}");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
}

/// Runs a target over its corpus, over further folders with inputs, and over
/// mutations of all of them.
fn replay(target: &str, further: &[&str]) {
    let (_, body) = TARGETS.iter().find(|(name, _)| *name == target).expect("a target");
    let corpus = format!("fuzz/corpus/{target}");
    let folders = std::iter::once(corpus.as_str()).chain(further.iter().copied());
    let seeds: Vec<Seed> = folders.flat_map(seeds_in).collect();
    assert!(!seeds.is_empty(), "the corpus is missing");
    for seed in &seeds {
        run(*body, &seed.bytes, &seed.name);
    }
    let mut mutator = Mutator::new(target);
    let mutations = if COSTLY.contains(&target) { COSTLY_MUTATIONS } else { MUTATIONS };
    for number in 0..mutations {
        let seed = &seeds[number % seeds.len()];
        let other = &seeds[mutator.below(seeds.len())];
        let bytes = mutator.mutate(&seed.bytes, &other.bytes);
        run(*body, &bytes, &format!("mutation {number} of {}", seed.name));
    }
}

fn run(body: fn(&[u8]), bytes: &[u8], name: &str) {
    if catch_unwind(AssertUnwindSafe(|| body(bytes))).is_err() {
        let kept = std::env::temp_dir().join("tongxing-fuzz-failure");
        fs::write(&kept, bytes).unwrap();
        panic!("{name}: kept as {}", kept.display());
    }
}

/// The files of a folder, in the order of their names.
fn seeds_in(folder: &str) -> Vec<Seed> {
    let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = entries.filter(|path| path.is_file()).collect();
    paths.sort();
    let seed =
        |path: &PathBuf| Seed { name: path.display().to_string(), bytes: fs::read(path).unwrap() };
    paths.iter().map(seed).collect()
}

/// The repository.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
