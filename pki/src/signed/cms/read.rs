//! From the decoded frame of a message to a [`SignedDocument`].

use std::borrow::Cow;

use rasn::types::Any;

use crate::ber;
use crate::der::reader::{read_single, tag};
use crate::der::{grammar, schema};
use crate::fault::{Fault, Path, Problem};
use crate::{Certificate, Crl, Finding, Name, OcspReply, Oid, Report, SerialNumber};

use super::super::attributes::{CmsAttribute, SentAs, SignedAttributes};
use super::super::codes;
use super::super::document::{
    DigestAlgorithm, SignedContent, SignedDocument, Signer, SignerIdentifier,
};
use super::super::format::{DocumentBudget, DocumentFormat};
use super::super::timestamp::TimestampToken;
use super::algorithms::{agree, signature_algorithm};
use super::types;

/// Counter-signatures within one another. Origin: ours; two are rare.
const MAX_COUNTER_DEPTH: usize = 4;

pub(super) fn document(
    data: types::SignedData,
    budget: &DocumentBudget,
) -> Result<SignedDocument, Fault> {
    let mut document = SignedDocument::new(DocumentFormat::Cms);
    let version = der(&data.version, "signedData.version")?;
    if !matches!(&version[..], [0x02, 1, 0..=5]) {
        let found = version.last().map_or(-1, |last| i64::from(*last));
        return Err(Fault::new("signedData.version", Problem::UnknownVersion { found }));
    }
    limit("signedData.digestAlgorithms", data.digest_algorithms.len(), budget.signers)?;
    let listed: Result<Vec<_>, _> = data
        .digest_algorithms
        .iter()
        .map(|one| digest(one, "signedData.digestAlgorithms"))
        .collect();
    let info = data.encap_content_info;
    let content_type = oid(&info.content_type)
        .map_err(|problem| Fault::new("signedData.encapContentInfo.eContentType", problem))?;
    document.contents.push(match info.content {
        Some(octets) => SignedContent::Embedded(octets.as_ref().into()),
        None => SignedContent::Detached,
    });
    along(&mut document, data.certificates, data.crls, budget)?;
    let reader = Reader { listed: &listed?, budget, content_type: Some(&content_type) };
    let mut left = Left { signers: budget.signers, timestamps: budget.timestamps };
    for (place, signer) in data.signer_infos.into_iter().enumerate() {
        let within = |fault: Fault| fault.within(&format!("signerInfos[{place}]"));
        document.signers.push(reader.signer(signer, 0, &mut left).map_err(within)?);
    }
    Ok(document)
}

/// What came along: nothing signs it, so that what cannot be read is left out.
fn along(
    document: &mut SignedDocument,
    certificates: Option<Vec<Any>>,
    crls: Option<Vec<Any>>,
    budget: &DocumentBudget,
) -> Result<(), Fault> {
    let certificates = certificates.unwrap_or_default();
    limit("signedData.certificates", certificates.len(), budget.certificates)?;
    for any in &certificates {
        // The other choices are attribute certificates and PKCS #6: nobody's business.
        if any.as_bytes().first() != Some(&tag::SEQUENCE) {
            continue;
        }
        match der(any, "certificate").and_then(|der| Certificate::parse(&der)) {
            Ok(certificate) => document.certificates.insert(certificate),
            Err(fault) => {
                let finding = Finding::warning(&codes::DOCUMENT_CERTIFICATE_UNREADABLE);
                document.report.push(finding.seen(fault));
            }
        }
    }
    let crls = crls.unwrap_or_default();
    limit("signedData.crls", crls.len(), budget.revocations)?;
    for any in &crls {
        if let Err(fault) = revocation(document, any) {
            let finding = Finding::warning(&codes::DOCUMENT_REVOCATION_UNREADABLE);
            document.report.push(finding.seen(fault));
        }
    }
    Ok(())
}

/// RevocationInfoChoice (RFC 5652 10.2.1): a list, or an OCSP response (RFC 5940).
fn revocation(document: &mut SignedDocument, any: &Any) -> Result<(), Fault> {
    const OTHER: u8 = 0xA1;
    if any.as_bytes().first() != Some(&OTHER) {
        let crl = Crl::parse(&der(any, "certificateList")?)?;
        document.lists.insert(crl);
        return Ok(());
    }
    let encoded = der(any, "otherRevInfo")?;
    let at = |problem| Fault::new("otherRevInfo", problem);
    let inside = read_single(&encoded).map_err(at)?.content;
    let wrapped = [&[tag::SEQUENCE][..], &encoded[1..encoded.len() - inside.len()], inside];
    let other: types::OtherRevocationInfo = ber::decode(&wrapped.concat()).map_err(at)?;
    if oid(&other.format).map_err(at)? != Oid::RI_OCSP_RESPONSE {
        return Ok(());
    }
    match OcspReply::parse(other.info.as_bytes())? {
        OcspReply::Answered(response) => document.responses.insert(response),
        OcspReply::Refused(refusal) => document.responses.refused(refusal),
    }
    Ok(())
}

