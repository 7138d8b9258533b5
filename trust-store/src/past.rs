//! Moments in the past: the lists that were current then, and those that came later.
//!
//! Snapshots hold the newest lists only. The older ones are archived by signer and
//! scope, each with the moment from which the next one told. Of those that cover a
//! certificate of the chain, these can matter (architecture, flow 1, step 6):
//!
//! 1. the newest made by then, which decides;
//! 2. the next one, which confirms;
//! 3. the last one made before the certificate expired, which names every revocation
//!    that was not lifted, with its date;
//! 4. the newest of all, which the snapshot has;
//! 5. any other made since that names it as held: a hold that was lifted again stands
//!    in no later one, and its date may reach back.
//!
//! Whoever is asked about has a valid path to an enrolled key, and only the certificates of
//! that path are looked for: anybody can write another one's name and serial number into a
//! certificate. The lists are read from their blobs and verified anew. The last few are
//! kept, for documents of one day are looked at together. Of the others only whom they name
//! as held is remembered (`holds`): since a list arrived, or since it was first looked at.
//! One that says that a certificate was held at the moment is enough.
//!
//! All that is done under a budget (`archive_budget`). Where it does not suffice nothing is
//! settled: the judgement is indeterminate, and what was learned is remembered for the next
//! time.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use tongxing_pki::{
    Certificate, Crl, RevocationList, RevocationLists, RevocationResponses, Timestamp, VerifiedCrl,
};

use crate::archive_budget::{ArchiveBudget, ArchiveReading};
use crate::authority::Role;
use crate::blobs::BlobId;
use crate::demands::Demands;
use crate::error::StoreError;
use crate::hex;
use crate::holds;
use crate::province::Province;
use crate::recognise::{Purpose, Recognition, SuppliedEvidence};
use crate::snapshot::{Authority, Snapshot};
use crate::state::{ListPlace, ListRow, Lookups, StateError, View};

/// The most entries of archived lists that stay in memory: about 80 MiB. Origin: ours,
/// four lists of a million.
const KEPT_ENTRIES: usize = 4_000_000;

/// The most archived lists that stay in memory.
const KEPT_LISTS: usize = 256;

/// The archived lists that may tell of a moment in the past.
#[derive(Debug, Default)]
pub struct ArchivedLists {
    /// The lists.
    pub lists: RevocationLists,
    /// Whether that is all of them.
    pub reading: ArchiveReading,
}

impl Province {
    /// Judges a chain (leaf first) at a moment in the past, with the archived lists
    /// that matter and with OCSP responses of any time. Blocks: it may read lists.
    ///
    /// A moment that is not in the past is judged as the present.
    ///
    /// # Errors
    /// [`StoreError`] when an archived list cannot be read: without it a revocation
    /// could be missed.
    pub fn recognise_past(
        &self,
        snapshot: &Snapshot,
        chain: &[Certificate],
        purpose: Purpose,
        at: Timestamp,
        responses: RevocationResponses,
        demands: &Demands,
    ) -> Result<Recognition, StoreError> {
        if at >= self.clock().now() {
            let supplied = SuppliedEvidence { responses, ..SuppliedEvidence::default() };
            return Ok(snapshot.recognise_demanding(chain, purpose, at, &supplied, demands));
        }
        let archived = self.past_evidence(snapshot, chain, purpose, at, demands)?;
        let supplied = SuppliedEvidence { responses, ..archived };
        Ok(snapshot.recognise_past(chain, purpose, at, &supplied, demands))
    }

    /// What the archive has of a moment in the past for a question about one chain: for
    /// [`Snapshot::recognise_past`]. Blocks.
    ///
    /// # Errors
    /// As [`Province::recognise_past`].
    pub fn past_evidence(
        &self,
        snapshot: &Snapshot,
        chain: &[Certificate],
        purpose: Purpose,
        at: Timestamp,
        demands: &Demands,
    ) -> Result<SuppliedEvidence, StoreError> {
        let mut budget = ArchiveBudget::default();
        let asked = (purpose.role(), at, demands);
        let archived = self.archived_lists(snapshot, chain, asked, &mut budget)?;
        let ArchivedLists { lists, reading } = archived;
        Ok(SuppliedEvidence { lists, archive: reading, ..SuppliedEvidence::default() })
    }

