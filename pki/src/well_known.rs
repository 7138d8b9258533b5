//! The object identifiers this crate knows by name.

use crate::oid::Oid;

macro_rules! well_known {
    ($($(#[$doc:meta])* $visibility:vis $name:ident = [$($arc:literal),+];)+) => {
        impl Oid {
            $($(#[$doc])* $visibility const $name: Self = Self::from_arcs(&[$($arc),+]);)+
        }
    };
}

// Attribute types in names.
well_known! {
    /// commonName, CN (X.520).
    pub COMMON_NAME = [2, 5, 4, 3];
    /// surname, SN (X.520).
    pub SURNAME = [2, 5, 4, 4];
    /// serialNumber (X.520): a device or document number, not the certificate's.
    pub SERIAL_NUMBER = [2, 5, 4, 5];
    /// countryName, C (X.520).
    pub COUNTRY = [2, 5, 4, 6];
    /// localityName, L (X.520).
    pub LOCALITY = [2, 5, 4, 7];
    /// stateOrProvinceName, ST (X.520).
    pub STATE_OR_PROVINCE = [2, 5, 4, 8];
    /// streetAddress, STREET (X.520).
    pub STREET = [2, 5, 4, 9];
    /// organizationName, O (X.520).
    pub ORGANIZATION = [2, 5, 4, 10];
    /// organizationalUnitName, OU (X.520).
    pub ORGANIZATIONAL_UNIT = [2, 5, 4, 11];
    /// title (X.520).
    pub TITLE = [2, 5, 4, 12];
    /// givenName, GN (X.520).
    pub GIVEN_NAME = [2, 5, 4, 42];
    /// organizationIdentifier (X.520).
    pub ORGANIZATION_IDENTIFIER = [2, 5, 4, 97];
    /// domainComponent, DC (RFC 4519).
    pub DOMAIN_COMPONENT = [0, 9, 2342, 19_200_300, 100, 1, 25];
    /// userId, UID (RFC 4519).
    pub USER_ID = [0, 9, 2342, 19_200_300, 100, 1, 1];
    /// emailAddress (PKCS #9).
    pub EMAIL_ADDRESS = [1, 2, 840, 113_549, 1, 9, 1];
}

// Extensions of certificates, lists and their entries.
well_known! {
    /// subjectDirectoryAttributes (RFC 5280 4.2.1.8).
    pub SUBJECT_DIRECTORY_ATTRIBUTES = [2, 5, 29, 9];
    /// subjectKeyIdentifier (RFC 5280 4.2.1.2).
    pub SUBJECT_KEY_IDENTIFIER = [2, 5, 29, 14];
    /// keyUsage (RFC 5280 4.2.1.3).
    pub KEY_USAGE = [2, 5, 29, 15];
    /// subjectAltName (RFC 5280 4.2.1.6).
    pub SUBJECT_ALT_NAME = [2, 5, 29, 17];
    /// issuerAltName (RFC 5280 4.2.1.7).
    pub ISSUER_ALT_NAME = [2, 5, 29, 18];
    /// basicConstraints (RFC 5280 4.2.1.9).
    pub BASIC_CONSTRAINTS = [2, 5, 29, 19];
    /// cRLNumber (RFC 5280 5.2.3).
    pub CRL_NUMBER = [2, 5, 29, 20];
    /// reasonCode of an entry (RFC 5280 5.3.1).
    pub CRL_REASON = [2, 5, 29, 21];
    /// holdInstructionCode of an entry (RFC 3280 5.3.2, since withdrawn).
    pub HOLD_INSTRUCTION = [2, 5, 29, 23];
    /// invalidityDate of an entry (RFC 5280 5.3.2).
    pub INVALIDITY_DATE = [2, 5, 29, 24];
    /// deltaCRLIndicator (RFC 5280 5.2.4).
    pub DELTA_CRL_INDICATOR = [2, 5, 29, 27];
    /// issuingDistributionPoint (RFC 5280 5.2.5).
    pub ISSUING_DISTRIBUTION_POINT = [2, 5, 29, 28];
    /// certificateIssuer of an entry (RFC 5280 5.3.3).
    pub CERTIFICATE_ISSUER = [2, 5, 29, 29];
    /// nameConstraints (RFC 5280 4.2.1.10).
    pub NAME_CONSTRAINTS = [2, 5, 29, 30];
    /// cRLDistributionPoints (RFC 5280 4.2.1.13).
    pub CRL_DISTRIBUTION_POINTS = [2, 5, 29, 31];
    /// certificatePolicies (RFC 5280 4.2.1.4).
    pub CERTIFICATE_POLICIES = [2, 5, 29, 32];
    /// The special policy anyPolicy (RFC 5280 4.2.1.4).
    pub ANY_POLICY = [2, 5, 29, 32, 0];
    /// policyMappings (RFC 5280 4.2.1.5).
    pub POLICY_MAPPINGS = [2, 5, 29, 33];
    /// authorityKeyIdentifier (RFC 5280 4.2.1.1).
    pub AUTHORITY_KEY_IDENTIFIER = [2, 5, 29, 35];
    /// policyConstraints (RFC 5280 4.2.1.11).
    pub POLICY_CONSTRAINTS = [2, 5, 29, 36];
    /// extKeyUsage (RFC 5280 4.2.1.12).
    pub EXTENDED_KEY_USAGE = [2, 5, 29, 37];
    /// freshestCRL (RFC 5280 4.2.1.15).
    pub FRESHEST_CRL = [2, 5, 29, 46];
    /// inhibitAnyPolicy (RFC 5280 4.2.1.14).
    pub INHIBIT_ANY_POLICY = [2, 5, 29, 54];
    /// authorityInfoAccess (RFC 5280 4.2.2.1).
    pub AUTHORITY_INFO_ACCESS = [1, 3, 6, 1, 5, 5, 7, 1, 1];
    /// subjectInfoAccess (RFC 5280 4.2.2.2).
    pub SUBJECT_INFO_ACCESS = [1, 3, 6, 1, 5, 5, 7, 1, 11];
    /// id-pkix-ocsp-nocheck (RFC 6960 4.2.2.2.1).
    pub OCSP_NO_CHECK = [1, 3, 6, 1, 5, 5, 7, 48, 1, 5];
    /// id-pkix-ocsp-nonce (RFC 6960 4.4.1).
    pub OCSP_NONCE = [1, 3, 6, 1, 5, 5, 7, 48, 1, 2];
    /// id-pkix-ocsp-crl (RFC 6960 4.4.2).
    pub OCSP_CRL_REFERENCE = [1, 3, 6, 1, 5, 5, 7, 48, 1, 3];
    /// id-pkix-ocsp-archive-cutoff (RFC 6960 4.4.4).
    pub OCSP_ARCHIVE_CUTOFF = [1, 3, 6, 1, 5, 5, 7, 48, 1, 6];
    /// id-pkix-ocsp-extended-revoke (RFC 6960 4.4.8).
    pub OCSP_EXTENDED_REVOKE = [1, 3, 6, 1, 5, 5, 7, 48, 1, 9];
    /// id-pkix-ocsp-basic, the type of a response (RFC 6960 4.2.1).
    pub OCSP_BASIC = [1, 3, 6, 1, 5, 5, 7, 48, 1, 1];
    /// expiredCertsOnCRL (X.509 9.5.2.8).
    pub EXPIRED_CERTS_ON_CRL = [2, 5, 29, 60];
}

// Extended key usages and access methods.
well_known! {
    /// anyExtendedKeyUsage.
    pub ANY_EXTENDED_KEY_USAGE = [2, 5, 29, 37, 0];
    /// TLS server authentication.
    pub SERVER_AUTH = [1, 3, 6, 1, 5, 5, 7, 3, 1];
    /// TLS client authentication.
    pub CLIENT_AUTH = [1, 3, 6, 1, 5, 5, 7, 3, 2];
    /// Code signing.
    pub CODE_SIGNING = [1, 3, 6, 1, 5, 5, 7, 3, 3];
    /// E-mail protection.
    pub EMAIL_PROTECTION = [1, 3, 6, 1, 5, 5, 7, 3, 4];
    /// Time-stamping.
    pub TIME_STAMPING = [1, 3, 6, 1, 5, 5, 7, 3, 8];
    /// Signing documents (RFC 9336).
    pub DOCUMENT_SIGNING = [1, 3, 6, 1, 5, 5, 7, 3, 36];
    /// Signing documents, as Microsoft had it before.
    pub MICROSOFT_DOCUMENT_SIGNING = [1, 3, 6, 1, 4, 1, 311, 10, 3, 12];
    /// Signing documents, as Adobe had it before.
    pub ADOBE_DOCUMENT_SIGNING = [1, 2, 840, 113_583, 1, 1, 5];
    /// Signing OCSP responses.
    pub OCSP_SIGNING = [1, 3, 6, 1, 5, 5, 7, 3, 9];
    /// Access method: OCSP (RFC 5280 4.2.2.1).
    pub ACCESS_OCSP = [1, 3, 6, 1, 5, 5, 7, 48, 1];
    /// Access method: certificates of the issuer (RFC 5280 4.2.2.1).
    pub ACCESS_CA_ISSUERS = [1, 3, 6, 1, 5, 5, 7, 48, 2];
}

// Keys, curves, digests and signatures.
well_known! {
    pub(crate) RSA_ENCRYPTION = [1, 2, 840, 113_549, 1, 1, 1];
    pub(crate) RSASSA_PSS = [1, 2, 840, 113_549, 1, 1, 10];
    pub(crate) MGF1 = [1, 2, 840, 113_549, 1, 1, 8];
    pub(crate) SHA1_WITH_RSA = [1, 2, 840, 113_549, 1, 1, 5];
    /// sha1WithRSASignature of the OIW, which old Windows tools wrote.
    pub(crate) SHA1_WITH_RSA_OIW = [1, 3, 14, 3, 2, 29];
    pub(crate) SHA256_WITH_RSA = [1, 2, 840, 113_549, 1, 1, 11];
    pub(crate) SHA384_WITH_RSA = [1, 2, 840, 113_549, 1, 1, 12];
    pub(crate) SHA512_WITH_RSA = [1, 2, 840, 113_549, 1, 1, 13];
    pub(crate) EC_PUBLIC_KEY = [1, 2, 840, 10_045, 2, 1];
    pub(crate) CURVE_P256 = [1, 2, 840, 10_045, 3, 1, 7];
    pub(crate) CURVE_P384 = [1, 3, 132, 0, 34];
    pub(crate) ECDSA_SHA1 = [1, 2, 840, 10_045, 4, 1];
    pub(crate) ECDSA_SHA256 = [1, 2, 840, 10_045, 4, 3, 2];
    pub(crate) ECDSA_SHA384 = [1, 2, 840, 10_045, 4, 3, 3];
    pub(crate) ED25519 = [1, 3, 101, 112];
    pub(crate) SHA1 = [1, 3, 14, 3, 2, 26];
    pub(crate) SHA256 = [2, 16, 840, 1, 101, 3, 4, 2, 1];
    pub(crate) SHA384 = [2, 16, 840, 1, 101, 3, 4, 2, 2];
    pub(crate) SHA512 = [2, 16, 840, 1, 101, 3, 4, 2, 3];
    /// sm2p256v1 (GM/T 0006): a curve, and a key's algorithm by itself in GM/T 0015-2023.
    pub(crate) SM2 = [1, 2, 156, 10_197, 1, 301];
    /// The same, for signatures alone (GM/T 0006).
    pub(crate) SM2_SIGNATURE = [1, 2, 156, 10_197, 1, 301, 1];
    /// The same, for encryption alone (GM/T 0006).
    pub(crate) SM2_ENCRYPTION = [1, 2, 156, 10_197, 1, 301, 3];
    pub(crate) SM2_WITH_SM3 = [1, 2, 156, 10_197, 1, 501];
    pub(crate) SM3 = [1, 2, 156, 10_197, 1, 401];
}

// CMS, CAdES and timestamps.
well_known! {
    /// id-data (RFC 5652 4).
    pub(crate) CT_DATA = [1, 2, 840, 113_549, 1, 7, 1];
    /// id-signedData (RFC 5652 5.1).
    pub(crate) CT_SIGNED_DATA = [1, 2, 840, 113_549, 1, 7, 2];
    /// id-ct-TSTInfo (RFC 3161 2.4.2).
    pub(crate) CT_TST_INFO = [1, 2, 840, 113_549, 1, 9, 16, 1, 4];
    /// data (GM/T 0010).
    pub(crate) SM2_DATA = [1, 2, 156, 10_197, 6, 1, 4, 2, 1];
    /// signedData (GM/T 0010).
    pub(crate) SM2_SIGNED_DATA = [1, 2, 156, 10_197, 6, 1, 4, 2, 2];
    /// contentType (RFC 5652 11.1).
    pub CMS_CONTENT_TYPE = [1, 2, 840, 113_549, 1, 9, 3];
    /// messageDigest (RFC 5652 11.2).
    pub CMS_MESSAGE_DIGEST = [1, 2, 840, 113_549, 1, 9, 4];
    /// signingTime (RFC 5652 11.3).
    pub CMS_SIGNING_TIME = [1, 2, 840, 113_549, 1, 9, 5];
    /// countersignature (RFC 5652 11.4).
    pub CMS_COUNTER_SIGNATURE = [1, 2, 840, 113_549, 1, 9, 6];
    /// signingCertificate (RFC 5035 4).
    pub CMS_SIGNING_CERTIFICATE = [1, 2, 840, 113_549, 1, 9, 16, 2, 12];
    /// signingCertificateV2 (RFC 5035 3).
    pub CMS_SIGNING_CERTIFICATE_V2 = [1, 2, 840, 113_549, 1, 9, 16, 2, 47];
    /// timeStampToken of a signature (RFC 3161 appendix A).
    pub CMS_TIMESTAMP_TOKEN = [1, 2, 840, 113_549, 1, 9, 16, 2, 14];
    /// id-ri-ocsp-response (RFC 5940).
    pub(crate) RI_OCSP_RESPONSE = [1, 3, 6, 1, 5, 5, 7, 16, 2];
    /// SM3 without a key (GM/T 0006).
    pub(crate) SM3_PLAIN = [1, 2, 156, 10_197, 1, 401, 1];
    /// SM3 with a key (GM/T 0006); seen where the plain function is meant.
    pub(crate) SM3_KEYED = [1, 2, 156, 10_197, 1, 401, 2];
}
