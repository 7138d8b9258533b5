//! A small writer of PDF files: objects, tables, incremental updates, and signatures
//! that OpenSSL makes. It writes whatever it is told, attacks too.

use std::fmt::Write as _;
use std::ops::Range;

use super::super::bench::Bench;

/// Room for a signature, in octets.
const ROOM: usize = 8_192;

/// The numbers of what every file here begins with.
pub(in crate::signed) const CATALOGUE: u32 = 1;
pub(in crate::signed) const PAGE: u32 = 3;
pub(in crate::signed) const CONTENT: u32 = 4;
pub(in crate::signed) const FORM: u32 = 5;
pub(in crate::signed) const FONT: u32 = 6;
pub(in crate::signed) const PRICE: u32 = 7;
pub(in crate::signed) const PRICE_LOOK: u32 = 8;
pub(in crate::signed) const LOCKED: u32 = 9;
pub(in crate::signed) const NOTE: u32 = 10;
pub(in crate::signed) const OVERLAY: u32 = 11;

/// A file as it grows.
#[derive(Clone)]
pub(in crate::signed) struct Pdf {
    pub(in crate::signed) bytes: Vec<u8>,
    startxref: usize,
    /// The next free number.
    pub(in crate::signed) size: u32,
    pub(in crate::signed) fields: Vec<u32>,
    pub(in crate::signed) annotations: Vec<u32>,
}

/// How a signature is to be written.
#[derive(Clone, Copy)]
pub(in crate::signed) struct Signing<'s> {
    pub(in crate::signed) signer: &'s str,
    pub(in crate::signed) field: &'s str,
    pub(in crate::signed) subfilter: &'s str,
    pub(in crate::signed) rect: &'s str,
    /// Of the widget (ISO 32000-2 table 167).
    pub(in crate::signed) flags: u32,
    /// More keys of the signature dictionary, and of the field.
    pub(in crate::signed) more: &'s str,
    pub(in crate::signed) field_more: &'s str,
    /// The ByteRange and Contents, where they are not to be as they must be.
    pub(in crate::signed) options: &'s str,
}

impl<'s> Signing<'s> {
    pub(in crate::signed) fn by(signer: &'s str) -> Self {
        Self {
            signer,
            field: signer,
            subfilter: "ETSI.CAdES.detached",
            rect: "[0 0 0 0]",
            flags: 132,
            more: "",
            field_more: "",
            options: "-cades",
        }
    }

    /// Certifies with a level of permissions.
    pub(in crate::signed) fn certifying(self, level: &'s str) -> Self {
        Self { more: level, ..self }
    }
}

/// What makes a signature a certification of each level.
pub(in crate::signed) const P: [&str; 4] = [
    "",
    "/Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /Type /TransformParams /P 1 /V /1.2 >> >>]",
    "/Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /Type /TransformParams /P 2 /V /1.2 >> >>]",
    "/Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /Type /TransformParams /P 3 /V /1.2 >> >>]",
];

impl Pdf {
    /// A page with text, an image over it, two fields and a note.
    pub(in crate::signed) fn new() -> Self {
        let mut pdf = Self {
            bytes: b"%PDF-1.7\n%\xE9\x80\x9A\xE8\n".to_vec(),
            startxref: 0,
            size: 12,
            fields: vec![PRICE, LOCKED],
            annotations: vec![PRICE, LOCKED, NOTE],
        };
        let field = |name: &str, more: &str| {
            format!(
                "<< /Type /Annot /Subtype /Widget /FT /Tx /T ({name}) /V (1) /Rect [10 10 90 30] \
                 /P 3 0 R /DA (/F1 12 Tf) {more} >>"
            )
        };
        let objects = vec![
            (CATALOGUE, Pdf::catalogue("")),
            (2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned()),
            (PAGE, pdf.page("")),
            (CONTENT, stream("", "BT /F1 12 Tf (price: 1,000,000) Tj ET /Im1 Do")),
            (FORM, pdf.form("")),
            (FONT, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned()),
            (PRICE, field("price", "/AP << /N 8 0 R >>")),
            (PRICE_LOOK, stream("/Type /XObject /Subtype /Form /BBox [0 0 80 20]", "(1) Tj")),
            (LOCKED, field("locked", "")),
            (
                NOTE,
                "<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (a note) >>".to_owned(),
            ),
            (
                OVERLAY,
                stream(
                    "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8",
                    "x",
                ),
            ),
        ];
        pdf.append(&objects, "");
        pdf
    }

    pub(in crate::signed) fn catalogue(more: &str) -> String {
        format!("<< /Type /Catalog /Pages 2 0 R /AcroForm {FORM} 0 R {more} >>")
    }

