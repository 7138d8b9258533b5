//! What shows that the record is whole, as it comes from elsewhere: checkpoints,
//! exports, proofs, the answers of timestamp services.
//!
//! The seeds are signed by a key whose public half alone was kept, so that what
//! holds under it says what they say.

use std::str::from_utf8;

use tongxing_trust_store::{
    EvidenceKey, RecordProof, SignedCheckpoint, TimestampQuery, verify_export,
};

const KEY: &str = include_str!("../fixed/evidence.vkey");
const CHECKPOINT: &str = include_str!("../fixed/checkpoint.txt");

/// A checkpoint that somebody kept, or a key that somebody was given.
pub fn checkpoint(bytes: &[u8]) {
    let Ok(text) = from_utf8(bytes) else { return };
    if let Ok(key) = text.parse::<EvidenceKey>() {
        assert_eq!(key.to_string(), text, "another spelling of a key");
    }
    let Ok(signed) = SignedCheckpoint::parse(text) else { return };
    assert_eq!(signed.note(), text);
    assert!(text.starts_with(&signed.checkpoint().text()), "another spelling of a checkpoint");
    assert_eq!(SignedCheckpoint::parse(text), Ok(signed.clone()));
    if signed.verify(&keys()).is_ok() {
        assert_eq!(signed.checkpoint(), fixed().checkpoint(), "never signed");
    }
}

/// An export of records.
pub fn export(bytes: &[u8]) {
    let verify = || verify_export(bytes, &keys()).expect("it is in memory");
    match verify() {
        Ok(verified) => {
            let (signed, key) = (fixed(), &keys()[0]);
            let expected = (signed.checkpoint().size, &*signed.checkpoint().origin);
            assert_eq!((verified.size, &*verified.origin), expected);
            assert_eq!(verified.signed_by, key.to_string());
            assert!(1 <= verified.first && verified.first <= verified.last);
            assert!(verified.last <= verified.size);
        }
        Err(error) => {
            assert_eq!(verify().map_err(|again| again.to_string()), Err(error.to_string()));
        }
    }
}

/// A proof of a record.
pub fn record_proof(bytes: &[u8]) {
    let Ok(text) = from_utf8(bytes) else { return };
    let Ok(proof) = RecordProof::parse(text) else { return };
    assert_eq!(proof.render(), text, "another spelling of a proof");
    if proof.verify(&keys()).is_ok() {
        assert_eq!(proof.checkpoint(), fixed().checkpoint(), "never signed");
        assert!((1..=proof.checkpoint().size).contains(&proof.sequence()));
    }
}

/// A timestamp service's answer: none of these answers a question that is new.
pub fn timestamp_answer(bytes: &[u8]) {
    let query = TimestampQuery::about(CHECKPOINT).expect("the system gives randomness");
    let error = query.check(bytes).expect_err("an answer that came before the question");
    assert!(error.to_string().starts_with("the timestamp: "), "{error}");
}

fn keys() -> [EvidenceKey; 1] {
    [KEY.trim_end().parse().expect("the fixed key")]
}

fn fixed() -> SignedCheckpoint {
    SignedCheckpoint::parse(CHECKPOINT).expect("the fixed checkpoint")
}
