//! Two gateways, one record: a standby that follows the primary and can take its
//! place. What that means for the record itself is told in the trust store's
//! module `replica`; this is the connection between the two.
//!
//! Setting one up, with two commands:
//! 1. `tongxing standby invite` on the primary makes an *invitation*: the address of
//!    its replica listener, the fingerprint of its key, and a secret that is good for
//!    one standby within an hour. It is kept in memory only: a restart voids it.
//! 2. `tongxing standby join` at the other machine connects, checks the fingerprint,
//!    shows a key of its own and the secret, and copies everything ([`join`]). Each of
//!    the two remembers the other's key in `pairing/`, durably. A power cut in between
//!    leaves a folder without settings, which no command takes for a province.
//!
//! The connection is TLS 1.3 with raw public keys (RFC 7250) on both ends, each pinned:
//! there is no certificate, no authority and nothing that expires. Whoever has the
//! standby's folder has the province's keys, so both machines need the same care.
//!
//! Following ([`follow`]), on the standby:
//! 1. It introduces itself; of two that meet, the one of the lower term is told so,
//!    and a primary that learns of a higher term is fenced at once.
//! 2. It asks for the frames after its last record. The question itself confirms
//!    everything up to that record: it is durable on the standby. The primary answers
//!    when there are any, or after two seconds; at most a megabyte at a time, so that a
//!    slow standby holds no memory on the primary.
//! 3. Keys and blobs that the frames need are fetched, then the frames are appended.
//!
//! Acknowledging ([`acknowledge`]), on the primary: with `acknowledge = "standby"` a
//! sign-in or a change of trust is acknowledged when the standby has confirmed it.
//!
//! Taking over ([`promote`]): the primary is told to stop, the standby copies what is
//! left, and goes on as the primary of the next term.

mod acknowledge;
mod alone;
mod answer;
mod client;
mod fingerprint;
mod follow;
mod invitation;
mod join;
mod offline;
mod pairing;
mod promote;
mod server;
mod status;
mod tls;
mod wire;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::Notify;
use tongxing_pki::Timestamp;
use tongxing_trust_store::{Province, ReplicaTail};

pub use alone::wait_for_gateway;
pub use client::PeerError;
pub(crate) use follow::keep;
pub use invitation::Invitation;
pub(crate) use invitation::check_address;
pub use join::{JoinError, Joined, join_standby};
pub use offline::reread_standby_messages;
pub use pairing::forget_peer;
pub(crate) use promote::promote;
pub(crate) use server::{ReplicaListener, serve};
pub(crate) use status::{acknowledges_alone, degraded, invite, peer, settle, status};

use crate::config::{AcknowledgeConfig, StandbyConfig};
use crate::serve::StartError;
use acknowledge::Acknowledgements;
use follow::Following;
use invitation::Invitations;
use pairing::Pairing;

/// What a gateway knows of the other one; shared by its listener, its follower and
/// whoever waits for a confirmation.
#[derive(Debug)]
pub(crate) struct Replication {
    config: StandbyConfig,
    pairing: Arc<Pairing>,
    invitations: Arc<Invitations>,
    acknowledgements: Arc<Acknowledgements>,
    tail: ReplicaTail,
    following: Following,
    /// Where the replica listener listens, if it does.
    listening: OnceLock<SocketAddr>,
    /// Held while frames are taken over: a promotion waits for its end.
    round: tokio::sync::Mutex<()>,
    /// Held while this gateway is promoted: one at a time.
    promoting: tokio::sync::Mutex<()>,
    /// The role or the pairing changed.
    changed: Notify,
}

impl Replication {
    /// Reads who the other one is, and makes acknowledgements wait for it if so set.
    pub(crate) fn open(
        province: &Province,
        config: StandbyConfig,
        folder: &Path,
    ) -> Result<Self, StartError> {
        let pairing = Arc::new(Pairing::open(folder)?);
        let acknowledgements = Arc::new(Acknowledgements::new(&config, &pairing, province.clock()));
        if config.acknowledge == AcknowledgeConfig::Standby {
            province.acknowledge_with(Arc::clone(&acknowledgements) as Arc<_>);
        }
        Ok(Self {
            config,
            pairing,
            invitations: Arc::default(),
            acknowledgements,
            tail: province.replica_tail()?,
            following: Following::default(),
            listening: OnceLock::new(),
            round: tokio::sync::Mutex::default(),
            promoting: tokio::sync::Mutex::default(),
            changed: Notify::new(),
        })
    }

    /// Makes an invitation to this gateway at `address`.
    fn invite(&self, address: String, now: Timestamp) -> Option<(Invitation, Timestamp)> {
        self.invitations.make(address, self.pairing.own_fingerprint(), now)
    }
}

/// Locks what no panic leaves half-changed.
fn held<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
