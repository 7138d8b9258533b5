//! Telling platforms how their provisional receipts were decided.
//!
//! 1. Whenever a new snapshot is published, and at the start, the lists in it and those
//!    that came before them are asked what they say of the receipts that wait for them;
//!    what the first of them says is recorded. A failure is tried again a minute later.
//! 2. A platform that registered a webhook is sent what it has not taken yet: one compact
//!    JWS by the evidence key, as `application/jose`, to the very address that an operator
//!    registered. Redirects are not followed.
//! 3. Any answer of 2xx says that it was taken: it is recorded how far the platform was
//!    told.
//! 4. Anything else is tried again, ever more rarely, and so many times; then not before
//!    there is something new. It shows as degraded until the platform has taken all.
//!
//! Nobody waits for any of it, one platform's trouble is nobody else's, and whoever has no
//! webhook finds the same under `GET /v1/receipts`. A power cut between 3 and its record
//! tells a platform twice.

mod schedule;

use std::fs;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};
use tongxing_trust_store::{
    Access, HostRules, Notice, PointScheme, PointUrl, RelyingPartyId, ReplicaRole,
};

use crate::config::ReceiptConfig;
use crate::fetch::{Client, FetchError, Limits};
use crate::serve::StartError;
use crate::site::Site;
use schedule::Schedule;

/// The media type of a JWS in its compact form (RFC 7515 9.2.1).
const CONTENT_TYPE: &str = "application/jose";

/// What an answer may cost: nothing in it is read.
const LIMITS: Limits = Limits {
    bytes: 64 << 10,
    total: Duration::from_secs(20),
    idle: Duration::from_secs(20),
    redirects: 0,
};

/// How often it is looked whether something is due.
const TICK: Duration = Duration::from_secs(5);

/// After a failure it is settled again a minute later: what failed may pass.
const RETRY_TICKS: u32 = 12;

/// How telling platforms goes.
#[derive(Debug)]
pub(crate) struct Webhooks {
    client: Client,
    schedule: Mutex<Schedule>,
}

impl Webhooks {
    /// Reads the further roots, where there are any.
    pub(crate) fn open(config: &ReceiptConfig) -> Result<Self, StartError> {
        let mut further = Vec::new();
        if let Some(path) = &config.webhook_roots {
            let wrong =
                |told: String| StartError::WebhookRoots(format!("{}: {told}", path.display()));
            let pem = fs::read(path).map_err(|error| wrong(error.to_string()))?;
            let read = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
            further = read.map_err(|error| wrong(error.to_string()))?;
            if further.is_empty() {
                return Err(wrong("it holds no certificate".to_owned()));
            }
        }
        let client = Client::trusting_also(further).within(LIMITS);
        Ok(Self { client, schedule: Mutex::default() })
    }

    /// What does not work at the moment, for operators.
    pub(crate) fn troubles(&self) -> Vec<String> {
        self.schedule().troubles()
    }

    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        // Each change of it is one step: a panic leaves nothing half-done.
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does all four steps for as long as the gateway runs.
pub(crate) async fn keep(site: Arc<Site>) {
    let mut revisions = site.province.revisions();
    // What came between the last run and here counts too.
    revisions.mark_changed();
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut sending = JoinSet::new();
    // Whether something may be to be settled, and for how many ticks it rests.
    let (mut open, mut rests) = (true, 0_u32);
    loop {
        tokio::select! {
            changed = revisions.changed() => match changed {
                Ok(()) => open = true,
                Err(_) => return,
            },
            _ = ticks.tick() => rests = rests.saturating_sub(1),
            Some(_) = sending.join_next() => continue,
        }
        if site.province.role() != ReplicaRole::Primary {
            continue;
        }
        if open && rests == 0 {
            open = !settle(&site).await;
            rests = if open { RETRY_TICKS } else { 0 };
        }
        for (to, url) in due(&site) {
            sending.spawn(tell(Arc::clone(&site), to, url));
        }
    }
}

/// Step 1, on a thread that may wait for lists to be read; whether it came to its end.
async fn settle(site: &Arc<Site>) -> bool {
    let (of_thread, runtime) = (Arc::clone(site), Handle::current());
    let settling = move || runtime.block_on(of_thread.province.settle_receipts());
    match tokio::task::spawn_blocking(settling).await {
        Ok(Ok(0)) => true,
        Ok(Ok(words)) => {
            tracing::info!(words, "lists decided provisional receipts");
            true
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "provisional receipts could not be decided");
            false
        }
        Err(error) => {
            tracing::error!(%error, "deciding provisional receipts was cut off");
            false
        }
    }
}

/// The platforms that have something to be told now, each marked as being told.
fn due(site: &Site) -> Vec<(RelyingPartyId, PointUrl)> {
    let snapshot = site.province.snapshot();
    let mut schedule = site.webhooks.schedule();
    let mut found = Vec::new();
    for party in snapshot.relying_parties() {
        // A suspended platform gets nothing; what was decided meanwhile waits for it.
        let open = party.access() == Access::Open;
        let url = party.webhook().filter(|url| open && url.scheme() == PointScheme::Https);
        let Some(url) = url else {
            schedule.forget(party.id());
            continue;
        };
        match site.province.undelivered(party.id()) {
            Ok(None) => schedule.forget(party.id()),
            Ok(Some(notice)) => {
                if schedule.take(party.id(), url, notice.through, Instant::now()) {
                    found.push((party.id().clone(), url.clone()));
                }
            }
            Err(error) => {
                tracing::error!(%error, "what a platform is to be told could not be read");
            }
        }
    }
    found
}

/// Steps 2 to 4 for one platform, until it has taken everything or something fails.
async fn tell(site: Arc<Site>, to: RelyingPartyId, url: PointUrl) {
    loop {
        let notice = match site.province.undelivered(&to) {
            Ok(Some(notice)) => notice,
            Ok(None) => return site.webhooks.schedule().forget(&to),
            Err(error) => return failed(&site, &to, &error.to_string()),
        };
        if let Err(why) = send(&site, &to, &url, &notice).await {
            return failed(&site, &to, &why);
        }
        if let Err(error) = site.province.record_delivery(&to, &notice).await {
            return failed(&site, &to, &error.to_string());
        }
        tracing::info!(party = %to, through = notice.through, "a platform was told");
    }
}

async fn send(
    site: &Site,
    to: &RelyingPartyId,
    url: &PointUrl,
    notice: &Notice,
) -> Result<(), String> {
    let signed = site.province.sign_notice(&site.issuer, to, notice);
    let signed = signed.map_err(|error| error.to_string())?;
    // Where it is, an operator wrote down: it may be on a private line.
    let rules = HostRules::of_platform(url);
    let answer = site.webhooks.client.post(url, &rules, CONTENT_TYPE, signed.into_bytes()).await;
    match answer {
        Ok(_) => Ok(()),
        Err(FetchError::Status(status)) if status.is_success() => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

fn failed(site: &Site, to: &RelyingPartyId, why: &str) {
    tracing::warn!(party = %to, why, "a platform could not be told how its receipts were decided");
    site.webhooks.schedule().failed(to, why, Instant::now());
}
