//! `inspect`: what operators read of each kind of file, in both languages.

use std::fs;
use std::path::{Path, PathBuf};

use tongxing_testdata::{
    Company, CrlSpec, OcspAnswer, OcspSpec, OcspStatus, Person, Profile, RevocationReason,
    RevokedEntry, TestAuthority, Validity, ocsp_refusal,
};

use crate::pdf::signed;
use crate::run::{Folder, tongxing};
use crate::signature::{NOW, world};

/// The outline of a file, if it has one.
fn outline(language: &str, file: &str) -> String {
    tongxing(["inspect", "--lang", language, file]).ended(0).stdout
}

/// Whether lines stand in an outline, in this order, whatever stands before them.
fn reads(text: &str, expected: &[&str]) {
    let mut lines = text.lines().map(|line| line.trim_start_matches([' ', '-']));
    for line in expected {
        assert!(lines.any(|one| one == *line), "{line} is missing, or elsewhere:\n{text}");
    }
}

/// The lines in English, and the same values behind other labels in Chinese.
fn reads_in_both(file: &str, english: &[&str], chinese: &[&str]) {
    reads(&outline("en", file), english);
    reads(&outline("zh", file), chinese);
}

fn authority(profile: Profile) -> (TestAuthority, Folder) {
    let spec = profile.authority(Validity::decade_around(NOW));
    (TestAuthority::generate(&spec).unwrap(), Folder::new())
}

#[test]
fn certificates_in_pem_and_der_and_of_sm2() {
    for (profile, key, signed) in
        [(Profile::C, "EC P-256", "ECDSA with SHA-384"), (Profile::D, "SM2", "SM2 with SM3")]
    {
        let (authority, folder) = authority(profile);
        let leaf =
            profile.leaf(&Company::numbered(0), &Person::numbered(0), Validity::year_from(NOW));
        let issued = authority.issue(&leaf.with_serial([0x12, 0x34, 0x56])).unwrap();
        let files = [
            folder.file("leaf.pem", issued.certificate_pem().unwrap()),
            folder.file("leaf.der", &issued.certificate_der),
        ];
        let (key, signature) =
            (format!("public key: {key}"), format!("signature algorithm: {signed}"));
        for file in &files {
            let text = outline("en", file);
            assert!(text.contains("subject: CN="), "{text}");
            let lines = ["kind: certificate", "version: 3", "serial: 123456", &key, &signature];
            reads(&text, &lines);
            reads(&text, &["extensions:", "name: keyUsage", "critical: true"]);
            reads(
                &outline("zh", file),
                &["类型: certificate", "版本: 3", "序列号: 123456", "扩展:"],
            );
        }
        assert_eq!(outline("en", &files[0]), outline("en", &files[1]));
    }
}

#[test]
fn every_certificate_of_a_file() {
    let (authority, folder) = authority(Profile::C);
    let both = [authority.root().pem().unwrap(), authority.issuing().pem().unwrap()].concat();
    let text = outline("en", &folder.file("both.pem", both));
    assert_eq!(text.matches("kind: certificate").count(), 2, "{text}");
}

#[test]
fn lists_with_their_entries() {
    let (authority, folder) = authority(Profile::C);
    let list = CrlSpec::empty(7, NOW, NOW + 86_400).revoking(RevokedEntry::new(
        vec![0xAB, 0xCD],
        NOW - 60,
        RevocationReason::KeyCompromise,
    ));
    let file = folder.file("list.crl", authority.crl(&list).unwrap());
    reads_in_both(
        &file,
        &[
            "kind: revocation_list",
            "number: 07",
            "this update: 2026-11-18T11:06:40Z",
            "next update: 2026-11-19T11:06:40Z",
            "entries: 1",
            "first entries:",
            "serial: ABCD",
            "revoked at: 2026-11-18T11:05:40Z",
            "reason: keyCompromise",
        ],
        &[
            "类型: revocation_list",
            "编号: 07",
            "本次更新: 2026-11-18T11:06:40Z",
            "前若干条目:",
            "原因: keyCompromise",
        ],
    );
}

#[test]
fn responses_and_refusals() {
    let (authority, folder) = authority(Profile::C);
    let answer = OcspAnswer::new(vec![0x12], OcspStatus::Good, NOW, NOW + 3_600);
    let response = authority.issuing().ocsp(&OcspSpec::of(answer)).unwrap();
    let file = folder.file("response", response);
    reads_in_both(
        &file,
        &[
            "kind: ocsp_response",
            "answers:",
            "serial: 12",
            "status: good",
            "this update: 2026-11-18T11:06:40Z",
        ],
        &["类型: ocsp_response", "答复:", "序列号: 12", "状态: good"],
    );
    let file = folder.file("refusal", ocsp_refusal(3).unwrap());
    reads_in_both(&file, &["kind: ocsp_response", "refused: tryLater"], &["拒绝: tryLater"]);
}

#[test]
fn messages_say_who_signed_and_when_they_say_so() {
    let Some(world) = world() else { return };
    let signer = "signed by: CN=signer";
    for (options, place) in [
        ("-outform DER", "place: elsewhere"),
        ("-outform PEM -nodetach", "place: inside"),
        ("-outform DER -nodetach -stream -indef", "place: inside"),
    ] {
        let message = world.sign(options);
        let text = outline("en", &message);
        reads(&text, &["kind: cms", "contents:", place, "signers:", signer]);
        reads(
            &text,
            &[signer, "digest algorithm: SHA-256", "signature algorithm: ECDSA with SHA-256"],
        );
        assert!(text.contains("claimed time: 20"), "{text}");
        reads(&text, &["certificates:", "subject: CN=signer"]);
        reads(
            &outline("zh", &message),
            &["类型: cms", "签名者:", "签名人: CN=signer", "杂凑算法: SHA-256"],
        );
    }
    let message = world.sign("-outform DER -nocerts");
    let text = outline("en", &message);
    assert!(!text.contains("signed by:") && text.contains("identifier: certificate "), "{text}");
    let json = tongxing(["inspect", "--json", &message]).ended(0).json();
    assert!(json[0]["signers"][0]["signed_by"].is_null());
}

