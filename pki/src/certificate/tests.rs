use super::*;
use crate::codes;
use crate::der::reader::{Element, read_single};
use crate::keys::{KeyAlgorithm, WeakAlgorithms};
use crate::pem::{PemLabel, decode_pem_or_der};
use crate::test_vectors;

/// A leaf made for these tests: every extension of RFC 5280 that a leaf has.
const LEAF: &str = include_str!("../../tests/data/leaf.pem");

fn leaf_der() -> Vec<u8> {
    decode_pem_or_der(LEAF.as_bytes(), PemLabel::Certificate).expect("armour").remove(0)
}

fn leaf() -> Certificate {
    Certificate::parse(&leaf_der()).expect("valid")
}

fn issuer() -> Certificate {
    let file = include_bytes!("../../tests/data/ca.pem");
    let ders = decode_pem_or_der(file, PemLabel::Certificate).expect("armour");
    Certificate::parse(&ders[0]).expect("valid")
}

fn fault(der: &[u8]) -> String {
    Certificate::parse(der).expect_err("must be refused").to_string()
}

/// The certificate with `from` replaced by as many other octets, once.
fn with(from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut der = leaf_der();
    let place =
        der.windows(from.len()).position(|window| window == from).expect("the octets are there");
    der[place..place + from.len()].copy_from_slice(to);
    der
}

#[test]
fn fields_are_read() {
    let leaf = leaf();
    assert_eq!(leaf.version(), Version::V3);
    assert_eq!(leaf.serial().to_string(), "1122334455667788");
    assert_eq!(leaf.subject().to_string(), "CN=051@测试公司@Z91350100M000100Y43@1,C=CN");
    assert_eq!(leaf.issuer().to_string(), "CN=Tongxing Test CA,C=CN");
    assert_eq!(leaf.not_before().to_string(), "2026-01-01T00:00:00Z");
    assert_eq!(leaf.not_after().to_string(), "2050-01-01T00:00:00Z");
    assert_eq!(*leaf.public_key().algorithm(), KeyAlgorithm::EcP256);
    assert!(!leaf.is_self_issued());
    assert_eq!(leaf.profile_breaches(), []);
    assert!(leaf.tbs_der().len() < leaf.der().len());
    assert_eq!(leaf.label(), "certificate 1122334455667788 of CN=Tongxing Test CA,C=CN");
}

#[test]
fn extensions_are_read() {
    let leaf = leaf();
    let usage = leaf.key_usage().expect("there");
    assert!(usage.digital_signature() && usage.non_repudiation() && !usage.key_cert_sign());
    let purposes = [Oid::CLIENT_AUTH, Oid::EMAIL_PROTECTION];
    assert_eq!(leaf.extended_key_usage(), Some(&purposes[..]));
    let constraints = leaf.basic_constraints().expect("there");
    assert!(!constraints.is_ca() && constraints.path_length().is_none());
    assert_eq!(leaf.subject_key_identifier().map(<[u8]>::len), Some(20));
    let authority = leaf.authority_key_identifier().expect("there");
    assert_eq!(authority.key_identifier().map(<[u8]>::len), Some(20));
    let names: Vec<_> = leaf.subject_alternative_names().iter().map(ToString::to_string).collect();
    assert_eq!(
        names,
        [
            "email:a@example.com",
            "dns:example.com",
            "uri:https://example.com/",
            "ip:192.0.2.1",
            "dn:CN=other"
        ]
    );
    let policy = Oid::parse("1.2.156.1.1").expect("valid");
    assert_eq!(leaf.certificate_policies(), Some(&[policy][..]));
    assert_eq!(leaf.policy_information()[0].qualifiers().len(), 1);
    let points = leaf.crl_distribution_points();
    let Some(DistributionPointName::Full(found)) = points[0].name() else {
        panic!("a full name");
    };
    assert_eq!(found[0].to_string(), "uri:http://example.com/ca.crl");
    let access = &leaf.authority_info_access()[0];
    assert_eq!(*access.method(), Oid::ACCESS_OCSP);
    assert_eq!(access.location().to_string(), "uri:OCSP://example.com");
}

#[test]
fn private_extensions_may_be_anything() {
    let private = Oid::parse("1.2.156.112562.2.1.1.1").expect("valid");
    let leaf = leaf();
    let extension = leaf.extension(&private).expect("there");
    assert_eq!(extension.value(), b"0SF110101199001011234");
    assert!(!extension.critical());
}

