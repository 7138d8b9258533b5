//! The system's accounts and groups.

use nix::unistd::{Group, Uid, User};

/// Operators belong to this group, where it exists.
const GROUP: &str = "tongxing-admin";

/// The name of an account, where the system knows one.
pub(super) fn account_name(uid: u32) -> Option<String> {
    User::from_uid(Uid::from_raw(uid)).ok().flatten().map(|user| user.name)
}

/// The id of the operators' group, if there is one.
pub(crate) fn admin_group() -> Option<u32> {
    Group::from_name(GROUP).ok().flatten().map(|group| group.gid.as_raw())
}
