//! `policy explain`: what a policy reads from a certificate, rule by rule.

use super::trust::read_certificate;
use super::{CommandError, Reply};
use crate::ids::AuthorityId;
use crate::province::Province;

/// Shows each rule, what it read and what came out. The certificate is not kept.
pub(super) fn explain(
    province: &Province,
    id: &AuthorityId,
    certificate: &[u8],
) -> Result<Reply, CommandError> {
    let certificate = read_certificate(certificate)?;
    let snapshot = province.snapshot();
    let authority = snapshot
        .authority(id)
        .ok_or_else(|| CommandError::refused(format!("no authority {id} is enrolled")))?;
    let policy = authority
        .policy()
        .ok_or_else(|| CommandError::unavailable(format!("the policy of {id} does not load")))?;
    let explanation = policy.explain(snapshot.province(), &certificate);
    let value = serde_json::to_value(explanation);
    Ok(Reply::Explanation(value.map_err(crate::StoreError::encoding)?))
}
