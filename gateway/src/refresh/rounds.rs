//! Asks what is due: one place at a time of each host, a few hosts at once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tongxing_trust_store::{PointView, ReplicaRole};

use super::{bring, places};
use crate::site::Site;

/// Hosts that are asked at a time: each answer may take as much memory as a list.
const HOSTS: usize = 4;

/// Places of one host that are asked in a row, before others have their turn.
const IN_A_ROW: usize = 16;

/// The longest that nobody looks: the clock may have been set.
const LOOK: Duration = Duration::from_secs(30);

/// Keeps lists fresh for as long as the gateway runs.
pub(crate) async fn keep(site: Arc<Site>) {
    let mut revisions = site.province.revisions();
    revisions.mark_changed();
    let mut rounds = Rounds { site, running: JoinSet::new(), busy: HashSet::new() };
    loop {
        if revisions.has_changed().unwrap_or(false) {
            revisions.mark_unchanged();
            places::know(&rounds.site, &rounds.site.province.snapshot());
        }
        rounds.begin();
        let pause = rounds.pause();
        tokio::select! {
            Some(ended) = rounds.running.join_next() => rounds.end(ended).await,
            () = rounds.site.new_places.notified() => {}
            changed = revisions.changed() => match changed {
                Ok(()) => revisions.mark_changed(),
                Err(_) => return,
            },
            () = tokio::time::sleep(pause) => {}
        }
    }
}

struct Rounds {
    site: Arc<Site>,
    /// Each ends with the host that it asked.
    running: JoinSet<String>,
    busy: HashSet<String>,
}

impl Rounds {
    /// Begins to ask hosts that are not being asked, as far as there is room.
    fn begin(&mut self) {
        // A standby gets its lists from the primary.
        if self.site.province.role() != ReplicaRole::Primary {
            return;
        }
        let now = self.site.now();
        let mut due: HashMap<String, Vec<PointView>> = HashMap::new();
        for point in self.site.province.points().all() {
            let is_due = point.next_try.is_none_or(|next| next <= now);
            let of_host = due.entry(point.url.host().to_owned()).or_default();
            if is_due && of_host.len() < IN_A_ROW {
                of_host.push(point);
            }
        }
        for (host, points) in due {
            if self.busy.len() < HOSTS && !points.is_empty() && self.busy.insert(host.clone()) {
                self.running.spawn(ask(Arc::clone(&self.site), host, points));
            }
        }
    }

    async fn end(&mut self, ended: Result<String, tokio::task::JoinError>) {
        match ended {
            Ok(host) => {
                self.busy.remove(&host);
            }
            Err(error) => {
                // Which host it was is not known any more; none waits for ever.
                tracing::error!(%error, "fetching lists was cut off");
                self.running.shutdown().await;
                self.busy.clear();
            }
        }
        let site = Arc::clone(&self.site);
        let saving = move || site.province.save_points();
        if let Ok(Err(error)) = tokio::task::spawn_blocking(saving).await {
            tracing::warn!(%error, "when lists were fetched could not be written down");
        }
    }

    /// Until the next place is due.
    fn pause(&self) -> Duration {
        let now = self.site.now();
        let points = self.site.province.points().all();
        let idle = points.iter().filter(|point| !self.busy.contains(point.url.host()));
        let next = idle.filter_map(|point| point.next_try).min();
        let seconds = next.map_or(i64::MAX, |next| next.unix().saturating_sub(now.unix()));
        // What is due now waits for a host to come free.
        Duration::from_secs(u64::try_from(seconds).unwrap_or(1).max(1)).min(LOOK)
    }
}

/// Asks places of one host, one after the other.
async fn ask(site: Arc<Site>, host: String, points: Vec<PointView>) -> String {
    for point in points {
        let point = bring::bring(&site, point).await;
        site.province.points().update(point);
    }
    host
}
