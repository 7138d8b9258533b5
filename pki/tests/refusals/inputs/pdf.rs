//! PDF files.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// A file as it grows, one revision after the other.
struct File {
    bytes: Vec<u8>,
    startxref: usize,
}

impl File {
    fn new() -> Self {
        Self { bytes: b"%PDF-1.7\n".to_vec(), startxref: 0 }
    }

    /// Writes objects without any table; says where each stands.
    fn write<'t>(
        &mut self,
        objects: impl IntoIterator<Item = (u32, &'t str)>,
    ) -> Vec<(u32, usize)> {
        let mut places = Vec::new();
        for (number, object) in objects {
            places.push((number, self.bytes.len()));
            write!(self.bytes, "{number} 0 obj\n{object}\nendobj\n").expect("written");
        }
        places
    }

    fn stream(&mut self, number: u32, more: &str, content: &[u8]) -> (u32, usize) {
        let place = self.bytes.len();
        let length = content.len();
        let head = format!("{number} 0 obj\n<< {more} /Length {length} >>\nstream\n");
        self.bytes.extend_from_slice(head.as_bytes());
        self.bytes.extend_from_slice(content);
        self.bytes.extend_from_slice(b"\nendstream\nendobj\n");
        (number, place)
    }

    /// Ends a revision with a table of these places.
    fn table(&mut self, places: &[(u32, usize)]) {
        let position = self.bytes.len();
        let mut text = "xref\n".to_owned();
        for (number, offset) in places {
            writeln!(text, "{number} 1\n{offset:010} 00000 n ").expect("written");
        }
        let previous = match self.startxref {
            0 => String::new(),
            offset => format!("/Prev {offset}"),
        };
        let trailer = format!("trailer\n<< /Size 999999 /Root 1 0 R {previous} >>\n");
        write!(text, "{trailer}startxref\n{position}\n%%EOF\n").expect("written");
        self.bytes.extend_from_slice(text.as_bytes());
        self.startxref = position;
    }

    /// A revision of these objects.
    fn revision<'t>(&mut self, objects: impl IntoIterator<Item = (u32, &'t str)>) {
        let places = self.write(objects);
        self.table(&places);
    }

    /// Ends a file with a cross-reference stream of these rows, each of one, four and two
    /// octets, from object 1 on.
    fn table_stream(mut self, rows: &[u8], more: &str) -> Vec<u8> {
        let (position, count) = (self.bytes.len(), rows.len() / 7);
        let head = format!(
            "/Type /XRef /Size 999999 /Root 1 0 R /W [1 4 2] /Index [1 {count}] /Filter /FlateDecode \
             {more}"
        );
        self.stream(999_998, &head, &deflated(rows));
        write!(self.bytes, "startxref\n{position}\n%%EOF\n").expect("written");
        self.bytes
    }

    /// A revision with one signature more, which covers it; its field is `number`, its value
    /// the number behind.
    fn signature(&mut self, number: u32, form: &str, more: &str, field: &str) {
        const RANGE: &str = "[0 0000000000 0000000000 0000000000]";
        let widget = format!("<< /FT /Sig /T (f{number}) /V {} 0 R {field} >>", number + 1);
        let value = format!(
            "<< /Type /Sig /SubFilter /adbe.pkcs7.detached /ByteRange {RANGE} /Contents <30> {more} >>"
        );
        self.revision([(1, form), (number, &widget), (number + 1, &value)]);
        let last = |text: &[u8]| self.bytes.windows(text.len()).rposition(|part| part == text);
        let (range, gap) = (last(RANGE.as_bytes()), last(b"<30>"));
        let (range, gap) = (range.expect("a range"), gap.expect("a signature"));
        let rest = self.bytes.len() - gap - 4;
        let text = format!("[0 {gap:010} {:010} {rest:010}]", gap + 4);
        self.bytes[range..range + text.len()].copy_from_slice(text.as_bytes());
    }
}

fn deflated(octets: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(octets).expect("written");
    encoder.finish().expect("written")
}

fn row(kind: u8, second: usize, third: u16) -> [u8; 7] {
    let mut row = [kind; 7];
    row[1..5].copy_from_slice(&u32::try_from(second).expect("small").to_be_bytes());
    row[5..].copy_from_slice(&third.to_be_bytes());
    row
}

/// References to these objects.
fn references(numbers: impl IntoIterator<Item = u32>) -> String {
    numbers.into_iter().fold(String::new(), |mut text, number| {
        write!(text, "{number} 0 R ").expect("written");
        text
    })
}

fn catalogue(fields: &str) -> String {
    format!("<< /Type /Catalog /AcroForm << /Fields [{fields}] >> >>")
}

/// A file of one object beside its catalogue.
fn of_one(object: &str) -> Vec<u8> {
    let mut file = File::new();
    file.revision([(1, &*catalogue("2 0 R")), (2, object)]);
    file.bytes
}

