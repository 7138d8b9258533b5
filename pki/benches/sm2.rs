//! SM2 with SM3 beside ring's P-256 and SHA-256, in one run.
//!
//!     cargo bench -p tongxing-pki --bench sm2 [--features fast-sm]
//!
//! 1. One verification of a signature over 32 octets, keys read before: by a key that never
//!    verified before, as a leaf's, and by one that goes on verifying, as an enrolled CA's.
//! 2. Hashing a MiB in pieces of 8 KiB.
//! 3. What a sign-in by challenge costs in judgement: the leaf is read, a path of two to
//!    an enrolled root is validated, and the signature over the challenge is verified.
//!    The issuing certificate is enrolled too, and so was verified before.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use tongxing_pki::{
    Anchors, Certificate, CertificatePool, Hash, PathOptions, Purpose, SignatureScheme, Timestamp,
    validate_path, verify_raw_signature,
};
use tongxing_testdata::{Hierarchy, Issued, KeyAlgorithm, Validity};

const NOW: i64 = 1_795_000_000;

const KINDS: [(&str, KeyAlgorithm, SignatureScheme); 2] = [
    ("P-256", KeyAlgorithm::EcdsaP256, SignatureScheme::EcdsaP256Sha256),
    ("SM2", KeyAlgorithm::Sm2, SignatureScheme::Sm2Sm3),
];

/// About as long as a challenge's text.
const CHALLENGE: &[u8] = &[b'c'; 180];

struct Party {
    issued: Issued,
    anchors: Anchors,
    pool: CertificatePool,
}

impl Party {
    fn new(algorithm: KeyAlgorithm) -> Self {
        let mut parties = Hierarchy::new(algorithm, Validity::year_from(NOW - 86_400));
        let parse = |der: Vec<u8>| Certificate::parse(&der).expect("a certificate");
        let root = parse(parties.certify("root", "root").expect("a root"));
        let issuing = parse(parties.certify("root", "issuing").expect("a CA"));
        let issued = parties.leaf("issuing", "leaf").expect("a leaf");
        Self {
            issued,
            anchors: [root].into_iter().collect(),
            pool: [issuing].into_iter().collect(),
        }
    }

    fn sign_in(&self, scheme: SignatureScheme, signature: &[u8]) {
        let leaf = Certificate::parse(&self.issued.certificate_der).expect("a certificate");
        let options = PathOptions::new(Timestamp::from_unix(NOW)).for_purpose(Purpose::ClientAuth);
        let outcome = validate_path(&leaf, &self.anchors, &[&self.pool], &options);
        assert!(black_box(outcome).path.is_some());
        verify_raw_signature(leaf.public_key(), scheme, CHALLENGE, signature).expect("verifies");
    }
}

fn verify(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("verify");
    for (name, algorithm, scheme) in KINDS {
        let party = Party::new(algorithm);
        let read = || Certificate::parse(&party.issued.certificate_der).expect("a certificate");
        let message = [7; 32];
        let signature = party.issued.key.sign(&message).expect("signs");
        let verify = |leaf: &Certificate| {
            let key = black_box(leaf.public_key());
            verify_raw_signature(key, scheme, &message, &signature).expect("verifies");
        };
        group.bench_function(format!("{name}, a new key"), |bench| {
            bench.iter_batched_ref(read, |leaf| verify(leaf), BatchSize::SmallInput);
        });
        let kept = read();
        group.bench_function(format!("{name}, a kept key"), |bench| bench.iter(|| verify(&kept)));
    }
    group.finish();
}

fn hash(criterion: &mut Criterion) {
    let octets = vec![0x5A; 1 << 20];
    let mut group = criterion.benchmark_group("hash a MiB");
    group.throughput(Throughput::Bytes(1 << 20));
    for hash in [Hash::Sha256, Hash::Sm3] {
        group.bench_function(hash.to_string(), |bench| {
            bench.iter(|| {
                let mut hasher = hash.hasher();
                black_box(&octets).chunks(8 << 10).for_each(|piece| hasher.update(piece));
                hasher.finish()
            });
        });
    }
    group.finish();
}

fn sign_in(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sign-in by challenge");
    for (name, algorithm, scheme) in KINDS {
        let party = Party::new(algorithm);
        let signature = party.issued.key.sign(CHALLENGE).expect("signs");
        group.bench_function(name, |bench| {
            bench.iter_batched(
                || (),
                |()| party.sign_in(scheme, &signature),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, verify, hash, sign_in);
criterion_main!(benches);
