//! What changes name that lies beside the journal.

use super::{AuthorityEnrolled, BlobModel, CertificateModel, Change, PersonModel, SignIn};
use crate::ids::SubjectId;

/// Blobs by their addresses, and the persons under whose keys something is sealed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) blobs: Vec<String>,
    pub(crate) persons: Vec<SubjectId>,
}

impl Change {
    /// What a copy of the record needs beside this change. Whoever adds a change
    /// that names a blob or a key says so here.
    pub(crate) fn named(&self) -> Named {
        match self {
            Self::AuthorityEnrolled(AuthorityEnrolled { anchors, intermediates, .. }) => {
                let all = anchors.iter().chain(intermediates);
                Named::blobs(all.map(|anchor| anchor.certificate.clone()))
            }
            Self::AnchorAdded { anchor: key, .. }
            | Self::IntermediateAdded { certificate: key, .. } => {
                Named::blobs([key.certificate.clone()])
            }
            Self::ListImported(list) | Self::ListArchived(list) => {
                Named::blobs([list.blob.clone()])
            }
            Self::SignIn(sign_in) => sign_in.named(),
            Self::EncryptionRegistered(change) => change.certificate.named(),
            Self::VerificationRecorded(change) => Named::blobs(change.evidence.iter().cloned()),
            Self::ReceiptsDecided(change) => {
                Named::blobs(change.decided.iter().map(|decided| decided.list.clone()))
            }
            Self::ProvinceCreated { .. }
            | Self::ProvinceCreatedWith { .. }
            | Self::ProvincePolicySet { .. }
            | Self::RolesSet { .. }
            | Self::StatusSet(_)
            | Self::DistrustSet(_)
            | Self::PolicySet { .. }
            | Self::RelyingPartyRegistered(_)
            | Self::RelyingPartySet(_)
            | Self::SignInRefused(_)
            | Self::RefusalsSummarised { .. }
            | Self::BindingConfirmed { .. }
            | Self::SubjectRenamed { .. }
            | Self::SubjectErased { .. }
            | Self::PersonalDataRead { .. }
            | Self::PersonSought { .. }
            | Self::StandbyJoined { .. }
            | Self::CertificateRevealed { .. }
            | Self::ImageTaken(_)
            | Self::BackupMade(_)
            | Self::Restored(_)
            | Self::EvidenceKeyMade { .. }
            | Self::LookupKeyMade { .. }
            | Self::PersonsIndexed(_)
            | Self::LookupKeysRetired { .. }
            | Self::NoticesDelivered(_)
            | Self::ClockReset { .. }
            | Self::Promoted(_)
            | Self::CheckpointsAccepted(_)
            | Self::SegmentsArchived(_)
            | Self::RetentionApplied(_)
            | Self::LostEndAccepted(_) => Named::default(),
        }
    }
}

impl Named {
    fn blobs(blobs: impl IntoIterator<Item = String>) -> Self {
        Self { blobs: blobs.into_iter().collect(), persons: Vec::new() }
    }
}

impl CertificateModel {
    fn named(&self) -> Named {
        let mut named = Named::default();
        if let Some(BlobModel { sha256, sealed_for }) = &self.blob {
            named.blobs.push(sha256.clone());
            named.persons.extend(sealed_for.clone());
        }
        named
    }
}

impl SignIn {
    fn named(&self) -> Named {
        let mut named = self.certificate.named();
        named.blobs.extend_from_slice(&self.responses);
        let holder = self.holder.as_ref().and_then(|holder| holder.person.as_ref());
        for PersonModel { id, .. } in self.entity.person.iter().chain(holder) {
            named.persons.push(id.clone());
        }
        named
    }
}
