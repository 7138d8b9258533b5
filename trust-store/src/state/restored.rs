//! The rows that a receipt's evidence makes: enough to compile the snapshot that judged.

use tongxing_pki::Timestamp;

use super::{AuthorityRow, ClockRow, ListPlace, ListRow, ProvinceRow, StateError, Table};
use crate::change::{Names, PolicyText};
use crate::ids::AuthorityId;
use crate::index::MemoryRows;
use crate::policy::PolicyHistory;

/// What rows are made of.
pub(crate) struct Restored<'r> {
    /// When each edition of the province's rules is in force.
    pub(crate) policies: PolicyHistory,
    /// The authorities.
    pub(crate) authorities: &'r [(AuthorityId, AuthorityRow)],
    /// Every text of a policy, by the record that set it.
    pub(crate) texts: &'r [(u64, PolicyText)],
    /// Their newest lists.
    pub(crate) lists: &'r [(AuthorityId, ListPlace, ListRow)],
    /// The moment of the journal that they stand at.
    pub(crate) time: Timestamp,
}

impl Restored<'_> {
    /// The rows.
    pub(crate) fn rows(self) -> Result<MemoryRows, StateError> {
        let mut rows = MemoryRows::default();
        let mut table = Table::new(&mut rows);
        let log_time = self.time.unix().saturating_mul(1000);
        table.set_clock(&ClockRow { log_time, ..ClockRow::default() })?;
        // Its name decides nothing.
        let names = Names { zh: String::new(), en: None };
        table.set_province(&ProvinceRow { names, policies: self.policies })?;
        for (sequence, text) in self.texts {
            table.set_policy_text(*sequence, text)?;
        }
        for (id, row) in self.authorities {
            table.set_authority(id, row)?;
        }
        for (authority, place, row) in self.lists {
            table.set_list(authority, place, row)?;
        }
        Ok(rows)
    }
}
