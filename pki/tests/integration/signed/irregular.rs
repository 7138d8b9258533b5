//! Messages that are not as the standards have them, and are made by programs in use.

use tongxing_pki::{Certificate, Content, Level, codes};
use tongxing_testdata::{CrlSpec, KeyAlgorithm, RevocationReason, RevokedEntry};

use super::bench::{Bench, CONTENT, DAY, summary, verify};
use super::weave::{inside, tlv, with_signers};

const PASSED: &str = "passed [TOTAL-PASSED]";
const CRYPTO: &str = "failed [TOTAL-FAILED SIG_CRYPTO_FAILURE] signer.signature_invalid";

/// The attributes of a signer backwards: in an order that is not that of DER.
fn backwards(attributes: &[u8]) -> Vec<u8> {
    inside(attributes).into_iter().rev().collect::<Vec<_>>().concat()
}

/// The message with its attributes backwards, and another signature where one is given.
fn reordered(message: &[u8], signature: Option<&[u8]>) -> Vec<u8> {
    with_signers(message, |mut fields| {
        let attributes = fields.iter_mut().find(|field| field[0] == 0xA0).expect("attributes");
        *attributes = tlv(0xA0, &backwards(attributes));
        if let Some(signature) = signature {
            *fields.last_mut().expect("a signature") = tlv(0x04, signature);
        }
        fields
    })
}

/// RFC 5652 5.4 has the DER of the attributes signed. Signers that sign the order in which
/// they send them are around, and OpenSSL verifies that order alone.
#[test]
fn attributes_may_be_signed_in_the_order_in_which_they_were_sent() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    for algorithm in [KeyAlgorithm::EcdsaP256, KeyAlgorithm::Rsa2048] {
        let leaf = bench.leaf("signer", algorithm);
        let message = bench.sign("signer", "-md sha256");
        let signer = with_fields(&message);
        let attributes = signer.iter().find(|field| field[0] == 0xA0).expect("attributes");
        let sent = tlv(0x31, &backwards(attributes));
        bench.write("attributes", &sent);
        bench.openssl("dgst -sha256 -sign signer.key -out signature attributes");
        let signature = bench.read("signature");
        let request = bench.request();

        let irregular = reordered(&message, Some(&signature));
        bench.write("irregular", &irregular);
        bench.openssl("cms -verify -noverify -binary -inform DER -in irregular -content content -out verified");
        let verification = verify(&irregular, Some(CONTENT), &request);
        assert_eq!(summary(&verification), PASSED, "{algorithm:?}");
        let report = &verification.judgement().signatures[0].report;
        assert!(report.contains(&codes::ATTRIBUTES_AS_SENT, Level::Warning));
        let document = tongxing_pki::read_document(&irregular, None).expect("a message");
        let certificate = Certificate::parse(&leaf.certificate_der).expect("a certificate");
        let (signer, content) = (&document.signers()[0], Content::None);
        assert_eq!(
            document.is_signed_with(signer, &certificate, content, &request.rules()),
            Some(true)
        );

        // The standard's order, sent in another one, needs no such leniency.
        let verification = verify(&reordered(&message, None), Some(CONTENT), &request);
        assert_eq!(summary(&verification), PASSED, "{algorithm:?}");
        let report = &verification.judgement().signatures[0].report;
        assert!(report.contains(&codes::ATTRIBUTES_NOT_DER, Level::Info));
        assert!(!report.contains(&codes::ATTRIBUTES_AS_SENT, Level::Warning));

        // Neither order is signed by a signature over something else.
        bench.openssl("dgst -sha256 -sign signer.key -out signature content");
        let strange = reordered(&message, Some(&bench.read("signature")));
        assert_eq!(summary(&verify(&strange, Some(CONTENT), &request)), CRYPTO, "{algorithm:?}");

        // Nor are such attributes a content, with the signature over them moved there.
        let moved = with_signers(&irregular, |mut fields| {
            fields.retain(|field| field[0] != 0xA0);
            fields
        });
        let told = summary(&verify(&moved, Some(&sent), &request));
        let expected = "failed [TOTAL-FAILED SIG_CRYPTO_FAILURE] content.is_attributes";
        assert_eq!(told, expected, "{algorithm:?}");
    }
}

/// The fields of the only signer.
fn with_fields(message: &[u8]) -> Vec<Vec<u8>> {
    let found = std::cell::RefCell::default();
    with_signers(message, |fields| {
        found.replace(fields.clone());
        fields
    });
    found.into_inner()
}

#[test]
fn null_behind_ecdsa_is_passed_over() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    bench.leaf("signer", KeyAlgorithm::EcdsaP256);
    let message = bench.sign("signer", "");
    let with = |parameters: &[u8]| {
        with_signers(&message, |mut fields| {
            let place = fields.len() - 2;
            let algorithm = inside(&fields[place])[0].to_vec();
            fields[place] = tlv(0x30, &[&algorithm[..], parameters].concat());
            fields
        })
    };
    let verification = verify(&with(&[5, 0]), Some(CONTENT), &bench.request());
    assert_eq!(summary(&verification), PASSED);
    let report = &verification.judgement().signatures[0].report;
    assert!(report.contains(&codes::SIGNER_NULL_PARAMETERS, Level::Warning));
    // Anything that says something does not belong there.
    let told = summary(&verify(&with(&[4, 0]), Some(CONTENT), &bench.request()));
    let expected = "failed [TOTAL-FAILED SIG_CRYPTO_FAILURE] signer.algorithm_parameters";
    assert_eq!(told, expected);
}

/// A second certificate of the issuer with the signer's number, whichever comes first, does
/// not take the signature from the one that its attributes name.
#[test]
fn of_two_certificates_of_one_number_the_one_named_is_meant() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    for name in ["one", "two"] {
        bench.leaf_with(name, KeyAlgorithm::EcdsaP256, |leaf| leaf.with_serial([7, 7]));
    }
    for (signer, other) in [("one", "two"), ("two", "one")] {
        let message = bench.sign(signer, &format!("-cades -certfile {other}.pem"));
        let verification = verify(&message, Some(CONTENT), &bench.request());
        assert_eq!(summary(&verification), PASSED, "{signer}");
    }
}

/// Archived signatures carry the lists of their time whole.
#[test]
fn a_large_list_comes_along() {
    const REVOKED: u32 = 50_000;
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    bench.leaf("signer", KeyAlgorithm::EcdsaP256);
    let (from, to) = (bench.now - DAY, bench.now + DAY);
    let list = (0..REVOKED).fold(CrlSpec::empty(1, from, to), |list, number| {
        let serial = [&[1][..], &number.to_be_bytes()].concat();
        list.revoking(RevokedEntry::new(serial, from, RevocationReason::Superseded))
    });
    let list = bench.authority.issuing().crl(&list).expect("a list");
    let message = with_lists(&bench.sign("signer", ""), &list);
    let verification = verify(&message, Some(CONTENT), &bench.request());
    assert_eq!(summary(&verification), PASSED);
    let report = &verification.judgement().report;
    assert!(!report.contains(&codes::DOCUMENT_REVOCATION_UNREADABLE, Level::Warning));
}

/// The message with a revocation list along (RFC 5652 5.1, crls).
fn with_lists(message: &[u8], lists: &[u8]) -> Vec<u8> {
    let info = inside(message);
    let data = inside(inside(info[1])[0]);
    let (signers, before) = data.split_last().expect("signers come last");
    let data = tlv(0x30, &[&before.concat()[..], &tlv(0xA1, lists), signers].concat());
    tlv(0x30, &[info[0], &tlv(0xA0, &data)].concat())
}