/// What a message may still have.
struct Left {
    signers: usize,
    timestamps: usize,
}

struct Reader<'r> {
    /// The hash functions that the message lists.
    listed: &'r [DigestAlgorithm],
    budget: &'r DocumentBudget,
    /// The type of what is signed; none for a counter-signature.
    content_type: Option<&'r Oid>,
}

impl Reader<'_> {
    fn signer(
        &self,
        info: types::SignerInfo,
        depth: usize,
        left: &mut Left,
    ) -> Result<Signer, Fault> {
        let too_many = Problem::TooMany { limit: self.budget.signers };
        let signers = left.signers.checked_sub(1);
        left.signers = signers.ok_or_else(|| Fault::new("signerInfos", too_many))?;
        let mut report = Report::new();
        let version = der(&info.version, "version")?;
        if !matches!(&version[..], [0x02, 1, 1 | 3]) {
            let found = version.last().map_or(-1, |last| i64::from(*last));
            return Err(Fault::new("version", Problem::UnknownVersion { found }));
        }
        let digest = digest(&info.digest_algorithm, "digestAlgorithm")?;
        if depth == 0 && !self.listed.contains(&digest) {
            report.push(Finding::warning(&codes::DIGEST_UNLISTED).seen(&digest));
        }
        let identifier = algorithm(&info.signature_algorithm, "signatureAlgorithm")?;
        let identifier = read_single(&identifier)
            .map_err(|problem| Fault::new("signatureAlgorithm", problem))?;
        let (signature_algorithm, has_null) = signature_algorithm(identifier, &digest);
        if has_null {
            let finding = Finding::warning(&codes::SIGNER_NULL_PARAMETERS);
            report.push(finding.seen(&signature_algorithm));
        }
        if !agree(&signature_algorithm, &digest) {
            let finding = Finding::failed(&codes::DIGEST_DISAGREES).expected(&digest);
            report.push(finding.seen(&signature_algorithm));
        }
        let attributes = match info.signed_attrs {
            Some(attributes) => Some(self.signed_attributes(&attributes, &mut report)?),
            None => None,
        };
        let mut signer = Signer {
            content: 0,
            content_type: self.content_type.cloned(),
            identifier: signer_identifier(&info.sid)?,
            digest_algorithm: Some(digest),
            signature_algorithm,
            signature: info.signature.as_ref().into(),
            attributes,
            timestamps: Vec::new(),
            counter_signers: Vec::new(),
            claimed_time: None,
            report,
        };
        let unsigned = info.unsigned_attrs.unwrap_or_default();
        limit("unsignedAttrs", unsigned.len(), self.budget.attributes)?;
        for any in &unsigned {
            self.unsigned_attribute(any, &mut signer, depth, left)?;
        }
        Ok(signer)
    }

    fn signed_attributes(
        &self,
        attributes: &[Any],
        report: &mut Report,
    ) -> Result<SignedAttributes, Fault> {
        limit("signedAttrs", attributes.len(), self.budget.attributes)?;
        // RFC 5652 5.3: SET SIZE (1..MAX).
        if attributes.is_empty() {
            return Err(Fault::new("signedAttrs", Problem::Empty));
        }
        let mut sent = SentAs::Der;
        let mut read = Vec::with_capacity(attributes.len());
        for any in attributes {
            let encoding = der(any, "signedAttrs")?;
            if matches!(encoding, Cow::Owned(_)) {
                sent = SentAs::Ber;
            }
            let attribute = attribute(&encoding, "signedAttrs")?;
            read.push((attribute, encoding.into_owned().into()));
        }
        Ok(SignedAttributes::read(read, sent, report))
    }

    /// Nothing signs these: one that cannot be read proves nothing, and says so.
    fn unsigned_attribute(
        &self,
        any: &Any,
        signer: &mut Signer,
        depth: usize,
        left: &mut Left,
    ) -> Result<(), Fault> {
        let frame: types::Attribute =
            ber::decode(any.as_bytes()).map_err(|problem| Fault::new("unsignedAttrs", problem))?;
        let kind = oid(&frame.attr_type)
            .map_err(|problem| Fault::new("unsignedAttrs.attrType", problem))?;
        limit("unsignedAttrs.attrValues", frame.attr_values.len(), self.budget.attributes)?;
        if kind == Oid::CMS_TIMESTAMP_TOKEN && self.budget.timestamps > 0 {
            for value in &frame.attr_values {
                let too_many = Problem::TooMany { limit: self.budget.timestamps };
                let timestamps = left.timestamps.checked_sub(1);
                left.timestamps =
                    timestamps.ok_or_else(|| Fault::new("timeStampTokens", too_many))?;
                match TimestampToken::parse(value.as_bytes(), self.budget) {
                    Ok(token) => signer.timestamps.push(token),
                    Err(fault) => {
                        let finding = Finding::warning(&codes::TIMESTAMP_MALFORMED);
                        signer.report.push(finding.seen(fault));
                    }
                }
            }
        } else if kind == Oid::CMS_COUNTER_SIGNATURE {
            if depth >= MAX_COUNTER_DEPTH {
                let problem = Problem::TooDeep { limit: MAX_COUNTER_DEPTH };
                return Err(Fault::new("counterSignature", problem));
            }
            let reader = Reader { content_type: None, ..*self };
            for value in frame.attr_values {
                let info: types::SignerInfo = ber::decode(value.as_bytes())
                    .map_err(|problem| Fault::new("counterSignature", problem))?;
                let counter = reader.signer(info, depth + 1, left);
                signer
                    .counter_signers
                    .push(counter.map_err(|fault| fault.within("counterSignature"))?);
            }
        }
        Ok(())
    }
}

