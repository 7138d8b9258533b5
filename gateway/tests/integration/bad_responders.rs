//! Responders that lie, dawdle, never end and send elsewhere: nobody is let in by them,
//! nobody is called revoked, and nothing of it lasts.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tongxing_testdata::{Issued, OcspAnswer, OcspSpec, OcspStatus, Profile, RevocationReason};

use crate::client::TLS13;
use crate::lists::set_revocation;
use crate::world::{Enrolled, World};

const HOUR: i64 = 3600;

/// What a responder does with each connection.
#[derive(Clone)]
enum Does {
    /// Says this, and closes.
    Says(Vec<u8>),
    /// Says nothing, for as long as it is listened to.
    Nothing,
    /// Says an octet now and then.
    Drips,
    /// Says this again and again.
    Endless(&'static [u8]),
}

/// A responder of whose every octet a test disposes.
struct Liar {
    port: u16,
    does: Arc<Mutex<Does>>,
    asked: Arc<AtomicUsize>,
    _serving: JoinSet<()>,
}

impl Liar {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (does, asked) = (Arc::new(Mutex::new(Does::Nothing)), Arc::<AtomicUsize>::default());
        let mut serving = JoinSet::new();
        let (of_task, counted) = (Arc::clone(&does), Arc::clone(&asked));
        serving.spawn(async move {
            let mut answering = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let does = of_task.lock().unwrap().clone();
                answering.spawn(answer(stream, does));
            }
        });
        Self { port, does, asked, _serving: serving }
    }

    fn does(&self, does: Does) {
        *self.does.lock().unwrap() = does;
    }

    /// A 200 with this content.
    fn has(&self, content_type: &str, content: &[u8]) {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
            content.len()
        );
        self.does(Does::Says([head.as_bytes(), content].concat()));
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn answer(mut stream: TcpStream, does: Does) {
    read_request(&mut stream).await;
    match does {
        Does::Says(octets) => {
            let _ = stream.write_all(&octets).await;
            let _ = stream.shutdown().await;
        }
        Does::Nothing => {
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
        Does::Drips => {
            let head = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n";
            let _ = stream.write_all(head).await;
            let mut drips = tokio::time::interval(Duration::from_millis(50));
            while stream.write_all(b"x").await.is_ok() {
                drips.tick().await;
            }
        }
        Does::Endless(piece) => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            while stream.write_all(piece).await.is_ok() {}
        }
    }
}

/// Head and content, so that closing loses nothing of the answer.
async fn read_request(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut octet = [0];
        if stream.read_exact(&mut octet).await.is_err() {
            return;
        }
        head.push(octet[0]);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length = length.and_then(|length| length.parse().ok()).unwrap_or(0);
    let _ = stream.read_exact(&mut vec![0; length]).await;
}

