//! Writes the seeds of the corpus anew, with the fixed certificates that the
//! bodies judge. Findings, which have other names, stay as they are.
//!
//!     cargo run -p tongxing-fuzz-bodies --example seeds
//!
//! What is well-formed comes from the synthetic authorities; beside it stand its
//! damaged forms that a mutation would take long to find.

#[path = "seeds/answers.rs"]
mod answers;
#[path = "seeds/identity.rs"]
mod identity;
#[path = "seeds/pdf.rs"]
mod pdf;
#[path = "seeds/receipts.rs"]
mod receipts;
#[path = "seeds/requests.rs"]
mod requests;
#[path = "seeds/tls.rs"]
mod tls;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls_pki_types::PrivatePkcs8KeyDer;
use tongxing_pki::Timestamp;
use tongxing_testdata::{
    Company, CrlSpec, Extension, Issued, LeafSpec, OcspAnswer, OcspSpec, OcspStatus, Person,
    Profile, ResponderForm, RevocationReason, RevokedEntry, TestAuthority, Validity, Value,
    crl_pem, ocsp_refusal,
};
use tongxing_trust_store::{
    Actor, Command, ExportWriter, FileJournal, Journal, JournalOptions, ManualClock, PolicyFile,
    Province, Reply,
};

type Outcome = Result<(), Box<dyn Error>>;

const NOW: i64 = 1_780_000_000;

/// How deep the deepest seed nests: more than any parser here allows.
const DEEP: usize = 2_000;

fn main() -> Outcome {
    for profile in Profile::ALL {
        let authority = TestAuthority::generate(&profile.authority(Validity::decade_around(NOW)))?;
        let year = Validity::year_from(NOW - 3_600);
        let leaf = profile.leaf(&Company::numbered(0), &Person::numbered(0), year);
        let issued = authority.issue(&leaf)?;
        certificates(profile, &authority, &issued)?;
        lists(profile, &authority, &issued)?;
        responses(profile, &authority, &issued)?;
    }
    damaged_der("certificate")?;
    damaged_der("crl")?;
    damaged_der("ocsp")?;
    damaged_der("signed_document")?;
    documents()?;
    answers::all()?;
    configs()?;
    evidence()?;
    for (name, file) in pdf::files() {
        seed("pdf", name, &file)?;
    }
    policies()?;
    identity::all()?;
    receipts::all()?;
    requests::all()?;
    sm2_handshakes()?;
    sm2()?;
    tls::hellos()?;
    tls::records()?;
    segments()
}

fn certificates(profile: Profile, authority: &TestAuthority, issued: &Issued) -> Outcome {
    let id = profile.id();
    let leaf = &issued.certificate_der;
    seed("certificate", &format!("{id}-root.der"), authority.root().der())?;
    seed("certificate", &format!("{id}-leaf.der"), leaf)?;
    if profile == Profile::D {
        write(&repository("fuzz/bodies/fixed/sm2-root.der"), authority.root().der())?;
        write(&repository("fuzz/bodies/fixed/sm2-issuing.der"), authority.issuing().der())?;
        seed("tls_certificate", "leaf.der", leaf)?;
        seed("tls_certificate", "encryption.der", &pair_of(authority)?.certificate_der)?;
        seed("tls_certificate", "trailing.der", &[leaf, &b"\0"[..]].concat())?;
    }
    if profile == Profile::C {
        write(&repository("fuzz/bodies/fixed/leaf.der"), leaf)?;
        write(&repository("fuzz/bodies/fixed/issuing.der"), authority.issuing().der())?;
        seed("certificate", "chain.pem", issued.full_chain_pem()?.as_bytes())?;
        seed("certificate", "truncated.der", &leaf[..leaf.len() / 2])?;
        seed("certificate", "trailing.der", &[leaf, &b"\0"[..]].concat())?;
        seed("certificate", "indefinite.der", &indefinite(leaf))?;
        seed("certificate", "longer-length.der", &longer_length(leaf))?;
    }
    Ok(())
}

/// The other certificate of a company of authority D.
fn pair_of(authority: &TestAuthority) -> Result<Issued, Box<dyn Error>> {
    let year = Validity::year_from(NOW - 3_600);
    let leaf = Profile::D.leaf(&Company::numbered(1), &Person::numbered(0), year);
    Ok(authority.issue_pair(&leaf)?.encryption)
}

