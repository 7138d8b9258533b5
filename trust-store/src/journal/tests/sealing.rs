//! Sealing, the tree and its proofs; what is made again and what is damage.

use std::path::PathBuf;

use super::super::error::{Damage, DamageKind};
use super::super::sealed::{leaves, manifest};
use super::super::{
    MerkleTree, SealedSegment, TreeHash, leaf_hash, verify_consistency, verify_inclusion,
    verify_range,
};
use super::*;
use crate::files::FileLayer;

fn leaves_path(first: u64) -> PathBuf {
    folder().join(leaves::name(first))
}

fn manifest_path() -> PathBuf {
    folder().join(manifest::FILE)
}

fn damage(error: JournalError) -> Damage {
    match error {
        JournalError::Damaged(damage) => damage,
        other => panic!("{other}"),
    }
}

/// The leaves and roots that a pass over the records gives.
fn naive(journal: &FileJournal) -> (Vec<TreeHash>, Vec<TreeHash>) {
    let mut tree = MerkleTree::default();
    let mut roots = vec![tree.root()];
    let mut leaves = Vec::new();
    for record in read_all(journal).unwrap() {
        leaves.push(leaf_hash(PROFILE, record.frame()));
        tree.push(leaf_hash(PROFILE, record.frame()));
        roots.push(tree.root());
    }
    assert_eq!(journal.tree(), (journal.position(), tree));
    (leaves, roots)
}

fn sealed(disk: &FaultyDisk) -> Vec<SealedSegment> {
    open(disk).unwrap().0.sealed_segments()
}

#[test]
fn every_proof_over_every_size_verifies() {
    let disk = closed_journal(40);
    let (journal, report) = open(&disk).unwrap();
    assert!(report.segments > 4 && report.made_again == 0, "{report:?}");
    let (leaves, roots) = naive(&journal);
    assert_eq!(journal.leaf_hashes(0..40).unwrap(), leaves);
    assert_eq!(journal.leaf_hashes(7..33).unwrap(), leaves[7..33]);
    for size in 0..=40_u64 {
        let root = roots[usize::try_from(size).unwrap()];
        assert_eq!(journal.root_at(size).unwrap(), root);
        for index in 0..size {
            let at = usize::try_from(index).unwrap();
            let proof = journal.prove_inclusion(index, size).unwrap();
            assert!(
                verify_inclusion(PROFILE, &root, size, index, leaves[at], &proof),
                "{index} {size}"
            );
            let proof = journal.prove_consistency(index + 1, size).unwrap();
            assert!(verify_consistency(
                PROFILE,
                (index + 1, &roots[at + 1]),
                (size, &root),
                &proof
            ));
            let proof = journal.prove_range(index..size, size).unwrap();
            assert!(verify_range(
                PROFILE,
                &root,
                size,
                index,
                &leaves[at..usize::try_from(size).unwrap()],
                &proof
            ));
        }
    }
    for refused in [
        journal.prove_inclusion(3, 3).map(drop),
        journal.prove_inclusion(0, 41).map(drop),
        journal.prove_consistency(0, 5).map(drop),
        journal.prove_consistency(6, 5).map(drop),
        journal.prove_range(2..2, 5).map(drop),
        journal.prove_range(2..6, 5).map(drop),
        journal.leaf_hashes(0..41).map(drop),
        journal.root_at(41).map(drop),
    ] {
        assert!(matches!(refused, Err(JournalError::OutsideTree { .. })), "{refused:?}");
    }
}

#[test]
fn sealing_on_request_closes_the_segment_and_an_empty_one_stays() {
    let disk = FaultyDisk::default();
    let journal = create(&disk).unwrap();
    assert_eq!(journal.seal().unwrap(), None);
    for number in 1..=3 {
        journal.append(payload(number)).wait().unwrap();
    }
    let entry = journal.seal().unwrap().unwrap();
    assert_eq!((entry.first, entry.last, entry.archived), (1, 3, false));
    assert_eq!((entry.position, entry.tree.clone()), journal.tree());
    assert_eq!(entry.root, entry.tree.root());
    let bytes = disk.bytes(&segment_path(1));
    assert_eq!(entry.bytes, bytes.len() as u64);
    assert_eq!(crate::hex::encode(&entry.sha256), crate::hex::sha256(&bytes));
    assert_eq!(journal.seal().unwrap(), Some(entry.clone()));
    assert_eq!(journal.append(payload(4)).wait().unwrap().sequence, 4);
    assert_eq!(journal.leaf_hashes(0..4).unwrap(), naive(&journal).0);
    assert_eq!(journal.check_sealed().unwrap(), 1);
    journal.close();
    assert!(matches!(journal.seal(), Err(JournalError::Closed)));
    assert_eq!(sealed(&disk), [entry]);
}

