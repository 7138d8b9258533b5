//! Detached CMS messages beside OpenSSL's, in one process and one run.
//!
//!     cargo bench -p tongxing-pki --bench cms
//!
//! Small contents: how many messages a second are read, verified and judged, with the path
//! to the anchor, by us and by OpenSSL. Its `cms` takes no other user id of SM2 than the
//! empty one and judges no path with it: there it verifies the same signatures, of the
//! message and of both certificates, and nothing else. Large contents: how much of the plain rate of the hash
//! function is left when a content of 200 MB flows by in pieces of 1 MiB.
//!
//! Both sides take turns, and the best of their rounds counts: other load on the machine
//! slows rounds down and never speeds them up.

#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::x509::X509;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::verify::X509VerifyParam;
use tongxing_pki::{
    Anchors, Certificate, CertificateJudge, CertificateQuestion, Content, Hash, JudgedCertificate,
    Moments, PathOptions, SignatureRules, SignedDocument, Sm2UserId, Sm2UserIds, Timestamp,
    Verdict, judge_document, read_document, validate_path,
};
use tongxing_testdata::{
    Attribute, AuthoritySpec, Issued, KeyAlgorithm, LeafSpec, LevelSpec, TestAuthority, Validity,
    oid,
};

const NOW: i64 = 1_795_000_000;
const SMALL: usize = 10_000;
const PIECE: usize = 1 << 20;
const PIECES: usize = 191;
const ROUNDS: usize = 15;

fn main() {
    for (name, algorithm) in [
        ("RSA-2048", KeyAlgorithm::Rsa2048),
        ("P-256", KeyAlgorithm::EcdsaP256),
        ("SM2", KeyAlgorithm::Sm2EmptyUserId),
    ] {
        let world = World::new(algorithm);
        small(name, &world);
        large(name, &world);
    }
}

fn small(name: &str, world: &World) {
    let content = vec![0xA5; SMALL];
    let message = world.sign(&[&content]);
    let mut ours = || world.passes(&message, Content::Octets(&content));
    let mut theirs = || world.openssl(&message, &content);
    ours();
    theirs();
    let [ours, theirs] = best([&mut ours, &mut theirs], Duration::from_millis(60));
    println!(
        "{name}, 10 KB: {:.0}/s, OpenSSL {:.0}/s, ratio {:.2}",
        1.0 / ours,
        1.0 / theirs,
        theirs / ours
    );
}

fn large(name: &str, world: &World) {
    let piece = vec![0x5A; PIECE];
    let message = world.sign(&vec![&piece[..]; PIECES]);
    let mut ours = || {
        let document = read_document(&message, None).expect("a message");
        let mut digester = document.digester(0, &[], &world.rules);
        (0..PIECES).for_each(|_| digester.update(&piece));
        let digests = digester.finish();
        world.judge(&document, Content::Digests(&digests));
    };
    let mut plain = || {
        let mut hasher = world.hash.hasher();
        (0..PIECES).for_each(|_| hasher.update(&piece));
        black_box(hasher.finish());
    };
    let [ours, plain] = best([&mut ours, &mut plain], Duration::ZERO);
    let rate = |seconds: f64| 200.0 / seconds;
    println!(
        "{name}, 200 MB: {:.0} MB/s, {} alone {:.0} MB/s, ratio {:.2}",
        rate(ours),
        world.hash,
        rate(plain),
        plain / ours
    );
}

/// Seconds for one call of each, the best of the rounds that they take in turns.
fn best<const N: usize>(mut sides: [&mut dyn FnMut(); N], at_least: Duration) -> [f64; N] {
    let mut seconds = [f64::INFINITY; N];
    for _ in 0..ROUNDS {
        for (side, best) in sides.iter_mut().zip(&mut seconds) {
            let (start, mut calls) = (Instant::now(), 0_u32);
            while calls == 0 || start.elapsed() < at_least {
                side();
                calls += 1;
            }
            *best = best.min(start.elapsed().as_secs_f64() / f64::from(calls));
        }
    }
    seconds
}

struct World {
    leaf: Issued,
    root: Vec<u8>,
    hash: Hash,
    rules: SignatureRules,
    anchors: Anchors,
    store: X509Store,
    options: CMSOptions,
}

impl World {
    fn new(algorithm: KeyAlgorithm) -> Self {
        let validity = Validity::decade_around(NOW);
        let level = |name| LevelSpec::new("bench", name, algorithm, validity);
        let mut spec = AuthoritySpec::one_level("ca", level("root"));
        spec.levels.push(level("issuing"));
        let authority = TestAuthority::generate(&spec).expect("an authority");
        let subject = vec![Attribute::utf8(oid::COMMON_NAME, "signer")];
        let mut leaf = LeafSpec::signing(subject, validity).with_algorithm(algorithm);
        leaf.extended_key_usages.clear();
        let leaf = authority.issue(&leaf).expect("a leaf");
        let root = authority.root().der();
        let is_sm2 = algorithm == KeyAlgorithm::Sm2EmptyUserId;
        let empty = Sm2UserId::new(b"").expect("short");
        let unverified = CMSOptions::NO_SIGNER_CERT_VERIFY;
        Self {
            leaf,
            root: root.to_vec(),
            hash: if is_sm2 { Hash::Sm3 } else { Hash::Sha256 },
            rules: SignatureRules::default().with_sm2_user_ids(Sm2UserIds::only(empty)),
            anchors: Anchors::from_iter([Certificate::parse(root).expect("a certificate")]),
            store: store(root),
            options: CMSOptions::BINARY | if is_sm2 { unverified } else { CMSOptions::empty() },
        }
    }

