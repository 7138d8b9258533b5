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
        "尚无判定时刻之后的吊销信息,结论是暂时的。",
        "No list or response made after the moment judged is known yet: the status is provisional.";
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
    NEVER_ISSUED = "revocation.never_issued", "RFC 6960 2.2",
        "OCSP 响应者表示该 CA 从未签发过此证书。",
        "The OCSP responder says that the authority never issued the certificate.";
    NO_RESPONSE = "revocation.no_response", "RFC 6960 3.2 (1)",
        "没有关于该证书的 OCSP 响应,状态未知。",
        "No OCSP response is about the certificate: its status is unknown.";
    OCSP_REFUSED = "revocation.ocsp_not_successful", "RFC 6960 2.3, 4.2.1",
        "OCSP 响应者没有给出答复,只返回了错误状态。",
        "An OCSP responder gave no answer but a status that says why not.";
    OCSP_UNKNOWN = "revocation.ocsp_unknown", "RFC 6960 2.2",
        "OCSP 响应者不认识该证书,状态未知。",
        "The OCSP responder does not know the certificate: its status is unknown.";
    OCSP_STALE = "revocation.ocsp_stale", "RFC 6960 3.2 (6)",
        "OCSP 响应已过下次更新时间。",
        "The OCSP response is older than its next update.";
    OCSP_IN_GRACE = "revocation.ocsp_in_grace", "RevocationOptions::grace_seconds",
        "OCSP 响应已过下次更新时间,但仍在允许的时钟误差或宽限期内。",
        "The OCSP response is older than its next update, within the grace or the difference of clocks that is allowed.";
    OCSP_WITHOUT_END = "revocation.ocsp_without_next_update", "RFC 6960 4.2.2.1",
        "OCSP 响应未说明下次更新时间,只在其生成时有效,现已过时。",
        "The OCSP response names no next update, which makes it one of its own time only, and that is over.";
    OCSP_NOT_YET = "revocation.ocsp_not_yet_issued", "RFC 6960 3.2 (5)",
        "OCSP 响应的时间晚于所判定的时刻,尚未生效。",
        "The OCSP response was made after the moment judged and is not in force yet.";
    OCSP_TOO_LATE = "revocation.ocsp_after_expiry", "RFC 6960 4.4.4",
        "OCSP 响应生成于证书到期之后,可能已不再包含该证书的吊销信息。",
        "The OCSP response was made after the certificate expired and may no longer tell of its revocation.";
    OCSP_CONTRADICTION = "revocation.ocsp_contradiction", "RFC 6960 4.2.1",
        "同一时间的 OCSP 答复互相矛盾,状态未知。",
        "OCSP answers of one time contradict one another: the status is unknown.";
    OCSP_SIGNATURE = "revocation.ocsp_signature_invalid", "RFC 6960 3.2 (2)",
        "OCSP 响应的签名无法验证通过。",
        "The signature of the OCSP response does not verify.";
    OCSP_RESPONDER_UNKNOWN = "revocation.ocsp_responder_unknown", "RFC 6960 3.2 (3), 4.2.2.3",
        "找不到 OCSP 响应者的证书。",
        "There is no certificate for the signer of the OCSP response.";
    OCSP_NOT_AUTHORISED = "revocation.ocsp_responder_not_authorised", "RFC 6960 3.2 (4), 4.2.2.2",
        "签发该证书的 CA 没有授权此密钥签发 OCSP 响应。",
        "The authority that issued the certificate has not authorised the key to sign OCSP responses.";
    OCSP_RESPONDER_INVALID = "revocation.ocsp_responder_invalid", "RFC 6960 4.2.2.2",
        "OCSP 响应者的证书无效。",
        "The certificate of the OCSP responder is not valid.";
    OCSP_OTHER_ANCHOR = "revocation.ocsp_other_anchor", "RFC 6960 4.2.2.2",
        "OCSP 响应者与该证书不属于同一信任锚。",
        "The OCSP responder does not validate to the anchor of the certificate.";
    OCSP_RESPONDER_STATUS = "revocation.ocsp_responder_status", "RFC 6960 4.2.2.2.1",
        "OCSP 响应者的证书已被吊销,或状态未知。",
        "The certificate of the OCSP responder is revoked, or its status is unknown.";
    OCSP_UNKNOWN_CRITICAL = "revocation.ocsp_unknown_critical_extension", "RFC 6960 4.4",
        "OCSP 响应含有无法识别的关键扩展,不能使用。",
        "The OCSP response has a critical extension that is not known, and cannot be used.";
    OCSP_NONCE = "revocation.ocsp_nonce_differs", "RFC 6960 4.4.1; RFC 9654 2.1",
        "OCSP 响应的随机数与请求不符,它不是对该请求的答复。",
        "The nonce of the OCSP response is not the request's: it answers another request.";
    OCSP_NONCE_MISSING = "revocation.ocsp_nonce_missing", "RFC 5019 4; RFC 9654 2.1",
        "OCSP 响应没有请求所带的随机数,其时效由时间字段判断。",
        "The OCSP response does not repeat the request's nonce: only its dates tell how fresh it is.";
    OCSP_PROFILE = "revocation.ocsp_profile", "RFC 6960 4.2.1; X.690 11",
        "OCSP 响应的编码不完全符合规范。",
        "The encoding of the OCSP response does not keep the profile.";
    LIST_PROFILE = "revocation.list_profile", "RFC 5280 5",
        "吊销列表不符合规范。",
        "The list does not keep the profile.";
}
