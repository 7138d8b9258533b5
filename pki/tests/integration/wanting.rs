//! What tests need and may not find.

use std::env;
use std::process::Command;

/// Passes over a test for want of a program, unless all programs are required.
pub(crate) fn wanting<T>(what: &str) -> Option<T> {
    wanting_by("TONGXING_TEST_INTEROP", what)
}

/// Passes over a test for want of something, unless `variable` says that it is required.
pub(crate) fn wanting_by<T>(variable: &str, what: &str) -> Option<T> {
    let required = env::var_os(variable).is_some_and(|value| value == "required");
    assert!(!required, "missing: {what}");
    eprintln!("not run for want of {what}");
    None
}

/// `Some` if there is an openssl.
pub(crate) fn openssl() -> Option<()> {
    let version = Command::new("openssl").arg("version").output();
    version.is_ok().then_some(()).or_else(|| wanting("openssl"))
}
