//! Provisional receipts, from the list that decides them to the platform that is told.

use std::sync::Arc;

use serde::Serialize;
use tongxing_pki::{AwaitedStatus, LaterWord, Name, RevocationList, SerialNumber, Timestamp};

use super::jws;
use crate::change::{
    Actor, AwaitedModel, Change, DecidedModel, Entry, NoticesDelivered, ReceiptsDecided,
    RevokedModel, VerificationRecorded,
};
use crate::error::StoreError;
use crate::evidence::EvidenceError;
use crate::hex;
use crate::ids::RelyingPartyId;
use crate::journal::JournalError;
use crate::province::{Province, decode};
use crate::snapshot::Snapshot;
use crate::state::{DecisionRow, ListPlace, Lookups};

/// How many words one record holds: each takes less than 400 bytes of at most a million.
const WORDS: usize = 2_000;

/// Decisions told at a time. Origin: ours; each takes some 300 bytes.
const PAGE: usize = WORDS + 1_000;

/// How a provisional receipt was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Decision {
    /// The record of the verification.
    pub receipt: u64,
    /// Hex SHA-256 of what its receipt states (the payload): which receipt is meant, even
    /// where the province was restored and a record's number came again. Absent where the
    /// record of the verification was archived away when it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub statement: Option<String>,
    /// The record that decided it.
    pub record: u64,
    /// When it was.
    pub decided: Timestamp,
    /// `confirmed` or `overturned`.
    pub outcome: &'static str,
    /// The lists that said so: evidence, by SHA-256.
    pub lists: Vec<String>,
    /// What overturned it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revocation: Option<DecidedRevocation>,
}

/// The revocation that reaches back to the moment judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecidedRevocation {
    /// The serial number of the certificate, under its issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// When it was revoked.
    pub date: Timestamp,
    /// Why, where the list says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Since when its key is thought to have been unsafe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invalidity_date: Option<Timestamp>,
}

/// What a platform is told at once, whoever asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notice {
    /// How its receipts were decided, in order.
    pub decisions: Vec<Decision>,
    /// The last record of these: where to go on.
    pub through: u64,
    /// Whether there are more.
    pub more: bool,
}

/// How a receipt stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum ReceiptStatus {
    /// It was never provisional.
    Final,
    /// It waits for lists.
    Provisional {
        /// How many.
        awaits: usize,
    },
    /// A list decided it.
    Decided {
        /// How.
        decision: Decision,
    },
}

impl Decision {
    fn new(record: u64, receipt: u64, row: DecisionRow) -> Self {
        let DecisionRow { statement, decided, lists, revoked, serial } = row;
        Self {
            receipt,
            statement,
            record,
            decided,
            outcome: if revoked.is_some() { "overturned" } else { "confirmed" },
            lists,
            revocation: revoked.map(|revoked| DecidedRevocation {
                serial,
                date: revoked.date,
                reason: revoked.reason,
                invalidity_date: revoked.invalidity_date,
            }),
        }
    }
}

impl Province {
    /// Steps 1 and 2 of what is provisional, for every list of the snapshot and those
    /// that came before it, the oldest first: the first that says something decides, and a
    /// later one may have forgotten a hold, or a certificate that expired. How many words
    /// were recorded; doing it again records nothing. Blocks: it may read lists.
    ///
    /// # Errors
    /// [`StoreError`] when the state or an archived list cannot be read, or a record not be
    /// made; the next time goes on where this ended.
    pub async fn settle_receipts(&self) -> Result<usize, StoreError> {
        let snapshot = self.snapshot();
        let mut recorded = 0;
        for list in snapshot.lists().iter() {
            for earlier in &self.lists_before(&snapshot, list)? {
                recorded += self.settle_by(&snapshot, earlier).await?;
            }
            recorded += self.settle_by(&snapshot, list).await?;
        }
        Ok(recorded)
    }

    async fn settle_by(
        &self,
        snapshot: &Arc<Snapshot>,
        list: &RevocationList,
    ) -> Result<usize, StoreError> {
        let (mut recorded, mut after) = (0, 0);
        loop {
            let (mut words, looked_at) = self.words_of(snapshot, list, after)?;
            let Some(looked_at) = looked_at else { return Ok(recorded) };
            after = looked_at;
            if words.is_empty() {
                continue;
            }
            recorded += words.len();
            for word in &mut words {
                word.statement = self.statement_of(word.receipt)?;
            }
            let change = Change::ReceiptsDecided(ReceiptsDecided { decided: words });
            self.submit(&Entry { by: Actor::Gateway, change }).await?;
        }
    }

