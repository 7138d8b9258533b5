//! Tongsuo's `s_client` and `s_server`.

use std::path::Path;
use std::process::Command;

use rustls::crypto::CryptoProvider;
use tongxing_gm_tls::{Profile, offering_both, provider, with_sm2_authentication};

use super::{Files, Running, Seen, Sides, ask, program, serve_one, text};
use crate::pki::{P256, SM2, both_roots};
use crate::wire::{asking_server, client, ring};

const VARIABLE: &str = "TONGXING_TONGSUO";
const GCM: &str = "TLS_SM4_GCM_SM3";
const CCM: &str = "TLS_SM4_CCM_SM3";
const AES: &str = "TLS_AES_128_GCM_SHA256";

fn sides() -> Sides {
    let ordinary = with_sm2_authentication(ring());
    Sides {
        shangmi: asking_server(provider(), &SM2.server, SM2.roots.clone()),
        ordinary: asking_server(ordinary, &P256.server, both_roots()),
    }
}

/// One connection of `s_client` to our server: what the server saw, what it printed.
fn connect(tongsuo: &Path, options: &[&str]) -> (Result<Seen, String>, String) {
    let (address, served) = serve_one(sides());
    let mut command = Command::new(tongsuo);
    command
        .args(["s_client", "-connect", &address.to_string(), "-servername", "localhost"])
        .args(["-ign_eof", "-verify_return_error", "-CAfile"])
        .args(options);
    let printed = Running::start(&mut command).converse(b"hello\n");
    (served.join().unwrap(), printed)
}

#[test]
fn its_client_completes_handshakes() {
    let Some(tongsuo) = program(VARIABLE) else { return };
    let files = Files::new();
    let (root, p256_root) = (files.path("root.pem"), files.path("p256-root.pem"));
    let (root, p256_root) = (text(&root), text(&p256_root));
    let (chain, key) = (files.path("client.pem"), files.path("client.key"));
    let certificate = ["-cert", text(&chain), "-cert_chain", text(&chain), "-key", text(&key)];
    let strict = ["-curves", "SM2", "-sigalgs", "sm2sig_sm3", "-enable_sm_tls13_strict"];
    let shangmi = Profile::Shangmi;
    let cases: [(&[&str], &[&str], Profile, &str); 5] = [
        (&[root, "-ciphersuites", GCM], &strict, shangmi, "00c6"),
        (&[root, "-ciphersuites", CCM], &strict, shangmi, "00c7"),
        // As it comes: RFC 8998 behind the others, and no share of curveSM2.
        (&[root], &[], shangmi, "00c6"),
        (&[root, "-ciphersuites", "TLS_SM4_CCM_SM3:TLS_AES_128_GCM_SHA256"], &[], shangmi, "00c7"),
        (&[p256_root, "-ciphersuites", AES], &[], Profile::Ordinary, "1301"),
    ];
    for (first, more, profile, suite) in cases {
        for shown in [false, true] {
            let certificate = if shown { &certificate[..] } else { &[] };
            let options = [first, more, certificate].concat();
            let (seen, printed) = connect(&tongsuo, &options);
            let expected = Seen { profile, suite: suite.to_owned(), shown };
            assert_eq!(seen, Ok(expected), "{options:?}\n{printed}");
            assert!(printed.contains("saw it"), "{options:?}\n{printed}");
            assert!(printed.contains("Verify return code: 0 (ok)"), "{printed}");
        }
    }
}

#[test]
fn its_client_gets_no_half_of_it() {
    let Some(tongsuo) = program(VARIABLE) else { return };
    let files = Files::new();
    let root = files.path("root.pem");
    let half: [&[&str]; 2] = [
        &["-ciphersuites", GCM, "-curves", "X25519"],
        &["-ciphersuites", GCM, "-curves", "SM2", "-sigalgs", "ecdsa_secp256r1_sha256"],
    ];
    for options in half {
        let options = [&[text(&root)], options].concat();
        let (seen, printed) = connect(&tongsuo, &options);
        assert!(seen.is_err(), "{options:?}: {seen:?}");
        assert!(printed.contains("alert handshake failure"), "{options:?}\n{printed}");
    }
}

/// One connection of ours to `s_server`.
fn ask_server(
    tongsuo: &Path,
    files: &Files,
    options: &[&str],
    provider: CryptoProvider,
    with_certificate: bool,
) -> Result<(Seen, String), String> {
    let (chain, key) = (files.path("server.pem"), files.path("server.key"));
    let root = files.path("root.pem");
    let mut command = Command::new(tongsuo);
    command
        .args(["s_server", "-accept", "127.0.0.1:0", "-www", "-CAfile", text(&root)])
        .args(["-cert", text(&chain), "-cert_chain", text(&chain), "-key", text(&key)])
        .args(options);
    let mut server = Running::start(&mut command);
    let (line, _output) = server.wait_for("ACCEPT");
    let address = line.trim_start_matches("ACCEPT").trim();
    let identity = with_certificate.then_some(&SM2.client);
    ask(&client(provider, SM2.roots.clone(), identity), address)
}

#[test]
fn its_server_completes_handshakes() {
    let Some(tongsuo) = program(VARIABLE) else { return };
    let files = Files::new();
    let strict = "-enable_sm_tls13_strict";
    let cases: [(&[&str], &str); 3] = [
        (&[strict, "-ciphersuites", GCM], "00c6"),
        (&[strict, "-ciphersuites", CCM], "00c7"),
        (&[], "00c6"),
    ];
    for (options, suite) in cases {
        for provider in [provider(), offering_both(ring())] {
            let answer = ask_server(&tongsuo, &files, options, provider, false);
            let (seen, page) = answer.unwrap();
            assert_eq!((seen.profile, &seen.suite[..]), (Profile::Shangmi, suite), "{options:?}");
            assert!(page.contains("TLSv1.3"), "{page}");
        }
    }
}

#[test]
fn its_server_asks_for_our_certificate() {
    let Some(tongsuo) = program(VARIABLE) else { return };
    let files = Files::new();
    for options in [&["-Verify", "3", "-enable_sm_tls13_strict"][..], &["-Verify", "3"]] {
        let ask = |shown| ask_server(&tongsuo, &files, options, provider(), shown);
        let (seen, page) = ask(true).unwrap();
        assert_eq!(seen.profile, Profile::Shangmi);
        assert!(page.contains("Client certificate"), "{page}");
        let refused = ask(false).unwrap_err();
        assert!(refused.contains("CertificateRequired"), "{refused}");
    }
}
