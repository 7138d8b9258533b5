//! Every way to verify comes to what the library's own verification says.

use sm2::dsa::signature::Signer as _;
use sm2::dsa::signature::hazmat::PrehashVerifier as _;
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::Group as _;
use sm2::elliptic_curve::ops::Reduce as _;
use sm2::elliptic_curve::point::DecompressPoint as _;
use sm2::elliptic_curve::subtle::Choice;
use sm2::{AffinePoint, ProjectivePoint};

use super::rustcrypto::RustCrypto;
use super::*;
use crate::keys::hash::Hash;

/// Numbers that look like chance, always the same.
fn number(seed: &str) -> [u8; 32] {
    let digest = Hash::Sm3.digest(seed.as_bytes());
    (&*digest).try_into().expect("SM3 has 32 octets")
}

fn signer(seed: usize) -> SigningKey {
    SigningKey::from_slice("", &number(&format!("key {seed}"))).expect("a scalar")
}

fn point(key: &VerifyingKey) -> Point {
    let octets: PointOctets = (&*key.to_sec1_bytes()).try_into().expect("not compressed");
    Point::read(&octets).expect("on the curve")
}

fn numbers(signature: &Signature) -> Scalars {
    let octets = signature.to_bytes();
    let half = |place: usize| octets[place..][..32].try_into().expect("32 octets");
    Scalars { r: half(0), s: half(32) }
}

/// e of `message`, as the signer has it: its user id is empty.
fn digest(key: &VerifyingKey, message: &[u8]) -> Digest {
    let octets = key.to_sec1_bytes();
    let id = super::super::Sm2UserId::new(b"").expect("short");
    let octets: PointOctets = (&*octets).try_into().expect("not compressed");
    let mut hasher = Hash::Sm3.hasher();
    hasher.update(&super::super::z(&id, &octets).finish());
    hasher.update(message);
    hasher.finish()
}

/// What each way says of one signature.
fn verdicts(point: &Point, e: &Digest, scalars: &Scalars) -> Vec<bool> {
    let table = Table::of(&point.key);
    let equation = Equation::of(e, scalars);
    let by_table = equation.is_some_and(|it| it.holds(table.sum(&it.s, &it.t)));
    let mut all = vec![by_table, RustCrypto::verify(&point.key, e, scalars)];
    all.push(Chosen::verify(&point.key, e, scalars));
    // Before there is a table, and after.
    let fresh = Point { key: point.key, uses: AtomicU32::new(0), table: OnceLock::new() };
    all.extend((0..UNTIL_TABLE + 2).map(|_| fresh.verify(e, scalars)));
    assert!(fresh.table.get().is_some());
    all
}

#[test]
fn every_way_agrees_with_the_library() {
    for seed in 0..8 {
        let signer = signer(seed);
        let key = signer.verifying_key();
        let (point, other) = (point(key), self::signer(seed + 100));
        let message = number(&format!("message {seed}"));
        let e = digest(key, &message);
        let good = signer.sign(&message);
        let foreign = other.sign(&message);
        let wrong = digest(key, b"another message");
        for (e, signature, expected) in
            [(&e, &good, true), (&wrong, &good, false), (&e, &foreign, false)]
        {
            assert_eq!(key.verify_prehash(e, signature).is_ok(), expected, "key {seed}");
            for verdict in verdicts(&point, e, &numbers(signature)) {
                assert_eq!(verdict, expected, "key {seed}");
            }
        }
    }
}

#[test]
fn numbers_that_are_no_signature_are_refused_here_too() {
    let key = signer(0);
    let point = point(key.verifying_key());
    let e = digest(key.verifying_key(), b"");
    let one = [&[0; 31][..], &[1]].concat().try_into().expect("32 octets");
    let below_order: [u8; 32] = (-Scalar::from(1u64)).to_repr().into();
    for (r, s) in [([0; 32], one), (one, [0; 32]), ([0xFF; 32], one), (below_order, one)] {
        assert!(verdicts(&point, &e, &Scalars { r, s }).iter().all(|verdict| !verdict));
    }
}

/// Numbers whose 64-bit parts are all zeros, all ones, or alone.
fn edges() -> Vec<Scalar> {
    let one = Scalar::from(1u64);
    let part = (0..64).fold(one, |number, _| number + number);
    let (second, third) = (part, part * part);
    let fourth = third * part;
    let ones = part - one;
    let all = [one, ones, second, ones * second, third, ones * third, fourth, second - one];
    let mut edges = all.to_vec();
    edges.extend(all.map(|number| -number));
    edges.extend([fourth - one, third - second, (one + one) * fourth, third + one]);
    edges.extend((0..4).map(|seed| Scalar::reduce(&FieldBytes::from(number(&format!("{seed}"))))));
    edges
}

#[test]
fn sums_of_parts_are_the_products() {
    let key = PublicKey::from(signer(1).verifying_key());
    let (table, point) = (Table::of(&key), ProjectivePoint::from(&key));
    let edges = edges();
    let products: Vec<_> =
        edges.iter().map(|k| (k, ProjectivePoint::GENERATOR * k, point * k)).collect();
    for (s, of_generator, _) in &products {
        for (t, _, of_point) in &products {
            let expected = *of_generator + of_point;
            assert_eq!(table.sum(s, t), expected);
            assert_eq!(Table::sum_without(&point, s, t), expected);
        }
    }
}

#[test]
fn an_x_coordinate_above_the_order_counts_modulo_it() {
    // n + k, a field element, for a small k.
    let found = (0..100u64).find_map(|k| {
        let mut x: [u8; 32] = (-Scalar::from(1u64)).to_repr().into();
        let last: [u8; 8] = x[24..].try_into().expect("8 octets");
        x[24..].copy_from_slice(&(u64::from_be_bytes(last) + 1 + k).to_be_bytes());
        let point = AffinePoint::decompress(&FieldBytes::from(x), Choice::from(0));
        Option::<AffinePoint>::from(point).map(|point| (Scalar::from(k), point))
    });
    let (x, point) = found.expect("every other number is some point's");
    let equation = |x| Equation { x, s: Scalar::from(1u64), t: Scalar::from(1u64) };
    let point = ProjectivePoint::from(point);
    assert!(equation(x).holds(point));
    assert!(equation(x).holds(-point));
    assert!(!equation(x + Scalar::from(1u64)).holds(point));
    assert!(!equation(x).holds(point.double()));
    assert!(!equation(Scalar::from(0u64)).holds(ProjectivePoint::IDENTITY));
}
