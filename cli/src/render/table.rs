//! Tables whose columns line up, Chinese included.

use unicode_width::UnicodeWidthStr;

use super::{Style, safe};

/// How many terminal cells a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// Rows under a heading.
#[derive(Debug)]
pub(crate) struct Table {
    heading: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table.
    pub(crate) fn new(heading: &[&str]) -> Self {
        Self { heading: heading.iter().map(|&text| text.to_owned()).collect(), rows: Vec::new() }
    }

    /// Adds a row, with as many cells as the heading.
    pub(crate) fn row<const N: usize>(&mut self, cells: &[String; N]) {
        debug_assert_eq!(N, self.heading.len());
        self.rows.push(cells.iter().map(|cell| safe(cell)).collect());
    }

    /// The text, or `nothing` for an empty table.
    pub(crate) fn render(&self, style: Style, nothing: &str) -> String {
        if self.rows.is_empty() {
            return format!("{nothing}\n");
        }
        let all = || std::iter::once(&self.heading).chain(&self.rows);
        let widths: Vec<usize> = (0..self.heading.len())
            .map(|column| all().map(|row| width(&row[column])).max().unwrap_or(0))
            .collect();
        let mut text = String::new();
        for (index, row) in all().enumerate() {
            let line = line(row, &widths);
            text += &if index == 0 { style.dim(&line) } else { line };
            text.push('\n');
        }
        text
    }
}

fn line(row: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, &wanted) in row.iter().zip(widths) {
        line += cell;
        line += &" ".repeat(wanted - width(cell) + 2);
    }
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::style::Paint;
    use super::*;

    #[test]
    fn columns_line_up_in_cells_not_characters() {
        let mut table = Table::new(&["NAME", "ID"]);
        table.row(&["甲省".to_owned(), "a".to_owned()]);
        table.row(&["Sheca".to_owned(), "b".to_owned()]);
        let text = table.render(Style::new(Paint::Plain), "none");
        assert_eq!(text, "NAME   ID\n甲省   a\nSheca  b\n");
    }

    #[test]
    fn an_empty_table_says_so() {
        let table = Table::new(&["NAME"]);
        assert_eq!(table.render(Style::new(Paint::Plain), "none yet"), "none yet\n");
    }
}
