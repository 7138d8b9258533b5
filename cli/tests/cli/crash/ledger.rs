//! What was acknowledged, and whether it is still so.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::watch;
use tongxing_gateway::AdminClient;
use tongxing_trust_store::{AuthorityView, Command, Replay, Reply, SubjectView};

use super::world::{Bidder, Gateway, Held, World};

/// Everything that any gateway acknowledged.
#[derive(Default)]
pub(super) struct Ledger {
    noted: Mutex<Noted>,
    count: watch::Sender<u64>,
}

#[derive(Default)]
struct Noted {
    /// By USCC.
    companies: HashMap<String, Entity>,
    /// `sub` by resident id.
    holders: HashMap<String, String>,
    /// `jti` of every token.
    tokens: BTreeSet<String>,
    /// How far each enrolment came.
    authorities: BTreeMap<String, Enrolment>,
}

struct Entity {
    sub: String,
    /// Hex SHA-256 of the certificates that signed in.
    certificates: BTreeSet<String>,
}

/// How far an authority came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Enrolment {
    Added,
    ListImported,
    Active,
}

/// What matters here of a token.
#[derive(Debug, Deserialize)]
struct Claims {
    sub: String,
    jti: String,
    act: Option<Holder>,
}

#[derive(Debug, Deserialize)]
struct Holder {
    sub: String,
}

impl Ledger {
    /// Notes a token that a bidder was given.
    pub(super) fn signed_in(&self, bidder: &Bidder, held: &Held, answer: &Value) {
        let claims = Claims::of(answer["access_token"].as_str().unwrap());
        let mut noted = self.noted();
        assert!(noted.tokens.insert(claims.jti), "a token was given twice");
        let entity = noted
            .companies
            .entry(bidder.uscc.clone())
            .or_insert_with(|| Entity { sub: claims.sub.clone(), certificates: BTreeSet::new() });
        assert_eq!(entity.sub, claims.sub, "another sub for {}", bidder.uscc);
        entity.certificates.insert(held.sha256.clone());
        if let Some(Holder { sub }) = claims.act {
            let id = bidder.holder.personal_id.clone();
            let known = noted.holders.entry(id).or_insert_with(|| sub.clone());
            assert_eq!(*known, sub, "another sub for {}", bidder.holder.name);
        }
        drop(noted);
        self.count.send_modify(|count| *count += 1);
    }

    /// Notes how far an authority came.
    pub(super) fn enrolled(&self, id: &str, enrolment: Enrolment) {
        self.noted().authorities.insert(id.to_owned(), enrolment);
        self.count.send_modify(|count| *count += 1);
    }

    /// How many things were acknowledged.
    pub(super) fn count(&self) -> u64 {
        *self.count.borrow()
    }

    /// Waits until so many were.
    pub(super) async fn reaches(&self, count: u64) {
        let mut receiver = self.count.subscribe();
        receiver.wait_for(|now| *now >= count).await.unwrap();
    }

    /// Says how much it holds, so that a test that proves little is seen.
    pub(super) fn tell(&self) {
        let noted = self.noted();
        let (tokens, companies) = (noted.tokens.len(), noted.companies.len());
        let authorities = noted.authorities.len();
        eprintln!("noted: {tokens} tokens, {companies} companies, {authorities} authorities");
        let subs: BTreeSet<_> = noted.companies.values().map(|entity| &entity.sub).collect();
        assert_eq!(subs.len(), companies, "two companies share a sub");
        assert!(companies > 0 && authorities > 0);
    }

    /// Whether a gateway knows all of it.
    pub(super) async fn check(&self, gateway: &Gateway, world: &World) {
        let admin = AdminClient::new(&gateway.addresses.admin_socket);
        let Reply::Authorities(listed) = admin.execute(&Command::AuthorityList).await.unwrap()
        else {
            panic!("no list of authorities");
        };
        self.check_authorities(&listed);
        // Errs when the state is not what the journal makes from its first record.
        admin.execute(&Command::AuditVerify { replay: Replay::Yes }).await.unwrap();
        for bidder in &world.companies {
            if !self.noted().companies.contains_key(&bidder.uscc) {
                continue;
            }
            let find = Command::SubjectFind { query: bidder.uscc.clone() };
            match admin.execute(&find).await.unwrap() {
                Reply::Subjects(found) => self.check_company(&bidder.uscc, &found),
                other => panic!("no subjects: {other:?}"),
            }
        }
    }

    fn check_company(&self, uscc: &str, found: &[SubjectView]) {
        let noted = self.noted();
        let entity = &noted.companies[uscc];
        let [view] = found else { panic!("{uscc} was registered, and found is {found:#?}") };
        assert_eq!(view.id.as_str(), entity.sub, "another sub for {uscc}");
        let bound: BTreeSet<_> = view.bindings.iter().map(|bound| &bound.certificate).collect();
        assert!(
            entity.certificates.iter().all(|certificate| bound.contains(certificate)),
            "{uscc} signed in with certificates that are not bound: {view:#?}"
        );
    }

    fn check_authorities(&self, listed: &[AuthorityView]) {
        for (id, enrolment) in &self.noted().authorities {
            let view = listed.iter().find(|view| view.id.as_str() == id);
            let view = view.unwrap_or_else(|| panic!("{id} was enrolled and is not listed"));
            let has_list = view.lists.len() == 1;
            assert!(
                has_list || *enrolment < Enrolment::ListImported,
                "its list is lost: {view:#?}"
            );
            let active = view.status == "active";
            assert!(active || *enrolment < Enrolment::Active, "its status is lost: {view:#?}");
            assert!(view.degraded.is_empty() || !has_list, "{view:#?}");
        }
    }

    /// Whether every token is in the journal, and no other with its number.
    pub(super) fn check_tokens(&self, entries: impl Iterator<Item = Value>) {
        let mut journaled = BTreeSet::new();
        for entry in entries {
            let token = &entry["change"]["sign_in.v1"]["token"]["jti"];
            if let Some(jti) = token.as_str() {
                assert!(journaled.insert(jti.to_owned()), "{jti} is journaled twice");
            }
        }
        let noted = self.noted();
        let lost: Vec<_> = noted.tokens.difference(&journaled).collect();
        assert!(lost.is_empty(), "not journaled: {lost:?}");
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap()
    }
}

impl Claims {
    /// Reads a token without verifying it: this is about what was promised.
    fn of(token: &str) -> Self {
        let payload = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
    }
}
