//! Appending, reading, following, closing.

use std::sync::Barrier;
use std::thread;

use super::super::{FileJournal, JournalReader, MAX_PAYLOAD, Position, RecordHash};
use super::*;
use crate::clock::Clock;
use crate::files::faulty::Faults;

#[test]
fn what_is_appended_is_read_back_in_order_across_segments_and_openings() {
    let disk = FaultyDisk::default();
    let journal = create(&disk).unwrap();
    assert_eq!(journal.position(), Position::start(PROFILE));
    let mut hashes = Vec::new();
    for number in 1..=30 {
        let appended = journal.append(payload(number)).wait().unwrap();
        assert_eq!(appended.sequence, number as u64);
        hashes.push(appended.hash);
    }
    drop(journal);
    let (journal, report) = open(&disk).unwrap();
    assert!(report.segments > 3, "{report:?}");
    assert_eq!((report.position.sequence, report.torn), (30, None));
    let records = read_all(&journal).unwrap();
    assert_eq!(payloads(&records), (1..=30).map(payload).collect::<Vec<_>>());
    assert_eq!(records.iter().map(Record::hash).collect::<Vec<_>>(), hashes);
    assert!(records.iter().all(|record| record.hash() == RecordHash::of(PROFILE, record.frame())));
    let from_17: Vec<_> = journal.read_from(17).unwrap().map(|r| r.unwrap().sequence()).collect();
    assert_eq!(from_17, (17..=30).collect::<Vec<_>>());
    assert_eq!(journal.read_from(31).unwrap().count(), 0);
    for absent in [0, 32] {
        let error = journal.read_from(absent).map(drop).unwrap_err();
        assert!(matches!(error, JournalError::Unavailable { last: 30, .. }), "{error}");
    }
}

