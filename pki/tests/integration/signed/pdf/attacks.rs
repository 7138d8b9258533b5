//! The published attacks, each built and each named.

use tongxing_pki::Verdict;

use super::super::bench::Bench;
use super::covert::with_link;
use super::writer::{
    CATALOGUE, CONTENT, FONT, FORM, OVERLAY, P, PAGE, PRICE, PRICE_LOOK, Pdf, Signing, hexadecimal,
    stream,
};
use super::{bench, codes, judged};

fn signed(bench: &Bench) -> Pdf {
    let mut pdf = Pdf::new();
    pdf.sign(bench, &Signing::by("one"));
    pdf
}

pub(super) fn certified(bench: &Bench, level: usize) -> Pdf {
    let mut pdf = Pdf::new();
    pdf.sign(bench, &Signing::by("one").certifying(P[level]));
    pdf
}

/// Asserts that a file fails with a code among others.
pub(super) fn names(bench: &Bench, pdf: &Pdf, code: &str, what: &str) {
    let verification = judged(&pdf.bytes, &bench.request());
    assert_eq!(verification.verdict(), Verdict::Failed, "{what}");
    let codes = codes(&verification);
    assert!(codes.iter().any(|found| found == code), "{what}: {codes:?}");
}

#[test]
fn universal_signature_forgery() {
    let Some(bench) = bench() else {
        return;
    };
    let original = signed(&bench);
    let gap = original.gap();
    let start = original.find("/ByteRange [", 0);
    let end = original.find("]", start) + 1;
    let range = String::from_utf8(original.bytes[start..end].to_vec()).expect("text");
    for (what, by) in [
        ("none", String::new()),
        ("null", "/ByteRange null".to_owned()),
        ("name", "/ByteRange /None".to_owned()),
        ("empty", "/ByteRange []".to_owned()),
        ("zeros", "/ByteRange [0 0 0 0]".to_owned()),
        ("two", "/ByteRange [0 99]".to_owned()),
        ("six", "/ByteRange [0 9 9 9 9 9]".to_owned()),
        ("negative", format!("/ByteRange [0 {} -1 9]", gap.start)),
        ("beyond", format!("/ByteRange [0 {} {} 999999]", gap.start, gap.end)),
        ("overlap", format!("/ByteRange [0 {} 10 20]", gap.start)),
        ("late", format!("/ByteRange [9 {} {} 9]", gap.start - 9, gap.end)),
        ("huge", "/ByteRange [0 9 9223372036854775807 9]".to_owned()),
    ] {
        let mut pdf = original.clone();
        assert!(by.len() <= range.len(), "{what}");
        pdf.patch(&range, &format!("{by:width$}", width = range.len()));
        names(&bench, &pdf, "pdf.universal_forgery", what);
    }
    for (what, by) in [
        ("none", ""),
        ("null", "/Contents null"),
        ("empty", "/Contents <>"),
        ("zero", "/Contents <00>"),
        ("number", "/Contents 0"),
    ] {
        let mut pdf = original.clone();
        let start = gap.start - "/Contents ".len();
        pdf.bytes[start..gap.end].fill(b' ');
        pdf.bytes[start..start + by.len()].copy_from_slice(by.as_bytes());
        names(&bench, &pdf, "pdf.universal_forgery", what);
    }
}

#[test]
fn signature_wrapping() {
    let Some(bench) = bench() else {
        return;
    };
    // The second range moves to the end, and something stands between.
    let mut pdf = signed(&bench);
    let gap = pdf.gap();
    let tail = pdf.bytes[gap.end..].to_vec();
    let filler = " ".repeat(100);
    pdf.bytes.truncate(gap.end);
    pdf.bytes.extend_from_slice(filler.as_bytes());
    let moved = pdf.bytes.len();
    pdf.bytes.extend_from_slice(&tail);
    pdf.patch(
        &format!("{:010} {:010}]", gap.end, tail.len()),
        &format!("{moved:010} {:010}]", tail.len()),
    );
    let verification = judged(&pdf.bytes, &bench.request());
    assert_eq!(verification.verdict(), Verdict::Failed);
    // The same in a file whose tables still lead: another signature dictionary with the
    // message of the first, ranges and all.
    let mut pdf = signed(&bench);
    let (gap, value) = (pdf.gap(), pdf.size - 1);
    let digits = String::from_utf8(pdf.bytes[gap.clone()].to_vec()).expect("text");
    let rest = pdf.bytes.len() - gap.end;
    let copy = format!(
        "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached \
         /ByteRange [0 {} {} {rest}] /Contents {digits} >>",
        gap.start, gap.end
    );
    let other = stream("", "BT /F1 12 Tf (price: 9) Tj ET");
    pdf.append(&[(value, copy), (CONTENT, other)], "");
    names(&bench, &pdf, "pdf.signature_wrapping", "a copy");
    // What is left out is more than the signature.
    let mut pdf = Pdf::new();
    let signing = Signing::by("one");
    pdf.place_signature(&signing);
    let gap = pdf.gap();
    let gap = gap.start - 10..gap.end;
    let rest = pdf.bytes.len() - gap.end;
    pdf.patch(
        "[0 0000000000 0000000000 0000000000]",
        &format!("[0 {:010} {:010} {rest:010}]", gap.start, gap.end),
    );
    let contents = gap.start + 10..gap.end;
    let content = [&pdf.bytes[..gap.start], &pdf.bytes[gap.end..]].concat();
    let mut signed_over = pdf.clone();
    signed_over.bytes = content;
    bench.write("content", &signed_over.bytes);
    let message = bench.sign("one", "-cades");
    let digits = hexadecimal(&message);
    pdf.bytes[contents.start + 1..contents.start + 1 + digits.len()]
        .copy_from_slice(digits.as_bytes());
    names(&bench, &pdf, "pdf.signature_wrapping", "a wide gap");
}

