//! What the writer probably meant.

/// The known name nearest to `written`, as a sentence, if any is near.
pub(super) fn nearest(written: &str, known: &[&str]) -> Option<String> {
    let allowed = (written.chars().count() / 3).max(1);
    let distances = known.iter().map(|name| (distance(written, name), name));
    let (_, name) = distances.filter(|(d, _)| *d <= allowed).min()?;
    Some(format!("did you mean `{name}`?"))
}

/// Longer names are not compared: the work grows with the product.
const MAX_LEN: usize = 64;

/// Levenshtein's distance, `usize::MAX` for texts too long to compare.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().max(b.len()) > MAX_LEN {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_suggested_and_far_ones_not() {
        assert_eq!(nearest("kinds", &["kind", "from"]).unwrap(), "did you mean `kind`?");
        assert_eq!(nearest("capcity", &["capacity"]).unwrap(), "did you mean `capacity`?");
        assert_eq!(nearest("colour", &["kind", "from"]), None);
        assert_eq!(nearest(&"k".repeat(100), &["kind"]), None);
    }
}
