//! Certificates of a peer, as rustls verifies them with the provider's algorithms.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use rustls::RootCertStore;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls_pki_types::{CertificateDer, UnixTime};
use tongxing_gm_tls::provider;
use tongxing_pki::Certificate;

const ROOT: &[u8] = include_bytes!("../../fixed/sm2-root.der");
const ISSUING: &[u8] = include_bytes!("../../fixed/sm2-issuing.der");

/// The moment at which they are judged.
const NOW: UnixTime = UnixTime::since_unix_epoch(Duration::from_secs(1_780_000_000));

static VERIFIER: LazyLock<Arc<dyn ClientCertVerifier>> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(ROOT)).expect("a root");
    let provider = Arc::new(provider());
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .expect("a verifier")
});

/// A client's certificate, under an SM2 authority. What is accepted has a signature that
/// the other reader of certificates here verifies, too.
pub fn tls_certificate(der: &[u8]) {
    if !is_accepted(der) {
        return;
    }
    let certificate = Certificate::parse(der).expect("what is accepted can be read");
    let issuing = Certificate::parse(ISSUING).expect("a certificate");
    let verified = certificate.verify_signature(issuing.public_key());
    assert!(verified.is_ok(), "two answers: {verified:?}");
}

fn is_accepted(der: &[u8]) -> bool {
    let (leaf, issuing) = (CertificateDer::from(der), CertificateDer::from(ISSUING));
    let verify = || VERIFIER.verify_client_cert(&leaf, std::slice::from_ref(&issuing), NOW);
    let accepted = verify().is_ok();
    assert_eq!(verify().is_ok(), accepted, "two answers");
    accepted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_is_accepted_and_no_other_bit_of_it_is() {
        let seed = include_bytes!("../../../corpus/tls_certificate/leaf.der");
        assert!(is_accepted(seed));
        for place in 0..seed.len() {
            let mut other = seed.to_vec();
            other[place] ^= 1;
            assert!(!is_accepted(&other), "octet {place}");
        }
    }
}