#[test]
fn a_missing_or_torn_manifest_or_leaves_are_made_again() {
    let disk = closed_journal(30);
    let whole = sealed(&disk);
    let manifest = disk.bytes(&manifest_path());
    let leaf_file = disk.bytes(&leaves_path(whole[1].first));
    assert!(whole.len() > 3);
    let again = |change: &dyn Fn(&FaultyDisk)| {
        let copy = disk.kill();
        change(&copy);
        let (journal, report) = open(&copy).unwrap();
        assert_eq!(journal.sealed_segments(), whole);
        journal.check_sealed().unwrap();
        assert_eq!(journal.leaf_hashes(0..30).unwrap(), naive(&journal).0);
        drop(journal);
        assert_eq!(copy.bytes(&manifest_path()), manifest);
        assert_eq!(copy.bytes(&leaves_path(whole[1].first)), leaf_file);
        assert_eq!(open(&copy).unwrap().1.made_again, 0);
        report.made_again
    };
    assert_eq!(again(&|disk| disk.remove(&manifest_path()).unwrap()), whole.len());
    assert_eq!(again(&|disk| disk.remove(&leaves_path(whole[1].first)).unwrap()), 1);
    for cut in (0..manifest.len()).step_by(97) {
        again(&|disk| disk.tamper(&manifest_path(), |bytes| bytes.truncate(cut)));
        again(&|disk| disk.tamper(&manifest_path(), |bytes| bytes[cut..].fill(0)));
        again(&|disk| disk.tamper(&manifest_path(), |bytes| bytes[cut] ^= 0x80));
    }
    for at in 0..leaf_file.len() {
        again(&|disk| disk.tamper(&leaves_path(whole[1].first), |bytes| bytes[at] ^= 1));
        again(&|disk| disk.tamper(&leaves_path(whole[1].first), |bytes| bytes.truncate(at)));
    }
}

#[test]
fn an_entry_that_disagrees_with_its_segment_is_damage() {
    let disk = closed_journal(30);
    let whole = sealed(&disk);
    let found = |change: &dyn Fn(&mut SealedSegment)| {
        let copy = disk.kill();
        let mut entries = whole.clone();
        change(&mut entries[1]);
        manifest::save(&copy, folder(), &entries).unwrap();
        let opened = open(&copy).map(|(journal, _)| journal);
        let found = damage(opened.and_then(|journal| journal.check_sealed()).unwrap_err());
        assert!(matches!(found.kind, DamageKind::Manifest { .. }), "{found}");
        found
    };
    let name = segment::name(whole[1].first);
    assert_eq!(found(&|entry| entry.bytes += 1).segment, name);
    assert_eq!(found(&|entry| entry.sha256[3] ^= 1).segment, name);
    assert_eq!(found(&|entry| entry.position.log_time_millis += 1).segment, name);
    found(&|entry| entry.root[3] ^= 1);
    found(&|entry| entry.position.sequence += 1);
    let other = whole[0].tree.clone();
    found(&|entry| entry.tree = other.clone());
    let mut shorter = disk.kill();
    shorter.tamper(&segment_path(whole[1].first), |bytes| bytes.truncate(bytes.len() - 1));
    assert_eq!(damage(open(&shorter).unwrap_err()).segment, name);
    shorter = disk.kill();
    FileLayer::remove(&shorter, &segment_path(whole[1].first)).unwrap();
    assert_eq!(damage(open(&shorter).unwrap_err()).kind, DamageKind::MissingSegment);
    FileLayer::remove(&shorter, &manifest_path()).unwrap();
    assert_eq!(damage(open(&shorter).unwrap_err()).kind, DamageKind::Unlisted);
}

#[test]
fn a_manifest_of_a_later_version_is_not_taken_for_a_torn_one() {
    let disk = closed_journal(30);
    disk.tamper(&manifest_path(), |bytes| {
        let end = bytes.iter().position(|byte| *byte == b'\n').unwrap();
        bytes[end - 1] = b'2';
    });
    assert_eq!(damage(open(&disk).unwrap_err()).segment, manifest::FILE);
}

