//! The scenes as data: who signs in how, and what has to come of it.
//!
//! A new authority or a new reason for refusal is a few lines here.

use tongxing_testdata::Profile;
use tongxing_trust_store::{Command, Role, Status};

use super::cast::Credential;
use super::stage::authority_id;

/// Scenes under one heading.
pub(super) struct Act {
    pub(super) title: &'static str,
    pub(super) scenes: Vec<Scene>,
}

/// One sign-in.
pub(super) struct Scene {
    pub(super) title: String,
    /// The certificate shown, if any.
    pub(super) credential: Option<Credential>,
    pub(super) way: Way,
    pub(super) expect: Expect,
    /// What operators do before.
    pub(super) before: Vec<Command>,
    /// What operators do afterwards, so that the next scene starts as this one.
    pub(super) after: Vec<Command>,
}

/// How possession of the key is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// In the TLS handshake.
    Tls,
    /// In the handshake of RFC 8998: TLS with SM2, SM3 and SM4.
    Rfc8998,
    /// By signing a challenge.
    Challenge,
    /// By signing a challenge that was used before.
    ReplayedChallenge,
}

/// What has to come of a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    /// A token for the company that signs in with every authority.
    TheCompany,
    /// A token for somebody else.
    SomebodyElse,
    /// A problem document with this code, and this finding among those that decide.
    Refused { problem: &'static str, finding: Option<&'static str> },
}

/// All acts in order.
pub(super) fn acts() -> Vec<Act> {
    vec![
        Act { title: "One company, every authority, one identity", scenes: sign_ins() },
        Act { title: "What is refused, and why", scenes: refusals() },
    ]
}

fn sign_ins() -> Vec<Scene> {
    let both = |profile| [(profile, Way::Tls), (profile, Way::Challenge)];
    let pairs = Profile::WITHOUT_SM2.into_iter().flat_map(both);
    let sm2 = [Way::Tls, Way::Rfc8998, Way::Challenge];
    let pairs = pairs.chain(sm2.map(|way| (Profile::D, way)));
    pairs.map(|(profile, way)| sign_in(profile, way)).collect()
}

fn sign_in(profile: Profile, way: Way) -> Scene {
    let by = match way {
        Way::Tls => "TLS",
        Way::Rfc8998 => "TLS after RFC 8998 (SM2, SM3, SM4)",
        Way::Challenge | Way::ReplayedChallenge => "challenge",
    };
    let title = format!("signs in with {} by {by}", profile.id());
    Scene::new(&title, Some(Credential::Bidder(profile)), way, Expect::TheCompany)
}

fn refusals() -> Vec<Scene> {
    let refused = Expect::Refused { problem: "sign_in.refused", finding: None };
    let tls = |title, credential, finding| {
        Scene::new(title, Some(credential), Way::Tls, refused.because(finding))
    };
    let missing = Expect::Refused { problem: "certificate.missing", finding: None };
    let replayed = Expect::Refused { problem: "challenge.replayed", finding: None };
    let conflict = Expect::Refused { problem: "sign_in.name_conflict", finding: None };
    let bidder_a = Credential::Bidder(Profile::A);
    let bidder_b = Credential::Bidder(Profile::B);
    vec![
        Scene::new("no certificate", None, Way::Tls, missing),
        tls("a CA that nobody enrolled", Credential::Stranger, "path.no_anchor"),
        tls("a CA under the name of an enrolled one", Credential::Imposter, "signature.invalid"),
        tls("an expired certificate", Credential::Expired, "certificate.expired"),
        tls("a revoked certificate", Credential::Revoked, "revocation.revoked"),
        tls("a suspended CA", bidder_a, "authority.suspended").while_it_is(
            Profile::A,
            Status::Suspended,
            Status::Active,
        ),
        tls("an encryption certificate", Credential::Encryption, "certificate.encryption_only"),
        Scene::new(
            "an SM2 encryption certificate",
            Some(Credential::Sm2Encryption),
            Way::Challenge,
            refused.because("certificate.encryption_only"),
        ),
        tls("a CA enrolled for another role", bidder_b, "authority.role_missing")
            .while_enrolled_for(Profile::B, &[Role::DocumentSigning], &[Role::SignIn]),
        Scene::new("a challenge used twice", Some(bidder_b), Way::ReplayedChallenge, replayed),
        Scene::new(
            "(another company signs in for the first time)",
            Some(Credential::Neighbour),
            Way::Tls,
            Expect::SomebodyElse,
        ),
        Scene::new(
            "the same code under another name",
            Some(Credential::Renamed),
            Way::Tls,
            conflict.because("identity.name_conflict"),
        ),
    ]
}

impl Expect {
    /// The same refusal, with the finding that has to be among the deciding ones.
    fn because(self, finding: &'static str) -> Self {
        match self {
            Self::Refused { problem, .. } => Self::Refused { problem, finding: Some(finding) },
            other => other,
        }
    }
}

impl Scene {
    fn new(title: &str, credential: Option<Credential>, way: Way, expect: Expect) -> Self {
        let title = title.to_owned();
        Self { title, credential, way, expect, before: Vec::new(), after: Vec::new() }
    }

    /// Played while an authority has one status; it is given the other back.
    fn while_it_is(mut self, profile: Profile, during: Status, back: Status) -> Self {
        let set = |status, reason: &str| Command::StatusSet {
            authority: authority_id(profile),
            anchor: None,
            status,
            effective: None,
            reason: reason.to_owned(),
        };
        self.before.push(set(during, "demo: its list is late"));
        self.after.push(set(back, "demo: its list has arrived"));
        self
    }

    /// Played while an authority has some roles; it is given the others back.
    fn while_enrolled_for(mut self, profile: Profile, during: &[Role], back: &[Role]) -> Self {
        let authority = authority_id(profile);
        self.before.push(Command::RolesSet { authority: authority.clone(), roles: during.into() });
        self.after.push(Command::RolesSet { authority, roles: back.into() });
        self
    }
}
