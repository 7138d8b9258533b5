//! Relying parties, as operators settle them.

use std::collections::BTreeSet;

use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use tongxing_pki::{Certificate, KeyAlgorithm, PemLabel, PublicKey, decode_pem_or_der};

use super::reply::{RelyingPartyView, SecretView};
use super::trust::{read_certificate, record};
use super::{CommandError, FileBytes, Reply};
use crate::change::{
    Actor, Change, RelyingPartyModel, RelyingPartyRegistered, RelyingPartySet, SecretModel,
};
use crate::hex;
use crate::ids::RelyingPartyId;
use crate::points::{PointScheme, PointUrl};
use crate::province::Province;
use crate::relying_party::{Access, PersonalData, TokenSignature};
use crate::state::{Lookups, RelyingPartyRow};

/// How many keys, certificates and secrets a platform may have at a time: enough for
/// an exchange on several machines. Origin: ours.
const MAX_EACH: usize = 16;

/// How long a replaced secret may stay good: a month for slow platforms.
const MAX_OVERLAP_SECONDS: i64 = 31 * 86_400;

/// A value that may be left as it is, given up, or replaced.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting<T> {
    /// It stays.
    #[default]
    Keep,
    /// There is none of its own any more.
    Clear,
    /// It is this from now on.
    To(T),
}

/// What is to be changed about a platform; the rest stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RelyingPartyEdit {
    /// Its name.
    pub name: Option<String>,
    /// Whether it may ask for anything.
    pub access: Option<Access>,
    /// Public keys (PEM or DER SubjectPublicKeyInfo, or a certificate) that sign its
    /// client assertions.
    pub add_keys: Vec<FileBytes>,
    /// Hex SHA-256 of keys that do not any more.
    pub remove_keys: Vec<String>,
    /// Certificates (PEM or DER) that its TLS clients show.
    pub add_certificates: Vec<FileBytes>,
    /// Hex SHA-256 of certificates that they do not show any more.
    pub remove_certificates: Vec<String>,
    /// Verifications a minute.
    pub verifications_per_minute: Setting<u32>,
    /// Whether it is entitled to personal ids.
    pub personal_data: Option<PersonalData>,
    /// Where it is told that a provisional verdict was decided.
    pub webhook: Setting<PointUrl>,
    /// With which kind of key its tokens are signed.
    pub token_signature: Option<TokenSignature>,
}

pub(super) async fn add(
    province: &Province,
    by: &Actor,
    id: RelyingPartyId,
    name: String,
) -> Result<Reply, CommandError> {
    let secret = new_secret()?;
    let change = Change::RelyingPartyRegistered(RelyingPartyRegistered {
        id: id.clone(),
        name,
        secret_sha256: hex::sha256(secret.as_bytes()),
    });
    record(province, by, change).await?;
    Ok(Reply::RelyingPartyAdded { id, secret })
}

/// Makes another secret; the ones before stay good for `overlap_seconds`.
pub(super) async fn rotate_secret(
    province: &Province,
    by: &Actor,
    id: RelyingPartyId,
    overlap_seconds: i64,
) -> Result<Reply, CommandError> {
    if !(0..=MAX_OVERLAP_SECONDS).contains(&overlap_seconds) {
        return Err(CommandError::bad_input("a replaced secret stays good for 31 days at most"));
    }
    let RelyingPartyRow { mut settings, sequence } = known(province, &id)?;
    let (secret, now) = (new_secret()?, province.clock().now());
    let until = now.plus_seconds(overlap_seconds);
    for old in &mut settings.secrets {
        old.until = Some(old.until.map_or(until, |before| before.min(until)));
    }
    settings.secrets.retain(|old| old.until.is_some_and(|until| now < until));
    settings.secrets.push(SecretModel { sha256: hex::sha256(secret.as_bytes()), until: None });
    within_bounds("secrets", settings.secrets.len())?;
    let set = RelyingPartySet { id: id.clone(), expects: sequence, settings };
    record(province, by, Change::RelyingPartySet(set)).await?;
    Ok(Reply::RelyingPartyAdded { id, secret })
}

/// Changes what an edit says.
pub(super) async fn set(
    province: &Province,
    by: &Actor,
    id: RelyingPartyId,
    edit: RelyingPartyEdit,
) -> Result<Reply, CommandError> {
    let RelyingPartyRow { settings: before, sequence } = known(province, &id)?;
    let settings = edit.apply(before)?;
    let set = RelyingPartySet { id, expects: sequence, settings };
    let sequence = record(province, by, Change::RelyingPartySet(set)).await?;
    Ok(Reply::Done { sequence, cancelled: Vec::new() })
}

pub(super) fn list(province: &Province) -> Result<Reply, CommandError> {
    let rows = province.read(|view| view.relying_parties())?;
    Ok(Reply::RelyingParties(rows.into_iter().map(|(id, row)| view(id, row)).collect()))
}

pub(super) fn show(province: &Province, id: RelyingPartyId) -> Result<Reply, CommandError> {
    let row = known(province, &id)?;
    Ok(Reply::RelyingParty(Box::new(view(id, row))))
}

fn known(province: &Province, id: &RelyingPartyId) -> Result<RelyingPartyRow, CommandError> {
    let row = province.read(|view| view.relying_party(id))?;
    row.ok_or_else(|| CommandError::refused(format!("no relying party {id} is registered")))
}

