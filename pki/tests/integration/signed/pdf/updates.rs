//! Updates behind a signature: what is permitted, and what is not.

use tongxing_pki::{DocumentVerification, Finding, codes as all};

use super::super::bench::Bench;
use super::signatures::timestamping;
use super::writer::{
    CATALOGUE, FORM, LOCKED, NOTE, P, PAGE, PRICE, PRICE_LOOK, Pdf, Signing, stream,
};
use super::{bench, codes, judged};

/// What changed behind the first signature, in words.
fn changes(verification: &DocumentVerification) -> String {
    let report = &verification.judgement().signatures[0].report;
    let said = [&all::PDF_UNCHANGED, &all::PDF_CHANGES_PERMITTED];
    let found = report.findings().iter().find(|finding| said.contains(&finding.code()));
    match found {
        Some(finding) if finding.code() == &all::PDF_UNCHANGED => "nothing".to_owned(),
        Some(finding) => finding.observation().unwrap_or_default().to_owned(),
        None => codes(verification).join(" "),
    }
}

/// One kind of update.
type Update = fn(&mut Pdf, &Bench);

fn fill(pdf: &mut Pdf, number: u32, name: &str) {
    let field = format!(
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T ({name}) /V (2) /Rect [10 10 90 30] \
         /P 3 0 R /DA (/F1 12 Tf) /AP << /N {PRICE_LOOK} 0 R >> >>"
    );
    let look = stream("/Type /XObject /Subtype /Form /BBox [0 0 80 20]", "(2) Tj");
    pdf.append(&[(number, field), (PRICE_LOOK, look)], "");
}

const UPDATES: &[(&str, Update)] = &[
    ("nothing", |_, _| {}),
    ("white space", |pdf, _| pdf.bytes.extend_from_slice(b"\r\n\0")),
    ("an empty update", |pdf, _| pdf.append(&[], "")),
    ("validation data", |pdf, _| {
        let certificate = pdf.number();
        let store = Pdf::catalogue(&format!("/DSS << /Certs [{certificate} 0 R] >>"));
        pdf.append(&[(CATALOGUE, store), (certificate, stream("", "no certificate"))], "");
    }),
    ("timestamp", |pdf, bench| pdf.sign(bench, &timestamping())),
    ("metadata", |pdf, _| {
        let info = pdf.number();
        let text = "<< /ModDate (D:20261128) >>".to_owned();
        pdf.append(&[(info, text)], &format!("/Info {info} 0 R"));
    }),
    ("signature", |pdf, bench| pdf.sign(bench, &Signing::by("two"))),
    ("filled", |pdf, _| fill(pdf, PRICE, "price")),
    ("annotation", |pdf, _| {
        let annotation = pdf.number();
        pdf.annotations.push(annotation);
        let text = "<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (new) >>".to_owned();
        pdf.append(&[(annotation, text), (PAGE, pdf.page(""))], "");
    }),
    ("note changed", |pdf, _| {
        let text = "<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (other) >>".to_owned();
        pdf.append(&[(NOTE, text)], "");
    }),
    ("note removed", |pdf, _| {
        pdf.annotations.retain(|annotation| *annotation != NOTE);
        pdf.append(&[(PAGE, pdf.page(""))], "");
    }),
    ("field removed", |pdf, _| {
        pdf.annotations.retain(|annotation| *annotation != PRICE);
        pdf.append(&[(PAGE, pdf.page(""))], "");
    }),
    ("page", |pdf, _| pdf.append(&[(PAGE, pdf.page("/Rotate 180"))], "")),
    ("order of tabbing", |pdf, _| pdf.append(&[(PAGE, pdf.page("/Tabs /R"))], "")),
    ("order of the structure", |pdf, _| pdf.append(&[(PAGE, pdf.page("/Tabs /S"))], "")),
    ("a number written otherwise", |pdf, _| {
        let page = pdf.page("").replace("[0 0 100 100]", "[0 0.0 100.0 100]");
        pdf.append(&[(PAGE, page)], "");
    }),
    ("another number", |pdf, _| {
        let page = pdf.page("").replace("[0 0 100 100]", "[0 0 100.5 100]");
        pdf.append(&[(PAGE, page)], "");
    }),
    ("a default appearance", |pdf, _| {
        pdf.append(&[(FORM, pdf.form("/DA (/F1 0 Tf 0 g)"))], "");
    }),
    ("the catalogue under another number", |pdf, _| {
        let (root, store) = (pdf.number(), Pdf::catalogue("/DSS << >>"));
        pdf.append(&[(root, store)], &format!("/Root {root} 0 R"));
    }),
    ("a field for a signature", |pdf, _| {
        let field = pdf.number();
        pdf.fields.push(field);
        pdf.annotations.push(field);
        let empty = format!(
            "<< /Type /Annot /Subtype /Widget /FT /Sig /T (later) /F 132 /Rect [0 0 0 0] \
             /P {PAGE} 0 R >>"
        );
        pdf.append(&[(FORM, pdf.form("")), (PAGE, pdf.page("")), (field, empty)], "");
    }),
    ("a signature before the others", |pdf, bench| {
        pdf.place_signature(&Signing::by("two"));
        pdf.fields.rotate_right(1);
        pdf.append(&[(FORM, pdf.form(""))], "");
        pdf.seal(bench, &Signing::by("two"));
    }),
    ("fields in another order", |pdf, _| {
        pdf.fields.reverse();
        pdf.append(&[(FORM, pdf.form(""))], "");
    }),
    ("another catalogue", |pdf, _| {
        let (root, pages) = (pdf.number(), pdf.number());
        let other = format!("<< /Type /Catalog /Pages {pages} 0 R /AcroForm {FORM} 0 R >>");
        let none = "<< /Type /Pages /Kids [] /Count 0 >>".to_owned();
        pdf.append(&[(root, other), (pages, none)], &format!("/Root {root} 0 R"));
    }),
    ("action", |pdf, _| {
        let script = Pdf::catalogue("/OpenAction << /S /JavaScript /JS (x) >>");
        pdf.append(&[(CATALOGUE, script)], "");
    }),
];