#[test]
fn sixteen_threads_get_one_gapless_sequence_and_followers_see_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let options = JournalOptions::default().segment_bytes(20_000);
    let journal = FileJournal::create(&path, clock(), &options).unwrap();
    let start = Barrier::new(17);
    let mut given: Vec<u64> = thread::scope(|scope| {
        let (journal, start) = (&journal, &start);
        let follower = scope.spawn(move || {
            let records = journal.follow(1).unwrap();
            start.wait();
            records.take(16 * 25).map(|r| r.unwrap().sequence()).collect::<Vec<_>>()
        });
        let append = move |thread: usize| {
            start.wait();
            let mut last = 0;
            let one = |number: usize| {
                let sequence =
                    journal.append(payload(thread * 25 + number)).wait().unwrap().sequence;
                assert!(sequence > last, "one thread's appends keep their order");
                last = sequence;
                sequence
            };
            (0..25).map(one).collect::<Vec<_>>()
        };
        let threads: Vec<_> = (0..16).map(|thread| scope.spawn(move || append(thread))).collect();
        assert_eq!(follower.join().unwrap(), (1..=400).collect::<Vec<_>>());
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    given.sort_unstable();
    assert_eq!(given, (1..=400).collect::<Vec<_>>());
    drop(journal);
    let mut reader = JournalReader::open(&path).unwrap();
    assert_eq!(reader.by_ref().flatten().count(), 400);
    assert_eq!(reader.position().sequence, 400);
}

#[test]
fn appends_that_wait_share_one_write_and_one_sync() {
    let disk = FaultyDisk::default();
    let journal = create(&disk).unwrap();
    let before = disk.steps();
    let guard = disk.hold();
    let appends: Vec<_> = (0..16).map(|_| journal.append(vec![b'x'; 20])).collect();
    drop(guard);
    assert!(appends.into_iter().all(|append| append.wait().is_ok()));
    // A batch is a write, a sync and the hint; the first append may be alone, and
    // room on the disk may be allocated once.
    assert!(disk.steps() - before <= 7, "{} steps", disk.steps() - before);
}

#[test]
fn a_follower_waits_and_ends_with_the_journal() {
    let disk = FaultyDisk::default();
    let journal = create(&disk).unwrap();
    journal.append(payload(1)).wait().unwrap();
    let mut records = journal.follow(1).unwrap();
    assert_eq!(records.next().unwrap().unwrap().sequence(), 1);
    let waiting = thread::spawn(move || (records.next().map(Result::unwrap), records.next()));
    journal.append(payload(2)).wait().unwrap();
    journal.close();
    let (second, end) = waiting.join().unwrap();
    assert_eq!(second.unwrap().payload(), payload(2));
    assert!(end.is_none());
    assert!(matches!(journal.append(payload(3)).wait(), Err(JournalError::Closed)));
}

#[test]
fn a_failed_write_stops_everything_by_name() {
    let disk = FaultyDisk::default();
    let journal = create(&disk).unwrap();
    journal.append(payload(1)).wait().unwrap();
    let mut records = journal.follow(2).unwrap();
    disk.set_faults(Faults { error_at: Some(2), ..Faults::default() });
    let error = journal.append(payload(2)).wait().unwrap_err();
    assert!(matches!(error, JournalError::Poisoned(_)), "{error}");
    assert!(error.to_string().contains("syncing /journal/0000"), "{error}");
    assert!(matches!(journal.append(payload(3)).wait(), Err(JournalError::Poisoned(_))));
    assert!(matches!(records.next(), Some(Err(JournalError::Poisoned(_)))));
    assert!(records.next().is_none());
    assert!(journal.failure().is_some());
    assert_eq!(journal.position().sequence, 1);
    assert_eq!(read_all(&journal).unwrap().len(), 1);
}

#[test]
fn a_clock_behind_log_time_refuses_until_it_is_reset() {
    let disk = FaultyDisk::default();
    let clock = clock();
    let files = Arc::new(disk.clone());
    let journal = FileJournal::create_on(files, folder(), clock.clone(), &options()).unwrap();
    journal.append(payload(1)).wait().unwrap();
    clock.advance_millis(-5_000);
    assert_eq!(journal.append(payload(2)).wait().unwrap().time_millis, NOON - 5_000);
    assert_eq!(journal.position().log_time_millis, NOON);
    clock.advance_millis(-1);
    let refused = journal.append(payload(3)).wait();
    assert!(matches!(refused, Err(JournalError::ClockBehind { behind_millis: 5_001 })));
    assert_eq!(journal.append_clock_reset(payload(3)).wait().unwrap().sequence, 3);
    journal.append(payload(4)).wait().unwrap();
    assert_eq!(journal.position().log_time_millis, clock.now_millis());
    for number in 5..20 {
        journal.append(payload(number)).wait().unwrap();
    }
    let position = journal.position();
    drop(journal);
    // The last segment alone is read, and its header says what was before it.
    let (journal, report) = open(&disk).unwrap();
    assert_eq!(report.position, position);
    let times: Vec<_> = read_all(&journal).unwrap().iter().map(Record::log_time_millis).collect();
    assert_eq!(times[..4], [NOON, NOON, NOON - 5_001, NOON - 5_001]);
}

#[test]
fn payloads_have_a_size() {
    let disk = FaultyDisk::default();
    let journal = create(&disk).unwrap();
    for len in [0, MAX_PAYLOAD + 1] {
        let refused = journal.append(vec![b'x'; len]).wait();
        assert!(matches!(refused, Err(JournalError::PayloadSize { len: l }) if l == len));
    }
    // Larger than a segment: it gets one of its own.
    journal.append(vec![b'x'; MAX_PAYLOAD]).wait().unwrap();
    journal.append(payload(2)).wait().unwrap();
    assert_eq!(read_all(&journal).unwrap()[0].payload().len(), MAX_PAYLOAD);
    let strict = options().queue_bytes(10);
    let (journal, _) = open_with(&disk.kill(), &strict).unwrap();
    assert!(matches!(journal.append(vec![b'x'; 11]).wait(), Err(JournalError::Overloaded)));
}

#[test]
fn a_second_opening_is_refused_and_an_absent_journal_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let options = JournalOptions::default();
    let absent = FileJournal::open(&path, clock(), &options).unwrap_err();
    assert!(matches!(absent, JournalError::Missing { .. }));
    assert!(!path.exists());
    let journal = FileJournal::create(&path, clock(), &options).unwrap();
    let error = FileJournal::open(&path, clock(), &options).unwrap_err();
    let holder = std::process::id();
    assert!(matches!(error, JournalError::InUse { holder: Some(pid), .. } if pid == holder));
    drop(journal);
    drop(FileJournal::open(&path, clock(), &options).unwrap());
    let error = FileJournal::create(&path, clock(), &options).unwrap_err();
    assert!(matches!(error, JournalError::AlreadyThere { .. }));
}

