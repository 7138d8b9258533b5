//! Text as HTML.

use std::fmt::{self, Write as _};

/// Displays text so that it is text in HTML, in content and in quoted attributes.
pub(in crate::http) struct Html<'a>(pub(in crate::http) &'a str);

impl fmt::Display for Html<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_the_text() {
        let text = Html(r#"<a href="x" title='y'>&通行"#).to_string();
        assert_eq!(text, "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;通行");
    }
}
