//! What operators see of primary and standby.

use std::sync::Arc;

use tongxing_trust_store::{
    CommandError, PeerView, ReplicaRole, Reply, StandbyInvitation, StandbyView,
};

use super::follow::blocking;
use super::invitation::check_address;
use super::pairing::PeerIs;
use crate::config::AcknowledgeConfig;
use crate::site::Site;

/// How the two stand to each other.
pub(crate) async fn status(site: &Arc<Site>) -> Result<StandbyView, CommandError> {
    let of_thread = Arc::clone(site);
    let alone = blocking(move || of_thread.province.standby_view()).await?;
    let acknowledge = match site.replication.config.acknowledge {
        AcknowledgeConfig::Local => "local",
        AcknowledgeConfig::Standby => "standby",
    };
    let peer = peer(site);
    Ok(StandbyView { acknowledge: Some(acknowledge.to_owned()), peer, ..alone })
}

/// What is not as it should be between the two, for health.
pub(crate) fn degraded(site: &Site) -> Vec<String> {
    let replication = &site.replication;
    let mut lines = Vec::new();
    match site.province.role() {
        ReplicaRole::Primary => {
            replication.acknowledgements.look();
            lines.extend(replication.acknowledgements.degraded().map(str::to_owned));
            let away = peer(site).filter(|peer| !peer.connected);
            if away.is_some() && replication.pairing.peer_is(PeerIs::Standby) {
                lines.push("the standby does not follow: `tongxing standby status`".to_owned());
            }
            if replication.pairing.peer_is(PeerIs::Superseded) {
                lines.push("the gateway before this one was not told that it is over".to_owned());
            }
        }
        ReplicaRole::Standby => {
            let progress = replication.following.progress();
            lines.extend(progress.fault);
            if progress.restart {
                lines.push("keys changed on the primary: restart this standby".to_owned());
            }
        }
        ReplicaRole::Fenced => {}
    }
    lines
}

/// Waits, for some seconds at most, until a standby that follows has everything.
pub(crate) async fn settle(site: &Site) {
    if site.province.role() != ReplicaRole::Primary {
        return;
    }
    let last = site.province.position().sequence;
    if !site.replication.acknowledgements.is_level(last).await {
        tracing::warn!(last, "the standby does not have the last record yet");
    }
}

/// Whether records are acknowledged without a standby, though it is set otherwise.
pub(crate) fn acknowledges_alone(site: &Site) -> bool {
    site.province.role() == ReplicaRole::Primary
        && site.replication.acknowledgements.degraded().is_some()
}

/// Opens an invitation to this gateway.
pub(crate) fn invite(site: &Site, address: Option<String>) -> Result<Reply, CommandError> {
    if site.province.role() != ReplicaRole::Primary {
        return Err(CommandError::refused("only the primary invites a standby"));
    }
    let listening = site.replication.listening.get().ok_or_else(|| {
        CommandError::refused(
            "no replica listener: set `listen` in [standby] of tongxing.toml, and restart",
        )
    })?;
    let configured = address.or_else(|| site.replication.config.address.clone());
    let address = match configured {
        Some(address) => address,
        None if listening.ip().is_unspecified() => {
            return Err(CommandError::bad_input(
                "the listener has every address of this machine: give one with --address",
            ));
        }
        None => listening.to_string(),
    };
    check_address(&address).map_err(CommandError::bad_input)?;
    let made = site.replication.invite(address, site.now());
    let (invitation, until) =
        made.ok_or_else(|| CommandError::unavailable("the system gives no randomness"))?;
    let invitation = invitation.to_string();
    Ok(Reply::StandbyInvited(StandbyInvitation { invitation, until }))
}

/// The other one, if there is one.
pub(crate) fn peer(site: &Site) -> Option<PeerView> {
    let replication = &site.replication;
    let peer = replication.pairing.peer()?;
    let own = site.province.position().sequence;
    let following = replication.following.progress();
    let acknowledgements = &replication.acknowledgements;
    let standby = acknowledgements.progress();
    let address = peer.address.clone();
    Some(match site.province.role() {
        ReplicaRole::Standby => PeerView {
            address,
            connected: following.connected,
            lag_records: following.last.map(|last| last.saturating_sub(own)),
            lag_seconds: following.level.map(|level| {
                site.now().unix().saturating_sub(level.unix()).try_into().unwrap_or_default()
            }),
            fault: following.fault,
        },
        ReplicaRole::Primary | ReplicaRole::Fenced => PeerView {
            address,
            connected: acknowledgements.is_present(&standby),
            lag_records: standby.confirmed.map(|confirmed| own.saturating_sub(confirmed)),
            lag_seconds: acknowledgements.behind_for(&standby),
            fault: None,
        },
    })
}