pub(super) fn loops() -> Vec<u8> {
    of_one("<< /FT /Sig /T (x) /Kids [2 0 R] >>")
}

pub(super) fn deep() -> Vec<u8> {
    of_one(&["[".repeat(500_000), "]".repeat(500_000)].concat())
}

pub(super) fn long_array() -> Vec<u8> {
    of_one(&format!("[{}]", "0 ".repeat(300_000)))
}

pub(super) fn packed_table() -> Vec<u8> {
    File::new().table_stream(&row(1, 0, 0).repeat(600_000), "")
}

pub(super) fn packed_objects() -> Vec<u8> {
    let mut file = File::new();
    let objects = [&b"1 0  "[..], &vec![b' '; 9 << 20], b"<< >>"].concat();
    let more = "/Type /ObjStm /N 1 /First 5 /Filter /FlateDecode";
    let (_, place) = file.stream(2, more, &deflated(&objects));
    file.table_stream(&[row(2, 2, 0), row(1, place, 0)].concat(), "")
}

pub(super) fn entries_to_space() -> Vec<u8> {
    let mut file = File::new();
    let places = file.write([(1, "<< >>")]);
    let space = file.bytes.len();
    file.bytes.extend_from_slice(&vec![b' '; 1 << 20]);
    file.bytes.extend_from_slice(b"x\n");
    let rows = [row(1, places[0].1, 0).to_vec(), row(1, space, 0).repeat(400_000)].concat();
    file.table_stream(&rows, "")
}

/// Each object's head stands in the comment of those before: all go on to one long value, which
/// has a fault at its end.
pub(super) fn shared_tail() -> Vec<u8> {
    let mut file = File::new();
    let mut rows = Vec::new();
    for number in 1..20_000 {
        rows.extend_from_slice(&row(1, file.bytes.len(), 0));
        write!(file.bytes, "{number} 0 obj %").expect("written");
    }
    file.bytes.extend_from_slice(format!("\n[{} x\n", "0 ".repeat(150_000)).as_bytes());
    file.table_stream(&rows, "")
}

/// What stands between the objects is looked at to say what it is.
pub(super) fn gaps_before_a_comment() -> Vec<u8> {
    let mut file = File::new();
    let mut rows = Vec::new();
    for number in 1..30_000 {
        rows.extend_from_slice(&row(1, file.bytes.len(), 0));
        write!(file.bytes, "{number} 0 obj <<>> endobj 1%").expect("written");
    }
    file.bytes.extend_from_slice(&vec![b'%'; 4 << 20]);
    file.bytes.push(b'\n');
    file.table_stream(&rows, "")
}

/// Behind each section a comment begins that ends with the file's last line but two.
pub(super) fn sections_before_a_comment() -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut previous = String::new();
    let mut position = 0;
    for _ in 0..512 {
        position = bytes.len();
        write!(bytes, "xref 0 0 trailer << /Root 1 0 R {previous} >>%").expect("written");
        previous = format!("/Prev {position}");
    }
    bytes.extend_from_slice(&vec![b'%'; 8 << 20]);
    write!(bytes, "\nstartxref\n{position}\n%%EOF\n").expect("written");
    bytes
}

pub(super) fn changed_keys() -> Vec<u8> {
    let keys = |value: u8| {
        let keys = (0..90_000).fold(String::new(), |mut text, key| {
            write!(text, "/{key} {value} ").expect("written");
            text
        });
        format!("<< {keys} >>")
    };
    let mut file = File::new();
    file.revision([(4, &*keys(1))]);
    let form = "<< /Type /Catalog /Odd 4 0 R /AcroForm << /Fields [2 0 R] >> >>";
    file.signature(2, form, "", "");
    file.revision([(4, &*keys(2))]);
    file.bytes
}

pub(super) fn absent_fields() -> Vec<u8> {
    let mut file = File::new();
    file.revision([(1, &*catalogue(&references(10..40_010)))]);
    (0..500).for_each(|number| file.revision([(50_000 + number, "0")]));
    file.bytes
}

/// Sixty fields below one another, and the last has the first again and again.
pub(super) fn repeated_fields() -> Vec<u8> {
    let mut file = File::new();
    let mut objects: Vec<(u32, String)> =
        (2..60).map(|number| (number, format!("<< /Kids [{} 0 R] >>", number + 1))).collect();
    // Fields that were seen and are not above are passed over.
    objects.push((60, format!("<< /Kids [61 0 R {}] >>", "61 0 R ".repeat(90_000))));
    objects.push((61, "<< >>".to_owned()));
    let objects = objects.iter().map(|(number, object)| (*number, &**object));
    file.revision([(1, &*catalogue("2 0 R"))].into_iter().chain(objects));
    (0..500).for_each(|number| file.revision([(50_000 + number, "0")]));
    file.bytes
}

