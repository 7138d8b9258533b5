//! The standby's side: following, and what a gateway does about the other one by
//! itself.
//!
//! - A standby follows its primary, and connects again, after 100 ms at first and
//!   after 5 s at most, for as long as it is one. When the two have diverged it stops
//!   for good and says so: only an operator can tell which of them is right.
//! - A gateway that was promoted tells the one before that its term is over, until it
//!   has answered.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tongxing_pki::Timestamp;
use tongxing_trust_store::{Replica, ReplicaHello, ReplicaRole, StoreError};

use super::client::{Batch, PeerConnection, PeerError};
use super::held;
use super::pairing::{Peer, PeerIs};
use crate::site::Site;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How far the standby is.
#[derive(Debug, Default)]
pub(super) struct Following(Mutex<Progress>);

#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    pub(super) connected: bool,
    /// The primary's last record, as last heard.
    pub(super) last: Option<u64>,
    /// When we last had everything.
    pub(super) level: Option<Timestamp>,
    /// Why we do not follow, where we do not.
    pub(super) fault: Option<String>,
    /// What is to be done before this gateway may be promoted without loss.
    pub(super) restart: bool,
}

impl Following {
    pub(super) fn progress(&self) -> Progress {
        held(&self.0).clone()
    }

    fn heard(&self, last: u64, own: u64, now: Timestamp) {
        let mut progress = held(&self.0);
        (progress.connected, progress.last, progress.fault) = (true, Some(last), None);
        if own >= last {
            progress.level = Some(now);
        }
    }

    fn broke(&self, why: &impl std::fmt::Display) {
        let mut progress = held(&self.0);
        (progress.connected, progress.fault) = (false, Some(why.to_string()));
    }

    fn ask_for_restart(&self) {
        held(&self.0).restart = true;
    }
}

/// Why following ended.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error(transparent)]
    Peer(#[from] PeerError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Unfit(String),
    #[error("this gateway is no standby any more")]
    Promoted,
}

impl Ended {
    /// Whether trying again is of no use.
    fn is_for_good(&self) -> bool {
        matches!(
            self,
            Self::Peer(PeerError::Refused { diverged: true, .. })
                | Self::Store(StoreError::Diverged { .. })
        )
    }
}

/// Sees to the other gateway for as long as this one runs.
pub(crate) async fn keep(site: Arc<Site>) {
    let mut pause = FIRST_PAUSE;
    loop {
        let peer = site.replication.pairing.peer();
        match (site.province.role(), peer) {
            (ReplicaRole::Standby, Some(peer)) if peer.is == PeerIs::Primary => {
                let began = site.now();
                let Err(ended) = follow(&site, &peer).await;
                if ended.is_for_good() {
                    tracing::error!(%ended, "the standby stopped following");
                    site.replication.following.broke(&ended);
                    return;
                }
                if !matches!(ended, Ended::Promoted) {
                    tracing::warn!(%ended, "the primary is not followed: trying again");
                    site.replication.following.broke(&ended);
                }
                // What worked for a while is worth a quick try.
                if site.now().unix() - began.unix() > LONGEST_PAUSE.as_secs().cast_signed() {
                    pause = FIRST_PAUSE;
                }
            }
            (ReplicaRole::Primary, Some(peer)) if peer.is == PeerIs::Superseded => {
                if tell_it_is_over(&site, &peer).await {
                    pause = FIRST_PAUSE;
                }
            }
            _ => pause = LONGEST_PAUSE,
        }
        site.replication.acknowledgements.look();
        tokio::select! {
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
            () = site.replication.changed.notified() => pause = FIRST_PAUSE,
        }
    }
}

/// Connects to the peer, where it has an address.
pub(super) async fn connect(site: &Site, peer: &Peer) -> Result<PeerConnection, PeerError> {
    let address = peer.address.as_deref().ok_or_else(|| PeerError::Unreachable {
        address: "the other gateway".to_owned(),
        problem: "its address is not known here".to_owned(),
    })?;
    PeerConnection::open(address, site.replication.pairing.own(), peer.key).await
}

/// Whether the one that we took over from knows now.
async fn tell_it_is_over(site: &Arc<Site>, peer: &Peer) -> bool {
    let told = async {
        let term = site.province.term().map_err(|error| error.to_string())?;
        let mut link = connect(site, peer).await.map_err(|error| error.to_string())?;
        let end = link.fence(term).await.map_err(|error| error.to_string())?;
        let remembered = site.replication.pairing.set_peer_is(PeerIs::Fenced);
        remembered.map_err(|error| error.to_string())?;
        Ok::<_, String>((term, end.sequence))
    };
    match told.await {
        Ok((term, sequence)) => {
            tracing::info!(term, sequence, "the gateway before this one is fenced");
            true
        }
        Err(error) => {
            tracing::debug!(%error, "the gateway before this one was not reached");
            false
        }
    }
}

