//! What may be wrong with a signed document, one thing at a time, for each format.

use tongxing_pki::{
    Certificate, Content, DocumentVerification, Moments, RawSignature, SignatureScheme, Timestamp,
    verify_signature,
};
use tongxing_testdata::{
    AuthoritySpec, KeyAlgorithm, LeafSpec, LevelSpec, TestAuthority, Validity,
};

use super::bench::{Bench, CONTENT, DAY, HOUR, summary, verify};
use super::weave::{inside, tlv, with_signers, with_timestamp, with_unsigned};

const PASSED: &str = "passed [TOTAL-PASSED]";
const HASH: &str = "failed [TOTAL-FAILED HASH_FAILURE] content.digest_differs";
const CRYPTO: &str = "failed [TOTAL-FAILED SIG_CRYPTO_FAILURE] signer.signature_invalid";

fn flipped(octets: &[u8], at: usize) -> Vec<u8> {
    let mut octets = octets.to_vec();
    octets[at] ^= 1;
    octets
}

fn position(octets: &[u8], part: &[u8]) -> usize {
    let found = octets.windows(part.len()).position(|window| window == part);
    found.expect("the part is there")
}

#[test]
fn one_bit_of_content_or_signature_fails() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    for algorithm in [KeyAlgorithm::Rsa2048, KeyAlgorithm::EcdsaP256] {
        bench.leaf("signer", algorithm);
        let (detached, attached) = (bench.sign("signer", ""), bench.sign("signer", "-nodetach"));
        let request = bench.request();
        assert_eq!(summary(&verify(&detached, Some(CONTENT), &request)), PASSED);
        let changed = flipped(CONTENT, 3);
        assert_eq!(summary(&verify(&detached, Some(&changed), &request)), HASH);
        let inner = flipped(&attached, position(&attached, CONTENT) + 3);
        assert_eq!(summary(&verify(&inner, None, &request)), HASH);
        let beside = summary(&verify(&attached, Some(&changed), &request));
        assert_eq!(beside, "failed [TOTAL-FAILED HASH_FAILURE] content.differs");
        let signature = flipped(&detached, detached.len() - 1);
        assert_eq!(summary(&verify(&signature, Some(CONTENT), &request)), CRYPTO);
        // A signed attribute: the signing time, one second off.
        let time = position(&detached, &[9, 5, 0x31, 0x0F, 0x17, 0x0D]) + 6 + 11;
        let earlier = flipped(&detached, time);
        assert_eq!(summary(&verify(&earlier, Some(CONTENT), &request)), CRYPTO);
    }
}

#[test]
fn another_certificate_fails() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    let own = bench.leaf_with("signer", KeyAlgorithm::EcdsaP256, |leaf| leaf.with_serial([7, 7]));
    let (plain, cades) = (bench.sign("signer", ""), bench.sign("signer", "-cades"));
    let other = bench.leaf_with("other", KeyAlgorithm::EcdsaP256, |leaf| leaf.with_serial([7, 7]));
    let swapped = |message: &[u8]| swap(message, &own.certificate_der, &other.certificate_der);
    let request = bench.request();
    assert_eq!(summary(&verify(&swapped(&plain), Some(CONTENT), &request)), CRYPTO);
    let expected = format!("{CRYPTO} signer.certificate_differs");
    let told = summary(&verify(&swapped(&cades), Some(CONTENT), &request));
    assert_eq!(words(&told), words(&expected));
    // The same key, another certificate for it: only the attribute tells.
    let renewed = bench.leaf_with("renewed", KeyAlgorithm::EcdsaP256, |leaf| {
        leaf.with_serial([7, 7]).with_key(own.key.clone())
    });
    let renew = |message: &[u8]| swap(message, &own.certificate_der, &renewed.certificate_der);
    assert_eq!(summary(&verify(&renew(&plain), Some(CONTENT), &request)), PASSED);
    let expected = "failed [INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND] signer.certificate_differs";
    assert_eq!(summary(&verify(&renew(&cades), Some(CONTENT), &request)), expected);
}

fn words(line: &str) -> Vec<&str> {
    let mut words: Vec<_> = line.split(' ').collect();
    words.sort_unstable();
    words
}

