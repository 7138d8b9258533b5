//! What is known of the places where lists are told: when each was asked, what came
//! of it, when it is asked next.
//!
//! It is knowledge of the outside, not of the province: no record, and no loss. The
//! gateway keeps it in `refresh.json`, so that a restart asks nobody anew who was
//! asked a minute ago; a file that is missing, torn or of another version is an
//! empty one.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tongxing_pki::Timestamp;

use super::PointUrl;
use crate::error::StoreError;
use crate::files::{self, Disk};
use crate::ids::AuthorityId;

/// The file's name in the province's folder.
const FILE: &str = "refresh.json";

/// So many failures in a row are no passing trouble any more.
const LASTING_FAILURES: u32 = 3;

/// Who says that a list is told at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PointOrigin {
    /// The authority's policy.
    Policy,
    /// A certificate under the authority.
    Certificate,
}

/// A place where an authority tells a list, and what came of asking there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointView {
    /// Whose.
    pub authority: AuthorityId,
    /// Where.
    pub url: PointUrl,
    /// Where else the same list is told, asked when it is not there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternates: Vec<PointUrl>,
    /// Who says so.
    pub origin: PointOrigin,
    /// When it was asked last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_try: Option<Timestamp>,
    /// When a current list was there last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_success: Option<Timestamp>,
    /// Why there was none the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// How often there was none since.
    #[serde(default)]
    pub failures: u32,
    /// When it is asked next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_try: Option<Timestamp>,
    /// When the list that was there was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub this_update: Option<Timestamp>,
    /// When the next one is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_update: Option<Timestamp>,
    /// A hash of what was there, as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// What the server told to ask with the next time, as its client wrote it down.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub validators: serde_json::Value,
}

impl PointView {
    /// A place that was not asked yet.
    pub fn new(authority: AuthorityId, url: PointUrl, origin: PointOrigin) -> Self {
        Self {
            authority,
            url,
            alternates: Vec::new(),
            origin,
            last_try: None,
            last_success: None,
            last_error: None,
            failures: 0,
            next_try: None,
            this_update: None,
            next_update: None,
            hash: None,
            validators: serde_json::Value::Null,
        }
    }

    /// What an operator should look at, if anything.
    pub fn trouble(&self) -> Option<String> {
        let error = self.last_error.as_ref()?;
        let since = match self.last_success {
            Some(_) if self.failures < LASTING_FAILURES => return None,
            Some(success) => format!("since {success}"),
            None => "never yet".to_owned(),
        };
        Some(format!("no list could be fetched from {}, {since}: {error}", self.url))
    }
}

/// All places, and what else is wrong with keeping lists fresh.
#[derive(Debug, Default)]
pub struct Points(Mutex<Board>);

#[derive(Debug, Default)]
struct Board {
    points: BTreeMap<(AuthorityId, PointUrl), PointView>,
    troubles: BTreeMap<&'static str, String>,
}

impl Points {
    /// As they were written down.
    pub(crate) fn open(folder: &Path) -> Self {
        let read = std::fs::read(folder.join(FILE)).ok();
        let points: Vec<PointView> =
            read.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        let keyed = |point: PointView| ((point.authority.clone(), point.url.clone()), point);
        let points = points.into_iter().map(keyed).collect();
        Self(Mutex::new(Board { points, troubles: BTreeMap::new() }))
    }

