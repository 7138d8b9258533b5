//! Comparison forms: the string preparation of RFC 4518, as far as RFC 5280
//! section 7.1 asks for it.
//!
//! 1. Transcode: every string type becomes Unicode ([`super::text`]).
//! 2. Map: white space becomes SPACE, invisible characters vanish, case is
//!    folded.
//! 3. Normalise: NFKC.
//! 4. Prohibit: what RFC 4518 section 2.4 forbids is compared as octets.
//! 5. (Bidirectional text needs no check, section 2.5.)
//! 6. Insignificant spaces: none at the ends, runs become one.
//!
//! Section 7.1 requires this between PrintableString and UTF8String and
//! permits it for the rest; applying it to all of them serves authorities
//! whose certificates write one name in UTF8String here and BMPString there.

use unicode_normalization::UnicodeNormalization;

use crate::der::reader::read_single;

use super::{Attribute, text};

/// Marks a value compared as prepared text.
const TEXT: u8 = b't';
/// Marks a value compared as encoded.
const OCTETS: u8 = b'd';

/// Appends one relative name: its attributes' forms in ascending order, as a
/// set has none of its own, behind their number. Every form carries its
/// length, so that no two different names run together into one key.
pub(super) fn push_relative(key: &mut Vec<u8>, attributes: &[Attribute]) {
    push_count(key, attributes.len());
    if let [single] = attributes {
        push_attribute(key, single);
        return;
    }
    let mut forms: Vec<Vec<u8>> = attributes
        .iter()
        .map(|attribute| {
            let mut form = Vec::new();
            push_attribute(&mut form, attribute);
            form
        })
        .collect();
    forms.sort_unstable();
    for form in forms {
        key.extend(form);
    }
}

fn push_attribute(key: &mut Vec<u8>, attribute: &Attribute) {
    push_octets(key, attribute.oid.as_bytes());
    if let Some(text) = prepared_text(&attribute.value) {
        key.push(TEXT);
        push_octets(key, text.as_bytes());
    } else {
        key.push(OCTETS);
        push_octets(key, &attribute.value);
    }
}

fn push_octets(key: &mut Vec<u8>, octets: &[u8]) {
    push_count(key, octets.len());
    key.extend_from_slice(octets);
}

fn push_count(key: &mut Vec<u8>, count: usize) {
    // Lengths of parsed DER stay below 2^32.
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    key.extend_from_slice(&count.to_be_bytes());
}

fn prepared_text(value: &[u8]) -> Option<String> {
    let element = read_single(value).ok()?;
    let text = text::decode(element.tag, element.content)?;
    if text.is_ascii() {
        return Some(prepare_ascii(&text));
    }
    let mapped: String = text.chars().flat_map(map).collect();
    // Normalising may uncover capitals (℡), which table B.2 folds with it.
    let normal: String = mapped.nfkc().flat_map(map).nfkc().collect();
    if normal.chars().any(is_prohibited) {
        return None;
    }
    Some(squeeze(&normal))
}

/// ASCII needs no tables: nearly all attributes are.
fn prepare_ascii(text: &str) -> String {
    let mapped: String = text
        .chars()
        .filter_map(|character| match character {
            '\t'..='\r' => Some(' '),
            control if control.is_ascii_control() => None,
            other => Some(other.to_ascii_lowercase()),
        })
        .collect();
    squeeze(&mapped)
}

/// RFC 4518 section 2.2. Case folding is upper-casing before lower-casing,
/// which agrees with RFC 3454 table B.2 (ß as ss, final sigma) but for the
/// dotless i, which stays itself.
fn map(character: char) -> impl Iterator<Item = char> {
    let replaced = match character {
        '\t'..='\r' | '\u{85}' => Some(' '),
        blank if blank.is_whitespace() => Some(' '),
        hidden if is_mapped_to_nothing(hidden) => None,
        other => Some(other),
    };
    replaced.into_iter().flat_map(|kept| {
        let fold = if kept == '\u{131}' { Fold::Keep(kept) } else { Fold::Change(kept) };
        fold.characters()
    })
}

enum Fold {
    Keep(char),
    Change(char),
}

impl Fold {
    fn characters(self) -> Vec<char> {
        match self {
            Self::Keep(character) => vec![character],
            Self::Change(character) => {
                character.to_uppercase().flat_map(char::to_lowercase).collect()
            }
        }
    }
}

/// RFC 4518 section 2.2: soft hyphens, joiners, variation selectors, controls.
fn is_mapped_to_nothing(character: char) -> bool {
    matches!(
        character,
        '\u{0}'..='\u{8}'
            | '\u{E}'..='\u{1F}'
            | '\u{7F}'..='\u{84}'
            | '\u{86}'..='\u{9F}'
            | '\u{AD}'
            | '\u{34F}'
            | '\u{6DD}'
            | '\u{70F}'
            | '\u{1806}'
            | '\u{180B}'..='\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2063}'
            | '\u{206A}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFC}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0001}'
            | '\u{E0020}'..='\u{E007F}'
    )
}

/// RFC 4518 section 2.4: private use, non-characters and the replacement
/// character, which stand for nothing that could be compared. (Surrogates
/// are no `char`s.) Unassigned code points, which that section counts in
/// Unicode 3.2, are compared: newer Chinese characters are among them.
fn is_prohibited(character: char) -> bool {
    let code = u32::from(character);
    matches!(
        character,
        '\u{340}' | '\u{341}' | '\u{FFFD}' | '\u{E000}'..='\u{F8FF}' | '\u{FDD0}'..='\u{FDEF}'
    ) || code >= 0xF_0000
        || code & 0xFFFE == 0xFFFE
}

/// RFC 4518 section 2.6.1. One space around the whole, which that section
/// adds, changes no comparison and is left out.
fn squeeze(text: &str) -> String {
    let mut squeezed = String::with_capacity(text.len());
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !squeezed.is_empty() {
            squeezed.push(' ');
        }
        squeezed.push_str(word);
    }
    squeezed
}
