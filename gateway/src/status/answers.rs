//! What responders said, remembered for as long as it holds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tongxing_pki::{
    NonceRule, OcspRefusal, OcspReply, OcspResponse, RevocationResponse, Timestamp,
};
use tongxing_trust_store::{HostRules, PointUrl, StatusQuestion};

use crate::site::Site;

/// Questions whose answers are remembered: of the size of usual responses, 64 MiB.
const MOST: usize = 32_768;

/// How long what judging did not rest on is remembered: long enough that nobody can
/// have a responder asked without end, short enough that a false answer does not last.
const UNPROVEN_SECONDS: i64 = 30;

/// What is known of a certificate's status.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    /// A response, verified by nobody yet, with the nonce that it must repeat.
    Told(RevocationResponse),
    /// The responder does not say.
    Refused(OcspRefusal),
    /// Nobody answered.
    None,
}

/// The answers of one gateway.
#[derive(Debug, Default)]
pub(crate) struct Answers(Mutex<HashMap<Asked, Arc<Place>>>);

/// What was asked, of whom, and how: an answer serves no other question.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Asked {
    /// SHA-256 of the certificate.
    certificate: [u8; 32],
    /// SHA-256 of its issuer's.
    issuer: [u8; 32],
    responder: PointUrl,
    nonce: Option<NonceRule>,
}

impl Asked {
    fn of(question: &StatusQuestion) -> Self {
        Self {
            certificate: *question.certificate.sha256(),
            issuer: *question.issuer.sha256(),
            responder: question.responder.clone(),
            nonce: question.nonce,
        }
    }
}

/// One question's; who holds the lock asks, the others wait for the answer.
type Place = tokio::sync::Mutex<Option<Held>>;

#[derive(Debug)]
struct Held {
    answer: Answer,
    until: Timestamp,
    /// Until when, once judging has rested on it.
    proven_until: Timestamp,
}

impl Answers {
    /// What is known, asked for where nothing is.
    pub(super) async fn ask(
        &self,
        site: &Site,
        question: &StatusQuestion,
        hosts: &HostRules,
    ) -> Answer {
        let place = self.place(Asked::of(question), site.now());
        let mut held = place.lock().await;
        // As of when the lock was had: another one may have asked meanwhile.
        let now = site.now();
        if let Some(held) = held.as_ref().filter(|held| now < held.until) {
            return held.answer.clone();
        }
        let asked = super::ask(site, question, hosts).await;
        let now = site.now();
        let (answer, proven_until) = match asked {
            Ok((request, OcspReply::Answered(response))) => {
                // One that was asked for with a nonce is an answer to this question.
                let due = super::due(&response, question, now);
                let due = if question.nonce.is_some() { now } else { due };
                let rule = question.nonce.unwrap_or_default();
                (Answer::Told(RevocationResponse::to_with(&request, response, rule)), due)
            }
            Ok((_, OcspReply::Refused(refusal))) => (Answer::Refused(refusal), now),
            Err(error) => {
                tracing::warn!(responder = %question.responder, error, "no answer about a status");
                (Answer::None, now)
            }
        };
        let until = now.plus_seconds(UNPROVEN_SECONDS);
        *held = Some(Held { answer: answer.clone(), until, proven_until });
        answer
    }

    /// Judging rested on these responses to the questions: who signed them was
    /// entitled to.
    pub(super) fn rested_on(&self, questions: &[StatusQuestion], responses: &[OcspResponse]) {
        for question in questions {
            let place = self.lock().get(&Asked::of(question)).cloned();
            // Who has its lock asks for another.
            let Some(mut held) = place.as_ref().and_then(|place| place.try_lock().ok()) else {
                continue;
            };
            if let Some(held) = held.as_mut()
                && let Answer::Told(response) = &held.answer
                && responses.contains(response.response())
            {
                held.until = held.proven_until.max(held.until);
            }
        }
    }

    fn place(&self, asked: Asked, now: Timestamp) -> Arc<Place> {
        let mut places = self.lock();
        if let Some(place) = places.get(&asked) {
            return Arc::clone(place);
        }
        if places.len() >= MOST {
            make_room(&mut places, now);
        }
        Arc::clone(places.entry(asked).or_default())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Asked, Arc<Place>>> {
        // Each change of it is one step: a panic leaves nothing half-done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets what does not hold any more, and where all does, half of it: it is asked
/// for again.
fn make_room(places: &mut HashMap<Asked, Arc<Place>>, now: Timestamp) {
    let holds = |place: &Place| match place.try_lock() {
        Ok(held) => held.as_ref().is_some_and(|held| now < held.until),
        Err(_) => true,
    };
    places.retain(|_, place| holds(place));
    if places.len() >= MOST {
        let mut keep = false;
        places.retain(|_, _| {
            keep = !keep;
            keep
        });
    }
}
