//! Changes of what the province trusts.

use super::{
    AnchorRow, AuthorityRow, Lookups, Outcome, Place, ProvinceRow, Rejection, RelyingPartyRow,
    StateError, Table, lists,
};
use tongxing_pki::Timestamp;

use crate::authority::{DistrustEntry, DistrustHistory, Status, StatusEntry, StatusHistory};
use crate::change::{
    AnchorModel, AuthorityEnrolled, Change, DistrustSet, Names, PolicyText, RelyingPartyModel,
    RelyingPartyRegistered, RelyingPartySet, StatusSet,
};
use crate::ids::AuthorityId;
use crate::policy::{PolicyEdition, PolicyHistory};

/// Inside this module a refusal is the error of a step.
pub(super) enum Stop {
    Rejected(Rejection),
    Fault(StateError),
}

impl From<StateError> for Stop {
    fn from(fault: StateError) -> Self {
        Self::Fault(fault)
    }
}

impl From<Rejection> for Stop {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

pub(super) type Step = Result<(), Stop>;

/// Applies a change of trust; every other kind is none of its business and done.
pub(super) fn apply(
    place: Place,
    change: &Change,
    table: &mut Table<'_>,
) -> Result<Outcome, StateError> {
    let step = match change {
        Change::ProvinceCreated { names, policy }
        | Change::ProvinceCreatedWith { names, policy, profile: _ } => {
            create_province(place, names, policy, table)
        }
        Change::ProvincePolicySet { policy, effective } => {
            set_province_policy(place, policy, *effective, table)
        }
        Change::AuthorityEnrolled(change) => enrol(place, change, table),
        Change::RolesSet { authority, roles } => {
            edit(place, authority, table, |row| roles.clone_into(&mut row.roles))
        }
        Change::AnchorAdded { authority, anchor, effective } => {
            add_anchor(place, authority, (anchor, *effective), table)
        }
        Change::IntermediateAdded { authority, certificate } => {
            add_intermediate(place, authority, certificate, table)
        }
        Change::StatusSet(change) => set_status(place, change, table),
        Change::DistrustSet(change) => set_distrust(place, change, table),
        Change::PolicySet { authority, policy, effective } => {
            set_policy(place, authority, policy, *effective, table)
        }
        Change::ListImported(change) => lists::import(place, change, table),
        Change::ListArchived(change) => lists::archive(place, change, table),
        Change::RelyingPartyRegistered(change) => register_relying_party(place, change, table),
        Change::RelyingPartySet(change) => set_relying_party(place, change, table),
        _ => Ok(()),
    };
    match step {
        Ok(()) => Ok(Outcome::Done),
        Err(Stop::Rejected(rejection)) => Ok(Outcome::Rejected(rejection)),
        Err(Stop::Fault(fault)) => Err(fault),
    }
}

fn create_province(
    place: Place,
    names: &Names,
    policy: &PolicyText,
    table: &mut Table<'_>,
) -> Step {
    if table.province()?.is_some() {
        return Err(Rejection::ProvinceExists.into());
    }
    let mut policies = PolicyHistory::default();
    policies.push(edition(place, None));
    table.set_policy_text(place.sequence, policy)?;
    table.set_province(&ProvinceRow { names: names.clone(), policies })?;
    Ok(table.touch_province(place.sequence)?)
}

/// What this record sets, from when.
fn edition(place: Place, effective: Option<Timestamp>) -> PolicyEdition {
    let known = place.timestamp();
    PolicyEdition { effective: effective.unwrap_or(known), known, sequence: place.sequence }
}

fn set_province_policy(
    place: Place,
    policy: &PolicyText,
    effective: Option<Timestamp>,
    table: &mut Table<'_>,
) -> Step {
    if let Some(mut row) = table.province()? {
        row.policies.push(edition(place, effective));
        table.set_policy_text(place.sequence, policy)?;
        table.set_province(&row)?;
    }
    Ok(table.touch_province(place.sequence)?)
}

fn set_policy(
    place: Place,
    id: &AuthorityId,
    policy: &PolicyText,
    effective: Option<Timestamp>,
    table: &mut Table<'_>,
) -> Step {
    edit(place, id, table, |row| row.policies.push(edition(place, effective)))?;
    Ok(table.set_policy_text(place.sequence, policy)?)
}

fn enrol(place: Place, change: &AuthorityEnrolled, table: &mut Table<'_>) -> Step {
    if table.authority(&change.id)?.is_some() {
        return Err(Rejection::AuthorityExists(change.id.clone()).into());
    }
    for key in change.anchors.iter().chain(&change.intermediates) {
        refuse_taken_key(&change.id, key, table)?;
    }
    for key in change.anchors.iter().chain(&change.intermediates) {
        own_key(&change.id, key, table)?;
    }
    let anchor = |key: &AnchorModel| AnchorRow {
        key: key.clone(),
        added: place.timestamp(),
        status: StatusHistory::default(),
        effective: None,
        distrust: DistrustHistory::default(),
    };
    let mut status = StatusHistory::default();
    status.push(StatusEntry {
        status: Status::Draft,
        effective: place.timestamp(),
        known: place.timestamp(),
        sequence: place.sequence,
        reason: "enrolled".to_owned(),
    });
    let mut policies = PolicyHistory::default();
    policies.push(edition(place, None));
    table.set_policy_text(place.sequence, &change.policy)?;
    let row = AuthorityRow {
        names: change.names.clone(),
        hotline: change.hotline.clone(),
        licence_expires: change.licence_expires,
        roles: change.roles.clone(),
        anchors: change.anchors.iter().map(anchor).collect(),
        intermediates: change.intermediates.clone(),
        status,
        distrust: DistrustHistory::default(),
        policies,
    };
    table.set_authority(&change.id, &row)?;
    Ok(table.touch_authority(&change.id, place.sequence)?)
}

/// A key speaks for one authority; names may collide, keys decide.
fn refuse_taken_key(id: &AuthorityId, key: &AnchorModel, table: &Table<'_>) -> Step {
    match table.key_owner(&key.spki_sha256)? {
        Some(by) if by != *id => {
            Err(Rejection::KeyEnrolled { spki_sha256: key.spki_sha256.clone(), by }.into())
        }
        _ => Ok(()),
    }
}

fn own_key(id: &AuthorityId, key: &AnchorModel, table: &mut Table<'_>) -> Step {
    table.set_key_owner(&key.spki_sha256, id)?;
    Ok(table.name_blob(&key.certificate)?)
}

fn edit(
    place: Place,
    id: &AuthorityId,
    table: &mut Table<'_>,
    change: impl FnOnce(&mut AuthorityRow),
) -> Step {
    let mut row = known_authority(id, table)?;
    change(&mut row);
    table.set_authority(id, &row)?;
    Ok(table.touch_authority(id, place.sequence)?)
}

pub(super) fn known_authority(id: &AuthorityId, table: &Table<'_>) -> Result<AuthorityRow, Stop> {
    let row = table.authority(id)?;
    row.ok_or_else(|| Rejection::UnknownAuthority(id.clone()).into())
}

fn add_anchor(
    place: Place,
    id: &AuthorityId,
    (key, effective): (&AnchorModel, Option<Timestamp>),
    table: &mut Table<'_>,
) -> Step {
    let row = known_authority(id, table)?;
    refuse_taken_key(id, key, table)?;
    if row.anchors.iter().any(|anchor| anchor.key.spki_sha256 == key.spki_sha256) {
        let spki_sha256 = key.spki_sha256.clone();
        return Err(Rejection::KeyEnrolled { spki_sha256, by: id.clone() }.into());
    }
    own_key(id, key, table)?;
    edit(place, id, table, |row| {
        row.intermediates.retain(|known| known.spki_sha256 != key.spki_sha256);
        row.anchors.push(AnchorRow {
            key: key.clone(),
            added: place.timestamp(),
            status: StatusHistory::default(),
            effective: Some(effective.unwrap_or(place.timestamp())),
            distrust: DistrustHistory::default(),
        });
    })
}

fn add_intermediate(
    place: Place,
    id: &AuthorityId,
    key: &AnchorModel,
    table: &mut Table<'_>,
) -> Step {
    let row = known_authority(id, table)?;
    refuse_taken_key(id, key, table)?;
    // One CA key may be certified more than once: the certificate tells them apart.
    if row.intermediates.iter().any(|known| known.certificate == key.certificate) {
        let spki_sha256 = key.spki_sha256.clone();
        return Err(Rejection::KeyEnrolled { spki_sha256, by: id.clone() }.into());
    }
    own_key(id, key, table)?;
    edit(place, id, table, |row| row.intermediates.push(key.clone()))
}

fn set_status(place: Place, change: &StatusSet, table: &mut Table<'_>) -> Step {
    let mut row = known_authority(&change.authority, table)?;
    let history = match &change.anchor {
        None => &mut row.status,
        Some(spki) => &mut anchor(&change.authority, &mut row, spki)?.status,
    };
    if history.compromised_since().is_some() && change.status != Status::Compromised {
        return Err(Rejection::CompromisedIsFinal.into());
    }
    history.push(StatusEntry {
        status: change.status,
        effective: change.effective.unwrap_or(place.timestamp()),
        known: place.timestamp(),
        sequence: place.sequence,
        reason: change.reason.clone(),
    });
    table.set_authority(&change.authority, &row)?;
    Ok(table.touch_authority(&change.authority, place.sequence)?)
}

fn set_distrust(place: Place, change: &DistrustSet, table: &mut Table<'_>) -> Step {
    let mut row = known_authority(&change.authority, table)?;
    let history = match &change.anchor {
        None => &mut row.distrust,
        Some(spki) => &mut anchor(&change.authority, &mut row, spki)?.distrust,
    };
    history.push(DistrustEntry {
        issued_after: change.issued_after,
        known: place.timestamp(),
        sequence: place.sequence,
        reason: change.reason.clone(),
    });
    table.set_authority(&change.authority, &row)?;
    Ok(table.touch_authority(&change.authority, place.sequence)?)
}

fn anchor<'r>(
    authority: &AuthorityId,
    row: &'r mut AuthorityRow,
    spki: &str,
) -> Result<&'r mut AnchorRow, Rejection> {
    let known = row.anchors.iter_mut().find(|anchor| anchor.key.spki_sha256 == spki);
    known.ok_or_else(|| Rejection::UnknownAnchor {
        authority: authority.clone(),
        spki_sha256: spki.to_owned(),
    })
}

fn register_relying_party(
    place: Place,
    change: &RelyingPartyRegistered,
    table: &mut Table<'_>,
) -> Step {
    if table.relying_party(&change.id)?.is_some() {
        return Err(Rejection::RelyingPartyExists(change.id.clone()).into());
    }
    let settings = RelyingPartyModel::registered(change);
    let row = RelyingPartyRow { settings, sequence: place.sequence };
    Ok(table.set_relying_party(&change.id, &row)?)
}

/// Of two operators who saw the same settings and change them, one wins.
fn set_relying_party(place: Place, change: &RelyingPartySet, table: &mut Table<'_>) -> Step {
    match table.relying_party(&change.id)? {
        None => return Err(Rejection::UnknownRelyingParty(change.id.clone()).into()),
        Some(row) if row.sequence != change.expects => {
            return Err(Rejection::RelyingPartyChanged(change.id.clone()).into());
        }
        Some(_) => {}
    }
    let row = RelyingPartyRow { settings: change.settings.clone(), sequence: place.sequence };
    Ok(table.set_relying_party(&change.id, &row)?)
}
