//! What was asked, as a receipt states it: for whoever reads it years later.

use serde::Serialize;
use tongxing_pki::Timestamp;

use super::statement::{ContentModel, QuestionModel};
use crate::documents::WhoSigns;
use crate::hex;
use crate::policy::Capacity;

/// A thing that was verified, by a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatedPart {
    /// `signature` (the signed document, or a raw signature's value), `content`, or
    /// `certificate`: the one asked about, or one that was brought.
    pub part: &'static str,
    /// The hash function, as the API calls it.
    pub algorithm: String,
    /// In hexadecimal.
    pub digest: String,
}

/// What was required of a document, and which moment was asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatedRequirements {
    /// The moment by which the platform held the signatures to have existed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Who must have signed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<String>,
    /// Whether all of them, or one.
    pub who: WhoSigns,
    /// In which quality.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub capacities: Vec<Capacity>,
    /// Certificate policies, of which a path must be valid for one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
}

/// What was verified.
pub(super) fn parts(question: &QuestionModel) -> Vec<StatedPart> {
    let sha256 = |part, digest: &String| StatedPart {
        part,
        algorithm: "sha-256".to_owned(),
        digest: digest.clone(),
    };
    match question {
        QuestionModel::Certificate(model) => {
            model.chain.iter().map(|one| sha256("certificate", one)).collect()
        }
        QuestionModel::Document(model) => {
            let mut parts = vec![sha256("signature", &model.signature)];
            match &model.content {
                ContentModel::None => {}
                ContentModel::Octets { sha256: digest, .. } => {
                    parts.push(sha256("content", digest));
                }
                ContentModel::Digests { digests, .. } => {
                    parts.extend(digests.iter().map(|one| StatedPart {
                        part: "content",
                        algorithm: one.algorithm.clone(),
                        digest: hex::encode(one.value.as_slice()),
                    }));
                }
            }
            let raw = model.raw.iter().map(|raw| &raw.certificate);
            parts.extend(raw.chain(&model.beside).map(|one| sha256("certificate", one)));
            parts
        }
    }
}

/// What was required of a document.
pub(super) fn requirements(question: &QuestionModel) -> Option<StatedRequirements> {
    let QuestionModel::Document(model) = question else { return None };
    Some(StatedRequirements {
        at: model.at,
        entities: model.entities.clone(),
        who: model.who,
        capacities: model.capacities.clone(),
        policies: model.policies.clone(),
    })
}