/// Steps 1 to 3 of following, until something breaks.
async fn follow(site: &Arc<Site>, peer: &Peer) -> Result<Infallible, Ended> {
    let mut link = connect(site, peer).await?;
    introduce(site, &mut link).await?;
    let replica = site.province.replica()?;
    let mut keys_mark = String::new();
    tracing::info!(sequence = replica.position().sequence, "following the primary");
    loop {
        let batch = link.frames(replica.position().sequence).await?;
        let _round = site.replication.round.lock().await;
        if site.province.role() != ReplicaRole::Standby {
            return Err(Ended::Promoted);
        }
        if batch.keys_mark != keys_mark {
            take_keys(site, &replica, &mut link).await?;
            keys_mark.clone_from(&batch.keys_mark);
        }
        let Batch { frames, last, .. } = batch;
        if !frames.is_empty() {
            take(&replica, &mut link, frames).await?;
        }
        site.replication.following.heard(last, replica.position().sequence, site.now());
    }
}

/// Step 1: whether this is the one to follow.
async fn introduce(site: &Arc<Site>, link: &mut PeerConnection) -> Result<(), Ended> {
    let of_thread = Arc::clone(site);
    let own = blocking(move || of_thread.province.hello()).await?;
    let ReplicaHello { province, term, role, .. } = link.hello(&own).await?;
    if province != own.province {
        return Err(Ended::Unfit("the other gateway has another province".to_owned()));
    }
    if role == ReplicaRole::Standby {
        return Err(Ended::Unfit("the other gateway is a standby too".to_owned()));
    }
    if term < own.term {
        let own = own.term;
        let told = format!("the other gateway is of term {term}, and this one's record of {own}");
        return Err(Ended::Unfit(told));
    }
    Ok(())
}

/// Step 3. A power cut leaves keys and blobs that nothing names yet.
pub(super) async fn take(
    replica: &Replica,
    link: &mut PeerConnection,
    frames: Vec<u8>,
) -> Result<(), TakeError> {
    let of_thread = replica.clone();
    let (needs, frames) =
        blocking(move || of_thread.needs(&frames).map(|needs| (needs, frames))).await?;
    for address in &needs.blobs {
        // What the primary no longer has was erased there since.
        if let Some(content) = link.blob(address).await? {
            let (of_thread, address) = (replica.clone(), address.clone());
            blocking(move || of_thread.keep_blob(&address, &content)).await?;
        }
    }
    if !needs.persons.is_empty() {
        let asked = needs.persons.clone();
        let given = link.persons(&asked).await?;
        let of_thread = replica.clone();
        blocking(move || of_thread.keep_persons(&asked, &given)).await?;
    }
    Ok(replica.append(frames, &needs).await.map(drop)?)
}

/// Why frames could not be taken over.
#[derive(Debug, thiserror::Error)]
pub(super) enum TakeError {
    #[error(transparent)]
    Peer(#[from] PeerError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<TakeError> for Ended {
    fn from(error: TakeError) -> Self {
        match error {
            TakeError::Peer(error) => error.into(),
            TakeError::Store(error) => error.into(),
        }
    }
}

/// Makes the key files the primary's, and uses those that can be used at once.
async fn take_keys(
    site: &Arc<Site>,
    replica: &Replica,
    link: &mut PeerConnection,
) -> Result<(), Ended> {
    let keys = link.keys().await?;
    let of_thread = replica.clone();
    let replaced = blocking(move || of_thread.keep_key_files(&keys)).await?;
    if replaced.tokens {
        let (of_thread, now) = (Arc::clone(site), site.now());
        let reloading = move || of_thread.keys.reload(now).map_err(|error| error.to_string());
        let reloaded = tokio::task::spawn_blocking(reloading).await;
        let reloaded = reloaded.unwrap_or_else(|cut| Err(cut.to_string()));
        reloaded.map_err(Ended::Unfit)?;
    }
    if replaced.others {
        tracing::warn!("key files of the primary changed: restart this standby to use them");
        site.replication.following.ask_for_restart();
    }
    Ok(())
}

/// Runs what waits for the disk on a thread that may.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(cut) => Err(StoreError::Task(cut.to_string())),
    }
}
