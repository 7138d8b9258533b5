//! Lists of ten and of a million entries: reading one, and finding a certificate in
//! it.
//!
//!     cargo bench -p tongxing-pki --bench crl
//!
//! Memory for each entry is printed first. The lists are unsigned: neither reading
//! nor finding verifies anything. Beside finding stands what one access to memory
//! costs that nothing could foresee, over as much memory as the table takes: a
//! hit needs two, whatever else the machine is doing.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tongxing_pki::{Crl, SerialNumber};

const SIZES: [u64; 2] = [10, 1_000_000];

/// sha256WithRSAEncryption with NULL.
const ALGORITHM: &[u8] =
    &[0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B, 0x05, 0x00];
/// One reason code: superseded.
const REASON: &[u8] =
    &[0x30, 0x0C, 0x30, 0x0A, 0x06, 0x03, 0x55, 0x1D, 0x15, 0x04, 0x03, 0x0A, 0x01, 0x04];
/// CN=A.
const NAME: &[u8] = &[0x30, 12, 0x31, 10, 0x30, 8, 0x06, 3, 0x55, 4, 3, 0x0C, 1, b'A'];

fn crl(criterion: &mut Criterion) {
    for entries in SIZES {
        of_size(criterion, entries);
    }
}

fn of_size(criterion: &mut Criterion, entries: u64) {
    let der = list(entries);
    let crl = Crl::parse(&der).expect("well formed");
    let each = crl.table_octets().checked_div(crl.len()).unwrap_or_default();
    println!("{} entries in {} octets: {each} octets of memory each", crl.len(), der.len());
    let mut group = criterion.benchmark_group(format!("crl of {entries} entries"));
    group.sample_size(10);
    group.bench_function("parse", |bench| {
        bench.iter_with_large_drop(|| Crl::parse_owned(der.clone()).expect("well formed"));
    });
    group.sample_size(100);
    // Far apart in memory, as certificates that sign in are.
    let steps = || (0..entries).map(|index| index.wrapping_mul(7_368_787) % entries).cycle();
    let hits: Vec<_> = steps().take(1 << 20).map(|index| number(index, 0)).collect();
    let misses: Vec<_> = steps().take(1 << 20).map(|index| number(index, 1)).collect();
    for (name, serials) in [("hit", hits), ("miss", misses)] {
        let expected = name == "hit";
        assert_eq!(crl.find(crl.issuer(), &serials[0]).is_some(), expected);
        let mut next = serials.iter().cycle();
        group.bench_function(name, |bench| {
            bench.iter(|| black_box(crl.find(crl.issuer(), next.next().expect("endless"))));
        });
    }
    let table = chase(crl.table_octets());
    let mut at = 0;
    group.bench_function("one access to memory", |bench| {
        bench.iter(|| {
            at = table[at * LINE];
            black_box(at)
        });
    });
    group.finish();
}

/// Machine words in a line of memory.
const LINE: usize = 8;

/// Lines of memory of which each names the next, in a cycle that no prefetcher
/// follows (Sattolo's shuffle).
fn chase(octets: usize) -> Vec<usize> {
    let lines = octets / (LINE * size_of::<usize>());
    let mut order: Vec<usize> = (0..lines).collect();
    let mut state = 88_172_645_463_325_252_u64;
    for index in (1..lines).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let other = state % u64::try_from(index).expect("64 bits");
        order.swap(index, usize::try_from(other).expect("an index"));
    }
    let mut table = vec![0; lines * LINE];
    for (line, next) in order.into_iter().enumerate() {
        table[line * LINE] = next;
    }
    table
}

/// Sixteen octets that look random; `salt` makes others.
fn serial(index: u64, salt: u64) -> [u8; 16] {
    let mixed = |number: u64| {
        let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        number ^ (number >> 31)
    };
    let high = mixed(index.wrapping_add(1)) & (u64::MAX >> 1) | 1 << 62;
    let low = mixed(high ^ salt);
    let mut octets = [0; 16];
    octets[..8].copy_from_slice(&high.to_be_bytes());
    octets[8..].copy_from_slice(&low.to_be_bytes());
    octets
}

fn number(index: u64, salt: u64) -> SerialNumber {
    SerialNumber::from_bytes(&serial(index, salt)).expect("minimal")
}

fn list(size: u64) -> Vec<u8> {
    let mut entries = Vec::new();
    for index in 0..size {
        let mut fields = tlv(0x02, &serial(index, 0));
        fields.extend(tlv(0x17, b"261101000000Z"));
        if index % 4 == 0 {
            fields.extend_from_slice(REASON);
        }
        entries.extend(tlv(0x30, &fields));
    }
    let tbs = [
        &[2, 1, 1],
        ALGORITHM,
        NAME,
        &tlv(0x17, b"261123080000Z"),
        &tlv(0x17, b"261124080000Z"),
        &tlv(0x30, &entries),
    ];
    tlv(0x30, &[&tlv(0x30, &tbs.concat()), ALGORITHM, &[3, 1, 0]].concat())
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut octets = vec![tag];
    match u32::try_from(content.len()).expect("short of 4 GB").to_be_bytes() {
        [0, 0, 0, short] if short < 0x80 => octets.push(short),
        [0, 0, 0, length] => octets.extend([0x81, length]),
        [0, 0, high, low] => octets.extend([0x82, high, low]),
        [0, length @ ..] => octets.extend([&[0x83][..], &length].concat()),
        length => octets.extend([&[0x84][..], &length].concat()),
    }
    octets.extend_from_slice(content);
    octets
}

criterion_group!(benches, crl);
criterion_main!(benches);
