//! `verify signature`, over what OpenSSL makes.

use std::process::Command;

use serde_json::Value as Json;
use tongxing_testdata::{
    Attribute, AuthoritySpec, Issued, KeyAlgorithm, LeafSpec, LevelSpec, TestAuthority, Validity,
    oid,
};

use crate::interop::stage::{OPENSSL, have};
use crate::run::{Folder, Run, tongxing};

/// 2026-11-18T11:06:40Z. OpenSSL states its own time as the signing time, which is a claim
/// and nothing else.
pub(crate) const NOW: i64 = 1_795_000_000;
pub(crate) const AT: &str = "2026-11-18T11:06:40Z";
const CONTENT: &[u8] = b"tender\n";

pub(crate) struct World {
    pub(crate) folder: Folder,
    pub(crate) root: String,
    content: String,
    pub(crate) signer: Issued,
}

/// `None` where there is no openssl.
pub(crate) fn world() -> Option<World> {
    let validity = Validity::decade_around(NOW);
    let level = LevelSpec::new("通行测试", "root", KeyAlgorithm::EcdsaP256, validity);
    let authority = TestAuthority::generate(&AuthoritySpec::one_level("ca", level)).unwrap();
    let subject = vec![Attribute::utf8(oid::COMMON_NAME, "signer")];
    let spec = LeafSpec::signing(subject, Validity::year_from(NOW));
    let spec = LeafSpec { extended_key_usages: Vec::new(), ..spec };
    let signer = authority.issue(&spec).unwrap();
    World::of(&authority, signer)
}

impl World {
    /// `None` where there is no openssl.
    pub(crate) fn of(authority: &TestAuthority, signer: Issued) -> Option<Self> {
        have(&[OPENSSL])?;
        let folder = Folder::new();
        folder.file("signer.pem", signer.certificate_pem().unwrap());
        folder.file("signer.key", signer.key_pem().unwrap());
        let root = folder.file("root.pem", authority.root().pem().unwrap());
        let content = folder.file("content", CONTENT);
        Some(Self { folder, root, content, signer })
    }

    pub(crate) fn openssl(&self, arguments: &str) {
        let mut command = Command::new("openssl");
        command.current_dir(self.folder.path(".")).args(arguments.split(' '));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The path of a message over the content.
    pub(crate) fn sign(&self, options: &str) -> String {
        let fixed =
            "cms -sign -binary -in content -signer signer.pem -inkey signer.key -out message";
        self.openssl(&format!("{fixed} {options}"));
        self.folder.path("message").to_str().unwrap().to_owned()
    }

    pub(crate) fn verify(&self, arguments: &[&str]) -> Run {
        let fixed = ["verify", "signature", "--json", "--anchor", &self.root, "--at", AT];
        tongxing(fixed.iter().chain(arguments))
    }
}

fn signature(document: &Json) -> (&str, &str) {
    let signature = &document["signatures"][0];
    (signature["verdict"].as_str().unwrap(), signature["indication"].as_str().unwrap())
}

#[test]
fn a_message_is_verified_in_der_pem_and_ber() {
    let Some(world) = world() else { return };
    for options in ["-outform DER", "-outform PEM", "-outform DER -nodetach -stream -indef"] {
        let message = world.sign(options);
        let document = world.verify(&["--content", &world.content, &message]).ended(0).json();
        assert_eq!(document["format"], "cms");
        assert_eq!(signature(&document), ("passed", "TOTAL-PASSED"));
        assert_eq!(document["signatures"][0]["time"]["basis"], "asked");
        assert_eq!(document["signatures"][0]["path"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn another_content_fails_and_none_is_indeterminate() {
    let Some(world) = world() else { return };
    let message = world.sign("-outform DER");
    let other = world.folder.file("other", b"another");
    let document = world.verify(&["--content", &other, &message]).ended(1).json();
    assert_eq!(signature(&document), ("failed", "TOTAL-FAILED"));
    assert_eq!(document["signatures"][0]["sub_indication"], "HASH_FAILURE");
    let document = world.verify(&[&message]).ended(1).json();
    assert_eq!(signature(&document), ("indeterminate", "INDETERMINATE"));
}

#[test]
fn a_long_content_flows_by() {
    let Some(world) = world() else { return };
    let long = world.folder.file("content", vec![0x5A; (8 << 20) + 1]);
    let message = world.sign("-outform DER");
    let document = world.verify(&["--content", &long, &message]).ended(0).json();
    assert_eq!(signature(&document), ("passed", "TOTAL-PASSED"));
}

#[test]
fn a_raw_signature_stands_beside_its_certificate() {
    let Some(world) = world() else { return };
    world.openssl("dgst -sha256 -sign signer.key -out raw content");
    let raw = world.folder.path("raw").to_str().unwrap().to_owned();
    let certificate = world.folder.file("leaf.der", &world.signer.certificate_der);
    let with = ["--certificate", &certificate, "--content", &world.content, &raw];
    let document = world.verify(&with).ended(0).json();
    assert_eq!(document["format"], "raw");
    let with = [&with[..4], &["--scheme", "ecdsa-p256-sha384", &raw]].concat();
    world.verify(&with).ended(1);
}

#[test]
fn what_is_no_document_fails_with_a_reason() {
    let Some(world) = world() else { return };
    let document = world.verify(&[&world.content]).ended(1).json();
    assert_eq!(document["findings"][0]["code"], "document.format_unknown");
    world.verify(&["nowhere"]).ended(2);
}

#[test]
fn people_read_a_tree_in_their_language() {
    let Some(world) = world() else { return };
    let message = world.sign("-outform DER");
    let run = tongxing(["verify", "signature", "--anchor", &world.root, "--lang", "zh", &message]);
    let text = run.ended(1).stdout;
    assert!(text.contains("签名 1") && text.contains("没有收到被签名的文件。"), "{text}");
}
