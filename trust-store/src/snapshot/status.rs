//! Whom to ask for the status of a chain's certificates, before it is judged.
//!
//! Judging itself asks nobody. What is asked about is only what an enrolled key
//! leads to: each certificate's signature is verified first, so that nobody can have
//! an authority's responder asked about certificates of their own making.

use tongxing_pki::{
    AccessDescription, Certificate, CertificatePool, GeneralName, Oid, SignatureRules, Timestamp,
};

use super::Snapshot;
use crate::points::{HostRules, PointUrl};
use crate::policy::{RevocationMode, RevocationPolicy, RevocationSource};
use crate::recognise::MAX_CHAIN;

/// A question to a responder.
#[derive(Debug, Clone)]
pub struct StatusQuestion {
    /// About whom.
    pub certificate: Certificate,
    /// Whose key signed it.
    pub issuer: Certificate,
    /// Whom to ask.
    pub responder: PointUrl,
    /// How old an answer may be, in seconds, where the policy is stricter than the
    /// answer.
    pub max_age_seconds: Option<i64>,
}

/// When responders are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskWhen {
    /// Before the chain is judged.
    Always,
    /// Only where lists alone leave it undecided.
    Undecided,
}

/// All questions about a chain.
#[derive(Debug, Clone)]
pub struct StatusQuestions {
    /// One for each certificate that says whom to ask.
    pub questions: Vec<StatusQuestion>,
    /// When to ask them.
    pub when: AskWhen,
    /// Who may be asked.
    pub hosts: HostRules,
}

impl Snapshot {
    /// What to ask about a chain (leaf first); nothing where its authority's policy
    /// asks no responder.
    pub fn status_questions(
        &self,
        chain: &[Certificate],
        at: Timestamp,
    ) -> Option<StatusQuestions> {
        let (leaf, rest) = chain.split_first()?;
        let rest = rest.iter().take(MAX_CHAIN);
        let supplied: CertificatePool = rest.cloned().collect();
        let authority = self.issuing_authority(leaf, &supplied)?;
        let policy = authority.policy()?;
        let revocation = policy.revocation();
        if !revocation.uses_ocsp() {
            return None;
        }
        let walk = Walk { snapshot: self, supplied: &supplied, rules: &policy.signature_rules(at) };
        let questions = walk.questions(leaf, revocation);
        (!questions.is_empty()).then(|| StatusQuestions {
            questions,
            when: when(revocation),
            hosts: revocation.hosts().clone(),
        })
    }
}

fn when(policy: &RevocationPolicy) -> AskWhen {
    let lists_first = policy.sources().first() == Some(&RevocationSource::Lists);
    if lists_first && policy.mode() == RevocationMode::First {
        AskWhen::Undecided
    } else {
        AskWhen::Always
    }
}

/// From a leaf towards an enrolled anchor.
struct Walk<'a> {
    snapshot: &'a Snapshot,
    supplied: &'a CertificatePool,
    rules: &'a SignatureRules,
}

impl Walk<'_> {
    fn questions(&self, leaf: &Certificate, policy: &RevocationPolicy) -> Vec<StatusQuestion> {
        let mut questions = Vec::new();
        let mut certificate = leaf.clone();
        for _ in 0..MAX_CHAIN {
            if self.snapshot.anchors.has_key(certificate.spki_sha256()) {
                return questions;
            }
            let Some(issuer) = self.issuer_of(&certificate) else { break };
            if let Some(responder) = responder(&certificate, policy) {
                questions.push(StatusQuestion {
                    certificate,
                    issuer: issuer.clone(),
                    responder,
                    max_age_seconds: policy.max_age_seconds(),
                });
            }
            certificate = issuer;
        }
        // It leads to nobody: nobody is asked.
        Vec::new()
    }

    /// Whose key signed it: enrolled ones first.
    fn issuer_of(&self, certificate: &Certificate) -> Option<Certificate> {
        let name = certificate.issuer();
        let anchors = self.snapshot.anchors.by_name(name);
        let known = self.snapshot.intermediates.by_subject(name);
        let candidates = anchors.chain(known).chain(self.supplied.by_subject(name)).take(MAX_CHAIN);
        let signed = |issuer: &&Certificate| {
            certificate.verify_signature_with(issuer.public_key(), self.rules).is_ok()
        };
        candidates.into_iter().find(signed).cloned()
    }
}

/// The policy's responder, or the first that the certificate names and that may be
/// asked (RFC 5280 4.2.2.1).
fn responder(certificate: &Certificate, policy: &RevocationPolicy) -> Option<PointUrl> {
    if let Some(url) = policy.ocsp() {
        return Some(url.clone());
    }
    let access = certificate.authority_info_access().iter();
    let locations =
        access.filter(|one| *one.method() == Oid::ACCESS_OCSP).map(AccessDescription::location);
    let urls = locations.filter_map(|location| match location {
        GeneralName::Uri(uri) => uri.parse::<PointUrl>().ok(),
        _ => None,
    });
    urls.into_iter().find(|url| url.scheme().is_http() && policy.hosts().name(url))
}
