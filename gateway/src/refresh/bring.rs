//! From a place to the journal.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{Context, SHA256};
use tokio::runtime::Handle;
use tongxing_pki::Timestamp;
use tongxing_trust_store::{Actor, AuthorityId, HostRules, ImportedList, PointUrl, PointView};

use super::places::fetching;
use super::schedule::{Span, after_failure, after_success, chance};
use crate::fetch::{Fetched, Validators};
use crate::site::Site;

/// How soon a place is asked again that says neither when its list was made nor when
/// the next is due.
const UNKNOWN_SPAN: i64 = 3600;

/// What came of asking at a place.
pub(super) struct Brought {
    pub(super) point: PointView,
    /// Whether anybody was there at all.
    pub(super) host: Presence,
}

/// Whether a host was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// It answered, whatever it said.
    Answered,
    /// It answered, and another one that was asked instead did not: others have waited.
    Elsewhere,
    /// Nothing came of asking.
    Silent,
}

impl Presence {
    /// With what came of asking an alternate, on the same host or another one.
    fn and(self, alternate: Self, same_host: bool) -> Self {
        match (self, alternate) {
            (Self::Answered, Self::Silent) if !same_host => Self::Elsewhere,
            (Self::Answered | Self::Elsewhere, Self::Silent) if same_host => Self::Silent,
            _ => self,
        }
    }
}

/// Why there is no current list.
struct Lacking {
    told: String,
    host: Presence,
}

/// Asks at a place, imports what is there, and says what came of it and when to ask
/// next.
pub(super) async fn bring(site: &Arc<Site>, mut point: PointView) -> Brought {
    let span = attempt(site, &mut point).await;
    let now = site.now();
    point.last_try = Some(now);
    let mut host = Presence::Answered;
    match span {
        Ok(span) => {
            point.last_success = Some(now);
            point.last_error = None;
            point.failures = 0;
            point.next_try = Some(after_success(now, span, chance()));
            tracing::debug!(url = %point.url, "a list is current");
        }
        Err(Lacking { told: error, host: presence }) => {
            host = presence;
            point.failures = point.failures.saturating_add(1);
            point.next_try = Some(after_failure(now, point.failures, chance()));
            let authority = &point.authority;
            tracing::warn!(%authority, url = %point.url, error, "no list was fetched");
            point.last_error = Some(error);
        }
    }
    Brought { point, host }
}

/// Asks at the address, then at its alternates, until one has a list that is current.
async fn attempt(site: &Arc<Site>, point: &mut PointView) -> Result<Span, Lacking> {
    let known: Validators = serde_json::from_value(point.validators.clone()).unwrap_or_default();
    let url = point.url.clone();
    let mut told = match look(site, point, &url, &known).await {
        Ok((span, validators)) => {
            // Only of what was taken: another answer shall be looked at again.
            if let Some(validators) = validators {
                point.validators = serde_json::to_value(&validators).unwrap_or_default();
            }
            Ok(span)
        }
        Err(lacking) => Err(lacking),
    };
    for url in point.alternates.clone() {
        if told.is_ok() {
            break;
        }
        // What one server says of its list is nothing to ask another one with.
        match look(site, point, &url, &Validators::default()).await {
            Ok((span, _)) => told = Ok(span),
            // The first address is the one to mend.
            Err(Lacking { host, .. }) => {
                let same = url.host() == point.url.host();
                told = told
                    .map_err(|lacking| Lacking { host: lacking.host.and(host, same), ..lacking });
            }
        }
    }
    told
}

/// Asks at one address. A list that is there and overdue is none: another address may
/// have a newer one.
async fn look(
    site: &Arc<Site>,
    point: &mut PointView,
    url: &PointUrl,
    known: &Validators,
) -> Result<(Span, Option<Validators>), Lacking> {
    let fetched = fetch(site, point, url, known).await?;
    let answered = |told| Lacking { told, host: Presence::Answered };
    let validators = take(site, point, fetched).await.map_err(answered)?;
    let span = current(site, point, site.now()).map_err(answered)?;
    Ok((span, validators))
}

