//! The findings of policies. The text of a code is always true of its finding:
//! a check that can pass and fail has one code for each.

use tongxing_pki::Code;

macro_rules! codes {
    ($($name:ident = $id:literal, $clause:literal, $zh:literal, $en:literal;)+) => {
        $(pub(super) static $name: Code = Code {
            id: $id,
            clause: $clause,
            zh: $zh,
            en: $en,
        };)+

        static ALL: &[&Code] = &[$(&$name),+];
    };
}

/// Every code that the findings of policies carry.
pub(crate) fn catalogue() -> &'static [&'static Code] {
    ALL
}

codes! {
    ENTITY_FOUND = "identity.entity", "policy: identity.entity.id",
        "已按策略读出证书所代表的主体。",
        "The policy's rules found whom the certificate speaks for.";
    NO_ENTITY = "identity.no_entity", "policy: identity.entity.id",
        "证书中找不到主体的有效标识(如统一社会信用代码)。请联系发证 CA;若证书无误,由本省运维人员核对该 CA 的策略。",
        "No valid identifier of an entity was found in the certificate. Ask the authority that issued it; if the certificate is right, an operator must check that authority's policy.";
    HOLDER_FOUND = "identity.holder", "policy: identity.holder",
        "已按策略读出证书持有人。",
        "The policy's rules found the person who holds the key.";
    CONFLICTING_RULES = "identity.conflicting_rules", "policy: identity",
        "证书中多处身份信息互相矛盾,无法确定其身份。请联系发证 CA 重新签发。",
        "The certificate contradicts itself: two rules read different values for the same thing. Ask the authority to issue it anew.";
    REQUIRED_RULE = "identity.required_rule", "policy: required = true",
        "证书缺少该 CA 策略所要求的身份信息。请联系发证 CA。",
        "The certificate lacks something that its authority's policy requires. Ask the authority.";
    USCC_CHECK_DIGIT = "identity.uscc_check_digit", "GB 32100-2015 annex A",
        "统一社会信用代码的校验码不正确。若该代码合法有效,请本省运维人员将其列入例外。",
        "The check character of the unified social credit code is wrong. If the code is legally valid, an operator can list it as an exception.";
    USCC_EXCEPTION = "identity.uscc_exception", "policy: kinds.uscc.exceptions",
        "该统一社会信用代码在本省的例外清单中。",
        "The unified social credit code is on the province's list of exceptions.";
    PERSONAL_ID_REFUSED = "identity.personal_id_as_entity", "GB 11643-1999",
        "应为单位代码之处是自然人的身份证件号码,未予采用。",
        "A resident id stands where an organization's code should be; it was not used.";
    INVALID_VALUE = "identity.invalid_value", "policy: kind",
        "证书中的一项标识不符合其类型的格式,未予采用。",
        "An identifier in the certificate does not have the form of its kind; it was not used.";
    CAPACITY_FOUND = "identity.capacity", "policy: identity.capacity",
        "已按策略确定证书的使用身份。",
        "The policy's rules found in which capacity the key acts.";
    NO_CAPACITY = "identity.no_capacity", "policy: identity.capacity",
        "无法确定证书是单位、法定代表人、经办人还是个人的证书。由本省运维人员核对该 CA 的策略。",
        "It is not clear in which capacity the key acts. An operator must check the authority's policy.";
    CAPACITY_MISMATCH = "identity.capacity_mismatch", "policy: identity.capacity",
        "证书的使用身份与其主体标识不符(例如个人证书载有单位代码)。请联系发证 CA。",
        "The capacity does not go with the entity: an individual's key with an organization's code, or the reverse. Ask the authority.";
    ASSURANCE_FOUND = "identity.assurance", "policy: identity.assurance",
        "已按策略确定身份核验等级。",
        "The policy's rules found the level of assurance.";

    KEY_ACCEPTED = "policy.key", "policy: acceptance.keys",
        "公钥算法和长度符合该 CA 的策略。",
        "The public key is of a kind and size that the policy accepts.";
    KEY_NOT_ALLOWED = "policy.key_not_allowed", "policy: acceptance.keys",
        "公钥算法或长度不在该 CA 策略允许的范围内。请更换证书。",
        "The public key is of a kind or size that the policy does not accept. A new certificate is needed.";
    SIGNATURE_ACCEPTED = "policy.algorithm", "policy: acceptance.signatures",
        "证书的签名算法符合该 CA 的策略。",
        "The certificate's signature algorithm is one that the policy accepts.";
    ALGORITHM_NOT_ALLOWED = "policy.algorithm_not_allowed", "policy: acceptance.signatures",
        "证书的签名算法不在该 CA 策略允许的范围内。请更换证书。",
        "The certificate's signature algorithm is not one that the policy accepts. A new certificate is needed.";
    ALGORITHM_ENDED = "policy.algorithm_ended", "policy: until",
        "该算法或密钥长度的接受期限已过。请更换证书。",
        "The time for which the policy accepted this algorithm or key size is over. A new certificate is needed.";
    ALGORITHM_ENDING = "policy.algorithm_ending", "policy: until",
        "该算法或密钥长度仅在期限内被接受。请在期限前更换证书。",
        "The policy accepts this algorithm or key size only until a date. Replace the certificate before it.";
    POLICY_STATED = "policy.certificate_policy", "policy: acceptance.certificate-policies",
        "证书声明了该 CA 策略所接受的证书策略。",
        "The certificate states a certificate policy that is accepted.";
    POLICY_NOT_STATED = "policy.certificate_policy_not_accepted", "policy: acceptance.certificate-policies",
        "证书未声明该 CA 策略所接受的证书策略:这类证书不能使用。请联系发证 CA。",
        "The certificate states none of the certificate policies that are accepted: this class of certificate cannot be used. Ask the authority.";
    ROLE_NOT_ACCEPTED = "policy.role_not_accepted", "policy: acceptance",
        "该 CA 的策略不接受把证书用于此用途。",
        "The authority's policy does not accept certificates for this use.";
    KEY_USAGE = "policy.key_usage", "RFC 5280 4.2.1.3; policy: key-usage",
        "密钥用法符合该 CA 的策略。",
        "The key usage is one that the policy accepts.";
    KEY_USAGE_NOT_ALLOWED = "policy.key_usage_not_allowed", "RFC 5280 4.2.1.3; policy: key-usage",
        "密钥用法不符合该 CA 的策略。请改用介质中的签名证书,或联系发证 CA。",
        "The key usage is not one that the policy accepts. Use the signing certificate of the key, or ask the authority.";
    ENCRYPTION_ONLY = "certificate.encryption_only", "GM/T 0034; RFC 5280 4.2.1.3",
        "这是加密证书,不能用于登录或签名。请选择同一介质中的签名证书。",
        "This is the encryption certificate, which can neither sign in nor sign. Choose the signing certificate of the same key.";
    EXTENDED_KEY_USAGE = "policy.extended_key_usage", "RFC 5280 4.2.1.12; policy: extended-key-usage",
        "扩展密钥用法符合该 CA 的策略。",
        "The extended key usage is one that the policy accepts.";
    EXTENDED_KEY_USAGE_NOT_ALLOWED = "policy.extended_key_usage_not_allowed", "RFC 5280 4.2.1.12; policy: extended-key-usage",
        "扩展密钥用法不符合该 CA 的策略。请联系发证 CA。",
        "The extended key usage is not one that the policy accepts. Ask the authority.";
    CAPACITY_ALLOWED = "policy.capacity", "policy: capacities",
        "该使用身份可用于此用途。",
        "Keys in this capacity may be used so.";
    CAPACITY_NOT_ALLOWED = "policy.capacity_not_allowed", "policy: capacities",
        "本省规定此类证书(单位、法定代表人、经办人或个人)不能用于此用途。请改用其他证书。",
        "The province does not let keys in this capacity be used so. Use another certificate.";
    ASSURANCE_SUFFICIENT = "policy.assurance", "policy: minimum-assurance",
        "身份核验等级足够。",
        "The level of assurance suffices.";
    ASSURANCE_TOO_LOW = "policy.assurance_too_low", "policy: minimum-assurance",
        "证书的身份核验等级低于本省的要求。请改用其他证书。",
        "The level of assurance is below what the province requires. Use another certificate.";
    UNVERIFIED = "policy.unverified", "policy: unverified = true",
        "该 CA 的策略尚未用真实证书核实。",
        "The authority's policy has not been verified against a real certificate.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_say_something_in_both_languages() {
        let ids: BTreeSet<&str> = ALL.iter().map(|code| code.id).collect();
        assert_eq!(ids.len(), ALL.len());
        for code in ALL {
            assert!(!code.zh.is_ascii() && code.en.ends_with('.'), "{}", code.id);
        }
    }
}
