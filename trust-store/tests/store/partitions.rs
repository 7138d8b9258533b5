//! Authorities that split their list, publish deltas, or sign lists with a key of their
//! own (RFC 5280 5.2.4, 5.2.5, 6.3.3).

use std::sync::Arc;

use tongxing_pki::Certificate;
use tongxing_testdata::{
    AuthorityCertificate, Company, CrlSpec, Extension, Issued, Key, KeyAlgorithm, KeyUsage,
    LeafSpec, LevelSpec, Person, Profile, RevocationReason, RevokedEntry, StringKind,
    TestAuthority, Validity, Value,
};
use tongxing_trust_store::{Command, Recognition, Reply};

use crate::world::{NOW, World, decisive};

const DAY: i64 = 86_400;

fn leaf_at(world: &World, url: &str, number: u32) -> Issued {
    let validity = Validity::year_from(NOW - 3600);
    let spec = Profile::B.leaf(&Company::numbered(number), &Person::numbered(0), validity);
    let spec = LeafSpec { crl_urls: vec![url.to_owned()], ..spec };
    world.authority(Profile::B).issue(&spec).unwrap()
}

/// issuingDistributionPoint with one URI.
fn point(url: &str) -> Extension {
    scope(vec![at(url)])
}

/// DistributionPointName with one URI.
fn at(url: &str) -> Value {
    let uri = Value::Text(StringKind::Ia5, url.to_owned()).implicit(6);
    Value::Sequence(vec![uri]).implicit(0).explicit(0)
}

/// issuingDistributionPoint.
fn scope(fields: Vec<Value>) -> Extension {
    Extension::new("2.5.29.28", Value::Sequence(fields)).critical()
}

/// onlySomeReasons: keyCompromise and cACompromise, and all others.
const REASONS: [&[u8]; 2] = [&[0x03, 0x02, 0x05, 0x60], &[0x03, 0x03, 0x07, 0x1f, 0x80]];

fn only(reasons: &[u8]) -> Vec<Extension> {
    vec![scope(vec![Value::Raw(reasons.to_vec()).implicit(3)])]
}

fn spec(number: u64, made: i64, extensions: Vec<Extension>) -> CrlSpec {
    CrlSpec { extensions, ..CrlSpec::empty(number, made, made + DAY) }
}

fn revoking(spec: CrlSpec, issued: &Issued) -> CrlSpec {
    spec.revoking(RevokedEntry::new(issued.serial.clone(), NOW - 5, RevocationReason::Superseded))
}

async fn import(world: &World, spec: &CrlSpec) {
    let list = world.authority(Profile::B).crl(spec).unwrap();
    world.command(Command::ListImport { list: list.into() }).await.unwrap();
}

fn is_good(world: &World, issued: &Issued) -> bool {
    let recognition = world.recognise(issued);
    let good = matches!(recognition, Recognition::Recognised(_));
    assert_eq!(good, decisive(&recognition).is_empty());
    good
}

#[tokio::test]
async fn each_part_of_a_split_list_is_kept() {
    let world = World::with(&[Profile::B]).await;
    let (one, other) = ("http://crl.example.cn/1.crl", "http://crl.example.cn/2.crl");
    let (of_one, of_other) = (leaf_at(&world, one, 0), leaf_at(&world, other, 1));
    import(&world, &revoking(spec(7, NOW - 30, vec![point(one)]), &of_one)).await;
    import(&world, &spec(7, NOW - 30, vec![point(other)])).await;
    assert!(!is_good(&world, &of_one));
    assert!(is_good(&world, &of_other));
    // A newer part replaces its own predecessor only.
    import(&world, &revoking(spec(8, NOW - 20, vec![point(other)]), &of_other)).await;
    assert!(!is_good(&world, &of_one) && !is_good(&world, &of_other));
    import(&world, &spec(9, NOW - 10, vec![point(one)])).await;
    let Reply::Lists(lists) = world.command(Command::ListList).await.unwrap() else { panic!() };
    assert_eq!(lists.len(), 3, "the whole one and two parts");
}

