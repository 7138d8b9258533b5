use axum::body::to_bytes;
use serde_json::Value;
use tongxing_pki::Finding;

use super::*;

async fn document(error: &RequestError, language: Language) -> (HeaderMap, Value) {
    let context = Context { language, request_id: "r1", issuer: "https://g.example" };
    let (parts, body) = respond(error, &context).into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    (parts.headers, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn a_document_speaks_the_readers_language() {
    let findings = vec![Finding::failed(kinds::REFUSED.code).about("CN=A").seen("x")];
    let error = RequestError::Refused { findings, authority: None, path: Vec::new() };
    let (headers, zh) = document(&error, Language::Zh).await;
    assert_eq!(headers["content-type"], "application/problem+json");
    assert_eq!(headers["content-language"], "zh-CN");
    assert_eq!(headers["vary"], "accept-language");
    assert_eq!(zh["type"], "https://g.example/problems#sign_in.refused");
    assert_eq!(zh["status"], 403);
    assert_eq!(zh["code"], "sign_in.refused");
    assert_eq!(zh["request_id"], "r1");
    assert_eq!(zh["next"], kinds::REFUSED.code.next.zh);
    assert_eq!(zh["responsible"], "bidder");
    assert_eq!(zh["verdict"], "failed");
    assert_eq!(zh["findings"][0]["text"], kinds::REFUSED.code.cause.zh);

    let (headers, en) = document(&error, Language::En).await;
    assert_eq!(headers["content-language"], "en");
    assert_eq!(en["title"], kinds::REFUSED.code.title.en);
    assert_eq!(en["findings"][0]["level"], "failed");
    assert_eq!(en["findings"][0]["seen"], "x");
}

#[tokio::test]
async fn who_wrote_the_request_is_told_in_both_languages() {
    for misfit in [
        Misfit::Form,
        Misfit::Certificate,
        Misfit::Future,
        Misfit::Hash,
        Misfit::Beside,
        Misfit::Combination,
        Misfit::Part,
    ] {
        let error = RequestError::from(Unfit::new(misfit, "错在此处", "it is here"));
        for (language, told) in [(Language::Zh, "错在此处"), (Language::En, "it is here")] {
            let document = document(&error, language).await.1;
            assert_eq!((&document["status"], &document["detail"]), (&400.into(), &told.into()));
            let next = document["next"].as_str().unwrap();
            assert!(next.contains("detail") && next.contains("docs/http-api.md"), "{next}");
        }
    }
}

#[tokio::test]
async fn faults_of_ours_say_nothing() {
    let (_, document) = document(&RequestError::Internal("secret".into()), Language::En).await;
    assert_eq!(document["status"], 500);
    assert!(!document.to_string().contains("secret"));
}

#[tokio::test]
async fn headers_say_what_may_help() {
    let limited = RequestError::RateLimited { retry_after: 7 };
    assert_eq!(document(&limited, Language::En).await.0["retry-after"], "7");
    let missing = document(&RequestError::CertificateMissing, Language::En).await.0;
    assert_eq!(missing["www-authenticate"], "TongxingCertificate");
    assert_eq!(missing["connection"], "close");
    let method = document(&RequestError::Method { allow: "POST".into() }, Language::En).await.0;
    assert_eq!(method["allow"], "POST");
}
