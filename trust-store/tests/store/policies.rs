//! The policy that judges a moment is the one that was in force then.

use tongxing_pki::{Certificate, RevocationResponses, Timestamp};
use tongxing_testdata::{Company, Issued, Profile};
use tongxing_trust_store::{
    AuthorityId, Command, Demands, PolicyFile, Purpose, Recognition, Reply,
};

use crate::world::{NOW, PROVINCE_POLICY, World, decisive};

const HOUR: i64 = 3600;

struct Scene {
    world: World,
    issued: Issued,
}

impl Scene {
    async fn new() -> Self {
        let world = World::with(&[Profile::B]).await;
        let issued = world.issue(Profile::B, &Company::numbered(0));
        Self { world, issued }
    }

    fn now(&self, at: i64) {
        self.world.clock.advance_millis(at * 1000 - self.world.clock_seconds() * 1000);
    }

    /// Sets the policy with one text replaced.
    async fn set(&self, from: &str, to: &str, effective: Option<i64>) -> Reply {
        let source = Profile::B.policy_toml();
        assert!(source.contains(from));
        let policy = PolicyFile { name: "ca-b.toml".into(), source: source.replace(from, to) };
        self.policy(Some(Profile::B.id().parse().unwrap()), policy, effective).await
    }

    async fn policy(
        &self,
        authority: Option<AuthorityId>,
        policy: PolicyFile,
        effective: Option<i64>,
    ) -> Reply {
        let effective = effective.map(Timestamp::from_unix);
        self.world.command(Command::PolicySet { authority, policy, effective }).await.unwrap()
    }

    /// What decides at a moment: nothing where it is recognised.
    fn at(&self, at: i64) -> String {
        let recognition = self.recognise(at);
        match recognition {
            Recognition::Recognised(_) => String::new(),
            other => decisive(&other).join(" "),
        }
    }

    fn recognise(&self, at: i64) -> Recognition {
        let leaf = Certificate::parse(&self.issued.certificate_der).unwrap();
        let (at, none) = (Timestamp::from_unix(at), RevocationResponses::default());
        let demands = Demands::default();
        let province = self.world.province();
        let snapshot = province.snapshot();
        province.recognise_past(&snapshot, &[leaf], Purpose::SignIn, at, none, &demands).unwrap()
    }

    fn version(&self, at: i64) -> String {
        match self.recognise(at) {
            Recognition::Recognised(recognised) => recognised.policy_version().to_owned(),
            other => panic!("{:?}", decisive(&other)),
        }
    }
}

const HIGH: &str = "default-assurance = \"high\"";
const LOW: &str = "default-assurance = \"low\"";

#[tokio::test]
async fn each_moment_has_the_policy_of_its_time() {
    let mut scene = Scene::new().await;
    scene.now(NOW + 2 * HOUR);
    scene.set(HIGH, LOW, None).await;
    scene.now(NOW + 4 * HOUR);
    scene.set(HIGH, "default-assurance = \"substantial\"", None).await;
    scene.now(NOW + 6 * HOUR);
    for _ in 0..2 {
        assert_eq!(scene.at(NOW + HOUR), "");
        assert_eq!(scene.at(NOW + 2 * HOUR - 1), "");
        assert!(scene.at(NOW + 2 * HOUR).contains("assurance"), "{}", scene.at(NOW + 2 * HOUR));
        assert!(scene.at(NOW + 3 * HOUR).contains("assurance"));
        assert_eq!(scene.at(NOW + 5 * HOUR), "");
        assert_ne!(scene.version(NOW + HOUR), scene.version(NOW + 5 * HOUR));
        assert_eq!(scene.version(NOW + 5 * HOUR), scene.version(NOW + 6 * HOUR));
        // And after the index is made anew.
        scene.world.reopen();
    }
}

#[tokio::test]
async fn a_correction_may_reach_back_and_a_plan_waits() {
    let scene = Scene::new().await;
    scene.now(NOW + 2 * HOUR);
    scene.set(HIGH, LOW, Some(NOW + HOUR)).await;
    assert_eq!(scene.at(NOW + HOUR - 1), "");
    assert!(scene.at(NOW + HOUR).contains("assurance"));
    // It stands, without a record, once its time has come.
    scene.set(HIGH, HIGH, Some(NOW + 4 * HOUR)).await;
    assert!(scene.at(NOW + 2 * HOUR).contains("assurance"));
    let present = |at| {
        scene.now(at);
        matches!(scene.world.recognise(&scene.issued), Recognition::Recognised(_))
    };
    assert!(!present(NOW + 4 * HOUR - 1));
    assert!(present(NOW + 4 * HOUR));
    // Planned and cancelled by a nearer one, which says so.
    scene.set(HIGH, LOW, Some(NOW + 9 * HOUR)).await;
    let Reply::Done { cancelled, .. } = scene.set(HIGH, HIGH, None).await else { panic!() };
    assert_eq!(cancelled.len(), 1);
    assert_eq!(cancelled[0].effective.unix(), NOW + 9 * HOUR);
    assert!(present(NOW + 10 * HOUR));
}

#[tokio::test]
async fn what_is_remembered_ends_where_a_planned_policy_begins() {
    let scene = Scene::new().await;
    scene.set(HIGH, LOW, Some(NOW + HOUR)).await;
    let leaf = Certificate::parse(&scene.issued.certificate_der).unwrap();
    let province = scene.world.province();
    let recognised = |at: i64| {
        let snapshot = province.snapshot();
        let (none, demands) =
            (tongxing_trust_store::SuppliedEvidence::default(), Demands::default());
        let chain = std::slice::from_ref(&leaf);
        let at = Timestamp::from_unix(at);
        let judged = province.recognise(&snapshot, chain, Purpose::SignIn, at, &none, &demands);
        matches!(judged, Recognition::Recognised(_))
    };
    assert!(recognised(NOW + 1));
    assert!(recognised(NOW + HOUR - 1));
    assert!(!recognised(NOW + HOUR));
}

#[tokio::test]
async fn the_provinces_own_rules_have_their_time_too() {
    let scene = Scene::new().await;
    scene.now(NOW + 2 * HOUR);
    let rule = "[sign-in]\ncapacities = [\"organization\", \"legal-representative\", \"agent\", \
                \"individual\"]";
    assert!(PROVINCE_POLICY.contains(rule));
    let source = PROVINCE_POLICY.replace(rule, "[sign-in]\ncapacities = [\"individual\"]");
    let policy = PolicyFile { name: "province.toml".into(), source };
    scene.policy(None, policy, None).await;
    assert_eq!(scene.at(NOW + HOUR), "");
    assert!(scene.at(NOW + 2 * HOUR).contains("capacity"), "{}", scene.at(NOW + 2 * HOUR));
}
