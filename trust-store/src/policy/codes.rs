//! The findings of policies. The text of a code is always true of its finding:
//! a check that can pass and fail has one code for each.

use tongxing_pki::Code;

/// Every code that the findings of policies carry.
pub(crate) fn catalogue() -> &'static [&'static Code] {
    ALL
}

tongxing_pki::define_codes! { codes: pub(super), list: ALL;
    ENTITY_FOUND = "identity.entity", "policy: identity.entity.id",
        "已按策略读出证书所代表的主体。",
        "The policy's rules found whom the certificate speaks for.",
        Nobody, NOTHING,
        "已从证书中读出持有单位或个人。",
        "Whom the certificate speaks for was read from it.";
    NO_ENTITY = "identity.no_entity", "policy: identity.entity.id",
        "证书中找不到主体的有效标识。",
        "No valid identifier of an entity was found in the certificate.",
        Authority, ASK_AUTHORITY,
        "证书上没有可用的单位或个人标识（例如统一社会信用代码）。",
        "The certificate names nobody by a usable identifier, such as a unified social credit code.";
    HOLDER_FOUND = "identity.holder", "policy: identity.holder",
        "已按策略读出证书持有人。",
        "The policy's rules found the person who holds the key.",
        Nobody, NOTHING,
        "已从证书中读出密钥的使用人。",
        "The person who holds the key was read from the certificate.";
    CONFLICTING_RULES = "identity.conflicting_rules", "policy: identity",
        "两条规则读出的值互相矛盾。",
        "Two rules read different values for the same thing.",
        Authority, NEW_CERTIFICATE,
        "证书上的身份信息前后矛盾。",
        "The certificate contradicts itself about whose it is.";
    REQUIRED_RULE = "identity.required_rule", "policy: required = true",
        "策略所要求的身份信息缺失。",
        "The certificate lacks something that its authority's policy requires.",
        Authority, ASK_AUTHORITY,
        "证书缺少该机构的证书应有的身份信息。",
        "The certificate lacks something that this authority's certificates must say.";
    USCC_CHECK_DIGIT = "identity.uscc_check_digit", "GB 32100-2015 annex A",
        "统一社会信用代码的校验码不正确。",
        "The check character of the unified social credit code is wrong.",
        Authority, CHECK_USCC,
        "证书上的统一社会信用代码校验位不正确。",
        "The check character of the unified social credit code on the certificate is wrong.";
    USCC_EXCEPTION = "identity.uscc_exception", "policy: kinds.uscc.exceptions",
        "该统一社会信用代码在本省的例外清单中。",
        "The unified social credit code is on the province's list of exceptions.",
        Nobody, NOTHING,
        "证书上的统一社会信用代码已由本省核准。",
        "The province has approved the unified social credit code on the certificate.";
    PERSONAL_ID_REFUSED = "identity.personal_id_as_entity", "GB 11643-1999",
        "应为单位代码之处是自然人的身份证件号码，未予采用。",
        "A resident id stands where an organization's code should be; it was not used.",
        Authority, ASK_AUTHORITY,
        "证书在应填单位代码的位置填写了个人证件号码。",
        "The certificate has a personal id number where an organization's code should be.";
    INVALID_VALUE = "identity.invalid_value", "policy: kind",
        "证书中的一项标识不符合其类型的格式，未予采用。",
        "An identifier in the certificate does not have the form of its kind; it was not used.",
        Authority, ASK_AUTHORITY,
        "证书上有一项标识的格式不正确，未予采用。",
        "An identifier on the certificate is not of the right form and was left out.";
    CAPACITY_FOUND = "identity.capacity", "policy: identity.capacity",
        "已按策略确定证书的使用身份。",
        "The policy's rules found in which capacity the key acts.",
        Nobody, NOTHING,
        "已确定证书属于单位、法定代表人、经办人还是个人。",
        "Whether the key is an organization's, a legal representative's, an agent's or an individual's is known.";
    NO_CAPACITY = "identity.no_capacity", "policy: identity.capacity",
        "无法确定证书的使用身份。",
        "It is not clear in which capacity the key acts.",
        Operator, TELL_OPERATOR,
        "无法确定证书属于单位、法定代表人、经办人还是个人。",
        "It is not clear whether the key is an organization's, a legal representative's, an agent's or an individual's.";
    CAPACITY_MISMATCH = "identity.capacity_mismatch", "policy: identity.capacity",
        "证书的使用身份与其主体标识不符。",
        "The capacity does not go with the entity.",
        Authority, ASK_AUTHORITY,
        "证书的类型与证书上的身份不相符。",
        "The kind of certificate does not go with whom it names.";
    ASSURANCE_FOUND = "identity.assurance", "policy: identity.assurance",
        "已按策略确定身份核验等级。",
        "The policy's rules found the level of assurance.",
        Nobody, NOTHING,
        "已确定签发证书时核验身份的严格程度。",
        "How strictly the identity was checked when the certificate was issued is known.";

    KEY_ACCEPTED = "policy.key", "policy: acceptance.keys",
        "公钥算法和长度符合该 CA 的策略。",
        "The public key is of a kind and size that the policy accepts.",
        Nobody, NOTHING,
        "证书的密钥符合要求。",
        "The certificate's key is acceptable.";
    KEY_NOT_ALLOWED = "policy.key_not_allowed", "policy: acceptance.keys",
        "公钥算法或长度不在该 CA 策略允许的范围内。",
        "The public key is of a kind or size that the policy does not accept.",
        Authority, NEW_CERTIFICATE,
        "本省不接受此类密钥的证书。",
        "The province does not accept certificates with this kind of key.";
    SIGNATURE_ACCEPTED = "policy.algorithm", "policy: acceptance.signatures",
        "证书的签名算法符合该 CA 的策略。",
        "The certificate's signature algorithm is one that the policy accepts.",
        Nobody, NOTHING,
        "证书的签名方式符合要求。",
        "The certificate is signed in an acceptable way.";
    ALGORITHM_NOT_ALLOWED = "policy.algorithm_not_allowed", "policy: acceptance.signatures",
        "证书的签名算法不在该 CA 策略允许的范围内。",
        "The certificate's signature algorithm is not one that the policy accepts.",
        Authority, NEW_CERTIFICATE,
        "本省不接受以此种方式签名的证书。",
        "The province does not accept certificates signed in this way.";
    ALGORITHM_ENDED = "policy.algorithm_ended", "policy: until",
        "该算法或密钥长度的接受期限已过。",
        "The time for which the policy accepted this algorithm or key size is over.",
        Authority, NEW_CERTIFICATE,
        "本省已停止接受此类算法的证书。",
        "The province no longer accepts certificates with this algorithm.";
    ALGORITHM_ENDING = "policy.algorithm_ending", "policy: until",
        "该算法或密钥长度仅在期限内被接受。",
        "The policy accepts this algorithm or key size only until a date.",
        Authority, REPLACE_IN_TIME,
        "本省将在规定日期后停止接受此类算法的证书。",
        "The province will stop accepting certificates with this algorithm on a set date.";
    POLICY_STATED = "policy.certificate_policy", "policy: acceptance.certificate-policies",
        "证书声明了该 CA 策略所接受的证书策略。",
        "The certificate states a certificate policy that is accepted.",
        Nobody, NOTHING,
        "证书的类别是本省接受的。",
        "The certificate is of a class that the province accepts.";
    POLICY_NOT_STATED = "policy.certificate_policy_not_accepted", "policy: acceptance.certificate-policies",
        "证书未声明该 CA 策略所接受的证书策略。",
        "The certificate states none of the certificate policies that are accepted.",
        Bidder, ASK_AUTHORITY,
        "本省不接受此类别的证书。",
        "The province does not accept this class of certificate.";
    ROLE_NOT_ACCEPTED = "policy.role_not_accepted", "policy: acceptance",
        "该 CA 的策略不接受把证书用于此用途。",
        "The authority's policy does not accept certificates for this use.",
        Operator, OTHER_CERTIFICATE,
        "本省不接受将该机构的证书用于此项业务。",
        "The province does not accept this authority's certificates for this use.";
    KEY_USAGE = "policy.key_usage", "RFC 5280 4.2.1.3; policy: key-usage",
        "密钥用法符合该 CA 的策略。",
        "The key usage is one that the policy accepts.",
        Nobody, NOTHING,
        "证书的用途符合要求。",
        "The certificate is meant for this use.";
    KEY_USAGE_NOT_ALLOWED = "policy.key_usage_not_allowed", "RFC 5280 4.2.1.3; policy: key-usage",
        "密钥用法不符合该 CA 的策略。",
        "The key usage is not one that the policy accepts.",
        Bidder, CHOOSE_SIGNING,
        "所选证书的用途不符合要求。",
        "The certificate chosen is not meant for this use.";
    ENCRYPTION_ONLY = "certificate.encryption_only", "GM/T 0034; RFC 5280 4.2.1.3",
        "这是加密证书，不能用于登录或签名。",
        "This is the encryption certificate, which can neither sign in nor sign.",
        Bidder, CHOOSE_SIGNING,
        "所选的是加密证书，不能用于登录或签名。",
        "You chose the encryption certificate, which can neither sign in nor sign.";
    ENCRYPTION_USAGE = "encryption.key_usage", "RFC 5280 4.2.1.3; GM/T 0034",
        "该证书的密钥可用于加密。",
        "The certificate's key may be encrypted to.",
        Nobody, NOTHING,
        "该证书可以用于加密。",
        "The certificate is meant for encrypting.";
    ENCRYPTION_USAGE_MISSING = "encryption.key_usage_missing", "RFC 5280 4.2.1.3; GM/T 0034",
        "该证书没有写明其密钥可用于加密。",
        "The certificate does not say that its key may be encrypted to.",
        Bidder, OTHER_CERTIFICATE,
        "所给的证书不能用于加密。",
        "The certificate given is not meant for encrypting.";
    EXTENDED_KEY_USAGE = "policy.extended_key_usage", "RFC 5280 4.2.1.12; policy: extended-key-usage",
        "扩展密钥用法符合该 CA 的策略。",
        "The extended key usage is one that the policy accepts.",
        Nobody, NOTHING,
        "证书的附加用途符合要求。",
        "The certificate's further uses are as required.";
    EXTENDED_KEY_USAGE_NOT_ALLOWED = "policy.extended_key_usage_not_allowed", "RFC 5280 4.2.1.12; policy: extended-key-usage",
        "扩展密钥用法不符合该 CA 的策略。",
        "The extended key usage is not one that the policy accepts.",
        Authority, ASK_AUTHORITY,
        "证书的附加用途不符合要求。",
        "The certificate's further uses are not as required.";
    CAPACITY_ALLOWED = "policy.capacity", "policy: capacities",
        "该使用身份可用于此用途。",
        "Keys in this capacity may be used so.",
        Nobody, NOTHING,
        "此类证书可以用于此项业务。",
        "This kind of certificate may be used for this.";
    CAPACITY_NOT_ALLOWED = "policy.capacity_not_allowed", "policy: capacities",
        "本省规定此类使用身份不能用于此用途。",
        "The province does not let keys in this capacity be used so.",
        Bidder, OTHER_KIND,
        "本省规定此类证书（单位、法定代表人、经办人或个人）不能用于此项业务。",
        "The province does not let this kind of certificate (organization, legal representative, agent or individual) be used for this.";
    ASSURANCE_SUFFICIENT = "policy.assurance", "policy: minimum-assurance",
        "身份核验等级足够。",
        "The level of assurance suffices.",
        Nobody, NOTHING,
        "证书的身份核验等级符合要求。",
        "The identity behind the certificate was checked strictly enough.";
    ASSURANCE_TOO_LOW = "policy.assurance_too_low", "policy: minimum-assurance",
        "身份核验等级低于本省的要求。",
        "The level of assurance is below what the province requires.",
        Bidder, ASK_AUTHORITY,
        "证书的身份核验等级低于本省的要求。",
        "The identity behind the certificate was checked less strictly than the province requires.";
    UNVERIFIED = "policy.unverified", "policy: unverified = true",
        "该 CA 的策略尚未用真实证书核实。",
        "The authority's policy has not been verified against a real certificate.",
        Operator, NOTHING,
        "本省对该机构证书的读取规则尚未用真实证书核实。",
        "The province's rules for this authority have not been tried on a real certificate yet.";
}
