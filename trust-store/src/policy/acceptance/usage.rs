//! Key usage and extended key usage that a role asks for.

use std::fmt;

use tongxing_pki::{Certificate, KeyAlgorithm, KeyUsage, Oid};

use super::super::file::{Item, Parsed, Section};
use super::any_or;
use crate::authority::Role;

/// The usages that a certificate may state, for one role.
#[derive(Debug, Clone)]
pub(super) struct Usage {
    pub(super) key_usage: Allowed<Bit>,
    pub(super) extended: Allowed<Purpose>,
}

/// What an extension may say; `None` accepts whatever it says.
#[derive(Debug, Clone)]
pub(super) struct Allowed<T>(Option<Vec<Stated<T>>>);

/// One thing that is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stated<T> {
    /// The extension states this.
    Value(T),
    /// The certificate does not have the extension.
    Absent,
}

/// The bits of RFC 5280 4.2.1.3 with which something can be signed that is not
/// a certificate or a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bit {
    DigitalSignature,
    NonRepudiation,
}

/// A key purpose with the name that the policy file gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Purpose {
    oid: Oid,
    name: String,
}

const BITS: [(&str, Stated<Bit>); 3] = [
    ("digital-signature", Stated::Value(Bit::DigitalSignature)),
    ("non-repudiation", Stated::Value(Bit::NonRepudiation)),
    ("absent", Stated::Absent),
];

/// RFC 5280 4.2.1.12, RFC 9336, and Microsoft's smart card sign-in.
const PURPOSES: [(&str, &str); 6] = [
    ("client-auth", "1.3.6.1.5.5.7.3.2"),
    ("server-auth", "1.3.6.1.5.5.7.3.1"),
    ("email-protection", "1.3.6.1.5.5.7.3.4"),
    ("time-stamping", "1.3.6.1.5.5.7.3.8"),
    ("document-signing", "1.3.6.1.5.5.7.3.36"),
    ("smart-card-sign-in", "1.3.6.1.4.1.311.20.2.2"),
];

impl Usage {
    pub(super) fn parse(section: &Section<'_>) -> Parsed<Self> {
        let key_usage = section
            .required("key-usage", "\"any\" or a list such as [\"digital-signature\"]")
            .and_then(|item| any_or(&item, bit));
        let extended = section
            .required("extended-key-usage", "\"any\" or a list such as [\"client-auth\"]")
            .and_then(|item| any_or(&item, purpose));
        Ok(Self { key_usage: Allowed(key_usage?), extended: Allowed(extended?) })
    }
}

fn bit(item: &Item<'_>) -> Parsed<Stated<Bit>> {
    let indexes = [(BITS[0].0, 0), (BITS[1].0, 1), (BITS[2].0, 2)];
    item.choice(&indexes).map(|index: usize| BITS[index].1.clone())
}

fn purpose(item: &Item<'_>) -> Parsed<Stated<Purpose>> {
    let name = item.nonempty()?;
    if name == "absent" {
        return Ok(Stated::Absent);
    }
    let known = PURPOSES.iter().find(|(short, _)| *short == name).map(|(_, oid)| *oid);
    let Ok(oid) = Oid::parse(known.unwrap_or(name)) else {
        let names: Vec<&str> = PURPOSES.iter().map(|(name, _)| *name).collect();
        let label = format!("expected an OID, \"absent\" or one of {}", names.join(", "));
        return Err(item.fail(&format!("unknown key purpose {name:?}"), &label));
    };
    Ok(Stated::Value(Purpose { oid, name: name.to_owned() }))
}

impl Allowed<Bit> {
    pub(super) fn allows(&self, certificate: &Certificate) -> bool {
        let Some(accepted) = &self.0 else { return true };
        match certificate.key_usage() {
            None => accepted.contains(&Stated::Absent),
            Some(stated) => accepted.iter().any(|accepted| match accepted {
                Stated::Value(Bit::DigitalSignature) => stated.digital_signature(),
                Stated::Value(Bit::NonRepudiation) => stated.non_repudiation(),
                Stated::Absent => false,
            }),
        }
    }
}

