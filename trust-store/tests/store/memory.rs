//! Judging with memory comes to what judging without it does, whatever happens.

use tongxing_pki::{Certificate, OcspReply, RevocationResponse, Timestamp, Verdict};
use tongxing_testdata::{
    Attribute, Company, CrlSpec, Issued, KeyUsage, LeafSpec, OcspAnswer, OcspSpec, OcspStatus,
    Person, Profile, RevocationReason, RevokedEntry, Validity, oid,
};
use tongxing_trust_store::{
    Clock, Command, Demands, PolicyFile, Purpose, Recognition, Status, SuppliedEvidence,
};

use crate::world::{NOW, World, decisive};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// Numbers that look random and are the same each time (Knuth's MMIX generator).
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % limit
    }

    fn one<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        let place = usize::try_from(self.below(of.len() as u64)).unwrap();
        &of[place]
    }
}

/// Everything that a judgement says.
fn told(recognition: &Recognition) -> String {
    match recognition {
        Recognition::Recognised(recognised) => {
            let path: Vec<_> =
                recognised.path().certificates().iter().map(Certificate::sha256).collect();
            let (basis, identity) = (recognised.revocation(), recognised.identity());
            let findings = recognition.findings();
            let (authority, revision) = (recognised.authority(), recognised.revision());
            format!("{authority} {revision} {identity:?} {basis:?} {path:?} {findings:?}")
        }
        other => format!("{other:?}"),
    }
}

fn leaves(world: &World) -> Vec<Issued> {
    let mut leaves = Vec::new();
    for (profile, number) in [(Profile::A, 0), (Profile::B, 0), (Profile::B, 1), (Profile::C, 0)] {
        let validity = Validity::year_from(NOW - HOUR);
        let (company, person) = (Company::numbered(number), Person::numbered(0));
        let spec = profile.leaf(&company, &person, validity);
        leaves.push(world.authority(profile).issue(&spec).unwrap());
        // One that expires, or is not valid yet, while the test goes on.
        let spec = profile.leaf(&company, &person, validity);
        let soon = Validity { not_after: NOW + DAY + 7, ..validity };
        leaves.push(world.authority(profile).issue(&LeafSpec { validity: soon, ..spec }).unwrap());
    }
    leaves
}

/// Policies of one authority that differ in what depends on the time.
fn policies() -> Vec<String> {
    let plain = Profile::B.policy_toml();
    let end = "{ algorithm = \"ecdsa-sha256\", until = 2026-06-02T00:00:00+08:00 }";
    let grace = "when-unavailable = \"allow-within-grace\"\ngrace = \"2h\"";
    vec![
        plain.to_owned(),
        plain.replace("signatures = [\"ecdsa-sha256\"]", &format!("signatures = [{end}]")),
        plain.replace("when-unavailable = \"refuse\"", grace),
        plain.replace("order = [\"crl\"]", "order = [\"crl\"]\nmax-age = \"3h\""),
    ]
}

async fn change(world: &World, leaves: &[Issued], number: u64, draw: &mut Draw) {
    let authority = Profile::B.id().parse().unwrap();
    let now = world.clock.now().unix();
    let command = match draw.below(4) {
        0 => Command::StatusSet {
            authority,
            anchor: None,
            status: *draw.one(&[Status::Active, Status::Active, Status::Suspended]),
            effective: Some(Timestamp::from_unix(now + i64::try_from(draw.below(9000)).unwrap())),
            reason: "the property".into(),
        },
        1 => {
            let policy =
                PolicyFile { name: "b.toml".into(), source: draw.one(&policies()).clone() };
            Command::PolicySet { authority: Some(authority), policy, effective: None }
        }
        2 => Command::DistrustSet {
            authority,
            anchor: None,
            issued_after: draw.one(&[None, Some(Timestamp::from_unix(NOW - DAY))]).to_owned(),
            reason: "the property".into(),
        },
        _ => {
            let mut spec = CrlSpec::empty(number + 10, now, now + 2 * HOUR);
            if draw.below(2) == 0 {
                let serial = draw.one(leaves).serial.clone();
                spec = spec.revoking(RevokedEntry::new(serial, now, RevocationReason::Superseded));
            }
            let profile = *draw.one(&[Profile::A, Profile::B, Profile::C]);
            let list = world.authority(profile).crl(&spec).unwrap();
            Command::ListImport { list: list.into() }
        }
    };
    // Some are refused: that too must change nothing.
    let _ = world.command(command).await;
}

