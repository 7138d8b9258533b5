//! `verify signature` with what is known of the signer's certificate beside the message:
//! intermediates, lists, responses.

use serde_json::Value as Json;
use tongxing_testdata::{
    Company, CrlSpec, Issued, LeafSpec, OcspAnswer, OcspSpec, OcspStatus, Person, Profile,
    RevocationReason, RevokedEntry, TestAuthority, Validity,
};

use crate::run::{Folder, argument, tongxing};
use crate::signature::{AT, NOW, World};

const HOUR: i64 = 3_600;

/// A message over the content by a signer two levels below the root.
struct Two {
    world: World,
    authority: TestAuthority,
    issuing: String,
    message: String,
}

fn two() -> Option<Two> {
    let spec = Profile::C.authority(Validity::decade_around(NOW));
    let authority = TestAuthority::generate(&spec).unwrap();
    let leaf =
        Profile::C.leaf(&Company::numbered(0), &Person::numbered(0), Validity::year_from(NOW));
    let leaf = LeafSpec { extended_key_usages: Vec::new(), ..leaf };
    let signer = authority.issue(&leaf).unwrap();
    let world = World::of(&authority, signer)?;
    let issuing = world.folder.file("issuing.der", authority.issuing().der());
    let message = world.sign("-outform DER -nodetach");
    Some(Two { world, authority, issuing, message })
}

impl Two {
    fn folder(&self) -> &Folder {
        &self.world.folder
    }

    fn signer(&self) -> &Issued {
        &self.world.signer
    }

    fn verify(&self, further: &[&str], code: i32) -> Json {
        let mut arguments = vec!["--intermediate", self.issuing.as_str()];
        arguments.extend(further);
        arguments.push(&self.message);
        self.world.verify(&arguments).ended(code).json()
    }

    /// The options for a list of the issuing level, made at `made`, and the root's.
    fn lists(&self, made: i64, revoked_at: Option<i64>) -> [String; 4] {
        let list = CrlSpec::empty(7, made, made + 24 * HOUR);
        let root = self.authority.root_crl(&list).unwrap();
        let list = revoked_at.into_iter().fold(list, |list, at| {
            let reason = RevocationReason::CessationOfOperation;
            list.revoking(RevokedEntry::new(self.signer().serial.clone(), at, reason))
        });
        let leaves = self.authority.crl(&list).unwrap();
        let [leaves, root] = [("leaves.crl", leaves), ("root.crl", root)]
            .map(|(name, list)| self.folder().file(name, list));
        ["--crl".to_owned(), leaves, "--crl".to_owned(), root]
    }

    fn by_lists(&self, made: i64, revoked_at: Option<i64>, code: i32) -> Json {
        let lists = self.lists(made, revoked_at);
        self.verify(&lists.each_ref().map(String::as_str), code)
    }
}

/// Verdict, indication and sub-indication of the one signature.
fn told(document: &Json) -> (&str, &str, &str) {
    assert_eq!(document["signatures"].as_array().unwrap().len(), 1);
    let signature = &document["signatures"][0];
    let text = |name: &str| signature[name].as_str().unwrap_or_default();
    (text("verdict"), text("indication"), text("sub_indication"))
}

fn has(findings: &Json, code: &str, level: &str) -> bool {
    let mut findings = findings.as_array().unwrap().iter();
    findings.any(|finding| finding["code"] == code && finding["level"] == level)
}

#[test]
fn an_intermediate_that_did_not_come_along_is_taken_from_the_files() {
    let Some(two) = two() else { return };
    let alone = two.world.verify(&[&two.message]).ended(1).json();
    assert_eq!(told(&alone), ("failed", "INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND"));
    let given = two.verify(&[], 0);
    assert_eq!(told(&given), ("passed", "TOTAL-PASSED", ""));
    assert_eq!(given["signatures"][0]["path"].as_array().unwrap().len(), 3);
    assert!(has(&given["signatures"][0]["findings"], "revocation.not_asked", "info"));
}

#[test]
fn a_signer_that_did_not_come_along_is_taken_from_the_files() {
    let Some(mut two) = two() else { return };
    two.message = two.world.sign("-outform DER -nodetach -nocerts");
    let alone = two.verify(&[], 1);
    assert_eq!(told(&alone).0, "indeterminate");
    let signer = argument(&two.folder().path("signer.pem"));
    assert_eq!(told(&two.verify(&["--intermediate", &signer], 0)).0, "passed");
}

