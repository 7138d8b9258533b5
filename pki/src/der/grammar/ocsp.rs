//! The structures of RFC 6960, appendix B, as data.

use super::{ALGORITHM, EXTENSIONS, Field, NAME, Shape};

/// OCSPResponse (4.2.1). What `response` holds depends on its type.
pub(crate) static OCSP_RESPONSE: Shape = Shape::Sequence(&[
    Field::new("responseStatus", &Shape::Enumerated),
    Field::new("responseBytes", &RESPONSE_BYTES).explicit(0).optional(),
]);

static RESPONSE_BYTES: Shape = Shape::Sequence(&[
    Field::new("responseType", &Shape::Oid),
    Field::new("response", &Shape::OctetString),
]);

/// BasicOCSPResponse (4.2.1). The certificates, which nothing signs, are read
/// one by one.
pub(crate) static BASIC_OCSP_RESPONSE: Shape = Shape::Sequence(&[
    Field::new("tbsResponseData", &RESPONSE_DATA),
    Field::new("signatureAlgorithm", &ALGORITHM),
    Field::new("signature", &Shape::BitString),
    Field::new("certs", &CERTIFICATES).explicit(0).optional(),
]);

static CERTIFICATES: Shape = Shape::SequenceOf(&Field::new("", &Shape::Deferred));

static RESPONSE_DATA: Shape = Shape::Sequence(&[
    Field::new("version", &Shape::Unsigned).explicit(0).default(&[0x02, 0x01, 0x00]),
    Field::new("responderID", &RESPONDER_ID),
    Field::new("producedAt", &Shape::GeneralizedTime),
    Field::new("responses", &Shape::SequenceOf(&Field::new("", &SINGLE_RESPONSE))),
    Field::new("responseExtensions", &EXTENSIONS).explicit(1).optional(),
]);

static RESPONDER_ID: Shape = Shape::Choice(&[
    Field::new("byName", &NAME).explicit(1),
    Field::new("byKey", &Shape::OctetString).explicit(2),
]);

static SINGLE_RESPONSE: Shape = Shape::Sequence(&[
    Field::new("certID", &CERT_ID),
    Field::new("certStatus", &CERT_STATUS),
    Field::new("thisUpdate", &Shape::GeneralizedTime),
    Field::new("nextUpdate", &Shape::GeneralizedTime).explicit(0).optional(),
    Field::new("singleExtensions", &EXTENSIONS).explicit(1).optional(),
]);

static CERT_ID: Shape = Shape::Sequence(&[
    Field::new("hashAlgorithm", &ALGORITHM),
    Field::new("issuerNameHash", &Shape::OctetString),
    Field::new("issuerKeyHash", &Shape::OctetString),
    Field::new("serialNumber", &Shape::Integer),
]);

static CERT_STATUS: Shape = Shape::Choice(&[
    Field::new("good", &Shape::Null).implicit(0),
    Field::new("revoked", &REVOKED_INFO).implicit(1),
    Field::new("unknown", &Shape::Null).implicit(2),
]);

static REVOKED_INFO: Shape = Shape::Sequence(&[
    Field::new("revocationTime", &Shape::GeneralizedTime),
    Field::new("revocationReason", &Shape::Enumerated).explicit(0).optional(),
]);
