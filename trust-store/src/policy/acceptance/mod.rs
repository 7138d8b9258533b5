//! What an authority's policy accepts: algorithms, sizes, key usages, for which
//! roles. Everything not named is refused.

mod algorithms;
mod judge;
mod usage;

use tongxing_pki::{
    Certificate, Finding, Oid, SignatureRules, Sm2UserId, Sm2UserIds, Strictness, Timestamp,
    WeakAlgorithms,
};

pub(super) use algorithms::KeyKind;
pub(crate) use algorithms::key_kind;
use algorithms::{KeyRule, SignatureRule};
use usage::Usage;
pub(crate) use usage::may_encrypt;

use super::codes;
use super::file::{Item, Parsed, Section};
use super::identity::{Capacity, Identity};
use super::province::UseRule;
use super::rule::oid;
use crate::authority::Role;

/// The compiled `[acceptance]` table.
#[derive(Debug, Clone)]
pub(super) struct Acceptance {
    pub(super) strictness: Strictness,
    /// Policies of which a certificate states one; `None` accepts every one.
    pub(super) policies: Option<Vec<Oid>>,
    keys: Vec<KeyRule>,
    signatures: Vec<SignatureRule>,
    /// The user ids that its SM2 signers may have used.
    pub(super) sm2_user_ids: Sm2UserIds,
    roles: Vec<RoleRule>,
}

/// What a certificate must be like to serve in one role.
#[derive(Debug, Clone)]
struct RoleRule {
    role: Role,
    usage: Usage,
    /// Capacities accepted, where the authority's are narrower than the
    /// province's.
    capacities: Option<Vec<Capacity>>,
}

const ROLES: [(&str, Role); 5] = [
    ("sign-in", Role::SignIn),
    ("document-signing", Role::DocumentSigning),
    ("timestamps", Role::Timestamps),
    ("operators", Role::Operators),
    ("relying-parties", Role::RelyingParties),
];

const MAX_LISTED: usize = 64;

impl Acceptance {
    pub(super) fn parse(section: &Section<'_>) -> Parsed<Self> {
        let strictness =
            section.required("profile-faults", "\"warn\" or \"fail\"").and_then(|item| {
                item.choice(&[("warn", Strictness::Standard), ("fail", Strictness::Strict)])
            });
        let policies = section
            .required("certificate-policies", "\"any\" or a list of OIDs")
            .and_then(|item| any_or(&item, oid));
        let keys = section
            .required("keys", "a list of the public keys accepted")
            .and_then(|item| item.list_of((1, MAX_LISTED), KeyRule::parse));
        let signatures = section
            .required("signatures", "a list of the signature algorithms accepted")
            .and_then(|item| item.list_of((1, MAX_LISTED), SignatureRule::parse));
        let roles = roles(section);
        let sm2_user_ids = sm2_user_ids(section);
        let (strictness, policies) = (strictness?, policies?);
        let (keys, signatures, roles) = (keys?, signatures?, roles?);
        Ok(Self { strictness, policies, keys, signatures, sm2_user_ids: sm2_user_ids?, roles })
    }

    /// What is verified at all at this moment: SHA-1 where the policy names it, and
    /// signatures of SM2 signers by the user ids that it names.
    pub(super) fn signature_rules(&self, at: Timestamp) -> SignatureRules {
        let allowed = self.signatures.iter().any(|rule| rule.allows_weak(at));
        let weak = if allowed { WeakAlgorithms::DangerAllowSha1 } else { WeakAlgorithms::Refused };
        let rules = SignatureRules::default().with_weak(weak);
        rules.with_sm2_user_ids(self.sm2_user_ids.clone())
    }

    /// The extended key usages of which the authorities above an end certificate must all
    /// allow one, where they are limited to some (RFC 5280 4.2.1.12): those that the role's
    /// rule names and the certificate states, or else the usual ones. Where a rule accepts
    /// any, also those that the certificate states, but no machine's: a key that was given
    /// for servers alone makes no bidders.
    pub(super) fn authority_purposes(&self, role: Role, leaf: &Certificate) -> Vec<Oid> {
        let named = match self.rule(role) {
            // RFC 3161 2.3 leaves a policy no choice.
            Some(own) if role != Role::Timestamps => own.usage.extended.named(),
            _ => Vec::new(),
        };
        let stated = leaf.extended_key_usage();
        if named.is_empty() {
            let any = self.rule(role).is_some_and(|own| own.usage.extended.is_any());
            let stated = stated.filter(|_| any && role != Role::Timestamps).unwrap_or_default();
            return usage::usual_purposes_and(role, stated);
        }
        let is_stated = |purpose: &&Oid| stated.is_none_or(|stated| stated.contains(purpose));
        let shared: Vec<Oid> = named.iter().filter(is_stated).cloned().collect();
        // One that states none of them is refused for that.
        if shared.is_empty() { named } else { shared }
    }

