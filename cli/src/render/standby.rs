//! How primary and standby stand to each other.

use std::fmt::Write;

use tongxing_trust_store::{PeerView, ReplicaRole, StandbyInvitation, StandbyView};

use super::{Style, safe};

/// The answer of `tongxing standby status`.
pub(super) fn sheet(view: &StandbyView, style: Style) -> String {
    let (role, term) = (view.role.as_str(), view.term);
    let mut text = format!("{} of term {term}\n", style.bold(role));
    _ = writeln!(text, "last record   {} {}", view.sequence, view.hash);
    if let Some(acknowledge) = &view.acknowledge {
        _ = writeln!(text, "acknowledge   {acknowledge}");
    }
    match (&view.peer, view.role) {
        (Some(peer), role) => text += &peer_lines(peer, role, style),
        (None, ReplicaRole::Primary) => {
            text += "no standby: `tongxing standby invite` on a running gateway sets one up\n";
        }
        (None, ReplicaRole::Standby) => text += "no gateway runs here, so nothing is followed\n",
        (None, ReplicaRole::Fenced) => {}
    }
    if view.role == ReplicaRole::Fenced {
        let told = "another took over: nothing is recorded here any more. `tongxing standby join` \
                    makes it the other's standby";
        _ = writeln!(text, "{} {told}", style.warn("!"));
    }
    text
}

/// The answer of `tongxing standby invite`.
pub(super) fn invited(invited: &StandbyInvitation, style: Style) -> String {
    let StandbyInvitation { invitation, until } = invited;
    format!(
        "{} One standby may join until {until}, if this gateway is not restarted before. At its \
         machine:\n\n  tongxing standby join '{invitation}' --data DIR\n\n{}\n",
        style.good("✓"),
        style.dim("Whoever has this line gets the province's keys: give it to nobody else.")
    )
}

fn peer_lines(peer: &PeerView, role: ReplicaRole, style: Style) -> String {
    let other = if role == ReplicaRole::Standby { "primary" } else { "standby" };
    let address = peer.address.as_deref().map(safe).unwrap_or_default();
    let connected =
        if peer.connected { style.good("connected") } else { style.bad("not connected") };
    let mut text = format!("{other:<13} {connected} {address}\n");
    let since = peer.lag_seconds.map(|seconds| format!(", {seconds} s")).unwrap_or_default();
    let lag = match peer.lag_records {
        Some(records) => format!("{records} records{since}"),
        None => format!("unknown: the {other} was not heard of since this gateway started"),
    };
    _ = writeln!(text, "lag           {lag}");
    if let Some(fault) = &peer.fault {
        _ = writeln!(text, "{} {}", style.bad("✗"), safe(fault));
    }
    text
}
