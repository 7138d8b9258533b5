//! Revocation lists that the gateway fetches itself, from servers on loopback.

use std::future::Future;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tongxing_pki::Timestamp;
use tongxing_testdata::{CrlSpec, Profile, RevocationReason, RevokedEntry};
use tongxing_trust_store::{AuthorityView, Command, PolicyFile, Reply};

use crate::client::TLS13;
use crate::world::{Enrolled, World};

/// Paths and what is said there, the newest first.
type Answers = Mutex<Vec<(String, Vec<u8>)>>;

/// A web server whose answers a test sets.
pub(crate) struct Web {
    port: u16,
    answers: Arc<Answers>,
    asked: Arc<Mutex<Vec<String>>>,
    _serving: JoinSet<()>,
}

impl Web {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (answers, asked) = (Arc::<Answers>::default(), Arc::<Mutex<Vec<_>>>::default());
        let mut serving = JoinSet::new();
        let (of_task, told) = (Arc::clone(&answers), Arc::clone(&asked));
        serving.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                answer(stream, &of_task, &told).await;
            }
        });
        Self { port, answers, asked, _serving: serving }
    }

    pub(crate) fn has(&self, path: &str, list: &[u8]) {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", list.len());
        self.says(path, &[head.as_bytes(), list].concat());
    }

    fn says(&self, path: &str, answer: &[u8]) {
        self.answers.lock().unwrap().insert(0, (path.to_owned(), answer.to_vec()));
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(crate) fn times_asked(&self, path: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| fits(path, asked)).count()
    }
}

