//! Plays a scene: the sign-in, and whether what came of it had to come.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use tongxing_testdata::{Issued, KeyAlgorithm};
use tongxing_trust_store::Clock;

use super::https::{Answer, Client, Suites};
use super::platform::{self, Claims, Expected, KeySet};
use super::scenes::{Expect, Scene, Way};
use super::stage::{CaFiles, PLATFORM, Stage};
use super::story::{Ending, Story};
use crate::files;
use crate::outcome::Failure;
use crate::stopwatch::Stopwatch;

/// Signs in on a stage, scene after scene.
pub(super) struct Player<'a> {
    stage: &'a Stage,
    clock: Arc<dyn Clock>,
    https: Client,
    /// The identity of the company, once it has signed in.
    company: Option<String>,
}

/// What the gateway gives to be signed.
#[derive(Deserialize)]
struct Challenge {
    challenge_id: String,
    text: String,
}

impl<'a> Player<'a> {
    /// A player on this stage.
    pub(super) fn new(stage: &'a Stage, clock: Arc<dyn Clock>) -> Result<Self, Failure> {
        let CaFiles { ordinary, sm2 } = stage.ca_files();
        let https = Client::trusting([&files::read(ordinary)?, &files::read(sm2)?])?;
        Ok(Self { stage, clock, https, company: None })
    }

    /// Plays one scene and tells it.
    pub(super) async fn play(
        &mut self,
        scene: &Scene,
        story: &mut Story<'_>,
    ) -> Result<(), Failure> {
        for command in &scene.before {
            self.stage.operate(command).await?;
        }
        let watch = Stopwatch::start();
        let answer = self.sign_in(scene).await.map_err(|failure| failure.about(&scene.title))?;
        let elapsed = watch.elapsed();
        let judged = self.judge(scene, &answer).await?;
        for command in &scene.after {
            self.stage.operate(command).await?;
        }
        let ending = match judged {
            Ok(detail) => Ending::as_told(detail),
            Err(why) => Ending { as_told: false, detail: vec![why, answer.body.to_string()] },
        };
        story.told(&scene.title, elapsed, ending);
        Ok(())
    }

    async fn sign_in(&self, scene: &Scene) -> Result<Answer, Failure> {
        let issued = match scene.credential {
            Some(credential) => Some(self.stage.cast.credential(credential).ok_or_else(|| {
                Failure::unavailable(format!("nobody in the cast has {credential:?}"))
            })?),
            None => None,
        };
        match (scene.way, issued) {
            (Way::Challenge, Some(issued)) => self.by_challenge(issued).await.map(|(_, a)| a),
            (Way::ReplayedChallenge, Some(issued)) => {
                let (body, _) = self.by_challenge(issued).await?;
                self.https.post(&self.public("/v1/tokens"), &body, None).await
            }
            (way, issued) => {
                let suites = match way {
                    Way::Rfc8998 => Suites::Rfc8998,
                    _ => Suites::Ordinary,
                };
                let url = format!("{}/v1/tokens", self.stage.certificate_url());
                let body = json!({ "audience": PLATFORM });
                self.https.post_with(suites, &url, &body, issued).await
            }
        }
    }

    /// Asks for a challenge, signs it, and sends it back; also returns what was sent.
    async fn by_challenge(&self, issued: &Issued) -> Result<(Value, Answer), Failure> {
        let audience = json!({ "audience": PLATFORM });
        let url = self.public("/v1/challenges");
        let given = self.https.post(&url, &audience, None).await?;
        let challenge: Challenge = serde_json::from_value(given.body)
            .map_err(|error| Failure::unavailable(format!("{url}: no challenge: {error}")))?;
        let signature = issued.key.sign(challenge.text.as_bytes());
        let signature = signature.map_err(|error| Failure::unavailable(error.to_string()))?;
        let body = json!({
            "audience": PLATFORM,
            "challenge_id": challenge.challenge_id,
            "signature": {
                "format": "raw",
                "algorithm": algorithm(issued),
                "value": STANDARD.encode(signature),
                "certificate": STANDARD.encode(&issued.certificate_der),
                "chain": [],
            },
        });
        let answer = self.https.post(&self.public("/v1/tokens"), &body, None).await?;
        Ok((body, answer))
    }

    /// What there is to say of an answer that had to come; otherwise what is wrong.
    async fn judge(
        &mut self,
        scene: &Scene,
        answer: &Answer,
    ) -> Result<Result<String, String>, Failure> {
        match scene.expect {
            Expect::Refused { problem, finding } => Ok(refusal(answer, problem, finding)),
            Expect::TheCompany | Expect::SomebodyElse => {
                let keys = self.https.get(&self.public("/.well-known/jwks.json")).await?;
                let claims = self.verify(&keys, answer);
                Ok(claims.and_then(|claims| self.identity(scene.expect, &claims.sub)))
            }
        }
    }

    /// Verifies the token with the published keys.
    fn verify(&self, keys: &Answer, answer: &Answer) -> Result<Claims, String> {
        let keys = KeySet::deserialize(&keys.body).map_err(|error| format!("keys: {error}"))?;
        let token = answer.body["access_token"].as_str();
        let token = token.ok_or_else(|| format!("no token but {}", answer.status))?;
        let issuer = self.stage.public_url();
        let now = self.clock.now().unix();
        platform::verify(token, &keys, &Expected { issuer, audience: PLATFORM, now })
    }

    /// The company is the same with every certificate, and nobody else is it.
    fn identity(&mut self, expect: Expect, sub: &str) -> Result<String, String> {
        let company = self.company.get_or_insert_with(|| sub.to_owned());
        let is_company = company == sub;
        match (expect, is_company) {
            (Expect::TheCompany, true) => Ok(format!("token verified, sub {sub}")),
            (Expect::TheCompany, false) => Err(format!("another sub: {sub}, not {company}")),
            (_, true) => Err(format!("the company's sub for somebody else: {sub}")),
            (_, false) => Ok(format!("token verified, another sub: {sub}")),
        }
    }

    fn public(&self, path: &str) -> String {
        format!("{}{path}", self.stage.public_url())
    }
}

/// The problem and the finding that had to come, in words.
fn refusal(answer: &Answer, problem: &str, finding: Option<&str>) -> Result<String, String> {
    let code = answer.body["code"].as_str().unwrap_or("no code");
    if answer.status.is_success() || code != problem {
        return Err(format!("expected {problem}, came {} {code}", answer.status.as_u16()));
    }
    let status = answer.status.as_u16();
    let Some(finding) = finding else {
        let title = answer.body["title"].as_str().unwrap_or_default();
        return Ok(format!("{status} {code}: {title}"));
    };
    let findings = answer.body["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
    let decides = |found: &&Value| {
        found["code"] == finding
            && (found["level"] == "failed" || found["level"] == "indeterminate")
    };
    let found = findings.iter().find(decides);
    let found = found.ok_or_else(|| format!("{status} {code}, but without {finding}"))?;
    Ok(format!("{status} {code}, {finding}: {}", found["text"].as_str().unwrap_or_default()))
}

/// The name of the raw signature that [`tongxing_testdata::Key::sign`] makes.
fn algorithm(issued: &Issued) -> &'static str {
    match issued.key.algorithm() {
        KeyAlgorithm::Rsa2048 => "rsa-pkcs1-sha256",
        KeyAlgorithm::Ed25519 => "ed25519",
        KeyAlgorithm::EcdsaP256 | KeyAlgorithm::EcdsaP384 => "ecdsa-sha256",
        KeyAlgorithm::Sm2 | KeyAlgorithm::Sm2EmptyUserId => "sm2-sm3",
    }
}
