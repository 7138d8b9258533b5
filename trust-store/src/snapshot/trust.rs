//! What a snapshot was compiled from, as documents that a receipt names by their hash.
//!
//! There is one for each authority, with its keys, its dated history and the editions of
//! its policy; and one for the whole, with the editions of the province's own rules and
//! the hash of each authority's. So the hash of the whole says what was trusted, and a
//! receipt needs only the documents of those authorities that it rests on. The same trust
//! has the same hash, whatever lists arrived meanwhile.
//!
//! An edition says from when it is in force and what its text hashes to; the text is a
//! piece of evidence of its own, octet by octet the file that was set, so that what was
//! not changed is kept once and is compared with the file by any tool.
//!
//! Receipts are read for as long as anybody keeps them: a field of what is stored here
//! may be added with a default, none may be renamed or mean something else. A golden
//! receipt shows that it still reads (`testdata/receipts`).

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use tongxing_pki::Timestamp;

use super::editions::{Editions, Policy};
use crate::change::PolicyText;
use crate::hex;
use crate::ids::AuthorityId;
use crate::policy::{PolicyHistory, ProvincePolicy};
use crate::state::AuthorityRow;

const TRUST: &str = "tongxing-trust.v1";
const AUTHORITY: &str = "tongxing-trust-authority.v1";

/// What the province trusted: its rules, and each authority by the hash of its document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrustDocument {
    format: String,
    /// When each edition of its rules was set, and from when it holds.
    pub(crate) policies: PolicyHistory,
    /// Those that are in force at some moment, the earliest first.
    pub(crate) editions: Vec<EditionModel>,
    /// Hex SHA-256 of each authority's document.
    pub(crate) authorities: BTreeMap<AuthorityId, String>,
}

/// One authority as it was trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthorityDocument {
    format: String,
    pub(crate) id: AuthorityId,
    pub(crate) authority: AuthorityRow,
    /// Those of its policy that are in force at some moment, the earliest first.
    pub(crate) editions: Vec<EditionModel>,
}

/// An edition of a policy, in force until the next one is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditionModel {
    /// The record that set it.
    pub(crate) sequence: u64,
    /// From when it is in force; the first one holds for moments before, too.
    pub(crate) effective: Timestamp,
    /// The name of its file.
    pub(crate) file: String,
    /// Hex SHA-256 of its text.
    pub(crate) sha256: String,
}

impl TrustDocument {
    /// Reads one.
    pub(crate) fn read(octets: &[u8]) -> Option<Self> {
        serde_json::from_slice(octets).ok().filter(|read: &Self| read.format == TRUST)
    }
}

impl AuthorityDocument {
    /// Reads one.
    pub(crate) fn read(octets: &[u8]) -> Option<Self> {
        serde_json::from_slice(octets).ok().filter(|read: &Self| read.format == AUTHORITY)
    }

    /// The certificates that it names by their hash.
    pub(crate) fn certificates(&self) -> impl Iterator<Item = &String> {
        let anchors = self.authority.anchors.iter().map(|anchor| &anchor.key.certificate);
        anchors.chain(self.authority.intermediates.iter().map(|known| &known.certificate))
    }
}

/// Octets with their hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    /// Hex SHA-256.
    pub(crate) sha256: String,
    pub(crate) octets: Vec<u8>,
}

impl Document {
    fn of(model: &impl Serialize) -> Self {
        // Structs of strings, numbers and maps with text keys always serialise.
        let octets = serde_json::to_vec(model).unwrap_or_default();
        Self { sha256: hex::sha256(&octets), octets }
    }
}

/// The text of an edition, and what is stated of it.
#[derive(Debug, Clone)]
pub(crate) struct EditionDocument {
    pub(crate) model: EditionModel,
    pub(crate) text: Arc<PolicyText>,
}

