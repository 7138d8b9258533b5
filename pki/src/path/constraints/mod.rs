//! Name constraints (RFC 5280 4.2.1.10, 6.1.3 (b)-(c), 6.1.4 (g)).
//!
//! 1. Every authority from the anchor down adds a layer: the constraints of
//!    its certificate. Layers are kept apart, which gives the intersection of
//!    what is permitted and the union of what is excluded.
//! 2. Every certificate below, self-issued ones excepted unless last, has each
//!    of its names held against each layer: its subject, its alternative names
//!    and, where none of those is a mailbox, the subject's emailAddress. Where none is a
//!    host, so is an end certificate's common name that has the form of one: who still
//!    takes it for a host (RFC 6125 6.4.4) must not be led out of what is permitted.
//! 3. A layer that permits something of a name's form permits only that. A
//!    name that cannot be placed (no host in a URI, a malformed mailbox) is
//!    neither inside what is permitted nor outside what is excluded.

mod dns;
mod email;
mod ip;
mod uri;

use std::borrow::Cow;

use crate::{
    Attribute, Certificate, Code, Extension, GeneralName, GeneralSubtree, Name, NameConstraints,
    Oid,
};

use crate::bounded::MAX_ALIKE;

use super::budget::{BudgetExceeded, Spending};
use super::codes;

pub(super) use dns::is_dns_name;
pub(super) use email::split_mailbox;

/// Where a name lies with respect to one subtree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Inside,
    /// A wildcard that stands for names inside and outside.
    Overlaps,
    Outside,
    /// Name or subtree cannot be read.
    Unclear,
}

/// The name constraints of the authorities above a certificate.
#[derive(Default)]
pub(super) struct Layers<'c> {
    layers: Vec<Layer<'c>>,
}

struct Layer<'c> {
    constraints: &'c NameConstraints,
    critical: bool,
}