#[test]
fn incremental_saving() {
    let Some(bench) = bench() else {
        return;
    };
    let other = || (CONTENT, stream("", "BT /F1 12 Tf (price: 9) Tj ET"));
    let mut pdf = signed(&bench);
    pdf.append(&[other()], "");
    names(&bench, &pdf, "pdf.incremental_saving", "with a table");
    names(&bench, &pdf, "pdf.content_changed", "with a table");
    let mut pdf = signed(&bench);
    pdf.write(&[other()]);
    names(&bench, &pdf, "pdf.incremental_saving", "without a table");
    pdf.bytes.extend_from_slice(b"trailer\n<< /Root 1 0 R >>\n");
    names(&bench, &pdf, "pdf.incremental_saving", "with a trailer alone");
    pdf.bytes.extend_from_slice(b"startxref\n0\n%%EOF\n");
    names(&bench, &pdf, "pdf.incremental_saving", "with a tail that leads nowhere");
    // The update brings the signature again.
    let mut pdf = signed(&bench);
    let value = pdf.size - 1;
    let start = pdf.find(&format!("{value} 0 obj\n"), 0);
    let end = pdf.find("\nendobj", start);
    let head = format!("{value} 0 obj\n").len();
    let copy = String::from_utf8(pdf.bytes[start + head..end].to_vec()).expect("text");
    pdf.append(&[other(), (value, copy)], "");
    names(&bench, &pdf, "pdf.signature_wrapping", "with the signature again");
    // An update whose objects are not all in its table.
    let mut pdf = signed(&bench);
    pdf.write(&[other()]);
    let dss = Pdf::catalogue("/DSS << >>");
    pdf.append(&[(CATALOGUE, dss)], "");
    names(&bench, &pdf, "pdf.incremental_saving", "beside its table");
}

#[test]
fn shadow_hide() {
    let Some(bench) = bench() else {
        return;
    };
    let mut pdf = signed(&bench);
    pdf.table(&[(OVERLAY, 0)], "");
    names(&bench, &pdf, "pdf.shadow_hide", "the image is freed");
    let mut pdf = signed(&bench);
    let page = pdf.page("").replace(&format!("/Im1 {OVERLAY} 0 R"), "");
    pdf.append(&[(PAGE, page)], "");
    names(&bench, &pdf, "pdf.shadow_hide", "the image is taken away");
    let mut pdf = Pdf::new();
    pdf.append(&[(CATALOGUE, Pdf::catalogue("/DSS << >>"))], "");
    pdf.sign(&bench, &Signing::by("one"));
    assert_eq!(codes(&judged(&pdf.bytes, &bench.request())), [""; 0]);
    pdf.append(&[(CATALOGUE, Pdf::catalogue(""))], "");
    names(&bench, &pdf, "pdf.shadow_hide", "validation data is taken away");
}

