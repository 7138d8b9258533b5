//! Every kind of problem that the gateway answers with: its stable code, its
//! status and both texts. The documentation's table is checked against this one.
//!
//! How the statuses were chosen:
//! - 400: the request cannot be understood; sending it again changes nothing.
//! - 401: possession of a key was not proven, or not in time; proving it may help.
//! - 403: possession is proven, and the answer is no.
//! - 409: the register holds something that must be settled first.
//! - 421, 429, 503: another connection, or a later moment, may help.
//!
//! A verdict of *indeterminate* is a 403: nothing is let in on hope, and a 503
//! would tell proxies and monitors that the gateway is down when one authority's
//! list is stale.

use axum::http::StatusCode;
use tongxing_pki::Code;

/// One kind of problem.
#[derive(Debug)]
pub(crate) struct ProblemKind {
    /// Its stable code and its title in both languages.
    pub(crate) code: Code,
    /// The status it is answered with.
    pub(crate) status: StatusCode,
}

macro_rules! kinds {
    ($($name:ident = $status:ident, $id:literal, $clause:literal, $zh:literal, $en:literal;)+) => {
        $(pub(crate) static $name: ProblemKind = ProblemKind {
            code: Code { id: $id, clause: $clause, zh: $zh, en: $en },
            status: StatusCode::$status,
        };)+

        /// All of them.
        pub(crate) static ALL: &[&ProblemKind] = &[$(&$name),+];

        static CODES: &[&Code] = &[$(&$name.code),+];
    };
}

/// The codes of the problems that the gateway answers with.
pub fn catalogue() -> &'static [&'static Code] {
    CODES
}

