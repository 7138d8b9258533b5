//! Nothing that happens later has a part in a receipt.

use tongxing_trust_store::Reply;

use super::*;

#[tokio::test]
async fn nothing_that_happens_later_has_a_part_in_it() {
    let mut scene = Scene::new().await;
    let (receipt, keys) = (scene.receipt().await, scene.keys());
    let first = passes(&receipt, &keys);
    let id = Profile::B.id().parse().unwrap();
    // Revoked, under another policy, withdrawn, a year later, by another key.
    scene.list_at(NOW + HOUR, vec![scene.revoked(NOW - HOUR)]).await;
    let source = Profile::B.policy_toml().replace("p256", "p384");
    let policy = tongxing_trust_store::PolicyFile { name: "other.toml".into(), source };
    // Whether or not that policy loads, it is another one from here on.
    let (authority, effective) = (Some(id), None);
    let _ = scene.world.command(Command::PolicySet { authority, policy, effective }).await;
    scene.world.set_status(&Profile::B.id().parse().unwrap(), Status::Withdrawn).await;
    scene.now(NOW + 366 * DAY);
    scene.world.command(Command::EvidenceKeyRotate).await.unwrap();
    let (told, draft) = scene.draft(Content::Octets(CONTENT), None);
    assert_eq!(told["verdict"], "failed", "today it is judged otherwise");
    let again = passes(&receipt, &scene.keys());
    assert_eq!(again.derived, first.derived);
    assert_eq!(again.signed_by, first.signed_by);
    passes(&receipt, &keys);
    passes(&scene.give(draft, ReceiptForm::Bundle).await, &scene.keys());
}

#[tokio::test]
async fn a_person_that_is_erased_stays_in_the_receipts_of_platforms_alone() {
    let mut scene = Scene::of(RecordProfile::Standard, Profile::C).await;
    scene.world.admitted(&scene.issued).await;
    let (receipt, keys) = (scene.receipt().await, scene.keys());
    let first = passes(&receipt, &keys);
    let query = Company::numbered(0).uscc;
    let found = scene.world.command(Command::SubjectFind { query }).await.unwrap();
    let Reply::Subjects(subjects) = found else { panic!("{found:?}") };
    let show = Command::SubjectShow { id: subjects[0].id.clone(), reveal: None };
    let shown = scene.world.command(show).await.unwrap();
    let Reply::Subject(subject) = shown else { panic!("{shown:?}") };
    let person = subject.bindings[0].holder.clone().unwrap();
    let erase = Command::SubjectErase { subject: person, reason: "asked for".into() };
    scene.world.command(erase).await.unwrap();
    scene.now(NOW + 10 * 366 * DAY);
    scene.world.reopen();
    let again = passes(&receipt, &scene.keys());
    assert_eq!(again.derived, first.derived);
    // The gateway has nothing of it to hand out: the certificate is the platform's own.
    let certificate = evidence_of(&receipt, "certificate");
    assert!(scene.world.province().evidence(&certificate).unwrap().is_none());
}

#[tokio::test]
async fn what_was_recorded_is_there_after_a_power_cut_and_comes_out_the_same() {
    let mut scene = Scene::new().await;
    scene.list_at(NOW + 8 * HOUR, Vec::new()).await;
    scene.now(NOW + 11 * HOUR);
    let receipt = scene.receipt_at(NOW + 10 * HOUR).await;
    scene.list_at(NOW + 12 * HOUR, Vec::new()).await;
    scene.world.province().settle_receipts().await.unwrap();
    let status = scene.status(&receipt);
    scene.world.command(Command::AuditVerify { replay: Replay::Yes }).await.unwrap();
    // The index is gone: everything follows from the record.
    scene.world.province = None;
    std::fs::remove_dir_all(scene.world.home().join("state")).unwrap();
    scene.world.reopen();
    assert_eq!(scene.status(&receipt), status);
    let province = scene.world.province();
    assert!(province.evidence(&evidence_of(&receipt, "crl")).unwrap().is_some());
    passes(&receipt, &scene.keys());
    let others = province.receipt_status(&"another".parse().unwrap(), receipt.record()).unwrap();
    assert_eq!(others, None, "it is another platform's");
    assert_eq!(province.receipt_status(&platform(), 1).unwrap(), None);
    assert_eq!(province.receipt_status(&platform(), 1_000_000).unwrap(), None);
}
