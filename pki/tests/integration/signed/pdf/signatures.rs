//! What a signature says, and whose it is.

use tongxing_pki::{
    Content, ContentDigests, DigestNeed, Hash, Level, TimeBasis, Timestamp, Verdict, codes as all,
    read_document, verify_signature,
};
use tongxing_testdata::{KeyAlgorithm, LeafSpec, Validity};

use super::super::bench::{Bench, DAY, HOUR, summary};
use super::writer::{Pdf, Signing};
use super::{bench, codes, judged};

#[test]
fn both_encodings_of_signatures_pass() {
    let Some(bench) = bench() else {
        return;
    };
    for (subfilter, options) in [
        ("ETSI.CAdES.detached", "-cades"),
        ("adbe.pkcs7.detached", ""),
        ("adbe.pkcs7.detached", "-noattr"),
    ] {
        let mut pdf = Pdf::new();
        pdf.sign(&bench, &Signing { subfilter, options, ..Signing::by("one") });
        let verification = judged(&pdf.bytes, &bench.request());
        assert_eq!(summary(&verification), "passed [TOTAL-PASSED]", "{subfilter} {options}");
        let report = &verification.judgement().signatures[0].report;
        assert!(report.contains(&all::PDF_COVERS_FILE, Level::Passed));
        assert!(report.contains(&all::PDF_UNCHANGED, Level::Passed));
        let seen = |code| {
            let found = report.findings().iter().find(|finding| finding.code() == code);
            found.and_then(|finding| finding.observation()).map(str::to_owned)
        };
        assert_eq!(seen(&all::PDF_CLAIM).as_deref(), Some("a tender"));
        assert_eq!(seen(&all::PDF_REVISION).as_deref(), Some("revision 2 of 2"));
    }
}

/// Only the file's own octets count: neither another file nor digests of one vouch for it.
#[test]
fn a_changed_file_is_not_saved_by_the_original_brought_beside_it() {
    let Some(bench) = bench() else {
        return;
    };
    let mut pdf = Pdf::new();
    pdf.sign(&bench, &Signing::by("one"));
    let mut changed = pdf.bytes.clone();
    changed[pdf.find("1,000,000", 0)] ^= 1;
    let gap = pdf.gap();
    let signed = [&pdf.bytes[..gap.start], &pdf.bytes[gap.end..]].concat();
    let digest = Hash::Sha256.digest(&signed);
    let need = DigestNeed::Plain(Hash::Sha256);
    let digests = ContentDigests::of(need, digest.as_ref()).expect("a digest");
    let judge = |bytes: &[u8], content| {
        let document = read_document(bytes, None);
        summary(&verify_signature(document.as_ref(), content, &bench.request()))
    };
    let own = judge(&pdf.bytes, Content::Octets(&pdf.bytes));
    assert_eq!(own, "passed [TOTAL-PASSED]");
    for content in [Content::Octets(&pdf.bytes), Content::Digests(&digests)] {
        let told = judge(&changed, content);
        assert!(told.starts_with("failed") && told.contains("content.differs"), "{told}");
    }
    let own_digests = judge(&pdf.bytes, Content::Digests(&digests));
    assert!(own_digests.starts_with("failed"), "the file comes itself: {own_digests}");
}

#[test]
fn the_claimed_time_is_that_of_the_dictionary() {
    let Some(bench) = bench() else {
        return;
    };
    let mut pdf = Pdf::new();
    pdf.sign(
        &bench,
        &Signing { options: "-noattr", subfilter: "adbe.pkcs7.detached", ..Signing::by("one") },
    );
    let verification = judged(&pdf.bytes, &bench.request());
    let time = &verification.judgement().signatures[0].time;
    let claimed = Timestamp::parse_rfc3339("2026-11-28T04:00:00Z").expect("a time");
    assert_eq!((time.claimed, time.basis), (Some(claimed), TimeBasis::Present));
}

#[test]
fn a_bit_of_content_signature_or_range_is_missed() {
    let Some(bench) = bench() else {
        return;
    };
    let mut pdf = Pdf::new();
    pdf.sign(&bench, &Signing::by("one"));
    let flipped = |place: usize| {
        let mut bytes = pdf.bytes.clone();
        bytes[place] ^= 1;
        judged(&bytes, &bench.request())
    };
    let content = flipped(pdf.find("1,000,000", 0));
    assert_eq!(summary(&content), "failed [TOTAL-FAILED HASH_FAILURE] content.digest_differs");
    // The last octets of the message are the signature's.
    let gap = pdf.gap();
    let padding = pdf.bytes[gap.clone()].iter().rev().skip(1).position(|digit| *digit != b'0');
    let last = gap.end - 2 - padding.expect("a signature");
    let mut bytes = pdf.bytes.clone();
    bytes[last - 8] = if bytes[last - 8] == b'1' { b'2' } else { b'1' };
    let signature = judged(&bytes, &bench.request());
    assert_eq!(codes(&signature), ["signer.signature_invalid"]);
}

#[test]
fn another_certificate_is_not_the_one_named() {
    let Some(bench) = bench() else {
        return;
    };
    // The same key and name under another serial.
    let leaf = bench.read("one.pem");
    let mut pdf = Pdf::new();
    pdf.sign(&bench, &Signing { options: "-cades -nocerts", ..Signing::by("one") });
    let mut request = bench.request();
    let unknown = judged(&pdf.bytes, &request);
    assert_eq!(codes(&unknown), ["signer.certificate_missing"]);
    request.intermediates.push(bench.read("two.pem"));
    assert_eq!(codes(&judged(&pdf.bytes, &request)), ["signer.certificate_missing"]);
    request.intermediates.push(leaf);
    assert_eq!(judged(&pdf.bytes, &request).verdict(), Verdict::Passed);
}