    pub(in crate::signed) fn page(&self, more: &str) -> String {
        let annotations = references(&self.annotations);
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents {CONTENT} 0 R /Resources \
             << /Font << /F1 {FONT} 0 R >> /XObject << /Im1 {OVERLAY} 0 R >> >> /Annots [{annotations}] {more} >>"
        )
    }

    pub(in crate::signed) fn form(&self, more: &str) -> String {
        let fields = references(&self.fields);
        format!("<< /Fields [{fields}] /SigFlags 3 /DR << /Font << /F1 {FONT} 0 R >> >> {more} >>")
    }

    /// A number for a new object.
    pub(in crate::signed) fn number(&mut self) -> u32 {
        self.size += 1;
        self.size - 1
    }

    /// Appends an update with these objects and a table.
    pub(in crate::signed) fn append(&mut self, objects: &[(u32, String)], trailer: &str) {
        let places = self.write(objects);
        self.table(&places, trailer);
    }

    /// Writes objects without any table; says where they are.
    pub(in crate::signed) fn write(&mut self, objects: &[(u32, String)]) -> Vec<(u32, usize)> {
        let mut places = Vec::new();
        for (number, object) in objects {
            places.push((*number, self.bytes.len()));
            self.bytes.extend_from_slice(format!("{number} 0 obj\n{object}\nendobj\n").as_bytes());
        }
        places
    }

    /// Writes a table of these places, 0 for a free number, and the tail.
    pub(in crate::signed) fn table(&mut self, places: &[(u32, usize)], trailer: &str) {
        let position = self.bytes.len();
        let mut text = "xref\n0 1\n0000000000 65535 f \n".to_owned();
        for (number, offset) in places {
            let kind = if *offset == 0 { 'f' } else { 'n' };
            writeln!(text, "{number} 1\n{offset:010} 00000 {kind} ").expect("written");
        }
        let previous = match self.startxref {
            0 => String::new(),
            offset => format!("/Prev {offset}"),
        };
        let root = if trailer.contains("/Root") { "" } else { "/Root 1 0 R" };
        let size = self.size;
        writeln!(text, "trailer\n<< /Size {size} {root} {previous} {trailer} >>").expect("written");
        write!(text, "startxref\n{position}\n%%EOF\n").expect("written");
        self.bytes.extend_from_slice(text.as_bytes());
        self.startxref = position;
    }

    /// The first place of some text behind an offset.
    pub(in crate::signed) fn find(&self, text: &str, from: usize) -> usize {
        let found = self.bytes[from..].windows(text.len()).position(|part| part == text.as_bytes());
        from + found.unwrap_or_else(|| panic!("{text} is there"))
    }

    /// Replaces some text by another of the same length, its last occurrence.
    pub(in crate::signed) fn patch(&mut self, text: &str, by: &str) {
        assert_eq!(text.len(), by.len());
        let last = self.bytes.windows(text.len()).rposition(|part| part == text.as_bytes());
        let place = last.unwrap_or_else(|| panic!("{text} is there"));
        self.bytes[place..place + by.len()].copy_from_slice(by.as_bytes());
    }

    /// Appends an update with a signature field, and signs everything.
    pub(in crate::signed) fn sign(&mut self, bench: &Bench, signing: &Signing<'_>) {
        self.sign_keeping(bench, signing, "");
    }

    /// The same, with more keys of the form.
    pub(in crate::signed) fn sign_keeping(
        &mut self,
        bench: &Bench,
        signing: &Signing<'_>,
        form: &str,
    ) {
        self.place_in_form(signing, form);
        self.seal(bench, signing);
    }

    /// The update of a signature, all but the signature.
    pub(in crate::signed) fn place_signature(&mut self, signing: &Signing<'_>) {
        self.place_in_form(signing, "");
    }

    fn place_in_form(&mut self, signing: &Signing<'_>, form: &str) {
        let (field, value) = (self.number(), self.number());
        self.fields.push(field);
        self.annotations.push(field);
        let Signing { field: name, subfilter, rect, flags, more, field_more, .. } = signing;
        let room = "0".repeat(2 * ROOM);
        let objects = [
            (PAGE, self.page("")),
            (FORM, self.form(form)),
            (
                field,
                format!(
                    "<< /Type /Annot /Subtype /Widget /FT /Sig /T ({name}) /F {flags} /Rect {rect} \
                     /P {PAGE} 0 R /V {value} 0 R {field_more} >>"
                ),
            ),
            (
                value,
                format!(
                    "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /{subfilter} \
                     /M (D:20261128120000+08'00') /Reason (a tender) {more} \
                     /ByteRange [0 0000000000 0000000000 0000000000] /Contents <{room}> >>"
                ),
            ),
        ];
        self.append(&objects, "");
    }

    /// The octets between the two ranges of the last signature.
    pub(in crate::signed) fn gap(&self) -> Range<usize> {
        let marker = b"/Contents <";
        let start = self.bytes.windows(marker.len()).rposition(|part| part == marker);
        let start = start.expect("a signature") + marker.len() - 1;
        start..start + 2 * ROOM + 2
    }

    /// Writes the ByteRange, and the signature over it.
    pub(in crate::signed) fn seal(&mut self, bench: &Bench, signing: &Signing<'_>) {
        let gap = self.gap();
        let rest = self.bytes.len() - gap.end;
        let range = format!("[0 {:010} {:010} {rest:010}]", gap.start, gap.end);
        self.patch("[0 0000000000 0000000000 0000000000]", &range);
        self.sign_ranges(bench, signing, gap);
    }

    /// Signs everything but the gap, and puts the signature there.
    pub(in crate::signed) fn sign_ranges(
        &mut self,
        bench: &Bench,
        signing: &Signing<'_>,
        gap: Range<usize>,
    ) {
        let content = [&self.bytes[..gap.start], &self.bytes[gap.end..]].concat();
        let message = if signing.subfilter == "ETSI.RFC3161" {
            bench.timestamp(&content, "")
        } else {
            bench.write("content", content);
            bench.sign(signing.signer, signing.options)
        };
        let digits = hexadecimal(&message);
        let place = gap.start + 1;
        self.bytes[place..place + digits.len()].copy_from_slice(digits.as_bytes());
    }
}

pub(in crate::signed) fn stream(more: &str, content: &str) -> String {
    format!("<< {more} /Length {} >>\nstream\n{content}\nendstream", content.len())
}

fn references(numbers: &[u32]) -> String {
    numbers.iter().fold(String::new(), |mut text, number| {
        write!(text, "{number} 0 R ").expect("written");
        text
    })
}

pub(in crate::signed) fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        write!(text, "{octet:02x}").expect("written");
        text
    })
}