#[test]
fn faults_name_the_field() {
    // The serial number, with a superfluous zero octet in the place of one.
    let serial = with(&[2, 8, 0x11, 0x22], &[2, 8, 0x00, 0x22]);
    assert_eq!(fault(&serial), "tbsCertificate.serialNumber: not minimally encoded");
    let version = with(&[0xA0, 3, 2, 1, 2], &[0xA0, 3, 2, 1, 7]);
    assert_eq!(fault(&version), "tbsCertificate.version: unknown version 7");
    let not_before = with(b"260101000000Z", b"261301000000Z");
    assert_eq!(fault(&not_before), "tbsCertificate.validity.notBefore: malformed time");
    let critical = with(&[0x0F, 1, 1, 0xFF], &[0x0F, 1, 1, 0x01]);
    assert_eq!(
        fault(&critical),
        "tbsCertificate.extensions.critical: BOOLEAN is neither 00 nor FF"
    );
    let usage = with(&[3, 2, 6, 0xC0], &[3, 2, 6, 0xC1]);
    assert_eq!(fault(&usage), "tbsCertificate.extensions.keyUsage: malformed BIT STRING");
    let twice = with(&[0x55, 0x1D, 0x0E], &[0x55, 0x1D, 0x23]);
    assert_eq!(fault(&twice), "tbsCertificate.extensions: 2.5.29.35 occurs more than once");
    let algorithm = with(&[4, 3, 2, 0x30], &[4, 3, 3, 0x30]);
    assert_eq!(fault(&algorithm), "signatureAlgorithm: differs from tbsCertificate.signature");
}

#[test]
fn nothing_may_follow_or_be_missing() {
    let mut longer = leaf_der();
    longer.push(0);
    assert_eq!(fault(&longer), "certificate: trailing octets");
    let der = leaf_der();
    assert_eq!(fault(&der[..der.len() - 1]), "certificate: truncated");
    assert_eq!(fault(&[]), "certificate: missing");
    let huge = vec![0x30; MAX_CERTIFICATE_OCTETS + 1];
    assert_eq!(fault(&huge), "certificate: 131073 octets, more than the 131072 allowed");
}

#[test]
fn the_signature_covers_all_of_tbs_certificate() {
    let issuer = issuer();
    assert_eq!(issuer.profile_breaches(), []);
    assert_eq!(leaf().verify_signature(issuer.public_key()), Ok(()));
    let other = Certificate::parse(&with(b"example.com/ca", b"example.net/ca")).expect("valid");
    let refused = other.verify_signature(issuer.public_key());
    assert_eq!(refused, Err(SignatureFault::Invalid));
    assert_eq!(issuer.verify_signature(leaf().public_key()), Err(SignatureFault::Invalid));
}

#[test]
fn a_verified_signature_is_remembered_for_its_key_alone() {
    let (leaf, issuer) = (leaf(), issuer());
    for _ in 0..2 {
        assert_eq!(leaf.verify_signature(issuer.public_key()), Ok(()));
        let refused = leaf.verify_signature(leaf.public_key());
        assert_eq!(refused, Err(SignatureFault::Invalid));
    }
}

#[test]
fn a_remembered_signature_of_a_weak_algorithm_is_refused_where_it_is_not_allowed() {
    let validity = tongxing_testdata::Validity::decade_around(1_780_000_000);
    let spec = tongxing_testdata::Profile::A.authority(validity);
    let authority = tongxing_testdata::TestAuthority::generate(&spec).expect("an authority");
    // sha256WithRSAEncryption becomes sha1WithRSAEncryption, as if so signed.
    let [strong, weak] =
        [0x0B, 0x05].map(|last| [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, last]);
    let mut der = authority.root().der().to_vec();
    for start in 0..der.len() - strong.len() {
        let place = &mut der[start..start + strong.len()];
        if *place == strong {
            place.copy_from_slice(&weak);
        }
    }
    let root = Certificate::parse(&der).expect("valid");
    let remembered = (*root.spki_sha256(), SignatureForm::default());
    root.0.verified_by.set(remembered).expect("nothing verified it before");
    let rules = |weak| SignatureRules::default().with_weak(weak);
    let verify = |weak| root.verify_signature_with(root.public_key(), &rules(weak)).map(drop);
    assert_eq!(verify(WeakAlgorithms::DangerAllowSha1), Ok(()));
    assert!(matches!(verify(WeakAlgorithms::Refused), Err(SignatureFault::Weak { .. })));
}

