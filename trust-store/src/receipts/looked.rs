//! What a judgement looked at, gathered while it is made: enough to make it again.

use std::collections::{BTreeMap, BTreeSet};

use tongxing_pki::{
    Certificate, CertificatePool, Finality, Moment, NonceRule, RevocationList, RevocationResponses,
    RevocationStatus, Timestamp,
};

use super::statement::{JudgementModel, ListModel, ResponseModel};
use crate::archive_budget::ArchiveReading;
use crate::authority::Role;
use crate::change::AwaitedModel;
use crate::hex;
use crate::ids::AuthorityId;
use crate::recognise::SuppliedEvidence;
use crate::snapshot::Snapshot;
use crate::state::ListPlace;

/// Everything that judgements by one snapshot looked at.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    pub(super) judgements: Vec<JudgementModel>,
    /// By hash.
    pub(super) lists: BTreeMap<String, ListModel>,
    /// Whose enrolled keys could have been on a path.
    pub(super) authorities: BTreeSet<AuthorityId>,
    /// What later lists are to say.
    pub(super) awaits: Vec<AwaitedModel>,
    /// Responses that were asked for: hex SHA-256, and the octets.
    pub(super) responses: BTreeMap<String, Vec<u8>>,
}

/// One judgement, as it is noted.
#[derive(Clone, Copy)]
pub(crate) struct Noted<'n> {
    pub(crate) snapshot: &'n Snapshot,
    pub(crate) chain: &'n [Certificate],
    /// The valid path that was found, without its anchor; empty where there is none.
    pub(crate) path: &'n [Certificate],
    pub(crate) role: Role,
    pub(crate) at: Timestamp,
    pub(crate) moment: Moment,
    /// What was brought beside the snapshot and the document.
    pub(crate) supplied: &'n SuppliedEvidence,
}

impl Looked {
    /// Notes a judgement of a chain.
    pub(crate) fn note(&mut self, noted: Noted<'_>) {
        let Noted { snapshot, chain, path, role, at, supplied, .. } = noted;
        let Some(leaf) = chain.first() else { return };
        let archived: Vec<String> =
            supplied.lists.iter().filter_map(|list| self.list(snapshot, list, false)).collect();
        // Revocation is asked about no other: whoever writes another one's name into a
        // certificate brings none of that one's lists along.
        for (list, _) in snapshot.lists_around(snapshot.relatives(path)) {
            self.list(snapshot, list, true);
        }
        for relative in snapshot.relatives(chain) {
            let owner = snapshot.owner(relative.spki_sha256());
            self.authorities.extend(owner.map(|owner| owner.id().clone()));
        }
        let pool: CertificatePool = chain[1..].iter().cloned().collect();
        self.note_rules(snapshot, leaf, &pool);
        let (responses, refusals) = self.responses(&supplied.responses);
        let certificate = hex::encode(leaf.sha256());
        let archive_in_part = supplied.archive == ArchiveReading::Part;
        let model = JudgementModel {
            certificate,
            role,
            at,
            archived,
            archive_in_part,
            responses,
            refusals,
        };
        if !self.judgements.contains(&model) {
            self.judgements.push(model);
        }
    }

    /// Notes whose a certificate seems to be, by names alone: by whose rules it is judged
    /// at first.
    pub(crate) fn note_rules(
        &mut self,
        snapshot: &Snapshot,
        leaf: &Certificate,
        pool: &CertificatePool,
    ) {
        let seem = snapshot.issuing_authorities(leaf, pool).into_iter();
        self.authorities.extend(seem.map(|seems| seems.id().clone()));
        // Found among those that are enrolled, where no message had it.
        let owner = snapshot.owner(leaf.spki_sha256());
        self.authorities.extend(owner.map(|owner| owner.id().clone()));
    }

    /// Notes what it came to: the lists that later ones are to confirm, by the status of
    /// each certificate of the path.
    pub(crate) fn note_statuses(&mut self, noted: Noted<'_>, statuses: &[RevocationStatus]) {
        if noted.moment != Moment::Past {
            return;
        }
        for (certificate, status) in noted.path.iter().zip(statuses) {
            if let RevocationStatus::Good { finality: Finality::Provisional, .. } = status {
                for awaited in awaits(noted.snapshot, certificate, noted.at) {
                    if !self.awaits.contains(&awaited) {
                        self.awaits.push(awaited);
                    }
                }
            }
        }
    }

    fn list(&mut self, snapshot: &Snapshot, list: &RevocationList, newest: bool) -> Option<String> {
        let key = list.verified_by()?;
        let authority = snapshot.owner(key)?.id().clone();
        let sha256 = hex::encode(list.crl().sha256());
        let ListPlace { signer, scope } = ListPlace::of(key, list.crl());
        let model = ListModel { sha256: sha256.clone(), authority, signer, scope, newest };
        let known = self.lists.entry(sha256.clone()).or_insert(model);
        known.newest |= newest;
        Some(sha256)
    }

    fn responses(&mut self, brought: &RevocationResponses) -> (Vec<ResponseModel>, Vec<u8>) {
        let mut models = Vec::new();
        for response in brought.iter() {
            let sha256 = hex::encode(response.response().sha256());
            self.responses.insert(sha256.clone(), response.response().der().to_vec());
            models.push(ResponseModel {
                sha256,
                nonce: response.asked_nonce().map(|nonce| nonce.to_vec().into()),
                nonce_required: response.nonce_rule() == NonceRule::Required,
            });
        }
        (models, brought.refusals().iter().map(|refusal| refusal.number()).collect())
    }
}

/// The lists whose successors tell of a certificate at a moment: complete ones, for a
/// delta clears nobody.
fn awaits<'s>(
    snapshot: &'s Snapshot,
    certificate: &'s Certificate,
    at: Timestamp,
) -> impl Iterator<Item = AwaitedModel> + 's {
    let lists = snapshot.lists().about(certificate).filter(|list| !list.crl().is_delta());
    lists.filter_map(move |list| {
        let key = list.verified_by()?;
        let authority = snapshot.owner(key)?.id().clone();
        let ListPlace { signer, scope } = ListPlace::of(key, list.crl());
        Some(AwaitedModel {
            authority,
            signer,
            scope,
            issuer: certificate.issuer().der().to_vec().into(),
            serial: certificate.serial().bytes().to_vec().into(),
            not_after: certificate.not_after(),
            at,
        })
    })
}
