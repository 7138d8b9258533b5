//! Segments of the journal, moved away, brought back or not kept any longer.

use std::fmt::Write;

use tongxing_trust_store::{ArchiveView, RetentionView, SegmentView};

use super::{Style, Table};

const DAY_SECONDS: i64 = 86_400;

pub(super) fn table(segments: &[SegmentView], style: Style, nothing: &str) -> String {
    let mut table = Table::new(&["SEGMENT", "RECORDS", "BYTES", "UNTIL", "WHERE"]);
    for segment in segments {
        table.row(&[
            segment.name.clone(),
            format!("{} to {}", segment.first, segment.last),
            segment.bytes.to_string(),
            segment.until.to_string(),
            if segment.archived { "archived".to_owned() } else { "here".to_owned() },
        ]);
    }
    table.render(style, nothing)
}

pub(super) fn archived(view: &ArchiveView, style: Style) -> String {
    let nothing =
        format!("Nothing to move: images of the state stand for records up to {}.", view.covered);
    let mut text = table(&view.segments, style, &nothing);
    let to = view.to.display();
    match view.sequence {
        Some(sequence) => {
            let mark = style.good("✓");
            _ = writeln!(text, "{mark} moved to {to}, as record {sequence}.");
        }
        None if !view.segments.is_empty() => {
            _ = writeln!(text, "They would be moved to {to}.");
        }
        None => {}
    }
    text
}

pub(super) fn retention(view: &RetentionView, style: Style) -> String {
    let mut text = String::new();
    let mut class = |what: &str, seconds: Option<i64>, found: usize| {
        let period = seconds.map_or("for ever".to_owned(), |s| format!("{} days", s / DAY_SECONDS));
        _ = writeln!(text, "{what}: kept {period}, {found} older");
    };
    class("audit (archived segments)", view.audit_seconds, view.segments.len());
    class("evidence (certificates)", view.evidence_seconds, view.evidence.len());
    class("lists (revocation lists)", view.lists_seconds, view.lists.len());
    class("responses (of OCSP)", view.responses_seconds, view.responses.len());
    class("persons", view.persons_seconds, view.persons.len());
    for segment in &view.segments {
        _ = writeln!(text, "  {} ({} to {})", segment.name, segment.first, segment.last);
    }
    let persons = view.persons.iter().map(ToString::to_string).collect();
    for (what, ids) in [
        ("certificate", &view.evidence),
        ("list", &view.lists),
        ("response", &view.responses),
        ("person", &persons),
    ] {
        for id in ids {
            _ = writeln!(text, "  {what} {id}");
        }
    }
    text + &retention_end(view, style)
}

fn retention_end(view: &RetentionView, style: Style) -> String {
    let (bytes, persons) = (view.bytes, view.persons.len());
    match view.sequence {
        Some(sequence) => {
            let mark = style.good("✓");
            format!(
                "{mark} {bytes} bytes removed, {persons} persons erased, as record {sequence}.\n"
            )
        }
        None if view.is_empty() => "Nothing to remove.\n".to_owned(),
        None => {
            format!("{bytes} bytes would be removed, {persons} persons erased, with --apply.\n")
        }
    }
}
