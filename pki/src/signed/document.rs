//! A signed document as it was read: nothing verified yet.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::keys::{Digest, Hash, SignatureRules};
use crate::{
    Certificate, CertificatePool, Name, Oid, Report, RevocationLists, RevocationResponses,
    SerialNumber, SignatureAlgorithm, Timestamp,
};

use super::attributes::SignedAttributes;
use super::content::{Content, ContentDigester};
use super::format::DocumentFormat;
use super::timestamp::TimestampToken;

/// A signed document, read once and owned: see the module's steps.
#[derive(Clone, Debug)]
pub struct SignedDocument {
    pub(crate) format: DocumentFormat,
    pub(crate) contents: Vec<SignedContent>,
    pub(crate) signers: Vec<Signer>,
    pub(crate) timestamps: Vec<DocumentTimestamp>,
    pub(crate) certificates: CertificatePool,
    pub(crate) lists: RevocationLists,
    pub(crate) responses: RevocationResponses,
    pub(crate) report: Report,
    /// The SHA-256 of the file whose parts are the contents, where they are: the octets
    /// are brought along with each question, and none but these are the document's.
    pub(crate) file: Option<Digest>,
}

/// Where a content is.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignedContent {
    /// Inside the document.
    Embedded(Arc<[u8]>),
    /// Elsewhere: the caller brings it.
    Detached,
    /// Parts of the very file that was read, one after another (the ByteRange of a PDF).
    Ranges(Vec<Range<usize>>),
}

/// One signature with everything it says about itself.
#[derive(Clone, Debug)]
pub struct Signer {
    /// Its place among [`SignedDocument::contents`].
    pub(crate) content: usize,
    /// The type of the content, where the format states one (RFC 5652 5.2).
    pub(crate) content_type: Option<Oid>,
    pub(crate) identifier: SignerIdentifier,
    /// `None` where the signature algorithm alone says it.
    pub(crate) digest_algorithm: Option<DigestAlgorithm>,
    pub(crate) signature_algorithm: SignatureAlgorithm,
    pub(crate) signature: Box<[u8]>,
    pub(crate) attributes: Option<SignedAttributes>,
    pub(crate) timestamps: Vec<TimestampToken>,
    pub(crate) counter_signers: Vec<Signer>,
    /// When the document around it says that it was made (M of a PDF signature).
    pub(crate) claimed_time: Option<Timestamp>,
    /// What reading found.
    pub(crate) report: Report,
}

/// How a signature says whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignerIdentifier {
    /// By issuer and serial number (RFC 5652 5.3).
    IssuerAndSerial {
        /// The certificate's issuer.
        issuer: Name,
        /// Its serial number under that issuer.
        serial: SerialNumber,
    },
    /// By the subject key identifier (RFC 5652 5.3).
    KeyIdentifier(Box<[u8]>),
    /// By the certificate itself.
    Certificate(Certificate),
}

/// A hash function as a signer names it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DigestAlgorithm {
    /// One that can be computed; SHA-1 among them, which is weak.
    Known(Hash),
    /// Another.
    Unsupported(Oid),
}

/// A certificate named by its hash (ESSCertID, RFC 5035).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CertificateDigest {
    /// The hash function.
    pub algorithm: DigestAlgorithm,
    /// The hash of the certificate's encoding.
    pub digest: Box<[u8]>,
    /// The serial number and the names of the issuer, where it states them.
    pub serial: Option<SerialNumber>,
}

/// A timestamp about a content of the document, rather than about a signature.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DocumentTimestamp {
    /// The content it is about: a place among [`SignedDocument::contents`].
    pub content: usize,
    /// The token.
    pub token: TimestampToken,
    /// The signers whose signatures that content includes, so that it proves their time.
    pub covers: Vec<usize>,
}

impl SignedDocument {
    /// An empty document of a format.
    pub(crate) fn new(format: DocumentFormat) -> Self {
        Self {
            format,
            contents: Vec::new(),
            signers: Vec::new(),
            timestamps: Vec::new(),
            certificates: CertificatePool::new(),
            lists: RevocationLists::new(),
            responses: RevocationResponses::new(),
            report: Report::new(),
            file: None,
        }
    }