#[tokio::test]
async fn memory_changes_no_verdict() {
    let world = World::with(&[Profile::A, Profile::B, Profile::C]).await;
    let (leaves, mut draw) = (leaves(&world), Draw(20_261_128));
    let parsed: Vec<_> =
        leaves.iter().map(|leaf| Certificate::parse(&leaf.certificate_der).unwrap()).collect();
    let (none, demands) = (SuppliedEvidence::default(), Demands::default());
    let (mut recognised, mut refused) = (0, 0);
    for number in 0..600 {
        match draw.below(8) {
            0 => change(&world, &leaves, number, &mut draw).await,
            // Seconds around the hours at which lists and statuses change.
            1 => world.clock.advance_millis(*draw.one(&[1000, 59_000, 3_599_000, 7_201_000])),
            2 => world.clock.advance_millis(-1000),
            _ => {}
        }
        let province = world.province();
        let (snapshot, at) = (province.snapshot(), world.clock.now());
        for _ in 0..2 {
            let chain = std::slice::from_ref(draw.one(&parsed));
            let purpose = *draw.one(&[Purpose::SignIn, Purpose::SignIn, Purpose::DocumentSigning]);
            let with = province.recognise(&snapshot, chain, purpose, at, &none, &demands);
            let without = snapshot.recognise(chain, purpose, at);
            assert_eq!(told(&with), told(&without), "step {number} at {at}");
            match with {
                Recognition::Recognised(_) => recognised += 1,
                _ => refused += 1,
            }
        }
    }
    assert!(recognised > 100 && refused > 100, "{recognised} recognised, {refused} refused");
}

#[tokio::test]
async fn what_is_remembered_ends_with_its_list_and_with_the_certificate() {
    let world = World::with(&[Profile::B]).await;
    let (none, demands) = (SuppliedEvidence::default(), Demands::default());
    let issued = world.issue(Profile::B, &Company::numbered(0));
    let leaf = Certificate::parse(&issued.certificate_der).unwrap();
    let chain = std::slice::from_ref(&leaf);
    let province = world.province();
    let judge = |at: i64| {
        let at = Timestamp::from_unix(at);
        province.recognise(&province.snapshot(), chain, Purpose::SignIn, at, &none, &demands)
    };
    let due = NOW - 60 + DAY;
    // The path says when it was validated: once, and again when the list is due.
    let mut validated = Vec::new();
    for at in [NOW + 9, NOW + HOUR, due - 1, due] {
        let Recognition::Recognised(recognised) = judge(at) else { panic!("not at {at}") };
        assert_eq!(recognised.revocation().age_seconds, Some(at - NOW + 60));
        validated.push(recognised.path().at().unix());
    }
    assert_eq!(validated, [NOW + 9, NOW + 9, NOW + 9, due]);
    let late = judge(due + 1);
    assert!(decisive(&late)[0].starts_with("revocation."), "{:?}", decisive(&late));
}

/// A responder that is enrolled needs not come along with what it signs.
#[tokio::test]
async fn what_an_enrolled_responder_said_is_forgotten_when_its_certificate_ends() {
    let world = World::with(&[Profile::B]).await;
    world.allow_ocsp("order = [\"ocsp\"]").await;
    let subject = vec![Attribute::utf8(oid::COMMON_NAME, "responder")];
    let validity = Validity { not_before: NOW - HOUR, not_after: NOW + HOUR };
    let spec = LeafSpec::signing(subject, validity).ocsp_responder();
    let key_usages = vec![KeyUsage::DigitalSignature, KeyUsage::CrlSign];
    let root = world.authority(Profile::B).root();
    let responder = root.issue(&LeafSpec { key_usages, ..spec }).unwrap();
    let id = Profile::B.id().parse().unwrap();
    let certificate = responder.certificate_der.clone().into();
    world.command(Command::IntermediateAdd { authority: id, certificate }).await.unwrap();
    let issued = world.issue(Profile::B, &Company::numbered(0));
    let answer = OcspAnswer::new(issued.serial.clone(), OcspStatus::Good, NOW - 60, NOW + DAY);
    let der = root.ocsp_by(&responder, &OcspSpec::of(answer)).unwrap();
    let OcspReply::Answered(response) = OcspReply::parse(&der).unwrap() else { panic!() };
    let leaf = Certificate::parse(&issued.certificate_der).unwrap();
    let judge = |at| {
        let responses = [RevocationResponse::new(response.clone())].into_iter().collect();
        let supplied = SuppliedEvidence { responses, ..SuppliedEvidence::default() };
        let (province, chain) = (world.province(), std::slice::from_ref(&leaf));
        let (snapshot, demands) = (province.snapshot(), Demands::default());
        let at = Timestamp::from_unix(at);
        province.recognise(&snapshot, chain, Purpose::SignIn, at, &supplied, &demands)
    };
    for at in [NOW + 9, NOW + HOUR] {
        let recognition = judge(at);
        assert_eq!(recognition.verdict(), Verdict::Passed, "{:?}", decisive(&recognition));
    }
    assert_eq!(judge(NOW + HOUR + 1).verdict(), Verdict::Indeterminate);
}