kinds! {
    NOT_FOUND = NOT_FOUND, "request.not_found", "RFC 9110 15.5.5",
        "此地址没有内容。",
        "There is nothing at this address.";
    METHOD = METHOD_NOT_ALLOWED, "request.method", "RFC 9110 15.5.6",
        "此地址不支持该请求方法。",
        "This address does not take requests of this method.";
    MISDIRECTED = MISDIRECTED_REQUEST, "request.misdirected", "RFC 9110 15.5.20",
        "请求的主机名与连接的主机名不一致,请重新建立连接。",
        "The request is for another host than the connection: connect anew.";
    ORIGIN = FORBIDDEN, "request.origin", "RFC 6454 7",
        "不接受其他网站发起的请求:证书会被浏览器自动出示。",
        "Requests made by another site are refused: a browser shows the certificate without asking.";
    CONTENT_TYPE = UNSUPPORTED_MEDIA_TYPE, "request.content_type", "RFC 9110 15.5.16",
        "请求内容须为 application/json。",
        "The request's content must be application/json.";
    TOO_LARGE = PAYLOAD_TOO_LARGE, "request.too_large", "RFC 9110 15.5.14",
        "请求内容过大。",
        "The request's content is too large.";
    TIMEOUT = REQUEST_TIMEOUT, "request.timeout", "RFC 9110 15.5.9",
        "请求未在规定时间内到达。",
        "The request did not arrive in time.";
    MALFORMED = BAD_REQUEST, "request.malformed", "RFC 8259",
        "请求内容不是此接口所要求的 JSON。",
        "The request's content is not the JSON that this address asks for.";
    RATE_LIMITED = TOO_MANY_REQUESTS, "request.rate_limited", "RFC 6585 4",
        "请求过于频繁,请稍后再试。",
        "Too many requests: try again later.";
    RELYING_PARTY = BAD_REQUEST, "relying_party.unknown", "RFC 8707 2",
        "audience 不是已登记的交易平台。",
        "The audience is no registered relying party.";
    CERTIFICATE_MISSING = UNAUTHORIZED, "certificate.missing", "RFC 8446 4.4.2",
        "没有收到客户端证书:请插入数字证书介质,并在浏览器询问时选择证书。",
        "No client certificate was shown: insert the key that holds it and choose it when asked.";
    HANDSHAKE_OLD = UNAUTHORIZED, "certificate.handshake_old", "architecture, flow 2 step 1",
        "证书出示已超过五分钟,请重新建立连接。",
        "The certificate was shown more than five minutes ago: connect anew.";
    CHALLENGE_MALFORMED = BAD_REQUEST, "challenge.malformed", "RFC 2104",
        "该登录挑战不是本网关签发的,或已被改动。",
        "This challenge was not made by this gateway, or was altered.";
    CHALLENGE_MISMATCH = UNAUTHORIZED, "challenge.mismatch", "architecture, flow 3",
        "该登录挑战是为其他交易平台签发的。",
        "This challenge was made for another relying party.";
    CHALLENGE_EXPIRED = UNAUTHORIZED, "challenge.expired", "two minutes",
        "该登录挑战已过期,请重新获取。",
        "This challenge has expired: ask for a new one.";
    CHALLENGE_REPLAYED = UNAUTHORIZED, "challenge.replayed", "single use",
        "该登录挑战已被使用过,请重新获取。",
        "This challenge was used before: ask for a new one.";
    CHALLENGE_VOIDED = UNAUTHORIZED, "challenge.voided", "clock reset",
        "系统时钟已重置,此前的登录挑战作废,请重新获取。",
        "The clock was reset, which voids earlier challenges: ask for a new one.";
    SIGNATURE_ALGORITHM = BAD_REQUEST, "challenge.signature_algorithm", "RFC 5280 4.1.2.7",
        "签名算法与证书公钥不相符。",
        "The signature's algorithm does not go with the certificate's key.";
    SIGNATURE_INVALID = UNAUTHORIZED, "challenge.signature_invalid", "architecture, flow 3",
        "签名未通过证书公钥验证:所签内容须与 text 逐字节相同。",
        "The signature does not verify with the certificate's key: the bytes signed must be exactly those of text.";
    CERTIFICATE_MALFORMED = BAD_REQUEST, "challenge.certificate_malformed", "RFC 5280 4.1",
        "随签名给出的证书无法读取。",
        "The certificate given with the signature cannot be read.";
    REFUSED = FORBIDDEN, "sign_in.refused", "architecture, flow 1 step 8",
        "不能用该证书登录,原因见 findings。",
        "This certificate cannot sign in; findings say why.";
    INDETERMINATE = FORBIDDEN, "sign_in.indeterminate", "architecture, flow 1 step 8",
        "目前无法判断该证书,原因见 findings。",
        "This certificate cannot be judged now; findings say why.";
    NAME_CONFLICT = CONFLICT, "sign_in.name_conflict", "architecture, flow 2 step 3",
        "证书中的名称与已登记的名称不一致,须先确认。",
        "The certificate gives another name than the one registered: it must be confirmed first.";
    NOTHING_PENDING = CONFLICT, "confirmation.nothing_pending", "architecture, flow 2 step 3",
        "没有该 CA 机构的证书等待确认。",
        "No certificate of this authority waits for confirmation.";
    NOT_BOUND = CONFLICT, "confirmation.not_bound", "architecture, flow 2 step 3",
        "该证书尚未登录过,不能用它确认;请用已登录过的证书。",
        "This certificate has not signed in yet: confirm with one that has.";
    BUSY = SERVICE_UNAVAILABLE, "service.busy", "RFC 9110 15.6.4",
        "信任资料正在更新,请稍后再试。",
        "Trust is changing at this moment: try again.";
    DISK_RESERVE = SERVICE_UNAVAILABLE, "storage.reserve", "RFC 9110 15.6.4",
        "网关存储空间不足,暂停登录,请稍后再试;运维人员已能看到此情况。",
        "The gateway's disk is almost full: sign-ins pause, try again later. Operators are told.";
    STANDBY = SERVICE_UNAVAILABLE, "service.standby", "RFC 9110 15.6.4",
        "本网关为备用网关,不受理登录,请稍后再试。",
        "This gateway is a standby and takes no sign-ins: try again later.";
    UNAVAILABLE = SERVICE_UNAVAILABLE, "service.unavailable", "RFC 9110 15.6.4",
        "网关目前不能记录登录,请稍后再试。",
        "The gateway cannot record sign-ins now: try again later.";
    INTERNAL = INTERNAL_SERVER_ERROR, "service.internal", "RFC 9110 15.6.1",
        "网关内部出错,请向运维人员提供 request_id。",
        "Something went wrong inside the gateway: give the operator the request_id.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_have_both_texts() {
        let mut ids: Vec<_> = catalogue().iter().map(|code| code.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), ALL.len());
        for code in catalogue() {
            assert!(!code.zh.is_ascii() && code.en.is_ascii(), "{code}");
        }
    }
}