/// A name, or the part of it that constraints of one form see.
enum Subject<'c> {
    Directory(&'c Name),
    Alternative(&'c GeneralName),
    Email(Cow<'c, str>),
    Host(Cow<'c, str>),
}

/// One name that breaks the constraints of one layer.
pub(super) struct Breach {
    pub(super) code: &'static Code,
    /// The name as far as a report may show it.
    pub(super) name: String,
    /// Whether the layer demands to be obeyed: its extension is critical, or
    /// it is understood in full.
    pub(super) binding: bool,
}

impl<'c> Layers<'c> {
    /// Adds the constraints of one authority, if its certificate has any.
    pub(super) fn add(&mut self, authority: &'c Certificate) {
        if let Some(constraints) = authority.name_constraints() {
            let extension = authority.extension(&Oid::NAME_CONSTRAINTS);
            self.layers
                .push(Layer { constraints, critical: extension.is_some_and(Extension::critical) });
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// Holds every name of a certificate against every layer: of the breaches
    /// that bind, and of the others, the first [`MAX_ALIKE`].
    pub(super) fn check(
        &self,
        certificate: &Certificate,
        spending: &mut Spending,
    ) -> Result<Vec<Breach>, BudgetExceeded> {
        let mut breaches = Vec::new();
        let names = names_of(certificate);
        for layer in &self.layers {
            for name in &names {
                let found = layer.breach(name, spending)?;
                if let Some(breach) = found.filter(|breach| is_worth_telling(breach, &breaches)) {
                    breaches.push(breach);
                }
            }
        }
        Ok(breaches)
    }
}

fn is_worth_telling(breach: &Breach, told: &[Breach]) -> bool {
    told.iter().filter(|other| other.binding == breach.binding).count() < MAX_ALIKE
}

impl Layer<'_> {
    fn breach(
        &self,
        name: &Subject<'_>,
        spending: &mut Spending,
    ) -> Result<Option<Breach>, BudgetExceeded> {
        let permitted = permitted(name, self.constraints.permitted(), spending)?;
        let excluded = excluded(name, self.constraints.excluded(), spending)?;
        // What is understood and broken decides, whatever else is not
        // understood.
        let (code, binding) = match (permitted, excluded) {
            (_, Side::Broken) => (&codes::NAMES_EXCLUDED, true),
            (Side::Broken, _) => (&codes::NAMES_NOT_PERMITTED, true),
            (Side::Unsupported, _) | (_, Side::Unsupported) => {
                (&codes::NAMES_FORM_UNSUPPORTED, self.critical)
            }
            (Side::Kept, Side::Kept) => return Ok(None),
        };
        Ok(Some(Breach { code, name: name.without_person(), binding }))
    }
}

/// What one side of a layer, the permitted or the excluded subtrees, makes of
/// a name.
#[derive(Clone, Copy)]
enum Side {
    Kept,
    Broken,
    Unsupported,
}

/// Kept where a subtree holds the name, or none is of its form; broken where
/// all that are lie elsewhere.
fn permitted(
    name: &Subject<'_>,
    subtrees: &[GeneralSubtree],
    spending: &mut Spending,
) -> Result<Side, BudgetExceeded> {
    let mut side = Side::Kept;
    for subtree in subtrees {
        spending.name_comparison(name.octets() + octets_of(subtree.base()))?;
        match (name.relation(subtree), side) {
            (Placed::OtherForm, _) => {}
            (Placed::At(Relation::Inside), _) => return Ok(Side::Kept),
            (Placed::Unsupported, _) | (_, Side::Unsupported) => side = Side::Unsupported,
            (Placed::At(_), _) => side = Side::Broken,
        }
    }
    Ok(side)
}

/// Broken where a subtree holds the name, in part or for all one can tell.
fn excluded(
    name: &Subject<'_>,
    subtrees: &[GeneralSubtree],
    spending: &mut Spending,
) -> Result<Side, BudgetExceeded> {
    let mut side = Side::Kept;
    for subtree in subtrees {
        spending.name_comparison(name.octets() + octets_of(subtree.base()))?;
        match name.relation(subtree) {
            Placed::OtherForm | Placed::At(Relation::Outside) => {}
            Placed::Unsupported => side = Side::Unsupported,
            Placed::At(_) => return Ok(Side::Broken),
        }
    }
    Ok(side)
}

/// How a name and a subtree go together.
enum Placed {
    /// They are of different forms: the subtree says nothing about the name.
    OtherForm,
    /// They are of one form, for which there are no rules here.
    Unsupported,
    At(Relation),
}

impl Subject<'_> {
    fn octets(&self) -> usize {
        match self {
            Self::Directory(name) => name.der().len(),
            Self::Alternative(name) => octets_of(name),
            Self::Email(text) | Self::Host(text) => text.len(),
        }
    }

    /// As in [`GeneralName::without_person`].
    fn without_person(&self) -> String {
        match self {
            Self::Directory(_) => "dn".to_owned(),
            Self::Alternative(name) => name.without_person(),
            Self::Email(_) => "email".to_owned(),
            Self::Host(host) => format!("dns:{}", host.escape_debug()),
        }
    }

    fn relation(&self, subtree: &GeneralSubtree) -> Placed {
        let placed = match (self, subtree.base()) {
            (Self::Directory(name), GeneralName::Directory(base)) => Placed::At(within(name, base)),
            (Self::Email(mailbox), GeneralName::Email(base)) => {
                Placed::At(email::relation(mailbox, base))
            }
            (Self::Host(host), GeneralName::Dns(base)) => Placed::At(dns::relation(host, base)),
            (Self::Alternative(name), base) => relation(name, base),
            _ => Placed::OtherForm,
        };
        // RFC 5280 gives minimum and maximum no meaning: minimum is 0 and
        // maximum absent, or the constraint cannot be processed.
        match placed {
            Placed::At(_) if !subtree.is_whole() => Placed::Unsupported,
            placed => placed,
        }
    }
}

fn relation(name: &GeneralName, base: &GeneralName) -> Placed {
    match (name, base) {
        (GeneralName::Directory(name), GeneralName::Directory(base)) => {
            Placed::At(within(name, base))
        }
        (GeneralName::Dns(name), GeneralName::Dns(base)) => Placed::At(dns::relation(name, base)),
        (GeneralName::Email(name), GeneralName::Email(base)) => {
            Placed::At(email::relation(name, base))
        }
        (GeneralName::Uri(name), GeneralName::Uri(base)) => Placed::At(uri::relation(name, base)),
        (GeneralName::Ip(name), GeneralName::Ip(base)) => Placed::At(ip::relation(name, base)),
        (name, base) if form(name) != form(base) => Placed::OtherForm,
        (GeneralName::Unreadable { .. }, _) | (_, GeneralName::Unreadable { .. }) => {
            Placed::At(Relation::Unclear)
        }
        _ => Placed::Unsupported,
    }
}

/// The number of a name's form in the CHOICE (RFC 5280 4.2.1.6).
fn form(name: &GeneralName) -> u8 {
    match name {
        GeneralName::Other { .. } => 0,
        GeneralName::Email(_) => 1,
        GeneralName::Dns(_) => 2,
        GeneralName::X400(_) => 3,
        GeneralName::Directory(_) => 4,
        GeneralName::EdiParty(_) => 5,
        GeneralName::Uri(_) => 6,
        GeneralName::Ip(_) => 7,
        GeneralName::RegisteredId(_) => 8,
        GeneralName::Unreadable { form, .. } => *form,
    }
}

fn within(name: &Name, base: &Name) -> Relation {
    if name.is_within(base) { Relation::Inside } else { Relation::Outside }
}

/// The names of a certificate that constraints apply to. An empty subject is
/// no name (6.1.3 (b)).
fn names_of(certificate: &Certificate) -> Vec<Subject<'_>> {
    let subject = certificate.subject();
    let alternatives = certificate.subject_alternative_names();
    let mut names: Vec<_> = alternatives.iter().map(Subject::Alternative).collect();
    if !subject.is_empty() {
        names.push(Subject::Directory(subject));
    }
    let has_mailbox = |name: &GeneralName| matches!(name, GeneralName::Email(_));
    if !alternatives.iter().any(has_mailbox) {
        let mailboxes = subject
            .attributes()
            .filter(|attribute| *attribute.oid() == Oid::EMAIL_ADDRESS)
            .map(|attribute| Subject::Email(attribute.text().unwrap_or_default()));
        names.extend(mailboxes);
    }
    let has_host = |name: &GeneralName| matches!(name, GeneralName::Dns(_));
    let is_ca = certificate.basic_constraints().is_some_and(|constraints| constraints.is_ca());
    if !is_ca && !alternatives.iter().any(has_host) {
        let common = subject.attributes().filter(|one| *one.oid() == Oid::COMMON_NAME);
        let texts = common.filter_map(Attribute::text);
        names.extend(texts.filter(|text| dns::looks_like_a_host(text)).map(Subject::Host));
    }
    names
}

/// The octets that comparing a name of this form may have to read.
fn octets_of(name: &GeneralName) -> usize {
    match name {
        GeneralName::Email(text) | GeneralName::Dns(text) | GeneralName::Uri(text) => text.len(),
        GeneralName::Directory(name) => name.der().len(),
        _ => 0,
    }
}

/// How badly a constraint is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Malformed {
    /// It has no meaning: nothing can be held against it.
    Meaningless,
    /// A DNS constraint with a leading period, which many authorities write
    /// and every implementation reads as "below this domain".
    LeadingPeriod,
}

/// The constraints of a certificate that are badly written in this way.
pub(super) fn malformed(
    constraints: &NameConstraints,
    kind: Malformed,
) -> impl Iterator<Item = &GeneralName> {
    let subtrees = constraints.permitted().iter().chain(constraints.excluded());
    subtrees.map(GeneralSubtree::base).filter(move |base| malformed_base(base) == Some(kind))
}

fn malformed_base(base: &GeneralName) -> Option<Malformed> {
    let valid = match base {
        GeneralName::Dns(host) => {
            if host.strip_prefix('.').is_some_and(is_dns_name) {
                return Some(Malformed::LeadingPeriod);
            }
            dns::is_valid_constraint(host)
        }
        GeneralName::Email(base) => email::is_valid_constraint(base),
        GeneralName::Uri(base) => uri::is_valid_constraint(base),
        GeneralName::Ip(base) => ip::is_valid_constraint(base),
        GeneralName::Unreadable { .. } => false,
        _ => true,
    };
    (!valid).then_some(Malformed::Meaningless)
}