#[tokio::test]
async fn what_is_remembered_was_said_on_the_same_responses() {
    let world = World::with(&[Profile::B]).await;
    let asked = "order = [\"ocsp\"]\nhosts = [\"ocsp.example\"]\nocsp = \"http://ocsp.example/\"";
    let source = Profile::B.policy_toml().replace("order = [\"crl\"]", asked);
    let policy = PolicyFile { name: "b.toml".into(), source };
    let authority = Some(Profile::B.id().parse().unwrap());
    world.command(Command::PolicySet { authority, policy, effective: None }).await.unwrap();
    let issued = world.issue(Profile::B, &Company::numbered(0));
    let leaf = Certificate::parse(&issued.certificate_der).unwrap();
    let told = |status, made: i64| {
        let answer = OcspAnswer::new(issued.serial.clone(), status, made, NOW + HOUR);
        let response = world.authority(Profile::B).issuing().ocsp(&OcspSpec::of(answer)).unwrap();
        match OcspReply::parse(&response).unwrap() {
            OcspReply::Answered(response) => RevocationResponse::new(response),
            OcspReply::Refused(refusal) => panic!("{refusal:?}"),
        }
    };
    let judge = |responses: &[&RevocationResponse], at| {
        let responses = responses.iter().copied().cloned().collect();
        let supplied = SuppliedEvidence { responses, ..SuppliedEvidence::default() };
        let (province, chain) = (world.province(), std::slice::from_ref(&leaf));
        let (snapshot, demands) = (province.snapshot(), Demands::default());
        let at = Timestamp::from_unix(at);
        province.recognise(&snapshot, chain, Purpose::SignIn, at, &supplied, &demands)
    };
    let made = |recognition: &Recognition| match recognition {
        Recognition::Recognised(recognised) => {
            let path = recognised.path().at().unix();
            (path, recognised.revocation().made.map(Timestamp::unix))
        }
        other => panic!("{other:?}"),
    };
    let good = told(OcspStatus::Good, NOW - 60);
    let older = told(OcspStatus::Good, NOW - 120);
    let reason = RevocationReason::KeyCompromise;
    let revoked = told(OcspStatus::Revoked { at: NOW - 300, reason }, NOW - 30);
    assert_eq!(made(&judge(&[&good], NOW + 9)), (NOW + 9, Some(NOW - 60)));
    assert_eq!(made(&judge(&[&good], NOW + 10)), (NOW + 9, Some(NOW - 60)), "remembered");
    // Each of these would pass if the responses were no part of the question.
    assert_eq!(judge(&[], NOW + 11).verdict(), Verdict::Indeterminate);
    assert_eq!(judge(&[&revoked], NOW + 11).verdict(), Verdict::Failed);
    assert_eq!(judge(&[&good, &revoked], NOW + 11).verdict(), Verdict::Failed);
    assert_eq!(made(&judge(&[&older], NOW + 11)), (NOW + 11, Some(NOW - 120)));
    assert_eq!(made(&judge(&[&good, &older], NOW + 12)), (NOW + 12, Some(NOW - 60)));
    assert_eq!(
        made(&judge(&[&older, &good], NOW + 13)),
        (NOW + 12, Some(NOW - 60)),
        "in any order"
    );
    assert_eq!(made(&judge(&[&good], NOW + 13)), (NOW + 9, Some(NOW - 60)), "still remembered");
}
