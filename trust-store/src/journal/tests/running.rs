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
    assert_eq!(journal.position(), Position::START);
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
    assert!(records.iter().all(|record| record.hash() == RecordHash::of(record.frame())));
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
    // A batch is a write, a sync and the hint; the first append may be alone.
    assert!(disk.steps() - before <= 6, "{} steps", disk.steps() - before);
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