    /// Every date on which it accepts less.
    pub(super) fn dates(&self) -> Vec<Timestamp> {
        let keys = self.keys.iter().filter_map(|rule| rule.until);
        keys.chain(self.signatures.iter().filter_map(|rule| rule.until)).collect()
    }

    /// Whether the capacity may act in a role, by the province's rule and by
    /// the authority's where it is narrower.
    pub(super) fn permit(&self, role: Role, identity: &Identity, whole: &UseRule) -> Vec<Finding> {
        let own = self.rule(role).and_then(|rule| rule.capacities.as_ref());
        let narrowed = own.is_none_or(|own| own.contains(&identity.capacity));
        let capacity = if whole.capacities.contains(&identity.capacity) && narrowed {
            Finding::passed(&codes::CAPACITY_ALLOWED)
        } else {
            let allowed = |capacity: &&Capacity| own.is_none_or(|own| own.contains(capacity));
            let allowed: Vec<_> =
                whole.capacities.iter().filter(allowed).map(|c| c.as_str()).collect();
            Finding::failed(&codes::CAPACITY_NOT_ALLOWED).expected(allowed.join(" or "))
        };
        let assurance = if identity.assurance >= whole.minimum_assurance {
            Finding::passed(&codes::ASSURANCE_SUFFICIENT)
        } else {
            let least = format!("{} or higher", whole.minimum_assurance);
            Finding::failed(&codes::ASSURANCE_TOO_LOW).expected(least)
        };
        vec![capacity.seen(identity.capacity), assurance.seen(identity.assurance)]
    }

    /// The roles that have a table.
    pub(super) fn roles(&self) -> impl Iterator<Item = Role> {
        self.roles.iter().map(|rule| rule.role)
    }

    fn rule(&self, role: Role) -> Option<&RoleRule> {
        self.roles.iter().find(|rule| rule.role == role)
    }
}

fn roles(section: &Section<'_>) -> Parsed<Vec<RoleRule>> {
    let mut rules = Vec::new();
    for (key, role) in ROLES {
        if let Some(item) = section.optional(key) {
            rules.push(item.section().and_then(|section| RoleRule::parse(&section, role)));
        }
    }
    if rules.is_empty() {
        return Err(section.fail(
            "this policy accepts nothing",
            "expected at least one role, such as `[acceptance.sign-in]`",
        ));
    }
    rules.into_iter().collect()
}

/// How many user ids a policy may name: each may cost one more verification of
/// every signature.
const MAX_SM2_USER_IDS: usize = 4;

/// SM2 signatures hash an id of the signer. The standard's is always accepted;
/// others (some old tools sign with an empty one) where they are named here.
fn sm2_user_ids(section: &Section<'_>) -> Parsed<Sm2UserIds> {
    let Some(item) = section.optional("sm2-user-ids") else { return Ok(Sm2UserIds::default()) };
    let user_id = |item: &Item<'_>| {
        Sm2UserId::new(item.text()?.as_bytes())
            .map_err(|too_long| item.fail(&too_long.to_string(), "expected a short text"))
    };
    item.list_of((1, MAX_SM2_USER_IDS), user_id).map(Sm2UserIds::standard_and)
}

impl RoleRule {
    fn parse(section: &Section<'_>, role: Role) -> Parsed<Self> {
        let usage = Usage::parse(section);
        let capacities = match section.optional("capacities") {
            None => Ok(None),
            Some(item) if role == Role::Timestamps => Err(item
                .fail("`capacities` cannot apply here", "a timestamp authority acts for no one")),
            Some(item) => item.list_of((1, Capacity::ALL.len()), super::rule::capacity).map(Some),
        };
        section.finish();
        Ok(Self { role, usage: usage?, capacities: capacities? })
    }
}

/// The word "any", or a list.
fn any_or<T>(item: &Item<'_>, read: impl Fn(&Item<'_>) -> Parsed<T>) -> Parsed<Option<Vec<T>>> {
    if item.is_text() {
        return item.choice(&[("any", ())]).map(|()| None);
    }
    item.list_of((1, MAX_LISTED), read).map(Some)
}
