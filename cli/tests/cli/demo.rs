//! The demo, as a check and as a province to go on with.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::run::{Folder, Server, argument, binary, tongxing};

#[test]
fn everything_is_as_told() {
    let run = tongxing(["demo", "--check", "--json"]).ended(0);
    let document = run.json();
    assert_eq!(document["as_told"], true);
    let steps = document["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["as_told"] == true));
    assert!(steps.len() >= 20, "{steps:#?}");
    let flipped = steps.iter().find(|step| step["title"] == "with one bit flipped it does not");
    assert!(flipped.is_some_and(|step| step["detail"][0].as_str().unwrap().starts_with("line ")));
}

#[test]
fn the_province_is_kept_and_described() {
    let folder = Folder::new();
    let place = argument(&folder.path("kept"));
    tongxing(["demo", "--check", "--dir", &place]).ended(0);
    let text = fs::read_to_string(folder.path("kept").join("demo.json")).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    let keys: Vec<&String> = manifest.as_object().unwrap().keys().collect();
    let expected = [
        "admin_socket",
        "authorities",
        "bidders",
        "ca_file",
        "certificate_url",
        "public_url",
        "relying_party",
        "sm2_ca_file",
    ];
    assert_eq!(keys, expected);
    for bidder in manifest["bidders"].as_array().unwrap() {
        for file in ["certificate", "chain", "key"] {
            assert!(fs::metadata(bidder[file].as_str().unwrap()).is_ok(), "{bidder}");
        }
    }
    for authority in tongxing(["ca", "list", "--data", &place, "--json"]).json().as_array().unwrap()
    {
        assert_eq!(
            (&authority["status"], &authority["roles"]),
            (&"active".into(), &json!(["sign-in", "document-signing"]))
        );
    }
    tongxing(["demo", "--check", "--dir", &place]).ended(2);
}

#[test]
fn it_stays_up_until_it_is_interrupted() {
    let folder = Folder::new();
    let temporary = folder.path("tmp");
    fs::create_dir(&temporary).unwrap();
    let mut demo = Server::start(binary().arg("demo").env("TMPDIR", &temporary));
    demo.wait_for("stays up until Ctrl-C");
    let told = demo.wait_for("receipt verify");
    let lines = told.split_once("# any file").unwrap().1;
    if Command::new("curl").arg("--version").output().is_ok_and(|curl| curl.status.success()) {
        // As they are printed, to be pasted.
        let pasted = Command::new("sh").args(["-e", "-c", &format!("# {lines}")]).output().unwrap();
        let (said, errors) =
            (String::from_utf8_lossy(&pasted.stdout), String::from_utf8_lossy(&pasted.stderr));
        assert!(said.contains("\"verdict\":\"passed\",\"indication\""), "{lines}{said}{errors}");
        assert!(said.contains("The receipt holds."), "{lines}{said}{errors}");
    }
    assert_eq!(demo.end("INT"), Some(0));
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
}