    /// The archived lists of a list's place that were made since the first moment that a
    /// receipt waits about, the oldest first.
    fn lists_before(
        &self,
        snapshot: &Arc<Snapshot>,
        list: &RevocationList,
    ) -> Result<Vec<RevocationList>, StoreError> {
        let key = list.verified_by();
        let known = key.and_then(|key| {
            let authority = snapshot.owner(key)?;
            Some((key, authority, authority.key(key)?))
        });
        let Some((key, authority, signer)) = known else { return Ok(Vec::new()) };
        let place = ListPlace::of(key, list.crl());
        let rows = self.read(|view| {
            let mut since: Option<Timestamp> = None;
            for receipt in view.receipts_awaiting(authority.id(), &place, 0, usize::MAX)? {
                let awaits = view.receipt(receipt)?.map(|known| known.awaits).unwrap_or_default();
                let here = awaits.iter().filter(|(_, model)| is_of(model, &place));
                since = here.map(|(_, model)| model.at).chain(since).min();
            }
            since.map_or(Ok(Vec::new()), |at| view.archived_lists_since(authority.id(), &place, at))
        })?;
        let mut lists = Vec::with_capacity(rows.len());
        for row in rows.iter().rev() {
            // What nobody would accept any more decides nothing.
            lists.extend(self.archived_list(authority, signer, &row.list)?.ok().map(Into::into));
        }
        Ok(lists)
    }

    /// What a list says of the receipts that wait for it, of those after one; and the last
    /// that was looked at, if there was any.
    fn words_of(
        &self,
        snapshot: &Arc<Snapshot>,
        list: &RevocationList,
        after: u64,
    ) -> Result<(Vec<DecidedModel>, Option<u64>), StoreError> {
        let key = list.verified_by();
        let Some((key, owner)) = key.and_then(|key| Some((key, snapshot.owner(key)?))) else {
            return Ok((Vec::new(), None));
        };
        let place = ListPlace::of(key, list.crl());
        self.read(|view| {
            let waiting = view.receipts_awaiting(owner.id(), &place, after, WORDS)?;
            let mut words = Vec::new();
            let mut reached = None;
            for receipt in waiting {
                if words.len() >= WORDS {
                    break;
                }
                reached = Some(receipt);
                let Some(known) = view.receipt(receipt)? else { continue };
                for (place_of, model) in &known.awaits {
                    if model.authority == *owner.id() && is_of(model, &place) {
                        words.extend(said(list, (receipt, *place_of), model));
                    }
                }
            }
            Ok((words, reached))
        })
    }

    /// How a platform's receipts were decided by records after `since`.
    ///
    /// # Errors
    /// [`StoreError`] when the state cannot be read.
    pub fn notice(&self, of: &RelyingPartyId, since: u64) -> Result<Notice, StoreError> {
        let mut rows = self.read(|view| view.decisions(of, since, PAGE))?;
        let more = rows.len() == PAGE;
        if more && let Some((last, ..)) = rows.last() {
            // A record's decisions are told together: the last may go on beyond the page.
            let last = *last;
            rows.retain(|(record, ..)| *record < last);
        }
        let through = rows.last().map_or(since, |(record, ..)| *record);
        let decisions = rows.into_iter();
        let decisions = decisions.map(|(record, receipt, row)| Decision::new(record, receipt, row));
        Ok(Notice { decisions: decisions.collect(), through, more })
    }

    /// What a platform's webhook has not taken yet; `None` when there is nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the state cannot be read.
    pub fn undelivered(&self, of: &RelyingPartyId) -> Result<Option<Notice>, StoreError> {
        let through = self.read(|view| view.notices_delivered(of))?;
        let notice = self.notice(of, through)?;
        Ok((!notice.decisions.is_empty()).then_some(notice))
    }

