//! Keys, shares and signatures of a peer.

use tongxing_gm_tls::provider;

/// An uncompressed point: the form, and two coordinates.
const POINT_OCTETS: usize = 65;

/// A key, as a share and as a signer's, with a signature and the message behind it:
/// the key and the signature have their length before them, in one octet.
pub fn sm2_handshake(data: &[u8]) {
    let (key, rest) = prefixed(data);
    let (signature, message) = prefixed(rest);
    let is_point = share(key);
    let algorithms = provider().signature_verification_algorithms;
    for (_, handshake) in algorithms.mapping {
        for algorithm in *handshake {
            let verified = algorithm.verify_signature(key, message, signature).is_ok();
            if !verified {
                continue;
            }
            assert!(is_point, "a key that is no share verified a signature");
            let longer = [signature, &[0]].concat();
            assert!(algorithm.verify_signature(key, message, &longer).is_err(), "trailing octets");
            // RFC 8998 3.2.1: another user id, so that nothing serves for both.
            for certificate in algorithms.all {
                let both = certificate.verify_signature(key, message, signature).is_ok();
                assert!(!both, "one signature for a handshake and a certificate");
            }
        }
    }
    for certificate in algorithms.all {
        let verified = certificate.verify_signature(key, message, signature).is_ok();
        assert!(is_point || !verified, "a key that is no share verified a signature");
    }
}

/// Whether a peer may have these octets for its share.
fn share(octets: &[u8]) -> bool {
    let mut taken = false;
    for group in provider().kx_groups {
        let completed = group.start_and_complete(octets);
        taken = completed.is_ok();
        assert_eq!(group.start_and_complete(octets).is_ok(), taken, "two answers");
        if let Ok(completed) = completed {
            assert_eq!(octets.len(), POINT_OCTETS);
            assert_eq!(octets.first(), Some(&4));
            assert_eq!(completed.secret.secret_bytes().len(), 32);
            assert_eq!(completed.pub_key.len(), POINT_OCTETS);
        }
    }
    taken
}

/// What stands behind its own length, and the rest.
fn prefixed(data: &[u8]) -> (&[u8], &[u8]) {
    let Some((length, rest)) = data.split_first() else { return (&[], &[]) };
    rest.split_at(rest.len().min(usize::from(*length)))
}
