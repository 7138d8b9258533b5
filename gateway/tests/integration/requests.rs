//! What holds for every request.

use std::sync::Arc;

use serde_json::json;
use tongxing_testdata::{Attribute, Company, Person, Profile, oid};
use tongxing_trust_store::Status;

use crate::client::{Connection, Identity, TLS13, config};
use crate::world::{PARTY, World};

/// Headers and content of a request, status and code of its problem.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, u16, &'a str);

#[tokio::test(flavor = "multi_thread")]
async fn requests_for_others_from_others_or_of_other_kinds_are_refused() {
    let world = World::new().await;
    let issued = world.enrol(Profile::B).await.issue();
    let body = json!({ "audience": PARTY }).to_string();
    let cases: &[Case<'_>] = &[
        (&[("host", "evil.example")], &body, 421, "request.misdirected"),
        (&[("host", "127.0.0.1")], &body, 421, "request.misdirected"),
        (&[("origin", "https://evil.example")], &body, 403, "request.origin"),
        (&[("origin", "null")], &body, 403, "request.origin"),
        (&[("content-type", "text/plain")], &body, 415, "request.content_type"),
        (&[], "{", 400, "request.malformed"),
        (&[], r#"{"audience":"platform-a","x":1}"#, 400, "request.malformed"),
        (&[], r#"{"audience":"nobody"}"#, 400, "relying_party.unknown"),
        (&[], r#"{"audience":"No Body"}"#, 400, "relying_party.unknown"),
    ];
    for (headers, body, status, code) in cases {
        let mut connection = world.connect(Identity::of(&issued), &[TLS13]).await;
        let answer = connection.send("POST", "/v1/tokens", headers, body).await.unwrap();
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (*status, *code),
            "{headers:?}"
        );
        assert_eq!(answer.json()["request_id"], answer.headers["x-request-id"].to_str().unwrap());
    }
    let port = world.certificate_port();
    for host in [format!("LOCALHOST:{port}"), "localhost".to_owned()] {
        let mut connection = world.connect(Identity::of(&issued), &[TLS13]).await;
        let headers = [("host", host.as_str())];
        let answer = connection.send("POST", "/v1/tokens", &headers, &body).await.unwrap();
        assert_eq!(answer.status, 200, "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_name_the_configured_addresses_count() {
    let world = World::new().await;
    let config = config(&world.server.authority_der, &[TLS13], Arc::default());
    for (host, status) in [("127.0.0.1", 200), ("localhost", 200), ("192.0.2.1", 421)] {
        let (config, port) = (Arc::clone(&config), world.certificate_port());
        let mut connection = Connection::open(config, "127.0.0.1", port).await.unwrap();
        let answer = connection.send("GET", "/healthz", &[("host", host)], "").await.unwrap();
        assert_eq!(answer.status.as_u16(), status, "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_and_methods_are_those_of_the_table() {
    let world = World::new().await;
    let mut public = world.public().await;
    assert_eq!(public.get("/nothing").await.code(), "request.not_found");
    let method = public.get("/v1/tokens").await;
    assert_eq!((method.status.as_u16(), method.headers["allow"].to_str().unwrap()), (405, "POST"));
    assert_eq!(public.get("/v1/confirmations").await.status, 404);
    let large = "x".repeat(70_000);
    let large = public.send("POST", "/v1/tokens", &[], &large).await.unwrap();
    assert_eq!(large.code(), "request.too_large");
}

#[tokio::test(flavor = "multi_thread")]
async fn health_follows_the_authorities() {
    let world = World::new().await;
    let mut public = world.public().await;
    assert_eq!(public.get("/healthz").await.status, 200);
    assert_eq!(public.get("/readyz").await.status, 503);
    world.enrol(Profile::B).await;
    let ready = public.get("/readyz").await;
    assert_eq!((ready.status.as_u16(), &ready.json()["ready"]), (200, &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_first_why_not_and_what_to_do() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::B).await;
    world.set_status(Profile::B, Status::Suspended).await;
    let mut shown = world.connect(Identity::of(&enrolled.issue()), &[TLS13]).await;
    let page = shown.send("GET", "/", &[("accept-language", "en")], "").await.unwrap().text;
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} is not in\n{page}"));
    let order = [
        at("<p class=\"verdict failed\">This certificate cannot sign in.</p>"),
        at("<li class=\"failed\">"),
        at("suspended since "),
        at("<code>authority.suspended</code>"),
        at("<h2>Your certificate</h2>"),
        at("<details>"),
    ];
    assert!(order.is_sorted(), "{order:?}\n{page}");
    assert_eq!(page.matches("<li ").count(), 1, "{page}");
    // The problem document says the same, and of which certificate.
    let problem = shown.post("/v1/tokens", &json!({ "audience": PARTY })).await.json();
    assert_eq!(
        (&problem["verdict"], &problem["code"]),
        (&json!("failed"), &json!("sign_in.refused"))
    );
    let path = problem["path"].as_array().unwrap();
    assert_eq!(path.len(), 2, "{problem}");
    assert!(path[0]["subject"].as_str().unwrap().starts_with("certificate "), "{problem}");
    assert_eq!(path[0]["sha256"], problem["findings"][0]["certificate"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_tells_holders_what_was_seen_without_ids() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::C).await;
    let english = [("accept-language", "en")];
    let mut none = world.connect(Identity::default(), &[TLS13]).await;
    let page = none.send("GET", "/", &english, "").await.unwrap();
    assert!(page.text.contains("Your certificate was not received"), "{}", page.text);

    let mut shown = world.connect(Identity::of(&enrolled.issue()), &[TLS13]).await;
    let page = shown.send("GET", "/", &english, "").await.unwrap();
    assert_eq!(page.headers["content-language"], "en");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(page.text.contains("This certificate can sign in."), "{}", page.text);
    assert!(page.text.contains("ca-c"), "{}", page.text);
    let company = Company::numbered(0);
    assert!(page.text.contains(&company.uscc) && !page.text.contains("<script"));
    assert!(page.text.contains("<details><summary>Every check ("), "{}", page.text);
    assert!(page.text.contains("<code>identity.entity</code>"), "{}", page.text);
    let chinese = shown.get("/").await;
    assert!(chinese.text.contains("该证书可以登录。"), "{}", chinese.text);
    assert!(shown.get("/problems").await.text.contains("id=\"sign_in.refused\""));

    // A person's id, as CFCA writes it, in the subject.
    let id = Person::numbered(0).personal_id;
    let mut leaf = enrolled.leaf();
    let name = Attribute::utf8(oid::COMMON_NAME, format!("051@x@0{id}@1"));
    leaf.subject.push(name);
    let issued = enrolled.authority.issue(&leaf).unwrap();
    let mut shown = world.connect(Identity::of(&issued), &[TLS13]).await;
    let page = shown.send("GET", "/", &english, "").await.unwrap();
    assert!(page.text.contains("051@x@*") && !page.text.contains(&id), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_is_shown_to_people_and_programs_without_a_script() {
    let world = World::new().await;
    let mut public = world.public().await;
    let page = public.get("/docs").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("/v1/signatures/verify") && !page.text.contains("<script"));
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    let document = public.get("/openapi.json").await;
    assert_eq!(document.text, tongxing_gateway::openapi_document());
}
