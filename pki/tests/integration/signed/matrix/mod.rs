//! Every format against everything that may be wrong with a signed document, one thing at a
//! time. [`table::expected`] says of each pair what is told; a pair that is missing there does
//! not compile. The documents are made by [`make::Scene`], mostly by OpenSSL.

pub(super) mod gm;
mod make;
mod message;
mod pdf;
mod raw;
mod table;

use tongxing_pki::{DocumentVerification, SignatureJudgement, TimestampJudgement};

use super::bench::{against, summary};
use make::Scene;
use table::{Case, Expected, Format, expected};

/// Judges one format in every case, and compares with the table.
fn assert_row(format: Format) {
    let Some(scene) = Scene::new(format) else { return };
    let faults: Vec<String> = Case::ALL.iter().flat_map(|case| faults(&scene, *case)).collect();
    assert!(faults.is_empty(), "{format:?}\n{}", faults.join("\n"));
}

/// How a case comes out otherwise than the table has it.
fn faults(scene: &Scene, case: Case) -> Vec<String> {
    let differ = |(which, told, wanted): (String, String, &str)| {
        (told != wanted).then(|| format!("{case:?}{which}\n  told   {told}\n  wanted {wanted}"))
    };
    match expected(scene.format, case) {
        Expected::Told(wanted) => {
            differ((String::new(), told(&scene.judge(case)), wanted)).into_iter().collect()
        }
        Expected::Cut(wanted) => {
            let judged = scene.judge_cut().into_iter().zip(wanted).enumerate();
            let lines = judged
                .map(|(tenth, (one, wanted))| (format!(" at {tenth}/10"), told(&one), wanted));
            lines.filter_map(differ).collect()
        }
        Expected::None(why) => {
            assert!(!why.is_empty());
            Vec::new()
        }
    }
}

/// The verdict, the indications and what speaks against the document, its signatures and the
/// timestamps in them (in braces), on one line.
fn told(verification: &DocumentVerification) -> String {
    let signatures = verification.judgement().signatures.iter();
    let stamps = signatures.flat_map(|signature: &SignatureJudgement<_>| &signature.timestamps);
    let stamp = |stamp: &TimestampJudgement<_>| {
        let line = format!("{{{} {}", stamp.indication, against(&stamp.report).join(" "));
        line.trim_end().to_owned() + "}"
    };
    let lines: Vec<String> = [summary(verification)].into_iter().chain(stamps.map(stamp)).collect();
    lines.join(" ")
}

/// A test for each format, so that they run beside one another.
macro_rules! rows {
    ($($name:ident: $format:ident,)+) => {
        $(#[test]
        fn $name() {
            assert_row(Format::$format);
        })+

        #[test]
        fn every_format_has_a_row() {
            let rows = [$(Format::$format),+];
            assert_eq!(rows, Format::ALL);
        }
    };
}

rows! {
    raw_rsa_pkcs1: RawRsaPkcs1,
    raw_rsa_pss: RawRsaPss,
    raw_ecdsa: RawEcdsa,
    raw_ed25519: RawEd25519,
    raw_sm2: RawSm2,
    cms_detached: CmsDetached,
    cms_attached: CmsAttached,
    cms_detached_ber: CmsDetachedBer,
    cms_attached_ber: CmsAttachedBer,
    gm_detached: GmDetached,
    gm_attached: GmAttached,
    gm_bare: GmBare,
    gm_detached_ber: GmDetachedBer,
    gm_attached_ber: GmAttachedBer,
    timestamp: Timestamp,
    timestamp_attribute: TimestampAttribute,
    pdf_pkcs7: PdfPkcs7,
    pdf_cades: PdfCades,
    pdf_timestamp: PdfTimestamp,
}
