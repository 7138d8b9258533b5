//! Policies: the rules for each authority, and the province's own, as data.
//!
//! A policy is a TOML file (the format is described in `policies/README.md`),
//! compiled whole or not at all. Flow 1 uses a compiled one in three places:
//!
//! 1. Step 5, [`AuthorityPolicy::accept`]: algorithms, sizes, key usages and
//!    certificate policies of a valid path.
//! 2. Step 6, [`AuthorityPolicy::revocation`]: which answers are current enough.
//! 3. Step 7, [`AuthorityPolicy::identify`] and then
//!    [`AuthorityPolicy::permit`]: who it is, and whether they may.
//!
//! Compiled policies are plain values without shared state: editing one cannot
//! change what another yields.

mod acceptance;
mod authority;
mod codes;
mod file;
mod history;
mod identify;
mod identity;
mod kind;
mod province;
mod revocation;
mod rule;
mod text;

#[cfg(test)]
mod tests;

pub(crate) use acceptance::{key_kind, may_encrypt};
pub use authority::AuthorityPolicy;
pub(crate) use codes::catalogue;
pub use file::{PolicyError, PolicyErrors};
pub(crate) use history::{PolicyEdition, PolicyHistory};
pub use identify::{Disclosure, Explanation, Identification, RuleTrace};
pub use identity::{
    Assurance, Capacity, ClaimText, EntityClaim, HolderClaim, HolderId, Identity, Privacy,
};
pub use kind::{Bearer, Kind};
pub(crate) use kind::{is_uscc, may_hide_resident_id};
pub use province::{ProvincePolicy, Retention};
pub use revocation::{RevocationMode, RevocationPolicy, RevocationSource};
