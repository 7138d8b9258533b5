//! Authorities that split their list, publish deltas, or sign lists with a key of their
//! own (RFC 5280 5.2.4, 5.2.5, 6.3.3).

use tongxing_pki::Certificate;
use tongxing_testdata::{
    Company, CrlSpec, Extension, Issued, KeyUsage, LeafSpec, Person, Profile, RevocationReason,
    RevokedEntry, StringKind, Validity, Value,
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
    let uri = Value::Text(StringKind::Ia5, url.to_owned()).implicit(6);
    let names = Value::Sequence(vec![uri]).implicit(0);
    Extension::new("2.5.29.28", Value::Sequence(vec![names.explicit(0)])).critical()
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
