//! A copy of a province that stands by itself, sealed for whoever may restore it.
//!
//! A backup is a `tar` stream inside an age file (<https://age-encryption.org/v1>),
//! encrypted to one or more X25519 recipients; the gateway never holds the key that
//! opens it. `BACKUP.json` comes first and says of which record it is, the province's
//! files follow as they lie in its folder, `MANIFEST.json` comes last and lists them.
//!
//! How one is made while the gateway serves, and what survives a power cut in each
//! step:
//! 1. The record that the index stands at is the backup's record. Nothing.
//! 2. Up to it the journal is copied, each frame checked; then the blobs that are
//!    named, each compared with its address; then everything else in the folder that
//!    is not rebuilt. Keys and blobs are written before the record that needs them, so
//!    what is copied after step 1 is all that the record needs. `FILE.new`, any part.
//! 3. `FILE.new` is synced and read back: the medium holds the bytes that were
//!    written. `FILE.new`, whole.
//! 4. The journal records that a backup was made, for whom, and its hash. It holds
//!    personal data and keys: whoever takes them is on the record.
//! 5. It is renamed to `FILE`. There is never half a backup under that name.
//!
//! Whether it opens can only be tried by who has the key: `tongxing restore
//! --verify-only`. How one is restored is told in `restore`.

mod beyond;
mod container;
mod error;
mod identity;
mod make;
mod output;
mod restore;
mod source;
#[cfg(test)]
mod tests;
mod unpack;
mod workshop;

pub(crate) use beyond::set_aside as set_aside_beyond;
pub use error::BackupError;
pub use identity::{BackupIdentity, BackupRecipient};
pub(crate) use make::make;
pub use restore::{BackupCheck, Restore, RestoreReport, RestoreUntil, check_backup};
pub use workshop::abandon_restores;