async fn fetch(
    site: &Site,
    point: &PointView,
    url: &PointUrl,
    known: &Validators,
) -> Result<Fetched, Lacking> {
    let Some(rules) = hosts(site, point) else {
        let told = "the policy does not fetch lists".to_owned();
        return Err(Lacking { told, host: Presence::Answered });
    };
    let fetched = site.client.fetch(url, &rules, known).await;
    fetched.map_err(|error| {
        let host = if error.is_silence() { Presence::Silent } else { Presence::Answered };
        Lacking { told: error.to_string(), host }
    })
}

/// Who may be asked now.
fn hosts(site: &Site, point: &PointView) -> Option<HostRules> {
    let snapshot = site.province.snapshot();
    let policy = fetching(snapshot.authority(&point.authority)?, site.now())?;
    Some(policy.revocation().hosts().clone())
}

/// Imports what was there, unless it is what was there before.
async fn take(
    site: &Arc<Site>,
    point: &mut PointView,
    fetched: Fetched,
) -> Result<Option<Validators>, String> {
    let Fetched::Content { documents, validators } = fetched else { return Ok(None) };
    let found = hash(&documents);
    if point.hash.as_ref() != Some(&found) {
        let mut newest: Option<ImportedList> = None;
        let mut refused = None;
        for document in documents {
            match import(site, &point.authority, document).await {
                Ok(list) => {
                    let is_newer =
                        newest.as_ref().is_none_or(|one| one.this_update < list.this_update);
                    newest = if is_newer { Some(list) } else { newest };
                }
                Err(error) => refused = Some(error),
            }
        }
        let list = match (newest, refused) {
            (Some(list), _) => list,
            (None, Some(refused)) => return Err(refused),
            (None, None) => return Err("there is no list".to_owned()),
        };
        point.this_update = Some(list.this_update);
        point.next_update = list.next_update;
        point.hash = Some(found);
    }
    Ok(Some(validators))
}

/// On a thread that may wait for the disk and verify a list of a million entries.
async fn import(
    site: &Arc<Site>,
    authority: &AuthorityId,
    document: Vec<u8>,
) -> Result<ImportedList, String> {
    let (site, authority) = (Arc::clone(site), authority.clone());
    let runtime = Handle::current();
    let importing = move || {
        let import = site.province.import_list(&Actor::Gateway, Some(&authority), document.into());
        runtime.block_on(import)
    };
    match tokio::task::spawn_blocking(importing).await {
        Ok(Ok(list)) => {
            if let Some(sequence) = list.sequence {
                let authority = &list.authority;
                tracing::info!(%authority, sequence, made = %list.this_update, "a list was fetched");
            }
            Ok(list)
        }
        Ok(Err(error)) => Err(error.to_string()),
        Err(cut) => Err(cut.to_string()),
    }
}

/// When the list that was there was made and the next is due, if it is not overdue.
fn current(site: &Site, point: &PointView, now: Timestamp) -> Result<Span, String> {
    let snapshot = site.province.snapshot();
    let authority = snapshot.authority(&point.authority);
    let policy = authority.and_then(|authority| fetching(authority, now));
    let made = point.this_update.unwrap_or(now);
    let oldest = policy.and_then(|policy| policy.revocation().max_age_seconds());
    let oldest = oldest.map(|age| made.plus_seconds(age));
    let due = match (point.next_update, oldest) {
        (Some(next), Some(oldest)) => next.min(oldest),
        (next, oldest) => next.or(oldest).unwrap_or(now.plus_seconds(UNKNOWN_SPAN)),
    };
    if due < now {
        return Err(format!("the list there is of {made}, and the next was due {due}"));
    }
    Ok(Span { made, due })
}

fn hash(documents: &[Vec<u8>]) -> String {
    let mut context = Context::new(&SHA256);
    for document in documents {
        context.update(&(document.len() as u64).to_be_bytes());
        context.update(document);
    }
    // A name for what came, compared and nothing else.
    URL_SAFE_NO_PAD.encode(context.finish())
}
