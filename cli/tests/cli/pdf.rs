//! `verify signature` over a PDF file that OpenSSL signed.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::run::tongxing;
use crate::signature::{AT, World, world};

/// Room for the signature, in octets.
const ROOM: usize = 4_096;

/// A file without a page, which one field signs.
pub(crate) fn signed(world: &World) -> Vec<u8> {
    let room = "0".repeat(2 * ROOM);
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [3 0 R] /SigFlags 3 >> >>".to_owned(),
        "<< /Type /Pages /Kids [] /Count 0 >>".to_owned(),
        "<< /FT /Sig /T (seal) /V 4 0 R /Subtype /Widget /Rect [0 0 0 0] >>".to_owned(),
        format!(
            "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached \
             /ByteRange [0 0000000000 0000000000 0000000000] /Contents <{room}> >>"
        ),
    ];
    let mut text = "%PDF-1.7\n".to_owned();
    let mut table = "xref\n0 5\n0000000000 65535 f \n".to_owned();
    for (place, object) in objects.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", text.len()).unwrap();
        write!(text, "{} 0 obj\n{object}\nendobj\n", place + 1).unwrap();
    }
    let position = text.len();
    write!(text, "{table}trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n{position}\n%%EOF\n")
        .unwrap();
    let gap = text.find("/Contents <").unwrap() + "/Contents ".len();
    let next = gap + room.len() + 2;
    let range = format!("[0 {gap:010} {next:010} {:010}]", text.len() - next);
    let text = text.replace("[0 0000000000 0000000000 0000000000]", &range);
    world.folder.file("ranges", [&text[..gap], &text[next..]].concat());
    world.openssl(
        "cms -sign -binary -cades -in ranges -signer signer.pem -inkey signer.key -outform DER -out seal",
    );
    let seal = std::fs::read(world.folder.path("seal")).unwrap();
    let digits = seal.iter().fold(String::new(), |mut text, octet| {
        write!(text, "{octet:02x}").unwrap();
        text
    });
    [&text[..=gap], &digits, &text[gap + 1 + digits.len()..]].concat().into_bytes()
}

#[test]
fn a_pdf_file_is_its_own_content() {
    let Some(world) = world() else { return };
    let bytes = signed(&world);
    let verify = |file: &str, code: i32| -> Json {
        tongxing(["verify", "signature", "--anchor", &world.root, "--at", AT, file, "--json"])
            .ended(code)
            .json()
    };
    let file = world.folder.file("tender.pdf", &bytes);
    let judged = verify(&file, 0);
    // What is beside it says nothing of what was signed.
    let other = world.folder.file("other", b"another");
    let beside = ["--anchor", &world.root, "--at", AT, "--content", &other, &file];
    let refused = tongxing(["verify", "signature"].into_iter().chain(beside)).ended(2);
    assert!(refused.stderr.contains("signed whole"), "{refused:?}");
    assert_eq!((&judged["format"], &judged["verdict"]), (&"pdf".into(), &"passed".into()));
    assert_eq!(judged["signatures"][0]["indication"], "TOTAL-PASSED");
    let appended = [&bytes[..], b"2 0 obj\n<< /Type /Pages /Kids [9 0 R] >>\nendobj\n"].concat();
    let file = world.folder.file("appended.pdf", appended);
    let findings = verify(&file, 1)["signatures"][0]["findings"].clone();
    let findings = findings.as_array().unwrap().iter();
    let mut failed = findings.filter(|finding| finding["level"] == "failed");
    assert_eq!(failed.next().unwrap()["code"], "pdf.incremental_saving");
}
