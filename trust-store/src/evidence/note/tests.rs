//! The vectors of golang.org/x/mod/sumdb/note and of the specifications.

use super::*;

const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
/// The private half is `AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz`: type and seed.
const PETER_SEED: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const ENOCH: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n";
const PETER_LINE: &str = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const ENOCH_LINE: &str = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

fn peter() -> EvidenceKey {
    PETER.parse().unwrap()
}

fn signer() -> EvidenceSigner {
    let seed = STANDARD.decode(PETER_SEED).unwrap();
    EvidenceSigner::from_seed(
        RecordProfile::Standard,
        "PeterNeumann",
        seed[1..].try_into().unwrap(),
    )
    .unwrap()
}

#[test]
fn the_well_known_key_signs_the_well_known_note() {
    assert_eq!(signer().key().to_string(), PETER);
    let note = SignedNote::sign(TEXT, &[&signer()]).unwrap();
    assert_eq!(note.as_str(), format!("{TEXT}\n{PETER_LINE}"));
    assert_eq!(note.verify(&[peter()]).unwrap(), &peter());
}

#[test]
fn any_known_key_suffices_and_unknown_ones_are_passed_over() {
    let note = SignedNote::parse(&format!("{TEXT}\n{ENOCH_LINE}{PETER_LINE}")).unwrap();
    let enoch: EvidenceKey = ENOCH.parse().unwrap();
    assert_eq!(note.text(), TEXT);
    assert_eq!(note.verify(&[peter()]).unwrap().name(), "PeterNeumann");
    assert_eq!(note.verify(&[peter(), enoch]).unwrap().name(), "EnochRoot");
    assert!(matches!(note.verify(&[]), Err(NoteError::Unsigned { .. })));
    let namesake = EvidenceKey::new("PeterNeumann", [7; 32]).unwrap();
    assert!(matches!(note.verify(&[namesake]), Err(NoteError::Unsigned { .. })));
}

#[test]
fn one_false_signature_of_a_known_key_spoils_the_note() {
    let altered = TEXT.replace("answer", "Answer");
    let note = SignedNote::parse(&format!("{altered}\n{PETER_LINE}")).unwrap();
    assert!(matches!(note.verify(&[peter()]), Err(NoteError::Altered { .. })));
    let both = SignedNote::sign(TEXT, &[&signer()]).unwrap();
    let twice = format!("{}{}", both.as_str(), PETER_LINE.replace("nAM=", "nAQ="));
    assert!(matches!(
        SignedNote::parse(&twice).unwrap().verify(&[peter()]),
        Err(NoteError::Altered { .. })
    ));
}

#[test]
fn a_key_has_one_spelling() {
    for from in 0..PETER.len() {
        for to in from + 1..=PETER.len() {
            let whole = from == 0 && to == PETER.len();
            assert_eq!(PETER[from..to].parse::<EvidenceKey>().is_ok(), whole, "{from}..{to}");
        }
        let mut mangled = PETER.as_bytes().to_vec();
        mangled[from] += 1;
        assert!(String::from_utf8(mangled).unwrap().parse::<EvidenceKey>().is_err(), "{from}");
    }
    for bad in [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ] {
        assert_eq!(bad.parse::<EvidenceKey>(), Err(NoteError::Key));
    }
    assert_eq!(EvidenceKey::new("a b", [0; 32]), Err(NoteError::Key));
    assert_eq!(EvidenceKey::new("a\u{3000}b", [0; 32]), Err(NoteError::Key));
}

#[test]
fn what_is_no_note_is_refused() {
    let no_newline = &PETER_LINE[..PETER_LINE.len() - 1];
    for bad in [
        TEXT.to_owned(),
        format!("{TEXT}\n"),
        format!("{TEXT}\n{no_newline}"),
        format!("\u{1}{TEXT}\n{PETER_LINE}"),
        format!("{TEXT}\n— Bad Name AAAAAAA=\n"),
        format!("{TEXT}\n{PETER_LINE}Unexpected line.\n"),
        format!("{TEXT}\n{PETER_LINE}\n"),
        format!("{TEXT}\n{}", PETER_LINE.repeat(MAX_SIGNATURES + 1)),
        format!("{}\n\n{PETER_LINE}", "a".repeat(MAX_NOTE)),
    ] {
        assert!(matches!(SignedNote::parse(&bad), Err(NoteError::Form { .. })), "{bad:?}");
    }
    // Sixteen signatures must be accepted, and empty lines within the text.
    let many = format!("a\n\nb\n\n{}", PETER_LINE.repeat(16));
    assert_eq!(SignedNote::parse(&many).unwrap().text(), "a\n\nb\n");
}

/// What another library makes of such a note is tried where the record's evidence is
/// (`interop` in the binary's tests).
#[test]
fn an_sm2_key_signs_and_has_one_spelling_too() {
    let signer = EvidenceSigner::from_seed(RecordProfile::Gm, "tongxing.gm", &[5; 32]).unwrap();
    let key = signer.key().clone();
    assert_eq!((key.profile(), peter().profile()), (RecordProfile::Gm, RecordProfile::Standard));
    assert_eq!(key.to_string().parse(), Ok(key.clone()));
    let note = SignedNote::sign(TEXT, &[&signer]).unwrap();
    assert_eq!(note.verify(&[peter(), key.clone()]).unwrap(), &key);
    let altered = note.as_str().replacen("answer", "Answer", 1);
    let altered = SignedNote::parse(&altered).unwrap();
    assert!(matches!(altered.verify(std::slice::from_ref(&key)), Err(NoteError::Altered { .. })));
    // A signature of another length, and one whose r is zero.
    for signature in [vec![1; 63], vec![1; 65], [[0; 32], [1; 32]].concat()] {
        let line = STANDARD.encode([&key.id[..], &signature].concat());
        let note = SignedNote::parse(&format!("{TEXT}\n— tongxing.gm {line}\n")).unwrap();
        assert!(matches!(note.verify(std::slice::from_ref(&key)), Err(NoteError::Altered { .. })));
    }
    // A point that is not on the curve is no key, whatever its id.
    let PublicKey::Sm2(mut point) = key.key else { panic!("an SM2 key") };
    point[64] ^= 1;
    let off = EvidenceKey::of("tongxing.gm", PublicKey::Sm2(point)).unwrap();
    assert_eq!(off.to_string().parse::<EvidenceKey>(), Err(NoteError::Key));
}

#[test]
fn what_is_no_private_key_of_sm2_signs_nothing() {
    for seed in [[0; 32], [0xff; 32]] {
        let made = EvidenceSigner::from_seed(RecordProfile::Gm, "tongxing.gm", &seed);
        assert!(matches!(made, Err(NoteError::Key)));
    }
}
