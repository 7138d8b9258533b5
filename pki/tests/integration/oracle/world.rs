//! A world of certificates, drawn.

use tongxing_testdata::{
    AlternativeName, Attribute, Constraints, Extension, Hierarchy, KeyUsage, LeafSpec, Validity,
    Value, oid,
};

use super::draw::Draw;
use super::lists;
use crate::party::{NOW, hierarchy, validity};

const AUTHORITIES: usize = 7;
const LEAVES: usize = 20;

pub(super) const ANY_POLICY: &str = "2.5.29.32.0";
const POLICIES: [&str; 3] = ["1.2.156.9.1", "1.2.156.9.2", "1.2.156.9.3"];
const DOMAINS: [&str; 3] = ["a.test", "b.a.test", "c.test"];
const ORGANIZATIONS: [&str; 3] = ["通行测试", "甲公司", "乙公司"];

/// What is asked of every leaf.
#[expect(clippy::struct_excessive_bools, reason = "each is one of OpenSSL's flags")]
pub(super) struct Question {
    /// Policies accepted; empty stands for all.
    pub(super) policies: Vec<&'static str>,
    pub(super) explicit: bool,
    pub(super) inhibit_mapping: bool,
    pub(super) inhibit_any: bool,
    pub(super) client_auth: bool,
    /// Whether the status of every certificate must be known, by the world's lists.
    pub(super) revocation: bool,
}

pub(super) struct World {
    pub(super) question: Question,
    pub(super) root: Vec<u8>,
    pub(super) authorities: Vec<Vec<u8>>,
    pub(super) leaves: Vec<Vec<u8>>,
    pub(super) lists: Vec<Vec<u8>>,
}

impl World {
    pub(super) fn drawn(seed: u64) -> Self {
        let draw = &mut Draw::new(seed);
        let question = Question {
            policies: if draw.percent(50) { draw.some_of(&POLICIES) } else { Vec::new() },
            explicit: draw.percent(40),
            inhibit_mapping: draw.percent(15),
            inhibit_any: draw.percent(15),
            client_auth: draw.percent(50),
            revocation: draw.percent(50),
        };
        let mut parties = hierarchy();
        let root = parties.certify("CA 0", "CA 0").expect("a root");
        let mut serials = vec![Vec::new(); AUTHORITIES + 1];
        let mut authorities = Vec::new();
        for number in 1..=AUTHORITIES {
            let issuer = draw.below(number);
            let spec = authority(draw, &mut parties, number);
            let (der, serial) = sealed(draw, &mut parties, &name(issuer), &spec);
            authorities.push(der);
            serials[issuer].push(serial);
        }
        let mut leaves = Vec::new();
        for number in 0..LEAVES {
            let issuer = draw.below(AUTHORITIES + 1);
            let spec = leaf(draw, number);
            let (der, serial) = sealed(draw, &mut parties, &name(issuer), &spec);
            leaves.push(der);
            serials[issuer].push(serial);
        }
        let of = |(number, serials): (usize, &Vec<Vec<u8>>)| {
            lists::drawn(draw, &mut parties, &name(number), serials)
        };
        let lists = serials.iter().enumerate().flat_map(of).collect();
        Self { question, root, authorities, leaves, lists }
    }
}

fn name(number: usize) -> String {
    format!("CA {number}")
}

/// Issued, and now and then with a signature that is wrong in one bit; and the serial
/// number.
fn sealed(
    draw: &mut Draw,
    parties: &mut Hierarchy,
    issuer: &str,
    spec: &LeafSpec,
) -> (Vec<u8>, Vec<u8>) {
    let made = parties.leaf_as(issuer, spec).expect("a certificate");
    let mut der = made.certificate_der;
    if draw.percent(2) {
        let last = der.len() - 1;
        der[last] ^= 1;
    }
    (der, made.serial)
}

/// A subordinate authority: a certificate under the name that its party signs with.
fn authority(draw: &mut Draw, parties: &mut Hierarchy, number: usize) -> LeafSpec {
    let name = name(number);
    let subject = vec![
        Attribute::printable(oid::COUNTRY, "CN"),
        Attribute::utf8(oid::ORGANIZATION, "通行测试"),
        Attribute::utf8(oid::COMMON_NAME, &name),
    ];
    let mut spec = LeafSpec::signing(subject, drawn_validity(draw));
    spec.key = Some(parties.key(&name).expect("a key"));
    spec.key_usages = match draw.below(20) {
        0 => vec![KeyUsage::DigitalSignature],
        1 => Vec::new(),
        _ => vec![KeyUsage::CertificateSign, KeyUsage::CrlSign],
    };
    spec.constraints = if draw.percent(4) {
        Constraints::EndEntity
    } else {
        let limited = draw.percent(30);
        Constraints::Authority { path_length: limited.then(|| draw.one_of(&[0, 1, 2])) }
    };
    spec.extended_key_usages = key_purposes(draw, 15);
    spec.extensions = [policies(draw, 85), name_constraints(draw), unknown(draw)]
        .into_iter()
        .flatten()
        .chain(policy_limits(draw))
        .collect();
    spec
}

