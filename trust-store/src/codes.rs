//! The findings that recognition and registration add to those of `pki` and of
//! the policies: stable codes, each with its clause and both texts.

use tongxing_pki::Code;

macro_rules! codes {
    ($($name:ident = $id:literal, $clause:literal, $zh:literal, $en:literal;)+) => {
        $(pub(crate) static $name: Code = Code {
            id: $id,
            clause: $clause,
            zh: $zh,
            en: $en,
        };)+

        static ALL: &[&Code] = &[$(&$name),+];
    };
}

codes! {
    CHAIN_EMPTY = "chain.empty", "RFC 5280 6.1",
        "没有收到证书。",
        "No certificate was given.";
    CHAIN_TOO_LONG = "chain.too_long", "MAX_CHAIN",
        "收到的证书数量超过上限。",
        "More certificates were given than are looked at.";
    AUTHORITY_ACTIVE = "authority.active", "province enrolment",
        "该 CA 机构在所判断的时刻处于正常状态。",
        "The authority is active at the moment judged.";
    AUTHORITY_NOT_ACTIVE = "authority.not_active", "province enrolment",
        "该 CA 机构在所判断的时刻尚未启用。",
        "The authority is not yet active at the moment judged.";
    AUTHORITY_SUSPENDED = "authority.suspended", "province enrolment",
        "该 CA 机构已被暂停,其证书暂时不能使用;请联系该 CA 机构。",
        "The authority is suspended: its certificates cannot be used for the time being; ask the authority.";
    AUTHORITY_WITHDRAWN = "authority.withdrawn", "province enrolment",
        "该 CA 机构已退出,其证书不再有效;请改用其他 CA 的证书。",
        "The authority was withdrawn: use a certificate of another authority.";
    AUTHORITY_COMPROMISED = "authority.compromised", "province enrolment",
        "该 CA 的密钥已泄露,其证书不可信。",
        "The authority's key is compromised: its certificates cannot be trusted.";
    AUTHORITY_ROLE = "authority.role", "province enrolment",
        "该 CA 机构已登记用于此用途。",
        "The authority is enrolled for this purpose.";
    AUTHORITY_ROLE_MISSING = "authority.role_missing", "province enrolment",
        "该 CA 机构未登记用于此用途。",
        "The authority is not enrolled for this purpose.";
    AUTHORITY_UNAVAILABLE = "authority.unavailable", "province enrolment",
        "该 CA 机构的资料无法读取,暂时不能判断其证书;请联系平台运维人员。",
        "The authority's data cannot be read, so its certificates cannot be judged now: tell the operator.";
    REVOCATION_GRACE = "revocation.grace", "authority's policy, revocation",
        "撤销列表已逾期,仍在允许的宽限期内。",
        "The revocation list is overdue, within the grace that the policy allows.";
    REVOCATION_STALE = "revocation.stale", "authority's policy, revocation",
        "撤销列表已过期,无法判断证书是否被撤销;请稍后再试或联系 CA 机构。",
        "The revocation list is too old to say whether the certificate is revoked: try later or ask the authority.";
    NAME_CONFLICT = "identity.name_conflict", "province's name rule",
        "证书中的名称与已登记的名称不一致,需要确认后才能使用该证书。",
        "The certificate gives another name than the one registered: it must be confirmed before this certificate can be used.";
    NO_USCC = "identity.no_uscc", "province's name rule",
        "证书只含组织机构代码,无法对应到唯一的统一社会信用代码。",
        "The certificate gives only an organization code, which does not lead to exactly one unified social credit code.";
    CHALLENGE_REPLAYED = "challenge.replayed", "single use",
        "该登录挑战已被使用过,请重新获取。",
        "This challenge was used before: ask for a new one.";
    CHALLENGE_EXPIRED = "challenge.expired", "two minutes",
        "该登录挑战已过期,请重新获取。",
        "This challenge has expired: ask for a new one.";
    CHALLENGE_VOIDED = "challenge.voided", "clock reset",
        "系统时钟已重置,此前的登录挑战作废,请重新获取。",
        "The clock was reset, which voids earlier challenges: ask for a new one.";
}

/// Every code of this crate, those of the policies included.
pub fn catalogue() -> Vec<&'static Code> {
    ALL.iter().copied().chain(crate::policy::catalogue().iter().copied()).collect()
}
