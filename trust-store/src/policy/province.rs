//! The province's own rules: what holds for every authority alike.

use std::collections::BTreeSet;

use super::file::{self, Item, Parsed, PolicyErrors, Section};
use super::identity::{Assurance, Capacity, Privacy};
use super::kind::{self, Enforcement, Kind, UsccRules, Validity};
use super::rule;
use super::text::{PolicyText, format};
use crate::authority::Role;

/// A compiled `province.toml`.
#[derive(Debug, Clone)]
pub struct ProvincePolicy {
    text: PolicyText,
    uscc: UsccRules,
    sign_in: UseRule,
    document_signing: UseRule,
    token_lifetime: i64,
    retention: Retention,
}

/// How long what must not be kept for ever is kept, in seconds; without a number,
/// for ever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// Archived segments of the journal, after their last record.
    pub audit: Option<i64>,
    /// Certificates of bindings, after they expired.
    pub evidence: Option<i64>,
    /// Revocation lists that a newer one has replaced, after they were made.
    pub lists: Option<i64>,
    /// OCSP responses that sign-ins rested on, after they were made.
    pub responses: Option<i64>,
    /// What is known of persons, after their last certificate expired.
    pub persons: Option<i64>,
}

/// Who may use a certificate for something.
#[derive(Debug, Clone)]
pub(super) struct UseRule {
    pub(super) capacities: Vec<Capacity>,
    pub(super) minimum_assurance: Assurance,
}

/// Fifteen minutes at most: a token cannot be called back.
const TOKEN_LIFETIME: (i64, i64) = (60, 900);
/// A day at least, and 200 years.
const RETENTION: (i64, i64) = (86_400, 200 * 366 * 86_400);
const MAX_EXCEPTIONS: usize = 10_000;
/// GB 32100-2015 clause 4: what is as long is one, or is mistyped.
const USCC_LENGTH: usize = 18;

impl ProvincePolicy {
    /// Whether a text may name a legal entity: a unified social credit code as this policy
    /// takes them, or, of whoever has none, a registration or tax number.
    pub fn may_name_entity(&self, text: &str) -> bool {
        let taken = |kind: Kind| {
            let judged = kind.check(text, Privacy::Public, &self.uscc);
            !matches!(judged, Validity::Invalid(_))
        };
        let others = [Kind::BusinessRegistration, Kind::TaxNumber];
        taken(Kind::Uscc) || (text.len() != USCC_LENGTH && others.into_iter().any(taken))
    }

    /// The JSON Schema (2020-12) of province files, as [`super::AuthorityPolicy::SCHEMA`].
    pub const SCHEMA: &str = include_str!("../../../policies/schema/province.schema.json");

    /// Reads and compiles a province file.
    ///
    /// # Errors
    /// [`PolicyErrors`] with every mistake in it; nothing is half loaded.
    pub fn parse(file_name: &str, source: &str) -> Result<Self, PolicyErrors> {
        file::read(file_name, source, |root| {
            let label = root.section("province").and_then(|section| {
                let label = format(&section);
                section.finish();
                label
            });
            let uscc = root.section("kinds").and_then(|section| kinds(&section));
            let sign_in = root.section("sign-in").and_then(|section| use_rule(&section));
            let document_signing =
                root.section("document-signing").and_then(|section| use_rule(&section));
            let token_lifetime = root.section("tokens").and_then(|section| tokens(&section));
            let retention = match root.optional("retention") {
                Some(table) => table.section().and_then(|section| retention(&section)),
                None => Ok(Retention::default()),
            };
            Ok(Self {
                text: PolicyText::new(source, label?),
                uscc: uscc?,
                sign_in: sign_in?,
                document_signing: document_signing?,
                token_lifetime: token_lifetime?,
                retention: retention?,
            })
        })
    }

    /// The text it was compiled from.
    pub fn source(&self) -> &str {
        self.text.source()
    }

    /// The first half of the text's SHA-256, in hex.
    pub fn version(&self) -> &str {
        self.text.version()
    }

    /// The operators' own name for this edition.
    pub fn label(&self) -> &str {
        self.text.label()
    }

    /// How long an identity token is valid, in seconds: 60 to 900.
    pub fn token_lifetime_seconds(&self) -> i64 {
        self.token_lifetime
    }

    /// How long things are kept that must not be kept for ever.
    pub fn retention(&self) -> Retention {
        self.retention
    }

    pub(super) fn uscc(&self) -> &UsccRules {
        &self.uscc
    }

    /// Who may act in a role; roles in which nobody acts for an entity have none.
    pub(super) fn use_rule(&self, role: Role) -> Option<&UseRule> {
        match role {
            Role::SignIn => Some(&self.sign_in),
            Role::DocumentSigning => Some(&self.document_signing),
            Role::Timestamps | Role::Operators | Role::RelyingParties => None,
        }
    }
}

fn kinds(section: &Section<'_>) -> Parsed<UsccRules> {
    let rules = section.section("uscc").and_then(|uscc| {
        let check_digit =
            uscc.required("check-digit", "\"enforce\" or \"warn\"").and_then(|item| {
                item.choice(&[("enforce", Enforcement::Enforce), ("warn", Enforcement::Warn)])
            });
        let exceptions = uscc
            .required("exceptions", "a list of codes, empty if there are none")
            .and_then(|item| item.list_of((0, MAX_EXCEPTIONS), exception));
        uscc.finish();
        let exceptions: BTreeSet<String> = exceptions?.into_iter().collect();
        Ok(UsccRules { check_digit: check_digit?, exceptions })
    });
    section.finish();
    rules
}

/// An excepted code still has the form of one.
fn exception(item: &Item<'_>) -> Parsed<String> {
    let code = item.nonempty()?;
    if let Err(fault) = kind::uscc_shape(code) {
        return Err(item.fail(&format!("{code:?} is no USCC"), &fault.to_string()));
    }
    Ok(code.to_owned())
}

fn use_rule(section: &Section<'_>) -> Parsed<UseRule> {
    let capacities = section
        .required("capacities", "the capacities that may, such as [\"organization\"]")
        .and_then(|item| item.list_of((1, Capacity::ALL.len()), rule::capacity));
    let minimum_assurance = section
        .required("minimum-assurance", "an assurance level")
        .and_then(|item| rule::assurance(&item));
    section.finish();
    Ok(UseRule { capacities: capacities?, minimum_assurance: minimum_assurance? })
}

fn tokens(section: &Section<'_>) -> Parsed<i64> {
    let lifetime = section
        .required("lifetime", "how long a token is valid, such as \"5m\"")
        .and_then(|item| item.duration(TOKEN_LIFETIME.0, TOKEN_LIFETIME.1));
    section.finish();
    lifetime
}

fn retention(section: &Section<'_>) -> Parsed<Retention> {
    let period = |key| {
        let item = section.optional(key);
        item.map(|item| item.duration(RETENTION.0, RETENTION.1)).transpose()
    };
    let (audit, evidence) = (period("audit"), period("evidence"));
    let (lists, responses, persons) = (period("lists"), period("responses"), period("persons"));
    section.finish();
    Ok(Retention {
        audit: audit?,
        evidence: evidence?,
        lists: lists?,
        responses: responses?,
        persons: persons?,
    })
}
