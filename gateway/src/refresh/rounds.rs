//! Asks what is due: one place at a time of each host, a few hosts at once.
//!
//! No authority waits for another's servers: each has a share of the hosts that are
//! asked at a time, a host is asked for one of those at a time that have places there,
//! and those that did not answer the last time have a share together.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tongxing_trust_store::{AuthorityId, PointView, ReplicaRole};

use super::bring::{self, Brought, Presence};
use super::places;
use super::schedule::{after_failure, chance};
use crate::site::Site;

/// Hosts that are asked at a time: each answer may take as much memory as a list.
const HOSTS: usize = 4;

/// Of one authority.
const OF_AUTHORITY: usize = 2;

/// That did not answer the last time.
const SILENT: usize = 2;

/// Places of one host that are asked in a row, before others have their turn.
const IN_A_ROW: usize = 16;

/// The longest that nobody looks: the clock may have been set.
const LOOK: Duration = Duration::from_secs(30);

/// Keeps lists fresh for as long as the gateway runs.
pub(crate) async fn keep(site: Arc<Site>) {
    let mut revisions = site.province.revisions();
    revisions.mark_changed();
    let (running, busy, silent) = (JoinSet::new(), HashMap::new(), HashSet::new());
    let mut rounds = Rounds { site, running, busy, silent };
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
    /// Each ends with the host that it asked, and whether it was there.
    running: JoinSet<(String, Presence)>,
    /// The hosts that are being asked, each for whom.
    busy: HashMap<String, AuthorityId>,
    /// The hosts that did not answer the last time.
    silent: HashSet<String>,
}

/// A host with places that are due.
struct Due {
    host: String,
    points: Vec<PointView>,
}

