//! From the state's rows to a snapshot.
//!
//! Certificates, lists and policies are parsed once and kept from one snapshot
//! to the next, so that a change costs what it changed and not what is enrolled.
//! What cannot be read makes its own authority's verdicts indeterminate, and
//! nobody else's.

use std::collections::HashMap;
use std::sync::Arc;

use tongxing_pki::{
    Anchors, Certificate, CertificatePool, Crl, RevocationLists, SignatureRules, Timestamp,
    VerifiedCrl,
};

use super::authority::{Anchor, Authority, List};
use super::editions::{Editions, Policies};
use super::source::BlobSource;
use super::trust::TrustDocuments;
use super::{Snapshot, is_visible, list_rules};
use crate::blobs::BlobId;
use crate::error::StoreError;
use crate::hex;
use crate::ids::AuthorityId;
use crate::index::ReadRows;
use crate::policy::{AuthorityPolicy, PolicyHistory, ProvincePolicy};
use crate::relying_party::RelyingParty;
use crate::state::{AuthorityRow, ListPlace, ListRow, Lookups, View};

/// Compiles snapshots, remembering what it parsed for the last one.
#[derive(Debug)]
pub(crate) struct Compiler {
    blobs: Arc<dyn BlobSource>,
    certificates: HashMap<String, Certificate>,
    lists: HashMap<String, VerifiedCrl>,
    policies: Policies<AuthorityPolicy>,
    province: Policies<ProvincePolicy>,
}

/// What is gathered over all authorities.
#[derive(Default)]
struct Gathered {
    owners: HashMap<[u8; 32], AuthorityId>,
    anchors: Vec<Certificate>,
    intermediates: Vec<Certificate>,
    lists: RevocationLists,
    hints: Vec<Vec<u8>>,
}

impl Compiler {
    pub(crate) fn new(blobs: Arc<dyn BlobSource>) -> Self {
        Self {
            blobs,
            certificates: HashMap::new(),
            lists: HashMap::new(),
            policies: Policies::default(),
            province: Policies::default(),
        }
    }

    /// The snapshot of these rows, which stand at `revision`.
    pub(crate) fn compile(
        &mut self,
        rows: &dyn ReadRows,
        revision: u64,
    ) -> Result<Snapshot, StoreError> {
        let view = View(rows);
        let clock = view.clock()?;
        let now = Timestamp::from_unix(clock.log_time.div_euclid(1000));
        let mut before = std::mem::replace(self, Self::new(Arc::clone(&self.blobs)));
        let (rules, province) = self.province_policy(&view, &before.province, now)?;
        let mut trust = TrustDocuments::new(now, rules, &province);
        let mut gathered = Gathered::default();
        let mut authorities = std::collections::BTreeMap::new();
        for (id, row) in view.authorities()? {
            let lists = view.lists(&id)?;
            let policies = self.policies.editions(&view, &row.policies, &before.policies, now)?;
            trust.add(&id, &row, &policies);
            let row = (row, policies);
            let authority =
                self.authority(&mut before, id.clone(), row, (lists, now), &mut gathered);
            authorities.insert(id, Arc::new(authority));
        }
        let relying_parties = view
            .relying_parties()?
            .into_iter()
            .map(|(id, row)| (id.clone(), RelyingParty::compile(id, row.settings)));
        gathered.hints.sort_unstable();
        gathered.hints.dedup();
        let snapshot = Snapshot {
            revision,
            clock_epoch: clock.epoch,
            province,
            authorities,
            owners: gathered.owners,
            anchors: gathered.anchors.into_iter().collect::<Anchors>(),
            intermediates: gathered.intermediates.into_iter().collect::<CertificatePool>(),
            lists: gathered.lists,
            relying_parties: relying_parties.collect(),
            hints: gathered.hints,
            trust,
        };
        snapshot.verify_intermediates(now);
        Ok(snapshot)
    }

    /// The province's own: without it nothing can be judged.
    fn province_policy(
        &mut self,
        view: &View<'_>,
        before: &Policies<ProvincePolicy>,
        now: Timestamp,
    ) -> Result<(PolicyHistory, Editions<ProvincePolicy>), StoreError> {
        let row = view.province()?;
        let row = row.ok_or_else(|| StoreError::ProvincePolicy("there is none".to_owned()))?;
        let editions = self.province.editions(view, &row.policies, before, now)?;
        let current = editions.at(now).map(|_| ());
        current.map_err(|fault| StoreError::ProvincePolicy(fault.to_string()))?;
        Ok((row.policies, editions))
    }

