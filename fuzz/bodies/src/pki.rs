//! Certificates and revocation lists.

use tongxing_pki::{
    Anchors, Certificate, CertificatePool, Crl, Fault, Name, PathOptions, PemLabel, PublicKey,
    RevocationLists, RevocationOptions, RevocationSources, Timestamp, check_revocation,
    decode_pem_or_der, validate_path,
};

/// The moment at which everything is judged.
const NOW: Timestamp = Timestamp::from_unix(1_780_000_000);

/// More entries of a list are not looked up one by one.
const MAX_LOOKED_UP: usize = 100;

/// A file with certificates: in DER, PEM or base64.
pub fn certificate(bytes: &[u8]) {
    each_in_file(bytes, PemLabel::Certificate, one_certificate);
    one_certificate(bytes);
}

/// A file with revocation lists: in DER, PEM or base64.
pub fn crl(bytes: &[u8]) {
    each_in_file(bytes, PemLabel::Crl, one_list);
    one_list(bytes);
}

fn each_in_file(bytes: &[u8], label: PemLabel, one: fn(&[u8])) {
    match decode_pem_or_der(bytes, label) {
        Ok(ders) => {
            assert!(!ders.is_empty(), "a file that reads holds something");
            ders.iter().for_each(|der| one(der));
        }
        Err(fault) => is_named(&fault),
    }
}

fn one_certificate(der: &[u8]) {
    let certificate = match Certificate::parse(der) {
        Ok(certificate) => certificate,
        Err(fault) => return is_named(&fault),
    };
    assert_eq!(certificate.der(), der, "nothing of the input is lost");
    assert_eq!(Certificate::parse(certificate.der()).as_ref(), Ok(&certificate));
    assert!(certificate.profile_breaches().iter().all(|breach| !breach.detail.is_empty()));
    rereads(certificate.subject());
    rereads(certificate.issuer());
    let key = PublicKey::from_spki_der(certificate.spki_der()).expect("read once already");
    assert_eq!(&key, certificate.public_key());
    is_judged_alike(&certificate);
}

fn rereads(name: &Name) {
    let again = Name::from_der(name.der()).expect("read once already");
    assert!(again.matches(name) && again.key() == name.key(), "{name}");
    assert!(again.is_within(name), "every name lies within itself: {name}");
    for attribute in name.attributes() {
        assert!(name.first(attribute.oid()).is_some());
    }
}

/// Judges the certificate as a leaf, under itself as an issuer and as an anchor:
/// twice with one outcome, and never without a report.
fn is_judged_alike(certificate: &Certificate) {
    let options = PathOptions::new(NOW);
    let pool = CertificatePool::from_iter([certificate.clone()]);
    for anchors in [Anchors::new(), Anchors::from_iter([certificate.clone()])] {
        let judge = || validate_path(certificate, &anchors, &[&pool], &options);
        let (one, other) = (judge(), judge());
        assert_eq!(one.report, other.report);
        assert_eq!(one.path.is_some(), other.path.is_some());
        assert!(!one.report.findings().is_empty());
        assert!(one.path.is_none() || !anchors.is_empty(), "nothing validates without an anchor");
    }
}

fn one_list(der: &[u8]) {
    let list = match Crl::parse(der) {
        Ok(list) => list,
        Err(fault) => return is_named(&fault),
    };
    assert_eq!(list.der(), der, "nothing of the input is lost");
    assert_eq!(Crl::parse(list.der()).as_ref(), Ok(&list));
    assert_eq!(list.entries().count(), list.len());
    rereads(list.issuer());
    finds_its_entries(&list);
    is_asked(&list);
}

/// An entry that can be seen can be found, with the earliest of its dates.
fn finds_its_entries(list: &Crl) {
    for entry in list.entries().take(MAX_LOOKED_UP) {
        let Some(serial) = entry.serial() else { continue };
        let direct = [list.issuer().clone()];
        for issuer in entry.certificate_issuer().unwrap_or(&direct) {
            let found = list.find(issuer, &serial).expect("an entry of the list");
            assert!(found.revocation_date() <= entry.revocation_date());
        }
    }
}

/// Asks the list about a certificate that it knows nothing of.
fn is_asked(list: &Crl) {
    let anchors = Anchors::from_iter([fixed_certificate()]);
    let leaf = fixed_certificate();
    let outcome = validate_path(&leaf, &anchors, &[], &PathOptions::new(NOW));
    let lists = RevocationLists::from_iter([list.clone()]);
    let sources = RevocationSources { lists: &[&lists], anchors: &anchors, pools: &[] };
    if let Some(path) = &outcome.path {
        let options = RevocationOptions::new(NOW);
        let ask = || check_revocation(path, &sources, &options);
        assert_eq!(ask().report, ask().report);
    }
}

fn is_named(fault: &Fault) {
    assert!(!fault.field().is_empty(), "{fault:?}");
    assert!(!fault.problem().to_string().is_empty(), "{fault:?}");
}

/// A company's certificate, of the synthetic authority that names a holder too.
pub(crate) fn fixed_certificate() -> Certificate {
    Certificate::parse(include_bytes!("fixed-leaf.der")).expect("a certificate")
}
