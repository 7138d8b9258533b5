//! Sources: the places in a certificate that rules read.

use std::borrow::Cow;
use std::fmt;

use tongxing_pki::{Certificate, GeneralName, Name, Oid};

use super::super::file::{Item, Parsed, Section};
use super::decoder::decode;
use super::step::Place;
use super::{Decoder, Read};

/// A place in a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Source {
    /// The octets of an extension.
    Extension(Oid),
    /// An attribute of the subject's name.
    Subject(Attribute),
    /// An attribute of the issuer's name.
    Issuer(Attribute),
    /// A name in the subjectAltName extension.
    AlternativeName(Form),
}

/// An attribute type, and which occurrence; without it every one is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Attribute {
    oid: Oid,
    /// As the policy file names it.
    name: String,
    nth: Option<Place>,
}

/// The textual forms of GeneralName (RFC 5280 4.2.1.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Form {
    Email,
    Dns,
    Uri,
}

/// One text that stands at a place, with the octets it came from.
pub(in super::super) struct Reading<'c> {
    pub(in super::super) octets: &'c [u8],
    pub(in super::super) text: Result<Cow<'c, str>, &'static str>,
}

/// Longer texts are not read: RFC 5280 appendix A bounds names at 32,768, and
/// no identity needs a fraction of that.
const MAX_TEXT: usize = 4096;

impl Read {
    /// Every text at the source, in the certificate's order.
    pub(in super::super) fn readings<'c>(&self, certificate: &'c Certificate) -> Vec<Reading<'c>> {
        let mut readings = match &self.source {
            Source::Extension(oid) => extension(certificate, oid, &self.decoders),
            Source::Subject(attribute) => attribute.readings(certificate.subject()),
            Source::Issuer(attribute) => attribute.readings(certificate.issuer()),
            Source::AlternativeName(form) => form.readings(certificate),
        };
        for reading in &mut readings {
            if reading.text.as_ref().is_ok_and(|text| text.len() > MAX_TEXT) {
                reading.text = Err("it is longer than 4096 bytes");
            }
        }
        readings
    }
}

fn extension<'c>(
    certificate: &'c Certificate,
    oid: &Oid,
    decoders: &[Decoder],
) -> Vec<Reading<'c>> {
    let Some(extension) = certificate.extension(oid) else { return Vec::new() };
    let octets = extension.value();
    vec![Reading { octets, text: decode(decoders, octets).map(Cow::Owned) }]
}

impl Attribute {
    fn readings<'c>(&self, name: &'c Name) -> Vec<Reading<'c>> {
        let found = name.attributes().filter(|attribute| *attribute.oid() == self.oid);
        let reading = |attribute: &'c tongxing_pki::Attribute| Reading {
            octets: attribute.value_der(),
            text: attribute.text().ok_or("it is no string"),
        };
        let Some(nth) = self.nth else { return found.map(reading).collect() };
        nth.pick(&found.collect::<Vec<_>>()).copied().map(reading).into_iter().collect()
    }

    fn parse(section: &Section<'_>, item: &Item<'_>) -> Parsed<Self> {
        let nth = section.optional("nth").map(|item| Place::parse(&item)).transpose();
        let text = item.nonempty()?;
        let known = ATTRIBUTES.iter().find(|(name, _)| *name == text).map(|(_, oid)| *oid);
        let oid = Oid::parse(known.unwrap_or(text)).map_err(|_| {
            let names: Vec<&str> = ATTRIBUTES.iter().map(|(name, _)| *name).collect();
            let label = format!("expected an OID or one of {}", names.join(", "));
            item.fail(&format!("unknown attribute {text:?}"), &label)
        });
        Ok(Self { oid: oid?, name: text.to_owned(), nth: nth? })
    }
}

/// Short names: RFC 4519 where it has one, else X.520, else what OpenSSL prints.
const ATTRIBUTES: [(&str, &str); 21] = [
    ("CN", "2.5.4.3"),
    ("SN", "2.5.4.4"),
    ("serialNumber", "2.5.4.5"),
    ("C", "2.5.4.6"),
    ("L", "2.5.4.7"),
    ("ST", "2.5.4.8"),
    ("street", "2.5.4.9"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("title", "2.5.4.12"),
    ("description", "2.5.4.13"),
    ("postalCode", "2.5.4.17"),
    ("telephoneNumber", "2.5.4.20"),
    ("name", "2.5.4.41"),
    ("givenName", "2.5.4.42"),
    ("initials", "2.5.4.43"),
    ("pseudonym", "2.5.4.65"),
    ("organizationIdentifier", "2.5.4.97"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("emailAddress", "1.2.840.113549.1.9.1"),
];

impl Form {
    const NAMES: [(&'static str, Self); 3] =
        [("email", Self::Email), ("dns", Self::Dns), ("uri", Self::Uri)];

    fn readings(self, certificate: &Certificate) -> Vec<Reading<'_>> {
        let names = certificate.subject_alternative_names();
        names.iter().filter_map(|name| self.text(name)).map(as_ascii).collect()
    }

    fn text(self, name: &GeneralName) -> Option<&str> {
        match (self, name) {
            (Self::Email, GeneralName::Email(text))
            | (Self::Dns, GeneralName::Dns(text))
            | (Self::Uri, GeneralName::Uri(text)) => Some(text),
            _ => None,
        }
    }
}

fn as_ascii(text: &str) -> Reading<'_> {
    Reading { octets: text.as_bytes(), text: Ok(Cow::Borrowed(text)) }
}

impl Source {
    /// The keys of a source; `nth` goes with the two names.
    const KEYS: [&'static str; 4] = ["extension", "subject", "issuer", "alternative-name"];

    /// Reads a source from the table that names it.
    pub(super) fn parse(section: &Section<'_>) -> Parsed<Self> {
        let (key, item) = section.one_of(&Self::KEYS)?;
        match key {
            "extension" => oid(&item).map(Self::Extension),
            "subject" => Attribute::parse(section, &item).map(Self::Subject),
            "issuer" => Attribute::parse(section, &item).map(Self::Issuer),
            _ => item.choice(&Form::NAMES).map(Self::AlternativeName),
        }
    }

    /// Whether anything stands there.
    pub(super) fn is_present(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Extension(oid) => certificate.extension(oid).is_some(),
            Self::Subject(attribute) => !attribute.readings(certificate.subject()).is_empty(),
            Self::Issuer(attribute) => !attribute.readings(certificate.issuer()).is_empty(),
            Self::AlternativeName(form) => !form.readings(certificate).is_empty(),
        }
    }

    /// Whether a table names a source.
    pub(super) fn is_in(section: &Section<'_>) -> bool {
        !section.present(&Self::KEYS).is_empty()
    }
}

/// An object identifier in dotted form.
pub(in super::super) fn oid(item: &Item<'_>) -> Parsed<Oid> {
    let text = item.nonempty()?;
    Oid::parse(text).map_err(|_| {
        item.fail(
            &format!("bad object identifier {text:?}"),
            "expected numbers and dots, such as 1.2.156.10260.4.1.4",
        )
    })
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Extension(oid) => write!(f, "extension {oid}"),
            Self::Subject(attribute) => write!(f, "subject {attribute}"),
            Self::Issuer(attribute) => write!(f, "issuer {attribute}"),
            Self::AlternativeName(form) => {
                let named = Form::NAMES.iter().find(|(_, named)| named == form);
                write!(f, "alternative name {}", named.map_or("", |(name, _)| name))
            }
        }
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match self.nth {
            Some(nth) => write!(f, " number {nth}"),
            None => Ok(()),
        }
    }
}
