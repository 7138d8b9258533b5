//! The structures inside CMS messages and timestamps that are walked in DER.

use super::{ALGORITHM, EXTENSIONS, Field, GENERAL_NAME, GENERAL_NAMES, NAME, POLICIES, Shape};

/// SET OF Attribute (RFC 5652 5.3).
pub(crate) static ATTRIBUTES: Shape = Shape::SetOf(&Field::new("", &ATTRIBUTE));

static ATTRIBUTE: Shape = Shape::Sequence(&[
    Field::new("attrType", &Shape::Oid),
    Field::new("attrValues", &Shape::SetOf(&Field::new("", &Shape::Any))),
]);

/// IssuerAndSerialNumber (RFC 5652 10.2.4).
pub(crate) static ISSUER_AND_SERIAL: Shape =
    Shape::Sequence(&[Field::new("issuer", &NAME), Field::new("serialNumber", &Shape::Integer)]);

/// SigningCertificate (RFC 5035 4), and its second version (3).
pub(crate) static SIGNING_CERTIFICATE: Shape = Shape::Sequence(&[
    Field::new("certs", &Shape::SomeOf(&Field::new("", &ESS_CERT_ID))),
    Field::new("policies", &POLICIES).optional(),
]);

/// SigningCertificateV2 (RFC 5035 3).
pub(crate) static SIGNING_CERTIFICATE_V2: Shape = Shape::Sequence(&[
    Field::new("certs", &Shape::SomeOf(&Field::new("", &ESS_CERT_ID_V2))),
    Field::new("policies", &POLICIES).optional(),
]);

static ESS_CERT_ID: Shape = Shape::Sequence(&[
    Field::new("certHash", &Shape::OctetString),
    Field::new("issuerSerial", &ISSUER_SERIAL).optional(),
]);

static ESS_CERT_ID_V2: Shape = Shape::Sequence(&[
    // DEFAULT sha256, which signers write out with and without NULL.
    Field::new("hashAlgorithm", &ALGORITHM).optional(),
    Field::new("certHash", &Shape::OctetString),
    Field::new("issuerSerial", &ISSUER_SERIAL).optional(),
]);

static ISSUER_SERIAL: Shape = Shape::Sequence(&[
    Field::new("issuer", &GENERAL_NAMES),
    Field::new("serialNumber", &Shape::Integer),
]);

/// TSTInfo (RFC 3161 2.4.2). The time, which may have a fraction, is read by its reader.
pub(crate) static TST_INFO: Shape = Shape::Sequence(&[
    Field::new("version", &Shape::Unsigned),
    Field::new("policy", &Shape::Oid),
    Field::new("messageImprint", &MESSAGE_IMPRINT),
    Field::new("serialNumber", &Shape::Integer),
    Field::new("genTime", &Shape::Any),
    Field::new("accuracy", &ACCURACY).optional(),
    Field::new("ordering", &Shape::Boolean).default(&[0x00]),
    Field::new("nonce", &Shape::Integer).optional(),
    Field::new("tsa", &GENERAL_NAME).explicit(0).optional(),
    Field::new("extensions", &EXTENSIONS).implicit(1).optional(),
]);

static MESSAGE_IMPRINT: Shape = Shape::Sequence(&[
    Field::new("hashAlgorithm", &ALGORITHM),
    Field::new("hashedMessage", &Shape::OctetString),
]);

static ACCURACY: Shape = Shape::Sequence(&[
    Field::new("seconds", &Shape::Unsigned).optional(),
    Field::new("millis", &Shape::Unsigned).implicit(0).optional(),
    Field::new("micros", &Shape::Unsigned).implicit(1).optional(),
]);
