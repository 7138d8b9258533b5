//! PDF files: small, in order, and each with what a mutation would not find.

use std::fmt::Write as _;
use std::io::{Read as _, repeat};

use flate2::Compression;
use flate2::read::ZlibEncoder;

/// The seeds by name.
pub(crate) fn files() -> Vec<(&'static str, Vec<u8>)> {
    let mut updated = signed();
    updated
        .update(&[(1, CATALOGUE_WITH_STORE), (6, "<< /Length 3 >>\nstream\nabc\nendstream")], "");
    let mut changed = signed();
    changed.update(&[(4, "<< /Length 1 >>\nstream\ny\nendstream")], "");
    let mut freed = signed();
    freed.update(&[(5, "null")], "");
    vec![
        ("plain.pdf", plain().bytes),
        ("signed.pdf", signed().bytes),
        ("validation-data.pdf", updated.bytes),
        ("content-changed.pdf", changed.bytes),
        ("field-gone.pdf", freed.bytes),
        ("revisions.pdf", revisions()),
        ("loop-pages.pdf", with(2, "<< /Type /Pages /Kids [2 0 R 3 0 R] /Parent 2 0 R >>")),
        ("loop-field.pdf", with(5, "<< /T (a) /Parent 5 0 R /Kids [5 0 R] /V 5 0 R >>")),
        ("loop-object.pdf", with(4, "4 0 R")),
        ("loop-length.pdf", with(4, "<< /Length 4 0 R >>\nstream\nx\nendstream")),
        ("loop-container.pdf", streams(|bytes| bytes.replace("/N 1", "/N 1 /Extends 3 0 R"))),
        ("loop-table.pdf", loop_of_tables()),
        ("bomb.pdf", bomb()),
        ("deep.pdf", with(4, &"[".repeat(super::DEEP))),
        ("streams.pdf", streams(ToOwned::to_owned)),
        ("empty.pdf", b"%PDF-1.7\nstartxref\n0\n%%EOF".to_vec()),
    ]
}

const CATALOGUE: &str = "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] >> >>";
const CATALOGUE_WITH_STORE: &str = "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] >> \
     /DSS << /Certs [6 0 R] >> >>";

struct File {
    bytes: Vec<u8>,
    table: usize,
}

