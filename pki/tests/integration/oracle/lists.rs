//! The lists of a world's authorities, drawn.
//!
//! Nearly all are as they should be, so that most certificates' status is known. What is
//! drawn stays where OpenSSL and RFC 5280 mean the same: no removeFromCRL in complete
//! lists (OpenSSL takes such an entry for none), no overdue delta, and no forged one:
//! OpenSSL refuses for it, and here the complete list stands without it.

use tongxing_testdata::{CrlSpec, Extension, Hierarchy, RevocationReason, RevokedEntry, Value};

use super::draw::Draw;
use crate::party::{DAY, HOUR, NOW};

const REASONS: [RevocationReason; 4] = [
    RevocationReason::Unspecified,
    RevocationReason::KeyCompromise,
    RevocationReason::Superseded,
    RevocationReason::CertificateHold,
];

/// The number of the complete lists.
const NUMBER: u8 = 5;

/// onlySomeReasons: keyCompromise and cACompromise, and all others.
const PARTS: [&[u8]; 2] = [&[0x03, 0x02, 0x05, 0x60], &[0x03, 0x03, 0x07, 0x1f, 0x80]];

/// The lists of one authority, which issued certificates with these serial numbers.
pub(super) fn drawn(
    draw: &mut Draw,
    parties: &mut Hierarchy,
    issuer: &str,
    serials: &[Vec<u8>],
) -> Vec<Vec<u8>> {
    let complete = complete(draw, serials);
    let specs = match draw.below(60) {
        0 => Vec::new(),
        1..6 => with_delta(draw, complete, serials),
        // The root's own status is nobody's to tell by halves.
        6..10 if issuer != "CA 0" => by_reasons(draw, &complete),
        _ => vec![complete],
    };
    let mut lists = Vec::new();
    for (index, spec) in specs.iter().enumerate() {
        let mut list = parties.crl(issuer, spec).expect("a list");
        // The first is no delta.
        if index == 0 && draw.percent(1) {
            let end = list.len() - 1;
            list[end] ^= 1;
        }
        lists.push(list);
    }
    lists
}

fn complete(draw: &mut Draw, serials: &[Vec<u8>]) -> CrlSpec {
    let (made, due) = match draw.below(60) {
        // Overdue, and not in force yet.
        0 => (NOW - 2 * DAY, NOW - DAY),
        1 => (NOW + HOUR, NOW + DAY),
        _ => (NOW - HOUR, NOW + DAY),
    };
    let mut spec = revoking(draw, CrlSpec::empty(NUMBER.into(), made, due), serials);
    let unknown = Extension::new("1.2.156.9.98", Value::utf8("unknown"));
    match draw.below(60) {
        0 => spec.extensions.push(unknown.critical()),
        1 => spec.extensions.push(unknown),
        _ => {}
    }
    spec
}

fn revoking(draw: &mut Draw, mut spec: CrlSpec, serials: &[Vec<u8>]) -> CrlSpec {
    for one in serials {
        if draw.percent(8) {
            let reason = draw.one_of(&REASONS);
            spec.revoked.push(RevokedEntry::new(one.clone(), NOW - 2 * HOUR, reason));
        }
    }
    // Somebody else's.
    let stranger = vec![0x66, u8::try_from(draw.below(256)).expect("an octet")];
    spec.revoking(RevokedEntry::new(stranger, NOW - DAY, RevocationReason::Superseded))
}

/// OpenSSL looks for a delta where freshestCRL announces one.
fn with_delta(draw: &mut Draw, mut complete: CrlSpec, serials: &[Vec<u8>]) -> Vec<CrlSpec> {
    use tongxing_testdata::StringKind::Ia5;
    let uri = Value::Text(Ia5, "http://crl.test/delta".to_owned()).implicit(6);
    let name = Value::Sequence(vec![uri]).implicit(0).explicit(0);
    let points = Value::Sequence(vec![Value::Sequence(vec![name])]);
    complete.extensions.push(Extension::new("2.5.29.46", points));
    let newer = CrlSpec::empty(u64::from(NUMBER) + 1, NOW - HOUR / 2, NOW + DAY);
    let mut delta = revoking(draw, newer, serials);
    let base = Value::Raw(vec![0x02, 0x01, NUMBER]);
    delta.extensions.push(Extension::new("2.5.29.27", base).critical());
    vec![complete, delta]
}

/// Two parts, of which one may be lost.
fn by_reasons(draw: &mut Draw, complete: &CrlSpec) -> Vec<CrlSpec> {
    let lost = draw.below(8);
    let part = |(index, reasons): (usize, &&[u8])| {
        let only = Value::Raw(reasons.to_vec()).implicit(3);
        let scope = Extension::new("2.5.29.28", Value::Sequence(vec![only])).critical();
        let mut spec = complete.clone();
        spec.revoked.retain(|entry| {
            let of_keys = entry.reason == RevocationReason::KeyCompromise;
            of_keys == (index == 0)
        });
        spec.extensions.push(scope);
        (index != lost).then_some(spec)
    };
    PARTS.iter().enumerate().filter_map(part).collect()
}
