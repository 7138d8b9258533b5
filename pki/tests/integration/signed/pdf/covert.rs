//! Changes of what is shown that hide behind a change which is permitted, or is none.

use super::super::bench::Bench;
use super::attacks::{certified, names};
use super::writer::{CATALOGUE, FONT, LOCKED, OVERLAY, P, PAGE, PRICE_LOOK, Pdf, Signing, stream};
use super::{bench, codes, judged};

/// The look of a field that is drawn with these resources.
fn look(resources: &str) -> (u32, String) {
    let head = format!("/Type /XObject /Subtype /Form /BBox [0 0 80 20] /Resources {resources}");
    (PRICE_LOOK, stream(&head, "/V Do"))
}

/// A certified file to which a link was added.
pub(super) fn with_link(bench: &Bench, more: &str) -> Pdf {
    let mut pdf = certified(bench, 3);
    let annotation = pdf.number();
    pdf.annotations.push(annotation);
    let text = format!("<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /C [1 1 1] {more} >>");
    pdf.append(&[(annotation, text), (PAGE, pdf.page(""))], "");
    pdf
}

fn field(value: u32) -> (u32, String) {
    let text = format!(
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (locked) /V {value} 0 R /Rect [10 10 90 30] \
         /P {PAGE} 0 R /DA (/F1 12 Tf) >>"
    );
    (LOCKED, text)
}

#[test]
fn a_field_that_is_resources_too_is_not_filled_in() {
    let Some(bench) = bench() else { return };
    for level in [0, 2, 3] {
        let mut pdf = Pdf::new();
        let other = pdf.number();
        let form = stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9]", "(9) Tj");
        let look = look(&format!("<< /XObject {LOCKED} 0 R >>"));
        pdf.append(&[look, field(OVERLAY), (other, form)], "");
        pdf.sign(&bench, &Signing::by("one").certifying(P[level]));
        assert_eq!(codes(&judged(&pdf.bytes, &bench.request())), [""; 0], "as it was signed");
        pdf.append(&[field(other)], "");
        names(&bench, &pdf, "pdf.shadow_replace", "a field's value");
    }
}

#[test]
fn a_catalogue_that_is_resources_too_does_not_move() {
    let Some(bench) = bench() else { return };
    for level in [0, 1] {
        let mut pdf = Pdf::new();
        let (other, root) = (pdf.number(), pdf.number());
        let form = stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9]", "(9) Tj");
        let drawn = format!("/XObject << /V {OVERLAY} 0 R >>");
        let look = look(&format!("{CATALOGUE} 0 R"));
        pdf.append(&[look, (CATALOGUE, Pdf::catalogue(&drawn)), (other, form)], "");
        pdf.sign(&bench, &Signing::by("one").certifying(P[level]));
        assert_eq!(codes(&judged(&pdf.bytes, &bench.request())), [""; 0], "as it was signed");
        let moved = pdf.clone();
        let changed = Pdf::catalogue(&format!("/XObject << /V {other} 0 R >>"));
        pdf.append(
            &[(root, Pdf::catalogue(&drawn)), (CATALOGUE, changed)],
            &format!("/Root {root} 0 R"),
        );
        names(&bench, &pdf, "pdf.shadow_replace", "the catalogue's number");
        // Moved and left as it was, it is the same.
        let mut pdf = moved;
        pdf.append(&[(root, Pdf::catalogue(&drawn))], &format!("/Root {root} 0 R"));
        assert_eq!(codes(&judged(&pdf.bytes, &bench.request())), [""; 0], "only moved");
    }
}

/// A reader that asks for an integer passes a real over. In a rectangle it is as good (see
/// `updates`).
#[test]
fn a_real_is_no_integer() {
    let Some(bench) = bench() else { return };
    let font = |zero: &str| {
        let text = format!(
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica \
             /Encoding << /Type /Encoding /Differences [53 /five {zero} /zero] >> >>"
        );
        (FONT, text)
    };
    let mut pdf = Pdf::new();
    pdf.append(&[font("57")], "");
    pdf.sign(&bench, &Signing::by("one").certifying(P[1]));
    assert_eq!(codes(&judged(&pdf.bytes, &bench.request())), [""; 0], "as it was signed");
    pdf.append(&[font("57.0")], "");
    names(&bench, &pdf, "pdf.content_changed", "the encoding of a font");
}

#[test]
fn fields_are_drawn_anew_by_a_reference_too() {
    let Some(bench) = bench() else { return };
    let mut pdf = certified(&bench, 3);
    let (asks, form) = (pdf.number(), super::writer::FORM);
    let text = pdf.form(&format!("/NeedAppearances {asks} 0 R"));
    pdf.append(&[(asks, "true".to_owned()), (form, text)], "");
    names(&bench, &pdf, "pdf.shadow_replace", "fields drawn anew");
}

#[test]
fn what_is_added_does_nothing_by_itself_and_covers_nothing() {
    let Some(bench) = bench() else { return };
    // A field for a further signature that runs a script.
    let mut pdf = certified(&bench, 2);
    let script = "/AA << /E << /S /JavaScript /JS (x) >> >>";
    pdf.sign(&bench, &Signing { field_more: script, ..Signing::by("two") });
    names(&bench, &pdf, "pdf.sneaky_signature", "a script");
    // One that is only printed is seen; one that is hidden is not.
    for (flags, seen) in [(36, true), (2, false), (32, false)] {
        let mut pdf = certified(&bench, 2);
        pdf.sign(&bench, &Signing { rect: "[0 0 99 99]", flags, ..Signing::by("two") });
        if seen {
            names(&bench, &pdf, "pdf.sneaky_signature", "only printed");
        } else {
            assert_eq!(codes(&judged(&pdf.bytes, &bench.request())), [""; 0], "{flags}");
        }
    }
    for border in ["/Border [0 0 1]", "/BS << /W 2 >>"] {
        let pdf = with_link(&bench, border);
        assert_eq!(codes(&judged(&pdf.bytes, &bench.request())), [""; 0], "{border}");
    }
    for border in ["/Border [0 0 60]", "/BS << /W 60 >>", "/Border (60)"] {
        names(&bench, &with_link(&bench, border), "pdf.evil_annotation", border);
    }
}
