//! What a policy made of a certificate: who it is, each rule, each check.

use std::fmt::Write;

use serde::Deserialize;
use serde_json::Value;
use tongxing_pki::{Code, Language, Level, Verdict};

use super::findings::{self, Branch, Check, labelled};
use super::flow::{Flow, Ink};
use super::words::{level_mark, verdict_mark};
use super::{Style, safe, width};

/// The text for people. It reads the answer as it was given, which may come from a
/// gateway of another version: what does not read is shown as it is.
pub(crate) fn explained(answer: &Value, style: Style) -> String {
    match View::deserialize(answer) {
        Ok(view) => view.text(style),
        Err(_) => format!("{answer:#}\n"),
    }
}

#[derive(Deserialize)]
struct View {
    policy: Policy,
    rules: Vec<Rule>,
    findings: Vec<Found>,
    identity: Option<Identity>,
    acceptance: Vec<InRole>,
}

#[derive(Deserialize)]
struct Policy {
    authority: String,
    label: String,
    version: String,
    unverified: bool,
}

#[derive(Deserialize)]
struct Rule {
    field: String,
    #[serde(rename = "rule")]
    name: String,
    from: Option<String>,
    #[serde(default)]
    decode: Vec<String>,
    kind: Option<String>,
    #[serde(default)]
    readings: Vec<Reading>,
    outcome: String,
}

#[derive(Deserialize)]
struct Reading {
    octets: String,
    text: Option<String>,
    steps: Vec<Step>,
    outcome: String,
}

#[derive(Deserialize)]
struct Step {
    step: String,
    result: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Found {
    code: String,
    pub(super) level: Level,
    expected: Option<String>,
    seen: Option<String>,
}

impl Found {
    /// Whether it failed or left something open.
    pub(super) fn speaks_against(&self) -> bool {
        matches!(self.level, Level::Failed | Level::Indeterminate)
    }
}

#[derive(Deserialize)]
struct Identity {
    capacity: String,
    assurance: String,
    entity: Claim,
    organization_code: Option<String>,
    holder: Option<Claim>,
}

#[derive(Deserialize)]
struct Claim {
    kind: Option<String>,
    value: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct InRole {
    role: String,
    verdict: Verdict,
    findings: Vec<Found>,
}

impl View {
    fn text(&self, style: Style) -> String {
        let mut text = self.head(style);
        let mut field = "";
        for (index, rule) in self.rules.iter().enumerate() {
            if field != rule.field {
                field = &rule.field;
                _ = writeln!(text, "\n{}", style.bold(field));
            }
            let ends = self.rules.get(index + 1).is_none_or(|next| next.field != field);
            text += &rule.text(if ends { Branch::Last } else { Branch::Inner }, style);
        }
        _ = writeln!(text, "\n{}", style.bold("checks of the identity"));
        text += &checks(&self.findings.iter().collect::<Vec<_>>(), None, style);
        for role in &self.acceptance {
            text += &role.text(style);
        }
        text
    }

    fn head(&self, style: Style) -> String {
        let Policy { authority, label, version, unverified } = &self.policy;
        let by = format!("by the policy of {authority}, {}, version {version}", safe(label));
        let mut text = match &self.identity {
            Some(_) => format!("{} {by}\n", style.good("✓ identified")),
            None => format!("{} {by}\n", style.bad("✗ nobody is identified")),
        };
        if *unverified {
            let told = "! this policy says that it was not tried on a real certificate yet";
            _ = writeln!(text, "{}", style.warn(told));
        }
        if let Some(identity) = &self.identity {
            text += &identity.text(style);
        }
        text
    }
}

impl Identity {
    fn text(&self, style: Style) -> String {
        let mut lines = vec![("entity", self.entity.text())];
        lines.extend(self.organization_code.iter().map(|code| ("organization code", code.clone())));
        lines.extend(self.holder.iter().map(|holder| ("holder", holder.text())));
        lines.push(("capacity", self.capacity.clone()));
        lines.push(("assurance", self.assurance.clone()));
        lines.iter().map(|(label, value)| labelled(label, value, "  ", style)).collect()
    }
}

impl Claim {
    fn text(&self) -> String {
        let parts = [&self.kind, &self.value, &self.name];
        parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("  ")
    }
}

impl Rule {
    fn text(&self, branch: Branch, style: Style) -> String {
        let (first, next) = branch.lines();
        let below = format!("{next}  ");
        let came = ["yields a value", "holds"].iter().any(|good| self.outcome.starts_with(good));
        let mark = if came { style.good("✓") } else { style.dim("·") };
        let mut line = Flow::new(style, &format!("{first}{mark} "), width(&below), &below);
        line.push(Ink::Bold, &safe(&self.name));
        if self.readings.is_empty() {
            line.push(Ink::Plain, &format!("  {}", safe(&self.outcome)));
        }
        if let Some(from) = &self.from {
            line.push(Ink::Dim, &format!("  ({})", self.source(from)));
        }
        let readings = self.readings.iter().map(|reading| reading.text(&below, style));
        readings.fold(line.end(), |text, reading| text + &reading)
    }

    /// `extension 1.2.3 as der-string or raw-ascii, of kind uscc`.
    fn source(&self, from: &str) -> String {
        let mut source = safe(from);
        if !self.decode.is_empty() {
            _ = write!(source, " as {}", self.decode.join(" or "));
        }
        if let Some(kind) = &self.kind {
            _ = write!(source, ", of kind {kind}");
        }
        source
    }
}

impl Reading {
    fn text(&self, below: &str, style: Style) -> String {
        let mut text = labelled("octets", &self.octets, below, style);
        if let Some(read) = &self.text {
            text += &labelled("text", read, below, style);
        }
        for Step { step, result } in &self.steps {
            let result = result.as_deref().unwrap_or("does not apply");
            text += &labelled(&safe(step), result, below, style);
        }
        text + &labelled("result", &self.outcome, below, style)
    }
}

impl InRole {
    /// What passed is only counted: it is the same for most roles.
    fn text(&self, style: Style) -> String {
        let title = format!("in the role {}", self.role);
        let mut text = format!("\n{} {}\n", verdict_mark(self.verdict, style), style.bold(&title));
        let (passed, told): (Vec<&Found>, Vec<&Found>) =
            self.findings.iter().partition(|found| found.level == Level::Passed);
        text += &checks(&told, None, style);
        let count = passed.len();
        text + &style.dim(&format!("   {count} checks passed; --json has them\n"))
    }
}

/// Checks that a province told, with what bidders read of them in a language.
pub(super) fn checks(found: &[&Found], bidders: Option<Language>, style: Style) -> String {
    let catalogue = tongxing_gateway::catalogue();
    let known = |id: &str| catalogue.iter().copied().find(|code| code.id == id);
    let text = |(index, it): (usize, &&Found)| {
        it.text(Branch::of(index, found.len()), known(&it.code), bidders, style)
    };
    found.iter().enumerate().map(text).collect()
}

impl Found {
    fn text(
        &self,
        branch: Branch,
        code: Option<&'static Code>,
        bidders: Option<Language>,
        style: Style,
    ) -> String {
        let Some(code) = code else {
            return format!(
                "{}{} {}\n",
                branch.lines().0,
                level_mark(self.level, style),
                self.code
            );
        };
        let (expected, seen) = (self.expected.as_deref(), self.seen.as_deref());
        findings::check(&Check { code, level: self.level, expected, seen }, branch, bidders, style)
    }
}
