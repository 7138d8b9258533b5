//! PDF files that pyHanko signed: every level of PAdES, and each thing that may be wrong.

use std::path::{Path, PathBuf};
use std::process::Command as Program;

use serde_json::json;
use tongxing_testdata::{LeafSpec, Validity};

use super::{
    CRYPTO, DAY, Desk, HASH, HOUR, PASSED, against, body, flipped, outcome, position, python, swap,
    tenths,
};

/// Signs a file with pyHanko in the desk's folder.
fn sign(desk: &Desk, python: &str, arguments: &[&str]) -> Vec<u8> {
    let script = here("documents/sign_pdf.py");
    let mut program = Program::new(python);
    let done = program.arg(script).arg(desk.folder.path()).args(arguments).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    desk.read(arguments[1])
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration").join(path)
}

/// Every sample of the judgement's own tests, through HTTP, with Poppler's word on each.
#[tokio::test(flavor = "multi_thread")]
async fn every_level_of_pades_is_judged_as_it_was_made() {
    let Some(python) = python("pyhanko.sign") else { return };
    let desk = Desk::new().await;
    desk.leaf("one");
    desk.leaf("two");
    let stamper = desk.stamper();
    desk.keep("stamper", &stamper);
    let root = desk.bidders.authority.root().pem().unwrap();
    desk.write("root.pem", &root);
    desk.write("issuing.pem", &root);
    let script = here("../../../pki/tests/integration/signed/pdf/samples.py");
    let done = Program::new(&python).arg(script).arg(desk.folder.path()).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    desk.advance(60);
    let files = std::fs::read_dir(desk.folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|end| end == "pdf")).collect();
    files.sort();
    assert!(files.len() > 40, "{}", files.len());
    for file in &files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let report = desk.ask(&body(&std::fs::read(file).unwrap(), None)).await;
        let expected = if name.contains("bad") { "failed" } else { "passed" };
        assert_eq!(report["verdict"], expected, "{name}: {}", outcome(&report));
        let signatures = report["signatures"].as_array().unwrap();
        let codes = signatures.iter().chain([&report]).flat_map(against);
        assert!(codes.into_iter().all(|code| code.starts_with("pdf.")), "{name}");
        if let Some(valid) = poppler(file) {
            // Poppler looks at the octets that are signed alone, and counts no timestamps.
            assert_eq!(valid, signatures.len(), "{name}");
        }
        if name.contains("bt") || name.contains("blt") {
            assert_eq!(signatures[0]["time"]["basis"], "timestamp", "{name}");
        }
    }
}

