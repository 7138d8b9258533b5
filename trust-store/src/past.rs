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
//! They are read from their blobs and verified anew. The last few are kept, for
//! documents of one day are looked at together. Of the others only whom they name as
//! held is remembered (`holds`): since a list arrived, or since it was first looked at.
//! So many are looked at for one judgement, and no more; what is left over makes the
//! judgement provisional, and is looked at the next time.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use tongxing_pki::{
    Certificate, Crl, RevocationList, RevocationLists, RevocationResponses, SignatureRules,
    Timestamp, VerifiedCrl,
};

use crate::blobs::BlobId;
use crate::demands::Demands;
use crate::error::StoreError;
use crate::hex;
use crate::holds;
use crate::ids::AuthorityId;
use crate::province::Province;
use crate::recognise::{Purpose, Recognition, SuppliedEvidence};
use crate::snapshot::{Snapshot, list_rules};
use crate::state::{ListPlace, ListRow, Lookups, StateError, View};

/// The most entries of archived lists that stay in memory: about 80 MiB. Origin: ours,
/// four lists of a million.
const KEPT_ENTRIES: usize = 4_000_000;

/// The most archived lists that stay in memory.
const KEPT_LISTS: usize = 256;

/// The most entries of lists that are gone through for holds in one judgement, where that
/// is not remembered: about a second. Origin: ours; a list a day of 10,000 entries, for a
/// year.
const READ_ENTRIES: u64 = 4_000_000;

/// The archived lists that may tell of a moment in the past.
#[derive(Debug, Default)]
pub struct ArchivedLists {
    /// The lists.
    pub lists: RevocationLists,
    /// Whether that is all of them.
    pub reading: ArchiveReading,
}

/// Whether all that an archive has was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ArchiveReading {
    /// It was.
    #[default]
    Whole,
    /// There was more than one judgement looks at: a hold may have been missed.
    Part,
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
        chain: &[Certificate],
        purpose: Purpose,
        at: Timestamp,
        responses: RevocationResponses,
        demands: &Demands,
    ) -> Result<Recognition, StoreError> {
        let snapshot = self.snapshot();
        if at >= self.clock().now() {
            let supplied = SuppliedEvidence { responses, ..SuppliedEvidence::default() };
            return Ok(snapshot.recognise_demanding(chain, purpose, at, &supplied, demands));
        }
        let ArchivedLists { lists, reading } = self.archived_lists(&snapshot, chain, at)?;
        let supplied = SuppliedEvidence { lists, responses, archive: reading };
        Ok(snapshot.recognise_past(chain, purpose, at, &supplied, demands))
    }

    /// The archived lists that may tell how the certificates of a chain stood at a
    /// moment, beside those of the snapshot. Blocks.
    ///
    /// # Errors
    /// As [`Province::recognise_past`].
    pub fn archived_lists(
        &self,
        snapshot: &Snapshot,
        chain: &[Certificate],
        at: Timestamp,
    ) -> Result<ArchivedLists, StoreError> {
        let mut found = ArchivedLists::default();
        let mut left = READ_ENTRIES;
        for (list, covered) in snapshot.lists_around(chain) {
            let Some(key) = list.verified_by() else { continue };
            let Some(authority) = snapshot.owner(key) else { continue };
            let place = ListPlace::of(key, list.crl());
            let wanted = Wanted { of: authority.id(), place: &place, at, covered };
            if list.crl().this_update() <= at {
                // What was current then is current still, or came later.
                continue;
            }
            let (mut rows, since) = self.read(|view| wanted.find(view))?;
            rows.extend(self.holding(&wanted, since, &mut left, &mut found.reading)?);
            for row in rows {
                if let Some(signer) = authority.key(key) {
                    // By which it was accepted: what judges asks anew (`check_revocation`).
                    let rules = list_rules(authority.policy_at(row.known).as_deref());
                    found.lists.insert(self.archived(&row, signer, &rules)?);
                }
            }
        }
        Ok(found)
    }

    /// Those of the lists made since the moment that name a certificate as held.
    fn holding(
        &self,
        wanted: &Wanted<'_>,
        since: Vec<ListRow>,
        left: &mut u64,
        reading: &mut ArchiveReading,
    ) -> Result<Vec<ListRow>, StoreError> {
        let mut holding = Vec::new();
        for row in since {
            let held = match self.holds().of(&row.blob) {
                Some(held) => held,
                None if row.entries > *left => {
                    *reading = ArchiveReading::Part;
                    continue;
                }
                None => {
                    *left = left.saturating_sub(row.entries);
                    self.holds().remember(&row.blob, &self.unverified(&row)?)
                }
            };
            if holds::names_one(&held, &wanted.covered) {
                holding.push(row);
            }
        }
        Ok(holding)
    }

    fn archived(
        &self,
        row: &ListRow,
        signer: &Certificate,
        rules: &SignatureRules,
    ) -> Result<VerifiedCrl, StoreError> {
        if let Some(list) = self.kept_lists().find(&row.blob) {
            return Ok(list);
        }
        let list = VerifiedCrl::verify_with(&self.unverified(row)?, signer.public_key(), rules);
        let list = list.map_err(|_| missing(row))?;
        self.kept_lists().keep(list.clone());
        Ok(list)
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
    of: &'w AuthorityId,
    place: &'w ListPlace,
    at: Timestamp,
    /// The certificates that it covers.
    covered: Vec<&'w Certificate>,
}

impl Wanted<'_> {
    /// Those that matter whatever stands in them, and all others made since the moment,
    /// the oldest first.
    fn find(&self, view: &View<'_>) -> Result<(Vec<ListRow>, Vec<ListRow>), StateError> {
        let mut found = Vec::new();
        let next = match view.archived_list(self.of, self.place, self.at)? {
            Some(current) => {
                found.push(current.list);
                view.archived_list(self.of, self.place, current.until)?
            }
            None => view.archived_lists(self.of, self.place)?.pop(),
        };
        let mut later = Vec::from_iter(next);
        for certificate in &self.covered {
            later.extend(view.archived_list(self.of, self.place, certificate.not_after())?);
        }
        for row in later {
            if row.list.this_update > self.at && !found.contains(&row.list) {
                found.push(row.list);
            }
        }
        let all = view.archived_lists(self.of, self.place)?.into_iter().rev();
        let since = all.map(|row| row.list).filter(|list| list.this_update > self.at);
        let since = since.filter(|list| !found.contains(list)).collect();
        Ok((found, since))
    }
}

impl Snapshot {
    /// The lists that tell of any certificate that a path for the chain may have, or
    /// that may have signed one of them; each with those certificates.
    pub(crate) fn lists_around<'s>(
        &'s self,
        chain: &'s [Certificate],
    ) -> Vec<(&'s RevocationList, Vec<&'s Certificate>)> {
        let mut around: Vec<(&RevocationList, Vec<&Certificate>)> = Vec::new();
        let mut asked = self.relatives(chain);
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
