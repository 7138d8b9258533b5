//! An SM2 message that another program made (`gmsm_p7_attached.der`).

use tongxing_pki::{
    Content, DocumentVerificationRequest, Moments, SignedContent, Timestamp, codes, read_document,
    verify_signature,
};
use tongxing_pki::{DigestAlgorithm, Hash, Level, SignatureAlgorithm};

use super::bench::summary;
use crate::vectors::{folder, read};

#[test]
fn an_sm2_message_of_another_program_verifies() {
    let Some(folder) = folder("sm2") else {
        return;
    };
    let message = read(&folder, "gmsm_p7_attached.der");
    let document = read_document(&message, None).expect("a message");
    let signer = &document.signers()[0];
    assert_eq!(signer.digest_algorithm(), Some(&DigestAlgorithm::Known(Hash::Sm3)));
    assert_eq!(*signer.signature_algorithm(), SignatureAlgorithm::Sm2Sm3);
    assert!(matches!(document.contents(), [SignedContent::Embedded(_)]));
    let certificate = document.certificates().iter().next().expect("its certificate");
    let now = Timestamp::from_unix(certificate.not_before().unix() + 1);
    let request = DocumentVerificationRequest::new(Moments { now, at: None });
    let verification = verify_signature(Ok(&document), Content::None, &request);
    let report = &verification.judgement().signatures[0].report;
    assert_eq!(
        summary(&verification),
        "failed [INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND] path.no_anchor"
    );
    assert!(report.contains(&codes::SIGNER_SIGNATURE, Level::Passed), "{report:?}");
    assert!(
        report.contains(&codes::DIGEST_MATCHES, Level::Passed) || signer.attributes().is_none()
    );
}
