//! The response codes of GM/T 0029, and what of a report becomes which.

use serde_json::Value;

/// What an operation came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResponseCode {
    Success,
    CertificateId,
    InfoType,
    /// What lists or responders say is not known.
    StatusUnknown,
    SignMethod,
    Certificate,
    CertificateDecode,
    Expired,
    NotYetValid,
    Revoked,
    Signature,
    DataFormat,
}

impl ResponseCode {
    /// The standard's number.
    pub(super) fn value(self) -> u32 {
        match self {
            Self::Success => 0,
            Self::CertificateId => 0x0400_0001,
            Self::InfoType => 0x0400_0002,
            Self::StatusUnknown => 0x0400_0003,
            Self::SignMethod => 0x0400_0004,
            Self::Certificate => 0x0400_0007,
            Self::CertificateDecode => 0x0400_0008,
            Self::Expired => 0x0400_0009,
            Self::NotYetValid => 0x0400_000A,
            Self::Revoked => 0x0400_000B,
            Self::Signature => 0x0400_000C,
            Self::DataFormat => 0x0400_000D,
        }
    }

    pub(super) fn zh(self) -> &'static str {
        match self {
            Self::Success => "成功。",
            Self::CertificateId => "服务器内没有这样标识的证书。",
            Self::InfoType => "不支持该证书解析项。",
            Self::StatusUnknown => "目前无法得知证书是否已被吊销。",
            Self::SignMethod => "不支持该签名算法，或者与证书的密钥不相符。",
            Self::Certificate => "证书不被认可，原因见 report。",
            Self::CertificateDecode => "证书无法解析。",
            Self::Expired => "证书已过期。",
            Self::NotYetValid => "证书尚未生效。",
            Self::Revoked => "证书已被吊销。",
            Self::Signature => "签名无效。",
            Self::DataFormat => "数据格式错误。",
        }
    }

    pub(super) fn en(self) -> &'static str {
        match self {
            Self::Success => "Success.",
            Self::CertificateId => "The server has no certificate of this identification.",
            Self::InfoType => "This item of a certificate is not supported.",
            Self::StatusUnknown => "Whether the certificate is revoked is not known now.",
            Self::SignMethod => {
                "The signature algorithm is not supported, or not that of the certificate's key."
            }
            Self::Certificate => "The certificate is not recognised; the report says why.",
            Self::CertificateDecode => "The certificate cannot be read.",
            Self::Expired => "The certificate has expired.",
            Self::NotYetValid => "The certificate is not valid yet.",
            Self::Revoked => "The certificate is revoked.",
            Self::Signature => "The signature is not valid.",
            Self::DataFormat => "The data is not of the right format.",
        }
    }

    /// The code of a report: a signature that does not verify comes before what is wrong
    /// with its certificate, and that before what is only not known.
    pub(super) fn of_report(report: &Value) -> Self {
        if report["verdict"] == "passed" {
            return Self::Success;
        }
        let mut against = Vec::new();
        decisive(report, &mut against);
        let of = |one: &Decisive| one.code();
        against.iter().map(of).max_by_key(|code| code.rank()).unwrap_or(Self::Certificate)
    }

    /// Of several things that are wrong the highest is told.
    fn rank(self) -> u8 {
        match self {
            Self::DataFormat => 9,
            Self::Signature => 8,
            Self::SignMethod => 7,
            Self::Revoked => 6,
            Self::Expired => 5,
            Self::NotYetValid => 4,
            Self::Certificate => 3,
            Self::StatusUnknown => 2,
            _ => 1,
        }
    }
}

/// A finding that failed or is undecided.
struct Decisive {
    code: String,
    failed: bool,
}

impl Decisive {
    fn code(&self) -> ResponseCode {
        use ResponseCode as R;
        match self.code.as_str() {
            "document.format_unknown" | "document.malformed" | "document.limit" => R::DataFormat,
            "certificate.expired" => R::Expired,
            "certificate.not_yet_valid" => R::NotYetValid,
            "revocation.revoked" | "revocation.on_hold" => R::Revoked,
            "signer.algorithm_weak" | "signer.algorithm_unsupported" | "signer.key_mismatch" => {
                R::SignMethod
            }
            // What cannot be an SM2 signature at all.
            code if code.starts_with("signature.sm2_") => R::Signature,
            code => match code.split('.').next() {
                Some("content" | "signer" | "attribute" | "timestamp" | "pdf" | "document") => {
                    R::Signature
                }
                Some("revocation") if !self.failed => R::StatusUnknown,
                _ => R::Certificate,
            },
        }
    }
}

/// What failed or is undecided in a report and its signatures.
fn decisive(report: &Value, found: &mut Vec<Decisive>) {
    for finding in report["findings"].as_array().into_iter().flatten() {
        let level = finding["level"].as_str().unwrap_or_default();
        if matches!(level, "failed" | "indeterminate")
            && let Some(code) = finding["code"].as_str()
        {
            found.push(Decisive { code: code.to_owned(), failed: level == "failed" });
        }
    }
    for signature in report["signatures"].as_array().into_iter().flatten() {
        decisive(signature, found);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(findings: &Value) -> ResponseCode {
        let report = json!({ "verdict": "failed", "signatures": [{ "findings": findings }] });
        ResponseCode::of_report(&report)
    }

    #[test]
    fn the_worst_of_a_report_is_told() {
        let finding = |code: &str, level: &str| json!({ "code": code, "level": level });
        let revoked = finding("revocation.revoked", "failed");
        let expired = finding("certificate.expired", "failed");
        let invalid = finding("signer.signature_invalid", "failed");
        let unknown = finding("revocation.no_list", "indeterminate");
        let passed = finding("signer.signature", "passed");
        assert_eq!(of(&json!([expired, revoked])), ResponseCode::Revoked);
        assert_eq!(of(&json!([expired, invalid])), ResponseCode::Signature);
        assert_eq!(of(&json!([passed, unknown])), ResponseCode::StatusUnknown);
        assert_eq!(of(&json!([finding("path.no_anchor", "failed")])), ResponseCode::Certificate);
        assert_eq!(of(&json!([])), ResponseCode::Certificate, "never a success");
        let passed = json!({ "verdict": "passed" });
        assert_eq!(ResponseCode::of_report(&passed).value(), 0);
    }
}
