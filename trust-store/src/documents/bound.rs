//! Signers' certificates that a message left out, among those that signed in.
//!
//! RFC 5652 5.1 lets a message leave its certificates out, and clients of national keys do
//! so to keep tender files short. It names them by issuer and serial number; whoever signed
//! in with one before has it bound here. That helps to find it, never to trust it.
//!
//! A certificate may name a person. Whoever asks gets it only with a signature in hand that
//! its key made, so that nobody collects them by trying numbers; or where the platform is
//! told of persons anyway.

use tongxing_pki::{
    Certificate, CertificatePool, Content, SignedDocument, Signer, SignerIdentifier,
};

use crate::error::StoreError;
use crate::province::Province;
use crate::relying_party::PersonalData;
use crate::snapshot::Snapshot;
use crate::state::Lookups;

/// Bound certificates of one serial number that are looked at. Origin: ours; as many
/// authorities may have numbered one alike.
const MAX_NUMBERED_ALIKE: usize = 16;

impl Snapshot {
    /// The signers whose certificate neither came along nor is enrolled.
    fn unknown_signers<'d>(
        &'d self,
        document: &'d SignedDocument,
    ) -> impl Iterator<Item = &'d Signer> {
        let known =
            |signer: &Signer| signer.certificate(document.certificates(), &[self.intermediates()]);
        document.all_signers().filter(move |signer| known(signer).is_none())
    }
}

impl Province {
    /// The certificates of a document's signers that it left out, among those bound. A
    /// signer that is named by a key identifier is not sought: the record has certificates
    /// by their numbers. `content` is what was signed, where it is elsewhere and whole: a
    /// signature without signed attributes is over that. Blocks.
    ///
    /// # Errors
    /// [`StoreError`] when the state or a certificate cannot be read.
    pub fn bound_signers(
        &self,
        document: &SignedDocument,
        content: Content<'_>,
        to: PersonalData,
    ) -> Result<Vec<Certificate>, StoreError> {
        let (now, snapshot) = (self.clock().now(), self.snapshot());
        let mut found: Vec<Certificate> = Vec::new();
        for signer in snapshot.unknown_signers(document) {
            if found.iter().any(|certificate| signer.identifier().names(certificate)) {
                continue;
            }
            let Some(certificate) = self.bound_signer(signer.identifier())? else { continue };
            let rules = snapshot.rules_for(&certificate, &CertificatePool::new(), now);
            if to == PersonalData::Disclosed
                || document.is_signed_with(signer, &certificate, content, &rules)
            {
                found.push(certificate);
            }
        }
        Ok(found)
    }

    fn bound_signer(
        &self,
        identifier: &SignerIdentifier,
    ) -> Result<Option<Certificate>, StoreError> {
        let SignerIdentifier::IssuerAndSerial { serial, .. } = identifier else {
            return Ok(None);
        };
        let serial = serial.to_string();
        let bindings = self.read(|view| view.bindings_numbered(&serial, MAX_NUMBERED_ALIKE))?;
        for binding in bindings {
            let der = self.vault().open_certificate(&binding.blob, binding.sealed_for.as_ref())?;
            let certificate = der.and_then(|der| Certificate::parse(&der).ok());
            if let Some(certificate) = certificate.filter(|one| identifier.names(one)) {
                return Ok(Some(certificate));
            }
        }
        Ok(None)
    }
}
