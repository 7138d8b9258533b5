//! All codes of this crate in one list.

use std::sync::OnceLock;

use crate::code::Code;
use crate::codes::FOUNDATION;
use crate::path::codes::PATH;
use crate::pdf::codes::PDF;
use crate::revocation::codes::REVOCATION;
use crate::signed::codes::SIGNED;

/// The lists of codes, one for each part of the crate.
static LISTS: &[&[&Code]] = &[FOUNDATION, PATH, REVOCATION, SIGNED, PDF];

/// Every code that this crate's findings can carry.
pub fn catalogue() -> &'static [&'static Code] {
    static ALL: OnceLock<Vec<&'static Code>> = OnceLock::new();
    ALL.get_or_init(|| LISTS.concat())
}
