//! PDF files with signatures.

use tongxing_pki::{
    Content, DocumentFormat, DocumentVerificationRequest, Moments, Problem, Timestamp, Verdict,
    read_document, verify_signature,
};

/// A PDF file: what is read is read alike twice, and nobody's signature passes.
pub fn pdf(bytes: &[u8]) {
    let read = || read_document(bytes, Some(DocumentFormat::Pdf));
    let (one, other) = (read(), read());
    match (&one, &other) {
        (Ok(one), Ok(other)) => {
            assert_eq!(one.report(), other.report());
            assert_eq!(one.contents(), other.contents());
            let reports = |document: &tongxing_pki::SignedDocument| {
                document.signers().iter().map(|signer| signer.report().clone()).collect::<Vec<_>>()
            };
            assert_eq!(reports(one), reports(other));
        }
        (Err(one), Err(other)) => {
            assert_eq!(one, other);
            assert!(!one.problem().to_string().is_empty(), "{one:?}");
            if let Problem::Pdf(fault) = one.problem() {
                assert!(!fault.problem().to_string().is_empty());
            }
        }
        _ => panic!("read once, and not again"),
    }
    let now = Timestamp::from_unix(1_780_000_000);
    let request = DocumentVerificationRequest::new(Moments { now, at: None });
    let verification = verify_signature(one.as_ref(), Content::Octets(bytes), &request);
    assert_ne!(verification.verdict(), Verdict::Passed, "without any anchor");
}
