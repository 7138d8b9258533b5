//! Who keeps a gateway busy until it is killed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tongxing_gateway::{AdminClient, AdminClientError};
use tongxing_testdata::{
    AuthoritySpec, CrlSpec, KeyAlgorithm, LevelSpec, Profile, TestAuthority, Validity,
};
use tongxing_trust_store::{AuthorityId, Command, PolicyFile, Role, Status};

use super::dice::Dice;
use super::https::Cut;
use super::ledger::{Enrolment, Ledger};
use super::world::{Addresses, Bidder, Held, PLATFORM, World, now};

/// How many sign in at the same time, in each way.
const BY_TLS: usize = 4;
const BY_CHALLENGE: usize = 2;

/// How many authorities are enrolled before a kill, at most.
const ENROLMENTS: u64 = 2;

/// The clients of one gateway.
#[derive(Clone)]
pub(super) struct Shift(Arc<Inner>);

struct Inner {
    world: Arc<World>,
    ledger: Arc<Ledger>,
    addresses: Addresses,
    kill_expected: AtomicBool,
}

/// How a client ends: its gateway is gone.
type Ended = Result<(), Cut>;

impl Shift {
    pub(super) fn new(world: &Arc<World>, ledger: &Arc<Ledger>, addresses: Addresses) -> Self {
        Self(Arc::new(Inner {
            world: Arc::clone(world),
            ledger: Arc::clone(ledger),
            addresses,
            kill_expected: AtomicBool::new(false),
        }))
    }

    /// Starts everybody.
    pub(super) fn start(&self, clients: &mut JoinSet<()>, dice: &mut Dice) {
        for _ in 0..BY_TLS {
            let (shift, dice) = (self.clone(), dice.split());
            clients.spawn(async move { shift.ended(shift.0.by_tls(dice).await) });
        }
        for _ in 0..BY_CHALLENGE {
            let (shift, dice) = (self.clone(), dice.split());
            clients.spawn(async move { shift.ended(shift.0.by_challenge(dice).await) });
        }
        let (shift, enrolments) = (self.clone(), dice.below(ENROLMENTS + 1));
        clients.spawn(async move { shift.ended(shift.0.enrol(enrolments).await) });
    }

    /// From now on connections may break, and refusals come.
    pub(super) fn expect_kill(&self) {
        self.0.kill_expected.store(true, Ordering::SeqCst);
    }

    fn ended(&self, ended: Ended) {
        if let Err(cut) = ended {
            let expected = self.0.kill_expected.load(Ordering::SeqCst);
            assert!(expected, "the gateway broke a connection before it was killed: {cut}");
        }
    }
}

impl Inner {
    async fn by_tls(&self, mut dice: Dice) -> Ended {
        let url = format!("{}/v1/tokens", self.addresses.certificate_url);
        loop {
            let (bidder, held) = self.somebody(&mut dice);
            let body = json!({ "audience": PLATFORM });
            let answer = self.ask(&url, &body, Some(held)).await?;
            self.ledger.signed_in(bidder, held, &answer);
        }
    }

    async fn by_challenge(&self, mut dice: Dice) -> Ended {
        let url = |path| format!("{}{path}", self.addresses.public_url);
        loop {
            let (bidder, held) = self.somebody(&mut dice);
            let audience = json!({ "audience": PLATFORM });
            let challenge = self.ask(&url("/v1/challenges"), &audience, None).await?;
            let text = challenge["text"].as_str().unwrap();
            let signature = held.issued.key.sign(text.as_bytes()).unwrap();
            let signed = json!({
                "audience": PLATFORM,
                "challenge_id": challenge["challenge_id"],
                "signature": {
                    "format": "raw",
                    "algorithm": "ecdsa-sha256",
                    "value": STANDARD.encode(signature),
                    "certificate": STANDARD.encode(&held.issued.certificate_der),
                },
            });
            let answer = self.ask(&url("/v1/tokens"), &signed, None).await?;
            self.ledger.signed_in(bidder, held, &answer);
        }
    }

    /// Half of the time somebody new, while there are any; otherwise somebody who
    /// may be registering at this very moment, with the other authority.
    fn somebody(&self, dice: &mut Dice) -> (&Bidder, &Held) {
        let companies = &self.world.companies;
        let met = self.world.met.load(Ordering::Relaxed).min(companies.len());
        let number = if met == 0 || dice.below(2) == 0 {
            self.world.met.fetch_add(1, Ordering::Relaxed).min(companies.len() - 1)
        } else {
            met - 1 - below(dice, met)
        };
        let bidder = &companies[number];
        (bidder, &bidder.certificates[below(dice, bidder.certificates.len())])
    }

    /// Nothing but a broken connection, or another gateway that takes over, keeps anybody
    /// from what is asked here.
    async fn ask(&self, url: &str, body: &Value, held: Option<&Held>) -> Result<Value, Cut> {
        let shown = held.map(|held| &held.issued);
        let (status, answer) = self.world.https.post(url, body, shown).await?;
        if status == StatusCode::SERVICE_UNAVAILABLE && self.kill_expected.load(Ordering::SeqCst) {
            // Another gateway takes over: this one acknowledges nothing any more.
            return Err(format!("{answer:#}").into());
        }
        assert_eq!(status, StatusCode::OK, "{answer:#}");
        Ok(answer)
    }

    /// Enrols further authorities, as operators do.
    async fn enrol(&self, count: u64) -> Ended {
        let admin = AdminClient::new(&self.addresses.admin_socket);
        for _ in 0..count {
            let id = format!("further-{}", self.world.enrolled.fetch_add(1, Ordering::Relaxed));
            let (add, import, activate) = enrolment(&id);
            for (command, enrolment) in [
                (add, Enrolment::Added),
                (import, Enrolment::ListImported),
                (activate, Enrolment::Active),
            ] {
                match admin.execute(&command).await {
                    Ok(_) => self.ledger.enrolled(&id, enrolment),
                    Err(AdminClientError::Command(refused)) => {
                        let expected = self.kill_expected.load(Ordering::SeqCst);
                        assert!(expected, "{id}: {refused}");
                        return Ok(());
                    }
                    Err(cut) => return Err(cut.into()),
                }
            }
        }
        Ok(())
    }
}

fn below(dice: &mut Dice, limit: usize) -> usize {
    usize::try_from(dice.below(limit as u64)).unwrap()
}

/// A new authority's three commands.
fn enrolment(id: &str) -> (Command, Command, Command) {
    let root =
        LevelSpec::new("通行测试", id, KeyAlgorithm::EcdsaP256, Validity::decade_around(now()));
    let authority = TestAuthority::generate(&AuthoritySpec::one_level(id, root)).unwrap();
    let list = authority.crl(&CrlSpec::empty(1, now() - 60, now() + 86_400)).unwrap();
    let known: AuthorityId = id.parse().unwrap();
    let add = Command::AuthorityAdd {
        id: known.clone(),
        name_zh: format!("通行测试{id}"),
        name_en: None,
        hotline: None,
        licence_expires: None,
        roles: vec![Role::SignIn],
        anchors: vec![authority.root().der().to_vec().into()],
        intermediates: Vec::new(),
        policy: PolicyFile {
            name: format!("{id}.toml"),
            source: Profile::B.policy_toml().replace("\"ca-b\"", &format!("\"{id}\"")),
        },
    };
    let activate = Command::StatusSet {
        authority: known,
        anchor: None,
        status: Status::Active,
        effective: None,
        reason: "enrolled".to_owned(),
    };
    (add, Command::ListImport { list: list.into() }, activate)
}
