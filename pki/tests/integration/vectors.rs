//! Where the vectors are.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tongxing_pki::{Finding, Level, Verification};

use crate::wanting::wanting_by;

/// The folder of a suite; `None` where it is not there and need not be.
pub(crate) fn folder(suite: &str) -> Option<PathBuf> {
    let root = std::env::var_os("TONGXING_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors"),
        PathBuf::from,
    );
    let folder = root.join(suite);
    if folder.is_dir() {
        Some(folder)
    } else {
        wanting_by("TONGXING_TEST_VECTORS", &format!("vectors in {}", folder.display()))
    }
}

pub(crate) fn read(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub(crate) fn json(folder: &Path, name: &str) -> Value {
    serde_json::from_slice(&read(folder, name)).expect("a JSON file")
}

pub(crate) fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

pub(crate) fn strings<'v>(value: &'v Value, key: &str) -> Vec<&'v str> {
    let items = value[key].as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).collect()
}

/// What was found against a certificate, for messages.
pub(crate) fn against(verification: &Verification) -> String {
    let found =
        |finding: &&Finding| matches!(finding.level(), Level::Failed | Level::Indeterminate);
    let findings = verification.report().findings().iter();
    let lines: Vec<_> = findings
        .filter(found)
        .map(|finding| format!("{} {}", finding.code(), finding.observation().unwrap_or("")))
        .collect();
    format!("{} [{}]", verification.verdict(), lines.join("; "))
}
