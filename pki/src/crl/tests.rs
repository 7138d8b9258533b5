use super::*;
use crate::certificate::Certificate;
use crate::der::reader::{push_length, tag};
use crate::pem::{PemLabel, decode_pem_or_der};
use crate::test_vectors;

/// sha256WithRSAEncryption with NULL.
const ALGORITHM: &[u8] =
    &[0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B, 0x05, 0x00];
const REASON_CA: &[u8] =
    &[0x30, 0x0C, 0x30, 0x0A, 0x06, 0x03, 0x55, 0x1D, 0x15, 0x04, 0x03, 0x0A, 0x01, 0x02];

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut octets = vec![tag];
    push_length(&mut octets, content.len());
    octets.extend_from_slice(content);
    octets
}

fn name(text: &str) -> Vec<u8> {
    let attribute =
        [tlv(tag::OID, Oid::COMMON_NAME.as_bytes()), tlv(tag::UTF8_STRING, text.as_bytes())];
    tlv(tag::SEQUENCE, &tlv(tag::SET, &tlv(tag::SEQUENCE, &attribute.concat())))
}

fn entry(serial: &[u8], date: &str, extensions: &[u8]) -> Vec<u8> {
    let fields =
        [tlv(tag::INTEGER, serial), tlv(tag::UTC_TIME, date.as_bytes()), extensions.to_vec()];
    tlv(tag::SEQUENCE, &fields.concat())
}

fn extension(oid: &Oid, critical: bool, value: &[u8]) -> Vec<u8> {
    let flag = if critical { vec![1, 1, 0xFF] } else { vec![] };
    let fields = [tlv(tag::OID, oid.as_bytes()), flag, tlv(tag::OCTET_STRING, value)];
    tlv(tag::SEQUENCE, &fields.concat())
}

fn list(entries: &[u8], extensions: &[Vec<u8>]) -> Vec<u8> {
    let extensions = tlv(0xA0, &tlv(tag::SEQUENCE, &extensions.concat()));
    let tbs = [
        vec![2, 1, 1],
        ALGORITHM.to_vec(),
        name("A"),
        tlv(tag::UTC_TIME, b"261123080000Z"),
        tlv(tag::UTC_TIME, b"261124080000Z"),
        tlv(tag::SEQUENCE, entries),
        extensions,
    ];
    let outer = [tlv(tag::SEQUENCE, &tbs.concat()), ALGORITHM.to_vec(), vec![3, 1, 0]];
    tlv(tag::SEQUENCE, &outer.concat())
}

fn numbered(entries: &[u8]) -> Vec<u8> {
    list(entries, &[extension(&Oid::CRL_NUMBER, false, &[2, 1, 7])])
}

fn serial(octets: &[u8]) -> SerialNumber {
    SerialNumber::from_bytes(octets).expect("minimal")
}

fn fault(der: &[u8]) -> String {
    Crl::parse(der).expect_err("must be refused").to_string()
}

#[test]
fn entries_are_found_by_serial() {
    let entries = [
        entry(&[9], "261101000000Z", &[]),
        entry(&[0x00, 0xFF], "261102000000Z", REASON_CA),
        entry(&[1, 2, 3, 4, 5, 6, 7, 8, 9], "261103000000Z", &[]),
        entry(&[1, 2, 3, 4, 5, 6, 7, 8, 1], "261104000000Z", &[]),
        entry(&[3], "690101000000Z", &[]),
    ];
    let crl = Crl::parse(&numbered(&entries.concat())).expect("valid");
    let found = |octets: &[u8]| crl.find(crl.issuer(), &serial(octets));
    let date = |octets: &[u8]| found(octets).map(|entry| entry.revocation_date().to_string());
    assert_eq!(crl.len(), 5);
    assert_eq!(date(&[9]).as_deref(), Some("2026-11-01T00:00:00Z"));
    assert_eq!(date(&[3]).as_deref(), Some("1969-01-01T00:00:00Z"));
    let long = [1, 2, 3, 4, 5, 6, 7, 8, 1];
    assert_eq!(date(&long).as_deref(), Some("2026-11-04T00:00:00Z"));
    let reason = found(&[0x00, 0xFF]).and_then(|entry| entry.reason());
    assert_eq!(reason, Some(RevocationReason::CaCompromise));
    assert_eq!(found(&[9]).and_then(|entry| entry.reason()), None);
    assert_eq!(found(&[4]), None);
    assert_eq!(crl.number().map(ToString::to_string).as_deref(), Some("07"));
    assert_eq!(crl.entries().count(), 5);
}

