//! The structures of RFC 5280, appendix A, as data.

mod cms;
mod ocsp;

use crate::oid::Oid;

use super::schema::{Field, Presence, Shape, Tagging};

pub(crate) use cms::{
    ATTRIBUTES, ISSUER_AND_SERIAL, SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2, TST_INFO,
};
pub(crate) use ocsp::{BASIC_OCSP_RESPONSE, OCSP_RESPONSE};

/// Certificate (4.1).
pub(crate) static CERTIFICATE: Shape = Shape::Sequence(&[
    Field::new("tbsCertificate", &TBS_CERTIFICATE),
    Field::new("signatureAlgorithm", &ALGORITHM),
    Field::new("signatureValue", &Shape::BitString),
]);

static TBS_CERTIFICATE: Shape = Shape::Sequence(&[
    Field::new("version", &Shape::Integer).explicit(0).default(&[0x02, 0x01, 0x00]),
    Field::new("serialNumber", &Shape::Integer),
    Field::new("signature", &ALGORITHM),
    Field::new("issuer", &NAME),
    Field::new("validity", &VALIDITY),
    Field::new("subject", &NAME),
    Field::new("subjectPublicKeyInfo", &SUBJECT_PUBLIC_KEY_INFO),
    Field::new("issuerUniqueID", &Shape::BitString).implicit(1).optional(),
    Field::new("subjectUniqueID", &Shape::BitString).implicit(2).optional(),
    Field::new("extensions", &EXTENSIONS).explicit(3).optional(),
]);

/// CertificateList (5.1). The entries, of which there may be millions, are
/// walked by the reader that indexes them.
pub(crate) static CERTIFICATE_LIST: Shape = Shape::Sequence(&[
    Field::new("tbsCertList", &TBS_CERT_LIST),
    Field::new("signatureAlgorithm", &ALGORITHM),
    Field::new("signatureValue", &Shape::BitString),
]);

static TBS_CERT_LIST: Shape = Shape::Sequence(&[
    Field::new("version", &Shape::Unsigned).optional(),
    Field::new("signature", &ALGORITHM),
    Field::new("issuer", &NAME),
    Field::new("thisUpdate", &Shape::Time),
    Field::new("nextUpdate", &Shape::Time).optional(),
    Field::new("revokedCertificates", &Shape::Deferred).optional(),
    Field::new("crlExtensions", &EXTENSIONS).explicit(0).optional(),
]);

static VALIDITY: Shape =
    Shape::Sequence(&[Field::new("notBefore", &Shape::Time), Field::new("notAfter", &Shape::Time)]);

/// AlgorithmIdentifier (4.1.1.2).
pub(crate) static ALGORITHM: Shape = Shape::Sequence(&[
    Field::new("algorithm", &Shape::Oid),
    Field::new("parameters", &Shape::Any).optional(),
]);

/// SubjectPublicKeyInfo (4.1.2.7).
pub(crate) static SUBJECT_PUBLIC_KEY_INFO: Shape = Shape::Sequence(&[
    Field::new("algorithm", &ALGORITHM),
    Field::new("subjectPublicKey", &Shape::BitString),
]);

/// RSASSA-PSS-params (RFC 4055 3.1).
pub(crate) static PSS_PARAMETERS: Shape = Shape::Sequence(&[
    Field::new("hashAlgorithm", &ALGORITHM).explicit(0).optional(),
    Field::new("maskGenAlgorithm", &ALGORITHM).explicit(1).optional(),
    Field::new("saltLength", &Shape::Unsigned).explicit(2).optional(),
    Field::new("trailerField", &Shape::Unsigned).explicit(3).optional(),
]);

/// RSAPublicKey (RFC 8017 A.1.1).
pub(crate) static RSA_PUBLIC_KEY: Shape = Shape::Sequence(&[
    Field::new("modulus", &Shape::Integer),
    Field::new("publicExponent", &Shape::Integer),
]);

/// SM2Signature (GM/T 0009 7.3).
pub(crate) static SM2_SIGNATURE: Shape =
    Shape::Sequence(&[Field::new("r", &Shape::Integer), Field::new("s", &Shape::Integer)]);

