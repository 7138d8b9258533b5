//! Messages that leave their certificates out (RFC 5652 5.1): what is found in the record.

use ring::digest::{SHA256, digest};
use serde_json::json;
use tongxing_pki::Verdict;
use tongxing_testdata::{Issued, Profile};
use tongxing_trust_store::{
    Command, EvidenceKey, PersonalData, ReceiptCheck, ReceiptFile, RelyingPartyEdit, Role,
};

use super::{CONTENT, Desk, HASH, PASSED, body, flipped, hex, outcome};
use crate::client::TLS13;

const MISSING: &str =
    "indeterminate [INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND] signer.certificate_missing";

impl Desk {
    /// One whose bidders sign in, too.
    async fn signing_in(profile: Profile) -> Self {
        let desk = Self::of(profile).await;
        let authority = profile.id().parse().unwrap();
        let roles = vec![Role::SignIn, Role::DocumentSigning];
        desk.world.execute(Command::RolesSet { authority, roles }).await;
        desk
    }

    /// Signs in with a certificate; the claims.
    async fn sign_in(&self, issued: &Issued) -> serde_json::Value {
        self.world.claims(&self.world.sign_in(issued, TLS13).await).await
    }

    async fn disclose(&self) {
        let edit = RelyingPartyEdit {
            personal_data: Some(PersonalData::Disclosed),
            ..RelyingPartyEdit::default()
        };
        let (id, edit) = ("platform-d".parse().unwrap(), Box::new(edit));
        self.world.execute(Command::RelyingPartySet { id, edit }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_that_signed_in_is_found_by_issuer_and_number() {
    let desk = Desk::signing_in(Profile::B).await;
    let own = desk.leaf("one");
    let (message, by_key) = (desk.sign("one", "-nocerts"), desk.sign("one", "-nocerts -keyid"));
    desk.advance(60);
    assert_eq!(desk.judge(&message, Some(CONTENT)).await, MISSING);
    let subject = desk.sign_in(&own).await["sub"].clone();
    let report = desk.ask(&body(&message, Some(CONTENT))).await;
    assert_eq!(outcome(&report), PASSED);
    assert_eq!(report["signatures"][0]["authority"]["id"], "ca-b");
    assert!(subject.is_string());
    // The record has certificates by their numbers alone.
    assert_eq!(desk.judge(&by_key, Some(CONTENT)).await, MISSING);
    assert_eq!(desk.judge(&message, Some(&flipped(CONTENT, 20))).await, HASH);
    // What is found decides as what came along: it helps to find, never to trust.
    desk.list(2, Some((&own, desk.world.now() - 3600))).await;
    let revoked = "failed [INDETERMINATE REVOKED_NO_POE] revocation.revoked";
    assert_eq!(desk.judge(&message, Some(CONTENT)).await, revoked);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_number_of_another_authority_is_another_certificate() {
    let desk = Desk::signing_in(Profile::B).await;
    let other = desk.stampers.authority.issue(&desk.stampers.leaf().with_serial([7, 7])).unwrap();
    let authority = Profile::A.id().parse().unwrap();
    desk.world.execute(Command::RolesSet { authority, roles: vec![Role::SignIn] }).await;
    desk.sign_in(&other).await;
    let own = desk.leaf_with("one", |leaf| leaf.with_serial([7, 7]));
    let message = desk.sign("one", "-nocerts");
    desk.advance(60);
    assert_eq!(desk.judge(&message, Some(CONTENT)).await, MISSING);
    desk.sign_in(&own).await;
    assert_eq!(desk.judge(&message, Some(CONTENT)).await, PASSED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_has_what_was_found_as_evidence() {
    let desk = Desk::signing_in(Profile::B).await;
    let own = desk.leaf("one");
    let message = desk.sign("one", "-nocerts");
    desk.advance(60);
    desk.sign_in(&own).await;
    let mut asked = body(&message, Some(CONTENT));
    asked["options"] = json!({ "receipt": "bundle" });
    let answer = desk.ask(&asked).await;
    assert_eq!(outcome(&answer), PASSED);
    let file = ReceiptFile::read(answer.to_string().as_bytes()).unwrap();
    let keys = desk.world.public().await.get("/v1/evidence-keys").await.text;
    let keys: Vec<EvidenceKey> = keys.lines().map(|line| line.parse().unwrap()).collect();
    let check = ReceiptCheck::new(file).unwrap().run(&keys);
    assert_eq!(check.verdict, Verdict::Passed, "{:#?}", check.findings);
    // It may name a person, and is nobody else's to fetch.
    let sha256 = hex(digest(&SHA256, &own.certificate_der).as_ref());
    let headers = [("authorization", desk.authorization.as_str())];
    let mut public = desk.world.public().await;
    let path = format!("/v1/evidence/{sha256}");
    assert_eq!(public.send("GET", &path, &headers, "").await.unwrap().status, 404);
    // Without it, nothing is derived.
    let mut without = answer.clone();
    assert!(without["receipt"]["evidence"].as_object_mut().unwrap().remove(&sha256).is_some());
    let file = ReceiptFile::read(without.to_string().as_bytes()).unwrap();
    let check = ReceiptCheck::new(file).unwrap().run(&keys);
    assert_ne!(check.verdict, Verdict::Passed);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_collects_certificates_by_trying_numbers() {
    let desk = Desk::signing_in(Profile::C).await;
    let own = desk.leaf("one");
    let message = desk.sign("one", "-nocerts");
    let altered = flipped(&message, message.len() - 1);
    let bare = desk.sign("one", "-nocerts -noattr");
    let attached = desk.sign("one", "-nocerts -noattr -nodetach");
    let whole = desk.sign("one", "");
    desk.advance(60);
    let claims = desk.sign_in(&own).await;
    // Its capacity may not sign documents by the policy: that is known of who is found.
    let found = "failed [INDETERMINATE CHAIN_CONSTRAINTS_FAILURE] policy.capacity_not_allowed";
    assert_eq!(desk.judge(&whole, Some(CONTENT)).await, found);
    assert_eq!(desk.judge(&message, Some(CONTENT)).await, found);
    assert_eq!(desk.judge(&altered, Some(CONTENT)).await, MISSING);
    assert_eq!(desk.judge(&bare, Some(CONTENT)).await, found);
    assert_eq!(desk.judge(&attached, None).await, found);
    assert_eq!(desk.judge(&bare, Some(&flipped(CONTENT, 20))).await, MISSING);
    assert!(desk.judge(&bare, None).await.contains("signer.certificate_missing"));
    desk.disclose().await;
    // What can be compared is, whoever asks.
    assert_eq!(desk.judge(&bare, Some(&flipped(CONTENT, 20))).await, MISSING);
    assert_eq!(desk.judge(&altered, Some(CONTENT)).await, MISSING);
    assert!(!desk.judge(&bare, None).await.contains("signer.certificate_missing"));
    let subject = claims["act"]["sub"].as_str().unwrap().parse().unwrap();
    desk.world.execute(Command::SubjectErase { subject, reason: "asked for".into() }).await;
    assert_eq!(desk.judge(&message, Some(CONTENT)).await, MISSING);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_gives_a_persons_certificate_only_to_who_is_told_of_persons() {
    let desk = Desk::signing_in(Profile::C).await;
    let own = desk.leaf("one");
    let message = desk.sign("one", "-nocerts");
    desk.advance(60);
    desk.sign_in(&own).await;
    let sha256 = hex(digest(&SHA256, &own.certificate_der).as_ref());
    let keys = desk.world.public().await.get("/v1/evidence-keys").await.text;
    let keys: Vec<EvidenceKey> = keys.lines().map(|line| line.parse().unwrap()).collect();
    let mut asked = body(&message, Some(CONTENT));
    for form in ["signed", "bundle"] {
        asked["options"] = json!({ "receipt": form });
        let answer = desk.ask(&asked).await;
        assert!(!outcome(&answer).contains("signer.certificate_missing"), "it is found");
        let evidence = answer["receipt"].get("evidence").cloned().unwrap_or_default();
        assert_eq!(evidence.get(&sha256), None, "{form}");
    }
    // Whoever has it brings it.
    let answer = desk.ask(&asked).await;
    let mut file = ReceiptFile::read(answer.to_string().as_bytes()).unwrap();
    let check = ReceiptCheck::new(file.clone()).unwrap();
    assert_eq!(check.missing(), [sha256.as_str()]);
    assert_eq!(check.run(&keys).verdict, Verdict::Indeterminate);
    file.add_evidence(own.certificate_der.clone());
    let check = ReceiptCheck::new(file).unwrap().run(&keys);
    assert_eq!(check.verdict, Verdict::Passed, "{:#?}", check.findings);
    desk.disclose().await;
    let answer = desk.ask(&asked).await;
    assert!(answer["receipt"]["evidence"][&sha256].is_string());
}
