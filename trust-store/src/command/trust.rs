//! Commands that change what the province trusts, and views of it.

use tongxing_pki::{Certificate, KeyUsage, PemLabel};

use super::reply::{AnchorView, AuthorityView, ListView, StatusView};
use super::{Cancelled, Command, CommandError, PolicyFile, Reply};
use crate::change::{
    Actor, AnchorModel, AuthorityEnrolled, Change, DistrustSet, Entry, Names, PolicyText, StatusSet,
};
use crate::hex;
use crate::ids::AuthorityId;
use crate::policy::{AuthorityPolicy, PolicyEdition, ProvincePolicy};
use crate::province::Province;
use crate::snapshot::{Authority, Snapshot};
use crate::state::{ListPlace, ListRow, Lookups, Outcome};

/// Carries out a command that is one change.
pub(super) async fn change(
    province: &Province,
    by: &Actor,
    command: Command,
) -> Result<Reply, CommandError> {
    let cancelled = match &command {
        Command::StatusSet { authority, anchor, effective, .. } => {
            let from = effective.unwrap_or_else(|| province.clock().now());
            planned(province, authority, anchor.as_deref(), from)?
        }
        Command::PolicySet { authority, effective, .. } => {
            planned_policies(province, authority.as_ref(), *effective)?
        }
        _ => Vec::new(),
    };
    let change = compose(province, command)?;
    let sequence = record(province, by, change).await?;
    Ok(Reply::Done { sequence, cancelled })
}

/// Records a change and insists that it holds.
pub(super) async fn record(
    province: &Province,
    by: &Actor,
    change: Change,
) -> Result<u64, CommandError> {
    let entry = Entry { by: by.clone(), change };
    match province.submit(&entry).await? {
        (sequence, Outcome::Done) => Ok(sequence),
        (_, Outcome::Rejected(rejection)) => Err(CommandError::refused(rejection.to_string())),
        (sequence, _) => {
            Err(CommandError::unavailable(format!("record {sequence} came out unexpectedly")))
        }
    }
}

/// From what the operator gave to the change, every file read and checked.
fn compose(province: &Province, command: Command) -> Result<Change, CommandError> {
    Ok(match command {
        Command::AuthorityAdd {
            id,
            name_zh,
            name_en,
            hotline,
            licence_expires,
            roles,
            anchors,
            intermediates,
            policy,
        } => {
            if name_zh.trim().is_empty() {
                return Err(CommandError::bad_input("the authority's Chinese name is empty"));
            }
            if anchors.is_empty() {
                return Err(CommandError::bad_input(
                    "an authority needs at least one anchor certificate",
                ));
            }
            Change::AuthorityEnrolled(AuthorityEnrolled {
                names: Names { zh: name_zh, en: name_en },
                hotline,
                licence_expires,
                roles,
                anchors: keep_all(province, &anchors, KeyUse::Anchor)?,
                intermediates: keep_all(province, &intermediates, KeyUse::Known)?,
                policy: checked_policy(&id, policy)?,
                id,
            })
        }
        Command::RolesSet { authority, roles } => Change::RolesSet { authority, roles },
        Command::AnchorAdd { authority, certificate, effective } => Change::AnchorAdded {
            authority,
            anchor: keep(province, certificate.as_slice(), KeyUse::Anchor)?,
            effective,
        },
        Command::IntermediateAdd { authority, certificate } => Change::IntermediateAdded {
            authority,
            certificate: keep(province, certificate.as_slice(), KeyUse::Known)?,
        },
        Command::DistrustSet { authority, anchor, issued_after, reason } => {
            needs_reason(&reason)?;
            Change::DistrustSet(DistrustSet { authority, anchor, issued_after, reason })
        }
        Command::StatusSet { authority, anchor, status, effective, reason } => {
            needs_reason(&reason)?;
            Change::StatusSet(StatusSet { authority, anchor, status, effective, reason })
        }
        Command::PolicySet { authority: Some(authority), policy, effective } => {
            let policy = checked_policy(&authority, policy)?;
            Change::PolicySet { authority, policy, effective }
        }
        Command::PolicySet { authority: None, policy, effective } => {
            ProvincePolicy::parse(&policy.name, &policy.source)
                .map_err(|errors| CommandError::bad_input(errors.to_string()))?;
            Change::ProvincePolicySet { policy: text(policy), effective }
        }
        Command::ClockReset { reason } => Change::ClockReset { reason },
        _ => return Err(CommandError::unavailable("not a change")),
    })
}

