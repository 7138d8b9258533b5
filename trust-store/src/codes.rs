//! The findings that recognition and registration add to those of `pki` and of
//! the policies: stable codes, each with its clause and its texts.

use tongxing_pki::Code;

tongxing_pki::define_codes! { codes: pub(crate), list: OWN;
    CHAIN_EMPTY = "chain.empty", "RFC 5280 6.1",
        "没有收到证书。",
        "No certificate was given.",
        Bidder, INSERT_KEY,
        "没有收到证书。",
        "No certificate arrived.";
    CHAIN_TOO_LONG = "chain.too_long", "MAX_CHAIN",
        "收到的证书数量超过上限。",
        "More certificates were given than are looked at.",
        Bidder, SEND_LESS,
        "一次送来的证书太多。",
        "Too many certificates came at once.";
    ENCRYPTION_OTHER_HOLDER = "encryption.other_holder", "architecture, domain: dual certificates",
        "该加密证书与登录所用证书不是同一机构签发给同一持有人的。",
        "The encryption certificate is not of the same authority and holder as the one that signed in.",
        Bidder, OTHER_CERTIFICATE,
        "所给的加密证书不属于登录所用的密钥。",
        "The encryption certificate given does not belong to the key that signed in.";
    AUTHORITY_ACTIVE = "authority.active", "province enrolment",
        "该 CA 机构在所判断的时刻处于正常状态。",
        "The authority is active at the moment judged.",
        Nobody, NOTHING,
        "签发机构在本省处于正常状态。",
        "The authority is in good standing in the province.";
    AUTHORITY_NOT_ACTIVE = "authority.not_active", "province enrolment",
        "该 CA 机构在所判断的时刻尚未启用。",
        "The authority is not yet active at the moment judged.",
        Operator, OTHER_CERTIFICATE,
        "签发机构已登记，但在本省尚未启用。",
        "The authority is enrolled, but not in use in the province yet.";
    AUTHORITY_SUSPENDED = "authority.suspended", "province enrolment",
        "该 CA 机构已被暂停。",
        "The authority is suspended.",
        Authority, ASK_OR_OTHER,
        "签发机构在本省已被暂停，其证书暂时不能使用。",
        "The authority is suspended in the province: its certificates cannot be used for the time being.";
    AUTHORITY_WITHDRAWN = "authority.withdrawn", "province enrolment",
        "该 CA 机构已退出。",
        "The authority was withdrawn.",
        Authority, OTHER_CERTIFICATE,
        "签发机构已退出本省的证书互认，其证书不能再使用。",
        "The authority has left the province's mutual recognition: its certificates can no longer be used.";
    AUTHORITY_COMPROMISED = "authority.compromised", "province enrolment",
        "该 CA 的密钥已泄露。",
        "The authority's key is compromised.",
        Authority, ASK_OR_OTHER,
        "签发机构的密钥已泄露，其证书不再可信。",
        "The authority's key has been compromised: its certificates can no longer be trusted.";
    AUTHORITY_TRUSTED_UNTIL = "authority.trusted_until", "province enrolment",
        "该证书签发于该 CA 机构不再受信任的时刻之前。",
        "The certificate was issued before the moment after which the authority's are not trusted.",
        Nobody, NOTHING,
        "您的证书签发较早，仍可使用；签发机构新签发的证书在本省不再有效。",
        "Your certificate was issued early enough to stay usable; newer ones of its authority are not accepted in the province.";
    AUTHORITY_DISTRUSTED = "authority.distrusted", "province enrolment",
        "该证书签发于该 CA 机构不再受信任的时刻之后。",
        "The certificate was issued after the moment from which the authority's are not trusted.",
        Authority, OTHER_CERTIFICATE,
        "签发机构自某日起新签发的证书在本省不再有效，您的证书即在其中。",
        "Certificates that the authority issued after a certain day are not accepted in the province, and yours is one of them.";
    AUTHORITY_ROLE = "authority.role", "province enrolment",
        "该 CA 机构已登记用于此用途。",
        "The authority is enrolled for this purpose.",
        Nobody, NOTHING,
        "签发机构的证书在本省可以这样使用。",
        "The authority's certificates may be used in this way in the province.";
    AUTHORITY_ROLE_MISSING = "authority.role_missing", "province enrolment",
        "该 CA 机构未登记用于此用途。",
        "The authority is not enrolled for this purpose.",
        Operator, OTHER_CERTIFICATE,
        "签发机构的证书在本省没有登记用于此项业务。",
        "The authority's certificates are not enrolled for this use in the province.";
    AUTHORITY_UNAVAILABLE = "authority.unavailable", "province enrolment",
        "该 CA 机构的资料无法读取。",
        "The authority's data cannot be read.",
        Operator, TELL_OPERATOR,
        "互认网关暂时无法读取签发机构的资料，不能判断其证书。",
        "The gateway cannot read what it holds about the authority, so it cannot judge its certificates now.";
    REVOCATION_GRACE = "revocation.grace", "authority's policy, revocation",
        "吊销信息已逾期，仍在策略允许的宽限期内。",
        "The revocation data is overdue, within the grace that the policy allows.",
        Authority, NOTHING,
        "签发机构没有按时更新吊销信息，目前仍在宽限期内。",
        "The authority's news of revocations is overdue; it may still be used for a while.";
    REVOCATION_STALE = "revocation.stale", "authority's policy, revocation",
        "吊销信息已过期，超出策略允许的宽限期。",
        "The revocation data is older than the policy allows.",
        Authority, TRY_LATER,
        "签发机构的吊销信息太旧，暂时无法确认证书是否已被吊销。",
        "The authority's news of revocations is too old to tell whether the certificate is revoked.";
    REVOCATION_ARCHIVE_PART = "revocation.archive_part", "architecture, flow 1, step 6",
        "存档的吊销列表未能全部查阅：当时是否已被吊销或暂停，不能确定。",
        "Not all archived lists could be looked at: whether the certificate was revoked or held then is not settled.",
        Operator, TRY_LATER,
        "历史吊销信息较多，这次未能全部查阅，暂时无法确认当时的状态。",
        "There is much to look through in the past, and not all of it was this time: how the certificate stood then is not settled yet.";
    DOCUMENT_IS_CHALLENGE = "document.sign_in_challenge", "architecture, flow 3",
        "所签内容是登录挑战，不能作为文件。",
        "What was signed is a sign-in challenge, which is no document.",
        Platform, TELL_PLATFORM,
        "所签的是登录请求，而不是文件。",
        "What was signed is a sign-in request and not a document.";
    CAPACITY_REQUIRED = "signature.capacity", "verification request",
        "签名人的身份类别符合要求。",
        "The signer's capacity is one that is required.",
        Nobody, NOTHING,
        "签名所用证书的类别符合要求。",
        "The kind of certificate that signed is one that is required.";
    CAPACITY_NOT_REQUIRED = "signature.capacity_other", "verification request",
        "签名人的身份类别不符合要求。",
        "The signer's capacity is none that is required.",
        Bidder, OTHER_KIND,
        "签名所用证书的类别不符合要求。",
        "The kind of certificate that signed is not one that is required.";
    ENTITY_SIGNED = "document.entity_signed", "verification request",
        "要求签名的单位均已签名。",
        "Those who must have signed have signed.",
        Nobody, NOTHING,
        "要求签名的单位已经签名。",
        "Those who must sign have signed.";
    ENTITY_NOT_SIGNED = "document.entity_missing", "verification request",
        "要求签名的单位没有有效签名。",
        "Somebody who must have signed has no valid signature.",
        Bidder, SEE_FINDINGS,
        "要求签名的单位中有的没有有效签名。",
        "Somebody who must sign has no valid signature.";
    NO_USCC = "identity.no_uscc", "province's name rule",
        "证书只含组织机构代码，无法对应到唯一的统一社会信用代码。",
        "The certificate gives only an organization code, which does not lead to exactly one unified social credit code.",
        Authority, NEW_CERTIFICATE,
        "证书上只有旧的组织机构代码，无法对应到唯一的统一社会信用代码。",
        "The certificate has only an old organization code, which leads to no single unified social credit code.";
}