/// How many signatures `pdfsig` finds valid; `None` without it.
fn poppler(file: &Path) -> Option<usize> {
    let output = Program::new("pdfsig").arg("-nocert").arg(file).output();
    let output = output.ok().or_else(|| super::wanting("pdfsig"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    Some(text.matches("Signature Validation: Signature is Valid.").count())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bit_and_one_certificate_fail() {
    let Some(python) = python("pyhanko.sign") else { return };
    let desk = Desk::new().await;
    desk.leaf_with("one", |leaf| leaf.with_serial([7, 7]));
    let file = sign(&desk, &python, &["one", "signed.pdf"]);
    desk.advance(60);
    assert_eq!(desk.judge(&file, None).await, PASSED);
    let content = flipped(&file, position(&file, b"1,000,000"));
    assert_eq!(desk.judge(&content, None).await, HASH);
    let changed = with_message(&file, |message| flipped(message, message.len() - 1));
    assert_eq!(desk.judge(&changed, None).await, CRYPTO);
    let other = desk.leaf_with("other", |leaf| leaf.with_serial([7, 7]));
    let swapped = with_message(&file, |message| swap(message, &other.certificate_der));
    let told = desk.judge(&swapped, None).await;
    let both = "signer.certificate_differs signer.signature_invalid";
    assert_eq!(told, format!("failed [TOTAL-FAILED SIG_CRYPTO_FAILURE] {both}"));
    // Every tenth of it is a file that is whole up to there, or none.
    for cut in tenths(&file) {
        let told = desk.judge(cut, None).await;
        let refused = [
            "failed document.malformed",
            "failed document.format_unknown",
            "failed document.no_signer",
        ];
        assert!(refused.contains(&told.as_str()), "{}: {told}", cut.len());
    }
}

/// What a changed file is to be compared with is not what whoever changed it says.
#[tokio::test(flavor = "multi_thread")]
async fn the_original_beside_a_changed_file_is_refused() {
    let Some(python) = python("pyhanko.sign") else { return };
    let desk = Desk::new().await;
    desk.leaf("one");
    let file = sign(&desk, &python, &["one", "signed.pdf"]);
    let changed = flipped(&file, position(&file, b"1,000,000"));
    let with_content = body(&changed, Some(&file));
    let hash = ring::digest::digest(&ring::digest::SHA256, &file);
    let mut with_hash = body(&changed, None);
    with_hash["hash"] = json!(super::hex(hash.as_ref()));
    with_hash["hash_algorithm"] = json!("sha-256");
    for (path, body) in [("verify", with_content), ("verify-hash", with_hash)] {
        let headers = [("authorization", desk.authorization.as_str())];
        let (path, body) = (format!("/v1/signatures/{path}"), body.to_string());
        let mut public = desk.world.public().await;
        let answer = public.send("POST", &path, &headers, &body).await.unwrap();
        assert_eq!(answer.status, 400, "{path}: {}", answer.text);
        assert_eq!(answer.code(), "request.content_beside", "{path}");
    }
}

/// The file with another CMS message in the gap of its one signature.
fn with_message(file: &[u8], change: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let start = position(file, b"/Contents <") + b"/Contents <".len();
    let room = file[start..].iter().position(|octet| *octet == b'>').unwrap();
    let digit = |octet: u8| char::from(octet).to_digit(16).unwrap();
    let octets = file[start..start + room].chunks(2);
    let octets: Vec<u8> =
        octets.map(|pair| u8::try_from(digit(pair[0]) << 4 | digit(pair[1])).unwrap()).collect();
    // DER says how long it is; zeros fill the room.
    let length = 4 + (usize::from(octets[2]) << 8 | usize::from(octets[3]));
    let changed = change(&octets[..length]);
    let mut digits = super::hex(&changed);
    digits.extend(std::iter::repeat_n('0', room - digits.len()));
    [&file[..start], digits.as_bytes(), &file[start + room..]].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_judged_as_everywhere() {
    let Some(python) = python("pyhanko.sign") else { return };
    let desk = Desk::new().await;
    desk.leaf_with("wrong", LeafSpec::encryption_only);
    desk.openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout self.key -out \
         self.pem -subj /CN=self -days 30",
    );
    let wrong = sign(&desk, &python, &["wrong", "wrong.pdf"]);
    let strange = sign(&desk, &python, &["self", "self.pdf"]);
    let second = desk.leaf("one");
    sign(&desk, &python, &["one", "first.pdf"]);
    let two = sign(&desk, &python, &["self", "both.pdf", "--from", "first.pdf"]);
    desk.advance(60);
    let expected = "failed [INDETERMINATE CHAIN_CONSTRAINTS_FAILURE] certificate.encryption_only";
    assert_eq!(desk.judge(&wrong, None).await, expected);
    let unknown = "[INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND] path.no_anchor";
    assert_eq!(desk.judge(&strange, None).await, format!("failed {unknown}"));
    assert_eq!(desk.judge(&two, None).await, format!("failed [TOTAL-PASSED] {unknown}"));
    assert!(!second.serial.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_tells_before_from_after() {
    let Some(python) = python("pyhanko.sign") else { return };
    let desk = Desk::new().await;
    desk.stamper();
    let now = desk.world.now();
    let short = Validity { not_before: now - DAY, not_after: now + HOUR };
    desk.leaf_with("one", |leaf| leaf.valid(short));
    let own = desk.leaf("two");
    let of = |name: &str, stamped: &[&str]| {
        sign(&desk, &python, &[&[name, "signed.pdf"], stamped].concat())
    };
    let [bare, stamped] = [of("one", &[]), of("one", &["--stamped"])];
    let [revoked, stamped_revoked] = [of("two", &[]), of("two", &["--stamped"])];
    desk.advance(2 * DAY);
    desk.list(2, Some((&own, now + HOUR))).await;
    let expired = "failed [INDETERMINATE OUT_OF_BOUNDS_NO_POE] certificate.expired";
    assert_eq!(desk.judge(&bare, None).await, expired);
    assert_eq!(desk.judge(&stamped, None).await, PASSED);
    let told = "failed [INDETERMINATE REVOKED_NO_POE] revocation.revoked";
    assert_eq!(desk.judge(&revoked, None).await, told);
    assert_eq!(desk.judge(&stamped_revoked, None).await, PASSED);
    desk.advance(60);
    desk.list(3, Some((&own, now - HOUR))).await;
    assert_eq!(desk.judge(&stamped_revoked, None).await, told);
    let report = desk.ask(&body(&stamped, None)).await;
    assert_eq!(report["format"], json!("pdf"));
}
