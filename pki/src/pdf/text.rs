//! Text strings (ISO 32000-2 7.9.2.2) and dates (7.9.4).

use crate::Timestamp;

/// A text string as a reader shows it. PDFDocEncoding is read as Latin-1, from which
/// it differs in some typographic characters.
pub(super) fn text(octets: &[u8]) -> String {
    match octets {
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        plain => plain.iter().map(|octet| char::from(*octet)).collect(),
    }
}

fn utf16(octets: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = octets.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// `D:YYYYMMDDHHmmSSOHH'mm'`: everything behind the year may be missing, the zone too,
/// which then counts as UTC.
pub(super) fn date(octets: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(octets).ok()?;
    let text = text.strip_prefix("D:").unwrap_or(text);
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (digits, zone) = text.split_at(end);
    let field = |range: std::ops::Range<usize>, missing: u8| match digits.get(range) {
        Some(digits) => digits.parse().ok(),
        None => Some(missing),
    };
    let year = digits.get(0..4)?.parse().ok()?;
    let (month, day) = (field(4..6, 1)?, field(6..8, 1)?);
    let time = (field(8..10, 0)?, field(10..12, 0)?, field(12..14, 0)?);
    let moment = Timestamp::from_civil(year, month, day, time)?;
    Some(moment.plus_seconds(-offset(zone)?))
}

/// Seconds east of UTC.
fn offset(zone: &str) -> Option<i64> {
    let mut characters = zone.chars();
    let sign = match characters.next() {
        None | Some('Z') => return Some(0),
        Some('+') => 1,
        Some('-') => -1,
        Some(_) => return None,
    };
    let mut parts = characters.as_str().split('\'');
    let mut part = || match parts.next() {
        None | Some("") => Some(0),
        Some(digits) => digits.parse::<i64>().ok().filter(|value| (0..60).contains(value)),
    };
    let (hours, minutes) = (part()?, part()?);
    Some(sign * (hours * 3_600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_as_many_parts_as_they_like() {
        let read = |text: &str| date(text.as_bytes()).map(|moment| moment.to_string());
        assert_eq!(read("D:20261128171000+08'00'").as_deref(), Some("2026-11-28T09:10:00Z"));
        assert_eq!(read("D:20261128171000+08'00").as_deref(), Some("2026-11-28T09:10:00Z"));
        assert_eq!(read("D:20261128171000-01'30'").as_deref(), Some("2026-11-28T18:40:00Z"));
        assert_eq!(read("D:20261128171000Z").as_deref(), Some("2026-11-28T17:10:00Z"));
        assert_eq!(read("2026").as_deref(), Some("2026-01-01T00:00:00Z"));
        for bad in ["", "D:", "D:202", "D:20261332", "D:20261128171000*", "D:2026112817+aa"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn texts_have_three_encodings() {
        assert_eq!(text(b"plain"), "plain");
        assert_eq!(text(b"\xFE\xFF\x90\x1A\x88\x4C"), "通行");
        assert_eq!(text(b"\xEF\xBB\xBF\xE9\x80\x9A"), "通");
    }
}
