//! The index finds what a search through all lists finds.

use std::sync::LazyLock;

use proptest::prelude::*;
use tongxing_testdata::{
    Attribute, CrlSpec, Extension, Hierarchy, KeyAlgorithm, LeafSpec, StringKind, Validity, Value,
    oid,
};

use super::*;

const NOW: i64 = 1_795_000_000;

/// A way to name a distribution point.
#[derive(Clone, Copy)]
enum Point {
    /// Addresses, any of which will do.
    Uris(&'static [&'static str]),
    /// A name below the authority's, whole.
    Directory(&'static str),
    /// The same, relative to whoever issues the list.
    Relative(&'static str),
}

const POINTS: [Point; 8] = [
    Point::Uris(&["http://crl.example.cn/1.crl"]),
    Point::Uris(&["http://crl.example.cn/2.crl"]),
    // Letter by letter another one.
    Point::Uris(&["HTTP://crl.example.cn/1.crl"]),
    Point::Uris(&["http://crl.example.cn/2.crl", "ldap://crl.example.cn/2"]),
    Point::Uris(&["ldap://crl.example.cn/2"]),
    Point::Directory("Shard 1"),
    // The same name (RFC 5280 7.1).
    Point::Directory("shard  1"),
    Point::Relative("shard 1"),
];

const AUTHORITY: &str = "authority";

/// Who issues lists.
const ISSUERS: [&str; 2] = [AUTHORITY, "lister"];

/// What an issuingDistributionPoint says beside its name (RFC 5280 5.2.5).
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Direct,
    Indirect,
    OnlyAuthorities,
}

struct World {
    lists: Vec<RevocationList>,
    certificates: Vec<Certificate>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| Maker::new().world());

struct Maker {
    parties: Hierarchy,
    names: [Name; 2],
}

impl Maker {
    fn new() -> Self {
        let mut parties = Hierarchy::new(KeyAlgorithm::EcdsaP256, validity());
        let names = ISSUERS.map(|issuer| {
            let der = parties.certify(issuer, issuer).expect("a certificate");
            Certificate::parse(&der).expect("a certificate").subject().clone()
        });
        Self { parties, names }
    }

    /// Lists of every scope, and certificates with every set of points.
    fn world(mut self) -> World {
        let mut lists = Vec::new();
        for issuer in ISSUERS {
            for point in POINTS.map(Some).into_iter().chain([None]) {
                for kind in [Kind::Direct, Kind::Indirect, Kind::OnlyAuthorities] {
                    lists.push(self.list(issuer, point, kind, lists.len()));
                }
            }
        }
        let mut certificates = vec![self.certificate(&[]), self.certificate(&[(None, Some(1))])];
        for point in POINTS.map(Some) {
            for issuer in [None, Some(0), Some(1)] {
                certificates.push(self.certificate(&[(point, issuer)]));
                certificates.push(self.certificate(&[(Some(POINTS[1]), None), (point, issuer)]));
            }
        }
        World { lists, certificates }
    }

    fn list(
        &mut self,
        issuer: &str,
        point: Option<Point>,
        kind: Kind,
        number: usize,
    ) -> RevocationList {
        let yes = || Value::Raw(vec![0x01, 0x01, 0xff]);
        let mut fields: Vec<_> = point.map(|point| self.value(point)).into_iter().collect();
        match kind {
            Kind::Direct => {}
            Kind::Indirect => fields.push(yes().implicit(4)),
            Kind::OnlyAuthorities => fields.push(yes().implicit(2)),
        }
        let mut spec = CrlSpec::empty(number as u64, NOW - 60, NOW + 60);
        if !fields.is_empty() {
            let scope = Extension::new("2.5.29.28", Value::Sequence(fields)).critical();
            spec.extensions.push(scope);
        }
        let der = self.parties.crl(issuer, &spec).expect("a list");
        Crl::parse(&der).expect("a generated list").into()
    }

