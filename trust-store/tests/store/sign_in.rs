//! One company, three authorities; and every way not to be recognised.

use tongxing_pki::{Certificate, Timestamp, Verdict};
use tongxing_testdata::{Company, Person, Profile, RevocationReason, RevokedEntry, Validity};
use tongxing_trust_store::{Admission, Command, Purpose, Recognition, Registration, Reply, Status};

use crate::world::{NOW, World, decisive, files};

const ALL: [Profile; 3] = [Profile::A, Profile::B, Profile::C];

#[tokio::test]
async fn the_same_company_is_one_subject_with_any_authority() {
    let world = World::with(&ALL).await;
    let company = Company::numbered(0);
    let mut subjects = Vec::new();
    for profile in ALL {
        let issued = world.issue(profile, &company);
        let admitted = world.admitted(&issued).await;
        assert_eq!(admitted.entity().uscc.as_deref(), Some(company.uscc.as_str()));
        assert_eq!(admitted.entity().name.as_deref(), Some(company.name.as_str()));
        assert_eq!(admitted.revocation().method, "crl");
        subjects.push(admitted.subject().clone());
        let again = world.admitted(&issued).await;
        assert_eq!(again.registration(), Registration::Known);
        // A renewed certificate is the same subject again.
        let renewed = world.admitted(&world.issue(profile, &company)).await;
        assert_eq!(
            (renewed.subject(), renewed.registration()),
            (&subjects[0], Registration::Bound)
        );
    }
    subjects.dedup();
    assert_eq!(subjects.len(), 1, "{subjects:?}");
    let other = world.admitted(&world.issue(Profile::A, &Company::numbered(1))).await;
    assert_ne!(other.subject(), &subjects[0]);
}

#[tokio::test]
async fn every_refusal_says_why() {
    let world = World::with(&ALL).await;
    let company = Company::numbered(0);
    let leaf = |validity| Profile::A.leaf(&company, &Person::numbered(0), validity);
    let good = Validity::year_from(NOW - 3600);
    let authority = world.authority(Profile::A);
    let cases = [
        (
            "expired",
            authority.issue(&leaf(Validity::expired_at(NOW))).unwrap(),
            "certificate.expired",
        ),
        (
            "not yet valid",
            authority.issue(&leaf(Validity::not_yet_at(NOW))).unwrap(),
            "certificate.not_yet_valid",
        ),
        (
            "encryption",
            authority.issue(&leaf(good).encryption_only()).unwrap(),
            "certificate.encryption_only",
        ),
        (
            "server",
            authority.issue(&leaf(good).server_only()).unwrap(),
            "policy.extended_key_usage",
        ),
    ];
    for (name, issued, expected) in cases {
        let recognition = world.recognise(&issued);
        assert_eq!(recognition.verdict(), Verdict::Failed, "{name}");
        let codes = decisive(&recognition);
        let said = codes.iter().any(|code| code.starts_with(expected));
        assert!(said, "{name}: {codes:?}");
    }
}

