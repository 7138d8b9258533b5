//! Signers' certificates that a message left out, among those that signed in.
//!
//! RFC 5652 5.1 lets a message leave its certificates out, and clients of national keys do
//! so to keep tender files short. It names them by issuer and serial number; whoever signed
//! in with one before has it bound here. That helps to find it, never to trust it.
//!
//! A certificate may name a person. It is looked at only with a signature in hand that its
//! key made, so that nobody learns of certificates by trying numbers. Its octets are handed
//! out with a receipt where the policy reads no person in it, or where the platform is told
//! of persons; else the receipt names it, and whoever has it brings it.

use tongxing_pki::{Certificate, Content, SignedDocument, Signer, SignerIdentifier};

use crate::error::StoreError;
use crate::province::Province;
use crate::relying_party::PersonalData;
use crate::snapshot::Snapshot;
use crate::state::{BindingRow, Lookups};

/// A certificate that a document left out.
#[derive(Debug, Clone)]
pub struct BesideCertificate {
    certificate: Certificate,
    handed: Handed,
}

/// Whether whoever asked is given a certificate's octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handed {
    Out,
    Withheld,
}

impl BesideCertificate {
    /// One that was brought by whoever asks.
    pub fn brought(certificate: Certificate) -> Self {
        Self { certificate, handed: Handed::Out }
    }

    /// The certificate. Nothing vouches for it.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    pub(crate) fn handed(&self) -> Handed {
        self.handed
    }
}

impl Snapshot {
    /// The signers whose certificate neither came along nor is enrolled.
    fn unknown_signers<'d>(
        &'d self,
        document: &'d SignedDocument,
    ) -> impl Iterator<Item = &'d Signer> {
        let (pool, known) = (document.certificates(), self.intermediates());
        document.all_signers().filter(move |signer| signer.certificate(pool, &[known]).is_none())
    }
}

impl Province {
    /// The certificates of a document's signers that it left out, among those bound. A
    /// signer that is named by a key identifier is not sought: the record has certificates
    /// by their numbers. `content` is what was signed, where it is elsewhere and whole: a
    /// signature without signed attributes is over that. Without it such a signer is found
    /// for platforms that are told of persons alone. Blocks.
    ///
    /// # Errors
    /// [`StoreError`] when the state or a certificate cannot be read.
    pub fn bound_signers(
        &self,
        document: &SignedDocument,
        content: Content<'_>,
        to: PersonalData,
    ) -> Result<Vec<BesideCertificate>, StoreError> {
        let snapshot = self.snapshot();
        let (mut found, mut sought) = (Vec::<BesideCertificate>::new(), Vec::new());
        for signer in snapshot.unknown_signers(document) {
            let identifier = signer.identifier();
            if found.iter().any(|beside| identifier.names(&beside.certificate))
                || sought.contains(&identifier)
            {
                continue;
            }
            match self.bound_signer(identifier, to)? {
                Some(bound) if self.is_by(&snapshot, (document, signer), &bound, content, to) => {
                    found.push(bound);
                }
                // Another signature that names it may be by its key.
                Some(_) => {}
                None => sought.push(identifier),
            }
        }
        Ok(found)
    }

    fn is_by(
        &self,
        snapshot: &Snapshot,
        (document, signer): (&SignedDocument, &Signer),
        bound: &BesideCertificate,
        content: Content<'_>,
        to: PersonalData,
    ) -> bool {
        let (certificate, now) = (&bound.certificate, self.clock().now());
        let rules = snapshot.rules_for(certificate, document.certificates(), now);
        let told = to == PersonalData::Disclosed;
        document.is_signed_with(signer, certificate, content, &rules).unwrap_or(told)
    }

    fn bound_signer(
        &self,
        identifier: &SignerIdentifier,
        to: PersonalData,
    ) -> Result<Option<BesideCertificate>, StoreError> {
        let SignerIdentifier::IssuerAndSerial { serial, .. } = identifier else {
            return Ok(None);
        };
        for binding in self.bindings_numbered(serial)? {
            let der = self.vault().open_certificate(&binding.blob, binding.sealed_for.as_ref())?;
            let certificate = der.and_then(|der| Certificate::parse(&der).ok());
            if let Some(certificate) = certificate.filter(|one| identifier.names(one)) {
                let handed = self.handed(&binding, to)?;
                return Ok(Some(BesideCertificate { certificate, handed }));
            }
        }
        Ok(None)
    }

    /// Where the policy reads no person in a certificate, its key seals nothing else.
    fn handed(&self, binding: &BindingRow, to: PersonalData) -> Result<Handed, StoreError> {
        let names_nobody = self.read(|view| view.own_key_of(binding))?.is_some();
        let out = to == PersonalData::Disclosed || names_nobody;
        Ok(if out { Handed::Out } else { Handed::Withheld })
    }
}
