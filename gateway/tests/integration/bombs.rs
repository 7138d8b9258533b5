//! Documents made to exhaust their reader, over HTTP: each ends in a refusal that names what
//! it met, and together they take no more memory than one large document may. That none
//! takes long follows from the budgets, which count work and not time
//! (`DocumentBudget`, `pki/src/pdf/budget.rs`).

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::Value;

use crate::signatures::{Office, peak};

/// ContentInfo with id-signedData, of indefinite length, and then whatever.
fn signed_data(inner: &[u8]) -> Vec<u8> {
    const SIGNED_DATA: [u8; 11] = [6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2];
    [&[0x30, 0x80][..], &SIGNED_DATA, &[0xA0, 0x80], inner].concat()
}

/// A file of these objects, numbered from 1, the first of which is its catalog.
fn pdf(objects: &[&str]) -> Vec<u8> {
    let (mut file, mut table) = ("%PDF-1.7\n".to_owned(), String::new());
    for (index, object) in objects.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", file.len()).unwrap();
        write!(file, "{} 0 obj\n{object}\nendobj\n", index + 1).unwrap();
    }
    let (position, size) = (file.len(), objects.len() + 1);
    write!(
        file,
        "xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n\
         startxref\n{position}\n%%EOF\n"
    )
    .unwrap();
    file.into_bytes()
}

fn deflated(octets: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(octets).unwrap();
    encoder.finish().unwrap()
}

/// A file whose cross-reference stream is small and unpacks to so many entries.
fn packed_table(entries: usize) -> Vec<u8> {
    let packed = deflated(&[1_u8, 0, 0, 0, 0, 0, 0].repeat(entries));
    let mut file = b"%PDF-1.7\n".to_vec();
    let position = file.len();
    let head = format!(
        "9 0 obj\n<< /Type /XRef /Size 99 /Root 1 0 R /W [1 4 2] /Index [1 {entries}] /Filter \
         /FlateDecode /Length {} >>\nstream\n",
        packed.len()
    );
    file.extend_from_slice(head.as_bytes());
    file.extend_from_slice(&packed);
    let end = format!("\nendstream\nendobj\nstartxref\n{position}\n%%EOF\n");
    file.extend_from_slice(end.as_bytes());
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_to_exhaust_us_is_refused_by_name() {
    let office = Office::new().await;
    let catalog = "<< /Type /Catalog /AcroForm << /Fields [2 0 R] >> >>";
    let nested = ["[".repeat(100_000), "]".repeat(100_000)].concat();
    let wide = format!("[{}]", "0 ".repeat(300_000));
    let bombs = [
        ("deep ASN.1", signed_data(&[0x30, 0x80].repeat(1_000_000)), "document.limit"),
        ("many elements", signed_data(&[5, 0].repeat(2_000_000)), "document.limit"),
        (
            "a huge length",
            signed_data(&[0x30, 0x88, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
            "document.malformed",
        ),
        (
            "fields that loop",
            pdf(&[catalog, "<< /FT /Sig /T (x) /Kids [2 0 R] >>"]),
            "document.malformed",
        ),
        ("deep arrays", pdf(&[&nested]), "document.limit"),
        ("a long array", pdf(&[&wide]), "document.limit"),
        ("a packed table", packed_table(600_000), "document.limit"),
    ];
    assert!(bombs[6].1.len() < 20_000, "small, and large when unpacked");
    // What setting up took is not counted: the peak begins anew (proc(5)).
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let began = peak();
    for (name, bomb, code) in &bombs {
        let answer = office.parts(&[("signature", bomb)]).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text);
        let report = answer.json();
        assert_eq!(report["verdict"], "failed", "{name}");
        let findings = report["findings"].as_array().unwrap();
        let failed: Vec<&Value> = findings.iter().filter(|one| one["level"] == "failed").collect();
        assert_eq!(failed.len(), 1, "{name}: {report:#}");
        assert_eq!(failed[0]["code"], *code, "{name}: {report:#}");
        assert!(failed[0]["seen"].is_string(), "{name}: it says what it met");
    }
    // Where this process runs nothing else.
    if std::env::var_os("NEXTEST").is_some() {
        let grown = peak() - began;
        assert!(grown <= 64 << 10, "{grown} KiB");
    }
}
