//! Revocation (RFC 5280 section 6.3): the status of every certificate on a
//! validated path, from revocation lists that are passed in.
//!
//! 1. [`lists`] holds lists by issuer. A list is verified once, and remembers
//!    by which key.
//! 2. For each certificate below the anchor, [`scope`] picks the lists that
//!    cover it: by issuer, distribution point, kind of certificate and
//!    reasons, indirect lists too.
//! 3. [`signer`] finds the key that signed a list. It must be the issuer's own
//!    or one that validates to the same anchor and may sign lists.
//! 4. [`decide`] reads the newest list of each scope, with its delta, and the
//!    lists issued after the moment judged, and finds the certificate by
//!    issuer and serial.
//! 5. [`check`] puts the scopes together. Only when every reason for
//!    revocation is covered by current lists is a certificate *good*; a stale
//!    or unusable list leaves it *unknown*, and *revoked* comes with the list
//!    and the entry.
//!
//! A list past its next update serves only where the caller allows a grace, and
//! the report says that it did.

mod check;
pub(crate) mod codes;
mod decide;
mod lists;
mod scope;
mod signer;
mod status;

pub use check::{
    Moment, RevocationOptions, RevocationOutcome, RevocationSources, check_revocation,
};
pub use lists::{RevocationList, RevocationLists};
pub use status::{Finality, ListReference, Revocation, RevocationStatus};