async fn answer(mut stream: TcpStream, answers: &Answers, asked: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read_exact(&mut byte).await.is_err() {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap().to_owned();
    let found = answers.lock().unwrap().iter().find(|(known, _)| fits(known, &path)).cloned();
    let answer = found.map_or(b"HTTP/1.1 404 Not Found\r\n\r\n".to_vec(), |(_, answer)| answer);
    asked.lock().unwrap().push(path);
    let _ = stream.write_all(&answer).await;
    let _ = stream.shutdown().await;
}

/// Whether a path is this one, or begins so where this one ends in a star.
fn fits(known: &str, path: &str) -> bool {
    known.strip_suffix('*').map_or(known == path, |start| path.starts_with(start))
}

/// Sets the authority's policy with another `[revocation]`.
pub(crate) async fn set_revocation(world: &World, enrolled: &Enrolled, keys: &str) {
    let source = enrolled.profile.policy_toml();
    let whole = "order = [\"crl\"]\nwhen-unavailable = \"refuse\"";
    assert!(source.contains(whole));
    set_policy(world, enrolled, source.replace(whole, keys)).await;
}

/// Sets the authority's policy with more in its `[revocation]`.
async fn let_fetch(world: &World, enrolled: &Enrolled, keys: &str) {
    let source = enrolled.profile.policy_toml();
    let source = source.replace("[revocation]\n", &format!("[revocation]\n{keys}\n"));
    set_policy(world, enrolled, source).await;
}

pub(crate) async fn set_policy(world: &World, enrolled: &Enrolled, source: String) {
    world
        .execute(Command::PolicySet {
            authority: Some(enrolled.profile.id().parse().unwrap()),
            policy: PolicyFile { name: "policy.toml".into(), source },
            effective: None,
        })
        .await;
}

async fn shown(world: &World, enrolled: &Enrolled) -> AuthorityView {
    let id = enrolled.profile.id().parse().unwrap();
    match world.execute(Command::AuthorityShow { id }).await {
        Reply::Authority(view) => *view,
        other => panic!("{other:?}"),
    }
}

/// Looks until the authority is as it should be; the test's time limit ends it.
async fn until<F>(world: &World, enrolled: &Enrolled, is: impl Fn(&AuthorityView) -> F)
where
    F: Future<Output = bool>,
{
    loop {
        if is(&shown(world, enrolled).await).await {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// Looks until all places were asked; what came of it.
async fn asked(world: &World, enrolled: &Enrolled, times: usize) -> AuthorityView {
    until(world, enrolled, |view| {
        let done = view.points.len() == times && view.points.iter().all(|p| p.last_try.is_some());
        async move { done }
    })
    .await;
    shown(world, enrolled).await
}

fn fetching(web: &Web, paths: &[&str]) -> String {
    let urls: Vec<String> = paths.iter().map(|path| format!("{:?}", web.url(path))).collect();
    format!(
        "hosts = [\"127.0.0.1:{}\"]\nprivate-addresses = true\ndistribution-points = [{}]",
        web.port,
        urls.join(", ")
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_published_counts_without_anybody_importing_it() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::B).await;
    let issued = enrolled.issue();
    assert_eq!(world.sign_in(&issued, TLS13).await.status, 200);
    let now = world.now();
    let entry = RevokedEntry::new(issued.serial.clone(), now - 10, RevocationReason::KeyCompromise);
    let spec = CrlSpec::empty(2, now - 5, now + 86_400).revoking(entry);
    let web = Web::new().await;
    web.has("/b.crl", &enrolled.authority.crl(&spec).unwrap());
    let_fetch(&world, &enrolled, &fetching(&web, &["/b.crl"])).await;
    let view = asked(&world, &enrolled, 1).await;
    let point = &view.points[0];
    assert_eq!(point.last_error, None);
    let next = point.next_try.unwrap().unix();
    assert!((now + 43_000..now + 78_000).contains(&next), "before the next update: {next}");
    let refused = world.sign_in(&issued, TLS13).await;
    assert!(refused.findings().contains(&"revocation.revoked".to_owned()), "{}", refused.text);
    assert_eq!(web.times_asked("/b.crl"), 1, "each list is fetched once");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_current_list_of_the_authority_changes_nothing_and_shows() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::B).await;
    let other = world.enrol(Profile::C).await;
    let now = world.now();
    let list =
        |number, made, next| enrolled.authority.crl(&CrlSpec::empty(number, made, next)).unwrap();
    let foreign = other.authority.crl(&CrlSpec::empty(9, now - 1, now + 86_400)).unwrap();
    let mut forged = list(9, now - 1, now + 86_400);
    let end = forged.len() - 1;
    forged[end] ^= 1;
    let web = Web::new().await;
    for (path, list) in [
        ("/older.crl", list(0, now - 3600, now + 86_400)),
        ("/foreign.crl", foreign),
        ("/forged.crl", forged),
        ("/future.crl", list(9, now + 3600, now + 86_400)),
        ("/text.crl", b"<html>Sign in to the Internet".to_vec()),
    ] {
        web.has(path, &list);
    }
    let elsewhere = "HTTP/1.1 302 Found\r\nLocation: http://localhost:1/b.crl\r\n\r\n";
    web.says("/elsewhere.crl", elsewhere.as_bytes());
    let paths = [
        "/older.crl",
        "/foreign.crl",
        "/forged.crl",
        "/future.crl",
        "/text.crl",
        "/elsewhere.crl",
        "/missing.crl",
    ];
    let before = shown(&world, &enrolled).await.lists;
    let_fetch(&world, &enrolled, &fetching(&web, &paths)).await;
    let view = asked(&world, &enrolled, paths.len()).await;
    for (path, told) in [
        ("/older.crl", "older"),
        ("/foreign.crl", "of authority"),
        ("/forged.crl", "signed this list"),
        ("/future.crl", "from the future"),
        ("/text.crl", "list:"),
        ("/elsewhere.crl", "localhost:1 may not be asked"),
        ("/missing.crl", "404"),
    ] {
        let point = view.points.iter().find(|p| p.url.path_and_query() == path).unwrap();
        let error = point.last_error.as_deref().unwrap();
        assert!(error.contains(told), "{path}: {error}");
        assert!(point.next_try.unwrap().unix() <= now + 120, "{path} is asked again soon");
    }
    assert_eq!(view.lists, before, "the last good list is held");
    assert_eq!(world.sign_in(&enrolled.issue(), TLS13).await.status, 200);
    let Reply::Health(health) = world.execute(Command::Health).await else { panic!() };
    let complaints = health.degraded.iter().filter(|one| one.contains("could be fetched"));
    assert_eq!(complaints.count(), paths.len(), "{:?}", health.degraded);
}

#[tokio::test(flavor = "multi_thread")]
async fn places_are_learned_from_certificates_that_sign_in() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::B).await;
    let web = Web::new().await;
    let now = world.now();
    let list = enrolled.authority.crl(&CrlSpec::empty(2, now - 5, now + 86_400)).unwrap();
    web.has("/leaf.crl", &list);
    let keys = format!("hosts = [\"127.0.0.1:{}\"]\nprivate-addresses = true", web.port);
    let_fetch(&world, &enrolled, &keys).await;
    let mut leaf = enrolled.leaf();
    leaf.crl_urls = vec!["http://169.254.169.254/latest".to_owned(), web.url("/leaf.crl")];
    let issued = enrolled.authority.issue(&leaf).unwrap();
    assert_eq!(world.sign_in(&issued, TLS13).await.status, 200);
    let view = asked(&world, &enrolled, 1).await;
    assert_eq!(view.points[0].url.to_string(), web.url("/leaf.crl"));
    assert_eq!(view.points[0].last_error, None);
    assert_eq!(view.lists.iter().filter(|list| list.this_update.unix() == now - 5).count(), 1);
}

/// A leaf whose list is told at two addresses comes to sign in; what became of the place.
async fn learned(world: &World, enrolled: &Enrolled, web: &Web, paths: [&str; 2]) -> AuthorityView {
    let keys = format!("hosts = [\"127.0.0.1:{}\"]\nprivate-addresses = true", web.port);
    let_fetch(world, enrolled, &keys).await;
    let mut leaf = enrolled.leaf();
    leaf.crl_urls = paths.iter().map(|path| web.url(path)).collect();
    let issued = enrolled.authority.issue(&leaf).unwrap();
    // The place is asked while this one is still admitted: should trust have changed by
    // then, it is judged again, by the list that came first.
    let status = world.sign_in(&issued, TLS13).await.status;
    assert!(status == 200 || status == 403, "{status}");
    asked(world, enrolled, 1).await
}

fn with_tag(tag: &str, list: &[u8]) -> Vec<u8> {
    let length = list.len();
    let head = format!("HTTP/1.1 200 OK\r\nETag: {tag:?}\r\nContent-Length: {length}\r\n\r\n");
    [head.as_bytes(), list].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_first_address_has_no_list_the_next_one_is_asked() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::B).await;
    let (web, now) = (Web::new().await, world.now());
    let list = enrolled.authority.crl(&CrlSpec::empty(2, now - 5, now + 86_400)).unwrap();
    web.says("/second.crl", &with_tag("second", &list));
    let view = learned(&world, &enrolled, &web, ["/first.crl", "/second.crl"]).await;
    let point = &view.points[0];
    assert_eq!((&point.last_error, point.failures), (&None, 0));
    assert_eq!(point.this_update.map(Timestamp::unix), Some(now - 5));
    assert_eq!(point.url.to_string(), web.url("/first.crl"));
    // What the second server says of its list is nothing to ask the first one with.
    assert!(point.validators.is_null(), "{:?}", point.validators);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_list_there_is_overdue_the_next_address_is_asked() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::B).await;
    let (web, now) = (Web::new().await, world.now());
    let list =
        |number, made, due| enrolled.authority.crl(&CrlSpec::empty(number, made, due)).unwrap();
    web.says("/first.crl", &with_tag("first", &list(2, now - 30, now - 10)));
    web.says("/second.crl", &with_tag("second", &list(3, now - 5, now + 86_400)));
    let view = learned(&world, &enrolled, &web, ["/first.crl", "/second.crl"]).await;
    let point = &view.points[0];
    assert_eq!((&point.last_error, point.failures), (&None, 0));
    assert_eq!(point.this_update.map(Timestamp::unix), Some(now - 5));
    assert!(point.validators.is_null(), "{:?}", point.validators);
    assert_eq!(world.sign_in(&enrolled.issue(), TLS13).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_due_shows_and_stops_nobody() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::B).await;
    let now = world.now();
    world.import(&enrolled, CrlSpec::empty(2, now - 5, now + 30 * 86_400)).await;
    let_fetch(&world, &enrolled, "offline = true\nimport-every = \"24h\"").await;
    let due = |health: &tongxing_trust_store::HealthView| {
        health.degraded.iter().filter(|one| one.contains("an import of its lists was due")).count()
    };
    let health = async || match world.execute(Command::Health).await {
        Reply::Health(health) => health,
        other => panic!("{other:?}"),
    };
    assert_eq!(due(&health().await), 0);
    world.clock.advance_millis(86_400_000);
    assert_eq!(due(&health().await), 0, "it is due at the end of the second");
    world.clock.advance_millis(2000);
    let late = health().await;
    assert_eq!(due(&late), 1, "{:?}", late.degraded);
    assert_eq!(world.sign_in(&enrolled.issue(), TLS13).await.status, 200, "the list is current");
    // An import ends the alarm.
    let now = world.now();
    world.import(&enrolled, CrlSpec::empty(3, now - 5, now + 30 * 86_400)).await;
    assert_eq!(due(&health().await), 0);
}
