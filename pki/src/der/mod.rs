//! Strict DER (X.690): reading, and the walk that checks a whole structure.
//!
//! 1. [`reader`] takes one element off the front of some octets.
//! 2. [`primitive`] says whether the content of one element is minimal and
//!    well formed.
//! 3. [`schema`] describes structures as data and walks octets along such a
//!    description; every fault comes out with the path of its field.
//! 4. [`grammar`] holds the descriptions: certificates, lists and every
//!    extension of RFC 5280.
//!
//! What has passed the walk is then taken apart by typed readers, which may
//! rely on the shape but never on it for memory safety.

pub(crate) mod grammar;
pub(crate) mod primitive;
pub(crate) mod reader;
pub(crate) mod schema;