/// The message with one certificate in another's place.
fn swap(message: &[u8], own: &[u8], other: &[u8]) -> Vec<u8> {
    let info = inside(message);
    let parts: Vec<Vec<u8>> = inside(inside(info[1])[0])
        .into_iter()
        .map(|part| if part[0] == 0xA0 { tlv(0xA0, other) } else { part.to_vec() })
        .collect();
    assert!(message.windows(own.len()).any(|window| window == own), "it came along");
    tlv(0x30, &[info[0], &tlv(0xA0, &tlv(0x30, &parts.concat()))].concat())
}

#[test]
fn usage_and_authority_are_asked() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    bench.leaf_with("signer", KeyAlgorithm::EcdsaP256, LeafSpec::encryption_only);
    let message = bench.sign("signer", "");
    let expected = "failed [INDETERMINATE CHAIN_CONSTRAINTS_FAILURE] \
                    certificate.encryption_certificate";
    assert_eq!(summary(&verify(&message, Some(CONTENT), &bench.request())), expected);
    bench.leaf("signer", KeyAlgorithm::EcdsaP256);
    let message = bench.sign("signer", "");
    let level = LevelSpec::new(
        "通行测试",
        "strange",
        KeyAlgorithm::EcdsaP256,
        Validity::decade_around(bench.now),
    );
    let strange = TestAuthority::generate(&AuthoritySpec::one_level("x", level)).expect("a root");
    let mut request = bench.request();
    request.anchors = vec![strange.root().der().to_vec()];
    request.intermediates.clear();
    let expected = "failed [INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND] path.no_anchor";
    assert_eq!(summary(&verify(&message, Some(CONTENT), &request)), expected);
}

#[test]
fn expired_and_revoked_are_told_by_time() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    bench.timestamper(|leaf| leaf);
    let leaf = bench.leaf("signer", KeyAlgorithm::EcdsaP256);
    let message = bench.sign("signer", "");
    let document = tongxing_pki::read_document(&message, None).expect("a message");
    let token = bench.timestamp(document.signers()[0].signature(), "");
    let stamped = with_timestamp(&message, &token);
    let revoked = "failed [INDETERMINATE REVOKED_NO_POE] revocation.revoked";
    for (revoked_at, bare, with_proof) in
        [(bench.now - HOUR, revoked, revoked), (bench.now + HOUR, revoked, PASSED)]
    {
        let mut request = bench.request_at(bench.now + 2 * DAY);
        request.lists = bench.lists(Some((&leaf, revoked_at)), bench.now + DAY);
        assert_eq!(summary(&verify(&message, Some(CONTENT), &request)), bare);
        assert_eq!(summary(&verify(&stamped, Some(CONTENT), &request)), with_proof);
    }
}

#[test]
fn of_two_signers_each_has_a_verdict() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    bench.leaf("signer", KeyAlgorithm::EcdsaP256);
    bench.leaf("second", KeyAlgorithm::Rsa2048);
    let message = bench.sign("signer", "-signer second.pem -inkey second.key");
    let request = bench.request();
    let both = "passed [TOTAL-PASSED] [TOTAL-PASSED]";
    assert_eq!(summary(&verify(&message, Some(CONTENT), &request)), both);
    let rsa = |fields: &[Vec<u8>]| fields.iter().any(|field| field.len() > 256 && field[0] == 4);
    let bad = with_signers(&message, |mut fields| {
        if rsa(&fields) {
            let signature = fields.last_mut().expect("a signature");
            *signature = flipped(signature, signature.len() - 1);
        }
        fields
    });
    let verification = verify(&bad, Some(CONTENT), &request);
    let mut each: Vec<_> =
        verification.judgement().signatures.iter().map(|one| one.indication.to_string()).collect();
    each.sort();
    assert_eq!(each, ["TOTAL-FAILED SIG_CRYPTO_FAILURE", "TOTAL-PASSED"]);
    assert_eq!(verification.verdict(), tongxing_pki::Verdict::Failed);
}

