//! Every code of a signed document is told by at least one test, those that decide nothing too.

use std::collections::HashSet;
use std::path::Path;

use tongxing_pki::{
    DocumentBudget, DocumentVerification, Level, Report, SignedContent, TimestampToken,
    codes as all, read_document,
};
use tongxing_testdata::{Issued, KeyAlgorithm};

use super::bench::{Bench, CONTENT, summary, verify};
use super::matrix::gm;
use super::weave::{inside, tlv, with_parts, with_signers, with_timestamp, with_unsigned};

const PASSED: &str = "passed [TOTAL-PASSED]";

/// 2.16.840.1.101.3.4.2; .1 is SHA-256, .2 SHA-384, .3 SHA-512, .7 SHA3-224.
const HASHES: [u8; 8] = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2];

fn bench() -> Option<(Bench, Vec<u8>)> {
    let bench = Bench::new(KeyAlgorithm::EcdsaP256)?;
    bench.leaf("signer", KeyAlgorithm::EcdsaP256);
    let message = bench.sign("signer", "");
    Some((bench, message))
}

fn judged(bench: &Bench, message: &[u8]) -> DocumentVerification {
    verify(message, Some(CONTENT), &bench.request())
}

fn signer(verification: &DocumentVerification) -> &Report {
    &verification.judgement().signatures[0].report
}

/// The places of a part in some octets.
fn places(octets: &[u8], part: &[u8]) -> Vec<usize> {
    octets.windows(part.len()).enumerate().filter(|(_, w)| *w == part).map(|(at, _)| at).collect()
}

#[test]
fn a_good_message_says_what_was_checked() {
    let Some((bench, plain)) = bench() else { return };
    let cades = bench.sign("signer", "-cades");
    let named = [
        (plain, &all::SIGNER_CERTIFICATE_NOT_NAMED, Level::Info),
        (cades, &all::SIGNER_CERTIFICATE_NAMED, Level::Passed),
    ];
    for (message, code, level) in named {
        let verification = judged(&bench, &message);
        assert_eq!(summary(&verification), PASSED);
        let report = signer(&verification);
        for (code, level) in [
            (code, level),
            (&all::SIGNING_TIME_CLAIMED, Level::Info),
            (&all::ATTRIBUTE_CONTENT_TYPE, Level::Passed),
            (&all::DIGEST_MATCHES, Level::Passed),
            (&all::SIGNER_CERTIFICATE, Level::Passed),
            (&all::SIGNER_SIGNATURE, Level::Passed),
        ] {
            assert!(report.contains(code, level), "{code}: {report:?}");
        }
    }
}

#[test]
fn what_came_along_and_cannot_be_read_is_left_out() {
    let Some((bench, message)) = bench() else { return };
    let odd = [0x30, 3, 2, 1, 5];
    let message = with_parts(&message, |part| match part[0] {
        0xA0 => {
            let certificates = [&inside(&part).concat()[..], &odd].concat();
            [tlv(0xA0, &certificates), tlv(0xA1, &odd)].concat()
        }
        _ => part,
    });
    let verification = judged(&bench, &message);
    assert_eq!(summary(&verification), PASSED);
    let report = &verification.judgement().report;
    for code in [&all::DOCUMENT_CERTIFICATE_UNREADABLE, &all::DOCUMENT_REVOCATION_UNREADABLE] {
        assert!(report.contains(code, Level::Warning), "{code}: {report:?}");
    }
}

/// The message with the hash functions named otherwise: in its list, by its signer.
fn hashed(message: &[u8], listed: u8, stated: u8) -> Vec<u8> {
    let mut message = message.to_vec();
    let own = [&HASHES[..], &[1]].concat();
    let places = places(&message, &own);
    let [first, second] = places[..] else { panic!("{places:?}") };
    message[first + HASHES.len()] = listed;
    message[second + HASHES.len()] = stated;
    message
}

