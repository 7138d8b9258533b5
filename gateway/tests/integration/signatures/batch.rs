//! Several at once: each item stands alone, and each counts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tongxing_pki::Timestamp;
use tongxing_trust_store::{Access, Command, RelyingPartyEdit, Setting};

use super::{CONTENT, Office};
use crate::client::{Connection, Identity, TLS13, config};

const PATH: &str = "/v1/signatures/verify-batch";

impl Office {
    async fn set(&self, edit: RelyingPartyEdit) {
        let (id, edit) = ("platform-c".parse().unwrap(), Box::new(edit));
        self.world.execute(Command::RelyingPartySet { id, edit }).await;
    }

    fn changed(&self, member: &str, value: Value) -> Value {
        let mut item = self.raw(CONTENT);
        item[member] = value;
        item
    }
}

/// The verdict of an item, or the code of its problem.
fn told(result: &Value) -> &str {
    let verdict = result["verdict"].as_str();
    verdict.or_else(|| result["problem"]["code"].as_str()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_item_spoils_no_other() {
    let changes = [("# attached_document = \"16MiB\"", "attached_document = \"4KiB\"")];
    let office = Office::with_settings(&changes).await;
    let future = Timestamp::from_unix(office.world.now() + 60).to_string();
    let long = STANDARD.encode(vec![0x30; 5_000]);
    let malformed = "request.malformed";
    let cases = [
        (office.raw(CONTENT), "passed"),
        (office.changed("signature", json!("!")), malformed),
        (office.changed("content", json!("!")), malformed),
        (office.changed("certificate", json!("MAA=")), "request.certificate"),
        (office.changed("certificates", json!(["MAA="])), "request.certificate"),
        (office.changed("options", json!({ "at": future })), "request.moment_future"),
        (office.changed("options", json!({ "receipt": "bundle" })), "request.combination"),
        (office.changed("hash", json!("00")), "request.combination"),
        (json!({ "signature": long }), "request.document_too_large"),
        (json!({ "signature": "MAA=" }), "failed"),
        (office.changed("content", json!("AA==")), "failed"),
        (office.changed("options", json!({ "receipt": "signed" })), "passed"),
    ];
    let (items, expected): (Vec<Value>, Vec<&str>) = cases.into_iter().unzip();
    let answer = office.post(PATH, &json!({ "items": items })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let answer = answer.json();
    let results = answer["results"].as_array().unwrap();
    assert_eq!(results.iter().map(told).collect::<Vec<_>>(), expected, "in their order");
    assert!(results.last().unwrap()["receipt"]["receipt"].is_string());
    let problem = &results[1]["problem"];
    assert_eq!(
        (&problem["status"], &problem["detail"]),
        (&json!(400), &json!("signature 不是带填充的 base64"))
    );
    assert!(problem["type"].as_str().unwrap().ends_with("/problems#request.malformed"));
    assert_eq!(problem["request_id"], results[8]["problem"]["request_id"], "of one request");
    assert!(results[8]["problem"]["detail"].as_str().unwrap().contains("4096"));

    // The same words in the other language.
    let headers = [("authorization", office.authorization.as_str()), ("accept-language", "en")];
    let mut public = office.world.public().await;
    let body = json!({ "items": [items[8]] }).to_string();
    let english = public.send("POST", PATH, &headers, &body).await.unwrap().json();
    let problem = &english["results"][0]["problem"];
    assert!(problem["title"].as_str().unwrap().starts_with("The signed document"), "{problem}");
    assert_ne!(problem["title"], results[8]["problem"]["title"]);
    // What is not of this API's form at all is no item: the program that asks is wrong.
    let wrong = json!({ "items": [office.raw(CONTENT), { "signature": "MAA=", "x": 1 }] });
    assert_eq!(office.post(PATH, &wrong).await.code(), malformed);
    assert_eq!(office.post(PATH, &json!({ "items": [] })).await.json(), json!({ "results": [] }));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_item_counts_and_none_is_judged_beyond_the_quota() {
    let office = Office::new().await;
    let verifications_per_minute = Setting::To(4);
    office.set(RelyingPartyEdit { verifications_per_minute, ..RelyingPartyEdit::default() }).await;
    let signed = office.changed("options", json!({ "receipt": "signed" }));
    let three = json!({ "items": [signed, signed, signed] });
    let first = office.post(PATH, &three).await.json();
    let record = first["results"][2]["receipt"]["record"].as_u64().unwrap();
    let over = office.post(PATH, &three).await;
    assert_eq!((over.status.as_u16(), over.code().as_str()), (429, "relying_party.quota"));
    let wait: u64 = over.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=61).contains(&wait), "{wait}");
    // More than a minute allows is never going to pass: that is another answer.
    let five = json!({ "items": vec![office.raw(CONTENT); 6] });
    let verifications_per_minute = Setting::To(3);
    office.set(RelyingPartyEdit { verifications_per_minute, ..RelyingPartyEdit::default() }).await;
    let never = office.post(PATH, &five).await;
    assert_eq!((never.status.as_u16(), never.code().as_str()), (413, "request.too_many"));
    assert!(!never.headers.contains_key("retry-after"));
    let verifications_per_minute = Setting::Clear;
    office.set(RelyingPartyEdit { verifications_per_minute, ..RelyingPartyEdit::default() }).await;
    let next = office.post(PATH, &json!({ "items": [signed] })).await.json();
    let next = next["results"][0]["receipt"]["record"].as_u64().unwrap();
    // Three settings and nothing else came between: of what was refused nothing was recorded.
    assert_eq!(next, record + 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_is_suspended_is_answered_what_it_began() {
    let office = Office::new().await;
    let port = office.world.public_port();
    let identity = std::sync::Arc::new(Identity::default());
    let tls = config(&office.world.server.authority_der, &[TLS13], identity);
    let mut stream = Connection::stream(tls, "localhost", port).await.unwrap();
    let body = json!({ "items": [office.raw(CONTENT)] }).to_string();
    let (begun, rest) = body.split_at(body.len() / 2);
    let head = |length: usize, end: &str| {
        format!(
            "POST {PATH} HTTP/1.1\r\nhost: localhost:{port}\r\nauthorization: {}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n{end}\r\n",
            office.authorization
        )
    };
    stream.write_all((head(body.len(), "expect: 100-continue\r\n")).as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    // The server asks for the content once it knows who asks.
    let mut answer = [0; 25];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(begun.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    let access = Some(Access::Suspended);
    office.set(RelyingPartyEdit { access, ..RelyingPartyEdit::default() }).await;
    let again = format!("{rest}{}{body}", head(body.len(), "connection: close\r\n"));
    stream.write_all(again.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    let mut answers = Vec::new();
    let _ = stream.read_to_end(&mut answers).await;
    let answers = String::from_utf8_lossy(&answers);
    let (first, second) = answers.split_at(answers.rfind("HTTP/1.1 ").unwrap());
    assert!(
        first.starts_with("HTTP/1.1 200") && first.contains("\"verdict\":\"passed\""),
        "{first}"
    );
    assert!(
        second.starts_with("HTTP/1.1 403") && second.contains("relying_party.suspended"),
        "{second}"
    );
}