fn new_secret() -> Result<String, CommandError> {
    let mut random = [0_u8; 32];
    let drawn = SystemRandom::new().fill(&mut random);
    drawn.map_err(|_| CommandError::unavailable("the system gives no randomness"))?;
    Ok(hex::encode(&random))
}

fn view(id: RelyingPartyId, row: RelyingPartyRow) -> RelyingPartyView {
    let settings = row.settings;
    let key_id = |key: &FileBytes| hex::sha256(key.as_slice());
    let secret = |secret: &SecretModel| SecretView { until: secret.until };
    RelyingPartyView {
        id,
        name: settings.name,
        access: settings.access,
        secrets: settings.secrets.iter().map(secret).collect(),
        keys: settings.keys.iter().map(key_id).collect(),
        certificates: settings.certificates,
        verifications_per_minute: settings.verifications_per_minute,
        personal_data: settings.personal_data,
        webhook: settings.webhook,
        token_signature: settings.token_signature,
        sequence: row.sequence,
    }
}

impl RelyingPartyEdit {
    fn apply(self, mut settings: RelyingPartyModel) -> Result<RelyingPartyModel, CommandError> {
        if let Some(name) = self.name {
            settings.name = name;
        }
        settings.access = self.access.unwrap_or(settings.access);
        settings.personal_data = self.personal_data.unwrap_or(settings.personal_data);
        settings.token_signature = self.token_signature.unwrap_or(settings.token_signature);
        apply_keys(&mut settings.keys, &self.add_keys, &self.remove_keys)?;
        let (added, removed) = (&self.add_certificates, &self.remove_certificates);
        apply_certificates(&mut settings.certificates, added, removed)?;
        match self.verifications_per_minute {
            Setting::Keep => {}
            Setting::Clear => settings.verifications_per_minute = None,
            Setting::To(0) => {
                let help = "0 verifications a minute are none: suspend the platform instead";
                return Err(CommandError::bad_input(help));
            }
            Setting::To(rate) => settings.verifications_per_minute = Some(rate),
        }
        match self.webhook {
            Setting::Keep => {}
            Setting::Clear => settings.webhook = None,
            Setting::To(url) if url.scheme() == PointScheme::Https => {
                settings.webhook = Some(url.to_string());
            }
            Setting::To(url) => {
                return Err(CommandError::bad_input(format!("{url} is no https address")));
            }
        }
        Ok(settings)
    }
}

fn apply_keys(
    keys: &mut Vec<FileBytes>,
    added: &[FileBytes],
    removed: &[String],
) -> Result<(), CommandError> {
    remove_each(keys, removed, "key", |key| hex::sha256(key.as_slice()))?;
    for file in added {
        let key = FileBytes::from(read_key(file.as_slice())?.spki_der().to_vec());
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    within_bounds("keys", keys.len())
}

fn apply_certificates(
    certificates: &mut Vec<String>,
    added: &[FileBytes],
    removed: &[String],
) -> Result<(), CommandError> {
    remove_each(certificates, removed, "certificate", String::clone)?;
    for file in added {
        let sha256 = hex::encode(read_certificate(file.as_slice())?.sha256());
        if !certificates.contains(&sha256) {
            certificates.push(sha256);
        }
    }
    within_bounds("certificates", certificates.len())
}

/// Removes those with these hashes; one that is not there is a mistake worth telling.
fn remove_each<T>(
    items: &mut Vec<T>,
    removed: &[String],
    what: &str,
    hash: impl Fn(&T) -> String,
) -> Result<(), CommandError> {
    let removed: BTreeSet<String> = removed.iter().map(|hash| hash.to_lowercase()).collect();
    for wanted in &removed {
        if !items.iter().any(|item| hash(item) == *wanted) {
            return Err(CommandError::bad_input(format!("it has no {what} {wanted}")));
        }
    }
    items.retain(|item| !removed.contains(&hash(item)));
    Ok(())
}

fn within_bounds(what: &str, count: usize) -> Result<(), CommandError> {
    if count <= MAX_EACH {
        return Ok(());
    }
    Err(CommandError::bad_input(format!("{count} {what} are too many: {MAX_EACH} at most")))
}

/// A key that can verify an assertion: of a public key's file, or of a certificate's.
fn read_key(file: &[u8]) -> Result<PublicKey, CommandError> {
    let single = |label| match decode_pem_or_der(file, label) {
        Ok(ders) => <[Vec<u8>; 1]>::try_from(ders).ok().map(|[der]| der),
        Err(_) => None,
    };
    let stated = single(PemLabel::PublicKey);
    let key = stated.as_deref().and_then(|der| PublicKey::from_spki_der(der).ok());
    let certified = || {
        let certificate = Certificate::parse(&single(PemLabel::Certificate)?).ok()?;
        Some(certificate.public_key().clone())
    };
    let key = key.or_else(certified).ok_or_else(|| {
        CommandError::bad_input("no file of one public key or one certificate, PEM or DER")
    })?;
    match key.algorithm() {
        // No assertion's algorithm is SM2's.
        KeyAlgorithm::Unsupported { .. }
        | KeyAlgorithm::Malformed { .. }
        | KeyAlgorithm::Sm2
        | KeyAlgorithm::Sm2Encryption
        | KeyAlgorithm::Sm2Invalid { .. } => {
            let kind = key.algorithm();
            Err(CommandError::bad_input(format!("a key of {kind} cannot verify assertions")))
        }
        _ => Ok(key),
    }
}
