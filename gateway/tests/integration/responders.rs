//! Sign-ins whose status a responder tells (OCSP), on loopback.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tongxing_testdata::{
    AuthorityCertificate, CrlSpec, Extension, Issued, LeafSpec, LevelSpec, OcspAnswer, OcspSpec,
    OcspStatus, Profile, RevocationReason, StringKind, TestAuthority, Validity, Value,
};
use tongxing_trust_store::{Command, Reply, Role};

use crate::client::TLS13;
use crate::lists::{Web, set_revocation};
use crate::world::{Enrolled, World};

/// Takes every question, by GET and by POST.
const EVERYTHING: &str = "/ocsp*";

fn asking(web: &Web, order: &str) -> String {
    format!(
        "order = {order}\nhosts = [\"127.0.0.1:{}\"]\nprivate-addresses = true\nocsp = {:?}\n\
         when-unavailable = \"refuse\"",
        web.port(),
        web.url("/ocsp")
    )
}

fn told(world: &World, enrolled: &Enrolled, issued: &Issued, status: OcspStatus) -> Vec<u8> {
    let now = world.now();
    let answer = OcspAnswer::new(issued.serial.clone(), status, now - 60, now + 3600);
    enrolled.authority.issuing().ocsp(&OcspSpec::of(answer)).unwrap()
}

