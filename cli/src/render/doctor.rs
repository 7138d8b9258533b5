//! What the doctor saw, a line for each check.

use std::fmt::Write;

use tongxing_trust_store::{Check, CheckLevel};

use super::{Style, safe};

/// Where what was seen begins.
const SEEN_AT: usize = 16;

/// All checks; below each that is not well, what helps.
pub(crate) fn checks(checks: &[Check], style: Style) -> String {
    let mut text = String::new();
    for check in checks {
        let mark = match check.level {
            CheckLevel::Ok => style.good("✓ ok     "),
            CheckLevel::Warning => style.warn("! warning"),
            CheckLevel::Error => style.bad("✗ error  "),
            CheckLevel::Unknown => style.warn("? unknown"),
        };
        // Writing to a string does not fail.
        _ = writeln!(text, "{mark} {:SEEN_AT$}{}", check.about, safe(&check.seen));
        if let Some(help) = &check.help {
            _ = writeln!(text, "          {:SEEN_AT$}{} {}", "", style.dim("→"), safe(help));
        }
    }
    let count = |level| checks.iter().filter(|check| check.level == level).count();
    let (errors, unknown) = (count(CheckLevel::Error), count(CheckLevel::Unknown));
    let warnings = count(CheckLevel::Warning);
    _ = writeln!(text, "{errors} errors, {warnings} warnings, {unknown} that could not be told");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::style::Paint;

    #[test]
    fn each_check_has_a_line_and_what_helps_below() {
        let seen = [Check::ok("journal", "7 records"), Check::fail("keys", "gone", "restore")];
        let text = checks(&seen, Style::new(Paint::Plain));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "✓ ok      journal         7 records");
        assert_eq!(lines[1], "✗ error   keys            gone");
        assert_eq!(lines[2].trim(), "→ restore");
        assert_eq!(lines[3], "1 errors, 0 warnings, 0 that could not be told");
    }
}
