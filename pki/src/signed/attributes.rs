//! The attributes that a signer signs in the content's stead (RFC 5652 5.3, 11; RFC
//! 5035; ETSI EN 319 122-1).

use std::fmt;

use crate::der::primitive::{check_oid, read_time};
use crate::der::reader::{Element, push_length, read_single, tag};
use crate::der::{grammar, schema};
use crate::fault::Path;
use crate::{Certificate, Finding, GeneralName, Oid, Report, SerialNumber, Timestamp};

use super::codes;
use super::document::{CertificateDigest, DigestAlgorithm};

/// One attribute: its type, and the DER of each of its values.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct CmsAttribute {
    pub(super) oid: Oid,
    pub(super) values: Vec<Box<[u8]>>,
}

/// Whether the attributes were sent in the encoding that is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SentAs {
    Der,
    Ber,
}

/// Signed attributes, read once.
#[derive(Clone)]
pub struct SignedAttributes {
    der: Box<[u8]>,
    as_sent: Option<Box<[u8]>>,
    all: Vec<CmsAttribute>,
    content_type: Option<Oid>,
    message_digest: Option<Box<[u8]>>,
    signing_time: Option<Timestamp>,
    signing_certificate: Vec<CertificateDigest>,
}

impl SignedAttributes {
    /// Puts together attributes, each in DER as `(attribute, its whole encoding)`. What
    /// is wrong with one of them goes into the report.
    pub(super) fn read(
        attributes: Vec<(CmsAttribute, Box<[u8]>)>,
        sent: SentAs,
        report: &mut Report,
    ) -> Self {
        let (all, encodings): (Vec<_>, Vec<_>) = attributes.into_iter().unzip();
        let (der, as_sent) = set_of(encodings);
        if sent == SentAs::Ber || as_sent.is_some() {
            report.push(Finding::info(&codes::ATTRIBUTES_NOT_DER));
        }
        let mut read = Self {
            der,
            as_sent,
            all: Vec::new(),
            content_type: None,
            message_digest: None,
            signing_time: None,
            signing_certificate: Vec::new(),
        };
        for attribute in &all {
            let again = all.iter().filter(|other| other.oid == attribute.oid).count() > 1;
            let understood = !again && read.take(attribute).is_some();
            if !understood && is_ours(&attribute.oid) {
                report.push(Finding::failed(&codes::ATTRIBUTE_MALFORMED).seen(&attribute.oid));
            }
        }
        read.all = all;
        read
    }

    /// Reads an attribute that this crate acts on; `None` when it is malformed.
    fn take(&mut self, attribute: &CmsAttribute) -> Option<()> {
        if !is_ours(&attribute.oid) {
            return Some(());
        }
        // All of them are single-valued (RFC 5652 11; RFC 5035 3, 4).
        let [value] = &attribute.values[..] else {
            return None;
        };
        let value = read_single(value).ok()?;
        match &attribute.oid {
            oid if *oid == Oid::CMS_CONTENT_TYPE => {
                check_oid(tagged(value, tag::OID)?).ok()?;
                self.content_type = Some(Oid::from_checked_octets(value.content));
            }
            oid if *oid == Oid::CMS_MESSAGE_DIGEST => {
                self.message_digest = Some(tagged(value, tag::OCTET_STRING)?.into());
            }
            oid if *oid == Oid::CMS_SIGNING_TIME => {
                self.signing_time = Some(read_time(value.tag, value.content).ok()?);
            }
            oid if *oid == Oid::CMS_SIGNING_CERTIFICATE => {
                self.signing_certificate.extend(certificate_ids(value, Version::V1)?);
            }
            _ => self.signing_certificate.extend(certificate_ids(value, Version::V2)?),
        }
        Some(())
    }

    /// The DER encoding of the SET, which the signature covers (RFC 5652 5.4).
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The SET with its elements in the order in which they were sent, where that is not
    /// DER's. Some signers sign it, and OpenSSL verifies nothing else: the same
    /// attributes, which none of the two encodings can be read as other ones.
    pub(super) fn as_sent(&self) -> Option<&[u8]> {
        self.as_sent.as_deref()
    }

    /// The type of the content that was signed (RFC 5652 11.1).
    #[must_use]
    pub fn content_type(&self) -> Option<&Oid> {
        self.content_type.as_ref()
    }

    /// The digest of the content (RFC 5652 11.2).
    #[must_use]
    pub fn message_digest(&self) -> Option<&[u8]> {
        self.message_digest.as_deref()
    }

    /// When the signer says that it signed (RFC 5652 11.3).
    #[must_use]
    pub fn signing_time(&self) -> Option<Timestamp> {
        self.signing_time
    }

    /// The certificates that the signer names, its own first: signing-certificate (RFC
    /// 5035 4) and signing-certificate-v2 (RFC 5035 3).
    #[must_use]
    pub fn signing_certificates(&self) -> &[CertificateDigest] {
        &self.signing_certificate
    }

