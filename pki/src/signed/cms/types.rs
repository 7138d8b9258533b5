//! The frame of a message, as `rasn` decodes it. What is `Any` is kept as it was sent.

use rasn::prelude::*;

/// ContentInfo (RFC 5652 3).
#[derive(AsnType, Debug, Decode)]
pub(super) struct ContentInfo {
    pub(super) content_type: Any,
    #[rasn(tag(explicit(0)))]
    pub(super) content: Any,
}

/// SignedData (RFC 5652 5.1).
#[derive(AsnType, Debug, Decode)]
pub(super) struct SignedData {
    pub(super) version: Any,
    #[rasn(tag(universal, 17))]
    pub(super) digest_algorithms: SequenceOf<Any>,
    pub(super) encap_content_info: EncapsulatedContentInfo,
    #[rasn(tag(0))]
    pub(super) certificates: Option<SequenceOf<Any>>,
    #[rasn(tag(1))]
    pub(super) crls: Option<SequenceOf<Any>>,
    #[rasn(tag(universal, 17))]
    pub(super) signer_infos: SequenceOf<SignerInfo>,
}

/// EncapsulatedContentInfo (RFC 5652 5.2).
#[derive(AsnType, Debug, Decode)]
pub(super) struct EncapsulatedContentInfo {
    pub(super) content_type: Any,
    #[rasn(tag(explicit(0)))]
    pub(super) content: Option<OctetString>,
}

/// SignerInfo (RFC 5652 5.3).
#[derive(AsnType, Debug, Decode)]
pub(super) struct SignerInfo {
    pub(super) version: Any,
    pub(super) sid: Any,
    pub(super) digest_algorithm: Any,
    #[rasn(tag(0))]
    pub(super) signed_attrs: Option<SequenceOf<Any>>,
    pub(super) signature_algorithm: Any,
    pub(super) signature: OctetString,
    #[rasn(tag(1))]
    pub(super) unsigned_attrs: Option<SequenceOf<Any>>,
}

/// Attribute (RFC 5652 5.3).
#[derive(AsnType, Debug, Decode)]
pub(super) struct Attribute {
    pub(super) attr_type: Any,
    #[rasn(tag(universal, 17))]
    pub(super) attr_values: SequenceOf<Any>,
}

/// OtherRevocationInfoFormat (RFC 5652 10.2.1).
#[derive(AsnType, Debug, Decode)]
pub(super) struct OtherRevocationInfo {
    pub(super) format: Any,
    pub(super) info: Any,
}

/// TimeStampResp (RFC 3161 2.4.2).
#[derive(AsnType, Debug, Decode)]
pub(super) struct TimeStampResp {
    pub(super) status: PkiStatusInfo,
    pub(super) token: Option<Any>,
}

/// PKIStatusInfo (RFC 3161 2.4.2).
#[derive(AsnType, Debug, Decode)]
pub(super) struct PkiStatusInfo {
    pub(super) status: Any,
    #[rasn(tag(universal, 16))]
    pub(super) status_string: Option<SequenceOf<Utf8String>>,
    pub(super) fail_info: Option<BitString>,
}