    /// The archived lists that may tell how the certificates of a chain's path stood at a
    /// moment, beside those of the snapshot; none where it has no valid path. Blocks.
    ///
    /// # Errors
    /// As [`Province::recognise_past`].
    pub fn archived_lists(
        &self,
        snapshot: &Snapshot,
        chain: &[Certificate],
        (role, at, demands): (Role, Timestamp, &Demands),
        budget: &mut ArchiveBudget,
    ) -> Result<ArchivedLists, StoreError> {
        let mut found = ArchivedLists::default();
        let Some((path, _)) = snapshot.path_of(chain, role, at, demands) else {
            return Ok(found);
        };
        let first = budget.is_first();
        for (list, covered) in snapshot.lists_around(snapshot.relatives(path.certificates())) {
            let Some(key) = list.verified_by() else { continue };
            let Some(authority) = snapshot.owner(key) else { continue };
            let Some(signer) = authority.key(key) else { continue };
            if list.crl().this_update() <= at {
                // What was current then is current still, or came later.
                continue;
            }
            let place = ListPlace::of(key, list.crl());
            let wanted = Wanted { authority, place, at, covered, signer };
            let (rows, since) = self.read(|view| wanted.find(view))?;
            for row in rows {
                if first || budget.brings(&row.blob, row.entries) {
                    found.lists.insert(self.archived(&row, &wanted, budget)?);
                } else {
                    found.reading = ArchiveReading::Part;
                }
            }
            self.bring_holds(&wanted, since, budget, &mut found)?;
        }
        Ok(found)
    }

    /// Of the lists made since the moment, those that say that a certificate was held then:
    /// one for each is enough.
    fn bring_holds(
        &self,
        wanted: &Wanted<'_>,
        since: Vec<ListRow>,
        budget: &mut ArchiveBudget,
        found: &mut ArchivedLists,
    ) -> Result<(), StoreError> {
        let mut open = wanted.covered.clone();
        for row in since {
            if open.is_empty() {
                break;
            }
            let held = match self.holds().of(&row.blob) {
                Some(held) => held,
                None if budget.scans(row.entries) => {
                    self.holds().remember(&row.blob, &self.unverified(&row)?)
                }
                None => {
                    found.reading = ArchiveReading::Part;
                    continue;
                }
            };
            if !open.iter().any(|one| self.holds().may_name(&held, one, wanted.at)) {
                continue;
            }
            if !budget.brings(&row.blob, row.entries) {
                found.reading = ArchiveReading::Part;
                continue;
            }
            let list = self.archived(&row, wanted, budget)?;
            open.retain(|one| !holds::settles(list.crl(), one, wanted.at));
            found.lists.insert(list);
        }
        Ok(())
    }

    fn archived(
        &self,
        row: &ListRow,
        wanted: &Wanted<'_>,
        budget: &mut ArchiveBudget,
    ) -> Result<RevocationList, StoreError> {
        if let Some(list) = budget.brought(&row.blob) {
            return Ok(list.into());
        }
        match self.archived_list(wanted.authority, wanted.signer, row)? {
            Ok(list) => {
                budget.keep(&row.blob, &list);
                Ok(list.into())
            }
            // That is a verdict too.
            Err(whole) => Ok(whole.into()),
        }
    }

    /// An archived list that `signer`, a key of the authority, signed; as it stands, where
    /// no edition of the policy allows any more how it was signed: one was set since for
    /// the whole time of another. Blocks.
    ///
    /// # Errors
    /// As [`Province::recognise_past`].
    pub(crate) fn archived_list(
        &self,
        authority: &Authority,
        signer: &Certificate,
        row: &ListRow,
    ) -> Result<Result<VerifiedCrl, Crl>, StoreError> {
        if let Some(list) = self.kept_lists().find(&row.blob) {
            return Ok(Ok(list));
        }
        let (key, whole) = (signer.public_key(), self.unverified(row)?);
        // By which any edition of the policy may have accepted it: what judges asks
        // anew (`check_revocation`).
        let rules = authority.list_rules_ever();
        let Ok(list) = VerifiedCrl::verify_with(&whole, key, &rules) else {
            return Ok(Err(whole));
        };
        self.kept_lists().keep(list.clone());
        Ok(Ok(list))
    }

