//! The part of a certificate or a revocation list that gets signed.
//!
//! rcgen writes bodies well, but its names hold each attribute type once and its
//! lists take no further extensions. Real authorities repeat attributes, and tests
//! need bodies that are wrong in one chosen place under a signature that is right:
//! 1. rcgen writes the body and seals it with an empty signature ([`Unsigned`]);
//! 2. the body is opened into its elements, and elements are replaced;
//! 3. the issuer's key signs what came out ([`Signed::seal`]).

use der::asn1::AnyRef;
use der::{Decode, Reader, SliceReader, Tag, Tagged};
use rcgen::{PublicKeyData, SignatureAlgorithm, SigningKey};

use crate::error::TestdataError;
use crate::key::Key;
use crate::name::Extension;
use crate::sm2;
use crate::value::{context, tagged};

/// The elements of a certificate's body (RFC 5280, 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyElement {
    /// `[0] EXPLICIT` version.
    Version,
    /// serialNumber.
    SerialNumber,
    /// signature: the algorithm, repeated outside the body.
    Signature,
    /// issuer.
    Issuer,
    /// validity.
    Validity,
    /// subject.
    Subject,
    /// subjectPublicKeyInfo.
    PublicKey,
    /// `[3] EXPLICIT` extensions.
    Extensions,
}

/// A certificate's body before it is signed, open to changes that no authority
/// should make.
#[derive(Debug, Clone)]
pub struct CertificateBody(Signed);

impl CertificateBody {
    pub(crate) fn open(certificate: &[u8]) -> Result<Self, TestdataError> {
        Signed::open(certificate).map(Self)
    }

    /// The element's encoding, tag and length included.
    ///
    /// # Errors
    /// [`TestdataError::NoElement`] when the body was declared without it.
    pub fn element(&self, element: BodyElement) -> Result<&[u8], TestdataError> {
        let found = self.0.elements.get(element as usize);
        found.map(Vec::as_slice).ok_or(TestdataError::NoElement(element))
    }

    /// Puts `encoding`, whatever it is, in the element's place; an empty one removes
    /// the element.
    ///
    /// # Errors
    /// [`TestdataError::NoElement`] when the body was declared without it.
    pub fn replace(
        &mut self,
        element: BodyElement,
        encoding: Vec<u8>,
    ) -> Result<(), TestdataError> {
        let place = self.0.elements.get_mut(element as usize);
        *place.ok_or(TestdataError::NoElement(element))? = encoding;
        Ok(())
    }

    /// Names another algorithm outside the body than inside it.
    pub fn replace_outer_algorithm(&mut self, encoding: Vec<u8>) {
        self.0.algorithm = encoding;
    }

    /// Says whose key it is and how it will be signed, where rcgen could not.
    pub(crate) fn name_keys(&mut self, subject: &Key, issuer: &Key) -> Result<(), TestdataError> {
        if subject.is_sm2() {
            self.replace(BodyElement::PublicKey, subject.public_key_der()?)?;
        }
        self.0.name_algorithm(BodyElement::Signature as usize, issuer)
    }

    pub(crate) fn seal(&self, key: &Key) -> Result<Vec<u8>, TestdataError> {
        self.0.seal(key)
    }
}

/// SEQUENCE { body, algorithm, signature }, opened; the signature is forgotten.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    pub(crate) elements: Vec<Vec<u8>>,
    algorithm: Vec<u8>,
}

impl Signed {
    pub(crate) fn open(der: &[u8]) -> Result<Self, TestdataError> {
        AnyRef::from_der(der)?.sequence(|outer| {
            let body = AnyRef::decode(outer)?;
            let algorithm = outer.tlv_bytes()?.to_vec();
            outer.tlv_bytes()?;
            let elements = elements(body.value())?;
            Ok(Self { elements, algorithm })
        })
    }

    /// Names the algorithm of `key` inside, at `place`, and outside, where rcgen could not.
    pub(crate) fn name_algorithm(&mut self, place: usize, key: &Key) -> Result<(), TestdataError> {
        if key.is_sm2() {
            self.algorithm = sm2::signature_algorithm()?;
            // rcgen has just written these elements: both bodies name an algorithm.
            self.elements[place].clone_from(&self.algorithm);
        }
        Ok(())
    }

    pub(crate) fn seal(&self, key: &Key) -> Result<Vec<u8>, TestdataError> {
        let body = tagged(Tag::Sequence, &self.elements.concat())?;
        let mut signature = vec![0]; // no unused bits
        signature.extend(key.sign(&body)?);
        let signature = tagged(Tag::BitString, &signature)?;
        let all = [body.as_slice(), &self.algorithm, &signature].concat();
        tagged(Tag::Sequence, &all)
    }

    /// Adds extensions at the end of a list's `[0] EXPLICIT` extensions, which rcgen
    /// always writes, last.
    pub(crate) fn append_list_extensions(
        &mut self,
        extensions: &[Extension],
    ) -> Result<(), TestdataError> {
        let Some(last) = self.elements.last_mut().filter(|_| !extensions.is_empty()) else {
            return Ok(());
        };
        let written = AnyRef::from_der(last)?;
        let mut content = AnyRef::from_der(written.value())?.value().to_vec();
        for extension in extensions {
            content.extend(extension.to_value()?.to_der()?);
        }
        debug_assert_eq!(written.tag(), context(0, true));
        *last = tagged(context(0, true), &tagged(Tag::Sequence, &content)?)?;
        Ok(())
    }

    /// Adds extensions at the end of those of a list's entries, in their order.
    pub(crate) fn append_entry_extensions<'e>(
        &mut self,
        place: usize,
        of_entries: impl Iterator<Item = &'e [Extension]> + Clone,
    ) -> Result<(), TestdataError> {
        if of_entries.clone().all(<[Extension]>::is_empty) {
            return Ok(());
        }
        // Only a list with entries comes here: rcgen has just written them.
        let mut list = Vec::new();
        let written = elements(AnyRef::from_der(&self.elements[place])?.value())?;
        for (entry, extensions) in written.iter().zip(of_entries) {
            let mut fields = elements(AnyRef::from_der(entry)?.value())?;
            // serial number and date, and extensions where there are any
            let mut content = match fields.get(2) {
                Some(written) => AnyRef::from_der(written)?.value().to_vec(),
                None => Vec::new(),
            };
            for extension in extensions {
                content.extend(extension.to_value()?.to_der()?);
            }
            fields.truncate(2);
            if !content.is_empty() {
                fields.push(tagged(Tag::Sequence, &content)?);
            }
            list.extend(tagged(Tag::Sequence, &fields.concat())?);
        }
        self.elements[place] = tagged(Tag::Sequence, &list)?;
        Ok(())
    }
}

fn elements(content: &[u8]) -> Result<Vec<Vec<u8>>, TestdataError> {
    let mut reader = SliceReader::new(content)?;
    let mut elements = Vec::new();
    while !reader.is_finished() {
        elements.push(reader.tlv_bytes()?.to_vec());
    }
    Ok(elements)
}

/// A key that rcgen may name but that signs nothing.
pub(crate) struct Unsigned<'key>(pub(crate) &'key Key);

impl PublicKeyData for Unsigned<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0.public_octets()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.0.rcgen_algorithm()
    }
}

impl SigningKey for Unsigned<'_> {
    fn sign(&self, _body: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(Vec::new())
    }
}
