//! The content of generated certificates, as x509-parser reads it.

use std::error::Error;

use tongxing_testdata::{
    Attribute, AuthorityKeyIdentifier, BodyElement, Company, Constraints, CrlSpec, Extension,
    KeyAlgorithm, LeafSpec, Person, Profile, RevocationReason, RevokedEntry, TestAuthority,
    Validity, Value, oid,
};
use x509_parser::prelude::*;

use super::{NOW, authority, leaf};

type Outcome = Result<(), Box<dyn Error>>;

/// Attribute types (dotted) and texts of a subject, in order.
fn subject(certificate: &X509Certificate<'_>) -> Vec<(String, String)> {
    let attributes = certificate.subject().iter_attributes();
    attributes
        .map(|attribute| {
            let text = attribute.as_str().unwrap_or_default();
            (attribute.attr_type().to_id_string(), text.to_owned())
        })
        .collect()
}

fn extension<'a>(certificate: &'a X509Certificate<'_>, dotted: &str) -> Option<&'a [u8]> {
    let mut extensions = certificate.extensions().iter();
    let found = extensions.find(|extension| extension.oid.to_id_string() == dotted)?;
    Some(found.value)
}

#[test]
fn repeated_and_unusual_attributes_keep_their_order() -> Outcome {
    let authority = authority(KeyAlgorithm::EcdsaP256, 1)?;
    let attributes = vec![
        Attribute::utf8(oid::ORGANIZATIONAL_UNIT, "one"),
        Attribute::printable(oid::ORGANIZATIONAL_UNIT, "two"),
        Attribute::utf8(oid::GIVEN_NAME, "通行"),
        Attribute::printable(oid::ALIASED_ENTRY_NAME, "code"),
        Attribute::utf8(oid::ORGANIZATIONAL_UNIT, "three"),
        Attribute::bmp("1.2.156.112586.1.6", "通"),
    ];
    let issued = authority.issue(&LeafSpec::signing(attributes, Validity::year_from(NOW)))?;
    let (rest, parsed) = X509Certificate::from_der(&issued.certificate_der)?;
    assert!(rest.is_empty());
    let subject = subject(&parsed);
    let texts: Vec<&str> = subject.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts[..5], ["one", "two", "通行", "code", "three"]);
    assert_eq!(subject[4].0, oid::ORGANIZATIONAL_UNIT);
    let last = parsed.subject().iter_attributes().last().ok_or("empty")?;
    assert_eq!(last.attr_value().data, [0x90, 0x1a]);
    Ok(())
}

#[test]
fn extensions_are_written_octet_for_octet() -> Outcome {
    let authority = authority(KeyAlgorithm::EcdsaP256, 1)?;
    let spec = leaf(KeyAlgorithm::EcdsaP256)
        .with_extension(Extension::new("1.2.3.1", Value::raw_ascii("0!raw")).critical())
        .with_extension(Extension::new("1.2.3.2", Value::printable("X").explicit(0).in_set()));
    let issued = authority.issue(&spec)?;
    let (_, parsed) = X509Certificate::from_der(&issued.certificate_der)?;
    assert_eq!(extension(&parsed, "1.2.3.1"), Some(&b"0!raw"[..]));
    let set = [0x31, 5, 0xa0, 3, 0x13, 1, b'X'];
    assert_eq!(extension(&parsed, "1.2.3.2"), Some(&set[..]));
    let critical = parsed.extensions().iter().filter(|one| one.critical);
    let critical: Vec<_> = critical.map(|one| one.oid.to_id_string()).collect();
    assert_eq!(critical, ["2.5.29.15", "2.5.29.19", "1.2.3.1"]);
    Ok(())
}

#[test]
fn serials_are_positive_and_kept() -> Outcome {
    let authority = authority(KeyAlgorithm::EcdsaP256, 1)?;
    let high = leaf(KeyAlgorithm::EcdsaP256).with_serial([0xff, 0x01]);
    for (spec, expected) in
        [(high, Some(vec![0, 0xff, 0x01])), (leaf(KeyAlgorithm::EcdsaP256), None)]
    {
        let issued = authority.issue(&spec)?;
        let (_, parsed) = X509Certificate::from_der(&issued.certificate_der)?;
        let expected = expected.unwrap_or_else(|| issued.serial.clone());
        assert_eq!(parsed.raw_serial(), expected);
        assert!(parsed.raw_serial()[0] < 0x80);
    }
    Ok(())
}

