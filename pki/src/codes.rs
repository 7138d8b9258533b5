//! The catalogue: every code this crate's findings carry.
//!
//! A code is stable: programs act on its id, and its two texts are what a
//! person reads. Codes are never renamed and never change their meaning. A
//! text is always true of its finding: a check that can pass and fail has one
//! code for each.

use std::fmt;

pub use crate::path::codes::*;
pub use crate::revocation::codes::*;

/// What a finding is about, in words for programs and for people.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Code {
    /// The stable identifier, `group.name`.
    pub id: &'static str,
    /// The section of the standard that the check comes from.
    pub clause: &'static str,
    /// What was found, in Chinese.
    pub zh: &'static str,
    /// What was found, in English.
    pub en: &'static str,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// Declares codes and the list of them.
macro_rules! codes {
    ($list:ident: $($name:ident = $id:literal, $clause:literal, $zh:literal, $en:literal;)+) => {
        $(
            #[doc = $en]
            pub static $name: $crate::codes::Code = $crate::codes::Code {
                id: $id,
                clause: $clause,
                zh: $zh,
                en: $en,
            };
        )+
        /// The codes declared here, in order.
        pub(crate) static $list: &[&$crate::codes::Code] = &[$(&$name),+];
    };
}
pub(crate) use codes;

