//! How a document is read: by its format, and with the certificates that it left out.

use std::sync::Arc;

use tongxing_pki::{Content, DocumentFormat, Fault, RawSignature, SignedContent, SignedDocument};
use tongxing_trust_store::{BesideCertificate, DocumentSource, PersonalData, StoreError};

use crate::problem::RequestError;
use crate::site::Site;

/// How a document is read.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) format: Option<DocumentFormat>,
    pub(super) raw: Option<RawSignature>,
    /// The longest that is read, in octets.
    pub(super) limit: usize,
    /// Certificates that it left out.
    pub(super) beside: Vec<BesideCertificate>,
}

/// A document's octets and what they are read as.
#[derive(Debug)]
pub(super) struct ReadDocument {
    pub(super) document: Result<SignedDocument, Fault>,
    /// The document's own octets: the content of one that is signed in parts.
    pub(super) octets: Vec<u8>,
    pub(super) reading: Reading,
}

impl Reading {
    pub(super) fn source<'r>(&'r self, octets: &'r [u8]) -> DocumentSource<'r> {
        DocumentSource {
            octets,
            format: self.format,
            raw: self.raw.as_ref(),
            limit: self.limit,
            beside: &self.beside,
        }
    }

    /// Reads a document for a platform that is told so much of persons, on a thread that
    /// may wait for the store: signers' certificates that are nowhere along are sought
    /// among those that signed in. `content` is what was signed, where it is elsewhere and
    /// at hand, and is given back.
    pub(super) async fn read(
        self,
        site: &Arc<Site>,
        octets: Vec<u8>,
        content: Option<Vec<u8>>,
        to: PersonalData,
    ) -> Result<(ReadDocument, Option<Vec<u8>>), RequestError> {
        let site = Arc::clone(site);
        let reading = move || {
            let beside = content.as_deref().map_or(Content::None, Content::Octets);
            let read = self.read_with(&site, octets, beside, to)?;
            Ok::<_, StoreError>((read, content))
        };
        let read = tokio::task::spawn_blocking(reading).await;
        read.map_err(|cut| RequestError::Internal(format!("reading was cut off: {cut}")))?
            .map_err(RequestError::from)
    }

    fn read_with(
        mut self,
        site: &Site,
        octets: Vec<u8>,
        content: Content<'_>,
        to: PersonalData,
    ) -> Result<ReadDocument, StoreError> {
        let mut document = self.source(&octets).read();
        if let Ok(document) = &mut document {
            // A file that is signed in parts is its own content.
            let in_parts = |content: &SignedContent| matches!(content, SignedContent::Ranges(_));
            let content = match content {
                Content::None if document.contents().iter().any(in_parts) => {
                    Content::Octets(&octets)
                }
                content => content,
            };
            let bound = site.province.bound_signers(document, content, to)?;
            for certificate in &bound {
                document.bring(certificate.certificate().clone());
            }
            self.beside.extend(bound);
        }
        Ok(ReadDocument { document, octets, reading: self })
    }
}