fn leaf(draw: &mut Draw, number: usize) -> LeafSpec {
    let mut subject = vec![
        Attribute::printable(oid::COUNTRY, "CN"),
        Attribute::utf8(oid::ORGANIZATION, draw.one_of(&ORGANIZATIONS)),
        Attribute::utf8(oid::COMMON_NAME, format!("leaf number {number}")),
    ];
    if draw.percent(10) {
        subject.insert(2, Attribute::bmp(oid::ORGANIZATIONAL_UNIT, "招标部"));
    }
    let mut spec = LeafSpec::signing(subject, drawn_validity(draw));
    spec.extended_key_usages = key_purposes(draw, 60);
    if draw.percent(10) {
        spec.key_usages = vec![KeyUsage::KeyEncipherment];
    }
    if draw.percent(50) {
        let domain = draw.one_of(&DOMAINS);
        let host = if draw.percent(50) { domain.to_owned() } else { format!("www.{domain}") };
        spec.alternative_names.push(AlternativeName::Dns(host));
    }
    if draw.percent(40) {
        let domain = draw.one_of(&DOMAINS);
        spec.alternative_names.push(AlternativeName::Email(format!("bidder@{domain}")));
    }
    spec.extensions = [policies(draw, 80), unknown(draw)].into_iter().flatten().collect();
    spec
}

fn drawn_validity(draw: &mut Draw) -> Validity {
    match draw.below(40) {
        0 => Validity::expired_at(NOW),
        1 => Validity::not_yet_at(NOW),
        _ => validity(),
    }
}

fn key_purposes(draw: &mut Draw, share: usize) -> Vec<String> {
    if !draw.percent(share) {
        return Vec::new();
    }
    let all = [oid::CLIENT_AUTH, oid::CLIENT_AUTH, oid::SERVER_AUTH, oid::EMAIL_PROTECTION];
    let mut purposes = vec![draw.one_of(&all).to_owned()];
    let other = draw.one_of(&all).to_owned();
    if !purposes.contains(&other) {
        purposes.push(other);
    }
    purposes
}

/// certificatePolicies, in so many of a hundred certificates.
fn policies(draw: &mut Draw, share: usize) -> Option<Extension> {
    let mut chosen = draw.some_of(&POLICIES);
    if draw.percent(25) {
        chosen.push(ANY_POLICY);
    }
    if chosen.is_empty() || !draw.percent(share) {
        return None;
    }
    let information = chosen.iter().map(|policy| Value::Sequence(vec![object(policy)])).collect();
    let extension = Extension::new("2.5.29.32", Value::Sequence(information));
    Some(if draw.percent(50) { extension.critical() } else { extension })
}

/// policyMappings, policyConstraints and inhibitAnyPolicy.
fn policy_limits(draw: &mut Draw) -> Vec<Extension> {
    let mut extensions = Vec::new();
    if draw.percent(30) {
        let pairs = 1 + draw.below(2);
        let pair = |draw: &mut Draw| {
            let (from, to) = (draw.one_of(&POLICIES), draw.one_of(&POLICIES));
            Value::Sequence(vec![object(from), object(to)])
        };
        let pairs = (0..pairs).map(|_| pair(draw)).collect();
        extensions.push(Extension::new("2.5.29.33", Value::Sequence(pairs)).critical());
    }
    let mut fields = Vec::new();
    for number in [0, 1] {
        if draw.percent(12) {
            fields.push(integer(draw.one_of(&[0, 1, 2])).implicit(number));
        }
    }
    if !fields.is_empty() {
        extensions.push(Extension::new("2.5.29.36", Value::Sequence(fields)).critical());
    }
    if draw.percent(12) {
        extensions.push(Extension::new("2.5.29.54", integer(draw.one_of(&[0, 1, 2]))).critical());
    }
    extensions
}

fn name_constraints(draw: &mut Draw) -> Option<Extension> {
    let mut fields = Vec::new();
    for number in [0, 1] {
        if draw.percent(12) {
            let count = 1 + draw.below(2);
            let subtrees = (0..count).map(|_| Value::Sequence(vec![subtree(draw, number)]));
            fields.push(Value::Sequence(subtrees.collect()).implicit(number));
        }
    }
    (!fields.is_empty()).then(|| Extension::new("2.5.29.30", Value::Sequence(fields)).critical())
}

/// A permitted (0) or excluded (1) part of a kind of names. The authorities' own
/// organization is never excluded: nothing would be left to compare.
fn subtree(draw: &mut Draw, list: u8) -> Value {
    use tongxing_testdata::StringKind::Ia5;
    let domain = draw.one_of(&DOMAINS);
    match draw.below(4) {
        0 => Value::Text(Ia5, domain.to_owned()).implicit(2),
        1 => Value::Text(Ia5, domain.to_owned()).implicit(1),
        2 => Value::Text(Ia5, format!(".{domain}")).implicit(1),
        _ => {
            let organization = if list == 0 { 0 } else { 1 + draw.below(2) };
            let mut name = vec![Attribute::printable(oid::COUNTRY, "CN")];
            if list == 1 || draw.percent(50) {
                name.push(Attribute::utf8(oid::ORGANIZATION, ORGANIZATIONS[organization]));
            }
            let name = tongxing_testdata::name_der(&name).expect("a name");
            Value::Raw(name).explicit(4)
        }
    }
}

fn unknown(draw: &mut Draw) -> Option<Extension> {
    let extension = Extension::new("1.2.156.9.99", Value::utf8("unknown"));
    match draw.below(50) {
        0 => Some(extension.critical()),
        1 => Some(extension),
        _ => None,
    }
}

fn object(dotted: &str) -> Value {
    Value::ObjectIdentifier(dotted.to_owned())
}

/// An INTEGER below 128.
fn integer(number: u8) -> Value {
    Value::Raw(vec![0x02, 0x01, number])
}
