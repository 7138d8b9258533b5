//! Where what a snapshot is compiled from is read: a province's own blobs, or the
//! evidence that came with a receipt.

use std::fmt;

use tongxing_pki::VerifiedCrl;

use crate::blobs::{BlobError, BlobId};
use crate::province::Vault;

/// Content by its hash.
pub(crate) trait BlobSource: fmt::Debug + Send + Sync {
    /// The content at `id`; `None` if it is not here.
    fn blob(&self, id: &BlobId) -> Result<Option<Vec<u8>>, BlobError>;

    /// A list that was verified a moment ago, if there is such a one.
    fn arrived(&self, _is_it: &dyn Fn(&VerifiedCrl) -> bool) -> Option<VerifiedCrl> {
        None
    }
}

impl BlobSource for Vault {
    fn blob(&self, id: &BlobId) -> Result<Option<Vec<u8>>, BlobError> {
        self.blobs.get(id)
    }

    fn arrived(&self, is_it: &dyn Fn(&VerifiedCrl) -> bool) -> Option<VerifiedCrl> {
        self.arrivals.find(is_it)
    }
}