#[tokio::test]
async fn a_delta_adds_to_its_list_and_does_not_replace_it() {
    let world = World::with(&[Profile::B]).await;
    let (held, other) = (leaf_at(&world, "http://crl.example.cn/", 0), leaf_at(&world, "x:", 1));
    import(&world, &revoking(spec(5, NOW - 30, Vec::new()), &other)).await;
    let indicator = Extension::new("2.5.29.27", Value::Raw(vec![2, 1, 5])).critical();
    assert!(is_good(&world, &held) && !is_good(&world, &other));
    import(&world, &revoking(spec(6, NOW - 20, vec![indicator.clone()]), &held)).await;
    assert!(!is_good(&world, &held) && !is_good(&world, &other), "the delta and its base");
    import(&world, &spec(7, NOW - 10, vec![indicator])).await;
    assert!(is_good(&world, &held) && !is_good(&world, &other), "a newer delta");
}

#[tokio::test]
async fn a_key_of_its_own_may_sign_lists_once_it_is_enrolled() {
    let world = World::with(&[Profile::B]).await;
    let authority = world.authority(Profile::B);
    let subject = authority.root().spec().subject.clone();
    let signer = LeafSpec {
        key_usages: vec![KeyUsage::CrlSign],
        extended_key_usages: Vec::new(),
        ..LeafSpec::signing(subject, Validity::year_from(NOW - 3600))
    };
    let signer = authority.root().issue(&signer).unwrap();
    let held = world.issue(Profile::B, &Company::numbered(0));
    let list = authority.root().crl_by(&signer, &revoking(spec(9, NOW - 9, Vec::new()), &held));
    let import = Command::ListImport { list: list.unwrap().into() };
    assert!(world.command(import.clone()).await.is_err(), "nobody enrolled that key");
    let id = Profile::B.id().parse().unwrap();
    let certificate = signer.certificate_der.clone();
    world
        .command(Command::IntermediateAdd { authority: id, certificate: certificate.into() })
        .await
        .unwrap();
    assert!(is_good(&world, &held));
    world.command(import).await.unwrap();
    let why = decisive(&world.recognise(&held));
    assert!(why[0].starts_with("revocation.revoked"), "{why:?}");
}

#[tokio::test]
async fn a_certificate_that_neither_issues_nor_signs_lists_is_not_enrolled() {
    let world = World::with(&[Profile::B]).await;
    let issued = world.issue(Profile::B, &Company::numbered(0));
    let leaf = Certificate::parse(&issued.certificate_der).unwrap();
    let id = Profile::B.id().parse().unwrap();
    let certificate = leaf.der().to_vec().into();
    let enrol = Command::IntermediateAdd { authority: id, certificate };
    assert!(world.command(enrol).await.is_err());
}