/// What each update comes to without a certification, and with P 1 to 3.
const EXPECTED: &[[&str; 4]] = &[
    ["nothing"; 4],
    ["nothing"; 4],
    ["nothing"; 4],
    ["validation data"; 4],
    ["document timestamp"; 4],
    ["metadata"; 4],
    ["signature", "pdf.change_not_permitted", "signature", "signature"],
    ["form filled in", "pdf.change_not_permitted", "form filled in", "form filled in"],
    ["annotation", "pdf.change_not_permitted", "pdf.change_not_permitted", "annotation"],
    ["annotation", "pdf.change_not_permitted", "pdf.change_not_permitted", "annotation"],
    ["annotation", "pdf.change_not_permitted", "pdf.change_not_permitted", "annotation"],
    ["pdf.content_changed pdf.incremental_saving"; 4],
    ["pdf.content_changed pdf.incremental_saving"; 4],
    ["annotation", "pdf.change_not_permitted", "pdf.change_not_permitted", "annotation"],
    ["nothing"; 4],
    ["nothing"; 4],
    ["pdf.content_changed pdf.incremental_saving"; 4],
    ["nothing"; 4],
    ["validation data"; 4],
    ["pdf.change_not_permitted"; 4],
    ["signature", "pdf.change_not_permitted", "signature", "signature"],
    ["pdf.content_changed pdf.shadow_hide"; 4],
    ["pdf.content_changed pdf.incremental_saving"; 4],
    ["pdf.content_changed pdf.incremental_saving"; 4],
];

