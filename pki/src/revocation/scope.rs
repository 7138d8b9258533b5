//! Which lists cover which certificate (RFC 5280 6.3.3 (b), (d)).

use std::borrow::Cow;

use crate::{
    Certificate, Crl, DistributionPoint, DistributionPointName, GeneralName,
    IssuingDistributionPoint, Name, ReasonFlags,
};

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
        let wanted = match point.name() {
            Some(name) => full_names(name, self.naming_issuer(point)),
            None => Cow::Borrowed(issuers),
        };
        by_the_right_issuer && overlap(&published, &wanted)
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
