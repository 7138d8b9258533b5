//! Checkpoints, keys and what checking came to, as text.

use std::fmt::Write;

use tongxing_trust_store::{CheckpointView, EvidenceKeyView, VerifiedView};

use super::Style;

/// Everything was checked.
pub(super) fn verified(view: &VerifiedView, style: Style) -> String {
    let mark = style.good("✓");
    let VerifiedView { records, head, root, segments, checkpoints, blobs, state, .. } = view;
    let mut text = format!("{mark} {records} records, the chain is whole.\n");
    // Writing to a string does not fail.
    if view.archived > 0 {
        let (warn, archived) = (style.warn("!"), view.archived);
        _ = writeln!(
            text,
            "{warn} {archived} of them are in archived segments: their hashes were checked, not \
             they (`tongxing retrieve`)."
        );
    }
    _ = writeln!(
        text,
        "{mark} {segments} sealed segments, {checkpoints} checkpoints and {blobs} blobs agree."
    );
    if view.accepted_losses > 0 {
        let (warn, lost) = (style.warn("!"), view.accepted_losses);
        _ = writeln!(
            text,
            "{warn} {lost} checkpoints were accepted as lost, with the records they were signed \
             over: `checkpoints/accepted-losses` lists them."
        );
    }
    if view.timestamps > 0 {
        _ = writeln!(
            text,
            "{mark} {} timestamps prove when checkpoints were there.",
            view.timestamps
        );
    }
    if view.unproven_timestamps > 0 {
        let (warn, unproven) = (style.warn("!"), view.unproven_timestamps);
        _ = writeln!(
            text,
            "{warn} {unproven} timestamps are whole, but nobody enrolled for timestamps made them: \
             `ca roles`."
        );
    }
    _ = writeln!(text, "head: {head}\nroot: {root}");
    if let Some(state) = state {
        _ = writeln!(text, "{mark} The index is what they make.\nstate: {state}");
    }
    text
}

/// The keys as they are given to whoever checks, one a line.
pub(super) fn keys(keys: &[EvidenceKeyView]) -> String {
    let keys: Vec<&str> = keys.iter().map(|key| key.key.as_str()).collect();
    keys.join("\n") + "\n"
}

/// Another key signs.
pub(super) fn rotated(key: &str, checkpoint: &CheckpointView, style: Style) -> String {
    let (mark, note) = (style.good("✓"), &checkpoint.note);
    format!("{mark} This key signs from now on:\n{key}\n\nBoth keys signed:\n\n{note}")
}

/// An old checkpoint agrees.
pub(super) fn consistent(old_size: u64, newest: &CheckpointView, style: Style) -> String {
    let (mark, size, note) = (style.good("✓"), newest.size, &newest.note);
    format!(
        "{mark} The {old_size} records that were signed then are the first of the {size} signed \
         now.\n{hint}\n\n{note}",
        hint = style.dim("The proof for others: -o FILE, or --json.")
    )
}
