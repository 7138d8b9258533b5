//! Checking the chain of an exported journal, without a province.
//!
//! Every record is exported with its bytes (`frame`). The hash is over them, and
//! they begin with a header of 68 bytes: the sequence number stands at 8, the
//! writer's time at 16, the hash of the record before at 36, all numbers
//! big-endian; the payload, which is the entry as JSON, follows.

use std::fmt::Write;
use std::io::{self, BufRead};

use ring::digest::{SHA256, digest};
use tongxing_trust_store::RecordView;

const SEQUENCE_AT: usize = 8;
const TIME_AT: usize = 16;
const PREVIOUS_AT: usize = 36;
const PAYLOAD_AT: usize = 68;

/// What the first record names as the one before it.
const GENESIS: [u8; 32] = [0; 32];

/// As much of a chain as has been followed.
#[derive(Debug, Default)]
pub(super) struct Chain {
    records: u64,
    head: [u8; 32],
}

impl Chain {
    /// Follows an export, one record a line. The outer error is that it cannot be
    /// read, the inner one what is wrong with it.
    pub(super) fn of_lines(lines: impl BufRead) -> io::Result<Result<Self, String>> {
        let mut chain = Self::default();
        for line in lines.lines() {
            let line = line?;
            let number = chain.records + 1;
            let followed = serde_json::from_str(&line)
                .map_err(|error| format!("line {number}: {error}"))
                .and_then(|record| chain.follow(&record));
            if let Err(fault) = followed {
                return Ok(Err(fault));
            }
        }
        Ok(Ok(chain))
    }

    /// Takes the next record, if it is the next and what it says it is.
    pub(super) fn follow(&mut self, record: &RecordView) -> Result<(), String> {
        let sequence = self.records + 1;
        let frame = record.frame.as_slice();
        let fault = |what: &str| Err(format!("record {sequence}: {what}"));
        if record.sequence != sequence || number_at(frame, SEQUENCE_AT) != Some(sequence) {
            return fault("another number stands in its place");
        }
        let hash = digest(&SHA256, frame);
        if record.hash != hex(hash.as_ref()) {
            return fault("its hash is not that of its bytes");
        }
        let previous = if self.records == 0 { GENESIS } else { self.head };
        if frame.get(PREVIOUS_AT..PAYLOAD_AT) != Some(&previous[..]) {
            return fault("it does not follow the record before");
        }
        if number_at(frame, TIME_AT).map(u64::cast_signed) != Some(record.time) {
            return fault("its time is not the one in its bytes");
        }
        let payload = frame.get(PAYLOAD_AT..).unwrap_or_default();
        match serde_json::from_slice::<serde_json::Value>(payload) {
            Ok(entry) if entry == record.entry => {}
            _ => return fault("its entry is not the one in its bytes"),
        }
        self.records = sequence;
        self.head.copy_from_slice(hash.as_ref());
        Ok(())
    }

    /// How many records were followed.
    pub(super) fn records(&self) -> u64 {
        self.records
    }

    /// Hex hash of the last one.
    pub(super) fn head(&self) -> String {
        hex(&self.head)
    }
}

fn number_at(frame: &[u8], place: usize) -> Option<u64> {
    frame.get(place..)?.first_chunk().map(|bytes| u64::from_be_bytes(*bytes))
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(sequence: u64, previous: [u8; 32]) -> (RecordView, [u8; 32]) {
        let entry = json!({ "by": "gateway", "change": { "test.v1": sequence } });
        let mut frame = vec![0; PREVIOUS_AT];
        frame[SEQUENCE_AT..TIME_AT].copy_from_slice(&sequence.to_be_bytes());
        frame[TIME_AT..TIME_AT + 8].copy_from_slice(&7_i64.to_be_bytes());
        frame.extend_from_slice(&previous);
        frame.extend_from_slice(entry.to_string().as_bytes());
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, &frame).as_ref());
        let view = RecordView { sequence, time: 7, hash: hex(&hash), frame: frame.into(), entry };
        (view, hash)
    }

    fn two() -> [RecordView; 2] {
        let (first, hash) = record(1, GENESIS);
        [first, record(2, hash).0]
    }

    fn fault_of(records: &[RecordView]) -> String {
        let lines: Vec<String> =
            records.iter().map(|record| serde_json::to_string(record).unwrap()).collect();
        Chain::of_lines(lines.join("\n").as_bytes()).unwrap().unwrap_err()
    }

    #[test]
    fn a_whole_chain_is_followed() {
        let mut chain = Chain::default();
        for record in &two() {
            chain.follow(record).unwrap();
        }
        assert_eq!(chain.records(), 2);
        assert_eq!(chain.head(), two()[1].hash);
    }

    #[test]
    fn whatever_is_changed_is_named() {
        let [first, second] = two();
        assert!(fault_of(std::slice::from_ref(&second)).contains("another number"));
        let other_entry = RecordView { entry: json!(null), ..first.clone() };
        assert!(fault_of(&[other_entry]).contains("its entry"));
        let other_time = RecordView { time: 8, ..first.clone() };
        assert!(fault_of(&[other_time]).contains("its time"));
        let other_hash = RecordView { hash: "00".to_owned(), ..first.clone() };
        assert!(fault_of(&[other_hash]).contains("its hash"));
        let (stray, _) = record(2, [9; 32]);
        assert!(fault_of(&[first, stray]).contains("does not follow"));
    }
}
