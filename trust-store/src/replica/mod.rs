//! A second copy of a province that follows the first, and can take its place.
//!
//! One of the two is the *primary*, the one writer; the other is the *standby*. A
//! folder's own files say which it is, so that no setting and no restart can turn
//! one into the other: see the module `station`. Every promotion begins a new *term*, a
//! number in the state; of two gateways that meet, the one of the lower term has
//! been taken over.
//!
//! Following, and what survives a power cut in each step:
//! 1. The standby says which record it has last, with its hash. When the primary
//!    has another one there, the two have diverged: nothing is copied, ever again,
//!    until an operator makes the standby anew.
//! 2. Frames arrive as the primary's journal has them. They must chain on to our
//!    last record. Nothing survives.
//! 3. What they name beside the journal is fetched and made durable: blobs, keys
//!    of persons, and the other key files when they have changed. A power cut leaves
//!    blobs that no record names, swept with step 5 or once it is the primary, and keys
//!    that nothing uses.
//!    What the primary no longer has (a person erased meanwhile) is simply gone.
//! 4. The frames are appended verbatim and synced. Only now does the standby say
//!    that it has them: all that it ever confirmed is here for good.
//! 5. They are applied like any others. After an erasure the keys given up are
//!    destroyed here too; a power cut before that, and opening destroys them. After
//!    retention the blobs that nothing names any more are removed.
//!
//! Promotion of the standby to term N:
//! 1. The primary writes that it is fenced by N, durably ([`Province::fence`]).
//!    From here on no opening of its folder appends anything.
//! 2. Its journal stops; what was being written is finished first. It answers with
//!    its final record. (Unreachable: only by force, and 1 is made up for as soon
//!    as the two meet. Lost is what the standby had not confirmed.)
//! 3. The standby follows to that record. Interrupted here, nobody serves; asking
//!    again goes on.
//! 4. The standby's folder says durably that it is being promoted to N. From here
//!    on every opening of it completes the promotion.
//! 5. It appends `promoted.v1`: the state's term is N.
//! 6. The mark of step 4 is removed: the folder is a primary's.
//!
//! A standby that is lost between 1 and 5 leaves a primary that is fenced and has
//! everything: `take_back`.

mod copy;
mod frames;
mod key_files;
mod source;
mod station;
mod tail;
mod take_back;

use serde::{Deserialize, Serialize};

pub use copy::{Needs, Replica};
pub use key_files::{KeyFiles, Replaced};
pub use source::PersonKey;
pub(crate) use station::Station;
pub use station::make_standby;
pub use tail::ReplicaTail;
pub use take_back::{TakeBack, fenced_by};

use crate::journal::RecordHash;

/// The term before any promotion.
pub(crate) const FIRST_TERM: u64 = 1;

/// What a province is to its peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplicaRole {
    /// It takes changes.
    Primary,
    /// It follows.
    Standby,
    /// Another took its place.
    Fenced,
}

impl ReplicaRole {
    /// Its name, as documents and headers have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Standby => "standby",
            Self::Fenced => "fenced",
        }
    }
}

/// How a province introduces itself to its peer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaHello {
    /// The hash of its first record, which no two provinces share.
    pub province: RecordHash,
    /// Its term.
    pub term: u64,
    /// What it is.
    pub role: ReplicaRole,
    /// Its last durable record.
    pub sequence: u64,
    /// The hash of that record.
    pub hash: RecordHash,
}

/// Where the standby and the primary stand to each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerView {
    /// The peer's address, or the address it called from.
    pub address: Option<String>,
    /// Whether the standby follows at this moment.
    pub connected: bool,
    /// Records that the primary has and the standby has not confirmed; none while neither
    /// heard of the other since this gateway started.
    pub lag_records: Option<u64>,
    /// Seconds since the standby last had everything; none if it never had.
    pub lag_seconds: Option<u64>,
    /// Why following stopped, where it did.
    pub fault: Option<String>,
}

/// What `tongxing standby status` shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandbyView {
    /// What this province is.
    pub role: ReplicaRole,
    /// Its term.
    pub term: u64,
    /// Its last durable record.
    pub sequence: u64,
    /// The hash of that record.
    pub hash: RecordHash,
    /// When a change is acknowledged: `local` or `standby`; none where no gateway
    /// runs or no standby is set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledge: Option<String>,
    /// The other one; none where no gateway runs or no standby is set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<PeerView>,
}