#[test]
fn lists_tell_whether_the_signer_was_revoked_by_then() {
    let Some(two) = two() else { return };
    let clean = two.by_lists(NOW - HOUR, None, 0);
    assert_eq!(told(&clean), ("passed", "TOTAL-PASSED", ""));
    assert!(has(&clean["signatures"][0]["findings"], "revocation.good", "passed"));
    let before = two.by_lists(NOW - HOUR, Some(NOW - 2 * HOUR), 1);
    assert_eq!(told(&before), ("failed", "INDETERMINATE", "REVOKED_NO_POE"));
    // A list of later says that it was revoked after the moment asked about.
    let after = two.by_lists(NOW + HOUR, Some(NOW + HOUR / 2), 0);
    assert_eq!(told(&after), ("passed", "TOTAL-PASSED", ""));
    assert!(after["signatures"][0]["findings"].to_string().contains("revocation."));
}

#[test]
fn one_list_alone_leaves_the_level_above_unknown() {
    let Some(two) = two() else { return };
    let [option, leaves, ..] = two.lists(NOW - HOUR, None);
    let document = two.verify(&[&option, &leaves], 1);
    assert_eq!(told(&document), ("indeterminate", "INDETERMINATE", "TRY_LATER"));
}

#[test]
fn responses_tell_it_too() {
    let Some(two) = two() else { return };
    let answer = |serial: &[u8], status| {
        OcspSpec::of(OcspAnswer::new(serial, status, NOW - HOUR, NOW + HOUR))
    };
    let above = answer(two.authority.issuing().serial(), OcspStatus::Good);
    let above = two.folder().file("above", two.authority.root().ocsp(&above).unwrap());
    let reason = RevocationReason::KeyCompromise;
    let revoked = |at| OcspStatus::Revoked { at, reason };
    for (status, code, expected) in [
        (OcspStatus::Good, 0, ("passed", "TOTAL-PASSED", "")),
        (OcspStatus::Unknown, 1, ("indeterminate", "INDETERMINATE", "TRY_LATER")),
        (revoked(NOW - 2 * HOUR), 1, ("failed", "INDETERMINATE", "REVOKED_NO_POE")),
    ] {
        let response = two.authority.issuing().ocsp(&answer(&two.signer().serial, status)).unwrap();
        let response = two.folder().file("response", response);
        let document = two.verify(&["--ocsp", &response, "--ocsp", &above], code);
        assert_eq!(told(&document), expected, "{document:#}");
    }
}

#[test]
fn files_that_hold_nothing_are_said_so_and_unreadable_ones_end_it() {
    let Some(two) = two() else { return };
    let garbage = two.folder().file("garbage", "neither one nor the other");
    let document = two.verify(&["--crl", &garbage], 1);
    assert_eq!(told(&document).0, "indeterminate");
    assert!(has(&document["findings"], "input.list_malformed", "warning"), "{document:#}");
    let missing = argument(&two.folder().path("missing"));
    for option in ["--crl", "--ocsp", "--intermediate", "--content"] {
        let arguments = [option, &missing, &two.message];
        let run = two.world.verify(&arguments).ended(2);
        assert!(run.stderr.contains("missing"), "{run:#?}");
    }
}

#[test]
fn the_json_has_the_shape_that_is_documented() {
    let Some(two) = two() else { return };
    let document = two.verify(&[], 0);
    let names = |value: &Json| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&document), ["findings", "format", "signatures", "timestamps", "verdict"]);
    let signature = &document["signatures"][0];
    let expected = [
        "at_present",
        "certificate",
        "counter_signatures",
        "findings",
        "indication",
        "path",
        "time",
        "timestamps",
        "verdict",
    ];
    assert_eq!(names(signature), expected, "{signature:#}");
    assert_eq!(names(&signature["time"]), ["basis", "best", "claimed"]);
    assert_eq!(
        (&signature["time"]["best"], &signature["time"]["basis"]),
        (&AT.into(), &"asked".into())
    );
    let shown = ["sha256", "serial", "subject"];
    assert!(shown.iter().all(|name| names(&signature["certificate"]).iter().any(|n| n == name)));
}

#[test]
fn people_read_why_it_failed_in_their_language() {
    let Some(two) = two() else { return };
    let lists = two.lists(NOW - HOUR, Some(NOW - 2 * HOUR));
    for (language, texts) in [
        ("en", ["failed", "signature 1", "REVOKED_NO_POE"]),
        ("zh", ["不通过", "签名 1", "REVOKED_NO_POE"]),
    ] {
        let mut arguments = vec!["verify", "signature", "--anchor", &two.world.root, "--at", AT];
        arguments.extend(["--lang", language, "--intermediate", &two.issuing]);
        arguments.extend(lists.iter().map(String::as_str));
        arguments.push(&two.message);
        let text = tongxing(arguments).ended(1).stdout;
        assert!(texts.iter().all(|one| text.contains(one)), "{text}");
        assert!(text.contains("通行测试建筑有限公司") && text.contains(AT), "{text}");
    }
}