    /// What kind it is.
    #[must_use]
    pub fn format(&self) -> DocumentFormat {
        self.format
    }

    /// What is signed. One for most formats; a PDF has one for each signature.
    #[must_use]
    pub fn contents(&self) -> &[SignedContent] {
        &self.contents
    }

    /// Each signature, in the order of the document.
    #[must_use]
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }

    /// Each signature, and those about signatures (RFC 5652 11.4).
    pub fn all_signers(&self) -> impl Iterator<Item = &Signer> {
        let mut left: Vec<&Signer> = self.signers.iter().rev().collect();
        std::iter::from_fn(move || {
            let next = left.pop()?;
            left.extend(next.counter_signers.iter().rev());
            Some(next)
        })
    }

    /// The timestamps about contents: one that stands alone, those of a PDF.
    #[must_use]
    pub fn timestamps(&self) -> &[DocumentTimestamp] {
        &self.timestamps
    }

    /// The certificates that came along. Nothing vouches for them.
    #[must_use]
    pub fn certificates(&self) -> &CertificatePool {
        &self.certificates
    }

    /// Takes a certificate as if it had come along: a message may leave its certificates
    /// out (RFC 5652 5.1), and whoever has them brings them beside it.
    pub fn bring(&mut self, certificate: Certificate) {
        self.certificates.insert(certificate);
    }

    /// The revocation lists that came along. Nothing vouches for them.
    #[must_use]
    pub fn lists(&self) -> &RevocationLists {
        &self.lists
    }

    /// The OCSP responses that came along. Nothing vouches for them.
    #[must_use]
    pub fn responses(&self) -> &RevocationResponses {
        &self.responses
    }

    /// What reading found about the document as a whole.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Whether a content must be brought by the caller.
    #[must_use]
    pub fn wants_content(&self) -> bool {
        self.contents.contains(&SignedContent::Detached)
    }

    /// The digester for a content: it makes every digest that the signers and timestamps
    /// of that content need. `known` are certificates beside those that came along, for
    /// signers whose key must be known first (SM2); `rules` are those that the document
    /// will be examined by.
    #[must_use]
    pub fn digester(
        &self,
        content: usize,
        known: &[&CertificatePool],
        rules: &SignatureRules,
    ) -> ContentDigester {
        let mut digester = ContentDigester::new();
        for signer in self.signers.iter().filter(|signer| signer.content == content) {
            let certificate = signer.certificate(&self.certificates, known);
            let key = certificate.as_ref().map(Certificate::public_key);
            for need in signer.needs(key, rules) {
                digester.add(need, key);
            }
        }
        for stamp in self.timestamps.iter().filter(|stamp| stamp.content == content) {
            stamp.token.need().into_iter().for_each(|need| digester.add(need, None));
        }
        digester
    }

    /// The octets of a content, in pieces, if they are at hand; of parts of a file, where
    /// what is given [is that file](Self::is_brought).
    pub(super) fn pieces<'a>(
        &'a self,
        content: usize,
        given: Content<'a>,
        is_brought: bool,
    ) -> Option<Vec<&'a [u8]>> {
        match (self.contents.get(content)?, given) {
            (SignedContent::Embedded(octets), _) => Some(vec![octets]),
            (SignedContent::Detached, Content::Octets(octets)) => Some(vec![octets]),
            (SignedContent::Ranges(ranges), Content::Octets(file)) if is_brought => {
                ranges.iter().map(|range| file.get(range.clone())).collect()
            }
            (_, Content::None | Content::Digests(_))
            | (SignedContent::Ranges(_), Content::Octets(_)) => None,
        }
    }

    /// Whether the file that was read, parts of which are its contents, was brought.
    pub(super) fn is_brought(&self, given: Content<'_>) -> bool {
        match (self.file, given) {
            (Some(own), Content::Octets(file)) => own == Hash::Sha256.digest(file),
            _ => false,
        }
    }
}

impl Signer {
    /// The place of what it signs among [`SignedDocument::contents`].
    #[must_use]
    pub fn content(&self) -> usize {
        self.content
    }