fn needs_reason(reason: &str) -> Result<(), CommandError> {
    if reason.trim().is_empty() {
        return Err(CommandError::bad_input("a change of status needs a reason"));
    }
    Ok(())
}

fn checked_policy(id: &AuthorityId, policy: PolicyFile) -> Result<PolicyText, CommandError> {
    let parsed = AuthorityPolicy::parse(&policy.name, &policy.source)
        .map_err(|errors| CommandError::bad_input(errors.to_string()))?;
    if parsed.authority() != id {
        return Err(CommandError::bad_input(format!(
            "{} is the policy of authority {}, not of {id}",
            policy.name,
            parsed.authority()
        )));
    }
    Ok(text(policy))
}

fn text(policy: PolicyFile) -> PolicyText {
    PolicyText { file: policy.name, source: policy.source }
}

/// What a certificate is enrolled as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum KeyUse {
    Anchor,
    /// A subordinate CA, or a key that signs lists for one.
    Known,
}

fn keep_all(
    province: &Province,
    files: &[super::FileBytes],
    usage: KeyUse,
) -> Result<Vec<AnchorModel>, CommandError> {
    files.iter().map(|file| keep(province, file.as_slice(), usage)).collect()
}

/// Reads one CA certificate and keeps it as a blob, before the change names it.
fn keep(province: &Province, file: &[u8], usage: KeyUse) -> Result<AnchorModel, CommandError> {
    let certificate = read_certificate(file)?;
    // RFC 5280 4.2.1.3: cRLSign is there where lists are signed by a key of their own.
    let signs_lists = certificate.key_usage().is_some_and(KeyUsage::crl_sign);
    let is_ca = certificate.basic_constraints().is_some_and(|constraints| constraints.is_ca());
    if !(is_ca || usage == KeyUse::Known && signs_lists) {
        return Err(CommandError::bad_input(format!(
            "{} is not a CA certificate (basicConstraints cA is not true)",
            certificate.subject()
        )));
    }
    let sha256 = province.vault().blobs.put(certificate.der()).map_err(crate::StoreError::from)?;
    Ok(AnchorModel {
        spki_sha256: hex::encode(certificate.spki_sha256()),
        certificate: sha256.to_string(),
    })
}

/// Reads a file that holds one certificate, DER or PEM.
pub(super) fn read_certificate(file: &[u8]) -> Result<Certificate, CommandError> {
    let ders = decode(file)?;
    let [der] = ders.as_slice() else {
        let count = ders.len();
        return Err(CommandError::bad_input(format!(
            "the file holds {count} certificates; one is expected"
        )));
    };
    parse(der)
}

/// The first certificate of a file: what a holder calls theirs often has its chain
/// behind it.
pub(super) fn first_certificate(file: &[u8]) -> Result<Certificate, CommandError> {
    let ders = decode(file)?;
    let first = ders.first();
    parse(first.ok_or_else(|| CommandError::bad_input("the file holds no certificate"))?)
}

fn decode(file: &[u8]) -> Result<Vec<Vec<u8>>, CommandError> {
    tongxing_pki::decode_pem_or_der(file, PemLabel::Certificate)
        .map_err(|fault| CommandError::bad_input(format!("certificate: {fault}")))
}

fn parse(der: &[u8]) -> Result<Certificate, CommandError> {
    Certificate::parse(der)
        .map_err(|fault| CommandError::bad_input(format!("certificate: {fault}")))
}

/// Planned statements that a new one would cancel.
fn planned(
    province: &Province,
    authority: &AuthorityId,
    anchor: Option<&str>,
    from: tongxing_pki::Timestamp,
) -> Result<Vec<Cancelled>, CommandError> {
    let Some(row) = province.read(|view| view.authority(authority))? else {
        return Ok(Vec::new());
    };
    let history = match anchor {
        None => Some(&row.status),
        Some(spki) => {
            let found = row.anchors.iter().find(|anchor| anchor.key.spki_sha256 == spki);
            found.map(|anchor| &anchor.status)
        }
    };
    let cancelled = history.into_iter().flat_map(|history| history.cancelled_by(from));
    Ok(cancelled
        .map(|entry| Cancelled {
            status: entry.status.as_str().to_owned(),
            effective: entry.effective,
        })
        .collect())
}

