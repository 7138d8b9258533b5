//! SM2 with SM3 beside ring's P-256 and SHA-256, in one run.
//!
//!     cargo bench -p tongxing-pki --bench sm2 [--features fast-sm]
//!
//! 1. One verification of a signature over 32 octets: by a key that never verified before,
//!    as a leaf's, and by one that goes on verifying, as an enrolled CA's. The keys were
//!    read before, with their certificates; whatever a library does with a key anew for
//!    every signature counts, ring's reading of the point among it.
//! 2. The same with the reading of the certificate.
//! 3. Hashing a MiB in pieces of 8 KiB.
//! 4. What a sign-in by challenge costs in judgement: the leaf is read, a path of two to
//!    an enrolled root is validated, and the signature over the challenge is verified.
//!    The issuing certificate is enrolled too, and so was verified before. The gateway's
//!    bench `sign_in` has all the rest of it.
//!
//! What is compared takes turns, a short batch each, and the best of the rounds counts:
//! other load on the machine slows rounds down and never speeds them up.

#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use tongxing_pki::{
    Anchors, Certificate, CertificatePool, Hash, PathOptions, Purpose, SignatureScheme, Timestamp,
    validate_path, verify_raw_signature,
};
use tongxing_testdata::{Hierarchy, Issued, KeyAlgorithm, Validity};

const NOW: i64 = 1_795_000_000;

const KINDS: [(KeyAlgorithm, SignatureScheme); 2] = [
    (KeyAlgorithm::EcdsaP256, SignatureScheme::EcdsaP256Sha256),
    (KeyAlgorithm::Sm2, SignatureScheme::Sm2Sm3),
];

const MESSAGE: [u8; 32] = [7; 32];

/// About as long as a challenge's text.
const CHALLENGE: &[u8] = &[b'c'; 180];

/// How many calls are timed together.
const BATCH: u32 = 64;
/// How long a side's turn lasts at least.
const TURN: Duration = Duration::from_millis(20);
const ROUNDS: usize = 40;

fn main() {
    let parties = KINDS.map(|(algorithm, scheme)| Party::new(algorithm, scheme));
    println!("{:<44} {:>10} {:>10} {:>7}", "", "ring", "SM2, SM3", "ratio");
    report("verify: a new key", parties.each_ref().map(Party::by_a_new_key));
    report("verify: a kept key", parties.each_ref().map(Party::by_a_kept_key));
    report("read the certificate, verify", parties.each_ref().map(Party::with_its_certificate));
    report("judge a sign-in by challenge", parties.each_ref().map(Party::signing_in));
    report("hash a MiB", [Hash::Sha256, Hash::Sm3].map(hashing));
}

/// One thing that is timed: how long a batch of it takes.
type Side<'s> = Box<dyn FnMut(u32) -> Duration + 's>;

/// Prints the best turns of both sides.
fn report(name: &str, mut sides: [Side<'_>; 2]) {
    let mut seconds = [f64::INFINITY; 2];
    for _ in 0..ROUNDS {
        for (side, best) in sides.iter_mut().zip(&mut seconds) {
            *best = best.min(turn(side));
        }
    }
    let [ring, other] = seconds;
    let (shown, other_shown) = (ring * 1e6, other * 1e6);
    println!("{name:<44} {shown:>7.1} µs {other_shown:>7.1} µs {:>7.2}", other / ring);
}

/// Seconds for one call, in one turn.
fn turn(side: &mut Side<'_>) -> f64 {
    let (mut taken, mut calls) = (Duration::ZERO, 0);
    while taken < TURN {
        taken += side(BATCH);
        calls += BATCH;
    }
    taken.as_secs_f64() / f64::from(calls)
}

/// The calls alone, without what is made for them.
fn timed<T>(inputs: Vec<T>, mut work: impl FnMut(&T)) -> Duration {
    let start = Instant::now();
    inputs.iter().for_each(&mut work);
    let taken = start.elapsed();
    drop(inputs);
    taken
}

/// Whoever signs, with the authority's certificates.
struct Party {
    issued: Issued,
    scheme: SignatureScheme,
    signature: Vec<u8>,
    challenge_signature: Vec<u8>,
    anchors: Anchors,
    pool: CertificatePool,
}

impl Party {
    fn new(algorithm: KeyAlgorithm, scheme: SignatureScheme) -> Self {
        let mut parties = Hierarchy::new(algorithm, Validity::year_from(NOW - 86_400));
        let parse = |der: Vec<u8>| Certificate::parse(&der).expect("a certificate");
        let root = parse(parties.certify("root", "root").expect("a root"));
        let issuing = parse(parties.certify("root", "issuing").expect("a CA"));
        let issued = parties.leaf("issuing", "leaf").expect("a leaf");
        Self {
            scheme,
            signature: issued.key.sign(&MESSAGE).expect("signs"),
            challenge_signature: issued.key.sign(CHALLENGE).expect("signs"),
            issued,
            anchors: [root].into_iter().collect(),
            pool: [issuing].into_iter().collect(),
        }
    }

    fn read(&self) -> Certificate {
        Certificate::parse(&self.issued.certificate_der).expect("a certificate")
    }

    fn verify(&self, leaf: &Certificate) {
        let key = black_box(leaf.public_key());
        verify_raw_signature(key, self.scheme, &MESSAGE, &self.signature).expect("verifies");
    }

    fn by_a_new_key(&self) -> Side<'_> {
        Box::new(|calls| timed((0..calls).map(|_| self.read()).collect(), |leaf| self.verify(leaf)))
    }

    fn by_a_kept_key(&self) -> Side<'_> {
        let kept = self.read();
        Box::new(move |calls| timed((0..calls).collect(), |_| self.verify(&kept)))
    }

    fn with_its_certificate(&self) -> Side<'_> {
        Box::new(|calls| timed((0..calls).collect(), |_| self.verify(&self.read())))
    }

    fn signing_in(&self) -> Side<'_> {
        Box::new(|calls| timed((0..calls).collect(), |_| self.sign_in()))
    }

    fn sign_in(&self) {
        let leaf = self.read();
        let options = PathOptions::new(Timestamp::from_unix(NOW)).for_purpose(Purpose::ClientAuth);
        let outcome = validate_path(&leaf, &self.anchors, &[&self.pool], &options);
        assert!(black_box(outcome).path.is_some());
        let (key, signature) = (leaf.public_key(), &self.challenge_signature);
        verify_raw_signature(key, self.scheme, CHALLENGE, signature).expect("verifies");
    }
}

fn hashing(hash: Hash) -> Side<'static> {
    let octets = vec![0x5A; 1 << 20];
    Box::new(move |calls| {
        // A MiB takes milliseconds: a few are enough.
        let calls = calls / 32;
        let taken = timed((0..calls).collect(), |_| {
            let mut hasher = hash.hasher();
            black_box(&octets).chunks(8 << 10).for_each(|piece| hasher.update(piece));
            black_box(hasher.finish());
        });
        32 * taken
    })
}
