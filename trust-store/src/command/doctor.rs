//! `tongxing doctor`, where the province is open.

use super::{Command, CommandError, Replay, Reply};
use crate::change::Actor;
use crate::doctor::{Check, Depth};
use crate::province::Province;

/// What the record says; in full, the state is made anew as well.
pub(super) async fn examine(
    province: &Province,
    by: &Actor,
    depth: Depth,
) -> Result<Reply, CommandError> {
    let mut checks = province.examine(depth);
    if depth == Depth::Full {
        let verify = Command::AuditVerify { replay: Replay::Yes };
        checks.push(match Box::pin(province.execute(by, verify)).await {
            Ok(_) => Check::ok("replay", "every record was read, and they make the index as it is"),
            Err(error) => Check::fail("replay", error, "see `tongxing audit verify --replay`"),
        });
    }
    Ok(Reply::Examined(checks))
}
