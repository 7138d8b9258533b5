//! A receipt that a platform keeps with the published sample, and shows on a machine where
//! nothing else is: after the CA was withdrawn, under another policy, without the gateway.

use std::fs;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tongxing_testdata::Profile;

use super::stage::{CURL, Demo, OPENSSL, have};
use crate::run::{Folder, Run, argument, binary, finished, tongxing};

const KEEP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/integrate/keep_receipt.sh");
const CONTENT: &str = "投标文件：报价一百万元。\n";

/// Its place among the demo's bidders, and its authority.
const SIGNER: (usize, &str) = (1, "ca-b");

impl Demo {
    fn operate(&self, arguments: &[&str]) {
        let data = argument(&self.folder.path("demo"));
        tongxing(arguments.iter().copied().chain(["--data", &data])).ended(0);
    }

    /// What the sample kept of a signature that openssl made: the answer, and the keys.
    fn keep(&self) -> (String, String) {
        let (bidder, authority) = SIGNER;
        self.operate(&["ca", "roles", authority, "sign-in", "document-signing"]);
        self.folder.file("bid.txt", CONTENT);
        let mut sign = Command::new("openssl");
        sign.args(["cms", "-sign", "-binary", "-outform", "DER", "-in", "bid.txt"]);
        sign.args(["-signer", self.of_bidder(bidder, "certificate")]);
        sign.args(["-inkey", self.of_bidder(bidder, "key"), "-out", "bid.p7s"]);
        let mut keep = Command::new(KEEP);
        keep.args(["bid.p7s", "bid.txt", "receipt.json"])
            .env("GATEWAY", self.text("/public_url"))
            .env("PLATFORM_ID", self.audience())
            .env("PLATFORM_SECRET", self.text("/relying_party/secret"))
            .env("CA_FILE", self.text("/ca_file"));
        for program in [&mut sign, &mut keep] {
            finished(program.current_dir(self.folder.path("."))).ended(0);
        }
        let kept = |name: &str| fs::read_to_string(self.folder.path(name)).unwrap();
        (kept("receipt.json"), kept("receipt.json.keys"))
    }

    /// Under today's settings nobody would believe the CA.
    fn turn_everything_round(&self) {
        let (_, authority) = SIGNER;
        let high = "default-assurance = \"high\"";
        let policy = Profile::B.policy_toml();
        assert!(policy.contains(high));
        let low = policy.replace(high, "default-assurance = \"low\"");
        let low = self.folder.file("low.toml", low);
        self.operate(&["policy", "set", "--ca", authority, &low]);
        self.operate(&["ca", "withdraw", authority, "--reason", "its licence ended"]);
        self.operate(&["audit", "rotate-evidence-key"]);
    }
}

/// `verify signature` by the demo's province: through its gateway, or in this process.
fn by_store(folder: &Folder, content: &str, more: &[&str]) -> Run {
    let [data, content, signature] =
        ["demo", content, "bid.p7s"].map(|name| argument(&folder.path(name)));
    let fixed = ["verify", "signature", "--store", "--data", &data, "--content", &content];
    tongxing(fixed.into_iter().chain(more.iter().copied()).chain([signature.as_str()]))
}

#[test]
fn an_operator_sees_what_the_province_makes_of_a_signature() {
    if have(&[CURL, OPENSSL]).is_none() {
        return;
    }
    let demo = Demo::start();
    let (kept, _) = demo.keep();
    demo.folder.file("other.txt", "another");
    let record = |demo: &Demo| {
        let data = argument(&demo.folder.path("demo"));
        tongxing(["audit", "list", "--json", "--data", &data]).ended(0).stdout
    };
    let before = record(&demo);
    // The same answer as the platform had, but for what its entitlement and moment change.
    let told = by_store(&demo.folder, "bid.txt", &["--json"]).ended(0).json();
    let kept: Value = serde_json::from_str(&kept).unwrap();
    for pointer in ["/verdict", "/format", "/signatures/0/indication", "/signatures/0/identity"] {
        assert_eq!(told.pointer(pointer), kept.pointer(pointer), "{pointer}");
    }
    let text = by_store(&demo.folder, "bid.txt", &["--lang", "zh"]).ended(0).stdout;
    assert!(text.contains("91990000TX0000001B") && text.contains("通过"), "{text}");
    let other = by_store(&demo.folder, "other.txt", &["--json"]).ended(1).json();
    assert_eq!(other["signatures"][0]["sub_indication"], "HASH_FAILURE");
    by_store(&demo.folder, "bid.txt", &["--at", "2999-01-01T00:00:00Z"]).ended(2);
    by_store(&demo.folder, "bid.txt", &["--anchor", "root.pem"]).ended(2);
    assert_eq!(record(&demo), before, "nothing is recorded");
    demo.turn_everything_round();
    let refused = by_store(&demo.folder, "bid.txt", &[]).ended(1).stdout;
    assert!(refused.contains("authority.withdrawn"), "{refused}");
    // And without the gateway.
    let folder = demo.end();
    by_store(&folder, "bid.txt", &[]).ended(1);
}

