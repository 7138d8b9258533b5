//! Receipts of verifications, from whoever kept them.

use std::str::from_utf8;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest;
use serde_json::Value;
use tongxing_pki::Verdict;
use tongxing_trust_store::{ReceiptCheck, ReceiptFile, ReceiptVerification};

use crate::hex;

/// A receipt: no key is trusted here, so that none holds, whatever it says.
pub fn receipt(bytes: &[u8]) {
    let Ok(file) = ReceiptFile::read(bytes) else { return };
    let again = serde_json::to_vec(&file).expect("a receipt serialises");
    assert_eq!(ReceiptFile::read(&again), Ok(file.clone()), "it reads otherwise");
    let Ok(check) = ReceiptCheck::new(file) else { return };
    let verification = check.run(&[]);
    assert_ne!(verification.verdict, Verdict::Passed, "believed without a key");
    assert!(!verification.findings.findings().is_empty(), "refused without a word");
}

/// A receipt whose statement names whatever evidence it has, so that all of it is read: one
/// octet chooses which piece of a golden receipt (behind the last of them, the statement) is
/// replaced by the octets that follow.
pub fn receipt_evidence(bytes: &[u8]) {
    let [piece, octets @ ..] = bytes else { return };
    let Some(file) = forged(usize::from(*piece), octets) else { return };
    let Ok(file) = ReceiptFile::read(&file) else { panic!("a receipt as it is written") };
    let run = || ReceiptCheck::new(file.clone()).map(|check| check.run(&[]));
    let (one, other) = (run(), run());
    let shown = |verification: &ReceiptVerification| {
        serde_json::to_string(verification).expect("it serialises")
    };
    assert_eq!(one.as_ref().map(shown), other.as_ref().map(shown));
    if let Ok(verification) = one {
        assert_ne!(verification.verdict, Verdict::Passed, "believed without a key");
        assert!(!verification.findings.findings().is_empty(), "refused without a word");
        let place = usize::from(*piece) % (GOLDEN.pieces.len() + 1);
        if GOLDEN.pieces.get(place).is_some_and(|(_, golden)| golden == octets) {
            assert!(verification.derived.is_some(), "nothing was changed");
        }
    }
}

/// A receipt, taken apart.
struct Golden {
    file: Value,
    header: String,
    signature: String,
    statement: Vec<u8>,
    /// By the hash that it is named by.
    pieces: Vec<(String, Vec<u8>)>,
}

static GOLDEN: LazyLock<Golden> = LazyLock::new(|| {
    let file = include_bytes!("../../../testdata/receipts/0.1.0.json");
    let file: Value = serde_json::from_slice(file).expect("a golden receipt");
    let mut parts = file["receipt"].as_str().expect("a JWS").split('.').map(str::to_owned);
    let mut part = || parts.next().expect("three parts");
    let (header, statement, signature) = (part(), part(), part());
    let statement = URL_SAFE_NO_PAD.decode(statement).expect("a payload");
    let pieces = file["evidence"].as_object().expect("evidence").iter().map(|(sha256, octets)| {
        let octets = STANDARD.decode(octets.as_str().expect("base64")).expect("base64");
        (sha256.clone(), octets)
    });
    Golden { header, signature, statement, pieces: pieces.collect(), file: file.clone() }
});

/// How deep pieces name each other: statement, trust, authority, policy.
const LAYERS: usize = 4;

fn forged(piece: usize, octets: &[u8]) -> Option<Vec<u8>> {
    let mut pieces = GOLDEN.pieces.clone();
    let mut statement = GOLDEN.statement.clone();
    match piece.checked_rem(pieces.len() + 1)? {
        place if place < pieces.len() => pieces[place].1 = octets.to_vec(),
        _ => statement = octets.to_vec(),
    }
    for _ in 0..LAYERS {
        for place in 0..pieces.len() {
            let named = pieces[place].0.clone();
            let sha256 = hex(digest::digest(&digest::SHA256, &pieces[place].1).as_ref(), "");
            if named != sha256 {
                let texts = pieces.iter_mut().map(|(_, octets)| octets);
                texts.chain([&mut statement]).for_each(|text| rename(text, &named, &sha256));
                pieces[place].0 = sha256;
            }
        }
    }
    let mut file = GOLDEN.file.clone();
    let payload = URL_SAFE_NO_PAD.encode(statement);
    file["receipt"] = format!("{}.{payload}.{}", GOLDEN.header, GOLDEN.signature).into();
    let pieces = pieces.iter().map(|(sha256, octets)| (sha256.clone(), STANDARD.encode(octets)));
    file["evidence"] = pieces.map(|(sha256, octets)| (sha256, Value::from(octets))).collect();
    Some(file.to_string().into_bytes())
}

fn rename(octets: &mut Vec<u8>, named: &str, sha256: &str) {
    if let Ok(text) = from_utf8(octets)
        && text.contains(named)
    {
        *octets = text.replace(named, sha256).into_bytes();
    }
}
