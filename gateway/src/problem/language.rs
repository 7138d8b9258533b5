//! Which of the two languages a client reads (RFC 9110 12.5.4).

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use tongxing_pki::Language;

/// More ranges than any client sends.
const MAX_RANGES: usize = 16;

/// The language that the client prefers; Chinese where it says nothing.
pub(crate) fn preferred(headers: &HeaderMap) -> Language {
    let values = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
    let ranges = values.flat_map(|value| value.split(',')).take(MAX_RANGES);
    let (mut zh, mut en) = (None, None);
    for range in ranges {
        let (tag, weight) = parse_range(range);
        match tag.get(..2).map(str::to_ascii_lowercase).as_deref() {
            Some("zh") => zh = zh.max(Some(weight)),
            Some("en") => en = en.max(Some(weight)),
            _ => {}
        }
    }
    if en.unwrap_or(0) > zh.unwrap_or(0) { Language::En } else { Language::Zh }
}

/// A language tag and its weight in thousandths; a weight that cannot be read
/// counts as none.
fn parse_range(range: &str) -> (&str, u16) {
    let (tag, parameters) = range.split_once(';').unwrap_or((range, "q=1"));
    let weight = parameters.trim().strip_prefix("q=").and_then(parse_weight);
    (tag.trim(), weight.unwrap_or(0))
}

/// RFC 9110 12.4.2: 0 to 1 with at most three decimals.
fn parse_weight(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 {
        return None;
    }
    let thousandths: u16 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, value.parse().unwrap());
        preferred(&headers)
    }

    #[test]
    fn the_preferred_language_wins() {
        assert_eq!(of("en"), Language::En);
        assert_eq!(of("en-GB, zh;q=0.9"), Language::En);
        assert_eq!(of("en;q=0.8, zh-Hant;q=0.9"), Language::Zh);
        assert_eq!(of("fr, en;q=0.5"), Language::En);
        assert_eq!(of("EN;q=0.001"), Language::En);
    }

    #[test]
    fn chinese_where_nothing_is_said() {
        assert_eq!(preferred(&HeaderMap::new()), Language::Zh);
        for value in ["fr", "*", "en;q=0", "en;q=2", "en;q=x", ";", ""] {
            assert_eq!(of(value), Language::Zh, "{value}");
        }
    }
}