#[tokio::test]
async fn an_unknown_authority_is_refused_without_being_anchored() {
    let world = World::with(&[Profile::A]).await;
    let stranger = World::with(&[Profile::B]).await;
    let issued = stranger.issue(Profile::B, &Company::numbered(0));
    match world.recognise(&issued) {
        Recognition::Refused(refusal) => assert!(!refusal.anchored()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_impostor_under_an_enrolled_name_is_not_anchored() {
    // Two worlds generate authorities of the same name with different keys.
    let world = World::with(&[Profile::B]).await;
    let impostor = World::with(&[Profile::B]).await;
    let issued = impostor.issue(Profile::B, &Company::numbered(0));
    let roots = [&impostor, &world].map(|world| world.authority(Profile::B).root().der());
    assert_ne!(roots[0], roots[1], "the two authorities share a key: the test proves nothing");
    match world.recognise(&issued) {
        Recognition::Refused(refusal) => assert!(!refusal.anchored(), "{refusal:?}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn revoked_is_refused_with_its_proof_and_a_stale_list_is_not_called_revoked() {
    let world = World::with(&[Profile::A]).await;
    let issued = world.issue(Profile::A, &Company::numbered(0));
    world.admitted(&issued).await;
    world.clock.advance_millis(120_000);
    let entry = RevokedEntry::new(issued.serial.clone(), NOW + 30, RevocationReason::KeyCompromise);
    world.import_lists(world.authority(Profile::A), 2, &[entry]).await;
    let recognition = world.recognise(&issued);
    assert_eq!(recognition.verdict(), Verdict::Failed);
    assert!(decisive(&recognition).iter().any(|code| code.contains("revoked")));
    // Long after, another certificate: the list is too old to say.
    let other = world.issue(Profile::A, &Company::numbered(1));
    world.clock.advance_millis(60 * 86_400_000);
    let recognition = world.recognise(&other);
    assert_eq!(recognition.verdict(), Verdict::Indeterminate, "{:?}", decisive(&recognition));
}

#[tokio::test]
async fn a_suspended_authority_is_refused_and_said_so() {
    let world = World::with(&[Profile::A]).await;
    let issued = world.issue(Profile::A, &Company::numbered(0));
    let id = Profile::A.id().parse().unwrap();
    world.set_status(&id, Status::Suspended).await;
    let codes = decisive(&world.recognise(&issued));
    assert!(codes.iter().any(|code| code.starts_with("authority.suspended")), "{codes:?}");
    world.set_status(&id, Status::Active).await;
    world.admitted(&issued).await;
}

#[tokio::test]
async fn a_sign_in_judged_before_a_change_is_stale() {
    let world = World::with(&[Profile::A]).await;
    let issued = world.issue(Profile::A, &Company::numbered(0));
    let Recognition::Recognised(recognised) = world.recognise(&issued) else { panic!() };
    world.set_status(&Profile::A.id().parse().unwrap(), Status::Suspended).await;
    let admission =
        world.province().admit(*recognised, crate::world::request(Timestamp::from_unix(NOW))).await;
    assert!(matches!(admission.unwrap(), Admission::Stale));
}

#[tokio::test]
async fn another_name_from_another_authority_waits_for_an_operator() {
    let world = World::with(&[Profile::A, Profile::B]).await;
    let company = Company::numbered(0);
    let first = world.admitted(&world.issue(Profile::A, &company)).await;
    let renamed = Company { name: "另一个名称有限公司".into(), ..company };
    let issued = world.issue(Profile::B, &renamed);
    let Admission::Indeterminate(findings) = world.sign_in(&issued).await else { panic!() };
    assert_eq!(findings[0].code().id, "identity.name_conflict");
    let subject = first.subject().clone();
    let authority = Profile::B.id().parse().unwrap();
    world.command(Command::SubjectConfirm { subject, authority }).await.unwrap();
    let bound = world.admitted(&issued).await;
    assert_eq!(bound.subject(), first.subject());
}

#[tokio::test]
async fn personal_ids_reach_no_file() {
    let world = World::with(&ALL).await;
    for profile in ALL {
        world.admitted(&world.issue(profile, &Company::numbered(0))).await;
    }
    let person = Person::numbered(0);
    let mut world = world;
    world.reopen();
    for path in files(&world.home()) {
        let bytes = std::fs::read(&path).unwrap();
        for secret in [&person.personal_id, &person.name] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{} holds {secret}", path.display());
        }
    }
}

#[tokio::test]
async fn a_suspended_subordinate_key_cannot_be_walked_around() {
    // Authority C enrols its root; its issuing CA becomes an anchor of its own.
    let world = World::with(&[Profile::C]).await;
    let issued = world.issue(Profile::C, &Company::numbered(0));
    let id: tongxing_trust_store::AuthorityId = Profile::C.id().parse().unwrap();
    let issuing = world.authority(Profile::C).issuing().der().to_vec();
    world
        .command(Command::AnchorAdd {
            authority: id.clone(),
            certificate: issuing.clone().into(),
            effective: None,
        })
        .await
        .unwrap();
    world.admitted(&issued).await;
    let Reply::Authority(view) =
        world.command(Command::AuthorityShow { id: id.clone() }).await.unwrap()
    else {
        panic!()
    };
    let anchor = view.anchors.last().unwrap().spki_sha256.clone();
    let command = Command::StatusSet {
        authority: id,
        anchor: Some(anchor),
        status: Status::Suspended,
        effective: None,
        reason: "test".into(),
    };
    world.command(command).await.unwrap();
    let codes = decisive(&world.recognise(&issued));
    assert!(codes.iter().any(|code| code.starts_with("authority.suspended")), "{codes:?}");
}

#[tokio::test]
async fn subjects_are_found_by_what_operators_know() {
    let world = World::with(&[Profile::A]).await;
    let company = Company::numbered(0);
    let admitted = world.admitted(&world.issue(Profile::A, &company)).await;
    let part: String = company.name.chars().take(4).collect();
    for query in [company.uscc.clone(), part, admitted.subject().to_string()] {
        let reply = world.command(Command::SubjectFind { query: query.clone() }).await.unwrap();
        let Reply::Subjects(found) = reply else { panic!() };
        assert_eq!(found.len(), 1, "{query}");
        assert_eq!(&found[0].id, admitted.subject());
    }
}

#[tokio::test]
async fn who_looks_for_a_person_by_their_id_is_on_the_record_and_the_id_is_not() {
    let world = World::with(&[Profile::C]).await;
    let company = Company::numbered(0);
    let holder = world.admitted(&world.issue(Profile::C, &company)).await.holder().cloned();
    let last = || world.province().position().sequence;
    let find = async |query: &str| {
        let find = Command::SubjectFind { query: query.to_owned() };
        let Reply::Subjects(found) = world.command(find).await.unwrap() else { panic!() };
        found.into_iter().map(|view| view.id).collect::<Vec<_>>()
    };
    let before = last();
    find(&company.uscc).await;
    find(&company.name).await;
    assert_eq!(last(), before, "a legal entity's are public");
    let known = Person::numbered(0).personal_id;
    assert_eq!(find(&known).await, holder.clone().into_iter().collect::<Vec<_>>());
    assert_eq!(find(&Person::numbered(7).personal_id).await, []);
    assert_eq!(last(), before + 2);
    let records = world.province().records_from(before + 1).unwrap().map(Result::unwrap);
    let told = records.map(|record| String::from_utf8_lossy(record.payload()).into_owned());
    let told: Vec<String> = told.collect();
    assert!(told.iter().all(|text| text.contains("person_sought.v1")), "{told:?}");
    assert!(told[0].contains(holder.unwrap().as_str()) && !told[0].contains(&known), "{told:?}");
}

#[tokio::test]
async fn a_purpose_without_its_role_is_refused() {
    let world = World::with(&[Profile::A]).await;
    let issued = world.issue(Profile::A, &Company::numbered(0));
    let leaf = Certificate::parse(&issued.certificate_der).unwrap();
    let at = Timestamp::from_unix(NOW);
    let snapshot = world.province().snapshot();
    let recognition = snapshot.recognise(&[leaf], Purpose::DocumentSigning, at);
    let codes = decisive(&recognition);
    assert!(codes.iter().any(|code| code.starts_with("authority.role_missing")), "{codes:?}");
}

#[tokio::test]
async fn an_erased_person_is_forgotten_and_the_record_stays_whole() {
    let mut world = World::with(&[Profile::C]).await;
    let issued = world.issue(Profile::C, &Company::numbered(0));
    let admitted = world.admitted(&issued).await;
    let holder = admitted.holder().unwrap().clone();
    let show = |reveal: Option<&str>| Command::SubjectShow {
        id: holder.clone(),
        reveal: reveal.map(str::to_owned),
    };
    let Reply::Subject(seen) = world.command(show(Some("dispute 7"))).await.unwrap() else {
        panic!()
    };
    assert_eq!(seen.name.as_deref(), Some(Person::numbered(0).name.as_str()));
    let Reply::Subject(masked) = world.command(show(None)).await.unwrap() else { panic!() };
    assert_eq!(masked.name, None);
    let erase = |subject| Command::SubjectErase { subject, reason: "asked for".into() };
    let company = admitted.subject().clone();
    assert!(world.command(erase(company)).await.is_err(), "a legal entity is not a person");
    world.command(erase(holder.clone())).await.unwrap();
    assert!(world.command(show(None)).await.is_err());
    world.reopen();
    let verify = Command::AuditVerify { replay: tongxing_trust_store::Replay::Yes };
    world.command(verify).await.unwrap();
    // The company goes on; its holder becomes a new person when seen again.
    let again = world.admitted(&issued).await;
    assert_eq!(again.subject(), admitted.subject());
    assert_ne!(again.holder(), Some(&holder));
}