codes! { FOUNDATION:
    SIGNATURE_VALID = "signature.valid", "RFC 5280 6.1.3 (a)(1)",
        "签名已用签发者的密钥验证通过。",
        "The signature verifies with the issuer's key.";
    SIGNATURE_INVALID = "signature.invalid", "RFC 5280 6.1.3 (a)(1)",
        "签名无法用签发者的密钥验证通过:内容被篡改,或不是该签发者签名的。",
        "The signature does not verify with the issuer's key: the content was altered, or this issuer did not sign it.";
    SIGNATURE_UNSUPPORTED = "signature.unsupported_algorithm", "RFC 5280 4.1.1.2",
        "不支持该签名算法。",
        "The signature algorithm is not supported.";
    SIGNATURE_WEAK = "signature.weak_algorithm", "RFC 6194; NIST SP 800-131A",
        "签名算法已不安全,不被接受。",
        "The signature algorithm is no longer secure and not accepted.";
    SIGNATURE_PARAMETERS = "signature.parameters", "RFC 3279 2.2; RFC 4055 3.1; RFC 5758 3.2",
        "签名算法的参数不符合规定。",
        "The parameters of the signature algorithm are not as prescribed.";
    SIGNATURE_KEY_MISMATCH = "signature.key_mismatch", "RFC 5280 4.1.1.2",
        "签名算法与签发者密钥的类型不匹配。",
        "The signature algorithm does not go with the issuer's kind of key.";
    SIGNATURE_ENCODING = "signature.encoding", "RFC 5280 4.1.1.3",
        "签名值不是完整的字节。",
        "The signature value is not a whole number of octets.";
    SIGNATURE_RELEASED = "signature.released", "VerifiedCrl::verify",
        "被签名的内容已不再保留,无法再次验证签名。",
        "What was signed is no longer kept, so that its signature cannot be verified again.";
    KEY_UNSUPPORTED = "key.unsupported", "RFC 5280 4.1.2.7",
        "不支持该公钥算法。",
        "The kind of public key is not supported.";
    KEY_MALFORMED = "key.malformed", "RFC 5280 4.1.2.7",
        "公钥编码有误。",
        "The public key is malformed.";
    KEY_SIZE = "key.size", "NIST SP 800-131A",
        "RSA 密钥长度不在 2048 至 8192 位之间。",
        "The RSA key does not have 2048 to 8192 bits.";
    PROFILE_SERIAL = "profile.serial_number", "RFC 5280 4.1.2.2",
        "证书序列号不是 1 至 20 个字节的正整数。",
        "The serial number is not a positive integer of at most 20 octets.";
    PROFILE_VERSION = "profile.version", "RFC 5280 4.1.2.1, 4.1.2.8",
        "证书版本与其内容不符,或含有唯一标识符。",
        "The version does not fit what the certificate contains, or it has unique identifiers.";
    PROFILE_ISSUER = "profile.issuer", "RFC 5280 4.1.2.4",
        "签发者名称为空。",
        "The issuer's name is empty.";
    PROFILE_SUBJECT = "profile.subject", "RFC 5280 4.1.2.6",
        "主体名称为空,且没有关键的主体备用名称扩展,或为 CA 证书。",
        "The subject is empty without a critical subjectAltName to replace it, or in an authority's certificate.";
    PROFILE_TIME = "profile.time", "RFC 5280 4.1.2.5",
        "2049 年及以前的时间没有使用 UTCTime。",
        "A time through 2049 is not UTCTime.";
    PROFILE_TEXT = "profile.text", "RFC 5280 4.1.2.4; X.680 41",
        "名称中的文本为空,或含有其字符串类型不允许的字符。",
        "A text in a name is empty or has characters that its string type does not allow.";
    PROFILE_ENCODING = "profile.encoding", "X.690 11",
        "编码不完全符合 DER,但含义唯一。",
        "The encoding is not quite DER, though it has only one reading.";
    PROFILE_KEY_PARAMETERS = "profile.key_parameters", "RFC 3279 2.3.1",
        "公钥算法的参数不符合规定。",
        "The parameters of the key's algorithm are not as prescribed.";
    PROFILE_CRITICALITY = "profile.criticality", "RFC 5280 4.2, 5.2",
        "扩展的关键性标记不符合规范。",
        "An extension is critical that must not be, or not critical that must be.";
    PROFILE_SUBJECT_KEY_IDENTIFIER = "profile.subject_key_identifier", "RFC 5280 4.2.1.2",
        "CA 证书缺少主体密钥标识符。",
        "An authority's certificate has no subject key identifier.";
    PROFILE_AUTHORITY_KEY_IDENTIFIER = "profile.authority_key_identifier", "RFC 5280 4.2.1.1",
        "颁发者密钥标识符缺失或不完整。",
        "The authority key identifier is missing or incomplete.";
    PROFILE_KEY_USAGE = "profile.key_usage", "RFC 5280 4.2.1.3",
        "密钥用法为空,或非 CA 证书带有证书签发用法。",
        "The key usage is empty, or allows signing certificates to one who is no authority.";
    PROFILE_BASIC_CONSTRAINTS = "profile.basic_constraints", "RFC 5280 4.2.1.9",
        "路径长度约束出现在不能签发证书的证书中。",
        "A path length constraint stands in a certificate that may not sign certificates.";
    PROFILE_NAME_CONSTRAINTS = "profile.name_constraints", "RFC 5280 4.2.1.10",
        "名称约束为空、带有最小或最大值,或出现在非 CA 证书中。",
        "Name constraints are empty, have a minimum or maximum, or stand in a certificate that is not an authority's.";
    PROFILE_POLICIES = "profile.policies", "RFC 5280 4.2.1.4, 4.2.1.5, 4.2.1.11",
        "证书策略类扩展不符合规范。",
        "The policy extensions do not keep the profile.";
    PROFILE_ALTERNATIVE_NAME = "profile.alternative_name", "RFC 5280 4.2.1.6, 4.2.1.7",
        "备用名称中有格式不正确的名称。",
        "An alternative name is malformed.";
    PROFILE_DISTRIBUTION_POINT = "profile.distribution_point", "RFC 5280 4.2.1.13",
        "CRL 分发点既没有名称,也没有 CRL 签发者。",
        "A distribution point has neither a name nor a list issuer.";
    PROFILE_CRL = "profile.crl", "RFC 5280 5",
        "吊销列表不完全符合规范。",
        "The revocation list does not quite keep the profile.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_and_complete() {
        let mut ids = HashSet::new();
        for code in crate::catalogue() {
            assert!(ids.insert(code.id), "{} twice", code.id);
            assert!(code.id.contains('.') && !code.clause.is_empty(), "{code}");
            assert!(!code.zh.is_ascii() && !code.en.is_empty(), "{code}");
        }
        assert!(ids.len() >= FOUNDATION.len());
    }
}
