//! The signatures of enrolled intermediates: each is verified once, when the certificate
//! is enrolled or the province opened, and by no sign-in.
//!
//! That a key made a signature never changes, and nothing else is settled here. The
//! certificate itself remembers it ([`Certificate::verified_by`]) and goes from one
//! snapshot to the next, so that only one that is new costs anything; what somebody
//! sends, be it the same octets, is verified like any other. Whether an algorithm or a
//! user id is allowed, whether the certificate is valid, trusted and not revoked, each
//! judgement asks anew.

use tongxing_pki::{Certificate, Timestamp};

use super::{Snapshot, list_rules};

/// The most enrolled keys of one name that are tried for a signature. Origin: ours; an
/// authority has one, and two for a while when it changes keys.
const MAX_ISSUERS: usize = 8;

impl Snapshot {
    /// Verifies what has not been, by the rules of this moment. An intermediate that no
    /// enrolled key signed remains: judgements say what that means.
    pub(super) fn verify_intermediates(&self, now: Timestamp) {
        for authority in self.authorities() {
            let rules = list_rules(authority.policy_at(now).as_deref());
            let fresh = |known: &&Certificate| known.verified_by().is_none();
            for known in authority.intermediates().filter(fresh) {
                let signed = |issuer: &Certificate| {
                    known.verify_signature_with(issuer.public_key(), &rules).is_ok()
                };
                let _ = self.issuers_by_name(known).into_iter().take(MAX_ISSUERS).any(signed);
            }
        }
    }
}
