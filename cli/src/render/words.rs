//! What the terminal's trees say in the reader's language.

use tongxing_pki::{Language, Level, Verdict};

use super::Style;

/// The words of one language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words(pub(super) Language);

impl Words {
    /// What would have passed.
    pub(super) fn expected(self) -> &'static str {
        self.0.pick("应为", "expected")
    }

    /// What was there.
    pub(super) fn seen(self) -> &'static str {
        self.0.pick("实为", "seen")
    }

    /// A certificate's serial number.
    pub(super) fn serial(self) -> &'static str {
        self.0.pick("序列号", "serial")
    }

    /// Over findings that are about nothing in particular.
    pub(super) fn in_general(self) -> &'static str {
        self.0.pick("总体", "in general")
    }

    /// One of a document's signatures.
    pub(super) fn signature(self) -> &'static str {
        self.0.pick("签名", "signature")
    }

    /// A signature over a signature.
    pub(super) fn counter_signature(self) -> &'static str {
        self.0.pick("副署", "counter-signature")
    }

    /// What proves when something was there.
    pub(super) fn timestamp(self) -> &'static str {
        self.0.pick("时间戳", "timestamp")
    }

    /// Before the moment that a signature is judged at.
    pub(super) fn judged_at(self) -> &'static str {
        self.0.pick("判定时刻", "judged at")
    }

    /// Behind it: a timestamp proves it.
    pub(super) fn by_timestamp(self) -> &'static str {
        self.0.pick("，由时间戳证明", ", proven by a timestamp")
    }

    /// Behind it: whoever asked gave it.
    pub(super) fn as_asked(self) -> &'static str {
        self.0.pick("，按请求指定", ", as asked")
    }

    /// Behind it: nothing better is known.
    pub(super) fn at_present(self) -> &'static str {
        self.0.pick("，即当前：没有签名时间的证明", ", now: nothing says when it was made")
    }

    /// Before the time that the signer wrote down.
    pub(super) fn claimed(self) -> &'static str {
        self.0.pick("签名者自称的时间", "the signer claims")
    }

    /// Before the verdict of this moment.
    pub(super) fn now(self) -> &'static str {
        self.0.pick("当前：", "at present:")
    }

    /// Before a timestamp's own time.
    pub(super) fn made_at(self) -> &'static str {
        self.0.pick("签发时间", "made at")
    }

    /// The verdict with its mark.
    pub(super) fn verdict(self, verdict: Verdict, style: Style) -> String {
        match verdict {
            Verdict::Passed => style.good(self.0.pick("✓ 通过", "✓ passed")),
            Verdict::Failed => style.bad(self.0.pick("✗ 不通过", "✗ failed")),
            Verdict::Indeterminate => style.warn(self.0.pick("? 无法判定", "? indeterminate")),
        }
    }

    /// The same within a line.
    pub(super) fn plain_verdict(self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Passed => self.0.pick("通过", "passed"),
            Verdict::Failed => self.0.pick("不通过", "failed"),
            Verdict::Indeterminate => self.0.pick("无法判定", "indeterminate"),
        }
    }

    /// A capacity by the API's name for it; that of a later version as it stands.
    pub(super) fn capacity(self, name: &str) -> &str {
        match (self.0, name) {
            (Language::Zh, "organization") => "单位",
            (Language::Zh, "legal-representative") => "法定代表人",
            (Language::Zh, "agent") => "经办人",
            (Language::Zh, "individual") => "个人",
            _ => name,
        }
    }

    /// An assurance, the same way.
    pub(super) fn assurance(self, name: &str) -> String {
        let told = match (self.0, name) {
            (Language::Zh, "low") => "低",
            (Language::Zh, "substantial") => "中",
            (Language::Zh, "high") => "高",
            _ => name,
        };
        self.0.pick(format!("身份核验等级：{told}"), format!("assurance {told}"))
    }
}

/// One cell for a level.
pub(super) fn level_mark(level: Level, style: Style) -> String {
    match level {
        Level::Passed => style.good("✓"),
        Level::Info => style.dim("i"),
        Level::Warning => style.warn("!"),
        Level::Indeterminate => style.warn("?"),
        Level::Failed => style.bad("✗"),
    }
}

/// One cell for a verdict.
pub(super) fn verdict_mark(verdict: Verdict, style: Style) -> String {
    level_mark(
        match verdict {
            Verdict::Passed => Level::Passed,
            Verdict::Failed => Level::Failed,
            Verdict::Indeterminate => Level::Indeterminate,
        },
        style,
    )
}