#[test]
fn each_update_is_held_against_the_permissions() {
    let Some(bench) = bench() else {
        return;
    };
    assert_eq!(UPDATES.len(), EXPECTED.len());
    for (level, certification) in P.iter().enumerate() {
        let mut signed = Pdf::new();
        signed.sign(&bench, &Signing::by("one").certifying(certification));
        for ((what, update), expected) in UPDATES.iter().zip(EXPECTED) {
            let mut pdf = signed.clone();
            update(&mut pdf, &bench);
            let verification = judged(&pdf.bytes, &bench.request());
            assert_eq!(changes(&verification), expected[level], "{what}, P {level}");
        }
    }
}

#[test]
fn locked_fields_do_not_change() {
    let Some(bench) = bench() else {
        return;
    };
    let lock = "/Lock << /Type /SigFieldLock /Action /Include /Fields [(locked)] >>";
    let transform = "/Reference [<< /TransformMethod /FieldMDP /TransformParams \
                     << /Type /TransformParams /Action /Exclude /Fields [(price)] >> >>]";
    for (more, field_more) in [("", lock), (transform, "")] {
        let mut pdf = Pdf::new();
        pdf.sign(&bench, &Signing { more, field_more, ..Signing::by("one") });
        let mut open = pdf.clone();
        fill(&mut open, PRICE, "price");
        assert_eq!(changes(&judged(&open.bytes, &bench.request())), "form filled in");
        fill(&mut pdf, LOCKED, "locked");
        let codes = codes(&judged(&pdf.bytes, &bench.request()));
        assert!(codes.contains(&"pdf.locked_field".to_owned()), "{codes:?}");
    }
}

#[test]
fn a_field_that_was_foreseen_may_be_signed_where_it_stands() {
    let Some(bench) = bench() else {
        return;
    };
    let field = |number: u32, rect: &str, value: &str| {
        let text = format!(
            "<< /Type /Annot /Subtype /Widget /FT /Sig /T (second) /F 4 /Rect {rect} /P {PAGE} 0 R {value} >>"
        );
        (number, text)
    };
    for (rect, expected) in
        [("[0 0 50 20]", "signature"), ("[0 0 99 99]", "pdf.content_changed pdf.sneaky_signature")]
    {
        let mut pdf = Pdf::new();
        let number = pdf.number();
        pdf.fields.push(number);
        pdf.annotations.push(number);
        let objects = [field(number, "[0 0 50 20]", ""), (PAGE, pdf.page("")), (5, pdf.form(""))];
        pdf.append(&objects, "");
        pdf.sign(&bench, &Signing::by("one").certifying(P[2]));
        let value = pdf.number();
        let room = "0".repeat(16_384);
        let signature = format!(
            "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached \
             /ByteRange [0 0000000000 0000000000 0000000000] /Contents <{room}> >>"
        );
        let signed = field(number, rect, &format!("/V {value} 0 R"));
        pdf.append(&[signed, (value, signature)], "");
        pdf.seal(&bench, &Signing::by("two"));
        let verification = judged(&pdf.bytes, &bench.request());
        assert_eq!(changes(&verification), expected);
        assert_eq!(verification.judgement().signatures.len(), 2);
    }
}

#[test]
fn a_signature_that_was_removed_is_told() {
    let Some(bench) = bench() else {
        return;
    };
    let mut pdf = Pdf::new();
    pdf.sign(&bench, &Signing::by("one"));
    pdf.fields.pop();
    pdf.annotations.pop();
    pdf.append(&[(PAGE, pdf.page("")), (5, pdf.form(""))], "");
    let verification = judged(&pdf.bytes, &bench.request());
    let codes = codes(&verification);
    assert!(codes.contains(&"pdf.signature_removed".to_owned()), "{codes:?}");
}

#[test]
fn a_late_certification_is_warned_of() {
    let Some(bench) = bench() else {
        return;
    };
    let mut pdf = Pdf::new();
    pdf.sign(&bench, &Signing::by("one"));
    pdf.sign(&bench, &Signing::by("two").certifying(P[2]));
    let verification = judged(&pdf.bytes, &bench.request());
    let late = &verification.judgement().signatures[1].report;
    let warned = |finding: &Finding| finding.code() == &all::PDF_CERTIFICATION_LATE;
    assert!(late.findings().iter().any(warned));
}
