//! What comes before the content of a request.

use tongxing_gateway::{RequestHead, read_request_head};

use super::first_line;

/// A listener that is told to clients by the first, and answers for the second too.
const OWN: &str = "https://g.example:9443";
const HOSTS: &[&str] = &["h.example"];

type Header<'h> = (&'h [u8], &'h [u8]);

/// A line with what is asked for, and lines with headers.
///
/// A host reads alike by itself; a page is our own only where its origin is; what stands in
/// a route's open place is all that differs from the route.
pub fn request_head(bytes: &[u8]) {
    let (target, rest) = first_line(bytes);
    let headers: Vec<Header<'_>> = rest.split(|byte| *byte == b'\n').filter_map(header).collect();
    let read = || read_request_head((OWN, HOSTS), target, &headers);
    let Some(head) = read() else { return };
    assert_eq!(read().as_ref(), Some(&head));
    if let Some(host) = &head.host {
        assert!(!host.contains(['@', '/', ' ']) && *host == host.to_ascii_lowercase(), "{host}");
        let alone = [(&b"host"[..], host.as_bytes())];
        let alone = read_request_head((OWN, HOSTS), b"/", &alone).expect("a host");
        assert_eq!(alone.host.as_ref(), Some(host));
    }
    is_from_our_own_page(&head, &headers);
    assert!(!(head.json && head.parts), "of two types");
    leads_where_it_says(&head, target);
}

fn header(line: &[u8]) -> Option<Header<'_>> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    Some((&line[..colon], line[colon + 1..].trim_ascii()))
}

fn is_from_our_own_page(head: &RequestHead, headers: &[Header<'_>]) {
    let of = |name: &'static str| {
        let found = headers.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name.as_bytes()));
        found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    };
    // What is for no host, or for two, is answered before anybody asks whose page it is.
    let Some(host) = head.host.as_deref().filter(|_| head.own_page) else { return };
    for origin in of("origin") {
        let same = of("host").any(|host| origin == format!("https://{host}"));
        assert!(origin == OWN || same && ["g.example", "h.example"].contains(&host), "{origin}");
    }
}

fn leads_where_it_says(head: &RequestHead, target: &[u8]) {
    let target = String::from_utf8_lossy(target);
    for (route, open) in &head.routes {
        assert!(!open.contains(['/', '?', '#']), "{open}");
        let parts = route.split('/').map(|part| if part.starts_with('{') { open } else { part });
        let path = parts.collect::<Vec<_>>().join("/");
        assert!(target.contains(&path) || path == "/", "{path} of {target}");
    }
    if let Some(since) = head.since.filter(|since| *since > 0) {
        let asked = format!("/v1/receipts?since={since}");
        let again = read_request_head((OWN, HOSTS), asked.as_bytes(), &[]).expect("a target");
        assert_eq!(again.since, Some(since));
    }
}
