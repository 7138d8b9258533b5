//! Rows as types: one, all under a prefix, or a page at a time.

use std::ops::ControlFlow;

use serde::de::DeserializeOwned;

use super::StateError;
use crate::index::{ReadRows, Row};

pub(super) fn get<T: DeserializeOwned>(
    rows: &dyn ReadRows,
    key: &str,
) -> Result<Option<T>, StateError> {
    let Some(bytes) = rows.get(key.as_bytes())? else { return Ok(None) };
    decode(key, &bytes).map(Some)
}

/// All rows under a prefix, keyed by what follows it.
pub(super) fn scan<K: TryFrom<String>, T: DeserializeOwned>(
    rows: &dyn ReadRows,
    prefix: &str,
) -> Result<Vec<(K, T)>, StateError> {
    typed(rows.scan_prefix(prefix.as_bytes(), usize::MAX)?, prefix)
}

/// Rows under a prefix, keyed by what follows it.
pub(super) fn typed<K: TryFrom<String>, T: DeserializeOwned>(
    rows: Vec<Row>,
    prefix: &str,
) -> Result<Vec<(K, T)>, StateError> {
    let mut found = Vec::new();
    for (key, bytes) in rows {
        let text = String::from_utf8_lossy(&key);
        let rest = text.strip_prefix(prefix).unwrap_or_default().to_owned();
        if let Ok(id) = K::try_from(rest) {
            found.push((id, decode(&text, &bytes)?));
        }
    }
    Ok(found)
}

/// All rows under a prefix, a page at a time, until `take` has enough.
pub(super) fn each_row<T: DeserializeOwned>(
    rows: &dyn ReadRows,
    prefix: &str,
    mut take: impl FnMut(&str, T) -> ControlFlow<()>,
) -> Result<(), StateError> {
    const PAGE: usize = 1024;
    let mut after: Option<Vec<u8>> = None;
    loop {
        let page = rows.scan(prefix.as_bytes(), after.as_deref(), PAGE)?;
        for (key, bytes) in &page {
            let key = String::from_utf8_lossy(key);
            let rest = key.strip_prefix(prefix).unwrap_or_default();
            if take(rest, decode(&key, bytes)?).is_break() {
                return Ok(());
            }
        }
        match page.into_iter().next_back() {
            Some((key, _)) => after = Some(key),
            None => return Ok(()),
        }
    }
}

pub(super) fn decode<T: DeserializeOwned>(key: &str, bytes: &[u8]) -> Result<T, StateError> {
    let wrong = |source| StateError::Row { key: key.to_owned(), source };
    serde_json::from_slice(bytes).map_err(wrong)
}
