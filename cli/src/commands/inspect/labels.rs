//! The labels in Chinese. What a file says stays as it says it.

use serde_json::{Map, Value};

/// The same with Chinese labels; one that is missing stays in English, and a test finds it.
pub(super) fn chinese(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| (label(key).to_owned(), chinese(value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(chinese).collect()),
        other => other.clone(),
    }
}

fn label(key: &str) -> &str {
    LABELS.iter().find(|(known, _)| *known == key).map_or(key, |(_, label)| label)
}

const LABELS: &[(&str, &str)] = &[
    ("kind", "类型"),
    ("version", "版本"),
    ("subject", "主体"),
    ("issuer", "签发者"),
    ("serial", "序列号"),
    ("not_before", "生效时间"),
    ("not_after", "失效时间"),
    ("public_key", "公钥"),
    ("signature_algorithm", "签名算法"),
    ("sha256", "SHA-256 指纹"),
    ("spki_sha256", "公钥 SHA-256"),
    ("profile_breaches", "不规范之处"),
    ("extensions", "扩展"),
    ("oid", "对象标识符"),
    ("name", "名称"),
    ("critical", "关键"),
    ("value", "值"),
    ("is_ca", "是否 CA"),
    ("path_length", "路径长度"),
    ("this_update", "本次更新"),
    ("next_update", "下次更新"),
    ("number", "编号"),
    ("delta_of", "增量所基于的编号"),
    ("entries", "条目数"),
    ("first_entries", "前若干条目"),
    ("revoked_at", "吊销时间"),
    ("reason", "原因"),
    ("invalid_since", "失效起始时间"),
    ("refused", "拒绝"),
    ("responder", "响应者"),
    ("produced_at", "签署时间"),
    ("nonce", "随机数"),
    ("answers", "答复"),
    ("certificates", "所附证书"),
    ("status", "状态"),
    ("contents", "内容"),
    ("place", "所在"),
    ("octets", "字节数"),
    ("signers", "签名者"),
    ("timestamps", "时间戳"),
    ("findings", "检查结果"),
    ("identifier", "标识"),
    ("digest_algorithm", "杂凑算法"),
    ("claimed_time", "自述的签名时间"),
    ("signed_attributes", "签名属性"),
    ("signature_octets", "签名字节数"),
    ("counter_signers", "副署者"),
    ("types", "属性类型"),
    ("content_type", "内容类型"),
    ("message_digest", "消息摘要"),
    ("signing_certificates", "指明的签名证书"),
    ("time", "时间"),
    ("accuracy_micros", "精度（微秒）"),
    ("policy", "策略"),
    ("imprint_algorithm", "印记算法"),
    ("imprint", "印记"),
    ("authority", "时间戳机构"),
    ("code", "代码"),
    ("level", "级别"),
    ("clause", "依据"),
    ("expected", "应为"),
    ("seen", "实为"),
    ("certificate", "证书"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Every key that the sources beside this one write.
    #[test]
    fn no_label_is_missing_or_stale() {
        let sources = [
            include_str!("certificate.rs"),
            include_str!("revocation.rs"),
            include_str!("signed.rs"),
        ];
        let is_word = |text: &str| {
            text.bytes().all(|one| one.is_ascii_lowercase() || one == b'_' || one.is_ascii_digit())
        };
        let keys = sources.iter().flat_map(|source| source.split("\": ")).filter_map(|before| {
            let key = before.rsplit('"').next()?;
            (!key.is_empty() && is_word(key)).then_some(key)
        });
        let keys: Vec<_> = keys.collect();
        assert!(keys.len() > 40, "{keys:?}");
        for key in &keys {
            assert_ne!(label(key), *key, "{key} has no label");
        }
        // Findings are written by their own type.
        let of_findings = ["code", "level", "clause", "expected", "seen", "certificate", "subject"];
        for (key, _) in LABELS {
            assert!(keys.contains(key) || of_findings.contains(key), "{key} is stale");
        }
    }
}
