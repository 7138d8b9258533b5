//! Reading every row of an index that is opened, on two threads.

use std::ops::Range;

use super::blocks::{BlockRows, FIRST};
use super::mark::Mark;
use super::sled_index::guarded;

/// About as many rows come before it as behind it: subjects and their identifiers
/// behind, certificates before.
const MIDDLE: &[u8] = b"m";

/// Behind every key: rows are named by text.
const END: &[u8] = &[0xff; 8];

/// What one thread found.
struct Part {
    found: Mark,
    first_block: Option<Vec<u8>>,
    last_row: Vec<u8>,
}

/// Counts and hashes all rows; an error where they are not in order.
pub(super) fn read_all(db: &sled::Db) -> Result<Mark, String> {
    let (early, late) = std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().name("index-check".to_owned());
        let late = builder.spawn_scoped(scope, || read(db, MIDDLE..END));
        let late = late.map_err(|error| format!("cannot be read: {error}"))?;
        let early = read(db, FIRST..MIDDLE)?;
        let late = late.join().map_err(|_| "cannot be read: the thread panicked")??;
        Ok::<_, String>((early, late))
    })?;
    if late.first_block.is_some_and(|first| first <= early.last_row) {
        return Err(out_of_order());
    }
    let mut found = early.found;
    found.rows += late.found.rows;
    found.hash.add_all(&late.found.hash);
    Ok(found)
}

fn read(db: &sled::Db, range: Range<&[u8]>) -> Result<Part, String> {
    guarded(|| read_rows(db, range)).map_err(|panicked| panicked.to_string())?
}

fn read_rows(db: &sled::Db, range: Range<&[u8]>) -> Result<Part, String> {
    let mut part = Part { found: Mark::default(), first_block: None, last_row: Vec::new() };
    for block in db.range(range) {
        let (block_key, bytes) = block.map_err(|error| error.to_string())?;
        if *block_key <= *part.last_row {
            return Err(out_of_order());
        }
        for (at, row) in BlockRows::of(&bytes).enumerate() {
            let (key, value) = row.map_err(|error| error.to_string())?;
            let in_order = if at == 0 { *key >= *block_key } else { *key > *part.last_row };
            if !in_order {
                return Err(out_of_order());
            }
            part.found.add(key, value);
            part.last_row.clear();
            part.last_row.extend_from_slice(key);
        }
        part.first_block.get_or_insert_with(|| block_key.to_vec());
    }
    Ok(part)
}

fn out_of_order() -> String {
    "its rows are not in order".to_owned()
}
