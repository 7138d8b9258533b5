//! PDF files: written here and signed by OpenSSL, attacked as the papers say; and
//! signed by pyHanko, with Poppler's word on them.

mod attacks;
mod covert;
mod pyhanko;
pub(super) mod signatures;
mod structure;
mod updates;
pub(super) mod writer;

use tongxing_pki::{DocumentVerification, DocumentVerificationRequest};
use tongxing_testdata::KeyAlgorithm;

use super::bench::{Bench, against, verify};

/// A bench with two signers and a timestamp authority.
fn bench() -> Option<Bench> {
    let bench = Bench::new(KeyAlgorithm::EcdsaP256)?;
    bench.leaf("one", KeyAlgorithm::EcdsaP256);
    bench.leaf("two", KeyAlgorithm::EcdsaP256);
    bench.timestamper(|leaf| leaf);
    Some(bench)
}

/// Verifies a file, which is its own content.
fn judged(file: &[u8], request: &DocumentVerificationRequest) -> DocumentVerification {
    verify(file, Some(file), request)
}

/// Everything that speaks against the file and its first signature, each code once.
fn codes(verification: &DocumentVerification) -> Vec<String> {
    let judgement = verification.judgement();
    let mut codes = against(&judgement.report);
    codes.extend(
        judgement.signatures.first().map(|first| against(&first.report)).unwrap_or_default(),
    );
    codes.sort();
    codes.dedup();
    codes
}
