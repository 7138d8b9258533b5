//! The findings about revocation. *Unknown* is never reported as revoked, and
//! revoked never without the list that proves it.

crate::codes::codes! { REVOCATION:
    NOT_ASKED = "revocation.not_asked", "RFC 5280 6.1.3 (a)(3)",
        "未提供吊销信息,因此未检查证书是否已被吊销。",
        "No revocation data was given: whether the certificates are revoked was not asked.";
    NO_PATH = "revocation.no_path", "RFC 5280 6.3.3",
        "没有有效的证书路径,因此未检查吊销状态。",
        "There is no valid path, so revocation was not asked.";
    NOT_REVOKED = "revocation.good", "RFC 5280 6.3.3",
        "在所判定的时刻,证书未被吊销。",
        "The certificate was not revoked at the moment judged.";
    REVOKED = "revocation.revoked", "RFC 5280 6.3.3 (i)-(j)",
        "证书已被吊销。",
        "The certificate is revoked.";
    ON_HOLD = "revocation.on_hold", "RFC 5280 5.3.1",
        "证书已被暂停使用(冻结)。",
        "The certificate is on hold.";
    PROVISIONAL = "revocation.provisional", "RFC 5280 5.3.2; ETSI EN 319 102-1 5.2.5",
        "尚无判定时刻之后签发的吊销列表,结论是暂时的。",
        "No list issued after the moment judged is known yet: the status is provisional.";
    NO_LIST = "revocation.no_list", "RFC 5280 6.3.3",
        "没有适用于该证书的吊销列表,状态未知。",
        "No list covers the certificate: its status is unknown.";
    REASONS_MISSING = "revocation.reasons_missing", "RFC 5280 6.3.3 (d), (k)",
        "现有吊销列表未覆盖所有吊销原因,状态未知。",
        "The lists at hand do not cover every reason for revocation: the status is unknown.";
    LIST_STALE = "revocation.list_stale", "RFC 5280 5.1.2.5",
        "吊销列表已过下次更新时间。",
        "The list is older than its next update.";
    LIST_IN_GRACE = "revocation.list_in_grace", "RevocationOptions::grace_seconds",
        "吊销列表已过下次更新时间,但仍在 CA 策略允许的宽限期内。",
        "The list is older than its next update, within the grace that the authority's policy allows.";
    LIST_WITHOUT_END = "revocation.list_without_next_update", "RFC 5280 5.1.2.5",
        "吊销列表未说明下次更新时间,无法判断是否为最新。",
        "The list does not say when the next one is due, so that nobody can tell whether it is current.";
    LIST_NOT_YET = "revocation.list_not_yet_issued", "RFC 5280 5.1.2.4",
        "吊销列表的签发时间晚于所判定的时刻,尚未生效。",
        "The list was issued after the moment judged and is not in force yet.";
    LIST_TOO_LATE = "revocation.list_after_expiry", "X.509 9.5.2.8",
        "吊销列表签发于证书到期之后,可能已不再列出该证书。",
        "The list was issued after the certificate expired and may no longer name it.";
    LIST_SIGNATURE = "revocation.list_signature_invalid", "RFC 5280 6.3.3 (g)",
        "吊销列表的签名无法验证通过。",
        "The signature of the list does not verify.";
    LIST_SIGNER_UNKNOWN = "revocation.list_signer_unknown", "RFC 5280 6.3.3 (f)",
        "找不到吊销列表签发者的证书。",
        "There is no certificate for the signer of the list.";
    LIST_SIGNER_NOT_ALLOWED = "revocation.list_signer_not_allowed", "RFC 5280 6.3.3 (f)",
        "密钥用法不允许该密钥签发吊销列表。",
        "The key usage does not allow the key to sign lists.";
    LIST_OTHER_ANCHOR = "revocation.list_other_anchor", "RFC 5280 6.3.3 (f)",
        "吊销列表签发者与该证书不属于同一信任锚。",
        "The signer of the list does not validate to the anchor of the certificate.";
    LIST_SIGNER_REVOKED = "revocation.list_signer_status", "RFC 5280 6.3.3 (f)",
        "吊销列表签发者的证书已被吊销,或状态未知。",
        "The certificate of the list's signer is revoked, or its status is unknown.";
    LIST_UNKNOWN_CRITICAL = "revocation.list_unknown_critical_extension", "RFC 5280 5.2, 5.3",
        "吊销列表含有无法识别的关键扩展,不能使用。",
        "The list has a critical extension that is not known, and cannot be used.";
    LIST_DELTA_WITHOUT_BASE = "revocation.delta_without_base", "RFC 5280 6.3.3 (c)",
        "增量吊销列表没有可配合使用的完整列表。",
        "A delta list has no complete list that it can be applied to.";
    LIST_PROFILE = "revocation.list_profile", "RFC 5280 5",
        "吊销列表不符合规范。",
        "The list does not keep the profile.";
}
