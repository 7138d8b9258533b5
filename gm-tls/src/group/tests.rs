use proptest::prelude::*;

use super::*;
use crate::test_support::hex;

/// The curve's base point (GB/T 32918.5).
const BASE_POINT: &str = "04
    32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
    BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0";

/// The base point of P-256 (FIPS 186-4 D.1.2.3): of another curve.
const P256_BASE_POINT: &str = "04
    6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296
    4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5";

/// The field's prime (GB/T 32918.5).
const PRIME: &str = "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF";

fn complete(peer: &[u8]) -> Result<Vec<u8>, Error> {
    let exchange = CurveSm2.start().unwrap();
    exchange.complete(peer).map(|secret| secret.secret_bytes().to_vec())
}

fn refused(peer: &[u8]) -> bool {
    complete(peer) == Err(Error::PeerMisbehaved(PeerMisbehaved::InvalidKeyShare))
}

#[test]
fn both_sides_come_to_one_secret() {
    let ours = CurveSm2.start().unwrap();
    assert_eq!(ours.group(), CURVE_SM2);
    assert_eq!((ours.pub_key().len(), ours.pub_key()[0]), (65, 4));
    let theirs = CurveSm2.start_and_complete(ours.pub_key()).unwrap();
    assert_eq!(theirs.group, CURVE_SM2);
    let secret = ours.complete(&theirs.pub_key).unwrap();
    assert_eq!(secret.secret_bytes(), theirs.secret.secret_bytes());
    // RFC 8446 section 7.4.2: the x coordinate in full, leading zeros with it.
    assert_eq!(secret.secret_bytes().len(), 32);
}

#[test]
fn every_exchange_has_a_key_of_its_own() {
    let (one, other) = (CurveSm2.start().unwrap(), CurveSm2.start().unwrap());
    assert_ne!(one.pub_key(), other.pub_key());
}

#[test]
fn the_secret_is_the_x_coordinate_of_the_product() {
    // With the base point for a peer, the product is our own share.
    let ours = CurveSm2.start().unwrap();
    let expected = ours.pub_key()[1..33].to_vec();
    assert_eq!(ours.complete(&hex(BASE_POINT)).unwrap().secret_bytes(), expected);
}

#[test]
fn shares_that_are_no_points_are_refused() {
    let good = hex(BASE_POINT);
    assert!(complete(&good).is_ok());
    for length in (0..65).chain([66, 130]) {
        let mut share = good.clone();
        share.resize(length, 0);
        assert!(refused(&share), "{length} octets");
    }
    // The compressed form of a point that is on the curve, and the hybrid one.
    let parity = 2 + (good[64] & 1);
    assert!(refused(&[&[parity], &good[1..33]].concat()));
    for tag in (0..=u8::MAX).filter(|tag| *tag != 4) {
        assert!(refused(&[&[tag], &good[1..]].concat()), "tag {tag}");
    }
}

#[test]
fn points_elsewhere_are_refused() {
    let good = hex(BASE_POINT);
    // At infinity, in both ways that one might write it.
    assert!(refused(&[0]));
    assert!(refused(&[&[4][..], &[0; 64]].concat()));
    assert!(refused(&hex(P256_BASE_POINT)));
    for at in 1..65 {
        let mut share = good.clone();
        share[at] ^= 1;
        assert!(refused(&share), "octet {at} changed");
    }
}

#[test]
fn coordinates_beyond_the_prime_are_refused() {
    let (good, prime) = (hex(BASE_POINT), hex(PRIME));
    assert!(refused(&[&[4], &prime[..], &good[33..]].concat()));
    assert!(refused(&[&good[..33], &prime[..]].concat()));
    assert!(refused(&[&[4][..], &[0xff; 64]].concat()));
}

#[test]
fn no_tls_1_2() {
    assert!(CurveSm2.usable_for_version(ProtocolVersion::TLSv1_3));
    assert!(!CurveSm2.usable_for_version(ProtocolVersion::TLSv1_2));
}

proptest! {
    #[test]
    fn random_shares_are_refused(share in prop::collection::vec(any::<u8>(), 0..140)) {
        prop_assert!(refused(&share));
    }

    #[test]
    fn random_coordinates_are_refused(coordinates in prop::array::uniform32(any::<u8>())) {
        let share = [&[4][..], &coordinates, &coordinates].concat();
        prop_assert!(refused(&share));
    }
}