#[test]
fn a_journal_that_ends_with_a_sealed_segment_goes_on_in_a_new_one() {
    let disk = FaultyDisk::default();
    let journal = create(&disk).unwrap();
    journal.append(payload(1)).wait().unwrap();
    journal.seal().unwrap();
    journal.close();
    let bytes = disk.bytes(&segment_path(1));
    FileLayer::remove(&disk, &segment_path(2)).unwrap();
    let (journal, _) = open(&disk).unwrap();
    assert_eq!(journal.append(payload(2)).wait().unwrap().sequence, 2);
    assert_eq!(disk.bytes(&segment_path(1)), bytes, "a sealed segment is never written to");
    assert_eq!(journal.leaf_hashes(0..2).unwrap(), naive(&journal).0);
    drop(journal);
    open(&disk).unwrap();
    // Its end is gone: the manifest shows it even without the hint.
    FileLayer::remove(&disk, &segment_path(2)).unwrap();
    FileLayer::remove(&disk, &folder().join("acknowledged")).unwrap();
    disk.tamper(&segment_path(1), |bytes| bytes.truncate(segment::HEADER_LEN));
    assert!(matches!(damage(open(&disk).unwrap_err()).kind, DamageKind::Manifest { .. }));
    let (journal, report) = open_with(&disk, &options().danger_accept_lost_end()).unwrap();
    assert_eq!((report.position.sequence, journal.sealed_segments().len()), (0, 0));
}

#[test]
fn an_archived_segment_is_proved_from_and_brought_back() {
    let disk = closed_journal(30);
    let (journal, _) = open(&disk).unwrap();
    let (leaves, roots) = naive(&journal);
    let entries = journal.sealed_segments();
    let away = PathBuf::from("/away");
    for entry in &entries[..3] {
        let (from, to) = (segment_path(entry.first), away.join(entry.file_name()));
        let copied = crate::files::copy(&disk, &from, &to).unwrap();
        assert_eq!((copied.bytes, copied.sha256), (entry.bytes, entry.sha256));
        journal.release(entry.first).unwrap();
        journal.release(entry.first).unwrap();
    }
    let check = |journal: &FileJournal| {
        assert!(journal.sealed_segments()[..3].iter().all(|entry| entry.archived));
        journal.check_sealed().unwrap();
        assert_eq!(journal.leaf_hashes(0..30).unwrap(), leaves);
        let proof = journal.prove_inclusion(0, 30).unwrap();
        assert!(verify_inclusion(PROFILE, &roots[30], 30, 0, leaves[0], &proof));
        let error = journal.read_from(1).map(drop).unwrap_err();
        assert!(
            matches!(error, JournalError::Unavailable { asked: 1, first, .. } if first == entries[3].first)
        );
        assert!(error.to_string().contains("tongxing retrieve"), "{error}");
        assert_eq!(
            journal.read_from(entries[3].first).unwrap().flatten().count() as u64,
            31 - entries[3].first
        );
    };
    check(&journal);
    drop(journal);
    let (journal, _) = open(&disk).unwrap();
    check(&journal);

    let second = away.join(entries[1].file_name());
    let good = disk.bytes(&second);
    disk.tamper(&second, |bytes| bytes[200] ^= 1);
    assert!(matches!(journal.adopt(&second), Err(JournalError::OtherSegment { .. })));
    disk.tamper(&second, |bytes| bytes.clone_from(&good));
    assert!(!journal.adopt(&second).unwrap().archived);
    // Before a gap it can be read, and the gap is named.
    let read: Vec<_> = journal.read_from(entries[1].first).unwrap().collect();
    assert_eq!(read.iter().flatten().count() as u64, entries[1].last - entries[1].first + 1);
    let gap = read.into_iter().last().unwrap().unwrap_err();
    assert!(
        matches!(gap, JournalError::Unavailable { asked, .. } if asked == entries[2].first),
        "{gap}"
    );
    for entry in &entries[..3] {
        journal.adopt(&away.join(entry.file_name())).unwrap();
    }
    assert_eq!(journal.sealed_segments(), entries);
    assert_eq!(naive(&journal).0, leaves);
    assert!(matches!(journal.adopt(&away.join("other")), Err(JournalError::NotSealed { .. })));
    assert!(matches!(journal.release(2), Err(JournalError::NotSealed { .. })));
    let open_one = entries.last().unwrap().last + 1;
    assert!(matches!(journal.release(open_one), Err(JournalError::NotSealed { .. })));
}

#[test]
fn an_archived_segment_whose_leaves_are_gone_is_told_by_name() {
    let disk = closed_journal(30);
    let (journal, _) = open(&disk).unwrap();
    let bytes = disk.bytes(&segment_path(1));
    journal.release(1).unwrap();
    disk.tamper(&leaves_path(1), |bytes| bytes[0] ^= 1);
    assert_eq!(damage(journal.leaf_hashes(0..30).unwrap_err()).kind, DamageKind::LeavesLost);
    drop(journal);
    FileLayer::remove(&disk, &leaves_path(1)).unwrap();
    let found = damage(open(&disk).unwrap_err());
    assert_eq!((found.segment, found.kind), (segment::name(1), DamageKind::LeavesLost));
    let mut file = disk.create(&segment_path(1)).unwrap();
    file.write_at(0, &bytes).unwrap();
    assert_eq!(open(&disk).unwrap().1.made_again, 1);
}
