//! Files that pyHanko signed, at every level of PAdES; Poppler says what it thinks of
//! their cryptography.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tongxing_pki::Verdict;
use tongxing_testdata::{Extension, KeyAlgorithm, Value};

use super::super::bench::{Bench, against};
use super::{bench, judged};
use crate::wanting::wanting;

/// What must be: everything passes but what says that it is bad.
#[test]
fn every_level_of_pades_is_judged_as_it_was_made() {
    let Some(python) = python() else {
        return;
    };
    let bench = bench().expect("pyHanko has openssl beside it");
    // pyHanko's own timestamp authority has RSA keys.
    let purposes = Value::Sequence(vec![Value::ObjectIdentifier("1.3.6.1.5.5.7.3.8".into())]);
    let only = Extension::new("2.5.29.37", purposes).critical();
    bench.leaf_with("stamper", KeyAlgorithm::Rsa2048, |leaf| leaf.with_extension(only));
    let folder = bench.folder().to_owned();
    let script =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/signed/pdf/samples.py");
    let output = Command::new(&python).arg(script).arg(&folder).output().expect("Python runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pdf"))
        .collect();
    files.sort();
    assert!(files.len() > 40, "{}", files.len());
    for file in &files {
        let name = file.file_stem().and_then(|stem| stem.to_str()).expect("a name");
        judges(&bench, file, name);
    }
}

fn judges(bench: &Bench, file: &Path, name: &str) {
    let bytes = std::fs::read(file).expect("a file");
    let verification = judged(&bytes, &bench.request());
    let judgement = verification.judgement();
    let mut why = against(&judgement.report);
    for signature in &judgement.signatures {
        why.extend(against(&signature.report));
    }
    for timestamp in &judgement.timestamps {
        why.extend(against(&timestamp.report));
    }
    let expected = if name.contains("bad") { Verdict::Failed } else { Verdict::Passed };
    assert_eq!(verification.verdict(), expected, "{name}: {why:?}");
    let only_pdf = why.iter().all(|code| code.starts_with("pdf."));
    assert!(only_pdf, "{name}: {why:?}");
    if let Some(valid) = poppler(file) {
        // Poppler looks at the octets that are signed alone, and knows no timestamps.
        assert_eq!(valid, judgement.signatures.len(), "{name}");
    }
}

/// How many signatures `pdfsig` finds valid; `None` without it.
fn poppler(file: &Path) -> Option<usize> {
    let output = Command::new("pdfsig").arg("-nocert").arg(file).output();
    let output = output.ok().or_else(|| wanting("pdfsig"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    Some(text.matches("Signature Validation: Signature is Valid.").count())
}

/// A Python with pyHanko.
fn python() -> Option<String> {
    let given = env::var("TONGXING_TEST_PYHANKO").ok();
    let capable = |python: &String| {
        let mut command = Command::new(python);
        let asked = command.args(["-c", "import pyhanko.sign"]);
        asked.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    let candidates = given.into_iter().chain(["python3".to_owned()]);
    candidates.into_iter().find(capable).or_else(|| wanting("Python with pyHanko"))
}
