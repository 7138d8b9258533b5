use super::*;
use crate::keys::Hash;
use crate::pem::{PemLabel, decode_pem_or_der};

fn certificate(file: &[u8]) -> Certificate {
    let ders = decode_pem_or_der(file, PemLabel::Certificate).expect("PEM");
    Certificate::parse(&ders[0]).expect("a certificate")
}

fn request(nonce: Option<[u8; 32]>) -> OcspRequest {
    let leaf = certificate(include_bytes!("../../tests/data/leaf.pem"));
    let issuer = certificate(include_bytes!("../../tests/data/ca.pem"));
    OcspRequest::new(&leaf, &issuer, Hash::Sha1, nonce)
}

#[test]
fn a_request_without_a_nonce_asks_about_one_certificate() {
    let request = request(None);
    let der = request.der();
    // OCSPRequest, TBSRequest, requestList, Request, CertID: one in another.
    let mut inner = der;
    for _ in 0..5 {
        let element = crate::der::reader::read_single(inner).expect("nothing else");
        assert_eq!(element.tag, crate::der::reader::tag::SEQUENCE);
        inner = element.content;
    }
    assert!(request.nonce().is_none());
    assert_eq!(request.certificate_id().hash(), Some(Hash::Sha1));
}

#[test]
fn an_address_for_get_is_escaped() {
    let request = request(Some([0xFB; 32]));
    let address = request.get_address("http://ocsp.example/path/");
    let rest = address.strip_prefix("http://ocsp.example/path/").expect("the responder's");
    assert!(!rest.contains(['+', '/', '=']), "{rest}");
    let plain = rest.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    assert_eq!(
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, plain).as_deref(),
        Ok(request.der())
    );
}
