//! What a receipt states, in the order in which a court asks: what was verified, who
//! signed, for whom, when, and by which evidence.

use std::fmt::Write;

use serde::Deserialize;
use serde_json::Value;
use tongxing_pki::{Language, Verdict};
use tongxing_trust_store::{StatedReceipt, StatedRequirements};

use super::explanation::{Found, checks};
use super::words::{Words, verdict_mark};
use super::{Style, safe, width};

/// The sections, each behind an empty line. Reports of later versions may have more than
/// is read here; what does not read at all is in `--json`.
pub(super) fn stated(stated: &StatedReceipt, bidders: Option<Language>, style: Style) -> String {
    let language = bidders.unwrap_or(Language::En);
    let mut text = verified(stated, language, style);
    let report = Report::deserialize(&stated.report).unwrap_or_default();
    for (index, signature) in report.signatures.iter().enumerate() {
        text += &signature.section(Some(index + 1), bidders, style);
    }
    if stated.kind == "certificate" {
        let one = Judged::deserialize(&stated.report).unwrap_or_default();
        text += &one.section(None, bidders, style);
    } else {
        text += &against(&report.findings, bidders, style);
    }
    text
}

/// What was verified, and what was required of it.
fn verified(stated: &StatedReceipt, language: Language, style: Style) -> String {
    let heading = language.pick("所验证的内容", "what was verified");
    let mut facts = Facts::default();
    for part in &stated.verified {
        let label = match part.part {
            "signature" => language.pick("签名文件", "signed document"),
            "content" => language.pick("被签内容", "content"),
            _ => language.pick("证书", "certificate"),
        };
        facts.add(label, format!("{} {}", part.algorithm, part.digest));
    }
    if let Some(required) = &stated.required {
        required_of(required, language, &mut facts);
    }
    format!("\n{}\n{}", style.bold(heading), facts.text("  ", style))
}

fn required_of(required: &StatedRequirements, language: Language, facts: &mut Facts) {
    let StatedRequirements { at, entities, who, capacities, policies } = required;
    if let Some(at) = at {
        facts.add(language.pick("所问时刻", "moment asked"), at.to_string());
    }
    if !entities.is_empty() {
        let all = *who == tongxing_trust_store::WhoSigns::All;
        let how = if all {
            language.pick("（均须签名）", " (all of them)")
        } else {
            language.pick("（其一签名即可）", " (one of them)")
        };
        let label = language.pick("要求签名的主体", "must have signed");
        facts.add(label, format!("{}{how}", entities.join(", ")));
    }
    let capacities: Vec<&str> = capacities.iter().map(|one| one.as_str()).collect();
    facts.add(language.pick("要求的身份", "capacity required"), capacities.join(", "));
    facts.add(language.pick("要求的证书策略", "policy required"), policies.join(", "));
}

/// What speaks against the document as a whole.
fn against(findings: &[Found], bidders: Option<Language>, style: Style) -> String {
    let against: Vec<&Found> = findings.iter().filter(|found| found.speaks_against()).collect();
    if against.is_empty() {
        return String::new();
    }
    let heading = Words(bidders.unwrap_or(Language::En)).in_general();
    format!("\n{}\n{}", style.bold(heading), checks(&against, bidders, style))
}

