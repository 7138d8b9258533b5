//! The other certificate of a key that signs in: the one that is encrypted to.
//!
//! It is judged as the one that signed in was, and registered beside it. It proves
//! nothing about the sign-in, and nothing that is wrong with it undoes one.

use tongxing_pki::{Certificate, Finding, Verdict};
use tongxing_trust_store::{Admitted, EncryptionAdmission, EncryptionRecognition};

use super::ATTEMPTS;
use crate::problem::ENCRYPTION_NOT_RECORDED;
use crate::site::Site;
use crate::status;

/// What became of it.
#[derive(Debug)]
pub(crate) struct EncryptionOutcome {
    pub(crate) verdict: Verdict,
    /// What speaks against it.
    pub(crate) findings: Vec<Finding>,
}

/// Judges and registers it.
pub(super) async fn register(
    site: &Site,
    admitted: &Admitted,
    chain: &[Certificate],
) -> EncryptionOutcome {
    for _ in 0..ATTEMPTS {
        let recognised = match status::recognise_encryption(site, chain).await {
            EncryptionRecognition::Recognised(recognised) => recognised,
            EncryptionRecognition::Refused(refusal)
            | EncryptionRecognition::Indeterminate(refusal) => return of(refusal.findings()),
        };
        match site.province.register_encryption(admitted, &recognised).await {
            Ok(EncryptionAdmission::Registered) => {
                return EncryptionOutcome { verdict: Verdict::Passed, findings: Vec::new() };
            }
            Ok(EncryptionAdmission::Refused(findings)) => return of(&findings),
            Ok(EncryptionAdmission::Stale) => {}
            Err(error) => {
                tracing::error!(%error, "an encryption certificate could not be recorded");
                break;
            }
        }
    }
    of(&[Finding::indeterminate(&ENCRYPTION_NOT_RECORDED)])
}

fn of(findings: &[Finding]) -> EncryptionOutcome {
    let mut report = tongxing_pki::Report::new();
    report.extend(findings.iter().cloned());
    let against = findings.iter().filter(|finding| finding.asks_something());
    EncryptionOutcome { verdict: report.verdict(), findings: against.cloned().collect() }
}
