//! SM2 messages that Bouncy Castle makes, with the identifiers of GM/T 0010 and of RFC 5652.

use std::path::Path;
use std::process::Command;

use tongxing_testdata::KeyAlgorithm;

use super::bench::{Bench, CONTENT, summary, verify};
use crate::wanting::wanting;

/// Where Debian's package libbcpkix-java puts its libraries.
const LIBRARIES: [&str; 3] =
    ["/usr/share/java/bcpkix.jar", "/usr/share/java/bcprov.jar", "/usr/share/java/bcutil.jar"];

/// The messages and what they are like: see `SignMessage.java`.
const MESSAGES: [&str; 6] =
    ["gm", "gm-bare", "gm-attached", "gm-attached-bare", "rfc", "rfc-attached-bare"];

fn sign(bench: &Bench, signer: &str) -> Option<()> {
    if LIBRARIES.iter().any(|library| !Path::new(library).exists()) {
        return wanting("Bouncy Castle (libbcpkix-java)");
    }
    let source =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/signed/SignMessage.java");
    let mut java = Command::new("java");
    java.arg("-cp").arg(LIBRARIES.join(":")).arg(source).arg(bench.folder()).arg(signer);
    let Ok(done) = java.args(MESSAGES).output() else { return wanting("java") };
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Some(())
}

#[test]
fn its_messages_are_judged() {
    let Some(bench) = Bench::new(KeyAlgorithm::Sm2) else { return };
    bench.leaf("one", KeyAlgorithm::Sm2);
    let Some(()) = sign(&bench, "one") else { return };
    for name in MESSAGES {
        let message = bench.read(name);
        let content = (!name.contains("attached")).then_some(CONTENT);
        let judge = |message: &[u8], content: Option<&[u8]>| {
            summary(&verify(message, content, &bench.request()))
        };
        assert_eq!(judge(&message, content), "passed [TOTAL-PASSED]", "{name}");
        let changed = |place: usize| {
            let mut octets = message.clone();
            octets[place] ^= 1;
            octets
        };
        let told = judge(&changed(message.len() - 1), content);
        assert!(told.starts_with("failed [TOTAL-FAILED SIG_CRYPTO_FAILURE]"), "{name}: {told}");
        let place = message.windows(CONTENT.len()).position(|part| part == CONTENT);
        let told = match place {
            Some(place) => judge(&changed(place), None),
            None => judge(&message, Some(&CONTENT[1..])),
        };
        assert!(told.starts_with("failed [TOTAL-FAILED"), "{name}: {told}");
    }
}
