//! Whom to ask for the status of a chain's certificates, before it is judged.
//!
//! Judging itself asks nobody. What is asked about is only what a valid path leads to
//! an enrolled key, so that nobody can have an authority's responder asked about
//! certificates of their own making: whoever holds an end certificate can sign others
//! with its key, which name whatever address they like. What is verified for it is not
//! verified again when the chain is judged.

use tongxing_pki::{
    AccessDescription, Certificate, CertificatePool, GeneralName, NonceRule, Oid, Timestamp,
    ValidatedPath,
};

use super::Snapshot;
use crate::demands::Demands;
use crate::points::{HostRules, PointUrl};
use crate::policy::{RevocationMode, RevocationPolicy, RevocationSource};
use crate::recognise::{MAX_CHAIN, Purpose};

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
    /// Whether with a nonce, and what becomes of an answer that does not repeat it.
    pub nonce: Option<NonceRule>,
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
    /// asks no responder, and nothing about one that does not validate: answers could
    /// not make it better.
    pub fn status_questions(
        &self,
        chain: &[Certificate],
        purpose: Purpose,
        at: Timestamp,
    ) -> Option<StatusQuestions> {
        if !self.may_ask(chain, at) {
            return None;
        }
        let (path, authority) = self.path_of(chain, purpose.role(), at, &Demands::default())?;
        let policy = authority.policy_at(at)?;
        let revocation = policy.revocation();
        if !revocation.uses_ocsp() {
            return None;
        }
        let questions = questions(&path, revocation);
        (!questions.is_empty()).then(|| StatusQuestions {
            questions,
            when: when(revocation),
            hosts: revocation.hosts().clone(),
        })
    }

    /// Whether any authority that the chain may be of has responders asked: most have
    /// not, and need no path for it.
    fn may_ask(&self, chain: &[Certificate], at: Timestamp) -> bool {
        let Some((leaf, rest)) = chain.split_first() else { return false };
        let supplied: CertificatePool = rest.iter().take(MAX_CHAIN).cloned().collect();
        let authorities = self.issuing_authorities(leaf, &supplied).into_iter();
        let mut policies = authorities.filter_map(|authority| authority.policy_at(at));
        policies.any(|policy| policy.revocation().uses_ocsp())
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

/// One for each certificate below the anchor that says whom to ask.
fn questions(path: &ValidatedPath, policy: &RevocationPolicy) -> Vec<StatusQuestion> {
    if path.is_anchor_itself() {
        return Vec::new();
    }
    let question = |(place, certificate): (usize, &Certificate)| {
        Some(StatusQuestion {
            certificate: certificate.clone(),
            issuer: path.issuer_of(place).clone(),
            responder: responder(certificate, policy)?,
            max_age_seconds: policy.max_age_seconds(),
            nonce: policy.nonce(),
        })
    };
    path.certificates().iter().enumerate().filter_map(question).collect()
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
