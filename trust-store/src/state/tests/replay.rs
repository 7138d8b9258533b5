//! Whatever is in a journal, replaying it gives the same state: one by one, in
//! batches, in memory and in sled.

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use super::super::*;
use super::{World, company, uscc};
use crate::authority::{Role, Status};
use crate::change::*;
use crate::files::Disk;
use crate::image::Images;
use crate::index::{Index, IndexOptions, MemoryRows, Opened, Rows};
use crate::journal::RecordHash;

/// One change, drawn from a world small enough that changes meet: two
/// authorities, a few certificates, companies, names, challenges and platforms.
fn change() -> impl Strategy<Value = Change> {
    let authority = prop::sample::select(vec!["ca-a", "ca-b", "ca-x"]);
    let small = 0_u8..4;
    (0_u8..12, authority, small.clone(), small.clone(), small).prop_map(
        |(kind, authority, certificate, name, third)| {
            let id: AuthorityId = authority.parse().unwrap();
            match kind {
                0..=3 => sign_in(authority, certificate, name, third),
                4 => Change::StatusSet(StatusSet {
                    authority: id,
                    anchor: None,
                    status: [Status::Active, Status::Suspended, Status::Withdrawn, Status::Testing]
                        [usize::from(third)],
                    effective: (name == 0).then(|| Timestamp::from_unix(1_600_000_000)),
                    reason: "property".to_owned(),
                }),
                5 => Change::RolesSet { authority: id, roles: vec![Role::SignIn] },
                6 => Change::ListImported(ListImported {
                    authority: id,
                    issuer_spki_sha256: format!("{authority}-key"),
                    scope: format!("scope-{}", third % 3),
                    blob: format!("list-{third}"),
                    number: None,
                    this_update: Timestamp::from_unix(i64::from(third)),
                    next_update: None,
                    entries: u64::from(certificate),
                }),
                7 => Change::RelyingPartyRegistered(RelyingPartyRegistered {
                    id: format!("platform-{third}").parse().unwrap(),
                    name: "平台".to_owned(),
                    secret_sha256: String::new(),
                }),
                8 => Change::BindingConfirmed { subject: subject(name), authority: id },
                9 => Change::VerificationRecorded(Box::new(VerificationRecorded {
                    relying_party: format!("platform-{third}").parse().unwrap(),
                    statement: String::new(),
                    verdict: tongxing_pki::Verdict::Passed,
                    provisional: false,
                    judged_at: 0,
                    evidence: vec![format!("list-{third}")],
                    awaits: vec![awaited(authority, certificate); usize::from(name)],
                })),
                10 => Change::ReceiptsDecided(ReceiptsDecided {
                    decided: vec![DecidedModel {
                        statement: None,
                        receipt: u64::from(certificate) * 4 + u64::from(name),
                        awaited: u32::from(third),
                        list: format!("list-{third}"),
                        revoked: (name == 3).then(|| RevokedModel {
                            date: Timestamp::from_unix(0),
                            reason: None,
                            invalidity_date: None,
                        }),
                    }],
                }),
                _ => Change::NoticesDelivered(NoticesDelivered {
                    relying_party: format!("platform-{third}").parse().unwrap(),
                    through: u64::from(certificate),
                }),
            }
        },
    )
}

fn awaited(authority: &str, serial: u8) -> AwaitedModel {
    AwaitedModel {
        authority: authority.parse().unwrap(),
        signer: format!("{authority}-key"),
        scope: "scope-0".to_owned(),
        issuer: b"a name".to_vec().into(),
        serial: vec![serial].into(),
        not_after: Timestamp::from_unix(10),
        at: Timestamp::from_unix(0),
    }
}

fn subject(number: u8) -> SubjectId {
    let letter = char::from(b'a' + number);
    letter.to_string().repeat(26).parse().unwrap()
}

