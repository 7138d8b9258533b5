//! What hosts answer, where they are asked, and what another gateway says.

use std::fs;

use super::{DEEP, Outcome, repository, seed};

pub(crate) fn all() -> Outcome {
    directories()?;
    servers()?;
    addresses()?;
    standbys()?;
    texts()
}

/// One element of BER. (Nothing here has 64 KiB.)
fn element(tag: u8, contents: &[&[u8]]) -> Vec<u8> {
    let content = contents.concat();
    let [.., high, low] = content.len().to_be_bytes();
    match content.len() {
        0..0x80 => [&[tag, low], &content[..]].concat(),
        _ => [&[tag, 0x82, high, low], &content[..]].concat(),
    }
}

fn text(text: &str) -> Vec<u8> {
    element(4, &[text.as_bytes()])
}

/// LDAPMessages (RFC 4511 4.1.1), each of number 1.
fn message(operation: &[u8]) -> Vec<u8> {
    element(0x30, &[&[2, 1, 1], operation])
}

fn directories() -> Outcome {
    let list = fs::read(repository("fuzz/corpus/crl/ca-c-empty.der"))?;
    let attribute = |values: &[&[u8]]| {
        let values: Vec<Vec<u8>> = values.iter().map(|value| element(4, &[value])).collect();
        let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
        element(0x30, &[&text("certificateRevocationList;binary"), &element(0x31, &values)])
    };
    let entry = |attributes: &[&[u8]]| {
        message(&element(0x64, &[&text("cn=a,c=CN"), &element(0x30, attributes)]))
    };
    let done =
        |code: u8, told: &str| message(&element(0x65, &[&[10, 1, code], &text(""), &text(told)]));
    let found = entry(&[&attribute(&[&list])]);
    let reference = message(&element(0x73, &[&text("ldap://evil.example/")]));
    let mut other_number = found.clone();
    other_number[6] = 2;
    let deep = element(0x30, &[&[2, 1, 1], &[0x64, 0x80].repeat(DEEP)]);
    for (name, answer) in [
        ("one", [&found[..], &done(0, "")].concat()),
        ("two", [&entry(&[&attribute(&[&list, &list])])[..], &reference, &done(0, "")].concat()),
        ("nothing", done(0, "")),
        ("no-such-entry", done(32, "no\r\nsuch 条目")),
        ("empty-value", [&entry(&[&attribute(&[b""])])[..], &done(0, "")].concat()),
        ("other-number", other_number),
        ("unfinished", found.clone()),
        ("cut", found[..found.len() / 2].to_vec()),
        ("indefinite", [&[0x30, 0x80, 2, 1, 1][..], &found[7..], &[0, 0]].concat()),
        ("announced", vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 2, 1, 1]),
        ("many", [message(&element(0x73, &[&text("x")])).repeat(70), done(0, "")].concat()),
        ("deep", deep),
    ] {
        seed("ldap_answer", name, &answer)?;
    }
    Ok(())
}

fn servers() -> Outcome {
    for (name, answer) in [
        ("whole", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nETag: \"1\"\r\n\r\nlist"),
        ("to-the-end", "HTTP/1.0 200 OK\r\nLast-Modified: x\r\n\r\nlist"),
        (
            "chunked",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\nlist\r\n0\r\nX: y\r\n\r\n",
        ),
        ("encoded", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"),
        ("announced", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nx"),
        ("two-lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy"),
        ("cut", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"),
        ("informed", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"),
        (
            "elsewhere",
            "HTTP/1.1 302 Found\r\nLocation: //other.example/c\r\nContent-Length: 0\r\n\r\n",
        ),
        ("nowhere", "HTTP/1.1 301 Moved\r\nLocation: ldap://other.example/c=CN\r\n\r\n"),
        ("file", "HTTP/1.1 308 Moved\r\nLocation: file:///etc/passwd\r\n\r\n"),
        ("unchanged", "HTTP/1.1 304 Not Modified\r\n\r\n"),
        ("gone", "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"),
        ("empty", ""),
    ] {
        seed("http_answer", name, answer.as_bytes())?;
    }
    let longer = "x".repeat(5_000);
    let longer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{longer}", longer.len());
    seed("http_answer", "longer", longer.as_bytes())
}

fn addresses() -> Outcome {
    for (name, address) in [
        ("http", "HTTP://CRL.example.cn:80/a b.crl?x=1#top\n../c.crl?y"),
        ("https", "https://[2001:DB8::1]:8443\n//other.example:1/"),
        ("ocsp", "OCSP://ocsp.example.cn\nhttps://a.example"),
        ("ldap", "ldap://ldap.example.cn/CN=根 1,O=x?certificateRevocationList;binary?base\n/"),
        (
            "ldap-filter",
            "ldaps://h/c=CN?authorityRevocationList?sub?(objectclass=cRLDistributionPoint)",
        ),
        ("ldap-escaped", "ldap://h/c=%E9%80%9A%3f?,deltaRevocationList?one?(a=%28%2a)"),
        ("credentials", "http://crl.example.cn\\@evil.example/"),
        ("control", "http://h/a\r\nX: y"),
        ("spaces", " http://h/%\u{a0}"),
        ("file", "file:///etc/passwd"),
    ] {
        seed("point_url", name, address.as_bytes())?;
    }
    Ok(())
}

/// Of each kind one. Hashes and keys in them are nobody's.
fn standbys() -> Outcome {
    let hash = "0".repeat(64);
    let hello = format!(
        r#"{{"province":"{hash}","term":1,"role":"standby","sequence":7,"hash":"{hash}"}}"#
    );
    for (name, message) in [
        ("join.json", format!(r#"{{"secret":"AAAA","at":{hello}}}"#)),
        ("hello.json", hello),
        (
            "welcome.json",
            r#"{"settings":"","files":{"tls/a.pem":"AA=="},"last":3,"profile":"gm"}"#.into(),
        ),
        ("fence.json", r#"{"term":18446744073709551615}"#.into()),
        ("fenced.json", format!(r#"{{"sequence":1,"hash":"{hash}"}}"#)),
        ("refusal.json", r#"{"diverged":true,"message":"不"}"#.into()),
        ("keys.json", r#"{"lookup":"AA==","evidence":"AA=="}"#.into()),
        (
            "invitation",
            format!("tongxing-standby:0123456789abcdefABCDEF@[::1]:7443/{}\n", "A".repeat(43)),
        ),
    ] {
        seed("standby_message", name, message.as_bytes())?;
    }
    Ok(())
}

fn texts() -> Outcome {
    for (name, text) in [
        ("oid", "1.2.156.10197.1.501"),
        ("oid-large", "2.999.340282366920938463463374607431768211456"),
        ("moment", "2026-11-29T00:00:00Z"),
        ("moment-offset", "2026-02-29T24:00:60+08:00"),
        ("dns", "dns:*.example.cn"),
        ("ip", "ip:::ffff:192.0.2.1"),
        ("email", "email:\"a b\"@例.cn"),
        ("id", "platform-a"),
        ("subject", "s-0123456789abcdef0123456789abcdef"),
        ("site", "https://[::1]:0/"),
        ("site-upper", "HTTPS://G.example:443"),
    ] {
        seed("text", name, text.as_bytes())?;
    }
    Ok(())
}