/// Labels with what they say, one below the other.
#[derive(Default)]
pub(super) struct Facts(Vec<(&'static str, String)>);

impl Facts {
    /// Adds text of others', made safe. Nothing is said of what is not known.
    pub(super) fn add(&mut self, label: &'static str, value: impl AsRef<str>) {
        self.add_own(label, safe(value.as_ref()));
    }

    /// Adds what this program says itself, with its colours.
    pub(super) fn add_own(&mut self, label: &'static str, value: String) {
        if !value.trim().is_empty() {
            self.0.push((label, value));
        }
    }

    /// One a line, each behind `indent`.
    pub(super) fn text(&self, indent: &str, style: Style) -> String {
        let wide = self.0.iter().map(|(label, _)| width(label)).max().unwrap_or_default();
        let mut text = String::new();
        for (label, value) in &self.0 {
            let space = " ".repeat(wide - width(label));
            // Writing to a string does not fail.
            _ = writeln!(text, "{indent}{}{space}  {value}", style.dim(label));
        }
        text
    }
}

/// The answer about a document.
#[derive(Default, Deserialize)]
struct Report {
    #[serde(default)]
    findings: Vec<Found>,
    #[serde(default)]
    signatures: Vec<Judged>,
}

/// A signature, or a certificate that was asked about by itself.
#[derive(Default, Deserialize)]
struct Judged {
    verdict: Option<Verdict>,
    indication: Option<String>,
    sub_indication: Option<String>,
    time: Option<Time>,
    /// Of a certificate.
    at: Option<String>,
    purpose: Option<String>,
    valid_now: Option<Verdict>,
    certificate: Option<Member>,
    #[serde(default)]
    path: Vec<Member>,
    authority: Option<Authority>,
    policy_version: Option<String>,
    province_policy: Option<String>,
    policy_versions: Option<Versions>,
    identity: Option<Identity>,
    revocation: Option<Revocation>,
    #[serde(default)]
    findings: Vec<Found>,
}

#[derive(Deserialize)]
struct Time {
    claimed: Option<String>,
    best: String,
    basis: String,
}

#[derive(Deserialize)]
struct Member {
    subject: String,
    serial: String,
    sha256: String,
}

#[derive(Deserialize)]
struct Authority {
    id: String,
    name_zh: String,
    name_en: Option<String>,
}

#[derive(Deserialize)]
struct Versions {
    province: String,
    authority: Option<String>,
}

#[derive(Deserialize)]
struct Identity {
    entity: Claim,
    holder: Option<Claim>,
    capacity: String,
    assurance: String,
}

#[derive(Deserialize)]
struct Claim {
    value: Option<String>,
    name: Option<String>,
}

impl Claim {
    fn text(&self) -> String {
        let parts = [&self.value, &self.name].map(|part| part.as_deref().unwrap_or_default());
        parts.join(" ").trim().to_owned()
    }
}

#[derive(Deserialize)]
struct Revocation {
    #[serde(default)]
    certificates: Vec<Value>,
}

impl Judged {
    fn section(&self, number: Option<usize>, bidders: Option<Language>, style: Style) -> String {
        let language = bidders.unwrap_or(Language::En);
        let words = Words(language);
        let mark = self.verdict.map(|verdict| verdict_mark(verdict, style)).unwrap_or_default();
        let title = match number {
            Some(number) => format!("{} {number}", words.signature()),
            None => language.pick("证书", "certificate").to_owned(),
        };
        let indication = [&self.indication, &self.sub_indication];
        let indication: Vec<&str> = indication.into_iter().flatten().map(String::as_str).collect();
        let head = format!("{mark} {} {}", style.bold(&title), safe(&indication.join(" ")));
        let mut facts = Facts::default();
        self.whose(language, &mut facts);
        self.when(language, &mut facts);
        self.by_what(language, &mut facts);
        let against: Vec<&Found> =
            self.findings.iter().filter(|one| one.speaks_against()).collect();
        format!(
            "\n{}\n{}{}",
            head.trim_end(),
            facts.text("  ", style),
            checks(&against, bidders, style)
        )
    }

    fn whose(&self, language: Language, facts: &mut Facts) {
        if let Some(Identity { entity, holder, capacity, assurance }) = &self.identity {
            // What did not pass grants nobody anything.
            let label = match self.verdict {
                Some(Verdict::Passed) => language.pick("代表主体", "speaks for"),
                _ => language.pick("证书所称主体", "claims to speak for"),
            };
            facts.add(label, entity.text());
            let holder = holder.as_ref().map(Claim::text).unwrap_or_default();
            facts.add(language.pick("持有人", "held by"), holder);
            let capacity = Words(language).capacity(capacity);
            let assurance = Words(language).assurance(assurance);
            facts.add(
                language.pick("身份", "capacity"),
                format!("{capacity}{}{assurance}", language.pick("；", "; ")),
            );
        }
        if let Some(Member { subject, serial, sha256 }) =
            self.certificate.as_ref().or(self.path.first())
        {
            facts.add(language.pick("证书", "certificate"), subject.clone());
            facts.add(language.pick("序列号", "serial"), serial.clone());
            facts.add("sha256", sha256.clone());
        }
        let issuer = self.path.get(1).map(|issuer| issuer.subject.clone());
        facts.add(language.pick("签发者", "issuer"), issuer.unwrap_or_default());
        if let Some(Authority { id, name_zh, name_en }) = &self.authority {
            let name = language.pick(name_zh, name_en.as_ref().unwrap_or(name_zh));
            facts.add(language.pick("CA 机构", "CA"), format!("{name} ({id})"));
        }
    }

    fn when(&self, language: Language, facts: &mut Facts) {
        let words = Words(language);
        if let Some(Time { claimed, best, basis }) = &self.time {
            let basis = match basis.as_str() {
                "timestamp" => words.by_timestamp(),
                "asked" => words.as_asked(),
                // The present of then, not of whoever reads this.
                _ => language.pick("，即验证之时", ", when it was verified"),
            };
            facts.add(words.judged_at(), format!("{best}{basis}"));
            facts.add(words.claimed(), claimed.clone().unwrap_or_default());
        }
        let purpose = self.purpose.as_deref().map(|purpose| format!(" ({purpose})"));
        let at = self.at.as_ref().map(|at| format!("{at}{}", purpose.unwrap_or_default()));
        facts.add(words.judged_at(), at.unwrap_or_default());
        if let Some(now) = self.valid_now {
            let label = language.pick("验证之时是否有效", "valid when verified");
            facts.add(label, words.plain_verdict(now));
        }
    }

    fn by_what(&self, language: Language, facts: &mut Facts) {
        let statuses = self.revocation.iter().flat_map(|basis| &basis.certificates);
        for status in statuses {
            facts.add(language.pick("吊销状态", "revocation"), status_text(status, language));
        }
        let versions = self.policy_versions.as_ref();
        let own = self.policy_version.as_ref();
        let own = own.or(versions.and_then(|versions| versions.authority.as_ref()));
        let ours = self.province_policy.as_ref().or(versions.map(|versions| &versions.province));
        facts.add(language.pick("CA 策略版本", "CA's policy"), own.cloned().unwrap_or_default());
        let label = language.pick("本省策略版本", "province's policy");
        facts.add(label, ours.cloned().unwrap_or_default());
    }
}

/// The status of one certificate, and what says so.
fn status_text(status: &Value, language: Language) -> String {
    let text = |pointer| status.pointer(pointer).and_then(Value::as_str);
    let word = match text("/status") {
        Some("good") => language.pick("未吊销", "good"),
        Some("revoked") => language.pick("已吊销", "revoked"),
        _ => language.pick("未知", "not known"),
    };
    let mut told = word.to_owned();
    for detail in ["/date", "/reason", "/code"].into_iter().filter_map(text) {
        _ = write!(told, " {detail}");
    }
    if let Some(sha256) = text("/evidence/sha256") {
        let method = text("/evidence/method").unwrap_or_default().to_uppercase();
        let made = text("/evidence/this_update").unwrap_or_default();
        let comma = language.pick("，", ", ");
        _ = write!(told, "{comma}{method} {made} sha256 {sha256}");
    }
    told
}
