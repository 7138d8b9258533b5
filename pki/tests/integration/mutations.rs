//! No byte of a valid chain can be changed unnoticed.

use proptest::prelude::*;
use proptest::test_runner::Config;
use tongxing_pki::{Verdict, VerificationRequest, verify_certificate};

use crate::party::{certify, hierarchy, issued, options};

/// A leaf and its intermediate are signed as a whole: their body directly, the
/// algorithm because it is repeated inside, the signature because it must
/// verify. The anchor's own signature is nobody's concern and is left alone.
#[test]
fn a_changed_byte_never_passes() {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root").der().to_vec();
    let lower = certify(&mut parties, "root", "lower").der().to_vec();
    let leaf = issued(&mut parties, "lower").certificate_der;
    let verdict = |leaf: &[u8], lower: &[u8]| {
        let mut request = VerificationRequest::new(leaf, options());
        request.anchors = vec![root.clone()];
        request.intermediates = vec![lower.to_vec()];
        verify_certificate(&request).verdict()
    };
    assert_eq!(verdict(&leaf, &lower), Verdict::Passed);
    let changed = |der: &[u8], place: usize, bits: u8| {
        let mut der = der.to_vec();
        let place = place % der.len();
        der[place] ^= bits;
        der
    };
    proptest!(Config::with_cases(2_000), |(place in any::<usize>(), bits in 1..=u8::MAX)| {
        prop_assert_ne!(verdict(&changed(&leaf, place, bits), &lower), Verdict::Passed);
        prop_assert_ne!(verdict(&leaf, &changed(&lower, place, bits)), Verdict::Passed);
    });
}