/// Name (4.1.2.4).
pub(crate) static NAME: Shape = Shape::SequenceOf(&Field::new("", &RELATIVE_NAME));

static RELATIVE_NAME: Shape = Shape::SetOf(&Field::new("", &ATTRIBUTE));

static ATTRIBUTE: Shape =
    Shape::Sequence(&[Field::new("type", &Shape::Oid), Field::new("value", &Shape::Any)]);

/// Extensions (4.1.2.9); the values are walked by [`extension`].
pub(crate) static EXTENSIONS: Shape = Shape::SomeOf(&Field::new("", &EXTENSION));

static EXTENSION: Shape = Shape::Sequence(&[
    Field::new("extnID", &Shape::Oid),
    Field::new("critical", &Shape::Boolean).default(&[0x00]),
    Field::new("extnValue", &Shape::OctetString),
]);

static GENERAL_NAME: Shape = Shape::Choice(&[
    Field::new("otherName", &OTHER_NAME).implicit(0),
    Field::new("rfc822Name", &Shape::Ia5String).implicit(1),
    Field::new("dNSName", &Shape::Ia5String).implicit(2),
    Field::new("x400Address", &ANYTHING).implicit(3),
    Field::new("directoryName", &NAME).explicit(4),
    Field::new("ediPartyName", &EDI_PARTY_NAME).implicit(5),
    Field::new("uniformResourceIdentifier", &Shape::Ia5String).implicit(6),
    Field::new("iPAddress", &Shape::OctetString).implicit(7),
    Field::new("registeredID", &Shape::Oid).implicit(8),
]);

static GENERAL_NAMES: Shape = Shape::SomeOf(&Field::new("", &GENERAL_NAME));

/// GeneralNames, of which certificates of real authorities have none: that is a breach
/// of the profile (4.2.1.6), and says nothing else than no extension does.
static ALTERNATIVE_NAMES: Shape = Shape::SequenceOf(&Field::new("", &GENERAL_NAME));

static OTHER_NAME: Shape = Shape::Sequence(&[
    Field::new("type-id", &Shape::Oid),
    Field::new("value", &Shape::Any).explicit(0),
]);

static EDI_PARTY_NAME: Shape = Shape::Sequence(&[
    Field::new("nameAssigner", &Shape::Any).explicit(0).optional(),
    Field::new("partyName", &Shape::Any).explicit(1),
]);

static ANYTHING: Shape = Shape::SequenceOf(&Field::new("", &Shape::Any));

/// A standard extension: its name in fault paths and its shape.
pub(crate) struct Known {
    pub(crate) oid: Oid,
    pub(crate) name: &'static str,
    pub(crate) shape: &'static Shape,
}

/// The shape of an extension's value, for the extensions of RFC 5280. All
/// others are octets: authorities put raw text into private ones.
pub(crate) fn extension(oid: &Oid) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.oid == *oid)
}

