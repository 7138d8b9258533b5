//! What the state names must be there.

use super::{Check, Depth, RESTORE};
use crate::blobs::{BlobError, BlobId, Blobs};
use crate::error::StoreError;
use crate::state::{Lookups, StateError, View};

/// How many of one kind are named; the rest is counted.
const NAMED: usize = 3;

/// The blobs that records name: there, and in full what they were.
pub(super) fn blobs(view: &View<'_>, blobs: &Blobs, depth: Depth) -> Check {
    const ABOUT: &str = "blobs";
    let named = match view.named_blobs() {
        Ok(named) => named,
        Err(error) => return Check::unknown(ABOUT, error, "start the gateway: it mends the index"),
    };
    let fault = |name: &String| {
        let found = name.parse::<BlobId>().and_then(|id| is_there(blobs, &id, depth));
        match found {
            Ok(true) => None,
            Ok(false) => Some(format!("{name} is missing")),
            Err(error) => Some(error.to_string()),
        }
    };
    let faults: Vec<String> = named.iter().filter_map(fault).collect();
    if faults.is_empty() {
        let how = if depth == Depth::Full { "there and whole" } else { "there" };
        return Check::ok(ABOUT, format!("{} named, all {how}", named.len()));
    }
    Check::fail(ABOUT, some_of(&faults), RESTORE)
}

fn is_there(blobs: &Blobs, id: &BlobId, depth: Depth) -> Result<bool, BlobError> {
    match depth {
        Depth::Quick => Ok(blobs.has(id)),
        Depth::Full => Ok(blobs.get(id)?.is_some()),
    }
}

/// The keys under which living persons' data is sealed.
pub(super) fn person_keys(view: &View<'_>, has: impl Fn(&str) -> bool) -> Check {
    const ABOUT: &str = "persons";
    match missing_keys(view, has) {
        Err(error) => Check::unknown(ABOUT, error, "start the gateway: it mends the index"),
        Ok((sealed, missing)) if missing.is_empty() => {
            Check::ok(ABOUT, format!("all {sealed} sealed records of persons can be opened"))
        }
        Ok((sealed, missing)) => {
            let seen = format!(
                "{} of {sealed} keys are gone, and what they seal cannot be opened: {}",
                missing.len(),
                some_of(&missing)
            );
            Check::fail(ABOUT, seen, RESTORE)
        }
    }
}

fn missing_keys(
    view: &View<'_>,
    has: impl Fn(&str) -> bool,
) -> Result<(usize, Vec<String>), StateError> {
    let sealed = view.sealed_keys()?;
    let missing = sealed.iter().filter(|key| !has(key.as_str())).map(ToString::to_string);
    Ok((sealed.len(), missing.collect()))
}

/// The key that persons are looked up under, at least.
pub(super) fn lookup_key(view: &View<'_>, has: impl Fn(u32) -> bool) -> Check {
    const ABOUT: &str = "look-ups";
    match view.lookup_keys() {
        Err(error) => Check::unknown(ABOUT, error, "start the gateway: it mends the index"),
        Ok(keys) if has(keys.newest) => {
            Check::ok(ABOUT, format!("persons are looked up under key v{}", keys.newest))
        }
        Ok(keys) => {
            let seen = format!("key v{} is gone: persons cannot sign in", keys.newest);
            Check::fail(ABOUT, seen, "make another: `tongxing subject rotate-lookup-key`")
        }
    }
}

/// What the state of a damaged province cannot tell.
pub(super) fn untold(error: &StoreError) -> [Check; 2] {
    let help = "mend what is said above first";
    let untold = |about| Check::unknown(about, format!("no state to ask: {error}"), help);
    [untold("blobs"), untold("persons")]
}

fn some_of(faults: &[String]) -> String {
    let named = faults.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join("; ");
    match faults.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named}; and {more} more"),
    }
}
