//! Which lists cover which certificate (RFC 5280 6.3.3 (b), (d)).

use std::borrow::Cow;

use crate::name::NameKey;
use crate::{
    Certificate, Crl, DistributionPoint, DistributionPointName, GeneralName,
    IssuingDistributionPoint, Name, ReasonFlags,
};

/// A name of a distribution point as an index has it: two are equal where 6.3.3 (b)(2)(i)
/// takes them for one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum PointKey {
    /// By RFC 5280 7.1.
    Directory(NameKey),
    /// Letter by letter.
    Other(GeneralName),
}

impl PointKey {
    fn of(name: &GeneralName) -> Self {
        match name {
            GeneralName::Directory(name) => Self::Directory(name.key().clone()),
            other => Self::Other(other.clone()),
        }
    }
}

/// Under which names a list is published; `None`: it names no distribution point, so that
/// every certificate's status may be in it.
pub(super) fn published_at(crl: &Crl) -> Option<Vec<PointKey>> {
    let name = crl.issuing_distribution_point()?.name()?;
    Some(full_names(name, crl.issuer()).iter().map(PointKey::of).collect())
}

/// The names under which the status of a certificate can be published.
pub(super) struct Scopes<'c> {
    certificate: &'c Certificate,
    is_authority: bool,
}

impl<'c> Scopes<'c> {
    pub(super) fn of(certificate: &'c Certificate) -> Self {
        Self {
            certificate,
            is_authority: certificate
                .basic_constraints()
                .is_some_and(|constraints| constraints.is_ca()),
        }
    }

    /// The issuers whose lists may cover the certificate: its own, and those
    /// that its distribution points name.
    pub(super) fn list_issuers(&self) -> Vec<&'c Name> {
        let mut issuers = vec![self.certificate.issuer()];
        for point in self.certificate.crl_distribution_points() {
            for name in directory_names(point.crl_issuer()) {
                if !issuers.iter().any(|issuer| issuer.matches(name)) {
                    issuers.push(name);
                }
            }
        }
        issuers
    }

    /// The distribution points at which a list that covers the certificate can be
    /// published. A list that is published at none of them, and does not name none,
    /// covers nothing.
    pub(super) fn points(&self) -> Vec<PointKey> {
        let points = self.certificate.crl_distribution_points().iter();
        let of_points = points
            .flat_map(|point| self.wanted(point).iter().map(PointKey::of).collect::<Vec<_>>());
        let of_issuer = PointKey::Directory(self.certificate.issuer().key().clone());
        of_points.chain([of_issuer]).collect()
    }

    /// The reasons for revocation that a list covers for the certificate;
    /// `None` where it is not in the list's scope.
    pub(super) fn covered_by(&self, crl: &Crl) -> Option<ReasonFlags> {
        let scope = crl.issuing_distribution_point();
        if scope.is_some_and(|scope| !self.is_of_kind(scope)) {
            return None;
        }
        let of_points = self
            .certificate
            .crl_distribution_points()
            .iter()
            .filter(|point| self.corresponds(point, crl))
            .map(|point| point.reasons().unwrap_or(ReasonFlags::ALL));
        let of_issuer = self.corresponds_to_issuer(crl).then_some(ReasonFlags::ALL);
        let asked = of_points.chain(of_issuer).reduce(ReasonFlags::union)?;
        let told =
            scope.and_then(IssuingDistributionPoint::only_some_reasons).unwrap_or(ReasonFlags::ALL);
        Some(asked.intersection(told))
    }

    /// 6.3.3 (b)(2)(ii)-(iv).
    fn is_of_kind(&self, scope: &IssuingDistributionPoint) -> bool {
        let wrong = (scope.only_contains_user_certs() && self.is_authority)
            || (scope.only_contains_ca_certs() && !self.is_authority)
            || scope.only_contains_attribute_certs();
        !wrong
    }

    /// 6.3.3 (b)(1) and (b)(2)(i), for one distribution point.
    fn corresponds(&self, point: &DistributionPoint, crl: &Crl) -> bool {
        let scope = crl.issuing_distribution_point();
        let indirect = scope.is_some_and(IssuingDistributionPoint::is_indirect);
        let issuers = point.crl_issuer();
        let by_the_right_issuer = if issuers.is_empty() {
            crl.issuer().matches(self.certificate.issuer())
        } else {
            indirect && directory_names(issuers).any(|name| name.matches(crl.issuer()))
        };
        let Some(published) = scope.and_then(IssuingDistributionPoint::name) else {
            return by_the_right_issuer;
        };
        let published = full_names(published, crl.issuer());
        by_the_right_issuer && overlap(&published, &self.wanted(point))
    }

    /// The names of a distribution point, or else of who signs its lists.
    fn wanted<'p>(&self, point: &'p DistributionPoint) -> Cow<'p, [GeneralName]> {
        match point.name() {
            Some(name) => full_names(name, self.naming_issuer(point)),
            None => Cow::Borrowed(point.crl_issuer()),
        }
    }

    /// 6.3.3, last paragraph: a list of the certificate's issuer that no
    /// distribution point names counts as published under the issuer's name.
    fn corresponds_to_issuer(&self, crl: &Crl) -> bool {
        let issuer = self.certificate.issuer();
        if !crl.issuer().matches(issuer) {
            return false;
        }
        let published = crl.issuing_distribution_point().and_then(IssuingDistributionPoint::name);
        published.is_none_or(|published| {
            directory_names(&full_names(published, issuer)).any(|name| name.matches(issuer))
        })
    }

    /// Whose name a relative distribution point name continues (4.2.1.13).
    fn naming_issuer<'p>(&'p self, point: &'p DistributionPoint) -> &'p Name {
        directory_names(point.crl_issuer()).next().unwrap_or_else(|| self.certificate.issuer())
    }
}

fn directory_names(names: &[GeneralName]) -> impl Iterator<Item = &Name> {
    names.iter().filter_map(|name| match name {
        GeneralName::Directory(name) => Some(name),
        _ => None,
    })
}

/// The names of a distribution point; one relative to the list's issuer is
/// completed with it.
fn full_names<'n>(name: &'n DistributionPointName, issuer: &Name) -> Cow<'n, [GeneralName]> {
    match name {
        DistributionPointName::Full(names) => Cow::Borrowed(names),
        DistributionPointName::Relative(relative) => {
            let full = issuer.with_relative(relative);
            Cow::Owned(full.map(GeneralName::Directory).into_iter().collect())
        }
    }
}

fn overlap(some: &[GeneralName], others: &[GeneralName]) -> bool {
    some.iter().any(|one| others.iter().any(|other| is_same(one, other)))
}

/// Directory names by RFC 5280 7.1, all others letter by letter.
fn is_same(one: &GeneralName, other: &GeneralName) -> bool {
    match (one, other) {
        (GeneralName::Directory(one), GeneralName::Directory(other)) => one.matches(other),
        _ => one == other,
    }
}