impl Allowed<Purpose> {
    /// anyExtendedKeyUsage in the certificate does not satisfy a list: RFC 5280
    /// 4.2.1.12 leaves that to the application, and this one asked by name.
    pub(super) fn allows(&self, certificate: &Certificate) -> bool {
        let Some(accepted) = &self.0 else { return true };
        match certificate.extended_key_usage() {
            None => accepted.contains(&Stated::Absent),
            Some(stated) => accepted.iter().any(|accepted| match accepted {
                Stated::Value(purpose) => stated.contains(&purpose.oid),
                Stated::Absent => false,
            }),
        }
    }
}

impl Allowed<Purpose> {
    /// Whether any is accepted.
    pub(super) fn is_any(&self) -> bool {
        self.0.is_none()
    }

    /// Those that are named; none where any is accepted.
    pub(super) fn named(&self) -> Vec<Oid> {
        let accepted = self.0.iter().flatten();
        let oid = |stated: &Stated<Purpose>| match stated {
            Stated::Value(purpose) => Some(purpose.oid.clone()),
            Stated::Absent => None,
        };
        accepted.filter_map(oid).collect()
    }
}

/// What keys are given for that act for no person (RFC 5280 4.2.1.12), and the word that
/// names nothing.
const OF_MACHINES: [Oid; 5] = [
    Oid::SERVER_AUTH,
    Oid::CODE_SIGNING,
    Oid::TIME_STAMPING,
    Oid::OCSP_SIGNING,
    Oid::ANY_EXTENDED_KEY_USAGE,
];

/// What an authority may be limited to whose certificates serve in a role, where the
/// policy names no key purpose for the role, and those of `stated` that are for persons.
pub(super) fn usual_purposes_and(role: Role, stated: &[Oid]) -> Vec<Oid> {
    let usual = match role {
        Role::SignIn | Role::Operators | Role::RelyingParties => tongxing_pki::Purpose::ClientAuth,
        Role::DocumentSigning => tongxing_pki::Purpose::Signing,
        Role::Timestamps => tongxing_pki::Purpose::TimeStamping,
    };
    let mut purposes = usual.key_purposes().unwrap_or_default().to_vec();
    for purpose in stated {
        if !OF_MACHINES.contains(purpose) && !purposes.contains(purpose) {
            purposes.push(purpose.clone());
        }
    }
    purposes
}

/// Whether the key may encrypt and may not sign, by its usage or by its own
/// identifier: the other certificate of a dual-certificate key (GM/T 0034).
pub(super) fn is_for_encryption(leaf: &Certificate) -> bool {
    *leaf.public_key().algorithm() == KeyAlgorithm::Sm2Encryption
        || leaf.key_usage().is_some_and(is_encryption_only)
}

/// Whether the certificate says that its key may be encrypted to (RFC 5280 4.2.1.3). One
/// that says nothing is not used so: its holder may keep no copy of the key.
pub(crate) fn may_encrypt(leaf: &Certificate) -> bool {
    *leaf.public_key().algorithm() == KeyAlgorithm::Sm2Encryption
        || leaf.key_usage().is_some_and(encrypts)
}

fn is_encryption_only(usage: KeyUsage) -> bool {
    let signs = usage.digital_signature() || usage.non_repudiation();
    encrypts(usage) && !signs
}

fn encrypts(usage: KeyUsage) -> bool {
    usage.key_encipherment() || usage.data_encipherment() || usage.key_agreement()
}

impl fmt::Display for Allowed<Bit> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(accepted) = &self.0 else { return f.write_str("any") };
        let name = |accepted| BITS.iter().find(|(_, bit)| bit == accepted).map_or("", |(n, _)| n);
        let names: Vec<&str> = accepted.iter().map(name).collect();
        f.write_str(&names.join(" or "))
    }
}

impl fmt::Display for Allowed<Purpose> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(accepted) = &self.0 else { return f.write_str("any") };
        let name = |accepted: &Stated<Purpose>| match accepted {
            Stated::Value(purpose) => purpose.name.clone(),
            Stated::Absent => "absent".to_owned(),
        };
        let names: Vec<String> = accepted.iter().map(name).collect();
        f.write_str(&names.join(" or "))
    }
}