#[test]
fn shadow_replace() {
    let Some(bench) = bench() else {
        return;
    };
    let mut pdf = signed(&bench);
    let font = "<< /Type /Font /Subtype /Type1 /BaseFont /Evil >>".to_owned();
    pdf.append(&[(FONT, font)], "");
    names(&bench, &pdf, "pdf.shadow_replace", "a font");
    let mut pdf = signed(&bench);
    let look = stream("/Type /XObject /Subtype /Form /BBox [0 0 80 20]", "(9) Tj");
    pdf.append(&[(PRICE_LOOK, look)], "");
    names(&bench, &pdf, "pdf.shadow_replace", "the look of a field");
    let mut pdf = signed(&bench);
    let form = pdf.form("/NeedAppearances true");
    pdf.append(&[(FORM, form)], "");
    names(&bench, &pdf, "pdf.shadow_replace", "fields drawn anew");
    // A default appearance that comes, or changes, where fields are drawn by it.
    let colour = |pdf: &Pdf, more: &str| (FORM, pdf.form(&format!("/DA (/F1 0 Tf 1 g) {more}")));
    let anew = "/NeedAppearances true";
    let bare = "<< /Type /Annot /Subtype /Widget /FT /Tx /T (price) /V (1) /Rect [10 10 90 30] >>";
    for (before, field, more, what) in [
        ("/DA (/F1 0 Tf 0 g)", None, "", "another default appearance"),
        (anew, None, anew, "a default appearance where fields are drawn"),
        ("", Some((PRICE, bare.to_owned())), "", "a default appearance for a field with none"),
    ] {
        let mut pdf = Pdf::new();
        let form = (FORM, pdf.form(before));
        pdf.append(&[form].into_iter().chain(field).collect::<Vec<_>>(), "");
        pdf.sign_keeping(&bench, &Signing::by("one"), before);
        assert_eq!(codes(&judged(&pdf.bytes, &bench.request())), [""; 0], "{what}");
        let form = colour(&pdf, more);
        pdf.append(&[form], "");
        names(&bench, &pdf, "pdf.content_changed", what);
    }
    // What fields share: an image by the same name matters where fields are drawn, a font
    // always.
    let shared = |font: u32, image: u32| {
        format!("/DR << /Font << /F1 {font} 0 R >> /XObject << /FRM {image} 0 R >> >>")
    };
    for (more, font, image, what) in [
        ("", PRICE_LOOK, OVERLAY, Some("another font")),
        (anew, FONT, PRICE_LOOK, Some("another image where fields are drawn")),
        ("", FONT, PRICE_LOOK, None),
    ] {
        let mut pdf = Pdf::new();
        let form = |pdf: &Pdf, shared: &str| {
            let own = format!("/DR << /Font << /F1 {FONT} 0 R >> >>");
            pdf.form(more).replace(&own, shared)
        };
        let before = form(&pdf, &shared(FONT, OVERLAY));
        pdf.append(&[(FORM, before)], "");
        let signing = Signing::by("one");
        pdf.place_signature(&signing);
        let before = form(&pdf, &shared(FONT, OVERLAY));
        pdf.append(&[(FORM, before)], "");
        pdf.seal(&bench, &signing);
        let after = form(&pdf, &shared(font, image));
        pdf.append(&[(FORM, after)], "");
        match what {
            Some(what) => names(&bench, &pdf, "pdf.content_changed", what),
            None => assert_eq!(codes(&judged(&pdf.bytes, &bench.request())), [""; 0]),
        }
    }
}

#[test]
fn shadow_hide_and_replace() {
    let Some(bench) = bench() else {
        return;
    };
    // Another content lies in the signed file, and the update's table leads to it.
    let mut pdf = Pdf::new();
    let hidden = pdf.write(&[(CONTENT, stream("", "BT /F1 12 Tf (price: 9) Tj ET"))]);
    pdf.sign(&bench, &Signing::by("one"));
    assert_eq!(codes(&judged(&pdf.bytes, &bench.request())), [""; 0], "warned of, not failed");
    pdf.table(&hidden, "");
    names(&bench, &pdf, "pdf.shadow_hide_and_replace", "a hidden content");
    // Another catalogue does, and the update's trailer leads to it.
    let mut pdf = Pdf::new();
    let (root, pages) = (pdf.number(), pdf.number());
    let form = format!("<< /Type /Catalog /Pages {pages} 0 R /AcroForm {FORM} 0 R >>");
    let none = "<< /Type /Pages /Kids [] /Count 0 >>".to_owned();
    pdf.append(&[(root, form), (pages, none)], "");
    pdf.sign(&bench, &Signing::by("one"));
    pdf.table(&[], &format!("/Root {root} 0 R"));
    names(&bench, &pdf, "pdf.shadow_hide_and_replace", "a hidden catalogue");
}

