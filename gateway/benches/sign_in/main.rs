//! Signing in by challenge with an SM2 key, beside the same with P-256, in one run.
//!
//!     cargo bench -p tongxing-gateway --bench sign_in [--features fast-sm]
//!
//! 1. Two authorities that differ in nothing but their keys, each a root and one that
//!    issues below it: both are enrolled, and the client sends the chain of two. Everything
//!    goes over TLS and HTTP on loopback, into a record on a disk.
//! 2. *First*: a company that was never seen, with a certificate that was never seen. It
//!    is judged whole, registered and bound.
//! 3. *Again*: one company comes back with its certificate, whose judgement is remembered.
//!
//! What counts is the request that brings the signature, from its arrival to the token:
//! the processor's time of all threads but the client's. The kinds of key take turns, a
//! short batch each, and the best turn counts: other load slows turns down and never
//! speeds them up. Time by the clock stands beside it, with the record's `fdatasync` in
//! it, which is the same for both.

mod client;
mod world;

use std::time::Duration;

use client::{Client, Cost};
use tongxing_testdata::{Issued, KeyAlgorithm};
use world::{Bidders, World};

/// The kinds of key: the yardstick first.
const KINDS: [KeyAlgorithm; 2] = [KeyAlgorithm::EcdsaP256, KeyAlgorithm::Sm2];

/// How many sign-ins are one turn.
const BATCH: usize = 24;
const TURNS: usize = 24;

/// An SM2 sign-in takes at most so many times what one with P-256 takes. Origin: the
/// project's own aim.
const TARGET: f64 = 3.0;

fn main() {
    let world = World::new();
    let bidders = KINDS.map(|kind| world.enrol(kind));
    let mut client = world.client();
    println!("a sign-in by challenge, over HTTP, SM2 beside P-256 (target {TARGET}):");
    report("first", first(&mut client, &bidders));
    report("again", again(&mut client, &bidders));
}

/// The best turn of each kind, every sign-in another company's.
fn first(client: &mut Client, bidders: &[Bidders; 2]) -> [Cost; 2] {
    let mut best = [Cost::WORST; 2];
    for turn in 0..TURNS {
        for (bidders, best) in bidders.iter().zip(&mut best) {
            let new = (0..BATCH).map(|place| bidders.certificate_of(turn * BATCH + place));
            best.keep(turn_of(client, &new.collect::<Vec<_>>()));
        }
    }
    best
}

/// The best turn of each kind, every sign-in the same certificate's.
fn again(client: &mut Client, bidders: &[Bidders; 2]) -> [Cost; 2] {
    let known = bidders.each_ref().map(|bidders| vec![bidders.certificate_of(0); BATCH]);
    for known in &known {
        client.sign_in(&known[0]);
    }
    let mut best = [Cost::WORST; 2];
    for _ in 0..TURNS {
        for (known, best) in known.iter().zip(&mut best) {
            best.keep(turn_of(client, known));
        }
    }
    best
}

/// What one of these sign-ins takes, in the middle of all.
fn turn_of(client: &mut Client, certificates: &[Issued]) -> Cost {
    certificates.iter().map(|issued| client.sign_in(issued)).sum::<Cost>() / certificates.len()
}

fn report(name: &str, [p256, sm2]: [Cost; 2]) {
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let line = |what: &str, sm2: Duration, p256: Duration| {
        let (sm2, p256) = (micros(sm2), micros(p256));
        println!("  {name}, {what}: {sm2:.0} µs beside {p256:.0} µs, ratio {:.2}", sm2 / p256);
    };
    line("processor", sm2.processor, p256.processor);
    line("clock", sm2.clock, p256.clock);
}