#[tokio::test]
async fn appends_can_be_awaited() {
    let disk = FaultyDisk::default();
    let journal = create(&disk).unwrap();
    assert_eq!(journal.append(payload(1)).await.unwrap().sequence, 1);
}

#[test]
fn frames_are_taken_over_as_they_stand_or_not_at_all() {
    let disk = closed_journal(30);
    let (primary, _) = open(&disk).unwrap();
    let records = read_all(&primary).unwrap();
    let frames = |from: usize, to: usize| -> Vec<u8> {
        records[from..to].iter().flat_map(Record::frame).copied().collect()
    };
    let standby_disk = FaultyDisk::default();
    let standby = create(&standby_disk).unwrap();
    let last = standby.append_frames(frames(0, 12)).wait().unwrap();
    assert_eq!((last.sequence, last.hash), (12, records[11].hash()));
    for wrong in [frames(11, 13), frames(13, 14), frames(12, 20)[1..].to_vec(), vec![0; 9]] {
        let refused = standby.append_frames(wrong).wait();
        assert!(matches!(refused, Err(JournalError::Frames { after: 12, .. })), "{refused:?}");
    }
    assert!(standby.append_frames(Vec::new()).wait().is_err());
    let mut forged = frames(12, 30);
    *forged.last_mut().unwrap() ^= 1;
    assert!(matches!(standby.append_frames(forged).wait(), Err(JournalError::Frames { .. })));
    assert_eq!(standby.position().sequence, 12);
    standby.append_frames(frames(12, 30)).wait().unwrap();
    assert_eq!(standby.tree(), primary.tree());
    assert_eq!(read_all(&standby).unwrap(), records);
    assert_eq!(standby.sealed_segments(), primary.sealed_segments());
    // Promoted, it goes on with records of its own.
    assert_eq!(standby.append(payload(31)).wait().unwrap().sequence, 31);
}

#[test]
fn a_fenced_journal_appends_nothing_and_reads_on() {
    let disk = FaultyDisk::default();
    let journal = create(&disk).unwrap();
    journal.append(payload(1)).wait().unwrap();
    let mut records = journal.follow(1).unwrap();
    let waiting = {
        let _disk = disk.hold();
        journal.append(payload(2))
    };
    journal.fence(7);
    // Whether the writer had taken it up decides.
    let second = waiting.wait();
    assert!(matches!(second, Ok(_) | Err(JournalError::Fenced { term: 7 })), "{second:?}");
    let durable = journal.position().sequence;
    assert_eq!(durable, if second.is_ok() { 2 } else { 1 });
    for refused in [
        journal.append(payload(3)),
        journal.append_reserved(payload(3)),
        journal.append_clock_reset(payload(3)),
        journal.append_frames(vec![0; 80]),
    ] {
        assert!(matches!(refused.wait(), Err(JournalError::Fenced { term: 7 })));
    }
    assert!(matches!(journal.failure(), Some(JournalError::Fenced { term: 7 })));
    assert!(matches!(journal.seal(), Err(JournalError::Fenced { .. })));
    assert_eq!(read_all(&journal).unwrap().len() as u64, durable);
    for sequence in 1..=durable {
        assert_eq!(records.next().unwrap().unwrap().sequence(), sequence);
    }
    journal.close();
    assert!(records.next().is_none());
    assert_eq!(open(&disk).unwrap().1.position.sequence, durable);
}
