//! Revocation (RFC 5280 section 6.3): the status of every certificate on a
//! validated path, from lists and OCSP responses that are passed in.
//!
//! 1. [`lists`] holds lists by issuer, [`responses`] holds OCSP responses by
//!    serial. Each is verified once, and remembers by which key.
//! 2. For each certificate below the anchor, [`question`] asks both kinds, and
//!    puts what they say together. A revocation that either proves counts.
//! 3. [`by_list`] goes through the lists. [`scope`] picks those that cover the
//!    certificate: by issuer, distribution point, kind of certificate and
//!    reasons, indirect lists too. [`signer`] finds the key that signed one: the
//!    issuer's own, or one that validates to the same anchor and may sign lists.
//!    [`decide`] reads the newest of each scope, with its delta, and those
//!    issued after the moment judged. Only when every reason for revocation is
//!    covered is a certificate *good*.
//! 4. [`by_response`] goes through the responses, [`responder`] finds who signed
//!    one: the authority itself, or a delegate that it certified for that.
//! 5. Stale or unusable evidence leaves a certificate *unknown*, and *revoked*
//!    comes with the list and the entry, or with the response.
//!
//! What is past its next update serves only where the caller allows a grace, and
//! the report says that it did.

mod by_list;
mod by_response;
mod check;
mod clearance;
pub(crate) mod codes;
mod decide;
mod later;
mod lists;
mod question;
mod responder;
mod responses;
mod scope;
mod signer;
mod status;
mod vouching;

pub use check::{
    Moment, OtherKeys, ResponderStatus, RevocationMethods, RevocationOptions, RevocationOutcome,
    RevocationSources, check_revocation,
};
pub use later::{AwaitedStatus, LaterWord};
pub use lists::{RevocationList, RevocationLists, VerifiedCrl};
pub use responses::{NonceRule, RevocationResponse, RevocationResponses};
pub use status::{
    Evidence, Finality, ListReference, ResponseReference, Revocation, RevocationStatus,
};
