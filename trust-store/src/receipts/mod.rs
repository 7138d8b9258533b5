//! Receipts: a verification that a platform can defend years later, without us.
//!
//! What a receipt is made of, and what survives a power cut in each step:
//! 1. A document or a certificate is judged, and what was looked at is gathered
//!    (`looked`): the authorities that could have mattered, every list that told of a
//!    certificate, the OCSP responses. Nothing survives, and nobody was told anything.
//! 2. What of it is not kept yet becomes blobs, synced. Unreferenced ones at most.
//! 3. The statement is written down, octet by octet (`statement`): the question, the whole
//!    answer, the hash of what was trusted, of each policy, and of all the evidence.
//! 4. The change `verification_recorded.v1` names the statement by its hash, and the
//!    evidence. From here on the verification is on the record, and its evidence stays.
//! 5. A checkpoint that covers the record is signed, or found: those who wait together
//!    share one. The proof leads from the record to it.
//! 6. The statement is signed by the evidence key (`jws`), and given away with the proof.
//!    Cut off before that, the record holds a verification that nobody was told of.
//!
//! What names persons (the signed document, its certificates, the answer) is the
//! platform's own and is kept by the platform alone: it is in the receipt, never here.
//! What the gateway keeps is the same for everybody, and is read by its hash.
//!
//! A receipt is checked (`check`) without any of this province: the statement's
//! signature, the proof, each piece of evidence by its hash. Then a snapshot is compiled
//! from the evidence as the province's own was, and the same code judges the same question
//! by it. Today's trust settings have no part in it.
//!
//! What is provisional is decided (`settle`) by the first list that tells:
//! 1. A list arrives. The receipts that wait for it are found by its place.
//! 2. `receipts_decided.v1` says what it tells of each. Done again it changes nothing.
//! 3. Their platforms find it when they ask, and are told by their webhook, which
//!    `notices_delivered.v1` records.

mod check;
mod codes;
mod compare;
mod draft;
mod file;
mod give;
mod jws;
mod looked;
mod replay;
mod settle;
mod stated;
mod statement;

pub use check::{ReceiptCheck, ReceiptVerification, StatedReceipt};
pub(crate) use codes::catalogue;
pub use draft::{CertificateSource, DocumentSource, ReceiptDraft};
pub use file::{ReceiptFault, ReceiptFile};
pub use give::{ReceiptForm, ReceiptRequest};
pub use jws::{EvidenceKeySet, JwsFault};
pub(crate) use looked::{Looked, Noted};
pub use settle::{DecidedRevocation, Decision, Notice, ReceiptStatus};
pub use stated::{StatedPart, StatedRequirements};
pub(crate) use statement::{format_named, scheme_named};
