//! HTTP.

use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use tongxing_testdata::{Validity, server_certificate};
use tongxing_trust_store::{Clock, HostRules, PrivateAddresses, SystemClock};

use super::evil::{Server, request};
use super::{
    Client, FetchError, Fetched, LIMITS, Limits, Validators, client, fetch, local, one, url,
};

#[tokio::test]
async fn a_list_is_fetched_and_fetched_again_only_when_it_changed() {
    let server = Server::start(|mut stream| async move {
        let asked = request(&mut stream).await;
        let answer: &[u8] = if asked.contains("if-none-match: \"7\"")
            && asked.contains("if-modified-since: Mon, 02 Nov 2026 08:00:00 GMT")
        {
            b"HTTP/1.1 304 Not Modified\r\n\r\n"
        } else {
            b"HTTP/1.1 200 OK\r\nETag: \"7\"\r\nLast-Modified: Mon, 02 Nov 2026 08:00:00 GMT\r\n\
              Content-Length: 4\r\n\r\nlist"
        };
        stream.write_all(answer).await.unwrap();
    })
    .await;
    let address = url(&server.http());
    let rules = HostRules::trusting(&address);
    let first = client().fetch(&address, &rules, &Validators::default()).await.unwrap();
    let Fetched::Content { documents, validators } = first else { panic!("{first:?}") };
    assert_eq!(documents, [b"list"]);
    let again = client().fetch(&address, &rules, &validators).await.unwrap();
    assert_eq!(again, Fetched::Unchanged);
}

#[tokio::test]
async fn a_server_cannot_say_unchanged_to_who_knows_nothing() {
    let server = Server::saying("HTTP/1.1 304 Not Modified\r\n\r\n").await;
    let error = fetch(&server.http()).await.unwrap_err();
    assert!(matches!(error, FetchError::Status(_)), "{error}");
}

#[tokio::test]
async fn what_a_server_says_of_its_length_is_not_believed() {
    for (announced, body, why) in [
        ("Content-Length: 1000\r\n", &b"short"[..], "ends too early"),
        ("Content-Length: 99999999999999\r\n", b"x", "claims to be endless"),
        ("Content-Length: 18446744073709551616\r\n", b"x", "claims more than a number"),
        ("Content-Length: 5\r\nContent-Length: 7\r\n", b"5or7no", "says two lengths"),
        ("Transfer-Encoding: chunked\r\n", b"FFFFFFFFFFFFFFFF\r\nx", "has an endless chunk"),
        ("Transfer-Encoding: chunked\r\n", b"zz\r\n", "has no chunk"),
    ] {
        let mut answer = format!("HTTP/1.1 200 OK\r\n{announced}\r\n").into_bytes();
        answer.extend_from_slice(body);
        let server = Server::saying(answer).await;
        let error = fetch(&server.http()).await.unwrap_err();
        assert!(
            matches!(error, FetchError::Broken(_) | FetchError::TooLong { .. }),
            "{why}: {error}"
        );
    }
    let more = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlist and more").await;
    assert_eq!(one(fetch(&more.http()).await.unwrap()), b"list", "the rest is not read");
}

#[tokio::test]
async fn an_endless_body_is_read_no_further_than_the_limit() {
    for head in ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"]
    {
        let server = Server::start(move |mut stream| async move {
            request(&mut stream).await;
            let _ = stream.write_all(head.as_bytes()).await;
            let chunk = [&b"2000\r\n"[..], &[b'x'; 0x2000], b"\r\n"].concat();
            while stream.write_all(&chunk).await.is_ok() {}
        })
        .await;
        let error = fetch(&server.http()).await.unwrap_err();
        assert!(matches!(error, FetchError::TooLong { most: 100_000 }), "{error}");
    }
}

#[tokio::test]
async fn an_endless_header_is_refused() {
    let server = Server::start(|mut stream| async move {
        request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
        while stream.write_all(b"X-Header: again and again\r\n").await.is_ok() {}
    })
    .await;
    let error = fetch(&server.http()).await.unwrap_err();
    assert!(matches!(error, FetchError::Broken(_)), "{error}");
}

