//! Files that are damaged, odd, or made to hurt.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use tongxing_pki::{DocumentFormat, Fault, Level, Problem, Verdict, codes as all, read_document};

use super::signatures::timestamping;
use super::writer::{CONTENT, NOTE, P, Pdf, Signing, stream};
use super::{bench, codes, judged};

#[test]
fn a_file_cut_anywhere_does_not_pass() {
    let Some(bench) = bench() else {
        return;
    };
    let mut pdf = Pdf::new();
    pdf.sign(&bench, &Signing::by("one"));
    let length = pdf.bytes.len();
    for tenth in 0..10 {
        let cut = &pdf.bytes[..length * tenth / 10];
        let verification = judged(cut, &bench.request());
        assert_ne!(verification.verdict(), Verdict::Passed, "{tenth}");
    }
    // Nor does one whose last octets are missing, but for the end of the last line.
    for missing in 2..40 {
        let cut = &pdf.bytes[..length - missing];
        assert_ne!(judged(cut, &bench.request()).verdict(), Verdict::Passed, "{missing}");
    }
}

/// Why a file cannot be read.
fn refused(bytes: &[u8]) -> Fault {
    read_document(bytes, Some(DocumentFormat::Pdf)).expect_err("refused")
}

fn is_limit(fault: &Fault) -> bool {
    matches!(fault.problem(), Problem::Pdf(fault) if fault.problem().is_limit())
}

#[test]
fn chains_that_lead_back_are_refused() {
    let mut pdf = Pdf::new();
    let own = pdf.bytes.len();
    pdf.table(&[], &format!("/Prev {own}"));
    assert!(refused(&pdf.bytes).to_string().contains("more than once"), "two Prev");
    let text =
        "%PDF-1.7\nxref\n0 0\ntrailer\n<< /Size 1 /Root 1 0 R /Prev 9 >>\nstartxref\n9\n%%EOF\n";
    let fault = refused(text.as_bytes()).to_string();
    assert!(fault.contains("out of order"), "{fault}");
}

#[test]
fn objects_in_loops_end() {
    // A length that is the stream's own, pages that are their own kids.
    let mut pdf = Pdf::new();
    let object = format!("<< /Length {CONTENT} 0 R >>\nstream\nx\nendstream");
    pdf.append(&[(CONTENT, object)], "");
    let document = read_document(&pdf.bytes, None).expect("read, with a warning");
    assert!(!document.report().findings().is_empty());
    let mut pdf = Pdf::new();
    let field = "<< /FT /Sig /T (x) /Kids [7 0 R] >>".to_owned();
    pdf.append(&[(7, field)], "");
    assert!(refused(&pdf.bytes).to_string().contains("loop"));
}

#[test]
fn deep_nesting_is_refused() {
    let mut pdf = Pdf::new();
    let deep = ["[".repeat(100_000), "]".repeat(100_000)].concat();
    pdf.append(&[(7, deep)], "");
    assert!(is_limit(&refused(&pdf.bytes)));
    let mut pdf = Pdf::new();
    pdf.append(&[(7, format!("[{}]", "0 ".repeat(300_000)))], "");
    assert!(is_limit(&refused(&pdf.bytes)));
}

/// What is odd is told, and fails nothing: hidden octets, and an object that is not where the
/// table says.
#[test]
fn what_is_odd_in_a_signed_file_is_warned_of() {
    let Some(bench) = bench() else {
        return;
    };
    let mut pdf = Pdf::new();
    let hidden = pdf.write(&[(CONTENT, stream("", "BT (hidden) Tj ET"))]);
    pdf.table(&[(NOTE, hidden[0].1)], "");
    pdf.sign(&bench, &Signing::by("one").certifying(P[2]));
    let verification = judged(&pdf.bytes, &bench.request());
    assert_eq!(verification.verdict(), Verdict::Passed);
    let judgement = verification.judgement();
    for code in [&all::PDF_HIDDEN_OBJECT, &all::PDF_OBJECT_UNREADABLE] {
        assert!(judgement.report.contains(code, Level::Warning), "{code}");
    }
    assert!(judgement.signatures[0].report.contains(&all::PDF_CERTIFIED, Level::Info));
    // An update behind it: whether what cannot be read is what it was cannot be told.
    pdf.sign(&bench, &timestamping());
    let verification = judged(&pdf.bytes, &bench.request());
    assert_eq!(codes(&verification), ["pdf.content_unreadable"]);
    let first = &verification.judgement().signatures[0];
    assert_eq!(first.indication.to_string(), "TOTAL-FAILED FORMAT_FAILURE");
    assert!(first.report.contains(&all::PDF_COVERS_REVISION, Level::Info));
}

