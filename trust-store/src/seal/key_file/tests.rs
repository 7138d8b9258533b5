//! Key files on disks that fail.

use super::*;
use crate::files::faulty::{Faults, FaultyDisk};

const PATH: &str = "/keys/persons.keys";

#[derive(Debug, Default)]
struct Told {
    added: Vec<String>,
    removed: Vec<String>,
}

fn history(disk: &FaultyDisk, told: &mut Told) -> Result<(), SealError> {
    let mut keys = KeyFile::create(Arc::new(disk.clone()), Path::new(PATH))?;
    for number in 1..=12 {
        let name = format!("p{number}");
        keys.add(&name)?;
        told.added.push(name);
        if number % 3 == 0 {
            let name = format!("p{}", number - 1);
            keys.remove(&[&name])?;
            told.removed.push(name);
        }
    }
    Ok(())
}

#[test]
fn a_full_disk_refuses_a_key_and_is_forgotten_when_there_is_room() {
    for seed in 0..32 {
        let disk = FaultyDisk::new(Faults::default(), seed);
        let open = || KeyFile::open(Arc::new(disk.clone()), Path::new(PATH)).unwrap();
        let mut keys = KeyFile::create(Arc::new(disk.clone()), Path::new(PATH)).unwrap();
        keys.add("p0").unwrap();
        keys.add("p1").unwrap();
        disk.set_full(true);
        assert!(matches!(keys.add("p2"), Err(SealError::Full { .. })));
        assert!(keys.get("p1").is_some() && keys.get("p2").is_none());
        assert!(open().get("p1").is_some(), "what a full disk left is no damage");
        disk.set_full(false);
        keys.add("p3").unwrap();
        assert_eq!(keys.remove(&["p1"]).unwrap(), 1);
        assert!(keys.failure().is_none());
        assert_eq!(open().names().collect::<Vec<_>>(), ["p0", "p3"]);
    }
}

/// What a person has a right to fits on a full disk, however many keys there are.
#[test]
fn a_full_disk_destroys_keys_in_their_places() {
    let disk = FaultyDisk::default();
    let open = || KeyFile::open(Arc::new(disk.clone()), Path::new(PATH)).unwrap();
    let mut keys = KeyFile::create(Arc::new(disk.clone()), Path::new(PATH)).unwrap();
    import(&mut keys, 0..2_000).unwrap();
    keys.add("one").unwrap();
    let secret = keys.get("one").unwrap().to_vec();
    let holds =
        |secret: &[u8]| disk.bytes(Path::new(PATH)).windows(KEY_LEN).any(|window| window == secret);
    assert!(holds(&secret));
    disk.set_full(true);
    assert_eq!(keys.remove(&["one", "p0003", "p1999", "nobody"]).unwrap(), 3);
    assert!(!holds(&secret), "the key is still in the file");
    for keys in [&keys, &open()] {
        assert_eq!(keys.names().count(), 1_998);
        assert!(keys.get("p0003").is_none() && keys.get("p0004").is_some());
    }
    assert_eq!(keys.remove(&["one"]).unwrap(), 0);
    disk.set_full(false);
    keys.add("two").unwrap();
    assert_eq!(keys.remove(&["p0004"]).unwrap(), 1);
    assert_eq!(disk.bytes(Path::new(PATH)).len(), 1_998 * ENTRY, "nothing is left of them");
    assert_eq!(open().names().count(), 1_998);
}

/// Each sector is written or not: what the file rests on.
#[test]
fn a_power_cut_while_keys_are_destroyed_in_their_places_damages_nothing() {
    let mut left = BTreeSet::new();
    for seed in 0..64 {
        let disk = FaultyDisk::new(Faults::default(), seed);
        let mut keys = KeyFile::create(Arc::new(disk.clone()), Path::new(PATH)).unwrap();
        import(&mut keys, 0..20).unwrap();
        disk.set_full(true);
        let steps = {
            let trial = disk.kill();
            trial.set_full(true);
            let mut keys = KeyFile::open(Arc::new(trial.clone()), Path::new(PATH)).unwrap();
            trial.set_faults(Faults::default());
            keys.remove(&["p0000", "p0009", "p0019"]).unwrap();
            trial.steps()
        };
        disk.set_faults(Faults { power_cut_at: Some(steps), ..Faults::default() });
        keys.remove(&["p0000", "p0009", "p0019"]).unwrap_err();
        let keys = KeyFile::open(Arc::new(disk.reboot()), Path::new(PATH));
        let keys = keys.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        left.insert(keys.names().count());
    }
    assert!(left.iter().eq(&[17, 18, 19, 20]), "{left:?}");
}

#[test]
fn no_file_grows_beyond_what_opens() {
    let disk = FaultyDisk::default();
    let mut keys = KeyFile::create(Arc::new(disk.clone()), Path::new(PATH)).unwrap();
    keys.max = 4 * ENTRY as u64;
    import(&mut keys, 0..3).unwrap();
    let refused = import(&mut keys, 3..5).unwrap_err();
    assert!(matches!(refused, SealError::TooMany { max: 4, .. }), "{refused}");
    import(&mut keys, 3..4).unwrap();
    assert!(keys.failure().is_none());
}

