//! Encryption certificates, as stored.

use serde::{Deserialize, Serialize};

use super::CertificateModel;
use crate::ids::{AuthorityId, SubjectId};

/// A subject's key may be encrypted to: the other certificate of the key that it signed
/// in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EncryptionRegistered {
    pub(crate) subject: SubjectId,
    pub(crate) authority: AuthorityId,
    /// The snapshot's revision when it was judged.
    pub(crate) judged_at: u64,
    /// Hex SHA-256 of the certificate that signed in, which is bound.
    pub(crate) signing: String,
    /// The encryption certificate, with its blob.
    pub(crate) certificate: CertificateModel,
}