    /// A notice signed by the evidence key, as a webhook takes it: a compact JWS.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be signed.
    pub fn sign_notice(
        &self,
        issuer: &str,
        to: &RelyingPartyId,
        notice: &Notice,
    ) -> Result<String, StoreError> {
        #[derive(Serialize)]
        struct Payload<'p> {
            iss: &'p str,
            aud: &'p RelyingPartyId,
            iat: i64,
            #[serde(flatten)]
            notice: &'p Notice,
        }
        let iat = self.clock().now().unix();
        let payload = Payload { iss: issuer, aud: to, iat, notice };
        let payload = serde_json::to_vec(&payload).map_err(StoreError::encoding)?;
        let signer = self.keeper().signer()?;
        Ok(jws::sign(&signer, jws::NOTICE, &payload).map_err(EvidenceError::from)?)
    }

    /// Records that a platform's webhook took a notice; durable when this returns.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be made durable; then it is told again.
    pub async fn record_delivery(
        &self,
        to: &RelyingPartyId,
        notice: &Notice,
    ) -> Result<(), StoreError> {
        let (relying_party, through) = (to.clone(), notice.through);
        let change = Change::NoticesDelivered(NoticesDelivered { relying_party, through });
        self.submit(&Entry { by: Actor::Gateway, change }).await.map(drop)
    }

    /// How a receipt of a platform stands, and the hex SHA-256 of what it states; `None`
    /// for a record that is none of its receipts.
    ///
    /// # Errors
    /// [`StoreError`] when the record or the state cannot be read.
    pub fn receipt_status(
        &self,
        of: &RelyingPartyId,
        record: u64,
    ) -> Result<Option<(String, ReceiptStatus)>, StoreError> {
        let recorded = self.recorded(record)?;
        let Some(recorded) = recorded.filter(|recorded| recorded.relying_party == *of) else {
            return Ok(None);
        };
        let status = self.read(|view| {
            let Some(row) = view.receipt(record)? else {
                // No list is awaited that could say so.
                let waits_for_ever = ReceiptStatus::Provisional { awaits: 0 };
                return Ok(if recorded.provisional {
                    waits_for_ever
                } else {
                    ReceiptStatus::Final
                });
            };
            let decision = match row.decided {
                Some(by) => {
                    view.decision(of, by, record)?.map(|row| Decision::new(by, record, row))
                }
                None => None,
            };
            let awaits = row.awaits.len();
            Ok(decision.map_or(ReceiptStatus::Provisional { awaits }, |decision| {
                ReceiptStatus::Decided { decision }
            }))
        })?;
        Ok(Some((recorded.statement, status)))
    }

    /// Hex SHA-256 of what a receipt states, unless its record is archived away.
    fn statement_of(&self, receipt: u64) -> Result<Option<String>, StoreError> {
        match self.recorded(receipt) {
            Err(StoreError::Journal(JournalError::Unavailable { .. })) => Ok(None),
            recorded => Ok(recorded?.map(|recorded| recorded.statement)),
        }
    }

    /// The record of a verification; `None` where it is another, or is none.
    fn recorded(&self, record: u64) -> Result<Option<Box<VerificationRecorded>>, StoreError> {
        let journal = self.journal();
        if record == 0 || record > journal.position().sequence {
            return Ok(None);
        }
        let read = journal.read_from(record)?.next().transpose()?;
        let entry = read.map(|read| decode(&read)).transpose()?;
        Ok(match entry.map(|entry| entry.change) {
            Some(Change::VerificationRecorded(recorded)) => Some(recorded),
            _ => None,
        })
    }

    /// The proof of a receipt's record anew, against the newest checkpoint, as text.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be made.
    pub async fn receipt_proof(&self, record: u64) -> Result<String, StoreError> {
        Ok(self.prove_record(record).await?.render())
    }
}

fn is_of(model: &AwaitedModel, place: &ListPlace) -> bool {
    model.signer == place.signer && model.scope == place.scope
}

/// What a list says of a certificate at an earlier moment, if it says anything.
fn said(
    list: &RevocationList,
    (receipt, awaited): (u64, u32),
    model: &AwaitedModel,
) -> Option<DecidedModel> {
    let issuer = Name::from_der(model.issuer.as_slice()).ok()?;
    let serial = SerialNumber::from_bytes(model.serial.as_slice())?;
    let (issuer, serial) = (&issuer, &serial);
    let status = AwaitedStatus { issuer, serial, not_after: model.not_after, at: model.at };
    let revoked = match list.crl().later_word(&status) {
        LaterWord::Nothing => return None,
        LaterWord::Confirms => None,
        LaterWord::Overturns(revocation) => Some(RevokedModel {
            date: revocation.date,
            reason: revocation.reason.map(|reason| reason.to_string()),
            invalidity_date: revocation.invalidity_date,
        }),
    };
    let list = hex::encode(list.crl().sha256());
    Some(DecidedModel { receipt, statement: None, awaited, list, revoked })
}
