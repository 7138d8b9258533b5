//! What is looked for, in every form that a careless program could write it.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// GBK of the characters that synthetic persons' names are made of; GB 18030
/// encodes them alike.
const GBK: [(char, [u8; 2]); 7] = [
    ('测', [0xb2, 0xe2]),
    ('试', [0xca, 0xd4]),
    ('张', [0xd5, 0xc5]),
    ('三', [0xc8, 0xfd]),
    ('员', [0xd4, 0xb1]),
    ('第', [0xb5, 0xda]),
    ('号', [0xba, 0xc5]),
];

/// So many bytes of each form find its place; no form is shorter.
const PREFIX: usize = 6;

/// A text in one form.
#[derive(Debug, Clone)]
pub(super) struct Needle {
    /// Whose text it is and in which form, for the report.
    pub(super) what: String,
    pub(super) bytes: Vec<u8>,
}

/// All forms of all texts, ready to be looked for.
pub(super) struct Needles {
    by_prefix: HashMap<[u8; PREFIX], Vec<Needle>>,
    /// Which pairs of first bytes occur at all.
    first: Vec<bool>,
}

impl Needles {
    pub(super) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut by_prefix: HashMap<_, Vec<Needle>> = HashMap::new();
        let mut first = vec![false; 1 << 16];
        for needle in texts.into_iter().flat_map(forms) {
            let prefix = *needle.bytes.first_chunk::<PREFIX>().unwrap();
            first[pair(&prefix)] = true;
            by_prefix.entry(prefix).or_default().push(needle);
        }
        Self { by_prefix, first }
    }

    /// Every needle, to plant it.
    pub(super) fn all(&self) -> impl Iterator<Item = &Needle> {
        self.by_prefix.values().flatten()
    }

    /// What of it is in `hay`, each once.
    pub(super) fn found_in(&self, hay: &[u8]) -> Vec<&str> {
        let mut found = Vec::new();
        for (at, window) in hay.windows(PREFIX).enumerate() {
            if !self.first[pair(window)] {
                continue;
            }
            let Some(needles) = self.by_prefix.get(window) else { continue };
            let here = needles.iter().filter(|needle| hay[at..].starts_with(&needle.bytes));
            found.extend(here.map(|needle| needle.what.as_str()));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// What of it is in any file below `folder` or in a file's name; how many
    /// bytes were read.
    pub(super) fn found_below(&self, folder: &Path, leaks: &mut Vec<String>) -> usize {
        let mut read = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let kind = fs::symlink_metadata(&path).unwrap().file_type();
            let name = path.to_str().unwrap().as_bytes();
            let mut found = self.found_in(name);
            if kind.is_dir() {
                read += self.found_below(&path, leaks);
            } else if !kind.is_socket() {
                let content = fs::read(&path).unwrap();
                read += content.len();
                // The ballast is 64 MiB of nothing.
                if content.iter().any(|byte| *byte != 0) {
                    found.extend(self.found_in(&content));
                }
            }
            leaks.extend(found.iter().map(|what| format!("{}: {what}", path.display())));
        }
        read
    }
}

fn pair(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

/// A text in every encoding, and each encoding in every clothing.
fn forms(text: &str) -> Vec<Needle> {
    let utf16: Vec<u16> = text.encode_utf16().collect();
    let mut encodings = vec![
        ("UTF-8", text.as_bytes().to_vec()),
        ("UTF-16BE", utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect()),
        ("UTF-16LE", utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect()),
    ];
    if !text.is_ascii() {
        encodings.push(("GBK", text.chars().flat_map(gbk).collect()));
    }
    let mut forms = vec![needle(text, "in escapes of JSON", escapes(&utf16).into_bytes())];
    for (encoding, bytes) in encodings {
        let mut add = |clothing: &str, bytes: Vec<u8>| {
            forms.push(needle(text, &format!("as {encoding}{clothing}"), bytes));
        };
        add(", hex", hex(&bytes).into_bytes());
        add(", upper-case hex", hex(&bytes).to_uppercase().into_bytes());
        add(", decimal numbers", decimals(&bytes).into_bytes());
        for place in 0..3 {
            add(", base64", base64(&bytes, place, &STANDARD));
            add(", base64url", base64(&bytes, place, &URL_SAFE));
        }
        add(", percent-encoded", written(&bytes, |byte| format!("%{byte:02X}")).into_bytes());
        add("", bytes);
    }
    forms
}

fn needle(text: &str, form: &str, bytes: Vec<u8>) -> Needle {
    Needle { what: format!("{text} {form}"), bytes }
}

fn gbk(c: char) -> Vec<u8> {
    if c.is_ascii() {
        return vec![u8::try_from(c).unwrap()];
    }
    let (_, bytes) = GBK.iter().find(|(known, _)| *known == c).unwrap();
    bytes.to_vec()
}

fn hex(bytes: &[u8]) -> String {
    written(bytes, |byte| format!("{byte:02x}"))
}

fn written<T: Copy>(units: &[T], one: impl Fn(T) -> String) -> String {
    units.iter().map(|unit| one(*unit)).collect()
}

/// As `Debug` shows a list of bytes.
fn decimals(bytes: &[u8]) -> String {
    bytes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn escapes(utf16: &[u16]) -> String {
    written(utf16, |unit| format!("\\u{unit:04x}"))
}

/// The characters that these bytes alone decide when so many others of their
/// group stand before them.
fn base64(bytes: &[u8], before: usize, alphabet: &impl base64::Engine) -> Vec<u8> {
    let mut grouped = vec![0; before];
    grouped.extend_from_slice(bytes);
    let bits = 8 * grouped.len();
    grouped.extend([0; 3]);
    let text = alphabet.encode(grouped).into_bytes();
    text[(8 * before).div_ceil(6)..bits / 6].to_vec()
}