static KNOWN: [Known; 26] = [
    Known::new(Oid::KEY_USAGE, "keyUsage", &Shape::NamedBits),
    Known::new(Oid::BASIC_CONSTRAINTS, "basicConstraints", &BASIC_CONSTRAINTS),
    Known::new(Oid::SUBJECT_KEY_IDENTIFIER, "subjectKeyIdentifier", &Shape::OctetString),
    Known::new(Oid::AUTHORITY_KEY_IDENTIFIER, "authorityKeyIdentifier", &AUTHORITY_KEY_IDENTIFIER),
    Known::new(Oid::EXTENDED_KEY_USAGE, "extKeyUsage", &EXTENDED_KEY_USAGE),
    Known::new(Oid::SUBJECT_ALT_NAME, "subjectAltName", &ALTERNATIVE_NAMES),
    Known::new(Oid::ISSUER_ALT_NAME, "issuerAltName", &ALTERNATIVE_NAMES),
    Known::new(Oid::NAME_CONSTRAINTS, "nameConstraints", &NAME_CONSTRAINTS),
    Known::new(Oid::CERTIFICATE_POLICIES, "certificatePolicies", &POLICIES),
    Known::new(Oid::POLICY_MAPPINGS, "policyMappings", &POLICY_MAPPINGS),
    Known::new(Oid::POLICY_CONSTRAINTS, "policyConstraints", &POLICY_CONSTRAINTS),
    Known::new(Oid::INHIBIT_ANY_POLICY, "inhibitAnyPolicy", &Shape::Unsigned),
    Known::new(Oid::CRL_DISTRIBUTION_POINTS, "cRLDistributionPoints", &DISTRIBUTION_POINTS),
    Known::new(Oid::FRESHEST_CRL, "freshestCRL", &DISTRIBUTION_POINTS),
    Known::new(Oid::AUTHORITY_INFO_ACCESS, "authorityInfoAccess", &ACCESS_DESCRIPTIONS),
    Known::new(Oid::SUBJECT_INFO_ACCESS, "subjectInfoAccess", &ACCESS_DESCRIPTIONS),
    Known::new(
        Oid::SUBJECT_DIRECTORY_ATTRIBUTES,
        "subjectDirectoryAttributes",
        &DIRECTORY_ATTRIBUTES,
    ),
    Known::new(Oid::CRL_NUMBER, "cRLNumber", &Shape::Integer),
    Known::new(Oid::DELTA_CRL_INDICATOR, "deltaCRLIndicator", &Shape::Integer),
    Known::new(
        Oid::ISSUING_DISTRIBUTION_POINT,
        "issuingDistributionPoint",
        &ISSUING_DISTRIBUTION_POINT,
    ),
    Known::new(Oid::CRL_REASON, "reasonCode", &Shape::Enumerated),
    Known::new(Oid::INVALIDITY_DATE, "invalidityDate", &Shape::GeneralizedTime),
    Known::new(Oid::CERTIFICATE_ISSUER, "certificateIssuer", &GENERAL_NAMES),
    Known::new(Oid::EXPIRED_CERTS_ON_CRL, "expiredCertsOnCRL", &Shape::GeneralizedTime),
    Known::new(Oid::HOLD_INSTRUCTION, "holdInstructionCode", &Shape::Oid),
    Known::new(Oid::OCSP_ARCHIVE_CUTOFF, "archiveCutoff", &Shape::GeneralizedTime),
];

static BASIC_CONSTRAINTS: Shape = Shape::Sequence(&[
    Field::new("cA", &Shape::Boolean).default(&[0x00]),
    Field::new("pathLenConstraint", &Shape::Unsigned).optional(),
]);

static AUTHORITY_KEY_IDENTIFIER: Shape = Shape::Sequence(&[
    Field::new("keyIdentifier", &Shape::OctetString).implicit(0).optional(),
    Field::new("authorityCertIssuer", &GENERAL_NAMES).implicit(1).optional(),
    Field::new("authorityCertSerialNumber", &Shape::Integer).implicit(2).optional(),
]);

static EXTENDED_KEY_USAGE: Shape = Shape::SomeOf(&Field::new("keyPurposeId", &Shape::Oid));

static NAME_CONSTRAINTS: Shape = Shape::Sequence(&[
    Field::new("permittedSubtrees", &SUBTREES).implicit(0).optional(),
    Field::new("excludedSubtrees", &SUBTREES).implicit(1).optional(),
]);

static SUBTREES: Shape = Shape::SomeOf(&Field::new("", &SUBTREE));

static SUBTREE: Shape = Shape::Sequence(&[
    Field::new("base", &GENERAL_NAME),
    Field::new("minimum", &Shape::Unsigned).implicit(0).default(&[0x00]),
    Field::new("maximum", &Shape::Unsigned).implicit(1).optional(),
]);

static POLICIES: Shape = Shape::SomeOf(&Field::new("", &POLICY_INFORMATION));

static POLICY_INFORMATION: Shape = Shape::Sequence(&[
    Field::new("policyIdentifier", &Shape::Oid),
    Field::new("policyQualifiers", &POLICY_QUALIFIERS).optional(),
]);