#[test]
fn counter_signers_are_judged_apart() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    bench.leaf("signer", KeyAlgorithm::EcdsaP256);
    let message = bench.sign("signer", "");
    let document = tongxing_pki::read_document(&message, None).expect("a message");
    let signature = document.signers()[0].signature().to_vec();
    // A counter-signature is a SignerInfo over the signature (RFC 5652 11.4).
    bench.leaf("witness", KeyAlgorithm::Rsa2048);
    bench.write("content", &signature);
    let witness = bench.sign("witness", "");
    let info = inside(&witness);
    let data = inside(inside(info[1])[0]);
    let counter = inside(data.last().expect("signers"))[0].to_vec();
    let oid = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 6];
    let both = with_unsigned(&message, &oid, &counter);
    let mut request = bench.request();
    request.intermediates.push(bench.read("witness.pem"));
    let verification = verify(&both, Some(CONTENT), &request);
    assert_eq!(summary(&verification), PASSED);
    let counters = &verification.judgement().signatures[0].counter_signatures;
    assert_eq!(counters.len(), 1);
    assert_eq!(counters[0].indication.to_string(), "TOTAL-PASSED");
    // The witness signed another signature: that speaks against the witness alone.
    let strange = with_unsigned(&bench_message(&bench), &oid, &counter);
    let verification = verify(&strange, Some(CONTENT), &request);
    assert_eq!(summary(&verification), PASSED);
    let counters = &verification.judgement().signatures[0].counter_signatures;
    assert_eq!(counters[0].indication.to_string(), "TOTAL-FAILED HASH_FAILURE");
}

/// Another signature over the same content.
fn bench_message(bench: &Bench) -> Vec<u8> {
    bench.write("content", CONTENT);
    bench.sign("signer", "")
}

#[test]
fn what_is_cut_short_is_malformed() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    bench.leaf("signer", KeyAlgorithm::EcdsaP256);
    bench.timestamper(|leaf| leaf);
    let messages = [
        bench.sign("signer", ""),
        bench.sign("signer", "-nodetach -stream -indef"),
        bench.timestamp(CONTENT, ""),
        bench.read("answer"),
    ];
    for message in messages {
        for tenth in 0..10 {
            let cut = &message[..message.len() * tenth / 10];
            let told = summary(&verify(cut, Some(CONTENT), &bench.request()));
            let expected = ["failed document.malformed", "failed document.format_unknown"];
            assert!(expected.contains(&told.as_str()), "{tenth}: {told}");
        }
    }
}

/// The same matrix for a raw signature, as far as it applies.
#[test]
fn a_raw_signature_fails_alike() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    let leaf = bench.leaf("signer", KeyAlgorithm::EcdsaP256);
    bench.openssl("dgst -sha256 -sign signer.key -out signature content");
    let signature = bench.read("signature");
    let other = bench.leaf("other", KeyAlgorithm::EcdsaP256);
    let expired = Validity { not_before: bench.now - 9 * DAY, not_after: bench.now - DAY };
    let old = bench.leaf_with("old", KeyAlgorithm::EcdsaP256, |spec| {
        spec.with_key(leaf.key.clone()).valid(expired)
    });
    let judge = |certificate: &[u8], signature: &[u8], content: &[u8]| -> DocumentVerification {
        let certificate = Certificate::parse(certificate).expect("a certificate");
        let document =
            RawSignature::new(certificate, SignatureScheme::EcdsaP256Sha256).document(signature);
        verify_signature(Ok(&document), Content::Octets(content), &bench.request())
    };
    let own = &leaf.certificate_der;
    assert_eq!(summary(&judge(own, &signature, CONTENT)), PASSED);
    assert_eq!(summary(&judge(own, &signature, &flipped(CONTENT, 0))), CRYPTO);
    let changed = flipped(&signature, signature.len() - 1);
    assert_eq!(summary(&judge(own, &changed, CONTENT)), CRYPTO);
    assert_eq!(summary(&judge(&other.certificate_der, &signature, CONTENT)), CRYPTO);
    let expected = "failed [INDETERMINATE OUT_OF_BOUNDS_NO_POE] certificate.expired";
    assert_eq!(summary(&judge(&old.certificate_der, &signature, CONTENT)), expected);
    for tenth in 0..10 {
        let cut = &signature[..signature.len() * tenth / 10];
        assert_eq!(summary(&judge(own, cut, CONTENT)), CRYPTO);
    }
    let certificate = Certificate::parse(&old.certificate_der).expect("a certificate");
    let document = RawSignature::usual(certificate).expect("a kind of key").document(&signature);
    let mut request = bench.request();
    request.moments = Moments {
        now: Timestamp::from_unix(bench.now),
        at: Some(Timestamp::from_unix(bench.now - 2 * DAY)),
    };
    let then = verify_signature(Ok(&document), Content::Octets(CONTENT), &request);
    assert_eq!(summary(&then), PASSED, "as of a moment at which it was valid");
}
