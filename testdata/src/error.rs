//! What can go wrong while test data is made.

use crate::value::StringKind;

/// A declaration that cannot be turned into certificates, or a failure of the
/// libraries that make them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TestdataError {
    /// An object identifier is not in dotted decimal form.
    #[error("`{0}` is not a dotted object identifier")]
    ObjectIdentifier(String),
    /// A text holds a character that its ASN.1 string type cannot carry.
    #[error("`{text}` cannot be written as {kind:?}")]
    Text {
        /// The string type asked for.
        kind: StringKind,
        /// The text, as declared.
        text: String,
    },
    /// A moment lies outside the years that a certificate can name.
    #[error("{0} (Unix seconds) is not a moment that a certificate can carry")]
    Moment(i64),
    /// An authority was declared without a single level.
    #[error("the authority `{0}` has no level: at least its root must be declared")]
    NoLevel(String),
    /// A key was asked for a kind of signature that it cannot make.
    #[error("a key of {0:?} cannot make this kind of signature")]
    SignatureKind(crate::KeyAlgorithm),
    /// A body has no such element, because the certificate was declared without it.
    #[error("the body has no {0:?}")]
    NoElement(crate::BodyElement),
    /// A company code or a personal id was asked from anything but seventeen legal characters.
    #[error("`{0}` is not the first seventeen characters of such a code")]
    CodePrefix(String),
    /// DER could not be written, or what was written could not be read again.
    #[error("DER: {0}")]
    Der(#[from] der::Error),
    /// PEM could not be written.
    #[error("PEM: {0}")]
    Pem(#[from] der::pem::Error),
    /// The certificate generator refused.
    #[error("certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// An RSA key could not be generated.
    #[error("RSA key: {0}")]
    RsaKey(#[from] rsa::Error),
    /// A generated key could not be encoded.
    #[error("PKCS#8: {0}")]
    Pkcs8(#[from] rsa::pkcs8::Error),
    /// An SM2 user id is longer than the standard allows, or an SM2 key could not sign.
    #[error("SM2: the key could not be made ready to sign")]
    Sm2,
    /// The system's source of randomness failed.
    #[error("no randomness")]
    Randomness,
    /// The cryptographic library refused a key.
    #[error("key refused: {0}")]
    KeyRejected(#[from] ring::error::KeyRejected),
    /// The cryptographic library, or the system's source of randomness, failed.
    #[error("the cryptographic library failed")]
    Cryptography(#[from] ring::error::Unspecified),
}
