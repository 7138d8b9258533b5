//! Authorities of one name with keys and rules of their own.

use tongxing_pki::{Certificate, OcspReply, RevocationResponses, Timestamp};
use tongxing_testdata::{
    Attribute, AuthorityCertificate, AuthorityKeyIdentifier, Company, Issued, KeyAlgorithm,
    LeafSpec, OcspAnswer, OcspSpec, OcspStatus, Person, Profile, TestAuthority, Validity, oid,
};
use tongxing_trust_store::{Purpose, Recognition, SuppliedEvidence};

use crate::world::{NOW, World, decisive};

const STRICT: &str = "namesake-strict";
const LENIENT: &str = "namesake-lenient";

/// Two authorities with one name, enrolled in this order: one keeps to the standard SM2
/// user id, and the other one signs with an empty one, which its policy allows.
struct Namesakes {
    world: World,
    strict: TestAuthority,
    lenient: TestAuthority,
}

fn generate(id: &str, algorithm: KeyAlgorithm) -> TestAuthority {
    let mut spec = Profile::B.authority(Validity::decade_around(NOW)).with_id(id);
    spec.levels[0].algorithm = algorithm;
    TestAuthority::generate(&spec).unwrap()
}

fn policy(id: &str, more: &str) -> String {
    let policy = Profile::B.policy_toml();
    let policy = policy.replace("authority = \"ca-b\"", &format!("authority = {id:?}"));
    let signatures = format!("signatures = [\"sm2-sm3\"]\n{more}");
    policy.replace("signatures = [\"ecdsa-sha256\"]", &signatures)
}

impl Namesakes {
    async fn enrolled(order: [&str; 2]) -> Self {
        let world = World::with(&[]).await;
        let strict = generate(STRICT, KeyAlgorithm::Sm2);
        let lenient = generate(LENIENT, KeyAlgorithm::Sm2EmptyUserId);
        assert_eq!(strict.root().name_der(), lenient.root().name_der());
        for id in order {
            let (authority, more) = match id {
                STRICT => (&strict, ""),
                _ => (&lenient, "sm2-user-ids = [\"\"]"),
            };
            world.add(id, Profile::B, authority, &policy(id, more)).await;
            world.import_lists(authority, 1, &[]).await;
        }
        Self { world, strict, lenient }
    }

    /// A leaf that says nothing of its issuer's key.
    fn issue(authority: &TestAuthority) -> Issued {
        let validity = Validity::year_from(NOW - 3600);
        let spec = Profile::B.leaf(&Company::numbered(0), &Person::numbered(0), validity);
        let authority_key_identifier = AuthorityKeyIdentifier::LeftOut;
        authority.issue(&LeafSpec { authority_key_identifier, ..spec }).unwrap()
    }
}

const ORDERS: [[&str; 2]; 2] = [[STRICT, LENIENT], [LENIENT, STRICT]];

#[tokio::test]
async fn each_is_judged_by_its_own_rules_whoever_was_enrolled_first() {
    for order in ORDERS {
        let Namesakes { world, strict, lenient } = Namesakes::enrolled(order).await;
        for (authority, id) in [(&strict, STRICT), (&lenient, LENIENT)] {
            let recognition = world.recognise(&Namesakes::issue(authority));
            let Recognition::Recognised(recognised) = recognition else {
                panic!("{id} of {order:?}: {:?}", decisive(&recognition));
            };
            assert_eq!(recognised.authority().as_str(), id);
        }
    }
}

#[tokio::test]
async fn what_one_allows_does_not_serve_the_other() {
    let Namesakes { world, .. } = Namesakes::enrolled(ORDERS[0]).await;
    // Its key signs as only the lenient one may.
    let third = generate("namesake-third", KeyAlgorithm::Sm2EmptyUserId);
    world.add("namesake-third", Profile::B, &third, &policy("namesake-third", "")).await;
    let recognition = world.recognise(&Namesakes::issue(&third));
    assert!(matches!(recognition, Recognition::Refused(_)), "{recognition:?}");
    let why = decisive(&recognition);
    assert!(why[0].starts_with("signature."), "{why:?}");
}

/// An authority called so, with P-256 keys.
fn called(name: &str) -> TestAuthority {
    let mut spec = Profile::B.authority(Validity::decade_around(NOW)).with_id(name);
    spec.levels[0].subject = vec![Attribute::utf8(oid::COMMON_NAME, name)];
    spec.levels[0].path_length = None;
    TestAuthority::generate(&spec).unwrap()
}

/// Two enrolled authorities certify a third one. What the rules of one refuse below its own
/// key is valid below the other's, whichever is looked at first.
#[tokio::test]
async fn a_path_that_fails_below_one_does_not_hide_the_other_s() {
    let world = World::with(&[]).await;
    let (narrow, wide, between) = (called("narrow"), called("wide"), called("between"));
    for (authority, policies) in [(&narrow, "[\"1.2.156.9.7\"]"), (&wide, "\"any\"")] {
        let policy = Profile::B.policy_toml();
        let policy = policy.replace("\"ca-b\"", &format!("{:?}", authority.id()));
        let ocsp = "order = [\"ocsp\"]\nhosts = [\"ocsp.example.cn\"]";
        let policy = policy.replace("order = [\"crl\"]", ocsp);
        let stated = format!("certificate-policies = {policies}");
        let policy = policy.replace("certificate-policies = \"any\"", &stated);
        assert!(policy.contains(&stated));
        world.add(authority.id(), Profile::B, authority, &policy).await;
    }
    let validity = Validity::year_from(NOW - 3_600);
    let leaf = Profile::B.leaf(&Company::numbered(0), &Person::numbered(0), validity);
    let leaf = between.issue(&leaf).unwrap();
    let crossed = [&narrow, &wide].map(|by| by.cross_certify(between.root(), validity).unwrap());
    let good = |issuer: &AuthorityCertificate, serial: &[u8]| {
        let answer = OcspAnswer::new(serial.to_vec(), OcspStatus::Good, NOW - 60, NOW + 60);
        let OcspReply::Answered(response) =
            OcspReply::parse(&issuer.ocsp(&OcspSpec::of(answer)).unwrap()).unwrap()
        else {
            panic!("no answer")
        };
        response
    };
    let responses = [
        good(between.root(), &leaf.serial),
        good(narrow.root(), crossed[0].serial()),
        good(wide.root(), crossed[1].serial()),
    ];
    let responses = RevocationResponses::from_iter(responses);
    let supplied = SuppliedEvidence { responses, ..SuppliedEvidence::default() };
    for order in [[0, 1], [1, 0]] {
        let [one, other] = order.map(|place| crossed[place].der());
        let chain = [&leaf.certificate_der[..], one, other];
        let chain = chain.map(|der| Certificate::parse(der).unwrap());
        let (snapshot, at) = (world.province().snapshot(), Timestamp::from_unix(NOW));
        let recognition = snapshot.recognise_with(&chain, Purpose::SignIn, at, &supplied);
        let Recognition::Recognised(recognised) = recognition else {
            panic!("{order:?}: {:?}", decisive(&recognition));
        };
        assert_eq!(recognised.authority().as_str(), "wide");
    }
}
