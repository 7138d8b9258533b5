//! Signed documents: CMS messages and timestamps.

use tongxing_pki::{
    Content, DocumentVerificationRequest, Moments, SignedDocument, Timestamp, Verdict,
    read_document, verify_signature,
};

/// The moment at which everything is judged.
const NOW: Timestamp = Timestamp::from_unix(1_780_000_000);

/// What the seeds were signed over.
const CONTENT: &[u8] = b"content\n";

/// A signed document in any format that is recognised, bare or in its armour.
pub fn signed_document(bytes: &[u8]) {
    let document = match read_document(bytes, None) {
        Ok(document) => document,
        Err(fault) => {
            assert!(!fault.field().is_empty(), "{fault:?}");
            assert!(!fault.problem().to_string().is_empty(), "{fault:?}");
            let again = read_document(bytes, None).map(drop);
            assert_eq!(again, Err(fault), "refused in the same way again");
            return;
        }
    };
    let again = read_document(bytes, None).expect("read once already");
    // Not the pools, whose maps have no order.
    let parts = |of: &SignedDocument| {
        format!("{:?} {:?} {:?} {:?}", of.contents(), of.signers(), of.timestamps(), of.report())
    };
    assert_eq!(parts(&document), parts(&again));
    for content in [Content::None, Content::Octets(CONTENT)] {
        is_judged_alike(&document, content);
    }
    streamed_as_whole(&document);
}

/// Twice with one outcome, and nothing passes without an anchor.
fn is_judged_alike(document: &SignedDocument, content: Content<'_>) {
    let request = DocumentVerificationRequest::new(Moments { now: NOW, at: None });
    let judge = || verify_signature(Ok(document), content, &request);
    let (one, other) = (judge(), judge());
    let shown = |it| serde_json::to_string(it).expect("serialises");
    assert_eq!(shown(&one.explained(None)), shown(&other.explained(None)));
    assert_ne!(one.verdict(), Verdict::Passed, "nobody was trusted");
    let judgement = one.judgement();
    assert_eq!(judgement.signatures.len(), document.signers().len());
    for signature in &judgement.signatures {
        assert_ne!(signature.verdict, Verdict::Passed, "nobody was trusted");
        assert!(!signature.report.findings().is_empty());
    }
}

/// A content that flows by in pieces comes to the digests of the whole.
fn streamed_as_whole(document: &SignedDocument) {
    let request = DocumentVerificationRequest::new(Moments { now: NOW, at: None });
    for place in 0..document.contents().len() {
        let digester = || document.digester(place, &[], &request.rules());
        let (mut whole, mut pieces) = (digester(), digester());
        whole.update(CONTENT);
        CONTENT.chunks(3).for_each(|piece| pieces.update(piece));
        let (whole, pieces) = (whole.finish(), pieces.finish());
        assert_eq!(format!("{whole:?}"), format!("{pieces:?}"));
    }
}
