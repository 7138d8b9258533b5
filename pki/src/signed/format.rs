//! Formats of signed documents: one small trait, and the list of those that are found
//! by themselves.

use std::fmt;

use serde::Serialize;

use crate::fault::{Fault, Problem};

use crate::pdf::Pdf;

use super::cms::Cms;
use super::document::SignedDocument;
use super::timestamp::TimestampFormat;

/// A kind of signed document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DocumentFormat {
    /// A bare signature value, with the certificate beside it.
    Raw,
    /// CMS SignedData (RFC 5652; GM/T 0010), its content inside or beside it.
    Cms,
    /// An RFC 3161 timestamp: a token, or the whole answer of a service.
    Timestamp,
    /// A PDF file with signatures (ISO 32000-2 12.8).
    Pdf,
}

impl DocumentFormat {
    /// The word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Cms => "cms",
            Self::Timestamp => "timestamp",
            Self::Pdf => "pdf",
        }
    }
}

impl fmt::Display for DocumentFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Limits on reading a signed document, all before any decoder sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentBudget {
    /// Octets of the whole document. It is held in memory, and its parts are copied
    /// once or twice: at the default of 16 MiB reading stays below 64 MiB.
    pub octets: usize,
    /// Octets of a whole PDF file. The caller holds it, nothing of it is copied but its
    /// signatures, and reading takes less than 64 MiB beside it at any length. Origin:
    /// ours; a scan of a thousand pages has some 100 MiB.
    pub pdf_octets: usize,
    /// Levels of ASN.1 elements within one another. The deepest seen, a timestamped
    /// counter-signature, has some thirty.
    pub depth: usize,
    /// ASN.1 elements in all. A message with a chain of certificates and a timestamp has
    /// some 500; a list of 70,000 revoked certificates, which archived signatures carry
    /// whole, 300,000. Kept ones take some 60 octets each.
    pub elements: usize,
    /// Signers, counter-signers among them. Consortia sign with a dozen keys.
    pub signers: usize,
    /// Timestamps of all signatures of a message. Consortia sign with a dozen keys, each with
    /// a timestamp or two.
    pub timestamps: usize,
    /// Certificates that came along: what path building may be offered.
    pub certificates: usize,
    /// Attributes of one signer. CAdES knows some thirty.
    pub attributes: usize,
    /// Revocation lists and OCSP responses that came along.
    pub revocations: usize,
}

impl Default for DocumentBudget {
    fn default() -> Self {
        Self {
            octets: 16 << 20,
            pdf_octets: 256 << 20,
            depth: 64,
            elements: 500_000,
            signers: 64,
            timestamps: 64,
            certificates: 128,
            attributes: 64,
            revocations: 64,
        }
    }
}

/// A format of signed documents. Reading is all that differs between them: what comes
/// out is examined and judged alike.
pub trait SignatureFormat: Sync {
    /// Which one.
    fn format(&self) -> DocumentFormat;

    /// Whether some octets seem to be of this format. Cheap, and no promise that they
    /// can be read.
    fn recognises(&self, octets: &[u8]) -> bool;

    /// The most octets that a document of this format may have.
    fn limit(&self, budget: &DocumentBudget) -> usize {
        budget.octets
    }

    /// Reads a document.
    ///
    /// # Errors
    /// A [`Fault`] naming the field that is malformed, or the limit that was reached.
    fn parse(&self, octets: &[u8], budget: &DocumentBudget) -> Result<SignedDocument, Fault>;
}

/// The formats that are found by themselves, in the order in which they are asked. A
/// raw signature has no mark to know it by: see [`super::RawSignature`].
#[must_use]
pub fn formats() -> &'static [&'static dyn SignatureFormat] {
    &[&Pdf, &TimestampFormat, &Cms]
}

/// Reads a signed document of the format named, or of the first that recognises it.
///
/// # Errors
/// A [`Fault`]: nothing recognises the octets ([`Problem::UnknownFormat`]), they are
/// malformed, or a limit was reached.
pub fn parse_signed_document(
    octets: &[u8],
    named: Option<DocumentFormat>,
    budget: &DocumentBudget,
) -> Result<SignedDocument, Fault> {
    let fits = |format: &&&dyn SignatureFormat| match named {
        Some(named) => format.format() == named,
        None => format.recognises(octets),
    };
    let format = formats().iter().find(fits);
    let limit = format.map_or(budget.octets, |format| format.limit(budget));
    if octets.len() > limit {
        let problem = Problem::TooLarge { size: octets.len(), limit };
        return Err(Fault::new("document", problem));
    }
    match format {
        Some(format) => format.parse(octets, budget),
        None => Err(Fault::new("document", Problem::UnknownFormat)),
    }
}
