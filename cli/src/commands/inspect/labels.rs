//! The labels, in the order in which fields are shown. What a file says stays as it says it.

/// The label in English, with its place.
pub(super) fn english(key: &str) -> (usize, &str) {
    (place(key), key)
}

/// The label in Chinese; one that is missing stays in English, and a test finds it.
pub(super) fn chinese(key: &str) -> (usize, &str) {
    let place = place(key);
    (place, LABELS.get(place).map_or(key, |(_, label)| label))
}

fn place(key: &str) -> usize {
    LABELS.iter().position(|(known, _)| *known == key).unwrap_or(LABELS.len())
}

/// What a thing is, who made it and when; how; and what is in it.
const LABELS: &[(&str, &str)] = &[
    ("kind", "类型"),
    ("version", "版本"),
    ("about", "关于"),
    ("record", "记录编号"),
    ("verdict", "结论"),
    ("provisional", "暂定"),
    ("time", "时间"),
    ("accuracy_micros", "精度（微秒）"),
    ("signed_by", "签名人"),
    ("subject", "主体"),
    ("issuer", "签发者"),
    ("relying_party", "平台"),
    ("responder", "响应者"),
    ("authority", "时间戳机构"),
    ("policy", "策略"),
    ("serial", "序列号"),
    ("number", "编号"),
    ("delta_of", "增量所基于的编号"),
    ("identifier", "标识"),
    ("status", "状态"),
    ("revoked_at", "吊销时间"),
    ("reason", "原因"),
    ("invalid_since", "失效起始时间"),
    ("not_before", "生效时间"),
    ("not_after", "失效时间"),
    ("this_update", "本次更新"),
    ("next_update", "下次更新"),
    ("produced_at", "签署时间"),
    ("claimed_time", "自述的签名时间"),
    ("refused", "拒绝"),
    ("level", "级别"),
    ("code", "代码"),
    ("seen", "实为"),
    ("expected", "应为"),
    ("clause", "依据"),
    ("certificate", "证书"),
    ("place", "所在"),
    ("octets", "字节数"),
    ("public_key", "公钥"),
    ("digest_algorithm", "杂凑算法"),
    ("signature_algorithm", "签名算法"),
    ("signature_octets", "签名字节数"),
    ("imprint_algorithm", "印记算法"),
    ("imprint", "印记"),
    ("nonce", "随机数"),
    ("sha256", "SHA-256 指纹"),
    ("spki_sha256", "公钥 SHA-256"),
    ("trust_sha256", "信任状态 SHA-256"),
    ("evidence_missing", "未附证据数"),
    ("checkpoint_timestamp", "检查点时间戳"),
    ("oid", "对象标识符"),
    ("name", "名称"),
    ("critical", "关键"),
    ("value", "值"),
    ("is_ca", "是否 CA"),
    ("path_length", "路径长度"),
    ("content_type", "内容类型"),
    ("message_digest", "消息摘要"),
    ("signing_certificates", "指明的签名证书"),
    ("types", "属性类型"),
    ("signed_attributes", "签名属性"),
    ("contents", "内容"),
    ("entries", "条目数"),
    ("first_entries", "前若干条目"),
    ("answers", "答复"),
    ("signers", "签名者"),
    ("counter_signers", "副署者"),
    ("timestamps", "时间戳"),
    ("certificates", "所附证书"),
    ("profile_breaches", "不规范之处"),
    ("extensions", "扩展"),
    ("findings", "检查结果"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Every key that the sources beside this one write.
    #[test]
    fn no_label_is_missing_or_stale() {
        let sources = [
            include_str!("certificate.rs"),
            include_str!("receipt.rs"),
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
            assert_ne!(chinese(key).1, *key, "{key} has no label");
        }
        // Findings are written by their own type.
        let of_findings = ["code", "level", "clause", "expected", "seen", "certificate", "subject"];
        for (key, _) in LABELS {
            assert!(keys.contains(key) || of_findings.contains(key), "{key} is stale");
        }
    }
}