/// Fields below object 2, which has this in it.
fn kids_below(parent: &str, kid: &str) -> Vec<u8> {
    let mut file = File::new();
    let top = format!("<< {parent} /Kids [{}] >>", references(10..40_010));
    let kids = (10..40_010).map(|number| (number, kid));
    file.revision([(1, &*catalogue("2 0 R")), (2, &*top)].into_iter().chain(kids));
    file.bytes
}

pub(super) fn long_names() -> Vec<u8> {
    kids_below(&format!("/T ({})", "n".repeat(4_000)), "<< >>")
}

pub(super) fn long_kinds() -> Vec<u8> {
    kids_below(&format!("/FT /{}", "K".repeat(1 << 20)), "<< >>")
}

/// A form of these fields, and a signature in each.
fn signatures(count: u32, more: &str, field: &str, first: &[(u32, &str)]) -> Vec<u8> {
    let mut file = File::new();
    file.revision(first.iter().copied());
    for place in 0..count {
        let fields = references((0..=place).map(|one| 1_000 + 2 * one));
        file.signature(1_000 + 2 * place, &catalogue(&fields), more, field);
    }
    file.bytes
}

pub(super) fn large_signatures() -> Vec<u8> {
    let keys = (0..90_000).fold(String::new(), |mut text, key| {
        write!(text, "/{key} 0 ").expect("written");
        text
    });
    signatures(12, &format!("/More << {keys} >>"), "", &[(5, "0")])
}

pub(super) fn large_locks() -> Vec<u8> {
    let names = (0..90_000).fold(String::new(), |mut text, name| {
        write!(text, "({name})").expect("written");
        text
    });
    let lock = format!("<< /Action /Include /Fields [{names}] >>");
    signatures(40, "", "/Lock 5 0 R", &[(5, &lock)])
}

pub(super) fn many_streams() -> Vec<u8> {
    const COUNT: u32 = 40_000;
    let mut file = File::new();
    let places = file.write([(1, &*catalogue(&references(2..COUNT + 2)))]);
    let mut rows = row(1, places[0].1, 0).to_vec();
    let mut streams = Vec::new();
    for number in 2..COUNT + 2 {
        rows.extend_from_slice(&row(2, (number + COUNT) as usize, 0));
        let object = deflated(format!("{number} 0 <<>>").as_bytes());
        let first = number.to_string().len() + 3;
        let more = format!("/Type /ObjStm /N 1 /First {first} /Filter /FlateDecode");
        let (_, place) = file.stream(number + COUNT, &more, &object);
        streams.extend_from_slice(&row(1, place, 0));
    }
    rows.extend_from_slice(&streams);
    file.table_stream(&rows, "")
}

pub(super) fn packed_store() -> Vec<u8> {
    let mut file = File::new();
    let packed = deflated(&vec![0; 8 << 20]);
    let list = references(10..70);
    let store = format!("<< /Type /Catalog /DSS << /CRLs [{list}] /OCSPs [{list}] >> >>");
    let mut places = file.write([(1, &*store)]);
    places.extend((10..70).map(|number| file.stream(number, "/Filter /FlateDecode", &packed)));
    file.table(&places);
    file.bytes
}

pub(super) fn many_objects() -> Vec<u8> {
    let mut file = File::new();
    let objects = (100..100_100).map(|number| (number, "<< /A [1 2 3] /B (text) >>"));
    let all = format!("[{}]", references(100..60_100));
    file.revision([(4, &*all)].into_iter().chain(objects));
    let form = "<< /Type /Catalog /All 4 0 R /AcroForm << /Fields [2 0 R] >> >>";
    file.signature(2, form, "", "");
    file.revision([(200_000, "0")]);
    file.bytes
}

pub(super) fn many_signatures() -> Vec<u8> {
    let all = format!("<< /All [{}] >>", references(10_000..12_000));
    let objects: Vec<(u32, String)> =
        (10_000..12_000).map(|number| (number, "<< /A [1 2 3] >>".to_owned())).collect();
    let mut first = vec![(5, &*all)];
    first.extend(objects.iter().map(|(number, object)| (*number, &**object)));
    signatures(250, "/Odd 5 0 R", "", &first)
}

pub(super) fn predictors() -> Vec<u8> {
    let rows = [4].into_iter().chain([1; 4_096]).collect::<Vec<u8>>().repeat(2_000);
    let more = "/DecodeParms << /Predictor 15 /Columns 4096 >>";
    File::new().table_stream(&rows, more)
}

pub(super) fn long_signature() -> Vec<u8> {
    let mut file = File::new();
    let value = format!(
        "<< /Type /Sig /SubFilter /adbe.pkcs7.detached /Contents <{}> >>",
        "30".repeat(20 << 20)
    );
    let field = "<< /FT /Sig /T (x) /V 3 0 R >>";
    file.revision([(1, &*catalogue("2 0 R")), (2, field), (3, &value)]);
    file.bytes
}
