//! Promotion where no gateway runs.

use super::{CommandError, Reply};
use crate::change::Actor;
use crate::province::Province;

/// Without a gateway nobody can ask the primary to stop, and an operator must say
/// that this is known.
pub(super) async fn promote(
    province: &Province,
    by: &Actor,
    force: bool,
) -> Result<Reply, CommandError> {
    province.check_promotable()?;
    if !force {
        return Err(CommandError::refused(
            "no gateway runs here, so the primary cannot be asked to stop: start this one with \
             `tongxing serve` first; or, if the primary is gone for good, promote with --force",
        ));
    }
    let (term, copy) = (province.term()? + 1, province.second_place());
    let sequence = province.danger_promote_by_force(term, copy, by).await?;
    Ok(Reply::Done { sequence, cancelled: Vec::new() })
}
