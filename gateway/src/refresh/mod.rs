//! Keeps revocation lists fresh.
//!
//! 1. `places`: where lists are told. An authority's policy names the places, or else
//!    the certificates do: those enrolled, and those on paths that sign-ins showed.
//!    Only hosts that the policy names count.
//! 2. `rounds`: what is due is fetched, one at a time from each host and a few
//!    hosts at once.
//! 3. `bring`: what is there is imported as by `tongxing crl import`: verified,
//!    kept, recorded. One that is not newer than what is held is not. What fails
//!    leaves the last good list in force and shows as degraded.
//! 4. `schedule`: the next time, before the list's next update, at random so that
//!    not everybody comes at once; after a failure soon, then ever more rarely.
//! 5. `folder`: lists that somebody puts into a folder are imported too, for
//!    authorities that are not connected.
//!
//! A power cut loses at most when each place was asked last (`refresh.json`); a list
//! is in the journal or it is not.

mod bring;
mod folder;
mod places;
mod rounds;
mod schedule;

pub(crate) use folder::watch;
pub(crate) use places::learn;
pub(crate) use rounds::keep;