/// The hosts to begin with, of those that are due: as many as there is room for, of
/// each authority no more than its share, and first those of whom the fewest are being
/// asked.
fn choose(
    mut due: Vec<Due>,
    busy: &HashMap<String, AuthorityId>,
    silent: &HashSet<String>,
) -> Vec<Due> {
    let mut of_authority: HashMap<AuthorityId, usize> = HashMap::new();
    for authority in busy.values() {
        *of_authority.entry(authority.clone()).or_default() += 1;
    }
    let mut quiet = busy.keys().filter(|host| silent.contains(*host)).count();
    let mut chosen: Vec<Due> = Vec::new();
    due.retain(|one| !one.points.is_empty() && !busy.contains_key(&one.host));
    while busy.len() + chosen.len() < HOSTS {
        let running = |point: &PointView| of_authority.get(&point.authority).copied().unwrap_or(0);
        let rank = |(place, one): (usize, &Due)| {
            // Who waits longest: what was never asked, before all.
            let first = one.points.iter().min_by_key(|point| (running(point), point.next_try))?;
            let is_silent = silent.contains(&one.host);
            let fits = running(first) < OF_AUTHORITY && (quiet < SILENT || !is_silent);
            let rank = (running(first), is_silent, first.next_try);
            fits.then(|| (rank, place, first.authority.clone()))
        };
        let next = due.iter().enumerate().filter_map(rank).min_by_key(|(rank, ..)| *rank);
        let Some((_, place, authority)) = next else { break };
        let mut one = due.swap_remove(place);
        // Those of others there have a turn of their own.
        one.points.retain(|point| point.authority == authority);
        one.points.truncate(IN_A_ROW);
        *of_authority.entry(authority).or_default() += 1;
        quiet += usize::from(silent.contains(&one.host));
        chosen.push(one);
    }
    chosen
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
            if is_due {
                of_host.push(point);
            }
        }
        let due = due.into_iter().map(|(host, points)| Due { host, points }).collect();
        for Due { host, points } in choose(due, &self.busy, &self.silent) {
            self.busy.insert(host.clone(), points[0].authority.clone());
            self.running.spawn(ask(Arc::clone(&self.site), host, points));
        }
    }

    async fn end(&mut self, ended: Result<(String, Presence), tokio::task::JoinError>) {
        match ended {
            Ok((host, presence)) => {
                self.busy.remove(&host);
                match presence {
                    Presence::Answered | Presence::Elsewhere => self.silent.remove(&host),
                    Presence::Silent => self.silent.insert(host),
                };
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
        let idle = points.iter().filter(|point| !self.busy.contains_key(point.url.host()));
        let next = idle.filter_map(|point| point.next_try).min();
        let seconds = next.map_or(i64::MAX, |next| next.unix().saturating_sub(now.unix()));
        // What is due now waits for a host to come free.
        Duration::from_secs(u64::try_from(seconds).unwrap_or(1).max(1)).min(LOOK)
    }
}

/// Asks places of one host, one after the other, for as long as it is there.
async fn ask(site: Arc<Site>, host: String, points: Vec<PointView>) -> (String, Presence) {
    let mut points = points.into_iter();
    while let Some(point) = points.next() {
        let Brought { point, host: presence } = bring::bring(&site, point).await;
        site.province.points().update(point);
        match presence {
            Presence::Answered => {}
            // The others are due still, and have their turn again.
            Presence::Elsewhere => break,
            Presence::Silent => {
                // The others would wait for nothing, each as long.
                let later = after_failure(site.now(), 1, chance());
                for point in points {
                    site.province.points().update(PointView { next_try: Some(later), ..point });
                }
                return (host, presence);
            }
        }
    }
    (host, Presence::Answered)
}

#[cfg(test)]
mod tests {
    use tongxing_trust_store::PointOrigin;

    use super::*;

    fn due(authority: &str, host: &str) -> Due {
        let url = format!("http://{host}/list.crl").parse().unwrap();
        let authority = authority.parse().unwrap();
        let point = PointView::new(authority, url, PointOrigin::Policy);
        Due { host: host.to_owned(), points: vec![point] }
    }

    fn hosts(chosen: &[Due]) -> Vec<&str> {
        let mut hosts: Vec<_> = chosen.iter().map(|one| one.host.as_str()).collect();
        hosts.sort_unstable();
        hosts
    }

    #[test]
    fn one_authority_with_many_hosts_leaves_room_for_others() {
        let many = || (0..32).map(|number| due("ca-a", &format!("a{number}.example")));
        let none = HashSet::new();
        let chosen = choose(many().collect(), &HashMap::new(), &none);
        assert_eq!(chosen.len(), OF_AUTHORITY);
        let busy: HashMap<_, _> =
            chosen.iter().map(|one| (one.host.clone(), one.points[0].authority.clone())).collect();
        assert!(choose(many().collect(), &busy, &none).is_empty(), "it has its share");
        let with_others = many().chain([due("ca-b", "b.example"), due("ca-c", "c.example")]);
        let chosen = choose(with_others.collect(), &busy, &none);
        assert_eq!(hosts(&chosen), ["b.example", "c.example"]);
    }

    #[test]
    fn hosts_that_did_not_answer_never_take_all_places() {
        let dead: Vec<_> =
            (0..8).map(|n| due(&format!("ca-{n}"), &format!("d{n}.example"))).collect();
        let silent: HashSet<_> = dead.iter().map(|one| one.host.clone()).collect();
        let chosen = choose(dead, &HashMap::new(), &silent);
        assert_eq!(chosen.len(), SILENT);
        let busy: HashMap<_, _> =
            chosen.iter().map(|one| (one.host.clone(), one.points[0].authority.clone())).collect();
        let more =
            vec![due("ca-9", "dead.example"), due("ca-x", "x.example"), due("ca-y", "y.example")];
        let silent = silent.into_iter().chain(["dead.example".to_owned()]).collect();
        assert_eq!(hosts(&choose(more, &busy, &silent)), ["x.example", "y.example"]);
    }

    #[test]
    fn a_shared_host_is_asked_for_whoever_has_a_share_left() {
        let point = |authority: &str| due(authority, "shared.example").points.remove(0);
        let points = [vec![point("ca-a"); IN_A_ROW], vec![point("ca-b")]].concat();
        let shared = vec![Due { host: "shared.example".to_owned(), points: points.clone() }];
        let authority: AuthorityId = "ca-a".parse().unwrap();
        let busy = ["a1.example", "a2.example"].map(|host| (host.to_owned(), authority.clone()));
        let chosen = choose(shared, &busy.into(), &HashSet::new());
        let asked: Vec<_> =
            chosen.iter().flat_map(|one| &one.points).map(|one| one.authority.as_str()).collect();
        assert_eq!(asked, ["ca-b"], "the other one has its share");
        // Otherwise one after the other, so many in a row.
        let shared = vec![Due { host: "shared.example".to_owned(), points }];
        let chosen = choose(shared, &HashMap::new(), &HashSet::new());
        assert_eq!(chosen[0].points, vec![point("ca-a"); IN_A_ROW]);
    }

    #[test]
    fn no_more_hosts_are_asked_than_there_is_room_for_and_none_twice() {
        let all: Vec<_> =
            (0..9).map(|n| due(&format!("ca-{n}"), &format!("h{n}.example"))).collect();
        let none = HashSet::new();
        let chosen = choose(all, &HashMap::new(), &none);
        assert_eq!(chosen.len(), HOSTS);
        let busy: HashMap<_, _> = [("h1.example".to_owned(), "ca-1".parse().unwrap())].into();
        let again = vec![due("ca-1", "h1.example"), due("ca-2", "h2.example")];
        assert_eq!(hosts(&choose(again, &busy, &none)), ["h2.example"]);
    }
}