    /// Whose signature it is, as it says itself.
    #[must_use]
    pub fn identifier(&self) -> &SignerIdentifier {
        &self.identifier
    }

    /// The hash function that it names for the content (RFC 5652 5.3).
    #[must_use]
    pub fn digest_algorithm(&self) -> Option<&DigestAlgorithm> {
        self.digest_algorithm.as_ref()
    }

    /// The signature algorithm that it names.
    #[must_use]
    pub fn signature_algorithm(&self) -> &SignatureAlgorithm {
        &self.signature_algorithm
    }

    /// The signature's octets.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The attributes that are signed in the content's stead, if any.
    #[must_use]
    pub fn attributes(&self) -> Option<&SignedAttributes> {
        self.attributes.as_ref()
    }

    /// When it says that it signed (RFC 5652 11.3; ISO 32000-2 table 255, M); nothing
    /// proves it.
    #[must_use]
    pub fn claimed_time(&self) -> Option<Timestamp> {
        let signed = self.attributes.as_ref().and_then(SignedAttributes::signing_time);
        signed.or(self.claimed_time)
    }

    /// What reading found about it.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The timestamps about this signature (RFC 3161 appendix A).
    #[must_use]
    pub fn timestamps(&self) -> &[TimestampToken] {
        &self.timestamps
    }

    /// Those who signed this signature (RFC 5652 11.4).
    #[must_use]
    pub fn counter_signers(&self) -> &[Signer] {
        &self.counter_signers
    }

    /// The signer's certificate, among those that came along first, then among `known`.
    #[must_use]
    pub fn certificate(
        &self,
        along: &CertificatePool,
        known: &[&CertificatePool],
    ) -> Option<Certificate> {
        let mut found = self.identifier.find(std::iter::once(along).chain(known.iter().copied()));
        // Whoever passes a document on can put a certificate of the same number beside the
        // signer's: the one that its attributes name is meant.
        let attributes = self.attributes.as_ref();
        let named = |found: &Certificate| attributes.is_some_and(|signed| signed.names(found));
        match found.iter().position(named) {
            Some(place) => Some(found.swap_remove(place)),
            None => found.into_iter().next(),
        }
    }
}

impl SignerIdentifier {
    /// Whether a certificate is the one meant.
    #[must_use]
    pub fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerAndSerial { issuer, serial } => {
                certificate.serial() == serial && certificate.issuer().matches(issuer)
            }
            Self::KeyIdentifier(identifier) => {
                certificate.subject_key_identifier() == Some(identifier)
            }
            Self::Certificate(own) => own == certificate,
        }
    }

    /// All that are meant, in the order of the pools.
    fn find<'p>(&self, pools: impl Iterator<Item = &'p CertificatePool>) -> Vec<Certificate> {
        match self {
            Self::Certificate(own) => vec![own.clone()],
            Self::KeyIdentifier(identifier) => {
                pools.flat_map(|pool| pool.by_key_identifier(identifier).cloned()).collect()
            }
            Self::IssuerAndSerial { issuer, serial } => {
                pools.flat_map(|pool| pool.by_issuer_and_serial(issuer, serial).cloned()).collect()
            }
        }
    }
}

/// What may stand in a report: no subject's name.
impl fmt::Display for SignerIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IssuerAndSerial { issuer, serial } => {
                write!(f, "certificate {serial} of {issuer}")
            }
            Self::KeyIdentifier(identifier) => {
                write!(f, "key {}", crate::path::hex(identifier))
            }
            Self::Certificate(certificate) => f.write_str(certificate.label()),
        }
    }
}

impl DigestAlgorithm {
    /// The function, where it is one that can be computed.
    #[must_use]
    pub fn hash(&self) -> Option<Hash> {
        match self {
            Self::Known(hash) => Some(*hash),
            Self::Unsupported(_) => None,
        }
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(hash) => hash.fmt(f),
            Self::Unsupported(oid) => oid.fmt(f),
        }
    }
}

impl fmt::Debug for SignedContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded(octets) => write!(f, "Embedded({} octets)", octets.len()),
            Self::Detached => f.write_str("Detached"),
            Self::Ranges(ranges) => write!(f, "Ranges({ranges:?})"),
        }
    }
}