#[test]
fn hash_functions_that_do_not_fit_are_named() {
    let Some((bench, message)) = bench() else { return };
    let verification = judged(&bench, &hashed(&message, 3, 1));
    assert_eq!(summary(&verification), PASSED);
    assert!(signer(&verification).contains(&all::DIGEST_UNLISTED, Level::Warning));
    let told = summary(&judged(&bench, &hashed(&message, 7, 7)));
    let unsupported = "failed [INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE] \
                       content.digest_unsupported";
    assert_eq!(told, unsupported);
    let told = summary(&judged(&bench, &hashed(&message, 2, 2)));
    let disagrees =
        "failed [TOTAL-FAILED FORMAT_FAILURE] content.digest_disagrees content.digest_differs";
    assert_eq!(told, disagrees);
}

#[test]
fn signature_algorithms_that_cannot_be_used_are_named() {
    let Some((bench, message)) = bench() else { return };
    // 1.2.840.10045.4.3.2, ecdsa-with-SHA256; .1 would be with SHA-224.
    let own = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2];
    let with_algorithm = |algorithm: &[u8]| {
        with_signers(&message, |mut fields| {
            let place = fields.len() - 2;
            assert_eq!(fields[place], tlv(0x30, &tlv(6, &own)), "the signature's algorithm");
            fields[place] = tlv(0x30, algorithm);
            fields
        })
    };
    let other = tlv(6, &[&own[..7], &[1]].concat());
    let told = summary(&judged(&bench, &with_algorithm(&other)));
    let unsupported = "failed [INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE] \
                       signer.algorithm_unsupported";
    assert_eq!(told, unsupported);
    // RFC 5758 3.2: without parameters; NULL, as of RSA, is let be.
    let curve = [tlv(6, &own), tlv(6, &own)].concat();
    let told = summary(&judged(&bench, &with_algorithm(&curve)));
    let parameters = "failed [TOTAL-FAILED SIG_CRYPTO_FAILURE] signer.algorithm_parameters";
    assert_eq!(told, parameters);
}

/// A message of SM2 in which these attributes are signed, sent in another order where wanted.
fn attributed(leaf: &Issued, attributes: &[Vec<u8>], sent: &[Vec<u8>]) -> Vec<u8> {
    let content = tlv(0x31, &attributes.concat());
    let signer = gm::signer_info(leaf, &content, tlv(0xA0, &sent.concat()));
    gm::around(&[&leaf.certificate_der], &[signer], Some(CONTENT))
}

#[test]
fn attributes_that_are_signed_and_wrong_are_named() {
    let Some(bench) = Bench::new(KeyAlgorithm::Sm2) else { return };
    let leaf = bench.leaf("signer", KeyAlgorithm::Sm2);
    let told = |message: &[u8]| verify(message, None, &bench.request());
    let [kind, digest] = gm::attributes(CONTENT);
    let both = [kind.clone(), digest.clone()];
    let verification = told(&attributed(&leaf, &both, &[digest.clone(), kind.clone()]));
    assert_eq!(summary(&verification), PASSED, "sent in another order");
    assert!(signer(&verification).contains(&all::ATTRIBUTES_NOT_DER, Level::Info));
    // 1.2.840.113549.1.7.1 is data too, and another type than GM/T 0010's.
    let pkcs7 = tlv(6, &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 1]);
    let other = [gm::attribute(3, &pkcs7), digest.clone()];
    let expected = "failed [TOTAL-FAILED SIG_CRYPTO_FAILURE] attribute.content_type_differs";
    assert_eq!(summary(&told(&attributed(&leaf, &other, &other))), expected);
    let twice = [gm::attribute(3, &inside(inside(&kind)[1]).concat().repeat(2)), digest];
    let expected = "failed [TOTAL-FAILED FORMAT_FAILURE] attribute.malformed attribute.missing";
    assert_eq!(summary(&told(&attributed(&leaf, &twice, &twice))), expected, "two values");
    let alone = [kind];
    let expected = "failed [TOTAL-FAILED FORMAT_FAILURE] attribute.missing";
    assert_eq!(summary(&told(&attributed(&leaf, &alone, &alone))), expected, "no digest");
}