    /// Whether one of the certificates that the signer names is this one, by its hash.
    pub(super) fn names(&self, certificate: &Certificate) -> bool {
        self.signing_certificate.iter().any(|named| {
            let hash = named.algorithm.hash();
            hash.is_some_and(|hash| *hash.digest(certificate.der()) == *named.digest)
        })
    }

    /// The types of all attributes, in the order in which they were sent.
    pub fn types(&self) -> impl Iterator<Item = &Oid> {
        self.all.iter().map(|attribute| &attribute.oid)
    }

    /// The values of an attribute, each in DER.
    pub fn values(&self, oid: &Oid) -> impl Iterator<Item = &[u8]> {
        let named = self.all.iter().filter(move |attribute| attribute.oid == *oid);
        named.flat_map(|attribute| attribute.values.iter().map(|value| &**value))
    }
}

impl fmt::Debug for SignedAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.types()).finish()
    }
}

/// The attributes that are acted on.
fn is_ours(oid: &Oid) -> bool {
    [
        Oid::CMS_CONTENT_TYPE,
        Oid::CMS_MESSAGE_DIGEST,
        Oid::CMS_SIGNING_TIME,
        Oid::CMS_SIGNING_CERTIFICATE,
        Oid::CMS_SIGNING_CERTIFICATE_V2,
    ]
    .contains(oid)
}

/// The DER of a SET OF these elements (X.690 11.6); and what it is in the order in which
/// they stood, where that is another one.
fn set_of(mut elements: Vec<Box<[u8]>>) -> (Box<[u8]>, Option<Box<[u8]>>) {
    let as_sent = (!elements.is_sorted()).then(|| set(&elements.concat()));
    elements.sort_unstable();
    (set(&elements.concat()), as_sent)
}

fn set(content: &[u8]) -> Box<[u8]> {
    let mut encoding = Vec::with_capacity(content.len() + 6);
    encoding.push(tag::SET);
    push_length(&mut encoding, content.len());
    encoding.extend_from_slice(content);
    encoding.into()
}

/// Whether octets read as a SET of attributes that has what signed attributes must have.
/// A signature over such a *content* is as good as certainly one that was made over the
/// attributes of another document, which it is passed off without.
pub(super) fn are_signed_attributes(content: &[u8]) -> bool {
    let path = Path::root("content");
    let walked = schema::walk(content, &grammar::ATTRIBUTES, &path, &mut Vec::new());
    let Ok(set) = walked.and_then(|()| read_single(content).map_err(|why| path.fault(why))) else {
        return false;
    };
    let has = |wanted: &Oid| {
        set.children().any(|attribute| {
            attribute.children().next().is_some_and(|oid| oid.content == wanted.as_bytes())
        })
    };
    has(&Oid::CMS_CONTENT_TYPE) && has(&Oid::CMS_MESSAGE_DIGEST)
}

fn tagged(element: Element<'_>, tag: u8) -> Option<&[u8]> {
    (element.tag == tag).then_some(element.content)
}

/// Which of the two attributes: v1 has SHA-1 throughout.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    V1,
    V2,
}

/// The certificates of SigningCertificate or SigningCertificateV2 (RFC 5035 3, 4). The
/// policies behind them are nobody's requirement.
fn certificate_ids(value: Element<'_>, version: Version) -> Option<Vec<CertificateDigest>> {
    let path = Path::root("signingCertificate");
    let shape = match version {
        Version::V1 => &grammar::SIGNING_CERTIFICATE,
        Version::V2 => &grammar::SIGNING_CERTIFICATE_V2,
    };
    schema::walk(value.raw, shape, &path, &mut Vec::new()).ok()?;
    let certificates = value.children().next()?;
    certificates.children().map(|id| certificate_id(id, version)).collect()
}

fn certificate_id(id: Element<'_>, version: Version) -> Option<CertificateDigest> {
    let mut fields = id.children();
    let algorithm = match version {
        Version::V1 => DigestAlgorithm::Known(crate::keys::Hash::Sha1),
        Version::V2 => match fields.take_tag(tag::SEQUENCE) {
            // RFC 5035 3: SHA-256 unless another is stated.
            None => DigestAlgorithm::Known(crate::keys::Hash::Sha256),
            Some(identifier) => DigestAlgorithm::from_walked(identifier),
        },
    };
    let digest = fields.next()?.content.into();
    let serial = match fields.next() {
        None => None,
        Some(issuer_serial) => {
            let mut parts = issuer_serial.children();
            GeneralName::read_all(parts.next()?)?;
            Some(SerialNumber::from_bytes(parts.next()?.content)?)
        }
    };
    Some(CertificateDigest { algorithm, digest, serial })
}
