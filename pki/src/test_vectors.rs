//! Where tests find the independent test vectors.

use std::path::{Path, PathBuf};

/// The folder named by `TONGXING_VECTORS`, or `../../shared/vectors` from the
/// crate; `None`, with a line that says so, when there is none and none is required
/// (`TONGXING_TEST_VECTORS`).
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("TONGXING_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    let required =
        std::env::var_os("TONGXING_TEST_VECTORS").is_some_and(|value| value == "required");
    assert!(!required, "missing: test vectors at {}", folder.display());
    println!("not run for want of test vectors at {}", folder.display());
    None
}

/// The files of a folder, with their octets, in the order of their names.
pub(crate) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("a readable folder")
        .map(|entry| {
            let path = entry.expect("a readable entry").path();
            let octets = std::fs::read(&path).expect("a readable file");
            (path.display().to_string(), octets)
        })
        .collect();
    files.sort();
    files
}