    fn authority(
        &mut self,
        before: &mut Self,
        id: AuthorityId,
        (row, policies): (AuthorityRow, Editions<AuthorityPolicy>),
        (lists, now): (Vec<(ListPlace, ListRow)>, Timestamp),
        gathered: &mut Gathered,
    ) -> Authority {
        let mut faults = Vec::new();
        let mut anchors = Vec::new();
        for anchor in row.anchors {
            match self.certificate(before, &anchor.key.certificate) {
                Ok(certificate) => anchors.push(Anchor {
                    certificate,
                    status: anchor.status,
                    effective: anchor.effective,
                    distrust: anchor.distrust,
                }),
                Err(fault) => faults.push(format!("anchor {}: {fault}", anchor.key.spki_sha256)),
            }
        }
        let mut intermediates = Vec::new();
        for known in row.intermediates {
            match self.certificate(before, &known.certificate) {
                Ok(certificate) => intermediates.push(certificate),
                Err(fault) => faults.push(format!("intermediate {}: {fault}", known.spki_sha256)),
            }
        }
        let rules = list_rules(policies.at(now).ok().as_deref());
        let mut listed = Vec::new();
        for (place, row) in lists {
            let ListRow { this_update, next_update, known, .. } = row;
            listed.push(List { this_update, next_update, known });
            let issuers = anchors.iter().map(|anchor| &anchor.certificate).chain(&intermediates);
            match self.list(before, &row.blob, (&place.signer, issuers), &rules) {
                Ok(list) => gathered.lists.insert(list),
                Err(fault) => faults.push(format!("revocation list {}: {fault}", row.blob)),
            }
        }
        let authority = Authority {
            names: row.names,
            hotline: row.hotline,
            licence_expires: row.licence_expires,
            roles: row.roles,
            status: row.status,
            distrust: row.distrust,
            anchors,
            intermediates,
            policies,
            lists: listed,
            faults,
            id,
        };
        gathered.add(&authority);
        authority
    }

    fn certificate(&mut self, before: &mut Self, sha256: &str) -> Result<Certificate, String> {
        if let Some(certificate) = self.certificates.get(sha256) {
            return Ok(certificate.clone());
        }
        let certificate = match before.certificates.remove(sha256) {
            Some(certificate) => certificate,
            None => Certificate::parse(&self.blob(sha256)?).map_err(|fault| fault.to_string())?,
        };
        self.certificates.insert(sha256.to_owned(), certificate.clone());
        Ok(certificate)
    }

    /// A list, verified under the key that its record names: when it arrived, or
    /// on opening. From then on it is only handed on.
    fn list<'c>(
        &mut self,
        before: &mut Self,
        sha256: &str,
        (spki_sha256, mut issuers): (&str, impl Iterator<Item = &'c Certificate>),
        rules: &SignatureRules,
    ) -> Result<VerifiedCrl, String> {
        let signer = issuers.find(|issuer| hex::encode(issuer.spki_sha256()) == spki_sha256);
        let signer = signer.ok_or("the key that signed it is not enrolled any more")?;
        let is_by_signer = |list: &VerifiedCrl| list.key_sha256() == signer.spki_sha256();
        let arrived =
            |list: &VerifiedCrl| is_by_signer(list) && hex::encode(list.crl().sha256()) == sha256;
        let kept = self.lists.get(sha256).cloned().or_else(|| before.lists.remove(sha256));
        let known = kept.filter(is_by_signer).or_else(|| self.blobs.arrived(&arrived));
        let list = known.map_or_else(|| self.read_list(sha256, signer, rules), Ok)?;
        self.lists.insert(sha256.to_owned(), list.clone());
        Ok(list)
    }

    fn read_list(
        &self,
        sha256: &str,
        signer: &Certificate,
        rules: &SignatureRules,
    ) -> Result<VerifiedCrl, String> {
        let list = Crl::parse_owned(self.blob(sha256)?).map_err(|fault| fault.to_string())?;
        VerifiedCrl::verify_with(&list, signer.public_key(), rules)
            .map_err(|fault| fault.to_string())
    }

    fn blob(&self, sha256: &str) -> Result<Vec<u8>, String> {
        let id: BlobId = sha256.parse().map_err(|_| "its address is unreadable".to_owned())?;
        match self.blobs.blob(&id) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err("its file is missing".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Gathered {
    fn add(&mut self, authority: &Authority) {
        let anchors = authority.anchors.iter().map(|anchor| &anchor.certificate);
        for certificate in anchors.clone().chain(&authority.intermediates) {
            self.owners.insert(*certificate.spki_sha256(), authority.id.clone());
            if is_visible(authority) {
                self.hints.push(certificate.subject().der().to_vec());
            }
        }
        self.anchors.extend(anchors.cloned());
        self.intermediates.extend(authority.intermediates.iter().cloned());
    }
}