fn sign_in(authority: &str, certificate: u8, name: u8, third: u8) -> Change {
    let world = World::new();
    let entity = match third {
        0 => uscc(&format!("公司{name}")),
        1 => {
            let code = super::USCC[8..17].to_owned();
            company(IdentifierModel::OrganizationCode(code), &format!("公司{name}"))
        }
        _ => {
            let value = certificate.to_string();
            let kind = "opaque".to_owned();
            company(IdentifierModel::Scoped { kind, value }, "公司")
        }
    };
    let mut change = world.change(authority, &format!("certificate-{certificate}"), entity);
    change.judged_at = if name == 3 { 0 } else { u64::MAX };
    change.new_subject = subject(certificate);
    if third == 3 {
        change.challenge = Some(ChallengeModel {
            nonce: format!("{certificate}{name}"),
            expires_at: world.time + i64::from(name) * 10,
            epoch: 0,
        });
    }
    Change::SignIn(Box::new(change))
}

fn play(changes: &[Change], rows: &mut dyn Rows, from: usize) -> Vec<Outcome> {
    let by = Actor::Gateway;
    let played = changes.iter().enumerate().skip(from).map(|(at, change)| {
        let sequence = at as u64 + 1;
        let place = Place {
            sequence,
            time: 1_700_000_000_000 + i64::try_from(at).unwrap() * 7,
            hash: RecordHash::GENESIS,
        };
        apply(place, &Entry { by: by.clone(), change: change.clone() }, rows).unwrap()
    });
    played.collect()
}

fn history(changes: Vec<Change>) -> Vec<Change> {
    let mut all: Vec<Change> = ["ca-a", "ca-b"].map(super::enrolled).into();
    all.extend(changes);
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_two_replays_agree(changes in prop::collection::vec(change(), 0..60), batch in 1_usize..20) {
        let changes = history(changes);
        let (mut one, mut other) = (MemoryRows::default(), MemoryRows::default());
        let outcomes = play(&changes, &mut one, 0);
        prop_assert_eq!(&outcomes, &play(&changes, &mut other, 0));
        prop_assert_eq!(one.fingerprint(), other.fingerprint());
        let folder = tempfile::tempdir().unwrap();
        let index = empty_index(folder.path());
        let mut played = 0;
        for part in changes.chunks(batch) {
            let mut rows = index.overlay();
            let upto = played + part.len();
            prop_assert_eq!(&play(&changes[..upto], &mut rows, played), &outcomes[played..upto]);
            rows.commit(upto as u64).unwrap();
            played = upto;
        }
        prop_assert_eq!(index.fingerprint(), one.fingerprint());
    }

    #[test]
    fn an_image_and_the_tail_make_what_all_changes_make(
        changes in prop::collection::vec(change(), 0..60),
        share in 0_usize..100,
    ) {
        let changes = history(changes);
        let upto = 1 + share * (changes.len() - 1) / 100;
        let folder = tempfile::tempdir().unwrap();
        let images = Images::new(Arc::new(Disk), &folder.path().join("images"));
        let first = empty_index(&folder.path().join("first"));
        let mut rows = first.overlay();
        play(&changes[..upto], &mut rows, 0);
        rows.commit(upto as u64).unwrap();
        images.prepare(first.scan_all().unwrap()).unwrap();
        images.publish(upto as u64).unwrap();

        let second = empty_index(&folder.path().join("second"));
        let mut image = images.open(upto as u64).unwrap();
        let mut loader = second.loader();
        while let Some((key, value)) = image.next_row().unwrap() {
            loader.put(&key, &value).unwrap();
        }
        loader.finish(upto as u64).unwrap();
        prop_assert_eq!(second.stands_at(), first.stands_at());
        let mut rows = second.overlay();
        let outcomes = play(&changes, &mut rows, upto);
        rows.commit(changes.len() as u64).unwrap();

        let mut zero = MemoryRows::default();
        prop_assert_eq!(&outcomes[..], &play(&changes, &mut zero, 0)[upto..]);
        prop_assert_eq!(second.fingerprint(), zero.fingerprint());
    }
}

fn empty_index(folder: &Path) -> Index {
    match Index::open(folder, &IndexOptions::default()).unwrap() {
        Opened::Clean(index) => index,
        Opened::Damaged { why } => panic!("{why}"),
    }
}
