//! Views of how certificates were used.

use serde::{Deserialize, Serialize};
use tongxing_pki::Timestamp;

use crate::ids::{AuthorityId, RelyingPartyId};

/// How certificates were used in a time: counts, and nobody's id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatisticsView {
    /// The first moment counted; without it from the first record on.
    pub from: Option<Timestamp>,
    /// The first moment not counted any more; without it all.
    pub to: Option<Timestamp>,
    /// How many records were looked at.
    pub records: u64,
    /// Sign-ins that were admitted.
    pub sign_ins: u64,
    /// Those with a certificate of another authority than the one that most sign-ins
    /// at that platform came with: what mutual recognition made possible.
    pub mutual: u64,
    /// Their share, from 0 to 1; nothing where nobody signed in.
    pub mutual_rate: Option<f64>,
    /// Legal entities and persons that signed in.
    pub entities: u64,
    /// Those that used certificates of more than one authority.
    pub entities_of_several_authorities: u64,
    /// The trading platforms signed in to.
    pub platforms: Vec<PlatformView>,
    /// Admitted sign-ins by what they were made with.
    pub uses: Vec<UseCount>,
    /// Refused sign-ins, each by the first code that decided.
    pub refusals: Vec<RefusalCount>,
    /// Refusals that have no record each: without possession proven, or of no enrolled
    /// authority.
    pub strangers: u64,
}

/// Sign-ins to one platform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlatformView {
    /// Its id.
    pub id: RelyingPartyId,
    /// Its name, where it is still registered.
    pub name: Option<String>,
    /// Sign-ins that were admitted.
    pub sign_ins: u64,
    /// By how many entities.
    pub entities: u64,
    /// With certificates of how many authorities.
    pub authorities: u64,
    /// The authority that most of them came with.
    pub principal: Option<AuthorityId>,
    /// Sign-ins with a certificate of any other.
    pub mutual: u64,
    /// Their share, from 0 to 1.
    pub mutual_rate: Option<f64>,
}

/// How often certificates of one sort were used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UseCount {
    /// For what: `sign-in`.
    pub scene: String,
    /// Where.
    pub platform: RelyingPartyId,
    /// Whose certificates.
    pub authority: AuthorityId,
    /// `organization` or `person`.
    pub subject_type: String,
    /// The kind of key, in the words of policy files: `sm2`, `rsa`; `unknown` where it
    /// was not recorded.
    pub key: String,
    /// How possession was proven: `tls` or `challenge`.
    pub method: String,
    /// How often.
    pub count: u64,
}

/// How often sign-ins were refused for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalCount {
    /// Where.
    pub platform: Option<RelyingPartyId>,
    /// Whose certificate.
    pub authority: Option<AuthorityId>,
    /// The code.
    pub code: String,
    /// How often.
    pub count: u64,
}
