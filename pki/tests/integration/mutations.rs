//! No bit of a valid chain, or of a list that clears it, can be changed
//! unnoticed.

use tongxing_pki::{Verdict, VerificationRequest, verify_certificate};
use tongxing_testdata::CrlSpec;

use crate::party::{DAY, HOUR, NOW, certify, hierarchy, issued, options};

/// A valid chain with the lists that clear it.
struct Scene {
    root: Vec<u8>,
    lower: Vec<u8>,
    leaf: Vec<u8>,
    /// Of the root and of the intermediate.
    lists: [Vec<u8>; 2],
}

impl Scene {
    fn new() -> Self {
        let mut parties = hierarchy();
        let spec = CrlSpec::empty(1, NOW - HOUR, NOW + DAY);
        let lists = ["root", "lower"].map(|issuer| parties.crl(issuer, &spec).expect("a list"));
        Self {
            root: certify(&mut parties, "root", "root").der().to_vec(),
            lower: certify(&mut parties, "root", "lower").der().to_vec(),
            leaf: issued(&mut parties, "lower").certificate_der,
            lists,
        }
    }

    fn verdict(&self) -> Verdict {
        let mut request = VerificationRequest::new(&self.leaf, options());
        request.anchors = vec![self.root.clone()];
        request.intermediates = vec![self.lower.clone()];
        request.lists = self.lists.to_vec();
        verify_certificate(&request).verdict()
    }

    /// What is signed: all of each structure, as its body is signed directly,
    /// its algorithm repeated inside, and its signature must verify. The
    /// anchor is not: nothing above vouches for it, and its own signature is
    /// nobody's concern.
    fn signed(&mut self) -> [&mut Vec<u8>; 4] {
        let [upper, lower] = &mut self.lists;
        [&mut self.lower, &mut self.leaf, upper, lower]
    }
}

#[test]
fn a_changed_bit_never_passes() {
    let mut scene = Scene::new();
    assert_eq!(scene.verdict(), Verdict::Passed);
    for which in 0..scene.signed().len() {
        for place in 0..scene.signed()[which].len() {
            for bits in (0..8).map(|bit| 1 << bit).chain([0xFF]) {
                scene.signed()[which][place] ^= bits;
                let verdict = scene.verdict();
                assert_ne!(verdict, Verdict::Passed, "{which}: octet {place} ^ {bits:#04x}");
                scene.signed()[which][place] ^= bits;
            }
        }
    }
    assert_eq!(scene.verdict(), Verdict::Passed);
}