/// The document of an authority, and the texts that it names.
#[derive(Debug)]
pub(crate) struct AuthorityTrust {
    pub(crate) read: AuthorityDocument,
    pub(crate) document: Document,
    pub(crate) editions: Vec<EditionDocument>,
}

/// The documents of one snapshot, made when a receipt first asks for them.
#[derive(Debug)]
pub(crate) struct TrustDocuments {
    compiled: Timestamp,
    policies: PolicyHistory,
    province: Texts,
    rows: Vec<(AuthorityId, AuthorityRow, Texts)>,
    made: OnceLock<Made>,
}

/// The texts of a policy, by when each is in force and the record that set it.
type Texts = Vec<(Timestamp, u64, Arc<PolicyText>)>;

#[derive(Debug)]
struct Made {
    whole: Document,
    editions: Vec<EditionDocument>,
    authorities: BTreeMap<AuthorityId, AuthorityTrust>,
}

impl TrustDocuments {
    /// Of a snapshot that is compiled at a moment of the journal's, under these rules.
    pub(super) fn new(
        compiled: Timestamp,
        policies: PolicyHistory,
        editions: &Editions<ProvincePolicy>,
    ) -> Self {
        let (province, rows, made) = (texts(editions), Vec::new(), OnceLock::new());
        Self { compiled, policies, province, rows, made }
    }

    /// Adds an authority with its policies.
    pub(super) fn add<P: Policy>(
        &mut self,
        id: &AuthorityId,
        row: &AuthorityRow,
        editions: &Editions<P>,
    ) {
        self.rows.push((id.clone(), row.clone(), texts(editions)));
    }

    /// The moment of the journal that it was compiled at.
    pub(crate) fn compiled(&self) -> Timestamp {
        self.compiled
    }

    /// That of the whole.
    pub(crate) fn whole(&self) -> &Document {
        &self.made().whole
    }

    /// The editions of the province's own rules.
    pub(crate) fn editions(&self) -> &[EditionDocument] {
        &self.made().editions
    }

    /// That of an authority.
    pub(crate) fn authority(&self, id: &AuthorityId) -> Option<&AuthorityTrust> {
        self.made().authorities.get(id)
    }

    fn made(&self) -> &Made {
        self.made.get_or_init(|| {
            let authorities: BTreeMap<_, _> = self.rows.iter().map(AuthorityTrust::of).collect();
            let hashes = authorities.iter();
            let hashes = hashes.map(|(id, trust)| (id.clone(), trust.document.sha256.clone()));
            let editions = documents(&self.province);
            let whole = TrustDocument {
                format: TRUST.to_owned(),
                policies: self.policies.clone(),
                editions: models(&editions),
                authorities: hashes.collect(),
            };
            Made { whole: Document::of(&whole), editions, authorities }
        })
    }
}

impl AuthorityTrust {
    fn of((id, row, texts): &(AuthorityId, AuthorityRow, Texts)) -> (AuthorityId, Self) {
        let editions = documents(texts);
        let read = AuthorityDocument {
            format: AUTHORITY.to_owned(),
            id: id.clone(),
            authority: row.clone(),
            editions: models(&editions),
        };
        let document = Document::of(&read);
        (id.clone(), Self { read, document, editions })
    }
}

fn texts<P: Policy>(editions: &Editions<P>) -> Texts {
    let texts = editions.texts();
    texts.map(|(from, sequence, text)| (from, sequence, Arc::clone(text))).collect()
}

fn documents(texts: &Texts) -> Vec<EditionDocument> {
    let documents = texts.iter().map(|(effective, sequence, text)| EditionDocument {
        model: EditionModel {
            sequence: *sequence,
            effective: *effective,
            file: text.file.clone(),
            sha256: hex::sha256(text.source.as_bytes()),
        },
        text: Arc::clone(text),
    });
    documents.collect()
}

/// What is stated of each.
pub(crate) fn models(editions: &[EditionDocument]) -> Vec<EditionModel> {
    editions.iter().map(|edition| edition.model.clone()).collect()
}
