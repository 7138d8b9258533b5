//! How certificates were used, counted from the record.

use tongxing_pki::{Timestamp, Verdict};
use tongxing_testdata::{Company, Profile};
use tongxing_trust_store::{
    Admission, Command, Recognition, RefusedSignIn, Reply, StatisticsView, Status,
};

use crate::world::{NOW, World, request};

async fn counted(world: &World, from: Option<i64>, to: Option<i64>) -> StatisticsView {
    let (from, to) = (from.map(Timestamp::from_unix), to.map(Timestamp::from_unix));
    match world.command(Command::Statistics { from, to }).await.unwrap() {
        Reply::Statistics(view) => *view,
        other => panic!("{other:?}"),
    }
}

/// Two sign-ins with A and one with B by one company, one with A by another.
async fn busy() -> World {
    let world = World::with(&[Profile::A, Profile::B]).await;
    let company = Company::numbered(0);
    let first = world.issue(Profile::A, &company);
    world.admitted(&first).await;
    world.admitted(&first).await;
    world.admitted(&world.issue(Profile::B, &company)).await;
    world.admitted(&world.issue(Profile::A, &Company::numbered(1))).await;
    world
}

#[tokio::test]
async fn sign_ins_are_counted_by_what_they_were_made_with() {
    let world = busy().await;
    let view = counted(&world, None, None).await;
    assert_eq!((view.sign_ins, view.mutual, view.mutual_rate), (4, 1, Some(0.25)));
    assert_eq!((view.entities, view.entities_of_several_authorities), (2, 1));
    let [platform] = view.platforms.as_slice() else { panic!("{view:#?}") };
    assert_eq!((platform.sign_ins, platform.entities, platform.authorities), (4, 2, 2));
    assert_eq!(platform.principal.as_ref().unwrap().as_str(), "ca-a");
    let uses: Vec<_> = view
        .uses
        .iter()
        .map(|used| {
            let by = (used.authority.as_str(), used.subject_type.as_str(), used.key.as_str());
            (used.scene.as_str(), by, used.method.as_str(), used.count)
        })
        .collect();
    assert_eq!(
        uses,
        [
            ("sign-in", ("ca-a", "organization", "rsa"), "tls", 3),
            ("sign-in", ("ca-b", "organization", "p-256"), "tls", 1),
        ]
    );
    let told = serde_json::to_string(&view).unwrap();
    assert!(!told.contains(&Company::numbered(0).uscc), "{told}");
}

#[tokio::test]
async fn refusals_are_counted_by_their_reason_and_stale_judgements_not_at_all() {
    let world = busy().await;
    let company = Company::numbered(0);
    let issued = world.issue(Profile::A, &company);
    // Judged before the authority changed: it is judged again, and counts once.
    let Recognition::Recognised(early) = world.recognise(&issued) else { panic!("not recognised") };
    world.set_status(&"ca-a".parse().unwrap(), Status::Active).await;
    let stale = world.province().admit(*early, request(Timestamp::from_unix(NOW))).await;
    assert!(matches!(stale.unwrap(), Admission::Stale));
    world.admitted(&issued).await;
    // The same company under another name, from an authority that it is new to.
    let renamed = Company {
        name: "通行测试改名有限公司".to_owned(),
        uscc: Company::numbered(1).uscc,
    };
    let conflict = world.sign_in(&world.issue(Profile::B, &renamed)).await;
    assert!(matches!(conflict, Admission::Indeterminate(_)));
    let refused = RefusedSignIn {
        authority: Some("ca-a".parse().unwrap()),
        relying_party: Some("platform".parse().unwrap()),
        certificate_sha256: [7; 32],
        method: tongxing_trust_store::Method::Tls,
        verdict: Verdict::Failed,
        codes: vec!["certificate.expired".to_owned(), "revocation.revoked".to_owned()],
        judged_at: 1,
    };
    world.province().refuse(refused).await.unwrap();

    let view = counted(&world, None, None).await;
    assert_eq!(view.sign_ins, 5);
    let refusals: Vec<_> =
        view.refusals.iter().map(|refused| (refused.code.as_str(), refused.count)).collect();
    assert_eq!(refusals, [("certificate.expired", 1), ("identity.name_conflict", 1)]);
}

#[tokio::test]
async fn only_the_time_asked_for_counts() {
    let world = busy().await;
    world.clock.set_millis((NOW + 3600) * 1000);
    world.admitted(&world.issue(Profile::B, &Company::numbered(1))).await;
    assert_eq!(counted(&world, None, Some(NOW + 1)).await.sign_ins, 4);
    let later = counted(&world, Some(NOW + 1), None).await;
    // Who it is was learnt before.
    assert_eq!((later.sign_ins, later.mutual, later.records), (1, 0, 1));
    let nobody = counted(&world, Some(NOW + 7200), None).await;
    assert_eq!((nobody.sign_ins, nobody.mutual_rate), (0, None));
    let (from, to) = (Some(Timestamp::from_unix(NOW)), Some(Timestamp::from_unix(NOW)));
    world.command(Command::Statistics { from, to }).await.unwrap_err();
}