#[test]
fn an_entry_belongs_to_its_issuer() {
    let other = tlv(0xA4, &name("B"));
    let issuer = extension(&Oid::CERTIFICATE_ISSUER, true, &tlv(tag::SEQUENCE, &other));
    let entries = [
        entry(&[1], "261101000000Z", &[]),
        entry(&[2], "261101000000Z", &tlv(tag::SEQUENCE, &issuer)),
        entry(&[3], "261101000000Z", &[]),
    ];
    let crl = Crl::parse(&numbered(&entries.concat())).expect("valid");
    let other = Name::from_der(&name("b")).expect("valid");
    let is_listed = |issuer: &Name, octet| crl.find(issuer, &serial(&[octet])).is_some();
    assert!(is_listed(crl.issuer(), 1) && !is_listed(&other, 1));
    assert!(is_listed(&other, 2) && !is_listed(crl.issuer(), 2));
    assert!(is_listed(&other, 3) && !is_listed(crl.issuer(), 3));
    assert!(crl.unknown_critical_extensions().is_empty());
}

#[test]
fn unknown_critical_extensions_are_told() {
    let private = Oid::from_arcs(&[1, 2, 3]);
    let other = Oid::from_arcs(&[1, 2, 4]);
    let of_entry = tlv(tag::SEQUENCE, &extension(&private, true, b"x"));
    let entries = entry(&[1], "261101000000Z", &of_entry);
    let extensions = [extension(&other, true, b"x"), extension(&private, false, b"x")];
    let crl = Crl::parse(&list(&entries, &extensions)).expect("valid");
    assert_eq!(crl.unknown_critical_extensions(), [other, private]);
}

#[test]
fn what_every_entry_repeats_is_told_a_few_times() {
    let entries: Vec<u8> = (0..1_000u32)
        .flat_map(|number| {
            let unknown = extension(&Oid::from_arcs(&[1, 2, 5, number]), true, b"x");
            // An encoded default: not critical, said aloud.
            let fields = [tlv(tag::OID, &[42]), vec![1, 1, 0], tlv(tag::OCTET_STRING, b"x")];
            let both = [unknown, tlv(tag::SEQUENCE, &fields.concat())].concat();
            entry(&[1], "261101000000Z", &tlv(tag::SEQUENCE, &both))
        })
        .collect();
    let crl = Crl::parse(&numbered(&entries)).expect("valid");
    assert_eq!(crl.len(), 1_000);
    assert!((1..20).contains(&crl.unknown_critical_extensions().len()));
    assert!((1..20).contains(&crl.profile_breaches().len()));
}

#[test]
fn an_entry_of_nobody_is_refused() {
    let nobody = tlv(0x82, b"a.example");
    let issuer = extension(&Oid::CERTIFICATE_ISSUER, true, &tlv(tag::SEQUENCE, &nobody));
    let entries = entry(&[1], "261101000000Z", &tlv(tag::SEQUENCE, &issuer));
    assert_eq!(
        fault(&numbered(&entries)),
        "tbsCertList.revokedCertificates[0].crlEntryExtensions: refused by the X.509 parser"
    );
}

#[test]
fn breaches_of_the_profile_are_noted() {
    let crl =
        Crl::parse(&list(&[], &[extension(&Oid::CRL_NUMBER, true, &[2, 1, 7])])).expect("readable");
    let details: Vec<_> = crl.profile_breaches().iter().map(|one| &*one.detail).collect();
    assert_eq!(
        details,
        [
            "an empty list of entries instead of none",
            "authorityKeyIdentifier is missing",
            "2.5.29.20 is critical",
        ]
    );
}

#[test]
fn faults_name_the_entry() {
    let bad = |second: Vec<u8>| {
        let first = entry(&[1], "261101000000Z", &[]);
        fault(&numbered(&[first, second].concat()))
    };
    assert_eq!(
        bad(entry(&[0, 1], "261101000000Z", &[])),
        "tbsCertList.revokedCertificates[1].userCertificate: not minimally encoded"
    );
    assert_eq!(
        bad(entry(&[1], "261301000000Z", &[])),
        "tbsCertList.revokedCertificates[1].revocationDate: malformed time"
    );
    assert_eq!(
        bad(entry(&[1], "261101000000Z", &[0x30, 0])),
        "tbsCertList.revokedCertificates[1].crlEntryExtensions: empty"
    );
    let twice = [REASON_CA[2..].to_vec(), REASON_CA[2..].to_vec()].concat();
    assert_eq!(
        bad(entry(&[1], "261101000000Z", &tlv(tag::SEQUENCE, &twice))),
        "tbsCertList.revokedCertificates[1].crlEntryExtensions: 2.5.29.21 occurs more than once"
    );
    let algorithm = numbered(&[]).replace_last(0x0B, 0x0C);
    assert_eq!(fault(&algorithm), "signatureAlgorithm: differs from tbsCertList.signature");
}