fn attribute(encoding: &[u8], field: &'static str) -> Result<CmsAttribute, Fault> {
    let frame: types::Attribute =
        ber::decode(encoding).map_err(|problem| Fault::new(field, problem))?;
    let oid = oid(&frame.attr_type).map_err(|problem| Fault::new(field, problem))?;
    let values = frame.attr_values.into_iter().map(|value| value.into_bytes().into());
    Ok(CmsAttribute { oid, values: values.collect() })
}

/// SignerIdentifier (RFC 5652 5.3).
fn signer_identifier(sid: &Any) -> Result<SignerIdentifier, Fault> {
    let path = Path::root("sid");
    let encoded = der(sid, "sid")?;
    let element = read_single(&encoded).map_err(|problem| path.fault(problem))?;
    if element.is_context(0) {
        return Ok(SignerIdentifier::KeyIdentifier(element.content.into()));
    }
    let mut notes = Vec::new();
    schema::walk(&encoded, &grammar::ISSUER_AND_SERIAL, &path, &mut notes)?;
    let refused = || path.fault(Problem::Refused);
    let mut fields = element.children();
    let issuer = Name::from_walked(fields.next().ok_or_else(refused)?);
    let serial = fields.next().ok_or_else(refused)?;
    let serial = SerialNumber::from_bytes(serial.content).ok_or_else(refused)?;
    Ok(SignerIdentifier::IssuerAndSerial { issuer, serial })
}

/// An AlgorithmIdentifier in DER that has passed the walk.
fn algorithm<'a>(any: &'a Any, field: &'static str) -> Result<Cow<'a, [u8]>, Fault> {
    let encoded = der(any, field)?;
    schema::walk(&encoded, &grammar::ALGORITHM, &Path::root(field), &mut Vec::new())?;
    Ok(encoded)
}

fn digest(any: &Any, field: &'static str) -> Result<DigestAlgorithm, Fault> {
    let encoded = algorithm(any, field)?;
    let walked = read_single(&encoded).map_err(|problem| Fault::new(field, problem))?;
    Ok(DigestAlgorithm::from_walked(walked))
}

/// A part in DER.
pub(super) fn der<'a>(any: &'a Any, field: &'static str) -> Result<Cow<'a, [u8]>, Fault> {
    ber::to_der(any.as_bytes()).map_err(|problem| Fault::new(field, problem))
}

/// An OBJECT IDENTIFIER.
pub(super) fn oid(any: &Any) -> Result<Oid, Problem> {
    let element = read_single(any.as_bytes())?;
    if element.tag != tag::OID {
        let expected = "an OBJECT IDENTIFIER";
        return Err(Problem::UnexpectedTag { expected, found: element.tag });
    }
    crate::der::primitive::check_oid(element.content)?;
    Ok(Oid::from_checked_octets(element.content))
}

fn limit(field: &'static str, count: usize, limit: usize) -> Result<(), Fault> {
    if count > limit { Err(Fault::new(field, Problem::TooMany { limit })) } else { Ok(()) }
}
