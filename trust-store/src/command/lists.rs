//! Revocation lists: imported once, verified once.

use std::borrow::Cow;

use tongxing_pki::{Crl, Fault, PemLabel, Timestamp, VerifiedCrl};

use super::trust::{list_views, record};
use super::{CommandError, Reply};
use crate::change::{Actor, Change, ListImported};
use crate::error::StoreError;
use crate::ids::AuthorityId;
use crate::province::Province;
use crate::state::{ListPlace, Lookups};

/// Imports a list: it must be signed by an enrolled key, whose authority it is.
///
/// 1. It is parsed, and its signature verified under the keys enrolled with its
///    issuer's name: on this thread, so that none that judges has to.
/// 2. Its bytes become a blob, synced. A power cut leaves an unreferenced blob.
/// 3. The change names the blob. From here on it judges, as compiled in step 1.
pub(super) async fn import(
    province: &Province,
    by: &Actor,
    file: Cow<'_, [u8]>,
) -> Result<Reply, CommandError> {
    let whole = the_only_list(file)?;
    let (authority, list) = verify(province, &whole)?;
    let sequence = keep(province, by, authority, list, whole, Change::ListImported).await?;
    Ok(Reply::Done { sequence, cancelled: Vec::new() })
}

/// Keeps a list that a newer one replaced already, for moments in the past.
pub(super) async fn archive(
    province: &Province,
    by: &Actor,
    file: Cow<'_, [u8]>,
) -> Result<Reply, CommandError> {
    let whole = the_only_list(file)?;
    let (authority, list) = verify(province, &whole)?;
    let sequence = keep(province, by, authority, list, whole, Change::ListArchived).await?;
    Ok(Reply::Done { sequence, cancelled: Vec::new() })
}

/// A list that was brought in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedList {
    /// Whose it is.
    pub authority: AuthorityId,
    /// When it was made.
    pub this_update: Timestamp,
    /// When the next one is due.
    pub next_update: Option<Timestamp>,
    /// The record that it made; none for a list that is held already.
    pub sequence: Option<u64>,
}

/// Imports a list that somebody else had: one that is held changes nothing, and an
/// older one is refused without a record, for it may be offered again and again.
pub(crate) async fn bring_in(
    province: &Province,
    by: &Actor,
    only_of: Option<&AuthorityId>,
    file: Cow<'_, [u8]>,
) -> Result<ImportedList, CommandError> {
    let whole = the_only_list(file)?;
    let (authority, list) = verify(province, &whole)?;
    if let Some(expected) = only_of.filter(|expected| **expected != authority) {
        return Err(CommandError::refused(format!(
            "the list is of authority {authority}, not of {expected}"
        )));
    }
    let (this_update, next_update) = (list.crl().this_update(), list.crl().next_update());
    let mut imported = ImportedList { authority, this_update, next_update, sequence: None };
    let place = ListPlace::of(list.key_sha256(), list.crl());
    let held = province.read(|view| view.list(&imported.authority, &place))?;
    match held.map(|held| held.this_update) {
        Some(held) if held == this_update => {}
        Some(held) if held > this_update => {
            return Err(CommandError::refused(format!(
                "the list is older than the one that is held: made {this_update}, not {held}"
            )));
        }
        _ => {
            let authority = imported.authority.clone();
            imported.sequence =
                Some(keep(province, by, authority, list, whole, Change::ListImported).await?);
        }
    }
    Ok(imported)
}

/// Steps 2 and 3, of a list with its encoding; the number of the record.
async fn keep(
    province: &Province,
    by: &Actor,
    authority: AuthorityId,
    list: VerifiedCrl,
    whole: Crl,
    change: fn(ListImported) -> Change,
) -> Result<u64, CommandError> {
    // A list that was just parsed has its encoding.
    let encoding = whole.der().unwrap_or_default();
    let blob = province.vault().blobs.put(encoding).map_err(StoreError::from)?;
    drop(whole);
    let offer = province.vault().arrivals.offer(list);
    let list = offer.list().crl();
    // Whoever asks about the past will want to know; here the list is at hand.
    province.holds().remember(&blob.to_string(), list);
    let ListPlace { signer, scope } = ListPlace::of(offer.list().key_sha256(), list);
    let change = change(ListImported {
        authority,
        issuer_spki_sha256: signer,
        scope,
        blob: blob.to_string(),
        number: list.number().map(ToString::to_string),
        this_update: list.this_update(),
        next_update: list.next_update(),
        entries: list.len() as u64,
    });
    record(province, by, change).await
}

fn the_only_list(file: Cow<'_, [u8]>) -> Result<Crl, CommandError> {
    let unread = |fault: Fault| CommandError::bad_input(format!("list: {fault}"));
    let mut lists = tongxing_pki::decode_pem_or_der(file, PemLabel::Crl).map_err(unread)?;
    match (lists.pop(), lists.len()) {
        (Some(der), 0) => Crl::parse_owned(der).map_err(unread),
        (_, others) => Err(CommandError::bad_input(format!(
            "the file holds {} lists; one is expected",
            others + 1
        ))),
    }
}

/// Step 1: whose list it is, and the list compiled.
fn verify(province: &Province, list: &Crl) -> Result<(AuthorityId, VerifiedCrl), CommandError> {
    let snapshot = province.snapshot();
    let (authority, verified) =
        snapshot.verify_list(list, province.clock().now()).ok_or_else(|| {
            CommandError::refused(format!(
                "no enrolled key of {} signed this list: enrol the CA (or its intermediate) first",
                list.issuer()
            ))
        })?;
    if list.this_update() > province.clock().now() {
        return Err(CommandError::refused(format!(
            "the list is from the future: thisUpdate is {}",
            list.this_update()
        )));
    }
    Ok((authority.id().clone(), verified))
}

/// All lists of all authorities.
pub(super) fn list(province: &Province) -> Result<Reply, CommandError> {
    let snapshot = province.snapshot();
    let mut views = Vec::new();
    for authority in snapshot.authorities() {
        views.extend(list_views(province, authority)?);
    }
    Ok(Reply::Lists(views))
}
