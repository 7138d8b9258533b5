//! Certificates, revocation lists and OCSP responses.

use tongxing_pki::{
    Anchors, Certificate, CertificatePool, Crl, Fault, Moment, Name, OcspReply, OcspResponse,
    PathOptions, PemLabel, PublicKey, RevocationLists, RevocationOptions, RevocationResponses,
    RevocationSources, RevocationStatus, Timestamp, check_revocation, decode_pem_or_der,
    validate_path,
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

/// What a responder sent.
pub fn ocsp(bytes: &[u8]) {
    match OcspReply::parse(bytes) {
        Ok(OcspReply::Answered(response)) => one_response(&response, bytes),
        Ok(OcspReply::Refused(refusal)) => assert!(!refusal.to_string().is_empty()),
        Err(fault) => is_named(&fault),
    }
}

fn each_in_file(bytes: &[u8], label: PemLabel, one: fn(&[u8])) {
    match decode_pem_or_der(bytes, label) {
        Ok(ders) => {
            assert!(!ders.is_empty(), "a file that reads holds something");
            for der in &ders {
                one(der);
            }
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
    assert_eq!(list.der(), Some(der), "nothing of the input is lost");
    assert_eq!(Crl::parse_owned(der.to_vec()).as_ref(), Ok(&list));
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

/// Asks the list about the fixed certificate, whose issuer it may claim to be
/// of: only under that issuer's signature may it say that all is well.
fn is_asked(list: &Crl) {
    let (leaf, issuing) = (fixed_certificate(), fixed_issuer());
    let signed = list.verify_signature(issuing.public_key()).is_ok();
    let anchors = Anchors::from_iter([issuing]);
    let outcome = validate_path(&leaf, &anchors, &[], &PathOptions::new(NOW));
    let path = outcome.path.expect("a valid path");
    let lists = RevocationLists::from_iter([list.clone()]);
    let sources =
        RevocationSources { lists: &[&lists], responses: &[], anchors: &anchors, pools: &[] };
    let ask = || check_revocation(&path, &sources, &RevocationOptions::new(NOW));
    let (one, other) = (ask(), ask());
    assert_eq!(one.report, other.report);
    let good = |status: &RevocationStatus| matches!(status, RevocationStatus::Good { .. });
    assert!(signed || !one.statuses.iter().any(good), "good by a list that nobody signed");
}

/// Asks the response about the fixed certificate: only signed by the issuer, or
/// by one it certified, may it say anything.
fn one_response(response: &OcspResponse, der: &[u8]) {
    assert_eq!(response.der(), der, "nothing of the input is lost");
    let (leaf, issuing) = (fixed_certificate(), fixed_issuer());
    let delegates = response.certificates().iter();
    let mut keys: Vec<_> = delegates
        .filter(|delegate| delegate.verify_signature(issuing.public_key()).is_ok())
        .map(Certificate::public_key)
        .collect();
    keys.push(issuing.public_key());
    let signed = keys.iter().any(|key| response.verify_signature(key).is_ok());
    let anchors = Anchors::from_iter([issuing.clone()]);
    let outcome = validate_path(&leaf, &anchors, &[], &PathOptions::new(NOW));
    let path = outcome.path.expect("a valid path");
    let responses = RevocationResponses::from_iter([response.clone()]);
    let sources =
        RevocationSources { lists: &[], responses: &[&responses], anchors: &anchors, pools: &[] };
    for moment in [Moment::Present, Moment::Past] {
        let mut options = RevocationOptions::new(NOW);
        options.moment = moment;
        let ask = || check_revocation(&path, &sources, &options);
        let (one, other) = (ask(), ask());
        assert_eq!(one.report, other.report);
        let decided =
            |status: &RevocationStatus| !matches!(status, RevocationStatus::Unknown { .. });
        assert!(signed || !one.statuses.iter().any(decided), "by a response that nobody signed");
    }
}

fn is_named(fault: &Fault) {
    assert!(!fault.field().is_empty(), "{fault:?}");
    assert!(!fault.problem().to_string().is_empty(), "{fault:?}");
}

/// A company's certificate, of the synthetic authority that names a holder too.
pub(crate) fn fixed_certificate() -> Certificate {
    Certificate::parse(include_bytes!("../fixed/leaf.der")).expect("a certificate")
}

/// Who issued it.
fn fixed_issuer() -> Certificate {
    Certificate::parse(include_bytes!("../fixed/issuing.der")).expect("a certificate")
}