/// A signature whose octets end before the revision does.
#[test]
fn a_signature_that_ends_early_covers_no_revision() {
    let Some(bench) = bench() else {
        return;
    };
    let mut pdf = Pdf::new();
    let signing = Signing::by("one");
    pdf.place_signature(&signing);
    let gap = pdf.gap();
    let rest = pdf.bytes.len() - gap.end - 20;
    pdf.patch(
        "[0 0000000000 0000000000 0000000000]",
        &format!("[0 {:010} {:010} {rest:010}]", gap.start, gap.end),
    );
    pdf.sign_ranges(&bench, &signing, gap);
    assert_eq!(
        codes(&judged(&pdf.bytes, &bench.request())),
        ["document.no_signer", "pdf.coverage"]
    );
}

fn deflated(octets: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(octets).expect("written");
    encoder.finish().expect("written")
}

/// A file with a cross-reference stream and object streams.
fn compressed(streams: usize, objects: &[u8], rows: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let packed = deflated(objects);
    let mut offsets = Vec::new();
    for number in 0..streams {
        offsets.push(bytes.len());
        let head = format!(
            "{} 0 obj\n<< /Type /ObjStm /N 1 /First 5 /Filter /FlateDecode /Length {} >>\nstream\n",
            number + 10,
            packed.len()
        );
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(&packed);
        bytes.extend_from_slice(b"\nendstream\nendobj\n");
    }
    let position = bytes.len();
    let mut table = rows(streams);
    for offset in &offsets {
        table.extend_from_slice(&[1]);
        table.extend_from_slice(&u32::try_from(*offset).expect("small").to_be_bytes());
        table.extend_from_slice(&[0, 0]);
    }
    let packed = deflated(&table);
    let mut head = String::new();
    write!(
        head,
        "9 0 obj\n<< /Type /XRef /Size 99 /Root 1 0 R /W [1 4 2] /Index [1 {} 10 {streams}] \
         /Filter /FlateDecode /Length {} >>\nstream\n",
        table.len() / 7 - streams,
        packed.len()
    )
    .expect("written");
    bytes.extend_from_slice(head.as_bytes());
    bytes.extend_from_slice(&packed);
    bytes.extend_from_slice(
        format!("\nendstream\nendobj\nstartxref\n{position}\n%%EOF\n").as_bytes(),
    );
    bytes
}

/// An entry for an object in an object stream.
fn inside(container: u32) -> Vec<u8> {
    [&[2][..], &container.to_be_bytes(), &[0, 0]].concat()
}

#[test]
fn decompression_bombs_are_refused() {
    // One stream that is too large.
    let bomb = [&b"1 0  "[..], &vec![b' '; 9 << 20], b"<< >>"].concat();
    let file = compressed(1, &bomb, |_| inside(10));
    assert!(file.len() < 20_000);
    assert!(is_limit(&refused(&file)));
    // A table of more objects than there may be.
    let rows = [1_u8, 0, 0, 0, 0, 0, 0].repeat(600_000);
    let file = compressed(0, b"", |_| rows.clone());
    assert!(file.len() < 20_000);
    assert!(is_limit(&refused(&file)));
}

#[test]
fn compressed_objects_are_read() {
    let file = compressed(1, b"1 0  << /Type /Catalog >>", |_| inside(10));
    let document = read_document(&file, None).expect("read");
    assert_eq!(document.format(), DocumentFormat::Pdf);
    assert_eq!(document.signers().len(), 0);
}

/// Acrobat writes a trailer behind the stream that has one: nothing, as long as it says
/// nothing else.
#[test]
fn a_trailer_behind_a_stream_is_passed_over_where_it_is_idle() {
    let file = compressed(1, b"1 0  << /Type /Catalog >>", |_| inside(10));
    let tail = file.windows(9).rposition(|part| part == b"startxref").expect("a tail");
    let with = |trailer: &str| [&file[..tail], trailer.as_bytes(), &file[tail..]].concat();
    read_document(&with("trailer\r<</Size 6\r/ID [(a) (b)]>>\r"), None).expect("read");
    for other in ["trailer\n<< /Root 2 0 R >>\n", "trailer\n<< /Prev 9 >>\n", "trailer\n"] {
        refused(&with(other));
    }
}

#[test]
fn encryption_is_named() {
    let mut pdf = Pdf::new();
    pdf.append(&[], "/Encrypt 7 0 R");
    assert!(refused(&pdf.bytes).to_string().contains("encrypted"));
}

#[test]
fn what_is_no_pdf_says_so() {
    for bytes in [
        &b"%PDF-"[..],
        b"%PDF-1.7\n%%EOF\n",
        b"\r\n \n%PDF-1.7\n%%EOF\n",
        b"%PDF-1.7\nstartxref\n0\n%%EOF",
        b"%PDF-1.7 startxref 99 %%EOF",
    ] {
        assert!(matches!(refused(bytes).problem(), Problem::Pdf(_)));
    }
}