    /// A certificate of the authority; each point with who lists there, where that is
    /// another one.
    fn certificate(&mut self, points: &[(Option<Point>, Option<usize>)]) -> Certificate {
        let subject = vec![Attribute::utf8(oid::COMMON_NAME, "leaf")];
        let mut spec =
            LeafSpec::signing(subject, validity()).with_algorithm(KeyAlgorithm::EcdsaP256);
        let points = points.iter().map(|&(point, issuer)| {
            let name = point.map(|point| self.value(point));
            let issuer = issuer.map(|issuer| {
                let name = Value::Raw(self.names[issuer].der().to_vec());
                Value::Sequence(vec![name.explicit(4)]).implicit(2)
            });
            Value::Sequence(name.into_iter().chain(issuer).collect())
        });
        let points: Vec<_> = points.collect();
        if !points.is_empty() {
            spec.extensions.push(Extension::new("2.5.29.31", Value::Sequence(points)));
        }
        let issued = self.parties.leaf_as(AUTHORITY, &spec).expect("a leaf");
        Certificate::parse(&issued.certificate_der).expect("a generated certificate")
    }

    /// DistributionPointName.
    fn value(&self, point: Point) -> Value {
        let full = |names| Value::Sequence(names).implicit(0).explicit(0);
        let relative = |name: &str| {
            let oid = Value::ObjectIdentifier(oid::COMMON_NAME.to_owned());
            Value::Sequence(vec![oid, Value::utf8(name)]).in_set()
        };
        match point {
            Point::Uris(texts) => {
                let uri = |text: &&str| Value::Text(StringKind::Ia5, (*text).to_owned());
                full(texts.iter().map(|text| uri(text).implicit(6)).collect())
            }
            Point::Directory(name) => {
                // The generated names are short: one octet of length.
                let above = self.names[0].der()[2..].to_vec();
                let whole = Value::Sequence(vec![Value::Raw(above), relative(name)]);
                full(vec![whole.explicit(4)])
            }
            Point::Relative(name) => relative(name).implicit(1).explicit(0),
        }
    }
}

fn validity() -> Validity {
    Validity::year_from(NOW - 86_400)
}

/// The places of the lists that cover the certificate, as found among these.
fn covering<'l>(
    scopes: &Scopes<'_>,
    among: impl Iterator<Item = &'l RevocationList>,
) -> Vec<&'l [u8; 32]> {
    let covering = among.filter(|list| scopes.covered_by(list.crl()).is_some());
    covering.map(|list| list.crl().sha256()).collect()
}

proptest! {
    /// In the same order, too, whatever else is there.
    #[test]
    fn the_index_and_a_search_agree(
        order in Just((0..WORLD.lists.len()).collect::<Vec<_>>()).prop_shuffle(),
        count in 0..=WORLD.lists.len(),
    ) {
        let lists: RevocationLists =
            order[..count].iter().map(|&place| WORLD.lists[place].clone()).collect();
        for certificate in &WORLD.certificates {
            let scopes = Scopes::of(certificate);
            for issuer in scopes.list_issuers() {
                let found = covering(&scopes, lists.for_scopes(issuer, &scopes));
                prop_assert_eq!(found, covering(&scopes, lists.by_issuer(issuer)));
            }
        }
    }
}

/// What is made above covers and does not cover, so that there is something to agree on;
/// and of many parts the index looks at few.
#[test]
fn a_certificate_is_told_of_by_some_and_few_are_looked_at() {
    let lists: RevocationLists = WORLD.lists.iter().cloned().collect();
    let mut told: Vec<_> = WORLD.certificates.iter().map(|one| lists.about(one).count()).collect();
    told.sort_unstable();
    assert!(told[0] < told[told.len() - 1], "{told:?}");
    assert!(told.iter().all(|&count| (1..=WORLD.lists.len() / 2).contains(&count)), "{told:?}");
    let looked_at: usize = WORLD
        .certificates
        .iter()
        .map(|one| lists.for_scopes(one.issuer(), &Scopes::of(one)).count())
        .max()
        .unwrap_or_default();
    assert!(looked_at < WORLD.lists.len() / 2, "{looked_at}");
}
