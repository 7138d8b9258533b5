//! Step 4: how the authority of each enrolled key on the path stood.

use tongxing_pki::{Certificate, Finding};

use super::judgement::Judgement;
use crate::authority::{Standing, Status};
use crate::codes;
use crate::snapshot::Authority;

impl Judgement<'_> {
    /// Step 4. An anchor may be a subordinate CA with its root enrolled too:
    /// every enrolled key on the path must be active.
    pub(super) fn check_standing(&mut self, authority: &Authority, tried: &[Certificate]) {
        for issuer in &tried[1..] {
            let key = issuer.spki_sha256();
            if let Some(owner) = self.snapshot.owner(key) {
                let (standing, entry) = owner.standing(key, self.at);
                let finding = standing_finding(standing).about(owner.id());
                self.report.push(match entry {
                    Some(entry) if standing != Standing::Is(Status::Active) => {
                        finding.seen(format!(
                            "{} since {}: {}",
                            standing.as_str(),
                            entry.effective,
                            entry.reason
                        ))
                    }
                    _ => finding.seen(standing.as_str()),
                });
                self.report.extend(issued_in_time(owner, key, &tried[0]));
            }
        }
        let role = self.role;
        let finding = if authority.roles().contains(&role) {
            Finding::passed(&codes::AUTHORITY_ROLE)
        } else {
            Finding::failed(&codes::AUTHORITY_ROLE_MISSING)
        };
        self.report.push(finding.about(authority.id()).expected(role.as_str()));
    }
}

/// Where newer certificates under a key are not trusted: whether this one is older.
fn issued_in_time(owner: &Authority, key: &[u8; 32], leaf: &Certificate) -> Option<Finding> {
    let (moment, statement) = owner.distrusted_after(key)?;
    let finding = if leaf.not_before() < moment {
        Finding::passed(&codes::AUTHORITY_TRUSTED_UNTIL).seen(leaf.not_before())
    } else {
        let seen = format!("issued {}: {}", leaf.not_before(), statement.reason);
        Finding::failed(&codes::AUTHORITY_DISTRUSTED).seen(seen)
    };
    Some(finding.about(owner.id()).expected(format_args!("issued before {moment}")))
}

fn standing_finding(standing: Standing) -> Finding {
    match standing {
        Standing::Is(Status::Active) => Finding::passed(&codes::AUTHORITY_ACTIVE),
        Standing::Is(Status::Suspended) => Finding::failed(&codes::AUTHORITY_SUSPENDED),
        Standing::Is(Status::Withdrawn) => Finding::failed(&codes::AUTHORITY_WITHDRAWN),
        Standing::Is(Status::Compromised) => Finding::failed(&codes::AUTHORITY_COMPROMISED),
        Standing::Is(Status::Draft | Status::Testing) | Standing::NotYetEnrolled => {
            Finding::failed(&codes::AUTHORITY_NOT_ACTIVE)
        }
    }
}
