//! Personal data: sealed under a key per person, found by keyed hashes.
//!
//! The journal must not be rewritten, and a person's data must be erasable: so
//! the journal holds it only sealed, and erasing a person destroys the key. What
//! survives a power cut in each step of recording a person:
//! 1. A random key is appended to the key file and synced. A key that nothing
//!    uses, at most.
//! 2. The data is sealed under it. Nothing new.
//! 3. The change that carries the sealed data is appended to the journal. It can
//!    be opened for as long as the key is kept.
//!
//! And of erasing: the key file is rewritten without the key, synced and renamed
//! over the old one. Afterwards no running or later process can open the data.
//! What a medium keeps of overwritten blocks is beyond a program's reach; an
//! encrypted disk is the remedy.
//!
//! Equal values must be findable without being readable: [`LookupKeys`] gives a
//! keyed hash, its key versioned so that it can be changed.

mod base64_bytes;
mod cipher;
mod error;
mod key_file;
mod lookup;
mod person;

pub use base64_bytes::Base64Bytes;
pub use error::SealError;
pub(crate) use key_file::{KEYS_MAX, KeyFile, key_names, random_key};
pub(crate) use lookup::{LookupHash, LookupKeys};
pub(crate) use person::{PersonKeys, Sealed};