    /// Writes them down.
    pub(crate) fn save(&self, folder: &Path) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec(&self.all()).map_err(StoreError::encoding)?;
        let written = files::replace(&Disk, folder, FILE, &bytes);
        written.map_err(StoreError::io("writing", &folder.join(FILE)))
    }

    /// All of them.
    pub fn all(&self) -> Vec<PointView> {
        self.lock().points.values().cloned().collect()
    }

    /// An authority's.
    pub fn of(&self, authority: &AuthorityId) -> Vec<PointView> {
        let board = self.lock();
        board.points.values().filter(|point| point.authority == *authority).cloned().collect()
    }

    /// Writes down what came of asking at a place; one that is not known any more is
    /// not known again by it.
    pub fn update(&self, point: PointView) {
        let key = (point.authority.clone(), point.url.clone());
        if let Some(known) = self.lock().points.get_mut(&key) {
            *known = point;
        }
    }

    /// Adds places that are not known yet, while the authority has fewer than `most`.
    /// Returns how many were added.
    pub fn add(&self, points: impl IntoIterator<Item = PointView>, most: usize) -> usize {
        let mut board = self.lock();
        let mut added = 0;
        for point in points {
            let key = (point.authority.clone(), point.url.clone());
            let of_it = board.points.keys().filter(|(id, _)| *id == point.authority).count();
            if of_it < most && !board.points.contains_key(&key) {
                board.points.insert(key, point);
                added += 1;
            }
        }
        added
    }

    /// Whether a place is known.
    pub fn knows(&self, authority: &AuthorityId, url: &PointUrl) -> bool {
        self.lock().points.contains_key(&(authority.clone(), url.clone()))
    }

    /// Forgets the places that are not to be asked any more.
    pub fn retain(&self, keep: impl Fn(&PointView) -> bool) {
        self.lock().points.retain(|_, point| keep(point));
    }

    /// Says what is wrong with something that is none of the places, or that nothing
    /// is any more.
    pub fn report(&self, about: &'static str, trouble: Option<String>) {
        let mut board = self.lock();
        match trouble {
            Some(trouble) => board.troubles.insert(about, trouble),
            None => board.troubles.remove(about),
        };
    }

    /// What is wrong, for operators: each authority's, and what is nobody's.
    pub(crate) fn troubles(&self) -> Vec<String> {
        let board = self.lock();
        let of_points = board.points.values().filter_map(|point| {
            point.trouble().map(|trouble| format!("{}: {trouble}", point.authority))
        });
        let others = board.troubles.iter().map(|(about, trouble)| format!("{about}: {trouble}"));
        of_points.chain(others).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Board> {
        // Each change of it is one step: a panic leaves nothing half-done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(url: &str) -> PointView {
        PointView::new("ca".parse().unwrap(), url.parse().unwrap(), PointOrigin::Certificate)
    }

    #[test]
    fn what_is_known_of_places_survives_a_restart_and_its_loss_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let points = Points::open(folder.path());
        let asked = PointView { failures: 2, ..point("http://crl.example.cn/a.crl") };
        assert_eq!(points.add([asked.clone(), asked.clone()], 8), 1);
        points.save(folder.path()).unwrap();
        assert_eq!(Points::open(folder.path()).all(), [asked]);
        std::fs::write(folder.path().join(FILE), b"[{\"torn").unwrap();
        assert_eq!(Points::open(folder.path()).all(), []);
    }

    #[test]
    fn certificates_cannot_name_places_without_end() {
        let points = Points::default();
        let many = (0..100).map(|number| point(&format!("http://crl.example.cn/{number}.crl")));
        assert_eq!(points.add(many, 10), 10);
        assert_eq!(points.all().len(), 10);
    }

    #[test]
    fn one_failure_is_no_trouble_where_a_list_was_fetched_before() {
        let mut point = point("http://crl.example.cn/a.crl");
        assert_eq!(point.trouble(), None, "not asked yet");
        point.last_error = Some("nobody there".to_owned());
        point.failures = 1;
        assert!(point.trouble().unwrap().contains("never yet"));
        point.last_success = Some(Timestamp::from_unix(0));
        assert_eq!(point.trouble(), None);
        point.failures = LASTING_FAILURES;
        assert!(point.trouble().unwrap().contains("nobody there"));
    }

    #[test]
    fn what_was_forgotten_meanwhile_stays_forgotten() {
        let points = Points::default();
        points.add([point("http://crl.example.cn/a.crl")], 8);
        points.retain(|_| false);
        points.update(point("http://crl.example.cn/a.crl"));
        assert_eq!(points.all(), []);
    }
}
