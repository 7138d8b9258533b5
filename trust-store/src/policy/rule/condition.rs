//! Conditions: when a rule is tried at all.

use std::fmt;

use regex::Regex;
use tongxing_pki::{Certificate, Oid};

use super::super::acceptance::KeyKind;
use super::super::file::{Item, Parsed, Section};
use super::super::identity::Capacity;
use super::source::{Source, oid};
use super::step::{one_or_more, pattern};
use super::{Read, capacity};

/// Something that holds of a certificate or does not.
#[derive(Debug, Clone)]
pub(in super::super) enum Condition {
    /// A text at a source passes the test; of several one is enough.
    Text { read: Read, test: Test },
    /// Something stands at a source, readable or not.
    Present(Source),
    /// Nothing stands at a source.
    Absent(Source),
    /// The certificate states this policy (RFC 5280 4.2.1.4).
    CertificatePolicy(Oid),
    /// The certificate states this key purpose (RFC 5280 4.2.1.12).
    ExtendedKeyUsage(Oid),
    /// The certificate was issued under this key (RFC 5280 4.2.1.1).
    IssuerKey(Vec<u8>),
    /// The certificate's own key is of this kind.
    Key(KeyKind),
    /// The capacity, found before, is one of these.
    Capacity(Vec<Capacity>),
}

/// What a text is compared with.
#[derive(Debug, Clone)]
pub(in super::super) enum Test {
    OneOf(Vec<String>),
    Matches(Regex),
}

/// What a condition may ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Capacity and assurance are being found.
    Classes,
    /// Both are known.
    Values,
}

/// What conditions are judged over.
#[derive(Clone, Copy)]
pub(in super::super) struct Facts<'c> {
    pub(in super::super) certificate: &'c Certificate,
    pub(in super::super) capacity: Option<Capacity>,
}

impl Condition {
    /// Whether it holds.
    pub(in super::super) fn holds(&self, facts: Facts<'_>) -> bool {
        let certificate = facts.certificate;
        match self {
            Self::Text { read, test } => test.passes(read, certificate),
            Self::Present(source) => source.is_present(certificate),
            Self::Absent(source) => !source.is_present(certificate),
            Self::CertificatePolicy(policy) => {
                certificate.certificate_policies().is_some_and(|stated| stated.contains(policy))
            }
            Self::ExtendedKeyUsage(purpose) => {
                certificate.extended_key_usage().is_some_and(|stated| stated.contains(purpose))
            }
            Self::IssuerKey(identifier) => {
                certificate.authority_key_identifier().and_then(|stated| stated.key_identifier())
                    == Some(identifier.as_slice())
            }
            Self::Key(kind) => kind.is_of(certificate.public_key()),
            Self::Capacity(capacities) => {
                facts.capacity.is_some_and(|capacity| capacities.contains(&capacity))
            }
        }
    }

    /// Reads a condition from a policy file.
    pub(super) fn parse(item: &Item<'_>, stage: Stage) -> Parsed<Self> {
        let section = item.section()?;
        let condition = if Source::is_in(&section) {
            text_condition(&section)
        } else {
            fact_condition(&section, stage)
        };
        section.finish();
        condition
    }
}

fn text_condition(section: &Section<'_>) -> Parsed<Condition> {
    let source = Source::parse(section);
    let (key, item) = section.one_of(&["equals", "one-of", "matches", "present"])?;
    if key == "present" {
        let (present, source) = (item.boolean()?, source?);
        return Ok(if present { Condition::Present(source) } else { Condition::Absent(source) });
    }
    let test = match key {
        "equals" => item.nonempty().map(|text| Test::OneOf(vec![text.to_owned()])),
        "one-of" => one_or_more(&item).map(Test::OneOf),
        _ => pattern(&item).map(Test::Matches),
    };
    let read = Read::with_decoders(section, source?);
    Ok(Condition::Text { read: read?, test: test? })
}

fn fact_condition(section: &Section<'_>, stage: Stage) -> Parsed<Condition> {
    let keys = ["certificate-policy", "extended-key-usage", "issuer-key", "key", "capacity"];
    if section.present(&keys).is_empty() {
        return Err(section.fail(
            "this is no condition",
            "expected `extension`, `subject`, `issuer`, `alternative-name`, \
             `certificate-policy`, `extended-key-usage`, `issuer-key`, `key` or `capacity`",
        ));
    }
    let (key, item) = section.one_of(&keys)?;
    match key {
        "certificate-policy" => oid(&item).map(Condition::CertificatePolicy),
        "extended-key-usage" => oid(&item).map(Condition::ExtendedKeyUsage),
        "issuer-key" => hex(&item).map(Condition::IssuerKey),
        "key" => item.choice(&KeyKind::NAMES).map(Condition::Key),
        _ if stage == Stage::Classes => Err(item.fail(
            "`capacity` cannot be asked for here",
            "it is what these rules find; `[[identity.entity.id]]` and the like may ask",
        )),
        _ if item.is_text() => Ok(Condition::Capacity(vec![capacity(&item)?])),
        _ => item.list_of((1, Capacity::ALL.len()), capacity).map(Condition::Capacity),
    }
}

/// RFC 5280 4.2.1.2 knows identifiers of 8 and 20 octets; longer hashes occur.
const MAX_KEY_IDENTIFIER: usize = 64;

fn hex(item: &Item<'_>) -> Parsed<Vec<u8>> {
    let text = item.nonempty()?;
    let digits: String = text.chars().filter(|c| *c != ':').collect();
    let octet = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    let octets: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(octet).collect();
    let whole = octets.filter(|octets| {
        digits.len().is_multiple_of(2)
            && (1..=MAX_KEY_IDENTIFIER).contains(&octets.len())
            && !digits.contains('+')
    });
    whole.ok_or_else(|| {
        let label = "expected the authority key identifier in hex, such as 5A:3F:…";
        item.fail(&format!("{text:?} is not hex"), label)
    })
}

impl Test {
    fn passes(&self, read: &Read, certificate: &Certificate) -> bool {
        let readings = read.readings(certificate);
        let mut texts = readings.iter().filter_map(|reading| reading.text.as_deref().ok());
        match self {
            Self::OneOf(values) => texts.any(|text| values.iter().any(|value| value == text)),
            Self::Matches(pattern) => texts.any(|text| pattern.is_match(text)),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { read, test } => write!(f, "{} {test}", read.source),
            Self::Present(source) => write!(f, "{source} is present"),
            Self::Absent(source) => write!(f, "{source} is absent"),
            Self::CertificatePolicy(oid) => write!(f, "certificate policy {oid} stated"),
            Self::ExtendedKeyUsage(oid) => write!(f, "extended key usage {oid} stated"),
            Self::IssuerKey(octets) => {
                f.write_str("issuer key ")?;
                octets.iter().try_for_each(|octet| write!(f, "{octet:02X}"))
            }
            Self::Key(kind) => write!(f, "key is {kind}"),
            Self::Capacity(capacities) => {
                let names: Vec<&str> = capacities.iter().map(|c| c.as_str()).collect();
                write!(f, "capacity is {}", names.join(" or "))
            }
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OneOf(values) => write!(f, "is one of {values:?}"),
            Self::Matches(pattern) => write!(f, "matches {:?}", pattern.as_str()),
        }
    }
}