static POLICY_QUALIFIERS: Shape = Shape::SomeOf(&Field::new("", &POLICY_QUALIFIER));

static POLICY_QUALIFIER: Shape = Shape::Sequence(&[
    Field::new("policyQualifierId", &Shape::Oid),
    // RFC 5280 has it always; it is ANY, and some authorities leave it out.
    Field::new("qualifier", &Shape::Any).optional(),
]);

static POLICY_MAPPINGS: Shape = Shape::SomeOf(&Field::new("", &POLICY_MAPPING));

static POLICY_MAPPING: Shape = Shape::Sequence(&[
    Field::new("issuerDomainPolicy", &Shape::Oid),
    Field::new("subjectDomainPolicy", &Shape::Oid),
]);

static POLICY_CONSTRAINTS: Shape = Shape::Sequence(&[
    Field::new("requireExplicitPolicy", &Shape::Unsigned).implicit(0).optional(),
    Field::new("inhibitPolicyMapping", &Shape::Unsigned).implicit(1).optional(),
]);

static DISTRIBUTION_POINTS: Shape = Shape::SomeOf(&Field::new("", &DISTRIBUTION_POINT));

static DISTRIBUTION_POINT: Shape = Shape::Sequence(&[
    Field::new("distributionPoint", &DISTRIBUTION_POINT_NAME).explicit(0).optional(),
    Field::new("reasons", &Shape::NamedBits).implicit(1).optional(),
    Field::new("cRLIssuer", &GENERAL_NAMES).implicit(2).optional(),
]);

static DISTRIBUTION_POINT_NAME: Shape = Shape::Choice(&[
    Field::new("fullName", &GENERAL_NAMES).implicit(0),
    Field::new("nameRelativeToCRLIssuer", &RELATIVE_NAME).implicit(1),
]);

static ACCESS_DESCRIPTIONS: Shape = Shape::SomeOf(&Field::new("", &ACCESS_DESCRIPTION));

static ACCESS_DESCRIPTION: Shape = Shape::Sequence(&[
    Field::new("accessMethod", &Shape::Oid),
    Field::new("accessLocation", &GENERAL_NAME),
]);

static DIRECTORY_ATTRIBUTES: Shape = Shape::SomeOf(&Field::new("", &DIRECTORY_ATTRIBUTE));

static DIRECTORY_ATTRIBUTE: Shape = Shape::Sequence(&[
    Field::new("type", &Shape::Oid),
    Field::new("values", &Shape::SetOf(&Field::new("", &Shape::Any))),
]);

static ISSUING_DISTRIBUTION_POINT: Shape = Shape::Sequence(&[
    Field::new("distributionPoint", &DISTRIBUTION_POINT_NAME).explicit(0).optional(),
    Field::new("onlyContainsUserCerts", &Shape::Boolean).implicit(1).default(&[0x00]),
    Field::new("onlyContainsCACerts", &Shape::Boolean).implicit(2).default(&[0x00]),
    Field::new("onlySomeReasons", &Shape::NamedBits).implicit(3).optional(),
    Field::new("indirectCRL", &Shape::Boolean).implicit(4).default(&[0x00]),
    Field::new("onlyContainsAttributeCerts", &Shape::Boolean).implicit(5).default(&[0x00]),
]);

impl Known {
    const fn new(oid: Oid, name: &'static str, shape: &'static Shape) -> Self {
        Self { oid, name, shape }
    }
}

impl Field {
    const fn new(name: &'static str, shape: &'static Shape) -> Self {
        Self { name, tagging: Tagging::Own, presence: Presence::Required, shape }
    }

    const fn implicit(&self, number: u8) -> Self {
        Self { tagging: Tagging::Implicit(number), ..*self }
    }

    const fn explicit(&self, number: u8) -> Self {
        Self { tagging: Tagging::Explicit(number), ..*self }
    }

    const fn optional(&self) -> Self {
        Self { presence: Presence::Optional, ..*self }
    }

    const fn default(&self, content: &'static [u8]) -> Self {
        Self { presence: Presence::Default(content), ..*self }
    }
}