#[tokio::test]
async fn who_says_nothing_is_given_up() {
    let silent = Server::start(|mut stream| async move {
        request(&mut stream).await;
        // Until the client closes.
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let error = fetch(&silent.http()).await.unwrap_err();
    assert!(matches!(error, FetchError::Idle { .. }), "{error}");
    let pausing = Server::start(|mut stream| async move {
        request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegun").await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let error = fetch(&pausing.http()).await.unwrap_err();
    assert!(matches!(error, FetchError::Idle { .. }), "{error}");
}

#[tokio::test]
async fn who_drips_is_given_up_at_the_end_of_the_time_for_all() {
    let server = Server::start(|mut stream| async move {
        request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n").await;
        let mut drips = tokio::time::interval(Duration::from_millis(20));
        while stream.write_all(b"x").await.is_ok() {
            drips.tick().await;
        }
    })
    .await;
    let limits = Limits { total: Duration::from_millis(300), ..LIMITS };
    let address = url(&server.http());
    let rules = HostRules::trusting(&address);
    let asked = client().within(limits).fetch(&address, &rules, &Validators::default()).await;
    let error = asked.unwrap_err();
    assert!(matches!(error, FetchError::TooSlow { .. }), "{error}");
}

#[tokio::test]
async fn redirects_end() {
    let server = Server::saying("HTTP/1.1 302 Found\r\nLocation: /list.crl\r\n\r\n").await;
    let error = fetch(&server.http()).await.unwrap_err();
    assert!(matches!(error, FetchError::Redirects { most: 3 }), "{error}");
    assert_eq!(server.connections(), 4);
}

#[tokio::test]
async fn a_redirect_leads_only_to_hosts_that_are_named() {
    let secret = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret").await;
    for location in [
        format!("http://{}/", secret.authority()),
        format!("//{}/", secret.authority()),
        format!("http://localhost:{}/", secret.port()),
        format!("ldap://{}/c=CN", secret.authority()),
        "file:///etc/passwd".to_owned(),
        "http://user@crl.example.cn/".to_owned(),
    ] {
        let answer = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\n\r\n");
        let server = Server::saying(answer).await;
        let error = fetch(&server.http()).await.unwrap_err();
        let refused =
            matches!(error, FetchError::HostNotNamed { .. } | FetchError::RedirectedNowhere(_));
        assert!(refused, "{location}: {error}");
    }
    assert_eq!(secret.connections(), 0, "nobody asked there");
}

#[tokio::test]
async fn a_redirect_to_a_named_host_is_followed() {
    let there = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlist").await;
    let location = there.http();
    let here = Server::saying(format!("HTTP/1.1 301 Moved\r\nLocation: {location}\r\n\r\n")).await;
    let rules = local(&[&here.authority(), &there.authority()]);
    let fetched = client().fetch(&url(&here.http()), &rules, &Validators::default()).await;
    assert_eq!(one(fetched.unwrap()), b"list");
    assert_eq!((here.connections(), there.connections()), (1, 1));
}

#[tokio::test]
async fn loopback_is_asked_only_by_its_address_and_where_that_is_allowed() {
    let server = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlist").await;
    for host in ["localhost", "127.0.0.1"] {
        let name = format!("{host}:{}", server.port());
        let address = url(&format!("http://{name}/list.crl"));
        let hosts = || vec![name.parse().unwrap()];
        let refused = HostRules::new(hosts(), PrivateAddresses::Refused);
        let error = client().fetch(&address, &refused, &Validators::default()).await.unwrap_err();
        assert!(matches!(error, FetchError::NotPublic { .. }), "{error}");
        assert_eq!(server.connections(), 0, "nobody asked there");
    }
    let [by_name, by_address] = ["localhost", "127.0.0.1"].map(|host| {
        let name = format!("{host}:{}", server.port());
        (local(&[&name]), url(&format!("http://{name}/list.crl")))
    });
    let (rules, address) = by_name;
    let error = client().fetch(&address, &rules, &Validators::default()).await.unwrap_err();
    assert!(matches!(error, FetchError::NotPublic { .. }), "{error}");
    assert_eq!(server.connections(), 0, "nobody asked there");
    let (rules, address) = by_address;
    let fetched = client().fetch(&address, &rules, &Validators::default()).await;
    assert_eq!(one(fetched.unwrap()), b"list");
}

#[tokio::test]
async fn answers_other_than_the_content_are_errors() {
    for (head, expected) in [
        ("404 Not Found", "404"),
        ("206 Partial Content", "206"),
        ("500 Internal Server Error", "500"),
        ("302 Found", "redirect without"),
        ("200 OK\r\nContent-Encoding: gzip", "encoded"),
    ] {
        let answer = format!("HTTP/1.1 {head}\r\nContent-Length: 4\r\n\r\nlist");
        let server = Server::saying(answer).await;
        let error = fetch(&server.http()).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{head}: {error}");
    }
    let server = Server::saying("SSH-2.0-OpenSSH\r\n").await;
    let error = fetch(&server.http()).await.unwrap_err();
    assert!(matches!(error, FetchError::Broken(_)), "{error}");
}

#[tokio::test]
async fn a_document_that_was_posted_is_not_carried_elsewhere() {
    let there = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlist").await;
    let location = there.http();
    let here = Server::saying(format!("HTTP/1.1 307 Temporary\r\nLocation: {location}\r\n\r\n"));
    let here = here.await;
    let rules = local(&[&here.authority(), &there.authority()]);
    let (client, address) = (client(), url(&here.http()));
    let asked = client.post(&address, &rules, "text/plain", b"question".to_vec());
    let error = asked.await.unwrap_err();
    assert!(matches!(error, FetchError::Status(_)), "{error}");
    assert_eq!(there.connections(), 0);
}

#[tokio::test]
async fn tls_is_spoken_only_with_who_is_trusted() {
    let validity = Validity::year_from(SystemClock.now().unix());
    let certificate = server_certificate(&["localhost"], validity).unwrap();
    let chain = vec![CertificateDer::from(certificate.certificate_der.clone())];
    let key = PrivatePkcs8KeyDer::from(certificate.key.pkcs8_der().to_vec());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from(key))
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let server = Server::start(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let _ = stream.read(&mut [0; 1024]).await;
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlist";
            let _ = stream.write_all(answer).await;
            let _ = stream.shutdown().await;
        }
    })
    .await;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(certificate.authority_der.clone())).unwrap();
    let trusting = Client::trusting(roots).within(LIMITS);
    let address = url(&format!("https://localhost:{}/list.crl", server.port()));
    let rules = HostRules::trusting(&address);
    let fetched = trusting.fetch(&address, &rules, &Validators::default()).await;
    assert_eq!(one(fetched.unwrap()), b"list");
    let other = url(&format!("https://127.0.0.1:{}/list.crl", server.port()));
    let rules = HostRules::trusting(&other);
    let error = trusting.fetch(&other, &rules, &Validators::default()).await.unwrap_err();
    assert!(matches!(error, FetchError::Tls { .. }), "another name: {error}");
    let error = fetch(&address.to_string()).await.unwrap_err();
    assert!(matches!(error, FetchError::Tls { .. }), "an unknown root: {error}");
}
