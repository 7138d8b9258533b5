//! Why a PDF file cannot be read.

/// A fault in the structure of a PDF file: where, and what.
///
/// `Display` gives `octet 1234: expected endobj`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("octet {offset}: {problem}")]
pub struct PdfFault {
    offset: usize,
    problem: PdfProblem,
}

impl PdfFault {
    pub(super) fn new(offset: usize, problem: PdfProblem) -> Self {
        Self { offset, problem }
    }

    /// Where in the file, in octets from its start; in an object stream, from the
    /// start of its decoded octets.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What is wrong there.
    #[must_use]
    pub fn problem(&self) -> &PdfProblem {
        &self.problem
    }
}

/// One way in which a file breaks the structure of ISO 32000-2 clause 7, or asks
/// for more work than is done for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PdfProblem {
    /// The file does not begin with `%PDF-` (ISO 32000-2 7.5.2).
    #[error("no PDF header")]
    NoHeader,
    /// Nothing leads to a cross-reference section (ISO 32000-2 7.5.5).
    #[error("no startxref and %%EOF")]
    NoTail,
    /// Another token than the syntax has at this place.
    #[error("expected {0}")]
    Expected(&'static str),
    /// The file ends inside an object.
    #[error("truncated")]
    Truncated,
    /// A number outside of its range.
    #[error("number out of range")]
    OutOfRange,
    /// A key stands twice in a dictionary that decides something: readers differ
    /// in which they take (ISO 32000-2 7.3.7).
    #[error("key /{0} occurs more than once")]
    DuplicateKey(String),
    /// Cross-reference sections that lead back to themselves, or that do not stand
    /// one behind the other as incremental updates do (ISO 32000-2 7.5.6).
    #[error("cross-reference sections out of order")]
    SectionOrder,
    /// Objects that lead back to themselves where they may not.
    #[error("objects in a loop")]
    Loop,
    /// The cross-reference says that another object stands here.
    #[error("another object than the cross-reference says")]
    OtherObject,
    /// The file is encrypted: strings and object streams cannot be read.
    #[error("encrypted")]
    Encrypted,
    /// A filter of structure that is not supported.
    #[error("filter {0} is not supported for structure")]
    Filter(String),
    /// Compressed octets that do not decompress.
    #[error("damaged compressed data")]
    Damaged,
    /// A budget is used up.
    #[error("more than {limit} {what}")]
    Limit {
        /// What there are too many of.
        what: &'static str,
        /// How many are allowed.
        limit: u64,
    },
}

impl PdfProblem {
    /// Whether a budget ended the reading, not a fault.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        matches!(self, Self::Limit { .. })
    }
}
