//! RFC 3161 timestamps as OpenSSL makes them: alone, and as attributes of a signature.

use tongxing_pki::{TimeBasis, Timestamp, TimestampToken, Verdict, read_document};
use tongxing_testdata::{KeyAlgorithm, Validity};

use super::bench::{Bench, CONTENT, DAY, HOUR, against, summary, verify};
use super::weave::with_timestamp;

#[test]
fn a_timestamp_stands_alone() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    bench.timestamper(|leaf| leaf);
    let token = bench.timestamp(CONTENT, "");
    let answer = bench.read("answer");
    for timestamp in [&token, &answer] {
        let verification = verify(timestamp, Some(CONTENT), &bench.request());
        assert_eq!(summary(&verification), "passed [TOTAL-PASSED]");
        let judged = &verification.judgement().timestamps[0];
        let off = judged.token.info().time.unix() - bench.now;
        assert!((0..HOUR).contains(&off), "the system's time: {off}");
        assert_eq!(judged.token.info().accuracy_micros, Some(1_500_000));
    }
    let other = verify(&token, Some(b"another"), &bench.request());
    assert_eq!(summary(&other), "failed [TOTAL-FAILED HASH_FAILURE] timestamp.imprint_differs");
    let none = verify(&token, None, &bench.request());
    let expected = "indeterminate [INDETERMINATE SIGNED_DATA_NOT_FOUND] content.missing";
    assert_eq!(summary(&none), expected);
}

/// A certificate of version 1 and a request for one begin like an answer.
#[test]
fn what_begins_like_an_answer_is_none() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    bench.leaf("signer", KeyAlgorithm::EcdsaP256);
    bench.openssl("req -new -key signer.key -subj /CN=signer -outform DER -out request");
    bench.openssl(
        "x509 -req -inform DER -in request -signkey signer.key -set_serial 1 -outform DER -out old",
    );
    for name in ["request", "old"] {
        let told = summary(&verify(&bench.read(name), None, &bench.request()));
        assert_eq!(told, "failed document.format_unknown", "{name}");
    }
}

/// RFC 2634 5.4: ESSCertID names the certificate by its SHA-1.
#[test]
fn the_older_reference_to_the_services_certificate_is_checked_too() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    let issued = bench.timestamper(|leaf| leaf);
    let settings = String::from_utf8(bench.read("tsa.cnf")).expect("text");
    bench.write("tsa.cnf", settings.replace("ess_cert_id_alg=sha256", "ess_cert_id_alg=sha1"));
    let token = bench.timestamp(CONTENT, "");
    let verification = verify(&token, Some(CONTENT), &bench.request());
    assert_eq!(summary(&verification), "passed [TOTAL-PASSED]");
    // Named as another: one octet of the hash is changed, in a signed attribute.
    let hash =
        ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, &issued.certificate_der);
    let place = token.windows(20).position(|octets| octets == hash.as_ref()).expect("its hash");
    let mut other = token.clone();
    other[place] ^= 1;
    let told = summary(&verify(&other, Some(CONTENT), &bench.request()));
    assert!(told.starts_with("failed") && told.contains("signer.certificate_differs"), "{told}");
}

#[test]
fn a_refusal_is_told_in_the_services_words() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    bench.timestamper(|leaf| leaf);
    bench.write("stamped", CONTENT);
    bench.openssl("ts -query -data stamped -sm3 -cert -out query");
    bench.openssl(
        "ts -reply -config tsa.cnf -queryfile query -signer tsa.pem -inkey tsa.key -out answer",
    );
    let fault = read_document(&bench.read("answer"), None).expect_err("refused");
    let told = fault.to_string();
    assert!(told.starts_with("timeStampResp.status: not granted, status 2"), "{told}");
    assert!(told.contains("not supported") && told.contains("failure bit 0"), "{told}");
}

