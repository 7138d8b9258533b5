//! Documents made to exhaust whoever reads them: each is as bad as the limits let it be, or
//! goes beyond one. Nothing here is signed by anybody; where a signature must be there, it is
//! a number.

mod asn1;
mod pdf;

use tongxing_pki::{
    Content, DocumentVerification, DocumentVerificationRequest, Moments, Timestamp, read_document,
    verify_signature,
};

/// The moment at which all are judged.
pub(crate) const NOW: i64 = 1_795_000_000;

/// One of them.
pub(crate) struct Input {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// The code by which it is refused; `None` where it is read, and fails otherwise.
    pub(crate) refused: Option<&'static str>,
    make: fn() -> Vec<u8>,
}

/// What reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Cms,
    Pdf,
}

impl Input {
    const fn cms(name: &'static str, refused: Option<&'static str>, make: fn() -> Vec<u8>) -> Self {
        Self { name, kind: Kind::Cms, refused, make }
    }

    const fn pdf(name: &'static str, refused: Option<&'static str>, make: fn() -> Vec<u8>) -> Self {
        Self { name, kind: Kind::Pdf, refused, make }
    }

    pub(crate) fn octets(&self) -> Vec<u8> {
        (self.make)()
    }
}

const LIMIT: Option<&str> = Some("document.limit");
const MALFORMED: Option<&str> = Some("document.malformed");

/// All of them.
pub(crate) const INPUTS: &[Input] = &[
    Input::cms("ASN.1 of two million levels", LIMIT, asn1::deep),
    Input::cms("four million elements", LIMIT, asn1::many_elements),
    Input::cms("a length of 2^63", MALFORMED, asn1::huge_length),
    Input::cms("BER of sixty levels around 15 MB", None, asn1::deep_certificate),
    Input::cms("4,000 timestamps of one signature", LIMIT, asn1::many_timestamps),
    Input::cms("64 signers, 128 certificates, each path tried", None, asn1::many_paths),
    Input::cms("64 signers with 64 attributes each", None, asn1::many_attributes),
    Input::pdf("fields in a loop", MALFORMED, pdf::loops),
    Input::pdf("arrays in one another", LIMIT, pdf::deep),
    Input::pdf("an array of 300,000", LIMIT, pdf::long_array),
    Input::pdf("a table of 600,000 that unpacks from little", LIMIT, pdf::packed_table),
    Input::pdf("a stream that unpacks to 9 MiB", LIMIT, pdf::packed_objects),
    Input::pdf("400,000 entries that lead to white space", LIMIT, pdf::entries_to_space),
    Input::pdf("20,000 objects that share one tail", LIMIT, pdf::shared_tail),
    Input::pdf("30,000 hidden octets before one comment", None, pdf::gaps_before_a_comment),
    Input::pdf("512 sections before one comment", LIMIT, pdf::sections_before_a_comment),
    Input::pdf("90,000 keys that all changed", None, pdf::changed_keys),
    Input::pdf("500 revisions, 40,000 fields that are not there", LIMIT, pdf::absent_fields),
    Input::pdf("500 revisions, one field 90,000 times", LIMIT, pdf::repeated_fields),
    Input::pdf("40,000 fields below a name of 4,000 octets", LIMIT, pdf::long_names),
    Input::pdf("40,000 fields of a kind with a name of 1 MB", None, pdf::long_kinds),
    Input::pdf("12 signatures of 90,000 keys each", LIMIT, pdf::large_signatures),
    Input::pdf("40 signatures that lock 90,000 names", LIMIT, pdf::large_locks),
    Input::pdf("40,000 object streams of one object", LIMIT, pdf::many_streams),
    Input::pdf(
        "a store of streams that unpack to 8 MiB",
        Some("document.no_signer"),
        pdf::packed_store,
    ),
    Input::pdf("100,000 objects and an update", None, pdf::many_objects),
    Input::pdf("250 signatures, 2,000 objects", None, pdf::many_signatures),
    Input::pdf("predictors over 8 MiB", LIMIT, pdf::predictors),
    Input::pdf("a signature of 40 MB", LIMIT, pdf::long_signature),
];

/// Reads and judges one, with an anchor that its certificates name.
pub(crate) fn judge(octets: &[u8], anchor: &[u8]) -> DocumentVerification {
    let now = Timestamp::from_unix(NOW);
    let mut request = DocumentVerificationRequest::new(Moments { now, at: None });
    request.anchors = vec![anchor.to_vec()];
    let document = read_document(octets, None);
    verify_signature(document.as_ref(), Content::Octets(octets), &request)
}

/// The anchor.
pub(crate) fn anchor() -> Vec<u8> {
    asn1::authority().root().der().to_vec()
}
