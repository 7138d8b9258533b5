//! When two names are the same name.

use unicode_normalization::UnicodeNormalization;

/// The form in which names are compared: NFKC without spaces, so that full-width
/// letters and layout make no difference.
pub(crate) fn name_key(name: &str) -> String {
    name.nfkc().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_and_spaces_make_no_difference() {
        assert_eq!(name_key("甲 公司(集团)"), name_key("甲公司(集团)"));
        assert_eq!(name_key("ABC\u{3000}建设"), name_key("ABC建设"));
        assert_ne!(name_key("甲公司"), name_key("乙公司"));
    }
}