/// Messages and timestamps, which OpenSSL makes: with its own time in them, so that they
/// differ in every run.
fn documents() -> Outcome {
    let folder = tempfile::tempdir()?;
    let write = |name: &str, content: &[u8]| write(&folder.path().join(name), content);
    let authority = TestAuthority::generate(&Profile::C.authority(Validity::decade_around(NOW)))?;
    let year = Validity::year_from(NOW - 3_600);
    let mut spec = Profile::C.leaf(&Company::numbered(0), &Person::numbered(0), year);
    spec.extended_key_usages.clear();
    let signer = authority.issue(&spec)?;
    let purposes = Value::Sequence(vec![Value::ObjectIdentifier("1.3.6.1.5.5.7.3.8".into())]);
    let stamper = spec.with_extension(Extension::new("2.5.29.37", purposes).critical());
    let stamper = authority.issue(&stamper)?;
    for (name, leaf) in [("signer", &signer), ("tsa", &stamper)] {
        write(&format!("{name}.pem"), leaf.certificate_pem()?.as_bytes())?;
        write(&format!("{name}.key"), leaf.key_pem()?.as_bytes())?;
    }
    write("content", b"content\n")?;
    write(
        "tsa.cnf",
        b"[tsa]\ndefault_tsa=t\n[t]\nserial=serial\nsigner_digest=sha256\n\
          default_policy=1.2.3.4\ndigests=sha256\ness_cert_id_alg=sha256\n",
    )?;
    let openssl = |line: &str| -> Outcome {
        let mut command = std::process::Command::new("openssl");
        let status = command.current_dir(folder.path()).args(line.split(' ')).status()?;
        if status.success() { Ok(()) } else { Err(format!("openssl {line}").into()) }
    };
    for (name, options) in [
        ("detached.der", "-outform DER"),
        ("attached.pem", "-outform PEM -nodetach"),
        ("indefinite.ber", "-outform DER -nodetach -stream -indef"),
        ("cades-keyid.der", "-outform DER -cades -keyid"),
        ("bare.der", "-outform DER -noattr -nocerts"),
        ("two.der", "-outform DER -signer tsa.pem -inkey tsa.key"),
    ] {
        let fixed = "cms -sign -binary -in content -signer signer.pem -inkey signer.key -out out";
        openssl(&format!("{fixed} {options}"))?;
        seed("signed_document", name, &fs::read(folder.path().join("out"))?)?;
    }
    openssl("ts -query -data content -sha256 -cert -out query")?;
    openssl(
        "ts -reply -config tsa.cnf -queryfile query -signer tsa.pem -inkey tsa.key -out answer",
    )?;
    openssl("ts -reply -in answer -token_out -out token")?;
    for name in ["answer", "token"] {
        seed("signed_document", name, &fs::read(folder.path().join(name))?)?;
    }
    let deep =
        [&[0x30, 0x80, 6, 9, 42, 134, 72, 134, 247, 13, 1, 7, 2][..], &[0xA0, 0x80].repeat(DEEP)];
    seed("signed_document", "deep.ber", &deep.concat())
}

fn lists(profile: Profile, authority: &TestAuthority, issued: &Issued) -> Outcome {
    let mut spec = CrlSpec::empty(7, NOW - 60, NOW + 86_400);
    let id = profile.id();
    let empty = authority.crl(&spec)?;
    seed("crl", &format!("{id}-empty.der"), &empty)?;
    for number in 1..=9_u8 {
        let reason = match number % 3 {
            0 => RevocationReason::KeyCompromise,
            1 => RevocationReason::Unspecified,
            _ => RevocationReason::CertificateHold,
        };
        let revoked_at = NOW - i64::from(number) * 1_000;
        let entry = RevokedEntry::new(vec![number; usize::from(number)], revoked_at, reason);
        spec = spec.revoking(entry);
    }
    let serial = issued.serial.clone();
    spec = spec.revoking(RevokedEntry::new(serial, NOW - 5, RevocationReason::Superseded));
    let list = authority.crl(&spec)?;
    seed("crl", &format!("{id}-entries.der"), &list)?;
    if profile == Profile::C {
        seed("crl", "list.pem", crl_pem(&list)?.as_bytes())?;
        seed("crl", "truncated.der", &list[..list.len() / 2])?;
        seed("crl", "indefinite.der", &indefinite(&list))?;
        seed("crl", "longer-length.der", &longer_length(&list))?;
    }
    Ok(())
}

