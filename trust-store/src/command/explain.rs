//! `policy explain`: what a policy reads from a certificate, rule by rule.

use super::trust::{first_certificate, record};
use super::{CommandError, Reply};
use crate::change::{Actor, Change};
use crate::hex;
use crate::ids::AuthorityId;
use crate::policy::Disclosure;
use crate::province::Province;

/// Shows each rule, what it read and what came out. The certificate is not kept.
/// Its texts may be a person's: they are shown only for a reason, which is on the
/// record before they are.
pub(super) async fn explain(
    province: &Province,
    by: &Actor,
    id: AuthorityId,
    certificate: &[u8],
    reveal: Option<String>,
) -> Result<Reply, CommandError> {
    let certificate = first_certificate(certificate)?;
    let snapshot = province.snapshot();
    let authority = snapshot
        .authority(&id)
        .ok_or_else(|| CommandError::refused(format!("no authority {id} is enrolled")))?;
    let now = province.clock().now();
    let policy = authority
        .policy_at(now)
        .ok_or_else(|| CommandError::unavailable(format!("the policy of {id} does not load")))?;
    let disclosure = if reveal.is_some() { Disclosure::Revealed } else { Disclosure::Veiled };
    let rules = snapshot.province_at(now)?;
    let explanation = policy.explain(&rules, &certificate, now, disclosure);
    if let Some(reason) = reveal {
        if reason.trim().is_empty() {
            return Err(CommandError::bad_input("personal data is shown only for a reason"));
        }
        let certificate = hex::encode(certificate.sha256());
        record(province, by, Change::CertificateRevealed { authority: id, certificate, reason })
            .await?;
    }
    let value = serde_json::to_value(explanation);
    Ok(Reply::Explanation(value.map_err(crate::StoreError::encoding)?))
}
