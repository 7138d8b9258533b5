//! The journal alone: appends a second with 1, 16 and 256 writers, beside the
//! machine's own cost of a write and `fdatasync`.
//!
//! Each writer waits for its append before it makes the next one, as a sign-in
//! does. The rates and their ratio to one writer's are printed at the end; group
//! commit is worth its name when 16 writers reach 5 times one writer's rate.

use std::fs::OpenOptions;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tongxing_trust_store::{FileJournal, Journal, JournalOptions, SystemClock};

/// About the size of a sign-in's record.
const PAYLOAD: usize = 900;

const WRITERS: [usize; 3] = [1, 16, 256];

fn appends(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder for the bench");
    let mut group = criterion.benchmark_group("journal");
    group.sample_size(10).measurement_time(Duration::from_secs(4));
    group.throughput(Throughput::Elements(1));

    let sync = Rate::default();
    let path = folder.path().join("plain");
    let mut file = OpenOptions::new().create(true).append(true).open(path).expect("a file");
    group.bench_function("write and fdatasync", |bencher| {
        bencher.iter_custom(|count| {
            sync.measure(count, || {
                for _ in 0..count {
                    file.write_all(&[b'x'; PAYLOAD]).expect("writing");
                    file.sync_data().expect("syncing");
                }
            })
        });
    });

    let mut rates = vec![("write and fdatasync".to_owned(), sync.per_second())];
    for writers in WRITERS {
        let path = folder.path().join(format!("journal-{writers}"));
        let options = JournalOptions::default();
        let journal =
            FileJournal::create(&path, Arc::new(SystemClock), &options).expect("a journal");
        let rate = Rate::default();
        let name = format!("append, {writers} writers");
        group.bench_function(&name, |bencher| {
            bencher.iter_custom(|count| rate.measure(count, || append(&journal, writers, count)));
        });
        rates.push((name, rate.per_second()));
    }
    group.finish();
    print(&rates);
}

/// `count` appends by `writers` threads, each waiting for its own.
fn append(journal: &FileJournal, writers: usize, count: u64) {
    let left = AtomicU64::new(count);
    let take =
        || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
    std::thread::scope(|scope| {
        for _ in 0..writers {
            scope.spawn(|| {
                while take().is_ok() {
                    journal.append(vec![b'x'; PAYLOAD]).wait().expect("appending");
                }
            });
        }
    });
}

fn print(rates: &[(String, f64)]) {
    let one = rates.iter().find(|(name, _)| name.contains(" 1 writers")).map_or(1.0, |(_, r)| *r);
    println!("\n{:<24} {:>10} {:>18}", "", "a second", "of one writer's");
    for (name, rate) in rates {
        println!("{name:<24} {rate:>10.0} {:>17.1}x", rate / one);
    }
}

/// The time that one operation took, in each measurement.
#[derive(Default)]
struct Rate(Mutex<Vec<f64>>);

impl Rate {
    #[expect(
        clippy::disallowed_methods,
        clippy::cast_precision_loss,
        reason = "a bench measures real time, for people to read"
    )]
    fn measure(&self, count: u64, work: impl FnOnce()) -> Duration {
        let start = std::time::Instant::now();
        work();
        let took = start.elapsed();
        self.0.lock().expect("no panic while locked").push(took.as_secs_f64() / count as f64);
        took
    }

    /// The median of the measurements.
    fn per_second(&self) -> f64 {
        let mut seconds = self.0.lock().expect("no panic while locked").clone();
        seconds.sort_by(f64::total_cmp);
        seconds.get(seconds.len() / 2).map_or(0.0, |median| 1.0 / median)
    }
}

criterion_group!(benches, appends);
criterion_main!(benches);
