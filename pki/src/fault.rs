//! What is wrong with bytes that could not be parsed.

use std::fmt;

use crate::pdf::PdfFault;

/// A fault found while parsing: the field, by its ASN.1 path, and the problem.
///
/// `Display` gives `tbsCertificate.serialNumber: not minimally encoded`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct Fault {
    field: String,
    problem: Problem,
}

impl Fault {
    pub(crate) fn new(field: impl Into<String>, problem: Problem) -> Self {
        Self { field: field.into(), problem }
    }

    /// The same fault, of a part of `outer`.
    pub(crate) fn within(self, outer: &str) -> Self {
        Self::new(format!("{outer}.{}", self.field), self.problem)
    }

    /// The path of the field, in the names of the ASN.1 module, for example
    /// `tbsCertificate.extensions.basicConstraints.cA`.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What is wrong with it.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

/// One way in which bytes break the encoding rules (X.690) or the structure
/// that the field asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The input ends inside the element.
    #[error("truncated")]
    Truncated,
    /// Octets follow where nothing may follow.
    #[error("trailing octets")]
    TrailingOctets,
    /// A length in more octets than it needs (X.690 10.1).
    #[error("length not minimally encoded")]
    LengthNotMinimal,
    /// The indefinite form, which only BER has (X.690 10.1).
    #[error("indefinite length")]
    IndefiniteLength,
    /// A length of 2^32 octets or more.
    #[error("length out of range")]
    LengthOutOfRange,
    /// A tag number of 31 or more; nothing in X.509 uses one.
    #[error("tag number too high")]
    HighTagNumber,
    /// Another element than the structure has at this place.
    #[error("expected {expected}, found tag {found:#04x}")]
    UnexpectedTag {
        /// What the structure asks for.
        expected: &'static str,
        /// The identifier octet that was found.
        found: u8,
    },
    /// A required element is not there.
    #[error("missing")]
    Missing,
    /// An INTEGER with superfluous leading octets (X.690 8.3.2).
    #[error("not minimally encoded")]
    NotMinimal,
    /// An element with no content where content is required.
    #[error("empty")]
    Empty,
    /// A BOOLEAN that is neither 00 nor FF (X.690 11.1).
    #[error("BOOLEAN is neither 00 nor FF")]
    InvalidBoolean,
    /// A NULL with content (X.690 8.8.2).
    #[error("NULL with content")]
    InvalidNull,
    /// A BIT STRING whose count of unused bits is wrong, or whose unused bits
    /// are set (X.690 11.2.1).
    #[error("malformed BIT STRING")]
    InvalidBitString,
    /// An OBJECT IDENTIFIER that is empty, unfinished or not minimal.
    #[error("malformed OBJECT IDENTIFIER")]
    InvalidObjectIdentifier,
    /// A time that is not `[YY]YYMMDDhhmmssZ` or does not exist (RFC 5280
    /// 4.1.2.5).
    #[error("malformed time")]
    InvalidTime,
    /// A number outside the range of the field.
    #[error("number out of range")]
    OutOfRange,
    /// Elements nested deeper than the budget.
    #[error("nested deeper than {limit} levels")]
    TooDeep {
        /// The budget.
        limit: usize,
    },
    /// More octets than the budget.
    #[error("{size} octets, more than the {limit} allowed")]
    TooLarge {
        /// The size found.
        size: usize,
        /// The budget.
        limit: usize,
    },
    /// More elements than the budget.
    #[error("more than {limit} elements")]
    TooMany {
        /// The budget.
        limit: usize,
    },
    /// Several where the structure has exactly one.
    #[error("more than one")]
    MoreThanOne,
    /// The same extension twice (RFC 5280 4.2).
    #[error("{oid} occurs more than once")]
    Duplicate {
        /// The extension, in dotted form.
        oid: String,
    },
    /// Two fields that must agree do not (RFC 5280 4.1.1.2).
    #[error("differs from {other}")]
    Disagrees {
        /// The path of the other field.
        other: &'static str,
    },
    /// A version number without a meaning.
    #[error("unknown version {found}")]
    UnknownVersion {
        /// The number as encoded (v1 is 0).
        found: i64,
    },
    /// An OCSP response of another type than the basic one (RFC 6960 4.2.1).
    #[error("unknown response type {oid}")]
    UnknownResponseType {
        /// The type, in dotted form.
        oid: String,
    },
    /// A signed message, or what it is about, of another type than is read here.
    #[error("unknown content type {oid}")]
    UnknownContentType {
        /// The type, in dotted form.
        oid: String,
    },
    /// A timestamp service that refused (RFC 3161 2.4.2).
    #[error("not granted, status {status}: {reason}")]
    NotGranted {
        /// The PKIStatus.
        status: u8,
        /// What the service says, and the numbers of its failure bits.
        reason: String,
    },
    /// A document that no format recognises.
    #[error("no format recognises it")]
    UnknownFormat,
    /// BER that does not decode as the structure has it.
    #[error("{detail}")]
    Encoding {
        /// What the decoder says.
        detail: String,
    },
    /// Text that is neither PEM, nor DER, nor base64.
    #[error("neither DER, nor PEM, nor base64")]
    UnknownArmour,
    /// PEM or base64 that does not decode.
    #[error("damaged PEM or base64")]
    DamagedArmour,
    /// A PDF file whose structure cannot be read.
    #[error("{0}")]
    Pdf(PdfFault),
    /// The second parser refuses what the walk allowed.
    #[error("refused by the X.509 parser")]
    Refused,
}

/// The way from the outermost element to the present one. Each level borrows
/// the one above, so that nothing is allocated until a fault is found.
#[derive(Clone, Copy)]
pub(crate) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    name: &'static str,
    shown: Shown,
}

/// Whether the outermost element's name stands before those of its parts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Always,
    /// Only in faults of the outermost element itself.
    Alone,
}

impl<'p> Path<'p> {
    pub(crate) const fn root(name: &'static str) -> Self {
        Self { parent: None, name, shown: Shown::Always }
    }

    /// A root whose parts are named without it.
    pub(crate) const fn implied_root(name: &'static str) -> Self {
        Self { parent: None, name, shown: Shown::Alone }
    }

    /// The path of a part; an empty name stands for its parent.
    pub(crate) const fn child(&'p self, name: &'static str) -> Self {
        Self { parent: Some(self), name, shown: Shown::Always }
    }

    pub(crate) fn fault(&self, problem: Problem) -> Fault {
        Fault::new(self.to_string(), problem)
    }

    /// Whether nothing stands before the name of a part.
    fn is_implied(&self) -> bool {
        match self.parent {
            None => self.shown == Shown::Alone,
            Some(parent) => self.name.is_empty() && parent.is_implied(),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parent {
            None => f.write_str(self.name),
            Some(parent) if self.name.is_empty() => parent.fmt(f),
            Some(parent) if parent.is_implied() => f.write_str(self.name),
            Some(parent) => write!(f, "{parent}.{}", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_the_field() {
        let root = Path::implied_root("certificate");
        assert_eq!(root.child("").to_string(), "certificate");
        let tbs = root.child("tbsCertificate");
        let fault = tbs.child("serialNumber").fault(Problem::NotMinimal);
        assert_eq!(fault.to_string(), "tbsCertificate.serialNumber: not minimally encoded");
    }
}
