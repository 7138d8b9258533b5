//! Evidence: what shows to others that the record was not cut short, changed, or
//! written later than it says.
//!
//! All records are the leaves of one Merkle tree. Its head is signed: a checkpoint.
//! 1. `keys`: the key that signs is the province's own; the journal names it before
//!    it signs.
//! 2. `keeper`: a checkpoint is signed and kept in the province's folder (`log`).
//!    Opening compares the newest with the journal.
//! 3. `copy`: a thread brings every checkpoint to a second place, where an intruder
//!    on this machine cannot exchange them with the journal; opening compares the
//!    newest of those, too.
//! 4. `timestamp`: a service that others trust says when a checkpoint was there.
//! 5. `proof`, `export`: records are shown together with the hashes that lead from
//!    them to the root of a checkpoint, and are checked with its key alone.
//!
//! Notes, checkpoints and proofs are as C2SP specifies them (signed-note,
//! tlog-checkpoint, tlog-proof), so that other people's tools and witnesses read
//! them. What is not signed by a known key proves nothing: it is told of, and never
//! believed nor removed.

mod accepted;
mod audit;
mod checkpoint;
mod copy;
mod error;
mod export;
mod keeper;
mod keys;
mod log;
mod note;
mod proof;
mod range;
mod timestamp;
mod troubles;

pub(crate) use accepted::{accept_beyond, copies, newest_signed};
pub(crate) use audit::CheckpointAudit;
pub(crate) use checkpoint::new_origin;
pub use checkpoint::{Checkpoint, SignedCheckpoint};
pub use error::EvidenceError;
pub use export::{
    ExportError, ExportHeader, ExportSummary, ExportWriter, VerifiedExport, verify_export,
};
pub(crate) use keeper::{Keeper, Places, agree};
pub(crate) use keys::EvidenceKeys;
pub(crate) use note::EvidenceSigner;
pub use note::{EvidenceKey, NoteError, SignedNote};
pub(crate) use proof::render_growth;
pub use proof::{PROOF_HEADER, ProofError, RecordProof};
pub(crate) use timestamp::verify_kept;
pub use timestamp::{TIMESTAMP_MAX_BYTES, TIMESTAMP_QUERY, TimestampQuery};
