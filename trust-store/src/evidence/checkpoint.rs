//! Checkpoints (C2SP tlog-checkpoint): how the whole record stood at a size.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::{SecureRandom, SystemRandom};

use super::note::{EvidenceKey, EvidenceSigner, NoteError, SignedNote};
use crate::journal::TreeHash;
use crate::seal::SealError;

/// What every origin begins with.
const ORIGIN_PREFIX: &str = "tongxing.";

/// A new origin: a province's name in checkpoints, for as long as it lives. 128
/// random bits, so that no two provinces share one; the journal names it with the
/// first key.
pub(crate) fn new_origin() -> Result<String, SealError> {
    let mut random = [0; 16];
    SystemRandom::new().fill(&mut random)?;
    Ok(format!("{ORIGIN_PREFIX}{}", crate::hex::encode(&random)))
}

/// The head of the tree over all records at one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which province's record.
    pub origin: String,
    /// How many records.
    pub size: u64,
    /// The root of the RFC 6962 tree over them.
    pub root: TreeHash,
}

impl Checkpoint {
    /// The note text: origin, size and root, a line each.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// Reads a note text. Extension lines are passed over, as everybody must.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let fault = |problem| NoteError::Form { problem };
        let lines = text.strip_suffix('\n').ok_or(fault("it is cut short"))?;
        let lines: Vec<&str> = lines.split('\n').collect();
        let &[origin, size, root, ..] = &lines[..] else {
            return Err(fault("a checkpoint has an origin, a size and a root"));
        };
        if lines.iter().any(|line| line.is_empty()) {
            return Err(fault("a checkpoint has no empty line"));
        }
        let number = size.parse::<u64>().ok().filter(|number| number.to_string() == size);
        let decoded = STANDARD.decode(root).ok().and_then(|root| root.try_into().ok());
        Ok(Self {
            origin: origin.to_owned(),
            size: number.ok_or(fault("its size is no decimal number"))?,
            root: decoded.ok_or(fault("its root is no base64 of 32 bytes"))?,
        })
    }
}

/// A checkpoint with the note that it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: SignedNote,
}

impl SignedCheckpoint {
    /// Signs a checkpoint, once by each of `signers`.
    pub(crate) fn sign(
        checkpoint: Checkpoint,
        signers: &[&EvidenceSigner],
    ) -> Result<Self, NoteError> {
        let note = SignedNote::sign(&checkpoint.text(), signers)?;
        Ok(Self { checkpoint, note })
    }

    /// Reads a note that holds a checkpoint, believing nothing.
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        let note = SignedNote::parse(note)?;
        Ok(Self { checkpoint: Checkpoint::parse(note.text())?, note })
    }

    /// What it says; to be believed after [`Self::verify`] only.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The whole note.
    pub fn note(&self) -> &str {
        self.note.as_str()
    }

    /// Which of `keys` signed it. A key signs for the origin that is its name, and
    /// for no other.
    pub fn verify<'a>(&self, keys: &'a [EvidenceKey]) -> Result<&'a EvidenceKey, NoteError> {
        let by = self.note.verify(keys)?;
        if by.name() != self.checkpoint.origin {
            return Err(NoteError::Form { problem: "its origin is not the name of its key" });
        }
        Ok(by)
    }

    /// Whether `key` is among its signers, by name and id.
    pub(crate) fn names(&self, key: &EvidenceKey) -> bool {
        self.note.names(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::RecordProfile;

    /// The example of the specification. Its key is not published, so that only
    /// its form is checked.
    const EXAMPLE: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";

    #[test]
    fn the_specifications_example_reads_and_is_written_the_same() {
        let signed = SignedCheckpoint::parse(EXAMPLE).unwrap();
        let checkpoint = signed.checkpoint();
        assert_eq!(checkpoint.origin, "example.com/behind-the-sofa");
        assert_eq!(checkpoint.size, 20_852_163);
        assert!(EXAMPLE.starts_with(&format!("{}\n", checkpoint.text())));
        assert_eq!(signed.note(), EXAMPLE);
    }

    #[test]
    fn extension_lines_are_passed_over_and_other_forms_refused() {
        let text = EXAMPLE.split("\n\n").next().unwrap().to_owned() + "\n";
        let extended = Checkpoint::parse(&format!("{text}more\n")).unwrap();
        assert_eq!(extended, Checkpoint::parse(&text).unwrap());
        for bad in [
            text.trim_end().to_owned(),
            text.replace("20852163", "020852163"),
            text.replace("20852163", "+20852163"),
            text.replace("20852163", "-1"),
            text.replace("2I=", "2J="),
            text.replace("q2I=", "qw=="),
            format!("{text}\n"),
            format!("\n{text}"),
            "a\n1\n".to_owned(),
        ] {
            assert!(Checkpoint::parse(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_key_signs_for_its_own_origin_only() {
        let signer =
            EvidenceSigner::from_seed(RecordProfile::Standard, "tongxing.a", &[3; 32]).unwrap();
        let keys = [signer.key().clone()];
        let checkpoint =
            |origin: &str| Checkpoint { origin: origin.into(), size: 1, root: [9; 32] };
        let own = SignedCheckpoint::sign(checkpoint("tongxing.a"), &[&signer]).unwrap();
        assert_eq!(own.verify(&keys).unwrap(), &keys[0]);
        assert!(own.names(&keys[0]));
        let foreign = SignedCheckpoint::sign(checkpoint("tongxing.b"), &[&signer]).unwrap();
        assert!(foreign.verify(&keys).is_err());
    }
}