async fn world() -> (World, Enrolled, Web) {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::B).await;
    (world, enrolled, Web::new().await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_responder_that_says_good_is_asked_once_and_named_in_token_and_record() {
    let (world, enrolled, web) = world().await;
    set_revocation(&world, &enrolled, &asking(&web, "[\"ocsp\"]")).await;
    let issued = enrolled.issue();
    web.has(EVERYTHING, &told(&world, &enrolled, &issued, OcspStatus::Good));
    for _ in 0..3 {
        let answer = world.sign_in(&issued, TLS13).await;
        let claims = world.claims(&answer).await;
        assert_eq!(
            claims["revocation"],
            json!({ "method": "ocsp", "age": 60, "freshness": "fresh" })
        );
    }
    assert_eq!(web.times_asked(EVERYTHING), 1);
    let list = Command::AuditList { from: 1, limit: 1000 };
    let Reply::Records(records) = world.execute(list).await else { panic!() };
    let records = serde_json::to_string(&records).unwrap();
    assert_eq!(records.matches("\"responses\":[\"").count(), 3, "each names what it rests on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_responder_that_says_revoked_refuses() {
    let (world, enrolled, web) = world().await;
    let issued = enrolled.issue();
    let since = world.now() - 3600;
    let revoked = OcspStatus::Revoked { at: since, reason: RevocationReason::KeyCompromise };
    web.has(EVERYTHING, &told(&world, &enrolled, &issued, revoked));
    for order in ["[\"ocsp\"]", "[\"ocsp\", \"crl\"]"] {
        set_revocation(&world, &enrolled, &asking(&web, order)).await;
        let answer = world.sign_in(&issued, TLS13).await;
        assert_eq!(answer.findings(), ["revocation.revoked"], "{order}: {}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_answer_nothing_is_decided_and_nothing_called_revoked() {
    let (world, enrolled, web) = world().await;
    let issued = enrolled.issue();
    set_revocation(&world, &enrolled, &asking(&web, "[\"ocsp\"]")).await;
    let answer = world.sign_in(&issued, TLS13).await;
    assert_eq!(answer.findings(), ["revocation.no_response"], "{}", answer.text);
    let asked = web.times_asked(EVERYTHING);
    world.sign_in(&issued, TLS13).await;
    assert_eq!(web.times_asked(EVERYTHING), asked, "nobody is asked again at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_false_answer_counts_for_nothing_and_does_not_last() {
    let (world, enrolled, web) = world().await;
    let stranger = world.enrol(Profile::C).await;
    let issued = enrolled.issue();
    let false_one = told(&world, &stranger, &issued, OcspStatus::Good);
    web.has(EVERYTHING, &false_one);
    set_revocation(&world, &enrolled, &asking(&web, "[\"ocsp\"]")).await;
    assert_ne!(world.sign_in(&issued, TLS13).await.status, 200);
    web.has(EVERYTHING, &told(&world, &enrolled, &issued, OcspStatus::Good));
    world.clock.advance_millis(31_000);
    assert_eq!(world.sign_in(&issued, TLS13).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_decide_leave_the_responder_alone() {
    let (world, enrolled, web) = world().await;
    set_revocation(&world, &enrolled, &asking(&web, "[\"crl\", \"ocsp\"]")).await;
    let issued = enrolled.issue();
    assert_eq!(world.sign_in(&issued, TLS13).await.status, 200);
    assert_eq!(web.times_asked(EVERYTHING), 0);
    // Two days on the list is overdue.
    world.clock.advance_millis(2 * 86_400_000);
    web.has(EVERYTHING, &told(&world, &enrolled, &issued, OcspStatus::Good));
    let answer = world.sign_in(&issued, TLS13).await;
    let claims = world.claims(&answer).await;
    assert_eq!(claims["revocation"]["method"], "ocsp");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_mode_all_both_must_say_good() {
    let (world, enrolled, web) = world().await;
    let keys = asking(&web, "[\"crl\", \"ocsp\"]") + "\nmode = \"all\"";
    set_revocation(&world, &enrolled, &keys).await;
    let issued = enrolled.issue();
    assert_ne!(world.sign_in(&issued, TLS13).await.status, 200, "the responder is silent");
    world.clock.advance_millis(31_000);
    web.has(EVERYTHING, &told(&world, &enrolled, &issued, OcspStatus::Good));
    assert_eq!(world.sign_in(&issued, TLS13).await.status, 200);
    let now = world.now();
    world.import(&enrolled, CrlSpec::empty(7, now - 5, now + 3)).await;
    world.clock.advance_millis(60_000);
    assert_ne!(world.sign_in(&issued, TLS13).await.status, 200, "the list is overdue");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_about_certificates_that_the_authority_did_not_sign() {
    let (world, enrolled, web) = world().await;
    set_revocation(&world, &enrolled, &asking(&web, "[\"ocsp\"]")).await;
    let now = world.now();
    let validity = Validity::decade_around(now);
    let impostor = TestAuthority::generate(&Profile::B.authority(validity));
    let issued = impostor.unwrap().issue(&enrolled.leaf()).unwrap();
    assert_ne!(world.sign_in(&issued, TLS13).await.status, 200);
    assert_eq!(web.times_asked(EVERYTHING), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_responder_that_does_not_understand_get_is_asked_by_post() {
    let (world, enrolled, web) = world().await;
    set_revocation(&world, &enrolled, &asking(&web, "[\"ocsp\"]")).await;
    let malformed = tongxing_testdata::ocsp_refusal(1).unwrap();
    for by_get in [b"<html>Welcome".to_vec(), malformed] {
        let issued = enrolled.issue();
        web.has("/ocsp/*", &by_get);
        web.has("/ocsp", &told(&world, &enrolled, &issued, OcspStatus::Good));
        let before = web.times_asked("/ocsp/*");
        let answer = world.sign_in(&issued, TLS13).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(web.times_asked("/ocsp/*"), before + 1);
    }
    assert_eq!(web.times_asked("/ocsp"), 2);
}

/// A leaf that says where its status is told.
fn naming(leaf: LeafSpec, responder: String) -> LeafSpec {
    let method = Value::ObjectIdentifier("1.3.6.1.5.5.7.48.1".to_owned());
    let address = Value::Text(StringKind::Ia5, responder).implicit(6);
    let access = Value::Sequence(vec![Value::Sequence(vec![method, address])]);
    leaf.with_extension(Extension::new("1.3.6.1.5.5.7.1.1", access))
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_about_what_the_holder_of_a_certificate_signed() {
    let (world, enrolled, web) = world().await;
    let at = |path: &str| format!("{}\nmode = \"all\"", asking(&web, path));
    let keys = at("[\"ocsp\", \"crl\"]").replace(&format!("ocsp = {:?}\n", web.url("/ocsp")), "");
    set_revocation(&world, &enrolled, &keys).await;
    let real = enrolled.authority.issue(&naming(enrolled.leaf(), web.url("/ocsp"))).unwrap();
    // Its key signs another one, which names an address of the holder's choice.
    let validity = Validity::decade_around(world.now());
    let level = LevelSpec::new("", "", real.key.algorithm(), validity);
    let level = LevelSpec { subject: enrolled.leaf().subject, ..level };
    let holder = AuthorityCertificate::root(&level, real.key.clone()).unwrap();
    let mut fake = holder.issue(&naming(enrolled.leaf(), web.url("/admin/delete"))).unwrap();
    fake.chain_der = vec![real.certificate_der.clone()];
    let answer = world.sign_in(&fake, TLS13).await;
    assert_ne!(answer.status, 200);
    assert_eq!(web.times_asked("/*"), 0, "{}", answer.text);
    // About the real one the responder is asked.
    web.has(EVERYTHING, &told(&world, &enrolled, &real, OcspStatus::Good));
    assert_eq!(world.sign_in(&real, TLS13).await.status, 200);
    assert_eq!(web.times_asked(EVERYTHING), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_that_the_policy_requires_is_sent_and_must_come_back() {
    let (world, enrolled, web) = world().await;
    let issued = enrolled.issue();
    let keys = |rule: &str| format!("{}\nocsp-nonce = {rule:?}", asking(&web, "[\"ocsp\"]"));
    // The responder signed ahead.
    web.has(EVERYTHING, &told(&world, &enrolled, &issued, OcspStatus::Good));
    set_revocation(&world, &enrolled, &keys("required")).await;
    let answer = world.sign_in(&issued, TLS13).await;
    assert_eq!(answer.findings(), ["revocation.ocsp_nonce_required"], "{}", answer.text);
    // Where one is only asked for, its dates decide, and not for long.
    set_revocation(&world, &enrolled, &keys("asked")).await;
    world.clock.advance_millis(31_000);
    assert_eq!(world.sign_in(&issued, TLS13).await.status, 200);
    let asked = web.times_asked(EVERYTHING);
    world.clock.advance_millis(31_000);
    assert_eq!(world.sign_in(&issued, TLS13).await.status, 200);
    assert_eq!(web.times_asked(EVERYTHING), asked + 1);
    // It goes by POST: the address is the responder's alone.
    assert_eq!(web.times_asked("/ocsp"), web.times_asked(EVERYTHING));
    // One with another nonce answers another question, and one with the right one this.
    let now = world.now();
    let answer = OcspAnswer::new(issued.serial.clone(), OcspStatus::Good, now - 60, now + 3600);
    let nonce = Extension::new("1.3.6.1.5.5.7.48.1.2", Value::Octets(vec![7; 32]));
    let spec = OcspSpec { extensions: vec![nonce], ..OcspSpec::of(answer) };
    web.has(EVERYTHING, &enrolled.authority.issuing().ocsp(&spec).unwrap());
    world.clock.advance_millis(31_000);
    let answer = world.sign_in(&issued, TLS13).await;
    assert_eq!(answer.findings(), ["revocation.ocsp_nonce_differs"], "{}", answer.text);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let echo = keys("required").replace(&web.port().to_string(), &port.to_string());
    set_revocation(&world, &enrolled, &echo).await;
    world.clock.advance_millis(31_000);
    let answering = answer_one(&listener, |nonce| {
        let nonce = Extension::new("1.3.6.1.5.5.7.48.1.2", Value::Octets(nonce));
        let spec = OcspSpec { extensions: vec![nonce], ..spec.clone() };
        enrolled.authority.issuing().ocsp(&spec).unwrap()
    });
    let (answer, ()) = tokio::join!(world.sign_in(&issued, TLS13), answering);
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_serves_no_question_that_is_asked_otherwise() {
    let (world, enrolled, web) = world().await;
    let issued = enrolled.issue();
    let keys = asking(&web, "[\"ocsp\"]");
    web.has(EVERYTHING, &told(&world, &enrolled, &issued, OcspStatus::Good));
    set_revocation(&world, &enrolled, &keys).await;
    assert_eq!(world.sign_in(&issued, TLS13).await.status, 200);
    // The answer is current for an hour, but nobody asked for it with a nonce.
    set_revocation(&world, &enrolled, &format!("{keys}\nocsp-nonce = \"required\"")).await;
    let answer = world.sign_in(&issued, TLS13).await;
    assert_eq!(answer.findings(), ["revocation.ocsp_nonce_required"], "{}", answer.text);
    // Nor is it one of the responder that is asked from now on.
    set_revocation(&world, &enrolled, &keys.replace("/ocsp", "/ocsp-of-today")).await;
    let asked = web.times_asked(EVERYTHING);
    assert_eq!(world.sign_in(&issued, TLS13).await.status, 200);
    assert_eq!(web.times_asked(EVERYTHING), asked + 1);
}

/// Takes one question by POST and answers it; its nonce stands at its end (RFC 6960
/// 4.1.1, 4.4.1).
async fn answer_one(listener: &TcpListener, make: impl Fn(Vec<u8>) -> Vec<u8>) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap();
    let mut question = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut question).await.unwrap();
    let answer = make(question[question.len() - 32..].to_vec());
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", answer.len());
    stream.write_all(&[head.as_bytes(), &answer].concat()).await.unwrap();
    stream.shutdown().await.unwrap();
}

/// What a platform is told of a document that the first company signed.
async fn verified(world: &World, authorization: &str, issued: &Issued) -> serde_json::Value {
    let body = json!({
        "signature": STANDARD.encode(issued.key.sign(b"tender").unwrap()),
        "certificate": STANDARD.encode(&issued.certificate_der),
        "content": STANDARD.encode(b"tender"),
    });
    let headers = [("authorization", authorization)];
    let mut public = world.public().await;
    let answer =
        public.send("POST", "/v1/signatures/verify", &headers, &body.to_string()).await.unwrap();
    answer.json()
}

async fn signing() -> (World, Enrolled, Web, String) {
    let (world, enrolled, web) = world().await;
    let authority = Profile::B.id().parse().unwrap();
    let roles = vec![Role::DocumentSigning];
    world.execute(Command::RolesSet { authority, roles }).await;
    let authorization = world.platform("platform-o").await;
    (world, enrolled, web, authorization)
}

#[tokio::test(flavor = "multi_thread")]
async fn responders_are_asked_about_who_signed_a_document() {
    let (world, enrolled, web, authorization) = signing().await;
    set_revocation(&world, &enrolled, &asking(&web, "[\"ocsp\"]")).await;
    let issued = enrolled.issue();
    let silent = verified(&world, &authorization, &issued).await;
    assert_eq!(silent["verdict"], "indeterminate", "{silent:#}");
    world.clock.advance_millis(31_000);
    web.has(EVERYTHING, &told(&world, &enrolled, &issued, OcspStatus::Good));
    let asked = web.times_asked(EVERYTHING);
    for _ in 0..3 {
        let report = verified(&world, &authorization, &issued).await;
        assert_eq!(report["verdict"], "passed", "{report:#}");
        assert_eq!(report["signatures"][0]["revocation"]["method"], "ocsp");
    }
    assert_eq!(web.times_asked(EVERYTHING), asked + 1, "once for all of them");
    let other = enrolled.issue();
    let since = world.now() - 3600;
    let revoked = OcspStatus::Revoked { at: since, reason: RevocationReason::KeyCompromise };
    web.has(EVERYTHING, &told(&world, &enrolled, &other, revoked));
    let report = verified(&world, &authorization, &other).await;
    assert_eq!(report["signatures"][0]["sub_indication"], "REVOKED_NO_POE", "{report:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_decide_about_a_document_leave_the_responder_alone() {
    let (world, enrolled, web, authorization) = signing().await;
    set_revocation(&world, &enrolled, &asking(&web, "[\"crl\", \"ocsp\"]")).await;
    let issued = enrolled.issue();
    assert_eq!(verified(&world, &authorization, &issued).await["verdict"], "passed");
    assert_eq!(web.times_asked(EVERYTHING), 0);
    // Two days on the list is overdue.
    world.clock.advance_millis(2 * 86_400_000);
    web.has(EVERYTHING, &told(&world, &enrolled, &issued, OcspStatus::Good));
    let report = verified(&world, &authorization, &issued).await;
    assert_eq!(report["verdict"], "passed", "{report:#}");
    assert_eq!(report["signatures"][0]["revocation"]["method"], "ocsp");
}