#[test]
fn a_leaf_with_nothing_optional_has_no_extensions() -> Outcome {
    let authority = authority(KeyAlgorithm::EcdsaP256, 1)?;
    let issued = authority.issue(&LeafSpec {
        key_usages: Vec::new(),
        extended_key_usages: Vec::new(),
        constraints: Constraints::LeftOut,
        authority_key_identifier: AuthorityKeyIdentifier::LeftOut,
        ..leaf(KeyAlgorithm::EcdsaP256)
    })?;
    let (_, parsed) = X509Certificate::from_der(&issued.certificate_der)?;
    assert!(parsed.extensions().is_empty());
    Ok(())
}

#[test]
fn a_changed_body_is_signed_as_changed() -> Outcome {
    let authority = authority(KeyAlgorithm::EcdsaP256, 1)?;
    let negative = vec![0x02, 0x01, 0x80];
    let issued = authority.issue_changed(&leaf(KeyAlgorithm::EcdsaP256), |body| {
        body.replace(BodyElement::SerialNumber, negative.clone())
    })?;
    let found = issued.certificate_der.windows(3).any(|octets| octets == negative);
    assert!(found);
    Ok(())
}

#[test]
fn a_list_carries_what_was_declared() -> Outcome {
    let authority = authority(KeyAlgorithm::EcdsaP256, 1)?;
    let entry = RevokedEntry::new([0x01, 0x02], NOW - 60, RevocationReason::CertificateHold);
    let mut spec = CrlSpec::empty(9, NOW, NOW + 60).revoking(entry);
    let base = Value::Raw(vec![0x02, 0x01, 0x08]);
    spec.extensions = vec![Extension::new("2.5.29.27", base).critical()];
    let der = authority.crl(&spec)?;
    let (rest, list) = CertificateRevocationList::from_der(&der)?;
    assert!(rest.is_empty());
    assert_eq!(list.issuer().as_raw(), authority.root().name_der());
    assert_eq!(list.last_update().timestamp(), NOW);
    let entries: Vec<_> = list.iter_revoked_certificates().collect();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].raw_serial(), [0x01, 0x02]);
    assert_eq!(list.crl_number().ok_or("no number")?.to_bytes_be(), [9]);
    let delta = list.extensions().last().ok_or("no extension")?;
    assert_eq!(delta.oid.to_id_string(), "2.5.29.27");
    assert!(delta.critical);
    Ok(())
}

#[test]
fn the_same_company_at_every_authority() -> Outcome {
    let (company, holder) = (Company::numbered(0), Person::numbered(0));
    for profile in Profile::ALL {
        let spec = profile.authority(Validity::decade_around(NOW));
        let authority = TestAuthority::generate(&spec)?;
        let issued = authority.issue(&profile.leaf(&company, &holder, Validity::year_from(NOW)))?;
        let (_, parsed) = X509Certificate::from_der(&issued.certificate_der)?;
        let subject = subject(&parsed);
        let of = |dotted: &str| {
            let mut found = subject.iter().filter(|(oid, _)| oid == dotted);
            found.next().map(|(_, text)| text.as_str())
        };
        match profile {
            Profile::A => {
                let name = format!("051@{}@N{}@1", company.name, company.uscc);
                assert_eq!(of(oid::COMMON_NAME), Some(name.as_str()));
                assert!(issued.chain_der.is_empty());
            }
            Profile::B => {
                let code = extension(&parsed, oid::GMT_0015_USCC).ok_or("no code")?;
                assert_eq!(code[2..], *company.uscc.as_bytes());
                assert_eq!(of(oid::ORGANIZATION), Some(company.name.as_str()));
            }
            Profile::C => {
                assert_eq!(of(oid::SERIAL_NUMBER), Some(company.uscc.as_str()));
                assert_eq!(of(oid::COMMON_NAME), Some(holder.name.as_str()));
                assert_eq!(issued.chain_der.len(), 1);
            }
            Profile::D => {
                let code = extension(&parsed, oid::GMT_0015_ORGANIZATION_CODE).ok_or("no code")?;
                assert_eq!(code[2..], *company.uscc.as_bytes());
                assert_eq!(issued.chain_der.len(), 1);
            }
        }
    }
    Ok(())
}
