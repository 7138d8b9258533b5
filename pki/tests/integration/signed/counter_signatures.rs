//! Who signed a signature.

use tongxing_testdata::KeyAlgorithm;

use super::bench::{Bench, CONTENT, summary, verify};
use super::weave::{inside, with_unsigned};

const PASSED: &str = "passed [TOTAL-PASSED]";

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