/// A company whose authority's policy asks a liar.
struct Scene {
    world: World,
    enrolled: Enrolled,
    issued: Issued,
    liar: Liar,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let enrolled = world.enrol(Profile::B).await;
        let liar = Liar::new().await;
        let keys = format!(
            "order = [\"ocsp\"]\nhosts = [\"127.0.0.1:{0}\"]\nprivate-addresses = true\n\
             ocsp = \"http://127.0.0.1:{0}/ocsp\"\nwhen-unavailable = \"refuse\"",
            liar.port
        );
        set_revocation(&world, &enrolled, &keys).await;
        let issued = enrolled.issue();
        Self { world, enrolled, issued, liar }
    }

    fn told(&self, issued: &Issued, status: OcspStatus, made: i64, due: i64) -> Vec<u8> {
        let now = self.world.now();
        let answer = OcspAnswer::new(issued.serial.clone(), status, now + made, now + due);
        self.enrolled.authority.issuing().ocsp(&OcspSpec::of(answer)).unwrap()
    }

    fn good(&self) -> Vec<u8> {
        self.told(&self.issued, OcspStatus::Good, -60, 3600)
    }

    /// What decides a sign-in that the liar's answer must not let in.
    async fn refused(&self, why: &str) -> Vec<String> {
        // What was told before is not asked for again at once.
        self.world.clock.advance_millis(31_000);
        let before = self.liar.asked();
        let answer = self.world.sign_in(&self.issued, TLS13).await;
        assert_ne!(answer.status, 200, "{why}");
        assert!(self.liar.asked() > before, "{why}: it was asked");
        let codes = answer.findings();
        assert!(!codes.is_empty(), "{why}: {}", answer.text);
        let indeterminate = codes.iter().all(|code| code.starts_with("revocation."));
        assert!(indeterminate && !codes.contains(&"revocation.revoked".to_owned()), "{codes:?}");
        codes
    }

    /// An honest answer, once it may be asked for, is what counts.
    async fn is_over(&self) {
        self.liar.has("application/ocsp-response", &self.good());
        self.world.clock.advance_millis(31_000);
        let answer = self.world.sign_in(&self.issued, TLS13).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_answer_is_none() {
    let scene = Scene::new().await;
    let good = scene.good();
    let contents: [(&str, &[u8]); 6] = [
        ("nothing", b""),
        ("a page", b"<!DOCTYPE html><title>Sign in to the hotel's network</title>"),
        ("half an answer", &good[..good.len() / 2]),
        ("an answer and more", &[&good[..], b"\0"].concat()),
        ("a length without end", b"\x30\x84\xff\xff\xff\xff\x0a\x01\x00"),
        ("something nested without end", &[0x30; 5_000]),
    ];
    for (why, content) in contents {
        scene.liar.has("application/ocsp-response", content);
        assert_eq!(scene.refused(why).await, ["revocation.no_response"], "{why}");
    }
    let answers: [(&str, &[u8]); 5] = [
        ("no HTTP", b"\x15\x03\x01\x00\x02\x02\x28"),
        ("an error of its own", b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"),
        ("unchanged, to who has nothing", b"HTTP/1.1 304 Not Modified\r\n\r\n"),
        ("less than it says", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n\x30\x82"),
        ("another encoding", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b"),
    ];
    for (why, answer) in answers {
        scene.liar.does(Does::Says(answer.to_vec()));
        assert_eq!(scene.refused(why).await, ["revocation.no_response"], "{why}");
    }
    scene.is_over().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_an_answer_whatever_type_it_is_sent_as() {
    let scene = Scene::new().await;
    for content_type in ["text/html", "application/octet-stream", "nonsense"] {
        scene.liar.has(content_type, &scene.good());
        scene.world.clock.advance_millis(31_000);
        assert_eq!(scene.world.sign_in(&scene.issued, TLS13).await.status, 200, "{content_type}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_answer_is_read_no_further_than_a_response_may_be_long() {
    let scene = Scene::new().await;
    scene.liar.does(Does::Endless(&[0x30; 4096]));
    assert_eq!(scene.refused("it never ends").await, ["revocation.no_response"]);
    scene.is_over().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_or_drips_is_given_up() {
    let scene = Scene::new().await;
    for does in [Does::Nothing, Does::Drips] {
        scene.liar.does(does);
        assert_eq!(scene.refused("it is slow").await, ["revocation.no_response"]);
    }
    scene.is_over().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_end_and_lead_only_to_hosts_that_are_named() {
    let scene = Scene::new().await;
    let target = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = format!("http://{}/latest/meta-data", target.local_addr().unwrap());
    let itself = format!("http://127.0.0.1:{}/ocsp", scene.liar.port);
    for to in [itself.as_str(), &elsewhere, "ldap://127.0.0.1/", "file:///etc/passwd"] {
        let answer = format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
        scene.liar.does(Does::Says(answer.into_bytes()));
        let before = scene.liar.asked();
        assert_eq!(scene.refused(to).await, ["revocation.no_response"], "{to}");
        assert!(scene.liar.asked() - before <= 2, "{to}: one redirect is followed");
    }
    let nobody = tokio::time::timeout(Duration::ZERO, target.accept()).await;
    assert!(nobody.is_err(), "a host was asked that no policy names");
    scene.is_over().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_will_not_answer_says_so_and_decides_nothing() {
    let scene = Scene::new().await;
    // OCSPResponse without responseBytes (RFC 6960 4.2.1): malformedRequest, internalError,
    // tryLater, sigRequired, unauthorized.
    for status in [1, 2, 3, 5, 6] {
        scene.liar.has("application/ocsp-response", &[0x30, 3, 0x0a, 1, status]);
        assert_eq!(scene.refused("it refuses").await, ["revocation.no_response"], "{status}");
    }
    // Successful, and yet no answer.
    scene.liar.has("application/ocsp-response", &[0x30, 3, 0x0a, 1, 0]);
    assert_eq!(scene.refused("it says nothing").await, ["revocation.no_response"]);
    scene.is_over().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_another_time_or_about_another_certificate_counts_for_nothing() {
    let scene = Scene::new().await;
    let other = scene.enrolled.issue();
    let since = scene.world.now() - HOUR;
    let revoked = OcspStatus::Revoked { at: since, reason: RevocationReason::KeyCompromise };
    let answers = [
        ("replayed", scene.told(&scene.issued, OcspStatus::Good, -8 * HOUR, -HOUR), "ocsp_stale"),
        (
            "of tomorrow",
            scene.told(&scene.issued, OcspStatus::Good, 24 * HOUR, 48 * HOUR),
            "ocsp_not_yet_issued",
        ),
        ("about another", scene.told(&other, OcspStatus::Good, -60, HOUR), "no_response"),
        ("another's revocation", scene.told(&other, revoked, -60, HOUR), "no_response"),
        ("unknown", scene.told(&scene.issued, OcspStatus::Unknown, -60, HOUR), "ocsp_unknown"),
    ];
    for (why, response, code) in answers {
        scene.liar.has("application/ocsp-response", &response);
        assert_eq!(scene.refused(why).await, [format!("revocation.{code}")], "{why}");
    }
    scene.is_over().await;
}