#[test]
fn departures_from_the_profile_are_breaches() {
    let codes_of = |der: &[u8]| -> Vec<_> {
        let certificate = Certificate::parse(der).expect("readable");
        certificate.profile_breaches().iter().map(|breach| breach.code).collect()
    };
    let negative = with(&[2, 8, 0x11, 0x22], &[2, 8, 0x91, 0x22]);
    assert_eq!(codes_of(&negative), [&codes::PROFILE_SERIAL]);
    let unnamed = with(b"example.com\x86", b"exam_le.com\x86");
    assert_eq!(codes_of(&unnamed), [&codes::PROFILE_ALTERNATIVE_NAME]);
    // Named bits with a trailing zero bit.
    let usage = with(&[3, 2, 6, 0xC0], &[3, 2, 5, 0xC0]);
    assert_eq!(codes_of(&usage), [&codes::PROFILE_ENCODING]);
    // keyCertSign in a leaf.
    let signs = with(&[3, 2, 6, 0xC0], &[3, 2, 2, 0xC4]);
    assert_eq!(codes_of(&signs), [&codes::PROFILE_KEY_USAGE]);
}

/// Every certificate in the vectors, with the file it is in.
fn all_certificates() -> Vec<(String, Vec<u8>)> {
    let Some(folder) = test_vectors::folder() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for part in ["pkits/certs", "openssl/certs", "sm2/real", "sm2/tongsuo"] {
        for (name, octets) in test_vectors::files(&folder.join(part)) {
            if let Ok(ders) = decode_pem_or_der(&octets, PemLabel::Certificate) {
                found.extend(ders.into_iter().map(|der| (name.clone(), der)));
            }
        }
    }
    found
}

#[test]
fn every_certificate_of_the_vectors_is_readable() {
    for (name, der) in all_certificates() {
        let parsed = Certificate::parse(&der);
        let certificate = parsed.unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert_eq!(certificate.der(), der);
    }
}

/// Wherever an element's length stands in octets of its own, one more octet
/// makes it BER. Nothing may accept that.
#[test]
fn no_length_may_be_longer_than_it_needs() {
    let der = leaf_der();
    let mut elements = Vec::new();
    collect(read_single(&der).expect("DER"), &mut elements);
    assert!(elements.len() > 60);
    for element in elements {
        let start = element.as_ptr().addr() - der.as_ptr().addr();
        let padded = pad_length(&der, start, element.len());
        assert!(Certificate::parse(&padded).is_err(), "at {start}");
    }
}

fn collect<'a>(element: Element<'a>, into: &mut Vec<&'a [u8]>) {
    into.push(element.raw);
    if element.tag & 0x20 != 0 {
        element.children().for_each(|child| collect(child, into));
    }
}

/// Re-encodes the whole with one non-minimal length: every length around it
/// grows along.
fn pad_length(der: &[u8], start: usize, length: usize) -> Vec<u8> {
    fn copy(element: Element<'_>, at: usize, start: usize, length: usize) -> Vec<u8> {
        let header = element.raw.len() - element.content.len();
        let mut content = Vec::new();
        if element.tag & 0x20 == 0 {
            content.extend_from_slice(element.content);
        } else {
            let mut place = at + header;
            for child in element.children() {
                content.extend(copy(child, place, start, length));
                place += child.raw.len();
            }
        }
        let mut octets = vec![element.tag];
        let mut minimal = Vec::new();
        crate::der::reader::push_length(&mut minimal, content.len());
        if at == start && element.raw.len() == length {
            match minimal[0] {
                short if short < 0x80 => octets.extend([0x81, short]),
                long => {
                    octets.extend([long + 1, 0]);
                    octets.extend_from_slice(&minimal[1..]);
                }
            }
        } else {
            octets.extend(minimal);
        }
        octets.extend(content);
        octets
    }
    copy(read_single(der).expect("DER"), 0, start, length)
}

mod mutations {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever is done to the octets, parsing gives a certificate with
        /// just these octets, or a fault.
        #[test]
        fn parsing_never_panics(
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
            cut in any::<Option<prop::sample::Index>>(),
        ) {
            let mut der = leaf_der();
            for (place, octet) in edits {
                let place = place.index(der.len());
                der[place] = octet;
            }
            if let Some(cut) = cut {
                der.truncate(cut.index(der.len()));
            }
            match Certificate::parse(&der) {
                Ok(certificate) => prop_assert_eq!(certificate.der(), &der[..]),
                Err(fault) => prop_assert!(!fault.to_string().is_empty()),
            }
            let _ = crate::Crl::parse(&der);
            let _ = Name::from_der(&der);
        }

        /// Octets out of nowhere are refused, too.
        #[test]
        fn noise_is_refused(noise in prop::collection::vec(any::<u8>(), 0..256)) {
            prop_assert!(Certificate::parse(&noise).is_err());
            prop_assert!(crate::Crl::parse(&noise).is_err());
        }
    }
}
