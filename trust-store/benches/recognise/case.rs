//! What is judged.

use std::hint::black_box;
use std::sync::Arc;

use tongxing_pki::{Certificate, Timestamp};
use tongxing_testdata::{Company, Person, Profile, TestAuthority, Validity};
use tongxing_trust_store::{Purpose, Recognised, Recognition, Snapshot, SuppliedEvidence};

use crate::world::{NOW, World};

/// One chain, the snapshot that judges it and the path that it has.
pub(crate) struct Case {
    snapshot: Arc<Snapshot>,
    /// As it is sent: the leaf first, the root left out.
    pub(crate) chain: Vec<Vec<u8>>,
    /// Lists that the province does not have: those of keys that are not enrolled.
    supplied: SuppliedEvidence,
    recognised: Box<Recognised>,
}

impl Case {
    pub(crate) fn new(world: &World, profile: Profile, authority: &TestAuthority) -> Self {
        let year = Validity::year_from(NOW - 3_600);
        let leaf = profile.leaf(&Company::numbered(0), &Person::numbered(0), year);
        let issued = authority.issue(&leaf).expect("a leaf");
        let chain = [vec![issued.certificate_der], issued.chain_der].concat();
        let snapshot = world.province.snapshot();
        let supplied = world.supplied(authority);
        match recognise(&snapshot, &parse_all(&chain), &supplied) {
            Recognition::Recognised(recognised) => Self { snapshot, chain, supplied, recognised },
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn recognise(&self, chain: &[Certificate]) {
        let recognition = recognise(&self.snapshot, chain, &self.supplied);
        assert!(matches!(recognition, Recognition::Recognised(_)), "{recognition:?}");
        drop(black_box(recognition));
    }

    /// The signatures that the path needs, and nothing else.
    pub(crate) fn verify_signatures(&self, chain: &[Certificate]) {
        let path = self.recognised.path();
        for place in 0..path.certificates().len() {
            let signed = if place == 0 { &chain[0] } else { &path.certificates()[place] };
            let outcome = signed.verify_signature(path.issuer_of(place).public_key());
            black_box(outcome).expect("a signature that is in order");
        }
    }
}

pub(crate) fn parse_all(chain: &[Vec<u8>]) -> Vec<Certificate> {
    chain.iter().map(|der| Certificate::parse(der).expect("a certificate")).collect()
}

fn recognise(
    snapshot: &Snapshot,
    chain: &[Certificate],
    supplied: &SuppliedEvidence,
) -> Recognition {
    snapshot.recognise_with(chain, Purpose::SignIn, Timestamp::from_unix(NOW), supplied)
}
