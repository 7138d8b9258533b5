//! Steps 2 to 6: a draft is recorded, proven, signed and given away.

use std::collections::BTreeMap;
use std::sync::Arc;

use ring::rand::{SecureRandom as _, SystemRandom};

use super::draft::{Octets, Piece, ReceiptDraft};
use super::file::ReceiptFile;
use super::jws;
use super::statement::EvidenceKind;
use crate::blobs::BlobId;
use crate::change::{Actor, Change, Entry, VerificationRecorded};
use crate::error::StoreError;
use crate::evidence::{EvidenceError, TimestampQuery};
use crate::hex;
use crate::ids::RelyingPartyId;
use crate::province::{Province, Vault};
use crate::seal::Base64Bytes;
use crate::state::{Lookups, Outcome};

/// How much of a receipt is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptForm {
    /// Statement and proof; the evidence is fetched by its hash.
    Signed,
    /// All evidence with it: what verifies offline.
    Bundle,
}

/// For whom a receipt is, and in which form.
#[derive(Debug, Clone)]
pub struct ReceiptRequest {
    /// Who states it: the gateway's public address.
    pub issuer: String,
    /// Who asked.
    pub relying_party: RelyingPartyId,
    /// How much is given.
    pub form: ReceiptForm,
}

impl Province {
    /// Records a verification and gives its receipt; durable when this returns.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be made durable, proven or signed: then there is
    /// no receipt, and the verification may or may not be on the record.
    pub async fn give_receipt(
        &self,
        draft: ReceiptDraft,
        request: &ReceiptRequest,
    ) -> Result<ReceiptFile, StoreError> {
        self.takes_sign_ins()?;
        let draft = self.keep_evidence(draft).await?;
        let stated = (random_id()?, self.clock().now());
        let statement = draft.statement(&request.issuer, &request.relying_party, stated);
        let statement = serde_json::to_vec(&statement).map_err(StoreError::encoding)?;
        let change = VerificationRecorded {
            relying_party: request.relying_party.clone(),
            statement: hex::sha256(&statement),
            verdict: draft.verdict(),
            provisional: draft.provisional(),
            judged_at: draft.revision(),
            evidence: draft.kept(),
            awaits: draft.awaits.clone(),
        };
        let change = Change::VerificationRecorded(Box::new(change));
        let sequence = match self.submit(&Entry { by: Actor::Gateway, change }).await? {
            (sequence, Outcome::Done) => sequence,
            (sequence, _) => return Err(StoreError::UnexpectedOutcome { sequence }),
        };
        // What retention removed in between, before a record named it.
        let draft = self.keep_evidence(draft).await?;
        let proof = self.prove_record(sequence).await?.render();
        let signer = self.keeper().signer()?;
        let receipt = jws::sign(&signer, jws::RECEIPT, &statement).map_err(EvidenceError::from)?;
        let mut draft = draft;
        draft.evidence.retain(|_, piece| match piece.kind {
            EvidenceKind::Withheld => false,
            EvidenceKind::Beside => true,
            _ => request.form == ReceiptForm::Bundle,
        });
        let evidence = self.evidence_octets(draft).await?;
        Ok(ReceiptFile::new(sequence, receipt, proof, evidence))
    }

    /// What a timestamp service is to be asked about a receipt: the checkpoint that its
    /// proof leads to, so that receipts that share one share its timestamp.
    ///
    /// # Errors
    /// [`StoreError::Evidence`] when the question cannot be made.
    pub fn receipt_timestamp_query(
        &self,
        receipt: &ReceiptFile,
    ) -> Result<TimestampQuery, StoreError> {
        let note = receipt.checkpoint_note().unwrap_or_default();
        Ok(TimestampQuery::about(note)?)
    }

    /// The timestamp that is kept of the checkpoint that a receipt's proof leads to.
    ///
    /// # Errors
    /// [`StoreError::Evidence`] when it is there and cannot be read.
    pub fn receipt_timestamp(&self, receipt: &ReceiptFile) -> Result<Option<Vec<u8>>, StoreError> {
        match receipt.checkpoint_note() {
            Some(note) => Ok(self.keeper().timestamp_of(note)?),
            None => Ok(None),
        }
    }

    /// The octets of a piece of evidence of receipts, by its hash; `None` for whatever
    /// else the province keeps, and for what retention removed. Blocks.
    ///
    /// # Errors
    /// [`StoreError`] when the state or the blob cannot be read.
    pub fn evidence(&self, sha256: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let Ok(id) = sha256.parse::<BlobId>() else { return Ok(None) };
        if self.read(|view| view.relied_upon(sha256))?.is_none() {
            return Ok(None);
        }
        Ok(self.vault().blobs.get(&id)?)
    }

    /// Step 2, on a thread that may wait for the disk. Whatever is named and there stays;
    /// what is there and not named may be swept, so it is written again. What the province
    /// kept when it judged, and retention removed since, nobody can give: judge again.
    async fn keep_evidence(&self, draft: ReceiptDraft) -> Result<ReceiptDraft, StoreError> {
        let here = draft.evidence.iter();
        let here = here
            .filter(|(_, piece)| piece.kind.is_kept() && matches!(piece.octets, Octets::Here(_)));
        let named = self.read(|view| {
            here.map(|(sha256, _)| Ok((sha256.clone(), view.names_blob(sha256)?)))
                .collect::<Result<Vec<_>, _>>()
        })?;
        let vault = Arc::clone(self.vault());
        blocking(move || {
            for (sha256, is_named) in named {
                let Some(Piece { octets: Octets::Here(octets), .. }) = draft.evidence.get(&sha256)
                else {
                    continue;
                };
                if !is_named || vault.blobs.len(&sha256.parse()?)?.is_none() {
                    vault.blobs.put(octets)?;
                }
            }
            for (sha256, piece) in &draft.evidence {
                let kept = matches!(piece.octets, Octets::Blob);
                if kept && vault.blobs.len(&sha256.parse()?)?.is_none() {
                    return Err(StoreError::EvidenceGone { blob: sha256.clone() });
                }
            }
            Ok(draft)
        })
        .await
    }

    async fn evidence_octets(
        &self,
        draft: ReceiptDraft,
    ) -> Result<BTreeMap<String, Base64Bytes>, StoreError> {
        let vault = Arc::clone(self.vault());
        blocking(move || {
            let octets = draft.evidence.into_iter();
            octets
                .map(|(sha256, piece)| Ok((octets_of(&vault, &sha256, piece)?, sha256)))
                .map(|pair| pair.map(|(octets, sha256)| (sha256, octets.into())))
                .collect()
        })
        .await
    }
}

fn octets_of(vault: &Vault, sha256: &str, piece: Piece) -> Result<Vec<u8>, StoreError> {
    match piece.octets {
        Octets::Here(octets) => Ok(octets),
        Octets::Blob => {
            let missing = || StoreError::EvidenceGone { blob: sha256.to_owned() };
            vault.blobs.get(&sha256.parse()?)?.ok_or_else(missing)
        }
    }
}

impl ReceiptDraft {
    /// The blobs that the record names.
    fn kept(&self) -> Vec<String> {
        let kept = self.evidence.iter().filter(|(_, piece)| piece.kind.is_kept());
        kept.map(|(sha256, _)| sha256.clone()).collect()
    }
}

/// 128 random bits in hexadecimal.
fn random_id() -> Result<String, StoreError> {
    let mut random = [0; 16];
    SystemRandom::new().fill(&mut random).map_err(|_| StoreError::NoRandomness)?;
    Ok(hex::encode(&random))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|cut| StoreError::task(&cut))?
}
