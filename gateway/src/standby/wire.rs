//! What the two say to each other: HTTP/1.1 within the pinned connection.
//!
//! | request | answer |
//! |---|---|
//! | `POST /join` [`Join`] | [`Welcome`]; once, with an open invitation's secret |
//! | `POST /hello` `ReplicaHello` | `ReplicaHello` |
//! | `GET /frames/N` | the frames after record N, and the headers below; 204 if there are none yet |
//! | `GET /keys` | `KeyFiles` |
//! | `POST /persons` names | the persons' keys that are there |
//! | `GET /blobs/ADDRESS` | its content, or 404 |
//! | `POST /fence` [`Fence`] | [`Fenced`]: the last record that there will be |
//!
//! Anything else is answered with a [`Refusal`].

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tongxing_trust_store::{FileBytes, RecordHash, RecordProfile, ReplicaHello};

pub(super) const JOIN: &str = "/join";
pub(super) const HELLO: &str = "/hello";
pub(super) const FRAMES: &str = "/frames/";
pub(super) const KEYS: &str = "/keys";
pub(super) const PERSONS: &str = "/persons";
pub(super) const BLOBS: &str = "/blobs/";
pub(super) const FENCE: &str = "/fence";

/// Header of frames: the primary's last record.
pub(super) const LAST: &str = "tongxing-last";

/// Header of frames: changes whenever one of the key files did.
pub(super) const KEYS_MARK: &str = "tongxing-keys";

/// So long an answer with frames waits for the next record: what a standby that
/// keeps up is heard of at least so often.
pub(super) const POLL: Duration = Duration::from_secs(2);

/// Frames in one answer, unless one record alone is longer.
pub(super) const FRAMES_MAX: usize = 1 << 20;

/// The longest answer: a list of a million revoked certificates, with room.
pub(super) const ANSWER_MAX: usize = 256 << 20;

/// The longest question: the names of the persons of a megabyte of frames.
pub(super) const QUESTION_MAX: usize = 4 << 20;

/// Asks to become the standby.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Join {
    pub(super) secret: String,
    /// Where it stands, if it has a record already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<ReplicaHello>,
}

/// What a new standby needs beside the record and the keys.
#[derive(Serialize, Deserialize)]
pub(super) struct Welcome {
    /// The text of `tongxing.toml`.
    pub(super) settings: String,
    /// Further files by their paths from the folder: the server's certificates and keys.
    pub(super) files: BTreeMap<String, FileBytes>,
    /// The last record.
    pub(super) last: u64,
    /// What its record rests on.
    #[serde(default)]
    pub(super) profile: RecordProfile,
}

/// Tells the primary that the term is over.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fence {
    pub(super) term: u64,
}

/// The end of the fenced one's record.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Fenced {
    pub(super) sequence: u64,
    pub(super) hash: RecordHash,
}

/// Why there is no other answer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Refusal {
    /// Whether the two records have diverged: asking again is of no use.
    #[serde(default)]
    pub(super) diverged: bool,
    pub(super) message: String,
}