/// Planned editions of a policy that a new one would cancel.
fn planned_policies(
    province: &Province,
    authority: Option<&AuthorityId>,
    effective: Option<tongxing_pki::Timestamp>,
) -> Result<Vec<Cancelled>, CommandError> {
    let now = province.clock().now();
    let history = province.read(|view| {
        Ok(match authority {
            Some(id) => view.authority(id)?.map(|row| row.policies),
            None => view.province()?.map(|row| row.policies),
        })
    })?;
    let cancelled = history.unwrap_or_default().cancelled_by(effective.unwrap_or(now), now);
    let view = |edition: PolicyEdition| Cancelled {
        status: format!("policy of record {}", edition.sequence),
        effective: edition.effective,
    };
    Ok(cancelled.into_iter().map(view).collect())
}

pub(super) fn list(province: &Province) -> Result<Reply, CommandError> {
    let snapshot = province.snapshot();
    let views = snapshot.authorities().map(|authority| view(province, &snapshot, authority));
    Ok(Reply::Authorities(views.collect::<Result<_, _>>()?))
}

pub(super) fn show(province: &Province, id: &AuthorityId) -> Result<Reply, CommandError> {
    let snapshot = province.snapshot();
    let authority = snapshot.authority(id);
    let authority =
        authority.ok_or_else(|| CommandError::refused(format!("no authority {id} is enrolled")))?;
    Ok(Reply::Authority(Box::new(view(province, &snapshot, authority)?)))
}

fn view(
    province: &Province,
    _snapshot: &Snapshot,
    authority: &Authority,
) -> Result<AuthorityView, CommandError> {
    let now = province.clock().now();
    Ok(AuthorityView {
        id: authority.id().clone(),
        name_zh: authority.name_zh().to_owned(),
        name_en: authority.name_en().map(str::to_owned),
        hotline: authority.hotline().map(str::to_owned),
        licence_expires: authority.licence_expires(),
        roles: authority.roles().iter().map(|role| role.as_str().to_owned()).collect(),
        status: authority.status().at(now).as_str().to_owned(),
        policy_version: authority.policy_version_at(now),
        policy_verified: authority.policy_at(now).is_some_and(|policy| !policy.unverified()),
        anchors: authority
            .anchors()
            .map(|anchor| {
                let own = anchor.status().entries().is_empty();
                key_view(anchor.certificate(), (!own).then(|| anchor.status().at(now).as_str()))
            })
            .collect(),
        intermediates: authority.intermediates().map(|known| key_view(known, None)).collect(),
        lists: list_views(province, authority)?,
        points: province.points().of(authority.id()),
        history: history(authority),
        degraded: authority.degraded(now),
    })
}

fn key_view(certificate: &Certificate, status: Option<&str>) -> AnchorView {
    AnchorView {
        spki_sha256: hex::encode(certificate.spki_sha256()),
        subject: certificate.subject().to_string(),
        key: certificate.public_key().algorithm().to_string(),
        not_after: certificate.not_after(),
        status: status.map(str::to_owned),
    }
}

/// What was stated of the whole authority, in the order it became known.
fn history(authority: &Authority) -> Vec<StatusView> {
    let statuses = authority.status().entries().iter().map(|entry| {
        let view = StatusView {
            status: entry.status.as_str().to_owned(),
            effective: entry.effective,
            known: entry.known,
            reason: entry.reason.clone(),
        };
        (entry.sequence, view)
    });
    let distrust = authority.distrust().entries().iter().map(|entry| {
        let status = entry.issued_after.map_or("trusted-again", |_| "distrusted");
        let view = StatusView {
            status: status.to_owned(),
            effective: entry.issued_after.unwrap_or(entry.known),
            known: entry.known,
            reason: entry.reason.clone(),
        };
        (entry.sequence, view)
    });
    let mut history: Vec<_> = statuses.chain(distrust).collect();
    history.sort_by_key(|(sequence, _)| *sequence);
    history.into_iter().map(|(_, view)| view).collect()
}

/// The lists of an authority with their freshness now.
pub(super) fn list_views(
    province: &Province,
    authority: &Authority,
) -> Result<Vec<ListView>, CommandError> {
    let now = province.clock().now();
    let rows = province.read(|view| view.lists(authority.id()))?;
    let view = |(place, row): (ListPlace, ListRow)| ListView {
        authority: authority.id().clone(),
        issuer_spki_sha256: place.signer,
        scope: place.scope,
        sha256: row.blob,
        number: row.number,
        this_update: row.this_update,
        next_update: row.next_update,
        entries: row.entries,
        freshness: authority.freshness(row.this_update, row.next_update, now).as_str().to_owned(),
    };
    Ok(rows.into_iter().map(view).collect())
}
