//! The findings of path validation.
//!
//! The text of a code is always true of its finding: a check that can pass and
//! fail has one code for each.

crate::codes::codes! { PATH:
    PATH_BUILT = "path.built", "RFC 5280 6.1",
        "已建立到已登记信任锚的证书路径。",
        "A path to an enrolled anchor was built.";
    PATH_NO_ANCHOR = "path.no_anchor", "RFC 5280 6.1",
        "找不到通往任何已登记 CA 密钥的证书路径。",
        "No path leads from the certificate to an enrolled key.";
    PATH_TOO_DEEP = "path.too_deep", "caller's max-depth",
        "在允许的中级证书数量内找不到证书路径。",
        "No path was found within the number of intermediates allowed.";
    PATH_ALTERNATIVES = "path.alternatives", "RFC 4158 2.4",
        "尝试了多条候选路径,报告其中最好的一条。",
        "Several candidate paths were tried; the best one is reported.";
    PATH_ANCHOR_ITSELF = "path.anchor_itself", "RFC 5280 6.1",
        "该证书本身就是已登记的信任锚。",
        "The certificate is itself an enrolled anchor.";
    BUDGET_SIGNATURES = "budget.signatures", "Budget::signatures",
        "验证签名的次数已达上限,无法得出结论。",
        "The limit on signatures verified was reached before a verdict.";
    BUDGET_STEPS = "budget.steps", "Budget::steps",
        "构建路径的步数已达上限,无法得出结论。",
        "The limit on path building steps was reached before a verdict.";
    BUDGET_PATHS = "budget.paths", "Budget::paths",
        "候选路径的数量已达上限,无法得出结论。",
        "The limit on candidate paths was reached before a verdict.";
    BUDGET_PATH_LENGTH = "budget.path_length", "Budget::path_length",
        "证书路径的长度已达上限,无法得出结论。",
        "The limit on the length of a path was reached before a verdict.";
    BUDGET_NAMES = "budget.name_comparisons", "Budget::name_comparisons",
        "比较名称约束的次数已达上限,无法得出结论。",
        "The limit on name constraint comparisons was reached before a verdict.";
    BUDGET_POLICIES = "budget.policy_nodes", "Budget::policy_nodes",
        "证书策略图的节点数已达上限,无法得出结论。",
        "The limit on policy graph nodes was reached before a verdict.";
    VALIDITY_CURRENT = "certificate.validity", "RFC 5280 6.1.3 (a)(2)",
        "在所判定的时刻,证书处于有效期内。",
        "The moment judged lies within the certificate's validity.";
    VALIDITY_EXPIRED = "certificate.expired", "RFC 5280 6.1.3 (a)(2)",
        "在所判定的时刻,证书已过期。",
        "The certificate had expired at the moment judged.";
    VALIDITY_FUTURE = "certificate.not_yet_valid", "RFC 5280 6.1.3 (a)(2)",
        "在所判定的时刻,证书尚未生效。",
        "The certificate was not yet valid at the moment judged.";
    NAME_CHAINS = "certificate.name_chaining", "RFC 5280 6.1.3 (a)(4)",
        "证书的签发者名称与上级证书的主体名称一致。",
        "The issuer's name is the subject of the certificate above.";
    CA_ASSERTED = "certificate.authority", "RFC 5280 6.1.4 (k)",
        "该证书声明其主体是 CA。",
        "The certificate says that its subject is an authority.";
    CA_NOT_ASSERTED = "certificate.not_an_authority", "RFC 5280 6.1.4 (k)",
        "该证书未声明其主体是 CA,不能签发其他证书。",
        "The certificate does not say that its subject is an authority: it may not issue certificates.";
    PATH_LENGTH_KEPT = "certificate.path_length", "RFC 5280 6.1.4 (l)-(m)",
        "路径长度约束得到满足。",
        "The path length constraints are kept.";
    PATH_LENGTH_EXCEEDED = "certificate.path_length_exceeded", "RFC 5280 6.1.4 (l)",
        "该 CA 之下的中级证书多于路径长度约束所允许的数量。",
        "More intermediates follow than the path length constraint allows.";
    CERT_SIGN_ALLOWED = "certificate.key_cert_sign", "RFC 5280 6.1.4 (n)",
        "该 CA 的密钥可用于签发证书。",
        "The authority's key may sign certificates.";
    CERT_SIGN_NOT_ALLOWED = "certificate.key_cert_sign_missing", "RFC 5280 6.1.4 (n)",
        "密钥用法不允许该 CA 的密钥签发证书。",
        "The key usage does not allow the authority's key to sign certificates.";
    CRITICAL_KNOWN = "certificate.critical_extensions", "RFC 5280 6.1.4 (o), 6.1.5 (f)",
        "所有关键扩展均已处理。",
        "Every critical extension was processed.";
    CRITICAL_UNKNOWN = "certificate.unknown_critical_extension", "RFC 5280 6.1.4 (o), 6.1.5 (f)",
        "证书含有无法识别的关键扩展。",
        "The certificate has a critical extension that is not known.";
    NAMES_PERMITTED = "certificate.names_permitted", "RFC 5280 6.1.3 (b)-(c)",
        "证书中的名称符合上级 CA 的名称约束。",
        "The names keep to the name constraints of the authorities above.";
    NAMES_NOT_PERMITTED = "certificate.name_not_permitted", "RFC 5280 6.1.3 (b)",
        "证书中的名称不在上级 CA 被允许签发的范围内。",
        "A name lies outside what an authority above is permitted to certify.";
    NAMES_EXCLUDED = "certificate.name_excluded", "RFC 5280 6.1.3 (c)",
        "证书中的名称属于上级 CA 被禁止签发的范围。",
        "A name lies inside what an authority above is excluded from certifying.";
    NAMES_FORM_UNSUPPORTED = "certificate.name_constraint_unsupported", "RFC 5280 4.2.1.10",
        "名称约束涉及无法处理的名称形式,而证书含有该形式的名称。",
        "A name constraint is on a form of name that cannot be processed, and the certificate has such a name.";
    NAMES_CONSTRAINT_MALFORMED = "certificate.name_constraint_malformed", "RFC 5280 4.2.1.10",
        "名称约束的格式不正确。",
        "A name constraint is malformed.";
    PURPOSE_ALLOWED = "certificate.purpose", "RFC 5280 4.2.1.12",
        "扩展密钥用法允许该用途。",
        "The extended key usage allows the purpose.";
    PURPOSE_NOT_ALLOWED = "certificate.purpose_not_allowed", "RFC 5280 4.2.1.12",
        "扩展密钥用法不允许该用途。",
        "The extended key usage does not allow the purpose.";
    KEY_USAGE_ALLOWED = "certificate.key_usage", "RFC 5280 4.2.1.3",
        "密钥用法允许该用途。",
        "The key usage allows the purpose.";
    KEY_USAGE_NOT_ALLOWED = "certificate.key_usage_not_allowed", "RFC 5280 4.2.1.3",
        "密钥用法不允许该用途。",
        "The key usage does not allow the purpose.";
    ENCRYPTION_CERTIFICATE = "certificate.encryption_certificate", "RFC 5280 4.2.1.3",
        "这是加密证书,不能用于登录或签名;请使用同一介质中的签名证书。",
        "This is an encryption certificate, which can neither sign in nor sign; use the signing certificate of the same key.";
    POLICIES_ACCEPTED = "path.policies", "RFC 9618 5.5",
        "证书策略符合要求。",
        "The certificate policies are acceptable.";
    POLICIES_NOT_ACCEPTED = "path.policies_not_accepted", "RFC 9618 5.3 (f), 5.5",
        "要求明确的证书策略,但整条路径没有可接受的策略。",
        "An explicit policy is required, and the path has none that is acceptable.";
    POLICY_MAPPING_ANY = "certificate.policy_mapping_any", "RFC 5280 6.1.4 (a)",
        "策略映射不得涉及 anyPolicy。",
        "Policies are mapped from or to anyPolicy, which is not allowed.";
    NAME_MATCHES = "certificate.name", "RFC 9525 6",
        "证书含有所要求的名称。",
        "The certificate has the name asked for.";
    NAME_DIFFERS = "certificate.name_mismatch", "RFC 9525 6",
        "证书不含所要求的名称。",
        "The certificate does not have the name asked for.";
    PROFILE_KEPT = "profile.kept", "RFC 5280 4",
        "证书符合 RFC 5280 证书规范。",
        "The certificate keeps the certificate profile.";
    PROFILE_AKI_DIFFERS = "profile.authority_key_identifier_differs", "RFC 5280 4.2.1.1",
        "证书的签发者密钥标识符与签发者证书不符。",
        "The authority key identifier is not that of the issuer's certificate.";
    INPUT_LEAF_MALFORMED = "input.certificate_malformed", "RFC 5280 4.1",
        "证书格式错误,无法解析。",
        "The certificate is malformed and cannot be read.";
    INPUT_ANCHOR_MALFORMED = "input.anchor_malformed", "RFC 5280 4.1",
        "信任锚证书格式错误,已忽略。",
        "An anchor is malformed and was ignored.";
    INPUT_INTERMEDIATE_MALFORMED = "input.intermediate_malformed", "RFC 5280 4.1",
        "中级证书格式错误,已忽略。",
        "An intermediate certificate is malformed and was ignored.";
    INPUT_LIST_MALFORMED = "input.list_malformed", "RFC 5280 5.1",
        "证书吊销列表格式错误,已忽略。",
        "A revocation list is malformed and was ignored.";
    INPUT_RESPONSE_MALFORMED = "input.response_malformed", "RFC 6960 4.2.1",
        "OCSP 响应格式错误,已忽略。",
        "An OCSP response is malformed and was ignored.";
}
