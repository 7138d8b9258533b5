//! The catalogue of codes: for a terminal, and as the page that the documentation has.

use std::fmt::Write;

use tongxing_pki::{Code, Language};

use super::{Style, Table};

const INTRODUCTION: &str = "\
# Codes

Every check of a judgement, and every problem that a request may meet, has a stable code.
Programs act on it; what it means never changes. This page is made by
`tongxing codes --markdown`, and a test compares it with the program.

Of each code it gives the title in the field's own words with the clause that it comes from,
and then what bidders read: the cause, whose problem it is, and the next step.
";

/// One line each.
pub(crate) fn codes_listed(codes: &[&Code], style: Style) -> String {
    let mut table = Table::new(&["code", "whose", "title"]);
    for code in codes {
        let responsible = code.responsible.as_str();
        table.row(&[code.id.to_owned(), responsible.to_owned(), code.title.en.to_owned()]);
    }
    table.render(style, "no codes")
}

/// Everything about each.
pub(crate) fn codes_explained(codes: &[&Code], style: Style) -> String {
    let mut text = String::new();
    for code in codes {
        let clause = style.dim(&format!("[{}]", code.clause));
        // Writing to a String cannot fail, here and below.
        _ = writeln!(text, "{} {clause}", style.bold(code.id));
        for language in [Language::En, Language::Zh] {
            _ = writeln!(text, "  {}", code.title.in_language(language));
            for sentence in code.sentences(language) {
                _ = writeln!(text, "    {sentence}");
            }
        }
    }
    text
}

/// The page of documentation, grouped by the first word of the ids.
pub(crate) fn codes_page(codes: &[&Code]) -> String {
    let mut page = INTRODUCTION.to_owned();
    let mut group = "";
    for code in codes {
        let (first, _) = code.id.split_once('.').unwrap_or((code.id, ""));
        if group != first {
            group = first;
            _ = writeln!(page, "\n## {group}");
        }
        let [cause, whose, next] = code.sentences(Language::En);
        let chinese = code.sentences(Language::Zh).concat();
        _ = writeln!(page, "\n### `{}`\n", code.id);
        _ = writeln!(page, "{} {} ({})\n", code.title.en, code.title.zh, code.clause);
        _ = writeln!(page, "- {cause} {whose} {next}\n- {chinese}");
    }
    page
}
