//! Documents made to exhaust their reader end at a limit, by name.

use tongxing_pki::{DocumentBudget, Problem, parse_signed_document, read_document};
use tongxing_testdata::KeyAlgorithm;

use super::bench::{Bench, CONTENT, summary, verify};
use super::weave::{tlv, with_signers};

/// ContentInfo with id-signedData, and then whatever.
fn signed_data(inner: &[u8]) -> Vec<u8> {
    const SIGNED_DATA: [u8; 11] = [6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2];
    [&[0x30, 0x80][..], &SIGNED_DATA, &[0xA0, 0x80], inner].concat()
}

fn problem(octets: &[u8]) -> Problem {
    read_document(octets, None).expect_err("must be refused").problem().clone()
}

#[test]
fn depth_number_and_size_have_limits() {
    let budget = DocumentBudget::default();
    let deep = signed_data(&[0x30, 0x80].repeat(4_000_000));
    assert_eq!(problem(&deep), Problem::TooDeep { limit: budget.depth });
    let segments = signed_data(&[&[0x24, 0x80][..], &[0x24, 0x80].repeat(1_000)].concat());
    assert_eq!(problem(&segments), Problem::TooDeep { limit: budget.depth });
    let wide = signed_data(&[5, 0].repeat(4_000_000));
    assert_eq!(problem(&wide), Problem::TooMany { limit: budget.elements });
    let large = vec![0x30; budget.octets + 1];
    let expected = Problem::TooLarge { size: budget.octets + 1, limit: budget.octets };
    assert_eq!(problem(&large), expected);
    let claimed = signed_data(&[0x30, 0x88, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
    assert_eq!(problem(&claimed), Problem::Truncated);
}

#[test]
fn a_limit_is_told_as_one() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    let deep = signed_data(&[0x30, 0x80].repeat(500));
    assert_eq!(summary(&verify(&deep, None, &bench.request())), "failed document.limit");
    assert_eq!(
        summary(&verify(b"hello", None, &bench.request())),
        "failed document.format_unknown"
    );
}

#[test]
fn signers_and_attributes_have_limits() {
    let Some(bench) = Bench::new(KeyAlgorithm::EcdsaP256) else {
        return;
    };
    bench.leaf("signer", KeyAlgorithm::EcdsaP256);
    let message = bench.sign("signer", "");
    let attribute = tlv(0x30, &[tlv(6, &[0x2A, 3]), tlv(0x31, &[5, 0])].concat());
    let many = with_signers(&message, |mut fields| {
        fields.push(tlv(0xA1, &attribute.repeat(65)));
        fields
    });
    assert_eq!(problem(&many), Problem::TooMany { limit: 64 });
    let mut budget = DocumentBudget::default();
    budget.certificates = 0;
    let fault = parse_signed_document(&message, None, &budget).expect_err("one came along");
    assert_eq!(fault.to_string(), "signedData.certificates: more than 0 elements");
    budget = DocumentBudget::default();
    budget.signers = 1;
    bench.leaf("second", KeyAlgorithm::EcdsaP256);
    let two = bench.sign("signer", "-signer second.pem -inkey second.key -md sha256");
    let fault = parse_signed_document(&two, None, &budget).expect_err("two signers");
    assert_eq!(*fault.problem(), Problem::TooMany { limit: 1 });
    // The attributes of another message are no content: whoever passes them off as one
    // moves a signature (RFC 5652 5.4).
    let document = read_document(&message, None).expect("a message");
    let attributes = document.signers()[0].attributes().expect("signed").der().to_vec();
    let moved = with_signers(&message, |mut fields| {
        fields.retain(|field| field[0] != 0xA0);
        fields
    });
    let told = summary(&verify(&moved, Some(&attributes), &bench.request()));
    assert_eq!(told, "failed [TOTAL-FAILED SIG_CRYPTO_FAILURE] content.is_attributes");
    assert_ne!(attributes, CONTENT);
}
