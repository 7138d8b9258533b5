//! PEM labels and armour.

use der::pem::{LineEnding, encode_string};

use crate::error::TestdataError;

pub(crate) fn certificate(der: &[u8]) -> Result<String, TestdataError> {
    armoured("CERTIFICATE", der)
}

/// Several certificates, one after the other, in the order given.
pub(crate) fn certificates<'a>(
    ders: impl IntoIterator<Item = &'a [u8]>,
) -> Result<String, TestdataError> {
    ders.into_iter().map(certificate).collect()
}

pub(crate) fn private_key(der: &[u8]) -> Result<String, TestdataError> {
    armoured("PRIVATE KEY", der)
}

/// A revocation list as PEM.
///
/// # Errors
/// When PEM cannot be written.
pub fn crl_pem(der: &[u8]) -> Result<String, TestdataError> {
    armoured("X509 CRL", der)
}

fn armoured(label: &str, der: &[u8]) -> Result<String, TestdataError> {
    Ok(encode_string(label, LineEnding::LF, der)?)
}