    /// A list as its blob has it.
    fn unverified(&self, row: &ListRow) -> Result<Crl, StoreError> {
        let id: BlobId = row.blob.parse()?;
        let der = self.vault().blobs.get(&id)?.ok_or_else(|| missing(row))?;
        Crl::parse_owned(der).map_err(|_| missing(row))
    }
}

fn missing(row: &ListRow) -> StoreError {
    StoreError::ArchivedList { blob: row.blob.clone() }
}

/// What is asked of the archive about one signer and scope.
struct Wanted<'w> {
    authority: &'w Authority,
    place: ListPlace,
    at: Timestamp,
    /// The certificates that it covers.
    covered: Vec<&'w Certificate>,
    signer: &'w Certificate,
}

impl Wanted<'_> {
    /// Those that matter whatever stands in them, and all others made since the moment,
    /// the oldest first.
    fn find(&self, view: &View<'_>) -> Result<(Vec<ListRow>, Vec<ListRow>), StateError> {
        let (mut found, of) = (Vec::new(), self.authority.id());
        let mut since = view.archived_lists_since(of, &self.place, self.at)?;
        since.reverse();
        let next = match view.archived_list(of, &self.place, self.at)? {
            Some(current) => {
                found.push(current.list);
                view.archived_list(of, &self.place, current.until)?
            }
            None => since.first().cloned(),
        };
        let mut later = Vec::from_iter(next);
        for certificate in &self.covered {
            later.extend(view.archived_list(of, &self.place, certificate.not_after())?);
        }
        for row in later {
            if row.list.this_update > self.at && !found.contains(&row.list) {
                found.push(row.list);
            }
        }
        let since = since.into_iter().map(|row| row.list);
        let since = since.filter(|list| !found.contains(list)).collect();
        Ok((found, since))
    }
}

impl Snapshot {
    /// The lists that tell of any of the certificates, or of one that may have signed such
    /// a list; each with those certificates.
    pub(crate) fn lists_around<'s>(
        &'s self,
        mut asked: Vec<&'s Certificate>,
    ) -> Vec<(&'s RevocationList, Vec<&'s Certificate>)> {
        let mut around: Vec<(&RevocationList, Vec<&Certificate>)> = Vec::new();
        let mut next = 0;
        while let Some(certificate) = asked.get(next).copied() {
            next += 1;
            // Nobody asks about an anchor.
            if self.anchors().contains(certificate) {
                continue;
            }
            for list in self.lists().about(certificate) {
                match around.iter_mut().find(|(known, _)| known.crl() == list.crl()) {
                    Some((_, covered)) if covered.contains(&certificate) => {}
                    Some((_, covered)) => covered.push(certificate),
                    None => {
                        around.push((list, vec![certificate]));
                        // Its signer's own status is told by lists too.
                        for signer in self.intermediates().by_subject(list.crl().issuer()) {
                            if !asked.contains(&signer) {
                                asked.push(signer);
                            }
                        }
                    }
                }
            }
        }
        around
    }
}

/// Archived lists that were read, the one used last in front.
#[derive(Debug, Default)]
pub(crate) struct KeptLists(Mutex<VecDeque<VerifiedCrl>>);

impl KeptLists {
    fn find(&self, sha256: &str) -> Option<VerifiedCrl> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = kept.iter().position(|list| hex::encode(list.crl().sha256()) == sha256)?;
        let list = kept.remove(place)?;
        kept.push_front(list.clone());
        Some(list)
    }

    fn keep(&self, list: VerifiedCrl) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front(list);
        let mut entries = 0;
        let room = kept.iter().take_while(|list| {
            entries += list.crl().len();
            entries <= KEPT_ENTRIES
        });
        let room = room.count().min(KEPT_LISTS);
        kept.truncate(room);
    }
}
