//! Damage is named, never repaired, and never taken for a torn write.

use proptest::prelude::*;

use super::super::acknowledged;
use super::super::error::{Damage, DamageKind};
use super::super::reader::{End, JournalReader};
use super::super::{check_segment, frame};
use super::*;

fn verify(disk: &FaultyDisk) -> Result<usize, JournalError> {
    let reader = JournalReader::starting(Arc::new(disk.clone()), folder(), 1, End::Disk)?;
    reader.collect::<Result<Vec<_>, _>>().map(|records| records.len())
}

fn damage(error: JournalError) -> Damage {
    match error {
        JournalError::Damaged(damage) => damage,
        other => panic!("{other}"),
    }
}

/// First sequences of the segments, in order.
fn firsts(disk: &FaultyDisk) -> Vec<u64> {
    super::super::reader::segments(disk, folder()).unwrap()
}

/// Where each record of a segment begins, and where the last ends.
fn offsets(bytes: &[u8]) -> Vec<usize> {
    let mut offsets = vec![segment::HEADER_LEN];
    while let Some(at) = offsets.last().copied().filter(|at| *at < bytes.len()) {
        offsets.push(at + frame::wanted_len(&bytes[at..]).unwrap());
    }
    offsets
}

#[test]
fn every_flipped_byte_of_a_closed_segment_is_named() {
    let disk = closed_journal(12);
    let first = firsts(&disk)[1];
    let bytes = disk.bytes(&segment_path(first));
    let starts = offsets(&bytes);
    for at in 0..bytes.len() {
        let copy = disk.kill();
        copy.tamper(&segment_path(first), |bytes| bytes[at] ^= 0x10);
        let found = damage(verify(&copy).unwrap_err());
        let start = starts.iter().rev().find(|start| **start <= at).copied().unwrap_or(0);
        assert_eq!(
            (found.segment, found.offset),
            (segment::name(first), start as u64),
            "byte {at}"
        );
    }
}

#[test]
fn every_flipped_byte_of_the_last_segment_is_refused() {
    let disk = closed_journal(12);
    let last = *firsts(&disk).last().unwrap();
    for at in 0..disk.bytes(&segment_path(last)).len() {
        let copy = disk.kill();
        copy.tamper(&segment_path(last), |bytes| bytes[at] ^= 0x10);
        let found = damage(open(&copy).unwrap_err());
        assert_eq!(found.segment, segment::name(last), "byte {at}");
        assert!(found.offset <= at as u64);
    }
}

#[test]
fn an_acknowledged_end_that_is_gone_is_refused_unless_the_operator_accepts() {
    let disk = closed_journal(12);
    let last = *firsts(&disk).last().unwrap();
    let len = disk.bytes(&segment_path(last)).len();
    for cut in segment::HEADER_LEN..len {
        let copy = disk.kill();
        copy.tamper(&segment_path(last), |bytes| bytes.truncate(cut));
        let found = damage(open(&copy).unwrap_err());
        assert_eq!(found.kind, DamageKind::AcknowledgedLost { acknowledged: 12 });
        let (journal, report) = open_with(&copy, &options().danger_accept_lost_end()).unwrap();
        assert_eq!(report.torn.unwrap().acknowledged_lost, Some(12));
        let appended = journal.append(payload(99)).wait().unwrap();
        assert_eq!(appended.sequence, report.position.sequence + 1);
        drop(journal);
        open(&copy).unwrap();
    }
}

#[test]
fn without_the_hint_a_cut_end_is_torn_and_a_flipped_one_is_not() {
    let disk = closed_journal(12);
    let last = *firsts(&disk).last().unwrap();
    disk.tamper(&folder().join(acknowledged::FILE), |bytes| bytes.fill(0));
    let copy = disk.kill();
    copy.tamper(&segment_path(last), |bytes| {
        bytes.pop();
    });
    let (_journal, report) = open(&copy).unwrap();
    let torn = report.torn.unwrap();
    assert_eq!((torn.sequence, torn.acknowledged_lost), (12, None));
    assert_eq!(copy.bytes(&segment_path(last)).len() as u64, torn.offset);

    let copy = disk.kill();
    copy.tamper(&segment_path(last), |bytes| *bytes.last_mut().unwrap() ^= 1);
    assert_eq!(damage(open(&copy).unwrap_err()).kind, DamageKind::Checksum);
}

