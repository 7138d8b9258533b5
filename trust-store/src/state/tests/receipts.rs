//! Provisional receipts: what decides them, whatever order it comes in.

use super::super::*;
use super::World;
use crate::change::*;
use crate::state::Lookups;

const LIST: &str = "list";

fn awaited(scope: &str) -> AwaitedModel {
    AwaitedModel {
        authority: "ca-a".parse().unwrap(),
        signer: "ca-a-key".to_owned(),
        scope: scope.to_owned(),
        issuer: b"a name".to_vec().into(),
        serial: vec![7].into(),
        not_after: Timestamp::from_unix(10),
        at: Timestamp::from_unix(0),
    }
}

fn party() -> RelyingPartyId {
    "platform".parse().unwrap()
}

impl World {
    fn verified(&mut self, scopes: &[&str]) -> u64 {
        self.applied(Change::VerificationRecorded(Box::new(VerificationRecorded {
            relying_party: party(),
            statement: String::new(),
            verdict: tongxing_pki::Verdict::Passed,
            provisional: false,
            judged_at: 0,
            evidence: vec![LIST.to_owned()],
            awaits: scopes.iter().map(|scope| awaited(scope)).collect(),
        })));
        self.sequence
    }

    fn said(&mut self, receipt: u64, awaited: u32, revoked: bool) {
        let revoked = revoked.then(|| RevokedModel {
            date: Timestamp::from_unix(0),
            reason: None,
            invalidity_date: None,
        });
        let (list, statement) = (LIST.to_owned(), Some("5a".repeat(32)));
        let decided = vec![DecidedModel { receipt, statement, awaited, list, revoked }];
        self.applied(Change::ReceiptsDecided(ReceiptsDecided { decided }));
    }

    fn waiting(&self, scope: &str) -> Vec<u64> {
        let place = ListPlace { signer: "ca-a-key".to_owned(), scope: scope.to_owned() };
        View(&self.rows).receipts_awaiting(&"ca-a".parse().unwrap(), &place, 0, 9).unwrap()
    }

    fn decisions(&self) -> Vec<(u64, u64, bool)> {
        let rows = View(&self.rows).decisions(&party(), 0, 9).unwrap();
        rows.into_iter()
            .map(|(record, receipt, row)| (record, receipt, row.revoked.is_none()))
            .collect()
    }
}

#[test]
fn all_lists_must_agree_and_one_revocation_is_enough() {
    let mut world = World::new();
    let (one, other) = (world.verified(&["a", "b"]), world.verified(&["a", "b"]));
    assert_eq!((world.waiting("a"), world.waiting("b")), (vec![one, other], vec![one, other]));
    world.said(one, 0, false);
    assert_eq!(world.waiting("a"), [other]);
    assert!(world.decisions().is_empty(), "one list of two");
    world.said(one, 0, true);
    assert!(world.decisions().is_empty(), "what was said once is said");
    world.said(one, 1, false);
    let confirmed = (world.sequence, one, true);
    assert_eq!(world.decisions(), [confirmed]);
    world.said(other, 1, true);
    let overturned = (world.sequence, other, false);
    assert_eq!(world.decisions(), [confirmed, overturned]);
    assert!(world.waiting("a").is_empty() && world.waiting("b").is_empty());
    world.said(other, 0, false);
    world.said(one, 1, true);
    assert_eq!(world.decisions().len(), 2, "decided once and for all");
    assert_eq!(View(&world.rows).decisions(&party(), confirmed.0, 9).unwrap().len(), 1);
}

#[test]
fn what_is_final_waits_for_nothing_and_its_evidence_is_named() {
    let mut world = World::new();
    let receipt = world.verified(&[]);
    let view = View(&world.rows);
    assert!(view.receipt(receipt).unwrap().is_none());
    assert!(view.names_blob(LIST).unwrap());
    assert!(view.relied_upon(LIST).unwrap().is_some());
    assert!(view.relied_upon("another").unwrap().is_none());
}

#[test]
fn a_platform_is_told_ever_more() {
    let mut world = World::new();
    for (through, expected) in [(7, 7), (3, 7), (9, 9)] {
        let change = NoticesDelivered { relying_party: party(), through };
        world.applied(Change::NoticesDelivered(change));
        assert_eq!(View(&world.rows).notices_delivered(&party()).unwrap(), expected);
    }
}

#[test]
fn what_a_receipt_came_to_rely_upon_stays() {
    let mut world = World::new();
    world.verified(&[]);
    let retention = RetentionApplied { lists: vec![LIST.into()], ..RetentionApplied::default() };
    let retention = Change::RetentionApplied(retention);
    world.applied(retention.clone());
    assert!(View(&world.rows).names_blob(LIST).unwrap());
    world.time += 3 * 86_400_000;
    world.applied(retention);
    assert!(!View(&world.rows).names_blob(LIST).unwrap());
}
