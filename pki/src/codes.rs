//! The codes that this crate's findings carry.

pub use crate::path::codes::*;
pub use crate::revocation::codes::*;

crate::define_codes! { codes: pub, list: pub(crate) FOUNDATION;
    SIGNATURE_VALID = "signature.valid", "RFC 5280 6.1.3 (a)(1)",
        "签名已用签发者的密钥验证通过。",
        "The signature verifies with the issuer's key.",
        Nobody, NOTHING,
        "证书的签名核验通过。",
        "The certificate's signature is genuine.";
    SIGNATURE_INVALID = "signature.invalid", "RFC 5280 6.1.3 (a)(1)",
        "签名无法用签发者的密钥验证通过：内容被篡改，或不是该签发者签名的。",
        "The signature does not verify with the issuer's key: the content was altered, or this issuer did not sign it.",
        Authority, ASK_AUTHORITY,
        "证书的签名核验不通过：内容被改动过，或者并非该机构签发。",
        "The certificate's signature does not check out: it was altered, or the authority it names did not issue it.";
    SIGNATURE_UNSUPPORTED = "signature.unsupported_algorithm", "RFC 5280 4.1.1.2",
        "不支持该签名算法。",
        "The signature algorithm is not supported.",
        Operator, OTHER_CERTIFICATE,
        "证书使用了互认网关尚不支持的签名算法。",
        "The certificate is signed in a way that the gateway does not support yet.";
    SIGNATURE_WEAK = "signature.weak_algorithm", "RFC 6194; NIST SP 800-131A",
        "签名算法已不安全，不被接受。",
        "The signature algorithm is no longer secure and not accepted.",
        Authority, NEW_CERTIFICATE,
        "证书使用的签名算法已不再安全。",
        "The certificate is signed in a way that is no longer secure.";
    SIGNATURE_PARAMETERS = "signature.parameters", "RFC 3279 2.2; RFC 4055 3.1; RFC 5758 3.2",
        "签名算法的参数不符合规定。",
        "The parameters of the signature algorithm are not as prescribed.",
        Authority, ASK_AUTHORITY,
        "证书的签名方式写得不规范，无法核验。",
        "The certificate says in an irregular way how it is signed, and cannot be checked.";
    SIGNATURE_KEY_MISMATCH = "signature.key_mismatch", "RFC 5280 4.1.1.2",
        "签名算法与签发者密钥的类型不匹配。",
        "The signature algorithm does not go with the issuer's kind of key.",
        Authority, ASK_AUTHORITY,
        "证书写明的签名方式与签发机构的密钥不相符。",
        "The certificate names a way of signing that does not fit the authority's key.";
    SIGNATURE_ENCODING = "signature.encoding", "RFC 5280 4.1.1.3",
        "签名值不是完整的字节。",
        "The signature value is not a whole number of octets.",
        Authority, ASK_AUTHORITY,
        "证书中的签名数据已损坏。",
        "The signature in the certificate is damaged.";
    SIGNATURE_RELEASED = "signature.released", "VerifiedCrl::verify",
        "被签名的内容已不再保留，无法再次验证签名。",
        "What was signed is no longer kept, so that its signature cannot be verified again.",
        Operator, TELL_OPERATOR,
        "互认网关已不再保存被签名的原文，无法再次核验其签名。",
        "The gateway no longer keeps what was signed, so that the signature cannot be checked again.";
    KEY_UNSUPPORTED = "key.unsupported", "RFC 5280 4.1.2.7",
        "不支持该公钥算法。",
        "The kind of public key is not supported.",
        Operator, OTHER_CERTIFICATE,
        "证书的密钥属于互认网关尚不支持的类型。",
        "The certificate's key is of a kind that the gateway does not support yet.";
    KEY_MALFORMED = "key.malformed", "RFC 5280 4.1.2.7",
        "公钥编码有误。",
        "The public key is malformed.",
        Authority, NEW_CERTIFICATE,
        "证书中的密钥数据已损坏。",
        "The key in the certificate is damaged.";
    KEY_SIZE = "key.size", "NIST SP 800-131A",
        "RSA 密钥长度不在 2048 至 8192 位之间。",
        "The RSA key does not have 2048 to 8192 bits.",
        Authority, NEW_CERTIFICATE,
        "证书密钥的长度不符合安全要求。",
        "The certificate's key is too short or too long to be accepted.";
    PROFILE_SERIAL = "profile.serial_number", "RFC 5280 4.1.2.2",
        "证书序列号不是 1 至 20 个字节的正整数。",
        "The serial number is not a positive integer of at most 20 octets.",
        Authority, ASK_AUTHORITY,
        "证书的序列号写得不规范。",
        "The certificate's serial number is irregular.";
    PROFILE_VERSION = "profile.version", "RFC 5280 4.1.2.1, 4.1.2.8",
        "证书版本与其内容不符，或含有唯一标识符。",
        "The version does not fit what the certificate contains, or it has unique identifiers.",
        Authority, ASK_AUTHORITY,
        "证书写明的版本与内容不相符。",
        "The version that the certificate states does not fit its content.";
    PROFILE_ISSUER = "profile.issuer", "RFC 5280 4.1.2.4",
        "签发者名称为空。",
        "The issuer's name is empty.",
        Authority, ASK_AUTHORITY,
        "证书没有写明签发机构。",
        "The certificate does not say who issued it.";
    PROFILE_SUBJECT = "profile.subject", "RFC 5280 4.1.2.6",
        "主体名称为空，且没有关键的主体备用名称扩展，或为 CA 证书。",
        "The subject is empty without a critical subjectAltName to replace it, or in an authority's certificate.",
        Authority, ASK_AUTHORITY,
        "证书没有写明持有者。",
        "The certificate does not say to whom it was issued.";
    PROFILE_TIME = "profile.time", "RFC 5280 4.1.2.5",
        "2049 年及以前的时间没有使用 UTCTime。",
        "A time through 2049 is not UTCTime.",
        Authority, ASK_AUTHORITY,
        "证书的有效期写得不规范。",
        "The certificate's dates are written irregularly.";
    PROFILE_TEXT = "profile.text", "RFC 5280 4.1.2.4; X.680 41",
        "名称中的文本为空，或含有其字符串类型不允许的字符。",
        "A text in a name is empty or has characters that its string type does not allow.",
        Authority, ASK_AUTHORITY,
        "证书的名称中有不规范的文字。",
        "A name in the certificate is written irregularly.";
    PROFILE_ENCODING = "profile.encoding", "X.690 11",
        "编码不完全符合 DER，但含义唯一。",
        "The encoding is not quite DER, though it has only one reading.",
        Authority, ASK_AUTHORITY,
        "证书的格式不够规范。",
        "The certificate's format is not quite regular.";
    PROFILE_KEY_PARAMETERS = "profile.key_parameters", "RFC 3279 2.3.1",
        "公钥算法的参数不符合规定。",
        "The parameters of the key's algorithm are not as prescribed.",
        Authority, ASK_AUTHORITY,
        "证书中的密钥写得不规范。",
        "The key in the certificate is written irregularly.";
    PROFILE_CRITICALITY = "profile.criticality", "RFC 5280 4.2, 5.2",
        "扩展的关键性标记不符合规范。",
        "An extension is critical that must not be, or not critical that must be.",
        Authority, ASK_AUTHORITY,
        "证书中某个项目的重要性标记不规范。",
        "An item of the certificate is marked irregularly.";
    PROFILE_SUBJECT_KEY_IDENTIFIER = "profile.subject_key_identifier", "RFC 5280 4.2.1.2",
        "CA 证书缺少主体密钥标识符。",
        "An authority's certificate has no subject key identifier.",
        Authority, ASK_AUTHORITY,
        "签发机构自己的证书缺少密钥编号。",
        "The authority's own certificate lacks its key's number.";
    PROFILE_AUTHORITY_KEY_IDENTIFIER = "profile.authority_key_identifier", "RFC 5280 4.2.1.1",
        "颁发者密钥标识符缺失或不完整。",
        "The authority key identifier is missing or incomplete.",
        Authority, ASK_AUTHORITY,
        "证书没有完整写明由签发机构的哪一把密钥签发。",
        "The certificate does not fully say which key of its authority signed it.";
    PROFILE_KEY_USAGE = "profile.key_usage", "RFC 5280 4.2.1.3",
        "密钥用法为空，或非 CA 证书带有证书签发用法。",
        "The key usage is empty, or allows signing certificates to one who is no authority.",
        Authority, ASK_AUTHORITY,
        "证书写明的用途不规范。",
        "The certificate states its uses irregularly.";
    PROFILE_BASIC_CONSTRAINTS = "profile.basic_constraints", "RFC 5280 4.2.1.9",
        "路径长度约束出现在不能签发证书的证书中。",
        "A path length constraint stands in a certificate that may not sign certificates.",
        Authority, ASK_AUTHORITY,
        "证书中有一项限制写得不规范。",
        "A restriction in the certificate is written irregularly.";
    PROFILE_NAME_CONSTRAINTS = "profile.name_constraints", "RFC 5280 4.2.1.10",
        "名称约束为空、带有最小或最大值，或出现在非 CA 证书中。",
        "Name constraints are empty, have a minimum or maximum, or stand in a certificate that is not an authority's.",
        Authority, ASK_AUTHORITY,
        "证书中的名称限制写得不规范。",
        "A restriction on names is written irregularly.";
    PROFILE_POLICIES = "profile.policies", "RFC 5280 4.2.1.4, 4.2.1.5, 4.2.1.11",
        "证书策略类扩展不符合规范。",
        "The policy extensions do not keep the profile.",
        Authority, ASK_AUTHORITY,
        "证书中的类别说明写得不规范。",
        "The certificate states its class irregularly.";
    PROFILE_ALTERNATIVE_NAME = "profile.alternative_name", "RFC 5280 4.2.1.6, 4.2.1.7",
        "备用名称中有格式不正确的名称。",
        "An alternative name is malformed.",
        Authority, ASK_AUTHORITY,
        "证书中的附加名称写得不规范。",
        "A further name in the certificate is written irregularly.";
    PROFILE_DISTRIBUTION_POINT = "profile.distribution_point", "RFC 5280 4.2.1.13",
        "CRL 分发点既没有名称，也没有 CRL 签发者。",
        "A distribution point has neither a name nor a list issuer.",
        Authority, ASK_AUTHORITY,
        "证书没有完整写明到哪里查询吊销情况。",
        "The certificate does not fully say where to ask whether it is revoked.";
    PROFILE_CRL = "profile.crl", "RFC 5280 5",
        "吊销列表不完全符合规范。",
        "The revocation list does not quite keep the profile.",
        Authority, ASK_AUTHORITY,
        "签发机构公布的吊销列表格式不够规范。",
        "The authority's revocation list is not quite regular.";
}