/// Nothing that is a certificate or a list.
fn responses(profile: Profile, authority: &TestAuthority, issued: &Issued) -> Outcome {
    let id = profile.id();
    let issuing = authority.issuing();
    let answer = |status| OcspAnswer::new(issued.serial.clone(), status, NOW - 60, NOW + 86_400);
    let good = OcspSpec::of(answer(OcspStatus::Good));
    seed("ocsp", &format!("{id}-good.der"), &issuing.ocsp(&good)?)?;
    let reason = RevocationReason::KeyCompromise;
    let mut gone = OcspSpec::of(answer(OcspStatus::Revoked { at: NOW - 600, reason }));
    gone.responder = ResponderForm::Name;
    gone.answers.push(answer(OcspStatus::Unknown));
    seed("ocsp", &format!("{id}-revoked.der"), &issuing.ocsp(&gone)?)?;
    if profile == Profile::C {
        let year = Validity::year_from(NOW - 3_600);
        let spec = LeafSpec::signing(Vec::new(), year).ocsp_responder();
        let delegate = authority.issue(&spec)?;
        let sent = good.with_certificate(delegate.certificate_der.clone());
        seed("ocsp", "delegate.der", &issuing.ocsp_by(&delegate, &sent)?)?;
        seed("ocsp", "try-later.der", &ocsp_refusal(3)?)?;
    }
    Ok(())
}

/// PKCS#8 around an SM2 key that nobody uses, without its last octets.
const SM2_KEY: &[u8] = &[
    0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01,
    0x01, 0x04, 0x20,
];

/// A key's own share and signature, and forms of them that are refused.
fn sm2_handshakes() -> Outcome {
    let der = PrivatePkcs8KeyDer::from([SM2_KEY, &[0x42; 32]].concat());
    let key = tongxing_gm_tls::load_sm2_key(&der.into())?;
    let spki = key.public_key().ok_or("no public key")?;
    let point = spki.last_chunk::<65>().ok_or("no point")?.to_vec();
    let message = b"what was said";
    let signer = key.choose_scheme(&[tongxing_gm_tls::SM2SIG_SM3]).ok_or("no signer")?;
    let signature = signer.sign(message)?;
    let input = |key: &[u8], signature: &[u8]| {
        let prefixed = |octets: &[u8]| {
            let length = u8::try_from(octets.len())?;
            Ok::<_, Box<dyn Error>>([&[length], octets].concat())
        };
        Ok::<_, Box<dyn Error>>([prefixed(key)?, prefixed(signature)?, message.to_vec()].concat())
    };
    let compressed = [&[2 | point[64] & 1], &point[1..33]].concat();
    seed("sm2_handshake", "signed", &input(&point, &signature)?)?;
    seed("sm2_handshake", "compressed", &input(&compressed, &signature)?)?;
    seed("sm2_handshake", "at-infinity", &input(&[0], &signature)?)?;
    seed("sm2_handshake", "zeros", &input(&[&[4][..], &[0; 64]].concat(), &[0x30, 0])?)?;
    seed("sm2_handshake", "trailing", &input(&point, &[&signature[..], &[0]].concat())?)?;
    seed("sm2_handshake", "empty", &[])
}

