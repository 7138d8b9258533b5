//! The findings about receipts.

use tongxing_pki::Code;

tongxing_pki::define_codes! { codes: pub(super), list: OWN;
    SIGNED = "receipt.signed", "RFC 7515 5.2",
        "回执由受信任的证据密钥签名。",
        "The receipt is signed by an evidence key that is trusted.",
        Nobody, NOTHING,
        "验证回执确由互认网关出具。",
        "The receipt was given by the gateway.";
    KEY_UNKNOWN = "receipt.key_unknown", "RFC 7515 5.2",
        "回执的签名密钥不在所给的受信任密钥之中。",
        "The receipt is signed by a key that is none of those that are trusted.",
        Platform, TELL_PLATFORM,
        "无法确认验证回执由谁出具。",
        "Nobody can tell who gave the receipt.";
    ALTERED = "receipt.altered", "RFC 7515 5.2",
        "回执的签名无效：内容已被改动。",
        "The receipt's signature does not verify: it was altered.",
        Platform, TELL_PLATFORM,
        "验证回执已被改动。",
        "The receipt was altered.";
    RECORDED = "receipt.recorded", "C2SP tlog-proof",
        "该次验证在已签名的记录之中。",
        "The verification is on the record that was signed.",
        Nobody, NOTHING,
        "这次验证已记录在案。",
        "The verification is on the record.";
    NOT_RECORDED = "receipt.not_recorded", "C2SP tlog-proof",
        "证明不能说明该次验证在已签名的记录之中。",
        "The proof does not show that the verification is on the record that was signed.",
        Platform, TELL_PLATFORM,
        "不能证明这次验证记录在案。",
        "Nothing proves that the verification is on the record.";
    EVIDENCE = "receipt.evidence", "statement, evidence",
        "回执所依据的证据齐全，且与其摘要一致。",
        "The evidence that the receipt names is all here, each piece with its hash.",
        Nobody, NOTHING,
        "回执所依据的材料齐全。",
        "All that the receipt rests on is here.";
    EVIDENCE_MISSING = "receipt.evidence_missing", "statement, evidence",
        "缺少回执所依据的证据。",
        "Evidence that the receipt names is not here.",
        Platform, TELL_PLATFORM,
        "缺少回执所依据的材料。",
        "Something that the receipt rests on is missing.";
    EVIDENCE_ALTERED = "receipt.evidence_altered", "statement, evidence",
        "所附证据与其摘要不符。",
        "A piece of evidence does not have the hash that it is under.",
        Platform, TELL_PLATFORM,
        "回执所附的材料已被改动。",
        "Something that came with the receipt was altered.";
    EVIDENCE_OTHER = "receipt.evidence_other", "statement, trust",
        "证据的内容与回执所述不一致。",
        "The evidence says something else than the receipt.",
        Platform, TELL_PLATFORM,
        "回执所附的材料与回执不一致。",
        "What came with the receipt does not agree with it.";
    DOCUMENT = "receipt.document", "statement, question",
        "所给文件即当时验证的文件。",
        "The document given is the one that was verified.",
        Nobody, NOTHING,
        "这就是当时验证的文件。",
        "This is the document that was verified.";
    DOCUMENT_OTHER = "receipt.document_other", "statement, question",
        "所给文件不是当时验证的文件。",
        "The document given is not the one that was verified.",
        Bidder, SEND_ORIGINAL,
        "这不是当时验证的文件。",
        "This is not the document that was verified.";
    DOCUMENT_NOT_COMPARED = "receipt.document_not_compared", "statement, question",
        "回执只载有该文件与签名密钥合算的摘要，所给文件无法与之比较。",
        "The receipt has digests of the content that are of the signer's key too: the document \
         given cannot be compared with them.",
        Nobody, NOTHING,
        "无法核对所给文件是不是当时签名的文件。",
        "Whether this is the file that was signed cannot be told.";
    DOCUMENT_NOT_GIVEN = "receipt.document_not_given", "statement, question",
        "未提供被签名的内容，仅依据回执所载的摘要。",
        "The content that was signed is not here: its digests alone are.",
        Nobody, NOTHING,
        "没有提供当时签名的文件，只核对了它的摘要。",
        "The file that was signed was not given; its digests alone were looked at.";
    DERIVED = "receipt.derived", "statement, report",
        "依据所附证据重新判断，结论相同。",
        "Judged anew from the evidence, the answer comes out the same.",
        Nobody, NOTHING,
        "重新判断的结论相同。",
        "Judged again, it comes out the same.";
    DERIVED_DIFFERS = "receipt.derived_differs", "statement, report",
        "依据所附证据重新判断，结论不同。",
        "Judged anew from the evidence, the answer comes out otherwise.",
        Operator, TELL_OPERATOR,
        "重新判断的结论与回执不同。",
        "Judged again, it does not come out as the receipt says.";
    CHECKS_DIFFER = "receipt.checks_differ", "statement, report",
        "重新判断的结论相同，但所作检查有所不同。",
        "Judged anew the verdict is the same, but other checks were made.",
        Nobody, NOTHING,
        "结论相同，检查项目略有不同。",
        "The result is the same; some of the checks are others.";
    NOT_DERIVED = "receipt.not_derived", "statement, question",
        "无法依据所附证据重新判断。",
        "The answer cannot be derived from the evidence.",
        Platform, TELL_PLATFORM,
        "现有材料不足以重新判断。",
        "What is here is not enough to judge again.";
    TIMESTAMP = "receipt.timestamp", "RFC 3161 2.4.2",
        "时间戳证明该次验证在所述时刻已经存在。",
        "A timestamp proves that the verification was on the record at the time it says.",
        Nobody, NOTHING,
        "时间戳证明了验证的时间。",
        "A timestamp proves when it was verified.";
    TIMESTAMP_ENROLLED = "receipt.timestamp_enrolled", "RFC 3161 2.4.2",
        "时间戳由当时登记的时间戳机构出具；如不采信出具回执的省份，请另行指定受信任的时间戳机构。",
        "A timestamp of an authority that the province had enrolled proves the time; whoever \
         does not take the province's word names the authority themselves.",
        Nobody, NOTHING,
        "时间戳证明了验证的时间，以该省当时的登记为准。",
        "A timestamp proves when it was verified, by whom the province had enrolled then.";
    TIMESTAMP_INVALID = "receipt.timestamp_invalid", "RFC 3161 2.4.2",
        "回执所附的时间戳无效。",
        "The timestamp that came with the receipt does not verify.",
        Platform, TELL_PLATFORM,
        "回执所附的时间戳无效。",
        "The timestamp that came with the receipt is not valid.";
    TIMESTAMP_MISSING = "receipt.timestamp_missing", "RFC 3161 2.4.2",
        "指定了时间戳机构，但回执未附时间戳。",
        "Authorities for timestamps were named, and no timestamp came with the receipt.",
        Platform, TELL_PLATFORM,
        "回执未附时间戳，不能另行证明验证的时间。",
        "No timestamp came with the receipt: nothing else proves when it was given.";
    TIMESTAMP_UNTRUSTED = "receipt.timestamp_untrusted", "RFC 3161 2.4.2",
        "时间戳完好，但并非由所指定的时间戳机构出具。",
        "The timestamp is whole, but none of the authorities that were named made it.",
        Platform, TELL_PLATFORM,
        "时间戳不是由指定的机构出具的。",
        "The timestamp is by none of the authorities that were named.";
    TIMESTAMP_UNPROVEN = "receipt.timestamp_unproven", "RFC 3161 2.4.2",
        "时间戳完好，但当时信任的机构中无人为其担保。",
        "The timestamp is whole, but nobody who was trusted for timestamps then made it.",
        Nobody, NOTHING,
        "时间戳完好，但不能证明由谁出具。",
        "The timestamp is whole, but nothing proves who made it.";
    PROVISIONAL = "receipt.provisional", "province's rules for the past",
        "该结论为暂定：此后的吊销列表可能推翻它。",
        "The answer was provisional: a later revocation list may have overturned it.",
        Nobody, NOTHING,
        "当时的结论是暂定的，请查看其后的确认结果。",
        "The result was provisional then; see what was confirmed afterwards.";
}

/// Every code of receipts.
pub(crate) fn catalogue() -> &'static [&'static Code] {
    OWN
}
