//! Where lists are told.

use tongxing_pki::{Certificate, DistributionPoint, DistributionPointName, GeneralName, Timestamp};
use tongxing_trust_store::{
    Authority, AuthorityId, AuthorityPolicy, Held, PointOrigin, PointUrl, PointView,
    RevocationPolicy, Snapshot,
};

use crate::site::Site;

/// The most places of one authority: those that split their list have one for each
/// thousand certificates or so.
const PLACES: usize = 4096;

/// Brings what is known of places in line with what is enrolled: new ones are added,
/// and those that no policy wants any more are forgotten.
pub(super) fn know(site: &Site, snapshot: &Snapshot) {
    let (points, now) = (site.province.points(), site.now());
    points.retain(|point| {
        let authority = snapshot.authority(&point.authority);
        let policy = authority.and_then(|authority| fetching(authority, now));
        policy.is_some_and(|policy| is_wanted(point, policy.revocation()))
    });
    for authority in snapshot.authorities() {
        let Some(policy) = fetching(authority, now) else { continue };
        let (id, policy) = (authority.id(), policy.revocation());
        if !policy.distribution_points().is_empty() {
            let new = |url: &PointUrl| PointView::new(id.clone(), url.clone(), PointOrigin::Policy);
            points.add(policy.distribution_points().iter().map(new), PLACES);
            continue;
        }
        let enrolled = authority.anchors().map(tongxing_trust_store::Anchor::certificate);
        for certificate in enrolled.chain(authority.intermediates()) {
            points.add(named_by(certificate, id, policy), PLACES);
        }
    }
}

/// Learns places from certificates on a path to an authority's key, every signature
/// of which was verified.
pub(crate) fn learn(site: &Site, authority: &AuthorityId, path: &[Certificate]) {
    let snapshot = site.province.snapshot();
    let enrolled = snapshot.authority(authority);
    let policy = enrolled.and_then(|authority| fetching(authority, site.now()));
    let Some(policy) = policy else { return };
    let policy = policy.revocation();
    if !policy.distribution_points().is_empty() {
        return;
    }
    let points = site.province.points();
    let found = path.iter().flat_map(|certificate| named_by(certificate, authority, policy));
    let new: Vec<PointView> = found.filter(|point| !points.knows(authority, &point.url)).collect();
    if !new.is_empty() && points.add(new, PLACES) > 0 {
        site.new_places.notify_one();
    }
}

/// The rules by which an authority's lists are fetched, where they are.
pub(super) fn fetching(authority: &Authority, now: Timestamp) -> Option<Held<'_, AuthorityPolicy>> {
    let policy = authority.policy_at(now)?;
    let rules = policy.revocation();
    let fetches = rules.uses_lists() && rules.import_every_seconds().is_none();
    (fetches && !rules.hosts().is_empty()).then_some(policy)
}

fn is_wanted(point: &PointView, policy: &RevocationPolicy) -> bool {
    match point.origin {
        PointOrigin::Policy => policy.distribution_points().contains(&point.url),
        PointOrigin::Certificate => {
            policy.distribution_points().is_empty() && policy.hosts().name(&point.url)
        }
    }
}

/// The places that a certificate names, as far as they may be asked.
fn named_by(
    certificate: &Certificate,
    authority: &AuthorityId,
    policy: &RevocationPolicy,
) -> Vec<PointView> {
    let points = certificate.crl_distribution_points().iter();
    let points = points.chain(certificate.freshest_crl());
    points.filter_map(|point| place(point, authority, policy)).collect()
}

/// One list, told at any of the addresses of a point (RFC 5280 4.2.1.13); those by
/// HTTP are asked first, which say whether it changed.
fn place(
    point: &DistributionPoint,
    authority: &AuthorityId,
    policy: &RevocationPolicy,
) -> Option<PointView> {
    let Some(DistributionPointName::Full(names)) = point.name() else { return None };
    let mut urls: Vec<PointUrl> = names
        .iter()
        .filter_map(|name| match name {
            GeneralName::Uri(uri) => uri.parse().ok(),
            _ => None,
        })
        .filter(|url| policy.hosts().name(url))
        .collect();
    urls.sort_by_key(|url| !url.scheme().is_http());
    let mut urls = urls.into_iter();
    let mut view = PointView::new(authority.clone(), urls.next()?, PointOrigin::Certificate);
    view.alternates = urls.collect();
    Some(view)
}