/// The key and signature of GM/T 0003.5, appendix A, and what cannot be one.
fn sm2() -> Outcome {
    let hex = |digits: &str| -> Result<Vec<u8>, std::num::ParseIntError> {
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16)).collect()
    };
    let r = hex("F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3")?;
    let s = hex("B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA")?;
    let order = hex("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123")?;
    let der =
        |r: &[u8], s: &[u8]| [&[0x30, 0x46, 0x02, 0x21, 0x00], r, &[0x02, 0x21, 0x00], s].concat();
    let raw = [&r[..], &s[..]].concat();
    seed("sm2_signature", "vector.raw", &raw)?;
    seed("sm2_signature", "vector.der", &der(&r, &s))?;
    seed("sm2_signature", "trailing.der", &[&der(&r, &s)[..], b"\0"].concat())?;
    seed("sm2_signature", "short.raw", &raw[..63])?;
    seed("sm2_signature", "long.raw", &[&raw[..], b"\0"].concat())?;
    seed("sm2_signature", "zero.raw", &[&r[..], &[0; 32]].concat())?;
    seed("sm2_signature", "order.der", &der(&order, &s))?;
    seed("sm2_signature", "empty", b"")?;
    let x = hex("09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020")?;
    let y = hex("CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13")?;
    seed("sm2_key", "vector.point", &[&[4], &x[..], &y].concat())?;
    seed("sm2_key", "off-curve.point", &[&[4], &y[..], &x].concat())?;
    seed("sm2_key", "compressed.point", &[&[3], &x[..]].concat())?;
    seed("sm2_key", "infinity.point", &[0])?;
    seed("sm2_key", "zeros.point", &[&[4][..], &[0; 64]].concat())
}

fn damaged_der(target: &str) -> Outcome {
    seed(target, "empty", b"")?;
    seed(target, "empty-sequence.der", &[0x30, 0x00])?;
    seed(target, "huge-length.der", &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x30, 0x03])?;
    seed(target, "overflowing-length.der", &[[0x30, 0x88].as_slice(), &[0xff; 8]].concat())?;
    seed(target, "deep.der", &nested(DEEP))?;
    seed(target, "deep-indefinite.der", &[0x30, 0x80].repeat(DEEP))?;
    seed(target, "damaged.pem", b"-----BEGIN CERTIFICATE-----\nMA\n-----END CERTIFICATE-----\n")
}

/// SEQUENCEs inside one another, each of the right length.
fn nested(depth: usize) -> Vec<u8> {
    let mut der = Vec::new();
    for _ in 0..depth {
        let [.., high, low] = der.len().to_be_bytes();
        let mut outer = match der.len() {
            0..=0x7f => vec![0x30, low],
            0x80..=0xff => vec![0x30, 0x81, low],
            _ => vec![0x30, 0x82, high, low],
        };
        outer.append(&mut der);
        der = outer;
    }
    der
}

/// The same structure as BER writes it: of indefinite length, ended by two zeros.
/// (Both seeds have a length in two octets, so four come before the content.)
fn indefinite(der: &[u8]) -> Vec<u8> {
    [&[0x30, 0x80], &der[4..], &[0, 0]].concat()
}

/// The same structure with its length in one octet more than it needs.
fn longer_length(der: &[u8]) -> Vec<u8> {
    [&[0x30, 0x83, 0x00], &der[2..]].concat()
}

fn configs() -> Outcome {
    let template = tongxing_gateway::Config::default_toml(&tongxing_gateway::Template::default());
    seed("config", "template.toml", template.as_bytes())?;
    let uncommented: Vec<&str> = template
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|l| l.contains(" = ")).unwrap_or(line))
        .collect();
    seed("config", "everything.toml", uncommented.join("\n").as_bytes())?;
    seed("config", "no-key.toml", b"public_url = \"https://a.example\"\n")
}