    /// A message over a content in pieces, with the signer's chain in it.
    fn sign(&self, pieces: &[&[u8]]) -> Vec<u8> {
        let mut hasher = self.hash.hasher();
        for piece in pieces {
            hasher.update(piece);
        }
        message(&self.leaf, self.hash, &hasher.finish())
    }

    fn passes(&self, message: &[u8], content: Content<'_>) {
        self.judge(&read_document(message, None).expect("a message"), content);
    }

    fn judge(&self, document: &SignedDocument, content: Content<'_>) {
        let examined = document.examine(content, &[], &self.rules);
        let moments = Moments { now: Timestamp::from_unix(NOW), at: None };
        let judged = judge_document(document, examined, self, moments);
        assert_eq!(judged.verdict, Verdict::Passed, "{:?}", judged.signatures[0].report);
    }

    fn openssl(&self, message: &[u8], content: &[u8]) {
        let mut message = CmsContentInfo::from_der(message).expect("a message");
        let verified = message.verify(None, Some(&self.store), Some(content), None, self.options);
        verified.expect("OpenSSL verifies it");
        if self.hash == Hash::Sm3 {
            let parse = |der: &[u8]| X509::from_der(der).expect("a certificate");
            let path = [&self.leaf.certificate_der[..], &self.leaf.chain_der[0], &self.root];
            for pair in path.map(parse).windows(2) {
                let key = pair[1].public_key().expect("a key");
                assert!(pair[0].verify(&key).expect("verifies"), "OpenSSL verifies the path");
            }
        }
    }
}

/// The path alone, as OpenSSL judges it.
impl CertificateJudge for World {
    type Outcome = ();

    fn judge(&self, question: &CertificateQuestion<'_>) -> JudgedCertificate<()> {
        let mut options = PathOptions::new(question.at).for_purpose(question.purpose);
        options.signatures = self.rules.clone();
        let pools = [question.pool];
        let outcome = validate_path(question.certificate, &self.anchors, &pools, &options);
        JudgedCertificate { report: outcome.report, outcome: () }
    }
}

fn store(root: &[u8]) -> X509Store {
    let mut builder = X509StoreBuilder::new().expect("a store");
    builder.add_cert(X509::from_der(root).expect("a certificate")).expect("added");
    let mut parameters = X509VerifyParam::new().expect("parameters");
    parameters.set_time(NOW);
    builder.set_param(&parameters).expect("set");
    builder.build()
}

/// CMS SignedData (RFC 5652) with the two attributes that it must have.
fn message(leaf: &Issued, hash: Hash, digest: &[u8]) -> Vec<u8> {
    let certificate = Certificate::parse(&leaf.certificate_der).expect("a certificate");
    let attribute =
        |kind: &str, value: Vec<u8>| tlv(0x30, &[oid(kind), tlv(0x31, &value)].concat());
    let data = oid("1.2.840.113549.1.7.1");
    let attributes = [
        attribute("1.2.840.113549.1.9.3", data.clone()),
        attribute("1.2.840.113549.1.9.4", tlv(4, digest)),
    ]
    .concat();
    let signature = leaf.key.sign(&tlv(0x31, &attributes)).expect("signs");
    let hash = tlv(0x30, &tlv(6, hash.oid().as_bytes()));
    let serial = tlv(2, certificate.serial().bytes());
    let signer = [
        vec![2, 1, 1],
        tlv(0x30, &[certificate.issuer().der(), &serial].concat()),
        hash.clone(),
        tlv(0xA0, &attributes),
        algorithm(leaf.key.algorithm()),
        tlv(4, &signature),
    ];
    let chain = std::iter::once(&leaf.certificate_der).chain(&leaf.chain_der);
    let signed_data = [
        vec![2, 1, 1],
        tlv(0x31, &hash),
        tlv(0x30, &data),
        tlv(0xA0, &chain.flatten().copied().collect::<Vec<_>>()),
        tlv(0x31, &tlv(0x30, &signer.concat())),
    ];
    let content = tlv(0xA0, &tlv(0x30, &signed_data.concat()));
    tlv(0x30, &[oid("1.2.840.113549.1.7.2"), content].concat())
}

fn algorithm(key: KeyAlgorithm) -> Vec<u8> {
    let identifier = match key {
        KeyAlgorithm::Rsa2048 => [oid("1.2.840.113549.1.1.11"), vec![5, 0]].concat(),
        KeyAlgorithm::EcdsaP256 => oid("1.2.840.10045.4.3.2"),
        _ => oid("1.2.156.10197.1.501"),
    };
    tlv(0x30, &identifier)
}

fn oid(dotted: &str) -> Vec<u8> {
    tlv(6, tongxing_pki::Oid::parse(dotted).expect("dotted").as_bytes())
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("short").to_be_bytes();
    let head = match content.len() {
        0..0x80 => vec![tag, length[3]],
        0x80..0x100 => vec![tag, 0x81, length[3]],
        _ => vec![tag, 0x82, length[2], length[3]],
    };
    [&head[..], content].concat()
}
