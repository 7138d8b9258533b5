//! PDF files with signatures (ISO 32000-2 12.8; ETSI EN 319 142-1).
//!
//! 1. [`file`] follows the cross-reference sections from the end of the file: one
//!    revision for each update. Nothing is repaired: what two readers could read in
//!    two ways is a fault, or a finding.
//! 2. [`census`] accounts for every octet of every revision.
//! 3. [`signatures`] looks for signature fields in every revision, so that what was
//!    removed is found too; [`signature`] holds the ByteRange of each to its rules.
//! 4. [`changes`] compares the revision that was signed with the last one.
//! 5. [`document`] makes a [`SignedDocument`](crate::SignedDocument) of it: each
//!    signature is a CMS message over two ranges of the file, which are hashed where
//!    they lie. What was found about it stands in its signer's report.
//!
//! No page is rendered, and no stream that pages show is decoded: what is judged is
//! that the file is the one that was signed, not what it looks like.
//!
//! The syntax is read by ourselves, and not by a PDF library: `lopdf` (0.47) takes the
//! last of two equal keys and the first of two entries without a word, copies every
//! stream, and needed 449 MB for a file of 7,506 octets whose one object stream keeps
//! to a limit of 8 MiB. Decompression is `flate2`'s.

mod budget;
mod census;
mod changes;
pub(crate) mod codes;
mod document;
mod dss;
mod fault;
mod field;
mod file;
mod filter;
mod signature;
mod signatures;
mod syntax;
mod text;
mod xref;

pub(crate) use document::Pdf;
pub use fault::{PdfFault, PdfProblem};