// What the gateway answers with as problems of their own, too.
tongxing_pki::define_codes! { codes: pub, list: SHARED;
    NAME_CONFLICT = "identity.name_conflict", "province's name rule",
        "证书中的名称与已登记的名称不一致。",
        "The certificate gives another name than the one registered.",
        Bidder, CONFIRM_NAME,
        "证书上的名称与本省已登记的名称不一致。",
        "The name on the certificate is not the one registered in the province.";
    CHALLENGE_REPLAYED = "challenge.replayed", "single use",
        "该登录挑战已被使用过。",
        "The challenge was used before.",
        Bidder, SIGN_IN_AGAIN,
        "此次登录请求已经用过一次。",
        "This sign-in request was used once already.";
    CHALLENGE_EXPIRED = "challenge.expired", "two minutes",
        "该登录挑战已过期。",
        "The challenge has expired.",
        Bidder, SIGN_IN_AGAIN,
        "此次登录请求已超过两分钟，不再有效。",
        "This sign-in request is more than two minutes old and no longer valid.";
    CHALLENGE_VOIDED = "challenge.voided", "clock reset",
        "系统时钟已重置，此前的登录挑战作废。",
        "The clock was reset, which voids earlier challenges.",
        Operator, SIGN_IN_AGAIN,
        "互认网关校正了时钟，此前的登录请求已作废。",
        "The gateway's clock was set right, which voided earlier sign-in requests.";
}

/// Every code of this crate, those of the policies included.
pub fn catalogue() -> Vec<&'static Code> {
    [OWN, SHARED, crate::policy::catalogue(), crate::receipts::catalogue()].concat()
}
