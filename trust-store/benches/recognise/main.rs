//! Recognition with a warm snapshot: beside the signatures that it verifies, beside
//! OpenSSL's `X509_verify_cert`, and with more and more authorities enrolled.
//!
//!     cargo bench -p tongxing-trust-store --bench recognise
//!
//! 1. For each encoding of testdata: whatever else a judgement does (finding the path,
//!    the checks of RFC 5280, the policy, revocation, reading the identity, the report)
//!    must stay small beside the signatures of its path: less than 0.3 of their cost.
//! 2. A chain of three (leaf, intermediate, root) with a list of each authority, from
//!    its encoding to the verdict, beside OpenSSL on the same chain with the same lists:
//!    at least as many a second.
//! 3. The same with 1 to 1,000 authorities enrolled, which must cost nothing: within a
//!    tenth.
//!
//! One thread does everything. What is compared takes turns, a short batch each, and the
//! best of the rounds counts: other load on the machine slows rounds down and never
//! speeds them up. Certificates are parsed afresh each time: one that was verified once
//! remembers it.

mod case;
mod peer;
mod rounds;
mod world;

use case::Case;
use peer::{Peer, Policies};
use rounds::{Side, best, micros};
use tongxing_testdata::Profile;
use world::World;

const CROWDS: [usize; 4] = [1, 10, 100, 1_000];

fn main() {
    beside_signatures();
    for profile in [Profile::A, Profile::B] {
        beside_openssl(profile);
    }
    in_a_crowd();
}

/// Part 1.
fn beside_signatures() {
    println!("one certificate, parsed: recognised, beside the signatures of its path");
    let world = World::new();
    for profile in Profile::ALL {
        let authority = world.enrol(profile, profile.id(), &profile.authority(world::validity()));
        let case = Case::new(&world, profile, &authority);
        let [signatures, recognise] = best([
            Side::parsed(&case.chain[..1], |chain| case.verify_signatures(chain)),
            Side::parsed(&case.chain[..1], |chain| case.recognise(chain)),
        ]);
        println!(
            "  {profile:?}: {} beside {}, ratio {:.2}",
            micros(recognise),
            micros(signatures),
            recognise / signatures
        );
    }
}

/// Part 2.
fn beside_openssl(profile: Profile) {
    let spec = world::two_levels(profile, profile.id());
    let [enrolled, sent] =
        [world::Intermediates::Enrolled, world::Intermediates::Sent].map(|known| {
            let world = World::new();
            let authority = world.enrol_with(profile, profile.id(), &spec, known);
            (Case::new(&world, profile, &authority), authority, world)
        });
    let (case, authority, world) = enrolled;
    let (other, ..) = sent;
    let plain = Peer::new(&authority, Policies::Ignored);
    let policies = Peer::new(&authority, Policies::Checked);
    Peer::refuses_without_lists(&authority, &case.chain);
    let [enrolled, sent, remembered, plain, with_policies] = best([
        Side::encoded(&case.chain, |chain| case.recognise(&case::parse_all(chain))),
        Side::encoded(&other.chain, |chain| other.recognise(&case::parse_all(chain))),
        Side::encoded(&case.chain, |chain| world.recognise(&case::parse_all(chain))),
        Side::encoded(&case.chain, |chain| plain.verify(chain)),
        Side::encoded(&case.chain, |chain| policies.verify(chain)),
    ]);
    println!(
        "a chain of three, {:?}, from its encoding, a second and a core:",
        world::algorithm(profile)
    );
    for (name, seconds) in [
        ("OpenSSL with lists", plain),
        ("OpenSSL with lists and policies", with_policies),
        ("recognised, intermediate enrolled", enrolled),
        ("recognised, intermediate only sent", sent),
        ("recognised, remembered", remembered),
    ] {
        println!("  {name:<36} {:>8.0}, ratio {:.2}", 1.0 / seconds, plain / seconds);
    }
}

/// Part 3.
fn in_a_crowd() {
    let world = World::new();
    let known = world.enrol_numbered(0);
    let mut enrolled = 1;
    let cases = CROWDS.map(|size| {
        for number in enrolled..size {
            world.enrol_numbered(number);
        }
        enrolled = size;
        Case::new(&world, Profile::B, &known)
    });
    let sides = cases
        .each_ref()
        .map(|case| Side::encoded(&case.chain, |chain| case.recognise(&case::parse_all(chain))));
    let seconds = best(sides);
    println!("recognised with many authorities enrolled:");
    for (size, one) in CROWDS.into_iter().zip(seconds) {
        println!("  {size:>5}: {}, ratio {:.3}", micros(one), one / seconds[0]);
    }
}