#[test]
fn who_may_not_make_timestamps_proves_nothing() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    bench.timestamper(|leaf| leaf);
    let token = bench.timestamp(CONTENT, "");
    let mut request = bench.request();
    request.anchors.clear();
    let verification = verify(&token, Some(CONTENT), &request);
    let expected = "failed [INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND] path.no_anchor";
    assert_eq!(summary(&verification), expected);
    // A CMS message over the same TSTInfo, by a certificate for documents.
    bench.leaf("signer", KeyAlgorithm::EcdsaP256);
    let info = TimestampToken::parse(&token, &tongxing_pki::DocumentBudget::default());
    let message = info.expect("a token").message().contents()[0].clone();
    let tongxing_pki::SignedContent::Embedded(octets) = message else {
        panic!("a token holds what it says");
    };
    bench.write("content", &*octets);
    let forged = bench.sign("signer", "-nodetach -cades -econtent_type 1.2.840.113549.1.9.16.1.4");
    let verification = verify(&forged, Some(CONTENT), &bench.request());
    let expected = "failed [INDETERMINATE CHAIN_CONSTRAINTS_FAILURE] \
                    certificate.purpose_not_allowed";
    assert_eq!(summary(&verification), expected);
}

#[test]
fn a_timestamp_keeps_a_signature_valid_beyond_its_certificate() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    bench.timestamper(|leaf| leaf);
    let short = Validity { not_before: bench.now - DAY, not_after: bench.now + HOUR };
    bench.leaf_with("signer", KeyAlgorithm::EcdsaP256, |leaf| leaf.valid(short));
    let message = bench.sign("signer", "");
    let document = read_document(&message, None).expect("a message");
    let token = bench.timestamp(document.signers()[0].signature(), "");
    let later = bench.request_at(bench.now + 2 * DAY);
    let bare = verify(&message, Some(CONTENT), &later);
    let expected = "failed [INDETERMINATE OUT_OF_BOUNDS_NO_POE] certificate.expired";
    assert_eq!(summary(&bare), expected);
    let stamped = with_timestamp(&message, &token);
    let verification = verify(&stamped, Some(CONTENT), &later);
    assert_eq!(summary(&verification), "passed [TOTAL-PASSED]");
    let signature = &verification.judgement().signatures[0];
    assert_eq!(signature.time.basis, TimeBasis::Timestamp);
    assert_eq!(signature.time.best, signature.timestamps[0].token.info().time);
    let present = signature.at_present.as_ref().expect("judged at present too");
    assert_eq!(against(&present.report), ["certificate.expired"], "valid then, not now");
    // A timestamp about another signature proves nothing, and does no harm either.
    let strange = bench.timestamp(b"another signature", "");
    let verification = verify(&with_timestamp(&message, &strange), Some(CONTENT), &later);
    assert_eq!(summary(&verification), expected);
    let judged = &verification.judgement().signatures[0].timestamps[0];
    assert_eq!(judged.verdict, Verdict::Failed);
    assert_eq!(against(&judged.report), ["timestamp.imprint_differs"]);
}

#[test]
fn revocation_counts_from_its_own_moment() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    let leaf = bench.leaf("signer", KeyAlgorithm::EcdsaP256);
    let message = bench.sign("signer", "");
    let mut request = bench.request_at(bench.now + 2 * DAY);
    request.moments.at = Some(Timestamp::from_unix(bench.now));
    for (revoked_at, expected) in [
        (bench.now - HOUR, "failed [INDETERMINATE REVOKED_NO_POE] revocation.revoked"),
        (bench.now + HOUR, "passed [TOTAL-PASSED]"),
    ] {
        request.lists = bench.lists(Some((&leaf, revoked_at)), bench.now + DAY);
        let verification = verify(&message, Some(CONTENT), &request);
        assert_eq!(summary(&verification), expected);
    }
}

/// The whole answer of a service, cut short.
#[test]
fn an_answer_that_is_cut_short_is_malformed() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    bench.timestamper(|leaf| leaf);
    bench.timestamp(CONTENT, "");
    let answer = bench.read("answer");
    for tenth in 1..10 {
        let cut = &answer[..answer.len() * tenth / 10];
        let told = summary(&verify(cut, Some(CONTENT), &bench.request()));
        assert_eq!(told, "failed document.malformed", "{tenth}");
    }
}
