//! CMS messages as OpenSSL makes them.

use tongxing_pki::{Content, Level, SignedContent, codes, read_document, verify_signature};
use tongxing_testdata::KeyAlgorithm;

use super::bench::{Bench, CONTENT, summary, verify};
use super::weave::swap;

/// Ed25519 is missing: OpenSSL 3.0 signs no messages with it.
const ALGORITHMS: [KeyAlgorithm; 3] =
    [KeyAlgorithm::Rsa2048, KeyAlgorithm::EcdsaP256, KeyAlgorithm::EcdsaP384];

#[test]
fn every_kind_of_key_signs_attached_and_detached() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    for (place, algorithm) in ALGORITHMS.into_iter().enumerate() {
        let name = format!("signer{place}");
        bench.leaf(&name, algorithm);
        let detached = bench.sign(&name, "");
        let attached = bench.sign(&name, "-nodetach");
        let request = bench.request();
        for (message, content) in [(detached, Some(CONTENT)), (attached, None)] {
            let verification = verify(&message, content, &request);
            assert_eq!(summary(&verification), "passed [TOTAL-PASSED]", "{algorithm:?}");
        }
    }
}

#[test]
fn hash_functions_paddings_and_identifiers_are_understood() {
    let Some(bench) = Bench::new(KeyAlgorithm::Rsa2048) else {
        return;
    };
    bench.leaf("signer", KeyAlgorithm::Rsa2048);
    for options in [
        "-md sha384",
        "-md sha512",
        "-keyid",
        "-keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:32 -md sha256",
        "-cades",
        "-noattr",
        "-noattr -md sha384",
        "-nosmimecap",
        "-stream -indef",
    ] {
        let message = bench.sign("signer", options);
        let verification = verify(&message, Some(CONTENT), &bench.request());
        assert_eq!(summary(&verification), "passed [TOTAL-PASSED]", "{options}");
    }
    let message = bench.sign("signer", "-md sha1");
    let verification = verify(&message, Some(CONTENT), &bench.request());
    let expected = "failed [INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE] \
                    content.digest_weak signer.algorithm_weak";
    assert_eq!(summary(&verification), expected);
}

#[test]
fn a_stream_of_content_makes_the_digests_that_are_needed() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    for (place, algorithm) in ALGORITHMS.into_iter().enumerate() {
        let name = format!("signer{place}");
        bench.leaf(&name, algorithm);
        for options in ["", "-noattr"] {
            let message = bench.sign(&name, options);
            let document = read_document(&message, None).expect("a message");
            let request = bench.request();
            let mut digester = document.digester(0, &[&request.known()], &request.rules());
            CONTENT.chunks(3).for_each(|piece| digester.update(piece));
            let digests = digester.finish();
            assert_eq!(digests.length(), u64::try_from(CONTENT.len()).ok());
            let content = Content::Digests(&digests);
            let verification = verify_signature(Ok(&document), content, &request);
            assert_eq!(summary(&verification), "passed [TOTAL-PASSED]", "{algorithm:?} {options}");
        }
    }
}

#[test]
fn ber_with_indefinite_lengths_and_padding_is_read() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    bench.leaf("signer", KeyAlgorithm::EcdsaP256);
    let message = bench.sign("signer", "-nodetach -stream -indef");
    assert_eq!(message[1], 0x80, "OpenSSL wrote an indefinite length");
    let document = read_document(&message, None).expect("a message");
    assert_eq!(document.contents(), [SignedContent::Embedded(CONTENT.into())]);
    let verification = verify(&message, None, &bench.request());
    assert_eq!(summary(&verification), "passed [TOTAL-PASSED]");
    let padded = [&message[..], &[0; 500]].concat();
    let verification = verify(&padded, None, &bench.request());
    assert_eq!(summary(&verification), "passed [TOTAL-PASSED]");
    assert!(verification.judgement().report.contains(&codes::DOCUMENT_PADDED, Level::Info));
    let dirty = [&message[..], &[0, 0, 7]].concat();
    let verification = verify(&dirty, None, &bench.request());
    assert_eq!(summary(&verification), "failed document.malformed");
}

#[test]
fn a_missing_certificate_is_found_among_those_known() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    bench.leaf("signer", KeyAlgorithm::EcdsaP256);
    for options in ["-nocerts", "-nocerts -keyid"] {
        let message = bench.sign("signer", options);
        let mut request = bench.request();
        let verification = verify(&message, Some(CONTENT), &request);
        let expected = "indeterminate [INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND] \
                        signer.certificate_missing";
        assert_eq!(summary(&verification), expected);
        request.intermediates.push(bench.read("signer.pem"));
        let verification = verify(&message, Some(CONTENT), &request);
        assert_eq!(summary(&verification), "passed [TOTAL-PASSED]");
    }
}

/// What the matrix leaves out: an attribute that is signed, and a content beside the one inside.
#[test]
fn attributes_are_signed_and_contents_compared() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    for algorithm in ALGORITHMS {
        bench.leaf("signer", algorithm);
        let (detached, attached) = (bench.sign("signer", ""), bench.sign("signer", "-nodetach"));
        let beside = summary(&verify(&attached, Some(b"another"), &bench.request()));
        assert_eq!(beside, "failed [TOTAL-FAILED HASH_FAILURE] content.differs");
        // The signing time, one second off.
        let head = [9, 5, 0x31, 0x0F, 0x17, 0x0D];
        let time = detached.windows(head.len()).position(|part| part == head).expect("a time");
        let mut earlier = detached;
        earlier[time + head.len() + 11] ^= 1;
        let told = summary(&verify(&earlier, Some(CONTENT), &bench.request()));
        assert_eq!(told, "failed [TOTAL-FAILED SIG_CRYPTO_FAILURE] signer.signature_invalid");
    }
}

/// The same key under another certificate: only the attribute of CAdES tells.
#[test]
fn a_renewed_certificate_is_not_the_one_named() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    let own = bench.leaf_with("signer", KeyAlgorithm::EcdsaP256, |leaf| leaf.with_serial([7, 7]));
    let (plain, cades) = (bench.sign("signer", ""), bench.sign("signer", "-cades"));
    let renewed = bench.leaf_with("renewed", KeyAlgorithm::EcdsaP256, |leaf| {
        leaf.with_serial([7, 7]).with_key(own.key.clone())
    });
    let renewed = |message: &[u8]| swap(message, &renewed.certificate_der);
    let request = bench.request();
    let told = summary(&verify(&renewed(&plain), Some(CONTENT), &request));
    assert_eq!(told, "passed [TOTAL-PASSED]");
    let told = summary(&verify(&renewed(&cades), Some(CONTENT), &request));
    let expected = "failed [INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND] signer.certificate_differs";
    assert_eq!(told, expected);
}