fn plain() -> File {
    let mut file = File { bytes: b"%PDF-1.7\n".to_vec(), table: 0 };
    let field = "<< /FT /Tx /T (a) /V (1) /Subtype /Widget /Rect [0 0 9 9] >>";
    file.update(
        &[
            (1, CATALOGUE),
            (2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
            (3, "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Annots [5 0 R] >>"),
            (4, "<< /Length 1 >>\nstream\nx\nendstream"),
            (5, field),
        ],
        "",
    );
    file
}

/// A field with a signature dictionary whose ByteRange is in order, and whose message
/// is none.
fn signed() -> File {
    let mut file = plain();
    file.update(
        &[
            (5, "<< /FT /Sig /T (a) /V 7 0 R /Subtype /Widget /Rect [0 0 0 0] >>"),
            (
                7,
                "<< /Type /Sig /SubFilter /ETSI.CAdES.detached /Reference [<< /TransformMethod \
                 /DocMDP /TransformParams << /P 2 >> >>] /ByteRange [0 0000 0000 0000] \
                 /Contents <30030101FF> >>",
            ),
        ],
        "",
    );
    let find = |bytes: &[u8], text: &[u8]| bytes.windows(text.len()).position(|part| part == text);
    let contents = find(&file.bytes, b"<30030101FF>").unwrap_or_default();
    let range = find(&file.bytes, b"[0 0000 0000 0000]").unwrap_or_default();
    let (end, rest) = (contents + 12, file.bytes.len() - contents - 12);
    let text = format!("[0 {contents:04} {end:04} {rest:04}]");
    file.bytes[range..range + text.len()].copy_from_slice(text.as_bytes());
    file
}

impl File {
    fn update(&mut self, objects: &[(u32, &str)], trailer: &str) {
        let mut table = "xref\n0 1\n0000000000 65535 f \n".to_owned();
        for (number, object) in objects {
            let offset = self.bytes.len();
            // Writing to a string does not fail.
            let _ = write!(table, "{number} 1\n{offset:010} 00000 n \n");
            self.bytes.extend_from_slice(format!("{number} 0 obj\n{object}\nendobj\n").as_bytes());
        }
        let position = self.bytes.len();
        let previous = match self.table {
            0 => String::new(),
            table => format!("/Prev {table}"),
        };
        let _ = write!(
            table,
            "trailer\n<< /Size 8 /Root 1 0 R {previous} {trailer} >>\nstartxref\n{position}\n%%EOF\n"
        );
        self.bytes.extend_from_slice(table.as_bytes());
        self.table = position;
    }
}

/// A file with another object in the place of one.
fn with(number: u32, object: &str) -> Vec<u8> {
    let mut file = plain();
    file.update(&[(number, object)], "");
    file.bytes
}

/// Signed, and then changed again and again: a validation store, a comment, a page.
fn revisions() -> Vec<u8> {
    let mut file = signed();
    file.update(&[(1, CATALOGUE_WITH_STORE), (6, "<< /Length 3 >>\nstream\nabc\nendstream")], "");
    let note = "<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (a) >>";
    let page = "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Annots [5 0 R 8 0 R] >>";
    file.update(&[(3, page), (8, note)], "");
    file.update(&[(2, "<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>")], "");
    file.bytes
}

/// The table of the first revision names itself as the one before.
fn loop_of_tables() -> Vec<u8> {
    let mut file = File { bytes: b"%PDF-1.7\n".to_vec(), table: 9 };
    let catalogue = "<< /Type /Catalog >>";
    file.update(&[(1, catalogue)], "");
    let own = file.table;
    let mut file = File { bytes: b"%PDF-1.7\n".to_vec(), table: own };
    file.update(&[(1, catalogue)], "");
    file.bytes
}

/// What all octets of 64 MiB are that are packed twice.
fn bomb() -> Vec<u8> {
    let zeros = repeat(0).take(64 << 20);
    let twice = ZlibEncoder::new(ZlibEncoder::new(zeros, Compression::best()), Compression::best());
    let (mut packed, mut twice) = (Vec::new(), twice);
    // Memory does not fail to be read.
    let _ = twice.read_to_end(&mut packed);
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let position = bytes.len();
    let head = format!(
        "4 0 obj\n<< /Type /XRef /Size 9 /Root 1 0 R /W [1 1 1] /Filter [/FlateDecode \
         /FlateDecode] /Length {} >>\nstream\n",
        packed.len()
    );
    bytes.extend_from_slice(head.as_bytes());
    bytes.extend_from_slice(&packed);
    bytes.extend_from_slice(
        format!("\nendstream\nendobj\nstartxref\n{position}\n%%EOF\n").as_bytes(),
    );
    bytes
}

/// A cross-reference stream and an object stream, whose head may be changed.
fn streams(change: fn(&str) -> String) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let container = bytes.len();
    let objects = "1 0 << /Type /Catalog >>";
    let head =
        format!("3 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Length {} >>\nstream\n", objects.len());
    bytes.extend_from_slice(change(&head).as_bytes());
    bytes.extend_from_slice(objects.as_bytes());
    bytes.extend_from_slice(b"\nendstream\nendobj\n");
    let position = bytes.len();
    // Both offsets are below 256.
    let offset = |place: usize| u8::try_from(place).unwrap_or_default();
    let rows = [[2, 3, 0], [1, offset(container), 0], [1, offset(position), 0]].concat();
    let head = format!(
        "4 0 obj\n<< /Type /XRef /Size 5 /Root 1 0 R /W [1 1 1] /Index [1 1 3 2] /Length {} >>\nstream\n",
        rows.len()
    );
    bytes.extend_from_slice(head.as_bytes());
    bytes.extend_from_slice(&rows);
    bytes.extend_from_slice(
        format!("\nendstream\nendobj\nstartxref\n{position}\n%%EOF\n").as_bytes(),
    );
    bytes
}