#[test]
fn evil_annotation() {
    let Some(bench) = bench() else {
        return;
    };
    for subtype in ["FreeText", "Stamp", "Redact", "Square", "Widget3D"] {
        let mut pdf = certified(&bench, 3);
        let annotation = pdf.number();
        pdf.annotations.push(annotation);
        let text =
            format!("<< /Type /Annot /Subtype /{subtype} /Rect [0 0 99 99] /Contents (9) >>");
        pdf.append(&[(annotation, text), (PAGE, pdf.page(""))], "");
        names(&bench, &pdf, "pdf.evil_annotation", subtype);
    }
    // A link that does more than lead somewhere, and links that lead.
    for place in ["", "/A << /S /GoTo /D [0 /Fit] >>", "/A << /S /URI /URI (https://a.test) >>"] {
        let pdf = with_link(&bench, place);
        assert_eq!(codes(&judged(&pdf.bytes, &bench.request())), [""; 0], "{place}");
    }
    for act in [
        "/A << /S /JavaScript /JS (app.alert) >>",
        "/A << /S /Launch /F (x) >>",
        "/A << /S /Hide /T (f) >>",
        "/A << /S /GoTo /D [0 /Fit] /Next << /S /ResetForm >> >>",
        "/A (x)",
        "/AA << /E << /S /URI /URI (https://a.test) >> >>",
    ] {
        names(&bench, &with_link(&bench, act), "pdf.evil_annotation", act);
    }
    // A highlight that writes.
    let mut pdf = certified(&bench, 3);
    let (annotation, look) = (pdf.number(), pdf.number());
    pdf.annotations.push(annotation);
    let text =
        format!("<< /Type /Annot /Subtype /Highlight /Rect [0 0 99 99] /AP << /N {look} 0 R >> >>");
    let form =
        format!("/Subtype /Form /BBox [0 0 9 9] /Resources << /Font << /F1 {FONT} 0 R >> >>");
    pdf.append(&[(annotation, text), (look, stream(&form, "(9) Tj")), (PAGE, pdf.page(""))], "");
    names(&bench, &pdf, "pdf.evil_annotation", "a highlight that writes");
}

#[test]
fn sneaky_signature() {
    let Some(bench) = bench() else {
        return;
    };
    // A visible field where none was foreseen, signed by somebody.
    let mut pdf = certified(&bench, 2);
    pdf.sign(&bench, &Signing { rect: "[0 0 99 99]", ..Signing::by("two") });
    names(&bench, &pdf, "pdf.sneaky_signature", "visible");
    // One that nobody signed at all.
    let mut pdf = certified(&bench, 3);
    let field = pdf.number();
    pdf.fields.push(field);
    pdf.annotations.push(field);
    let text = format!(
        "<< /Type /Annot /Subtype /Widget /FT /Sig /T (x) /Rect [0 0 99 99] /P {PAGE} 0 R >>"
    );
    pdf.append(&[(field, text), (PAGE, pdf.page("")), (FORM, pdf.form(""))], "");
    names(&bench, &pdf, "pdf.sneaky_signature", "unsigned");
    // The widget of a field of the form is on the page, but not in the form.
    let mut pdf = certified(&bench, 3);
    let field = pdf.number();
    pdf.annotations.push(field);
    let text = "<< /Type /Annot /Subtype /Widget /FT /Sig /T (x) /Rect [0 0 99 99] >>".to_owned();
    pdf.append(&[(field, text), (PAGE, pdf.page(""))], "");
    names(&bench, &pdf, "pdf.sneaky_signature", "not in the form");
}

#[test]
fn ambiguous_files() {
    let Some(bench) = bench() else {
        return;
    };
    // Two entries of one table for one object.
    let mut pdf = signed(&bench);
    let places =
        pdf.write(&[(CATALOGUE, Pdf::catalogue("/DSS << >>")), (CATALOGUE, Pdf::catalogue(""))]);
    pdf.table(&places, "");
    names(&bench, &pdf, "pdf.xref_repeated", "two entries");
    // Two keys in the signature dictionary.
    let mut pdf = Pdf::new();
    pdf.sign(&bench, &Signing { more: "/Contents <00>", ..Signing::by("one") });
    names(&bench, &pdf, "pdf.duplicate_key", "two signatures");
    let mut pdf = Pdf::new();
    pdf.sign(&bench, &Signing { more: "/Cont#65nts <00>", ..Signing::by("one") });
    names(&bench, &pdf, "pdf.duplicate_key", "two signatures, one escaped");
    // Two roots.
    let mut pdf = signed(&bench);
    pdf.table(&[], "/Root 1 0 R /Root 2 0 R");
    names(&bench, &pdf, "pdf.incremental_saving", "two roots");
    // Two forms in the catalogue.
    let mut pdf = signed(&bench);
    let catalogue = Pdf::catalogue(&format!("/AcroForm {PRICE} 0 R"));
    pdf.append(&[(CATALOGUE, catalogue)], "");
    names(&bench, &pdf, "document.malformed", "two forms");
}