#[test]
fn with_a_hint_that_lags_only_the_last_batch_can_be_torn() {
    let disk = closed_journal(12);
    // As a power cut may leave it: both slots older than the last segment.
    disk.tamper(&folder().join(acknowledged::FILE), |bytes| {
        let old = acknowledged::slot(2);
        bytes.fill(0);
        bytes[..old.len()].copy_from_slice(&old);
    });
    let last = *firsts(&disk).last().unwrap();
    let bytes = disk.bytes(&segment_path(last));
    let starts = offsets(&bytes);
    let last_record = starts[starts.len() - 2];
    assert!(starts.len() > 3, "several records in the last segment");
    for at in segment::HEADER_LEN..bytes.len() {
        let copy = disk.kill();
        copy.tamper(&segment_path(last), |bytes| bytes[at] ^= 0x10);
        match open(&copy) {
            Ok((_, report)) => {
                assert!(at >= last_record, "byte {at}");
                assert_eq!(report.torn.unwrap().offset, last_record as u64);
            }
            Err(error) => {
                assert!(at < last_record, "byte {at}");
                assert_eq!(damage(error).segment, segment::name(last));
            }
        }
    }
}

#[test]
fn what_was_never_acknowledged_is_cut_and_reported() {
    for tail in [&[0; 300][..], &[0xA5; 40], b"\0\0\0\x05half a record of the last batch, torn"] {
        let disk = closed_journal(5);
        let last = *firsts(&disk).last().unwrap();
        let len = disk.bytes(&segment_path(last)).len() as u64;
        disk.tamper(&segment_path(last), |bytes| bytes.extend_from_slice(tail));
        let (journal, report) = open(&disk).unwrap();
        let torn = report.torn.unwrap();
        assert_eq!((torn.offset, torn.bytes), (len, tail.len() as u64));
        assert_eq!(report.position.sequence, 5);
        assert_eq!(journal.append(payload(6)).wait().unwrap().sequence, 6);
        drop(journal);
        assert_eq!(verify(&disk).unwrap(), 6);
        assert_eq!(open(&disk).unwrap().1.torn, None);
    }
}

#[test]
fn a_missing_segment_is_named_and_archived_ones_are_not_missed() {
    let disk = closed_journal(30);
    let firsts = firsts(&disk);
    let gap = disk.kill();
    crate::files::FileLayer::remove(&gap, &segment_path(firsts[1])).unwrap();
    let found = damage(verify(&gap).unwrap_err());
    assert_eq!((found.segment, found.kind), (segment::name(firsts[1]), DamageKind::MissingSegment));

    let lost = disk.kill();
    crate::files::FileLayer::remove(&lost, &segment_path(*firsts.last().unwrap())).unwrap();
    let found = damage(open(&lost).unwrap_err());
    assert_eq!(found.kind, DamageKind::AcknowledgedLost { acknowledged: 30 });

    let (journal, _) = open(&disk).unwrap();
    journal.release(1).unwrap();
    drop(journal);
    let (journal, _) = open(&disk).unwrap();
    assert!(matches!(
        journal.read_from(1).map(drop),
        Err(JournalError::Unavailable { asked: 1, first, .. }) if first == firsts[1]
    ));
    assert_eq!(journal.read_from(firsts[1]).unwrap().flatten().count() as u64, 31 - firsts[1]);
}

#[test]
fn a_record_exchanged_with_a_valid_one_breaks_the_chain() {
    let disk = closed_journal(12);
    let other = FaultyDisk::default();
    let journal = create(&other).unwrap();
    for number in 1..=12 {
        let changed = if number == 2 { vec![b'!'; payload(2).len()] } else { payload(number) };
        journal.append(changed).wait().unwrap();
    }
    journal.close();
    let starts = offsets(&disk.bytes(&segment_path(1)));
    let forged = other.bytes(&segment_path(1))[starts[1]..starts[2]].to_vec();
    disk.tamper(&segment_path(1), |bytes| bytes[starts[1]..starts[2]].copy_from_slice(&forged));
    let found = damage(verify(&disk).unwrap_err());
    assert_eq!((found.sequence, found.kind), (3, DamageKind::Chain));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(tail in proptest::collection::vec(any::<u8>(), 0..400)) {
        let header = segment::encode_header(&super::super::Position::start(PROFILE));
        let _ = check_segment(&[&header[..], &tail].concat(), 1);
        let _ = check_segment(&tail, 1);
    }

    #[test]
    fn a_closed_journal_with_random_changes_never_opens_as_another(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), 1_u8..), 1..4),
    ) {
        let disk = closed_journal(8);
        let last = *firsts(&disk).last().unwrap();
        let good = disk.bytes(&segment_path(last));
        disk.tamper(&segment_path(last), |bytes| {
            for (place, change) in &changes {
                let at = place.index(bytes.len());
                bytes[at] ^= change;
            }
        });
        prop_assume!(disk.bytes(&segment_path(last)) != good);
        prop_assert!(matches!(open(&disk), Err(JournalError::Damaged(_))));
    }
}