/// What it is of a certificate that is not let in.
fn why(world: &World, issued: &Issued) -> String {
    let recognition = world.recognise(issued);
    assert!(!matches!(recognition, Recognition::Recognised(_)));
    let indeterminate = matches!(recognition, Recognition::Indeterminate(_));
    let why = decisive(&recognition);
    assert_eq!(why.len(), 1, "{why:?}");
    assert_eq!(indeterminate, !why[0].starts_with("revocation.revoked"), "{why:?}");
    why[0].split([' ', ':']).next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn lists_by_reason_clear_only_together_and_revoke_alone() {
    let world = World::with(&[]).await;
    let spec = Profile::B.authority(Validity::decade_around(NOW));
    let authority = TestAuthority::generate(&spec).unwrap();
    world.add(Profile::B.id(), Profile::B, &authority, Profile::B.policy_toml()).await;
    let validity = Validity::year_from(NOW - 3_600);
    let issue = |number| {
        let leaf = Profile::B.leaf(&Company::numbered(number), &Person::numbered(0), validity);
        authority.issue(&leaf).unwrap()
    };
    let (held, revoked) = (issue(0), issue(1));
    let import = async |spec: CrlSpec| {
        let list = authority.crl(&spec).unwrap();
        world.command(Command::ListImport { list: list.into() }).await.unwrap();
    };
    assert_eq!(why(&world, &held), "revocation.no_list");
    import(spec_of(REASONS[0], 1, NOW - 30)).await;
    assert_eq!(why(&world, &held), "revocation.reasons_missing", "one half");
    import(revoking(spec_of(REASONS[1], 1, NOW - 30), &revoked)).await;
    assert!(is_good(&world, &held), "both are kept, and cover every reason");
    assert_eq!(why(&world, &revoked), "revocation.revoked");
    // The half that does not name it replaces nothing of the other.
    import(spec_of(REASONS[0], 2, NOW - 20)).await;
    assert!(is_good(&world, &held));
    assert_eq!(why(&world, &revoked), "revocation.revoked");
    // Once one half is overdue, its reasons are open again; what is proven stays so.
    world.clock.advance_millis(DAY * 1_000 - 25_000);
    assert_eq!(why(&world, &held), "revocation.list_stale");
    assert_eq!(why(&world, &revoked), "revocation.revoked");
}

fn spec_of(reasons: &[u8], number: u64, made: i64) -> CrlSpec {
    spec(number, made, only(reasons))
}

/// An authority of which another one, certified by it, lists whom it revoked.
struct Indirect {
    world: World,
    lister: AuthorityCertificate,
    held: Issued,
}

const ALL: &str = "http://lists.example.cn/all.crl";

impl Indirect {
    async fn new() -> Self {
        let world = World::with(&[Profile::B]).await;
        let validity = Validity::decade_around(NOW);
        let level = LevelSpec::new("通行测试", "lister", KeyAlgorithm::EcdsaP256, validity);
        let key = Arc::new(Key::generate(KeyAlgorithm::EcdsaP256).unwrap());
        let lister = world.authority(Profile::B).root().certify(&level, key).unwrap();
        // RFC 5280 4.2.1.13: the point says who lists there.
        let issuer = Value::Raw(lister.name_der().to_vec()).explicit(4);
        let issuer = Value::Sequence(vec![issuer]).implicit(2);
        let points = Value::Sequence(vec![Value::Sequence(vec![at(ALL), issuer])]);
        let year = Validity::year_from(NOW - 3_600);
        let leaf = Profile::B.leaf(&Company::numbered(0), &Person::numbered(0), year);
        let leaf = LeafSpec { crl_urls: Vec::new(), ..leaf };
        let leaf = leaf.with_extension(Extension::new("2.5.29.31", points));
        let held = world.authority(Profile::B).issue(&leaf).unwrap();
        Self { world, lister, held }
    }

    async fn import(&self, number: u64, entry: Option<RevokedEntry>) -> bool {
        let indirect = Value::Raw(vec![0x01, 0x01, 0xff]).implicit(4);
        let made = NOW - 60 + i64::try_from(number).unwrap();
        let spec = spec(number, made, vec![scope(vec![at(ALL), indirect])]);
        let spec = entry.into_iter().fold(spec, CrlSpec::revoking);
        let list = self.lister.crl(&spec).unwrap();
        self.world.command(Command::ListImport { list: list.into() }).await.is_ok()
    }

    fn entry(&self) -> RevokedEntry {
        let serial = self.held.serial.clone();
        RevokedEntry::new(serial, NOW - 5, RevocationReason::KeyCompromise)
    }
}

#[tokio::test]
async fn an_indirect_list_tells_of_another_issuers_certificates() {
    let scene = Indirect::new().await;
    assert!(!scene.import(1, None).await, "nobody enrolled that key");
    let id = Profile::B.id().parse().unwrap();
    let certificate = scene.lister.der().to_vec().into();
    let enrol = Command::IntermediateAdd { authority: id, certificate };
    scene.world.command(enrol).await.unwrap();
    assert!(scene.import(1, None).await);
    assert!(is_good(&scene.world, &scene.held));
    // Without a name an entry is of the list's own issuer (RFC 5280 5.3.3), as with it.
    let stranger = scene.lister.name_der().to_vec();
    for (number, entry) in [(2, scene.entry()), (3, scene.entry().issued_by(stranger))] {
        assert!(scene.import(number, Some(entry)).await);
        assert!(is_good(&scene.world, &scene.held), "{number}");
    }
    let issuer = scene.world.authority(Profile::B).root().name_der().to_vec();
    assert!(scene.import(4, Some(scene.entry().issued_by(issuer))).await);
    assert_eq!(why(&scene.world, &scene.held), "revocation.revoked");
}
