//! A trading platform that consumes tokens and asks for verifications.
//!
//! It shows that it is itself by a secret, by signing with a key, or by a TLS client
//! certificate; each of these is registered by an operator beforehand. Nothing here
//! could be used to pass for it: secrets are kept as hashes, keys are public.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use tongxing_pki::{PublicKey, Timestamp};

use crate::change::{RelyingPartyModel, SecretModel};
use crate::hex;
use crate::ids::RelyingPartyId;
use crate::points::PointUrl;

/// Whether a platform may ask for anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// It gets tokens and verifications.
    Open,
    /// It gets nothing until an operator says otherwise.
    Suspended,
}

impl Access {
    /// The name used in commands and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Suspended => "suspended",
        }
    }
}

/// Whether a platform is entitled to personal ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PersonalData {
    /// It reads them masked.
    Withheld,
    /// The law or the person entitles it to read them (Personal Information
    /// Protection Law, articles 13 and 23).
    Disclosed,
}

impl PersonalData {
    /// The name used in commands and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Withheld => "withheld",
            Self::Disclosed => "disclosed",
        }
    }
}

/// With which kind of key a platform's tokens are signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenSignature {
    /// The gateway's own setting: ES256 or EdDSA, which every library verifies.
    #[default]
    Default,
    /// SM2 with SM3, for platforms that have to verify the national algorithms.
    Sm2,
}

impl TokenSignature {
    /// The name used in commands and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Sm2 => "sm2",
        }
    }

    /// For what is stored: the default is left out.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::Default
    }
}

/// A registered platform, as decisions know it.
#[derive(Debug)]
pub struct RelyingParty {
    id: RelyingPartyId,
    name: String,
    access: Access,
    secrets: Vec<Secret>,
    keys: Vec<PublicKey>,
    certificates: Vec<[u8; 32]>,
    verifications_per_minute: Option<NonZeroU32>,
    personal_data: PersonalData,
    webhook: Option<PointUrl>,
    token_signature: TokenSignature,
}

#[derive(Debug)]
struct Secret {
    sha256: [u8; 32],
    until: Option<Timestamp>,
}

/// The hash that no secret is known to have: what an unknown platform is compared
/// with, so that asking takes as long as for a known one.
const NOBODYS: [u8; 32] = [0; 32];

impl RelyingParty {
    /// From what is stored. What does not read there counts as not registered:
    /// nobody passes by it.
    pub(crate) fn compile(id: RelyingPartyId, model: RelyingPartyModel) -> Self {
        let secret = |secret: &SecretModel| {
            Some(Secret { sha256: hex::decode(&secret.sha256)?, until: secret.until })
        };
        let keys = model.keys.iter().map(|key| PublicKey::from_spki_der(key.as_slice()));
        Self {
            id,
            name: model.name,
            access: model.access,
            secrets: model.secrets.iter().filter_map(secret).collect(),
            keys: keys.filter_map(Result::ok).collect(),
            certificates: model.certificates.iter().filter_map(|hash| hex::decode(hash)).collect(),
            verifications_per_minute: model.verifications_per_minute.and_then(NonZeroU32::new),
            personal_data: model.personal_data,
            webhook: model.webhook.and_then(|url| url.parse().ok()),
            token_signature: model.token_signature,
        }
    }

    /// Its id: the audience of its tokens.
    pub fn id(&self) -> &RelyingPartyId {
        &self.id
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it may ask for anything.
    pub fn access(&self) -> Access {
        self.access
    }

    /// The keys that sign its client assertions.
    pub fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// Whether its TLS clients show this certificate.
    pub fn has_certificate(&self, sha256: &[u8; 32]) -> bool {
        self.certificates.contains(sha256)
    }

    /// How many verifications it may ask for in a minute; `None` leaves that to the
    /// gateway's settings.
    pub fn verifications_per_minute(&self) -> Option<NonZeroU32> {
        self.verifications_per_minute
    }

    /// Whether it is entitled to personal ids.
    pub fn personal_data(&self) -> PersonalData {
        self.personal_data
    }

    /// Where it is told that a provisional verdict was decided.
    pub fn webhook(&self) -> Option<&PointUrl> {
        self.webhook.as_ref()
    }

    /// With which kind of key its tokens are signed.
    pub fn token_signature(&self) -> TokenSignature {
        self.token_signature
    }

    /// Whether `secret` is a secret of `party` at `now`. A secret has 256 random bits, so
    /// its plain hash is as good as any. Neither what is wrong with it nor whether
    /// there is such a platform shows in the time this takes.
    pub fn accepts_secret(party: Option<&Self>, secret: &str, now: Timestamp) -> bool {
        let digest = ring::digest::digest(&ring::digest::SHA256, secret.as_bytes());
        let is = |known: &[u8; 32]| digest.as_ref().ct_eq(known);
        let mut accepted = is(&NOBODYS) & subtle::Choice::from(0);
        for known in party.map(|party| party.secrets.as_slice()).unwrap_or_default() {
            let valid = known.until.is_none_or(|until| now < until);
            accepted |= is(&known.sha256) & subtle::Choice::from(u8::from(valid));
        }
        accepted.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::RelyingPartyRegistered;

    fn model(secret: &str) -> RelyingPartyModel {
        RelyingPartyModel::registered(&RelyingPartyRegistered {
            id: "a".parse().unwrap(),
            name: "A".to_owned(),
            secret_sha256: hex::sha256(secret.as_bytes()),
        })
    }

    #[test]
    fn a_secret_is_accepted_until_its_time_and_nobody_elses_ever() {
        let now = Timestamp::from_unix(1_000);
        let mut stored = model("old");
        stored.secrets[0].until = Some(now.plus_seconds(10));
        let new = SecretModel { sha256: hex::sha256(b"new"), until: None };
        stored.secrets.push(new);
        let party = RelyingParty::compile("a".parse().unwrap(), stored);
        let accepts = |secret, at| RelyingParty::accepts_secret(Some(&party), secret, at);
        assert!(accepts("old", now) && accepts("new", now));
        assert!(!accepts("old", now.plus_seconds(10)) && accepts("new", now.plus_seconds(10)));
        assert!(!accepts("", now) && !accepts("other", now));
        assert!(!RelyingParty::accepts_secret(None, "new", now));
    }

    #[test]
    fn what_does_not_read_lets_nobody_in() {
        let mut stored = model("x");
        stored.secrets[0].sha256 = "not a hash".to_owned();
        stored.keys.push(vec![0x30, 0].into());
        stored.certificates.push("7".to_owned());
        stored.webhook = Some("ftp://x".to_owned());
        let party = RelyingParty::compile("a".parse().unwrap(), stored);
        assert!(party.secrets.is_empty() && party.keys.is_empty());
        assert!(party.certificates.is_empty() && party.webhook.is_none());
    }
}