fn batch(names: std::ops::Range<u32>) -> Vec<(String, Key)> {
    names.map(|number| (format!("p{number:04}"), Key::new([7; KEY_LEN]))).collect()
}

fn import(keys: &mut KeyFile, names: std::ops::Range<u32>) -> Result<(), SealError> {
    let batch = batch(names);
    let batch: Vec<_> = batch.iter().map(|(name, key)| (name.as_str(), key.clone())).collect();
    keys.import(&batch)
}

/// Batches as a standby takes them over, each across several sectors.
#[test]
fn a_power_cut_within_a_batch_leaves_the_batches_before_it() {
    let mut torn = 0;
    for (step, seed) in (1..).flat_map(|step| (0..40).map(move |seed| (step, seed))) {
        let faults = Faults { power_cut_at: Some(step), ..Faults::default() };
        let disk = FaultyDisk::new(faults, seed * 1009 + step);
        let made = KeyFile::create(Arc::new(disk.clone()), Path::new(PATH));
        let told = made.map_or(0, |mut keys| {
            let batches = [0..3, 3..30, 30..31, 31..75, 75..80];
            let done = |names: std::ops::Range<u32>| {
                import(&mut keys, names.clone()).ok().map(|()| names.end)
            };
            batches.into_iter().map_while(done).last().unwrap_or(0)
        });
        let after = disk.reboot();
        let mut keys = match KeyFile::open(Arc::new(after.clone()), Path::new(PATH)) {
            Err(SealError::Missing { .. }) if told == 0 => continue,
            keys => keys.unwrap_or_else(|error| panic!("cut {step}, seed {seed}: {error}")),
        };
        torn += u32::from(told < 80 && keys.names().count() == told as usize);
        for (name, _) in batch(0..told) {
            assert!(keys.get(&name).is_some(), "cut {step}, seed {seed}: {name}");
        }
        import(&mut keys, 80..90).unwrap();
        let names: Vec<String> = keys.names().map(str::to_owned).collect();
        let again = KeyFile::open(Arc::new(after.clone()), Path::new(PATH)).unwrap();
        assert!(again.names().eq(names.iter()), "cut {step}, seed {seed}");
        if !disk.has_struck() {
            break;
        }
    }
    assert!(torn > 10, "{torn}");
}

#[test]
fn a_gap_in_what_was_durable_is_damage() {
    let disk = FaultyDisk::default();
    let mut keys = KeyFile::create(Arc::new(disk.clone()), Path::new(PATH)).unwrap();
    import(&mut keys, 0..20).unwrap();
    import(&mut keys, 20..31).unwrap();
    drop(keys);
    for sector in 0..5 {
        let copy = disk.kill();
        let (from, to) = (sector * 512, (sector + 1) * 512);
        copy.tamper(Path::new(PATH), |bytes| bytes[from..to].fill(0));
        let opened = KeyFile::open(Arc::new(copy), Path::new(PATH));
        let named =
            matches!(&opened, Err(SealError::Damaged { offset, .. }) if *offset == from as u64);
        assert!(named, "sector {sector}: {opened:?}");
    }
}

/// The next process adds to the file that it finds under the name.
#[test]
fn what_is_added_after_a_killed_rewriting_is_in_the_file_that_stays() {
    for (step, seed) in (1..=6).flat_map(|step| (0..16).map(move |seed| (step, seed))) {
        let disk = FaultyDisk::new(Faults::default(), seed);
        let mut keys = KeyFile::create(Arc::new(disk.clone()), Path::new(PATH)).unwrap();
        import(&mut keys, 0..3).unwrap();
        disk.set_faults(Faults { error_at: Some(step), ..Faults::default() });
        let _ = keys.remove(&["p0001"]);
        let killed = disk.kill();
        let mut keys = KeyFile::open(Arc::new(killed.clone()), Path::new(PATH)).unwrap();
        keys.add("p9").unwrap();
        let rebooted = Arc::new(killed.reboot());
        let keys = KeyFile::open(rebooted, Path::new(PATH)).unwrap();
        assert!(keys.get("p9").is_some(), "killed in step {step}, seed {seed}");
    }
}

#[test]
fn a_power_cut_loses_no_key_and_brings_none_back() {
    for (step, seed) in (1..).flat_map(|step| (0..8).map(move |seed| (step, seed))) {
        let faults = Faults { power_cut_at: Some(step), ..Faults::default() };
        let disk = FaultyDisk::new(faults, seed * 1009 + step);
        let mut told = Told::default();
        let done = history(&disk, &mut told);
        let keys = match KeyFile::open(Arc::new(disk.reboot()), Path::new(PATH)) {
            Err(SealError::Missing { .. }) if told.added.is_empty() => continue,
            keys => keys.unwrap_or_else(|error| panic!("cut {step}, seed {seed}: {error}")),
        };
        assert!(told.removed.iter().all(|name| keys.get(name).is_none()), "cut {step}");
        let lost = told.added.iter().filter(|name| keys.get(name).is_none()).count();
        // The cut may come after an erasure took hold and before it was told.
        let erasing = usize::from(done.is_err() && told.added.len() % 3 == 0);
        assert!(lost <= told.removed.len() + erasing, "cut {step}, seed {seed}");
        if done.is_ok() {
            break;
        }
    }
}
