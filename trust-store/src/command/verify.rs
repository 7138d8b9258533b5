//! `verify signature --store`: a signed document, judged by what the province trusts.

use serde::{Deserialize, Serialize};
use tongxing_pki::{
    Content, DocumentFormat, Language, OcspReply, OcspResponse, RawSignature, RevocationResponses,
    SignatureScheme, SignedContent, SignedDocument, Timestamp,
};

use super::trust::first_certificate;
use super::{CommandError, FileBytes, Reply};
use crate::documents::{Detail, DocumentQuestion, DocumentReport, Requirements};
use crate::province::Province;
use crate::receipts::{DocumentSource, format_named, scheme_named};
use crate::relying_party::PersonalData;
use crate::report::Reader;

/// A signed document, and what is asked about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureQuestion {
    /// The signed document, or a raw signature's value.
    pub document: FileBytes,
    /// Its format, such as `cms`; recognised without it.
    #[serde(default)]
    pub format: Option<String>,
    /// The signer's certificate, DER or PEM: the document is a raw signature then.
    #[serde(default)]
    pub certificate: Option<FileBytes>,
    /// How a raw signature was made, such as `sm2-sm3`; the usual way of the certificate's
    /// key without it.
    #[serde(default)]
    pub scheme: Option<String>,
    /// The content, where it is not inside the document.
    #[serde(default)]
    pub content: Option<FileBytes>,
    /// The moment by which the signature is held to have existed; now without it.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// OCSP responses, for policies that ask for them: no responder is asked.
    #[serde(default)]
    pub responses: Vec<FileBytes>,
    /// In which language texts are told: `zh` or `en`.
    #[serde(default)]
    pub language: Option<String>,
}

/// Judges it at this moment, as for a platform that may not see personal data. Nothing is
/// recorded, and nothing is kept.
pub(super) fn signature(
    province: &Province,
    question: &SignatureQuestion,
) -> Result<Reply, CommandError> {
    let now = province.clock().now();
    if question.at.is_some_and(|at| at > now) {
        return Err(CommandError::bad_input("the moment is in the future"));
    }
    let reader = question.reader()?;
    let raw = question.raw()?;
    let (octets, format) = (question.document.as_slice(), question.document_format()?);
    let (limit, beside) = (usize::MAX, &[]);
    let mut read = DocumentSource { octets, format, raw: raw.as_ref(), limit, beside }.read();
    if let Ok(document) = &mut read {
        let content = question.content_of(document)?;
        let bound = province.bound_signers(document, content, reader.personal_data)?;
        for certificate in bound {
            document.bring(certificate.certificate().clone());
        }
    }
    let report = match read {
        Ok(document) => province.verify_document(&DocumentQuestion {
            document: &document,
            content: question.content_of(&document)?,
            opening: None,
            at: question.at,
            responses: &question.responses()?,
            requirements: &Requirements::default(),
            reader,
            detail: Detail::Full,
        })?,
        Err(fault) => DocumentReport::unread(&fault, &province.snapshot(), now, reader),
    };
    let value = serde_json::to_value(report);
    Ok(Reply::Document(value.map_err(crate::StoreError::encoding)?))
}

impl SignatureQuestion {
    fn reader(&self) -> Result<Reader, CommandError> {
        let language = match self.language.as_deref() {
            None => Language::En,
            Some(tag) => {
                let known = [Language::Zh, Language::En].into_iter();
                let found = known.into_iter().find(|language| language.tag() == tag);
                found.ok_or_else(|| CommandError::bad_input("no language of ours"))?
            }
        };
        Ok(Reader { language, personal_data: PersonalData::Withheld })
    }

    fn document_format(&self) -> Result<Option<DocumentFormat>, CommandError> {
        let unknown = || CommandError::bad_input("a format that is not known here");
        self.format.as_deref().map(|name| format_named(name).ok_or_else(unknown)).transpose()
    }

    fn raw(&self) -> Result<Option<RawSignature>, CommandError> {
        let Some(certificate) = &self.certificate else { return Ok(None) };
        let certificate = first_certificate(certificate.as_slice())?;
        let raw = match self.scheme.as_deref().map(scheme_named) {
            None => RawSignature::usual(certificate),
            Some(scheme) => {
                scheme.map(|scheme: SignatureScheme| RawSignature::new(certificate, scheme))
            }
        };
        let unknown = || CommandError::bad_input("a kind of key or scheme that is not supported");
        raw.map(Some).ok_or_else(unknown)
    }

    fn content_of(&self, document: &SignedDocument) -> Result<Content<'_>, CommandError> {
        let in_parts = |content: &SignedContent| matches!(content, SignedContent::Ranges(_));
        match &self.content {
            Some(_) if document.contents().iter().any(in_parts) => {
                let problem = "this document is signed whole: it has no content beside it";
                Err(CommandError::bad_input(problem))
            }
            // It is its own content.
            None if document.contents().iter().any(in_parts) => {
                Ok(Content::Octets(self.document.as_slice()))
            }
            Some(content) => Ok(Content::Octets(content.as_slice())),
            None => Ok(Content::None),
        }
    }

    fn responses(&self) -> Result<RevocationResponses, CommandError> {
        let responses = self.responses.iter().map(|file| match OcspReply::parse(file.as_slice()) {
            Ok(OcspReply::Answered(response)) => Ok(response),
            Ok(OcspReply::Refused(_)) => {
                Err(CommandError::bad_input("a responder's refusal, which says nothing"))
            }
            Err(fault) => Err(CommandError::bad_input(format!("an OCSP response: {fault}"))),
        });
        let responses = responses.collect::<Result<Vec<OcspResponse>, _>>()?;
        Ok(responses.into_iter().collect())
    }
}