/// A province's own evidence. `timestamp_answer/granted.tsr` is OpenSSL's, about
/// something else, and stays as it is.
fn evidence() -> Outcome {
    let folder = tempfile::tempdir()?;
    let home = folder.path().join("province");
    let clock = Arc::new(ManualClock::at(Timestamp::from_unix(NOW)));
    let source = fs::read_to_string(repository("policies/province.toml"))?;
    let policy = PolicyFile { name: "province.toml".to_owned(), source };
    Province::create(&home, "测试省", None, policy, &Actor::Gateway, clock.clone())?;
    let province = Province::open(&home, clock)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let ask = |command| runtime.block_on(province.execute(&Actor::Gateway, command));
    for id in ["platform-a", "platform-b", "platform-c"] {
        ask(Command::RelyingPartyAdd { id: id.parse()?, name: "平台".to_owned() })?;
    }
    let Reply::Checkpoint(signed) = ask(Command::AuditCheckpoint)? else { return unexpected() };
    let Reply::EvidenceKeys(keys) = ask(Command::EvidenceKeyList)? else { return unexpected() };
    let key = &keys.first().ok_or("a key")?.key;
    write(&repository("fuzz/bodies/fixed/evidence.vkey"), format!("{key}\n").as_bytes())?;
    write(&repository("fuzz/bodies/fixed/checkpoint.txt"), signed.note.as_bytes())?;
    seed("checkpoint", "signed.txt", signed.note.as_bytes())?;
    seed("checkpoint", "key.vkey", key.as_bytes())?;
    seed("checkpoint", "twice.txt", signed.note.replace("\n— ", "\nmore\n\n— ").as_bytes())?;
    for sequence in [1, 4] {
        let Reply::Proof { proof, .. } = ask(Command::AuditProve { sequence })? else {
            return unexpected();
        };
        seed("record_proof", &format!("{sequence}.tlog-proof"), proof.as_bytes())?;
    }
    for (name, range) in [("whole.jsonl", (None, None)), ("part.jsonl", (Some(2), Some(4)))] {
        let (first, last) = range;
        let Reply::ExportHeader(header) = ask(Command::AuditExport { first, last })? else {
            return unexpected();
        };
        let (first, last) = (header.first, header.last);
        let Reply::Frames(frames) = ask(Command::AuditFrames { first, last })? else {
            return unexpected();
        };
        let (mut export, mut lines) = ExportWriter::begin(&header)?;
        for (sequence, frame) in (first..).zip(frames) {
            lines.extend(export.record(sequence, frame.into_vec())?);
        }
        lines.extend(export.end()?.1);
        seed("export", name, &lines)?;
    }
    // PKIStatusInfo alone: status 2, rejection.
    seed("timestamp_answer", "rejected.tsr", &[0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02])
}

fn unexpected() -> Outcome {
    Err("an answer of another kind".into())
}

/// The shipped policies are replayed from where they are.
fn policies() -> Outcome {
    for target in ["authority_policy", "province_policy"] {
        seed(target, "empty.toml", b"")?;
        seed(target, "unknown.toml", "[policy]\nformat = 1\nfarbe = \"绿\"\n".as_bytes())?;
        seed(target, "other-format.toml", b"[policy]\nformat = 2\n")?;
        seed(target, "unfinished.toml", b"[policy\nformat = 1\nlabel = \"")?;
        seed(target, "twice.toml", b"[policy]\nformat = 1\nformat = 1\n[policy]\n")?;
        seed(target, "deep.toml", format!("a = {}", "[".repeat(DEEP)).as_bytes())?;
        seed(target, "wrong-types.toml", b"policy = 1\nacceptance = []\nidentity = \"x\"\n")?;
    }
    Ok(())
}

fn segments() -> Outcome {
    let folder = tempfile::tempdir()?;
    let clock = Arc::new(ManualClock::at(Timestamp::from_unix(NOW)));
    let home = folder.path().join("journal");
    let journal = FileJournal::create(&home, clock, &JournalOptions::default())?;
    for payload in ["{}", "{\"v\":1}", &"x".repeat(300)] {
        journal.append(payload.as_bytes().to_vec()).wait()?;
    }
    journal.append_clock_reset(b"{\"clock\":\"reset\"}".to_vec()).wait()?;
    journal.close();
    let segment = fs::read(home.join("00000000000000000001.seg"))?;
    seed("journal_segment", "whole.seg", &segment)?;
    seed("journal_segment", "header.seg", &segment[..64])?;
    seed("journal_segment", "torn.seg", &segment[..segment.len() - 9])?;
    let mut huge = segment.clone();
    huge[64..68].copy_from_slice(&u32::MAX.to_be_bytes());
    seed("journal_segment", "huge-length.seg", &huge)?;
    seed("journal_segment", "zeros.seg", &[&segment[..], &[0; 100]].concat())
}

fn seed(target: &str, name: &str, bytes: &[u8]) -> Outcome {
    write(&repository(&format!("fuzz/corpus/{target}/{name}")), bytes)
}

fn write(path: &Path, bytes: &[u8]) -> Outcome {
    fs::create_dir_all(path.parent().ok_or("a file in a folder")?)?;
    Ok(fs::write(path, bytes)?)
}

fn repository(path: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(path)
}