trait ReplaceLast {
    fn replace_last(self, from: u8, to: u8) -> Self;
}

impl ReplaceLast for Vec<u8> {
    fn replace_last(mut self, from: u8, to: u8) -> Self {
        let place = self.iter().rposition(|&octet| octet == from).expect("there");
        self[place] = to;
        self
    }
}

#[test]
fn a_large_list_agrees_with_a_plain_search() {
    // Serial numbers spread by a multiplicative hash, in no order.
    let serials: Vec<[u8; 8]> = (1u64..20_000)
        .map(|index| (index.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 1 | 1 << 62).to_be_bytes())
        .collect();
    let entries: Vec<u8> =
        serials.iter().flat_map(|octets| entry(octets, "261101000000Z", REASON_CA)).collect();
    let crl = Crl::parse(&numbered(&entries)).expect("valid");
    assert_eq!(crl.len(), serials.len());
    for octets in &serials {
        assert!(crl.find(crl.issuer(), &serial(octets)).is_some());
        let mut absent = *octets;
        absent[7] ^= 0x55;
        let listed = serials.contains(&absent);
        assert_eq!(crl.find(crl.issuer(), &serial(&absent)).is_some(), listed);
    }
}

/// What stands beside a serial number stays with it, wherever sorting takes it.
#[test]
fn entries_keep_what_is_theirs() {
    let random = |index: u64| index.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 1 | 1 << 62;
    // Nearly all in one range of the directory, and one far away.
    let clustered = |index: u64| {
        if index == 0 {
            1 << 62 | u64::from(u32::MAX) << 24
        } else {
            1 << 62 | random(index) & 0xFFFF
        }
    };
    let counted_down = |index: u64| (1 << 62) + 1_000 - index;
    let numbers: [&dyn Fn(u64) -> u64; 3] = [&random, &clustered, &counted_down];
    for number in numbers {
        let date = |index: u64| format!("26110{}00{:02}00Z", 1 + index % 9, index % 60);
        let told = |index: u64| match index % 3 {
            0 => REASON_CA.to_vec(),
            1 => {
                let since = tlv(tag::GENERALIZED_TIME, format!("20{}", date(index)).as_bytes());
                tlv(tag::SEQUENCE, &extension(&Oid::INVALIDITY_DATE, false, &since))
            }
            _ => Vec::new(),
        };
        let entries: Vec<u8> = (0..1_000)
            .flat_map(|index| entry(&number(index).to_be_bytes(), &date(index), &told(index)))
            .collect();
        let crl = Crl::parse(&numbered(&entries)).expect("valid");
        for index in 0..1_000 {
            let octets = number(index).to_be_bytes();
            let listed: Vec<_> =
                crl.entries().filter(|entry| entry.serial() == Some(serial(&octets))).collect();
            if listed.len() > 1 {
                continue;
            }
            let found = crl.find(crl.issuer(), &serial(&octets)).expect("listed");
            assert_eq!(listed, [found]);
            let text = found.revocation_date().to_string();
            assert!(text.starts_with(&format!("2026-11-0{}", 1 + index % 9)), "{index}: {text}");
            let reason = (index % 3 == 0).then_some(RevocationReason::CaCompromise);
            assert_eq!(found.reason(), reason);
            let since = (index % 3 == 1).then(|| found.revocation_date());
            assert_eq!(found.invalidity_date(), since);
        }
    }
}

#[test]
fn lists_of_the_vectors_parse_and_verify() {
    let Some(folder) = test_vectors::folder() else {
        return;
    };
    let issuers: Vec<_> = test_vectors::files(&folder.join("pkits/certs"))
        .into_iter()
        .filter_map(|(_, octets)| Certificate::parse(&octets).ok())
        .collect();
    let mut verified = 0;
    for (name, octets) in test_vectors::files(&folder.join("pkits/crls")) {
        let ders = decode_pem_or_der(&octets, PemLabel::Crl).expect("armour");
        let crl = Crl::parse(&ders[0]).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let by_issuer = issuers.iter().filter(|issuer| issuer.subject().matches(crl.issuer()));
        let signed =
            by_issuer.filter(|issuer| crl.verify_signature(issuer.public_key()).is_ok()).count();
        verified += usize::from(signed > 0);
    }
    // DSA lists and those with deliberately bad signatures do not verify.
    println!("{verified} lists verified");
    assert!(verified > 90);
}