/// `receipt verify` in a folder of its own that nobody's province is near.
fn verify(folder: &Folder, more: &[&str]) -> Run {
    let mut command = binary();
    command.current_dir(folder.path(".")).env("HOME", folder.path("."));
    let fixed = ["receipt", "verify", "receipt.json", "--key", "keys", "--json"];
    finished(command.args(fixed).args(more))
}

/// The codes of what did not pass, and what each is about.
fn faults(document: &Value) -> Vec<(&str, &str)> {
    let findings = document["findings"].as_array().unwrap().iter();
    let decided =
        findings.filter(|one| matches!(one["level"].as_str(), Some("failed" | "indeterminate")));
    decided
        .map(|one| (one["code"].as_str().unwrap(), one["subject"].as_str().unwrap_or_default()))
        .collect()
}

#[test]
fn it_holds_on_a_fresh_machine_whatever_happened_since_and_says_what_was_altered() {
    if have(&[CURL, OPENSSL]).is_none() {
        return;
    }
    let demo = Demo::start();
    let (receipt, keys) = demo.keep();
    demo.turn_everything_round();
    let (today, _) = demo.keep();
    drop(demo);
    let today: Value = serde_json::from_str(&today).unwrap();
    assert_eq!(today["verdict"], "failed", "{today:#}");

    let folder = Folder::new();
    folder.file("receipt.json", &receipt);
    folder.file("keys", &keys);
    folder.file("bid.txt", CONTENT);
    folder.file("other.txt", "another");
    let document = verify(&folder, &["--document", "bid.txt"]).ended(0).json();
    assert_eq!(document["stated"]["verdict"], "passed");
    assert_eq!(document["derived"], document["stated"]["report"]);
    let other = verify(&folder, &["--document", "other.txt"]).ended(1).json();
    assert_eq!(faults(&other), [("receipt.document_other", "other.txt")]);

    let kept: Value = serde_json::from_str(&receipt).unwrap();
    let altered = |change: &dyn Fn(&mut Value)| {
        let mut file = kept.clone();
        change(&mut file["receipt"]);
        folder.file("receipt.json", file.to_string());
        verify(&folder, &[]).ended(1).json()
    };
    // Each piece of evidence: the chain, the list, the policies, the document.
    for (sha256, kind) in evidence(&kept) {
        let told = altered(&|file| {
            let piece = file["evidence"].get_mut(&sha256).unwrap();
            let mut octets = STANDARD.decode(piece.as_str().unwrap()).unwrap();
            let middle = octets.len() / 2;
            octets[middle] ^= 1;
            *piece = json!(STANDARD.encode(octets));
        });
        let found = faults(&told);
        assert!(found.contains(&("receipt.evidence_altered", &kind)), "{kind}: {found:?}");
        assert_eq!(told["verdict"], "failed", "{kind}");
    }
    let proof = altered(&|file| {
        let text = file["proof"].as_str().unwrap().replacen("\n\n", "\n\nx", 1);
        file["proof"] = json!(text);
    });
    assert_eq!(faults(&proof), [("receipt.not_recorded", "")]);
    // The statement, made milder and signed by nobody.
    let statement = altered(&|file| {
        let jws = file["receipt"].as_str().unwrap();
        let parts: Vec<_> = jws.split('.').collect();
        let mut payload = payload(jws);
        payload["provisional"] = json!(true);
        let payload = URL_SAFE_NO_PAD.encode(payload.to_string());
        file["receipt"] = json!(format!("{}.{payload}.{}", parts[0], parts[2]));
    });
    let found = faults(&statement);
    assert!(found.contains(&("receipt.altered", "")), "{found:?}");
    assert!(found.contains(&("receipt.not_recorded", "")), "{found:?}");
}

fn payload(jws: &str) -> Value {
    let payload = URL_SAFE_NO_PAD.decode(jws.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

/// What the statement names: hashes and kinds, each kind that this receipt has to have.
fn evidence(answer: &Value) -> Vec<(String, String)> {
    let statement = payload(answer["receipt"]["receipt"].as_str().unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let pieces = statement["evidence"].as_array().unwrap().iter();
    let pieces: Vec<_> =
        pieces.map(|piece| (text(&piece["sha256"]), text(&piece["kind"]))).collect();
    for kind in ["signature", "trust", "authority", "policy", "enrolled", "crl"] {
        assert!(pieces.iter().any(|(_, known)| known == kind), "no {kind}");
    }
    assert!(pieces.iter().filter(|(_, kind)| kind == "policy").count() >= 2, "and the province's");
    pieces
}