#[test]
fn timestamp_tokens_and_answers() {
    let Some(world) = world() else { return };
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/signed_document");
    for name in ["token", "answer"] {
        let file = world.folder.file(name, fs::read(corpus.join(name)).unwrap());
        reads_in_both(
            &file,
            &[
                "kind: timestamp",
                "timestamps:",
                "time: 2026-11-28T16:26:49Z",
                "policy: 1.2.3.4",
                "serial: 01",
                "imprint algorithm: SHA-256",
                "signers:",
            ],
            &["类型: timestamp", "时间戳:", "时间: 2026-11-28T16:26:49Z", "印记算法: SHA-256"],
        );
    }
}

#[test]
fn pdf_files_with_who_signed_them() {
    let Some(world) = world() else { return };
    let file = world.folder.file("tender.pdf", signed(&world));
    reads_in_both(
        &file,
        &[
            "kind: pdf",
            "contents:",
            "place: ranges of the file",
            "signers:",
            "signed by: CN=signer",
            "code: pdf.revision",
            "seen: revision 1 of 1",
        ],
        &["类型: pdf", "内容:", "签名者:", "签名人: CN=signer", "代码: pdf.revision"],
    );
}

/// An SM2 message by a program that is not ours (see the vectors' README).
#[test]
fn messages_of_gmt_0010() {
    let vectors = std::env::var_os("TONGXING_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors"),
        PathBuf::from,
    );
    let file = vectors.join("sm2/gmsm_p7_attached.der");
    if !file.is_file() {
        let required = std::env::var_os("TONGXING_TEST_VECTORS").is_some();
        assert!(!required, "missing: {}", file.display());
        return println!("not run for want of {}", file.display());
    }
    let text = outline("en", file.to_str().unwrap());
    reads(&text, &["kind: cms", "place: inside", "signers:", "signature algorithm: SM2 with SM3"]);
    assert!(text.contains("digest algorithm: SM3") && text.contains("signed by: "), "{text}");
}

#[test]
fn receipts_with_their_evidence_and_without() {
    let folder = Folder::new();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/receipts/0.1.0.json");
    let bundle = fs::read_to_string(golden).unwrap();
    let mut signed: serde_json::Value = serde_json::from_str(&bundle).unwrap();
    let pieces = signed["evidence"].as_object().unwrap().len();
    signed["evidence"] = serde_json::json!({});
    let answer = serde_json::json!({ "verdict": "passed", "receipt": signed });
    let missing = format!("evidence missing: {pieces}");
    for (file, missing, chinese) in [
        (folder.file("bundle.json", &bundle), "evidence missing: 0", "未附证据数: 0".to_owned()),
        (
            folder.file("answer.json", answer.to_string()),
            &*missing,
            format!("未附证据数: {pieces}"),
        ),
    ] {
        reads_in_both(
            &file,
            &[
                "kind: receipt",
                "about: document",
                "verdict: passed",
                missing,
                "signers:",
                "verdict: passed",
            ],
            &["类型: receipt", "结论: passed", &chinese],
        );
    }
}

#[test]
fn what_is_none_of_them_is_refused_with_a_reason() {
    let (authority, folder) = authority(Profile::C);
    let root = authority.root().der();
    let known =
        "neither certificate, revocation list, OCSP response, CMS, timestamp, PDF nor receipt";
    for (name, octets, told) in [
        ("empty", &b""[..], "the file is empty".to_owned()),
        ("unknown", b"tender\n", format!("{known}: neither DER, nor PEM, nor base64")),
        ("truncated", &root[..root.len() / 2], format!("{known}: truncated")),
        (
            "other.json",
            b"{\"format\":\"tongxing-receipt-file.v9\"}",
            "a receipt of the format tongxing-receipt-file.v9, which this version does not read"
                .to_owned(),
        ),
    ] {
        let file = folder.file(name, octets);
        for language in ["en", "zh"] {
            let run = tongxing(["inspect", "--lang", language, &file]).ended(2);
            assert!(run.stdout.is_empty());
            assert_eq!(run.stderr.trim_end(), format!("error: {file}: {told}"));
        }
        let error = tongxing(["inspect", "--json", &file]).ended(2).stderr;
        let error: serde_json::Value = serde_json::from_str(&error).unwrap();
        assert_eq!(error["error"]["message"], format!("{file}: {told}"));
    }
    tongxing(["inspect", "/nonexistent/file"]).ended(2);
}

#[test]
fn a_fault_inside_is_named_where_it_is() {
    let (authority, folder) = authority(Profile::C);
    let mut der = authority.root().der().to_vec();
    // The version, 2, behind two headers of four octets and those of [0] and INTEGER.
    der[12] = 9;
    let run = tongxing(["inspect", &folder.file("version.der", der)]).ended(2);
    assert!(run.stderr.contains("tbsCertificate.version: unknown version 9"), "{run:#?}");
}

#[test]
fn the_help_names_every_kind() {
    let help = tongxing(["inspect", "--help"]).ended(0).stdout;
    for kind in ["certificate", "list", "OCSP response", "CMS", "timestamp", "PDF", "receipt"] {
        assert!(help.contains(kind), "{kind}: {help}");
    }
}