#[test]
fn certificates_are_judged_as_everywhere() {
    let Some(bench) = bench() else {
        return;
    };
    let mut pdf = Pdf::new();
    pdf.sign(&bench, &Signing::by("one"));
    let mut request = bench.request();
    request.anchors.clear();
    assert_eq!(codes(&judged(&pdf.bytes, &request)), ["path.no_anchor"]);
    let wrong = bench.leaf_with("wrong", KeyAlgorithm::EcdsaP256, LeafSpec::encryption_only);
    let mut pdf = Pdf::new();
    pdf.sign(&bench, &Signing::by("wrong"));
    assert!(!wrong.serial.is_empty());
    assert_eq!(
        codes(&judged(&pdf.bytes, &bench.request())),
        ["certificate.encryption_certificate"]
    );
}

#[test]
fn revocation_counts_from_its_own_moment() {
    let Some(bench) = bench() else {
        return;
    };
    let leaf = bench.leaf("revoked", KeyAlgorithm::EcdsaP256);
    let mut pdf = Pdf::new();
    pdf.sign(&bench, &Signing::by("revoked"));
    let mut request = bench.request_at(bench.now + 2 * DAY);
    request.moments.at = Some(Timestamp::from_unix(bench.now));
    for (revoked_at, expected) in [(bench.now - HOUR, "revocation.revoked"), (bench.now + HOUR, "")]
    {
        request.lists = bench.lists(Some((&leaf, revoked_at)), bench.now + DAY);
        assert_eq!(codes(&judged(&pdf.bytes, &request)).join(" "), expected);
    }
}

#[test]
fn a_document_timestamp_keeps_signatures_valid() {
    let Some(bench) = bench() else {
        return;
    };
    let short = Validity { not_before: bench.now - DAY, not_after: bench.now + HOUR };
    bench.leaf_with("short", KeyAlgorithm::EcdsaP256, |leaf| leaf.valid(short));
    let mut pdf = Pdf::new();
    pdf.sign(&bench, &Signing::by("short"));
    let later = bench.request_at(bench.now + 2 * DAY);
    assert_eq!(codes(&judged(&pdf.bytes, &later)), ["certificate.expired"]);
    pdf.sign(&bench, &timestamping());
    let verification = judged(&pdf.bytes, &later);
    assert_eq!(summary(&verification), "passed [TOTAL-PASSED] [TOTAL-PASSED]");
    let judgement = verification.judgement();
    assert_eq!(judgement.signatures[0].time.basis, TimeBasis::Timestamp);
    assert!(judgement.signatures[0].report.contains(&all::PDF_CHANGES_PERMITTED, Level::Passed));
    // A timestamp that somebody put before the signature proves nothing of it.
    let mut pdf = Pdf::new();
    pdf.sign(&bench, &timestamping());
    pdf.sign(&bench, &Signing::by("short"));
    assert_eq!(codes(&judged(&pdf.bytes, &later)), ["certificate.expired"]);
}

/// How a document timestamp is written.
pub(in crate::signed) fn timestamping() -> Signing<'static> {
    Signing { field: "stamp", subfilter: "ETSI.RFC3161", ..Signing::by("tsa") }
}

#[test]
fn of_two_signers_each_has_a_verdict() {
    let Some(bench) = bench() else {
        return;
    };
    stranger(&bench);
    let mut pdf = Pdf::new();
    pdf.sign(&bench, &Signing::by("one"));
    pdf.sign(&bench, &Signing::by("self"));
    let verification = judged(&pdf.bytes, &bench.request());
    let signatures = &verification.judgement().signatures;
    let verdicts: Vec<Verdict> = signatures.iter().map(|one| one.verdict).collect();
    assert_eq!(verdicts, [Verdict::Passed, Verdict::Failed]);
    assert_eq!(verification.verdict(), Verdict::Failed);
}

/// A signer of an authority that nobody enrolled.
fn stranger(bench: &Bench) {
    bench.openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout self.key \
         -out self.pem -subj /CN=self -days 30",
    );
}

#[test]
fn other_kinds_are_refused_by_name() {
    let Some(bench) = bench() else {
        return;
    };
    for subfilter in ["adbe.pkcs7.sha1", "adbe.x509.rsa_sha1", "ETSI.Other"] {
        let mut pdf = Pdf::new();
        pdf.sign(&bench, &Signing { subfilter, ..Signing::by("one") });
        let verification = judged(&pdf.bytes, &bench.request());
        assert_eq!(codes(&verification), ["document.no_signer", "pdf.signature_kind"]);
        let report = &verification.judgement().report;
        let named = |finding: &tongxing_pki::Finding| finding.observation() == Some(subfilter);
        assert!(report.findings().iter().any(named));
    }
    // CAdES must name its certificate.
    let mut pdf = Pdf::new();
    pdf.sign(&bench, &Signing { options: "", ..Signing::by("one") });
    assert_eq!(codes(&judged(&pdf.bytes, &bench.request())), ["attribute.missing"]);
}
