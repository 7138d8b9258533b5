//! The object identifiers that test data uses, by the names the standards give them.

use der::asn1::ObjectIdentifier;

use crate::error::TestdataError;

/// countryName (X.520).
pub const COUNTRY: &str = "2.5.4.6";
/// stateOrProvinceName (X.520).
pub const PROVINCE: &str = "2.5.4.8";
/// localityName (X.520).
pub const LOCALITY: &str = "2.5.4.7";
/// organizationName (X.520).
pub const ORGANIZATION: &str = "2.5.4.10";
/// organizationalUnitName (X.520); real certificates repeat it.
pub const ORGANIZATIONAL_UNIT: &str = "2.5.4.11";
/// commonName (X.520).
pub const COMMON_NAME: &str = "2.5.4.3";
/// serialNumber as an attribute of a name (X.520): not the certificate's serial.
pub const SERIAL_NUMBER: &str = "2.5.4.5";
/// givenName (X.520).
pub const GIVEN_NAME: &str = "2.5.4.42";
/// aliasedEntryName (X.501), in which one authority writes the organization's code.
pub const ALIASED_ENTRY_NAME: &str = "2.5.4.1";

/// id-kp-serverAuth (RFC 5280, 4.2.1.12).
pub const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
/// id-kp-clientAuth (RFC 5280, 4.2.1.12).
pub const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
/// id-kp-emailProtection (RFC 5280, 4.2.1.12).
pub const EMAIL_PROTECTION: &str = "1.3.6.1.5.5.7.3.4";

/// id-kp-OCSPSigning (RFC 6960, 4.2.2.2).
pub const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";
/// id-pkix-ocsp-nocheck (RFC 6960, 4.2.2.2.1).
pub const OCSP_NO_CHECK: &str = "1.3.6.1.5.5.7.48.1.5";
/// id-pkix-ocsp-nonce (RFC 6960, 4.4.1).
pub const OCSP_NONCE: &str = "1.3.6.1.5.5.7.48.1.2";
/// id-pkix-ocsp-archive-cutoff (RFC 6960, 4.4.4).
pub const OCSP_ARCHIVE_CUTOFF: &str = "1.3.6.1.5.5.7.48.1.6";
/// id-pkix-ocsp-extended-revoke (RFC 6960, 4.4.8).
pub const OCSP_EXTENDED_REVOKE: &str = "1.3.6.1.5.5.7.48.1.9";

/// identifyCode of GM/T 0015: a person's id, in one of three choices.
pub const GMT_0015_IDENTIFY_CODE: &str = "1.2.156.10260.4.1.1";
/// organizationCode of GM/T 0015: nine characters by the standard, a whole
/// unified social credit code at many authorities.
pub const GMT_0015_ORGANIZATION_CODE: &str = "1.2.156.10260.4.1.4";
/// The unified social credit code extension of GM/T 0015-2023, as one source gives it.
pub const GMT_0015_USCC: &str = "1.2.156.10260.4.4";

/// id-ecPublicKey (RFC 5480, 2.1.1).
pub const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
/// sm2p256v1 (GM/T 0006).
pub const SM2: &str = "1.2.156.10197.1.301";
/// The same, for encryption alone (GM/T 0006).
pub const SM2_ENCRYPTION: &str = "1.2.156.10197.1.301.3";
/// SM2 with SM3 (GM/T 0006).
pub const SM2_WITH_SM3: &str = "1.2.156.10197.1.501";
/// SM3 (GM/T 0006).
pub const SM3: &str = "1.2.156.10197.1.401";

pub(crate) const NAME_CONSTRAINTS: &str = "2.5.29.30";
pub(crate) const CERTIFICATE_ISSUER: &str = "2.5.29.29";

/// Reads the dotted form.
pub(crate) fn parse(dotted: &str) -> Result<ObjectIdentifier, TestdataError> {
    ObjectIdentifier::new(dotted).map_err(|_| TestdataError::ObjectIdentifier(dotted.to_owned()))
}

/// The dotted form's numbers, as the certificate generator wants them.
pub(crate) fn arcs(dotted: &str) -> Result<Vec<u64>, TestdataError> {
    Ok(parse(dotted)?.as_oid_ref().arcs().map(u64::from).collect())
}