#[test]
fn timestamps_that_help_and_that_do_not_are_told() {
    let Some((bench, message)) = bench() else { return };
    bench.timestamper(|leaf| leaf);
    let document = read_document(&message, None).expect("a message");
    let good = bench.timestamp(document.signers()[0].signature(), "");
    let verification = judged(&bench, &with_timestamp(&message, &good));
    assert_eq!(summary(&verification), PASSED);
    assert!(signer(&verification).contains(&all::TIMESTAMP_PROVES, Level::Passed));
    let stamp = &verification.judgement().signatures[0].timestamps[0].report;
    assert!(stamp.contains(&all::TIMESTAMP_IMPRINT, Level::Passed));
    let verification = judged(&bench, &with_timestamp(&message, &bench.timestamp(b"x", "")));
    assert_eq!(summary(&verification), PASSED, "it proves nothing, and nothing is needed");
    assert!(signer(&verification).contains(&all::TIMESTAMP_UNUSABLE, Level::Warning));
    // 1.2.840.113549.1.9.16.2.14 with a value that is no token.
    let kind = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 2, 14];
    let verification = judged(&bench, &with_unsigned(&message, &kind, &[5, 0]));
    assert_eq!(summary(&verification), PASSED);
    assert!(signer(&verification).contains(&all::TIMESTAMP_MALFORMED, Level::Warning));
}

#[test]
fn a_claimed_time_behind_its_timestamp_is_told() {
    let Some(bench) = Bench::new(KeyAlgorithm::Sm2) else { return };
    let leaf = bench.leaf("signer", KeyAlgorithm::Sm2);
    bench.timestamper(|leaf| leaf);
    let [kind, digest] = gm::attributes(CONTENT);
    let attributes = [kind, gm::attribute(5, &tlv(0x17, b"491231235959Z")), digest];
    let message = attributed(&leaf, &attributes, &attributes);
    let document = read_document(&message, None).expect("a message");
    let token = bench.timestamp(document.signers()[0].signature(), "");
    let verification = verify(&with_timestamp(&message, &token), None, &bench.request());
    assert_eq!(summary(&verification), PASSED);
    assert!(signer(&verification).contains(&all::TIMESTAMP_ORDER, Level::Warning));
}

#[test]
fn a_timestamp_names_its_certificate() {
    let Some((bench, _)) = bench() else { return };
    bench.timestamper(|leaf| leaf);
    let token = bench.timestamp(CONTENT, "");
    let token = TimestampToken::parse(&token, &DocumentBudget::default()).expect("a token");
    let SignedContent::Embedded(info) = &token.message().contents()[0] else {
        panic!("a token holds what it says");
    };
    bench.write("content", info);
    let unnamed = bench.sign("tsa", "-nodetach -econtent_type 1.2.840.113549.1.9.16.1.4");
    let told = summary(&judged(&bench, &unnamed));
    let expected =
        "failed [INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND] timestamp.certificate_not_named";
    assert_eq!(told, expected);
}

/// Where the codes are declared, as `NAME = "id", …`.
const DECLARED: [&str; 2] =
    [include_str!("../../../src/signed/codes.rs"), include_str!("../../../src/pdf/codes.rs")];

/// Each code of a signed document stands in a test of this folder, by its id or its name.
#[test]
fn every_code_is_told_by_a_test() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/signed");
    let mut words = HashSet::new();
    gather(&folder, &mut words);
    let declared = DECLARED.iter().flat_map(|source| source.lines()).filter_map(|line| {
        let (name, rest) = line.trim().split_once(" = \"")?;
        Some((name, rest.split('"').next()?))
    });
    let declared: Vec<_> = declared.collect();
    assert!(declared.len() > 60, "{}", declared.len());
    let silent =
        declared.iter().filter(|(name, id)| !words.contains(*name) && !words.contains(*id));
    let silent: Vec<_> = silent.collect();
    assert!(silent.is_empty(), "{silent:?}");
}

/// The words of every source in a folder.
fn gather(folder: &Path, words: &mut HashSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            gather(&path, words);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("text");
            let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.');
            words.extend(text.split(ends).map(str::to_owned));
        }
    }
}
