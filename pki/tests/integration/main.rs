//! The crate from outside: independent suites, and generated certificates.
//!
//! The suites are read from the folder that `TONGXING_VECTORS` names
//! (`../../shared/vectors` beside the workspace otherwise). Where that folder is
//! missing, or another program that a test needs, the test says so and is passed over;
//! it fails where `TONGXING_TEST_VECTORS`, or `TONGXING_TEST_INTEROP` for programs, is
//! `required`, as in continuous integration.
//!
//! 1. A suite turns each of its cases into a verdict and compares it with the
//!    expected one.
//! 2. A suite has as many cases as it always had: one that is read in half fails.
//! 3. Every difference must stand in `exceptions.txt` with its reason; an
//!    exception whose case agrees, or does not exist, fails the run.

mod exceptions;
mod limbo;
mod limits;
mod malformed;
mod mutations;
mod names;
mod ocsp;
mod ocsp_openssl;
mod ocsp_vectors;
mod openssl;
mod oracle;
mod party;
mod paths;
mod pkits;
mod pss;
mod purposes;
mod revocation;
mod scopes;
mod signed;
mod sm2;
mod sm2_made;
mod sm2_openssl;
mod vectors;
mod wanting;
mod wycheproof;

use std::collections::BTreeMap;

use exceptions::Exceptions;

/// What one suite found: per case, how it differs from what is expected.
#[derive(Default)]
struct Outcomes(BTreeMap<String, Option<String>>);

impl Outcomes {
    fn note(&mut self, case: &str, difference: Option<String>) {
        let again = self.0.insert(case.to_owned(), difference);
        assert!(again.is_none(), "case {case} occurs twice");
    }

    /// Prints the figures and fails for another number of cases, for every
    /// difference that is not excepted and for every exception that is stale.
    fn settle(self, suite: &str, cases: usize) {
        assert_eq!(self.0.len(), cases, "{suite}: cases read");
        let exceptions = Exceptions::of(suite);
        let (mut right, mut excepted, mut faults) = (0, 0, Vec::new());
        for (case, difference) in &self.0 {
            match (difference, exceptions.has(case)) {
                (None, false) => right += 1,
                (Some(_), true) => excepted += 1,
                (Some(difference), false) => faults.push(format!("{case}: {difference}")),
                (None, true) => faults.push(format!("{case}: the exception is stale")),
            }
        }
        for case in exceptions.cases() {
            if !self.0.contains_key(case) {
                faults.push(format!("{case}: excepted, but not in the suite"));
            }
        }
        println!(
            "{suite}: {} cases, {right} right, {excepted} excepted, {} wrong",
            self.0.len(),
            faults.len()
        );
        assert!(faults.is_empty(), "{suite}:\n{}", faults.join("\n"));
    }
}
