//! Revocation lists: imported once, verified once.

use tongxing_pki::{Crl, PemLabel};

use super::trust::{list_views, record};
use super::{CommandError, Reply};
use crate::change::{Actor, Change, ListImported};
use crate::error::StoreError;
use crate::hex;
use crate::province::Province;

/// Imports a list: it must be signed by an enrolled key, whose authority it is.
///
/// 1. It is parsed, and its signature verified under the keys enrolled with its
///    issuer's name.
/// 2. Its bytes become a blob, synced. A power cut leaves an unreferenced blob.
/// 3. The change names the blob. From here on it judges.
pub(super) async fn import(
    province: &Province,
    by: &Actor,
    file: &[u8],
) -> Result<Reply, CommandError> {
    let lists = tongxing_pki::decode_pem_or_der(file, PemLabel::Crl)
        .map_err(|fault| CommandError::bad_input(format!("list: {fault}")))?;
    let [der] = lists.as_slice() else {
        let count = lists.len();
        return Err(CommandError::bad_input(format!(
            "the file holds {count} lists; one is expected"
        )));
    };
    let list =
        Crl::parse(der).map_err(|fault| CommandError::bad_input(format!("list: {fault}")))?;
    let snapshot = province.snapshot();
    let (authority, issuer) = snapshot.list_issuer(&list).ok_or_else(|| {
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
    let blob = province.vault().blobs.put(der).map_err(StoreError::from)?;
    let change = Change::ListImported(ListImported {
        authority: authority.id().clone(),
        issuer_spki_sha256: hex::encode(issuer.spki_sha256()),
        blob: blob.to_string(),
        number: list.number().map(ToString::to_string),
        this_update: list.this_update(),
        next_update: list.next_update(),
        entries: list.len() as u64,
    });
    let sequence = record(province, by, change).await?;
    Ok(Reply::Done { sequence, cancelled: Vec::new() })
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
