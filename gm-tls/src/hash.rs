//! SM3 (GB/T 32905) and HMAC with it (RFC 2104) for the transcript and the key
//! schedule (RFC 8998 section 3.4 leaves the latter as TLS 1.3 has it).

use hmac::{Hmac, KeyInit, Mac};
use rustls::crypto::hash::{Context, Hash, HashAlgorithm, Output};
use rustls::crypto::hmac::{Hmac as HmacAlgorithm, Key, Tag};
use sm3::{Digest, Sm3};

use crate::code_points;

const OUTPUT_OCTETS: usize = 32;

/// SM3.
pub(crate) struct Sm3Hash;

impl Hash for Sm3Hash {
    fn start(&self) -> Box<dyn Context> {
        Box::new(Sm3Context(Sm3::new()))
    }

    fn hash(&self, data: &[u8]) -> Output {
        Output::new(&Sm3::digest(data))
    }

    fn output_len(&self) -> usize {
        OUTPUT_OCTETS
    }

    fn algorithm(&self) -> HashAlgorithm {
        code_points::SM3
    }
}

struct Sm3Context(Sm3);

impl Context for Sm3Context {
    fn fork_finish(&self) -> Output {
        Output::new(&self.0.clone().finalize())
    }

    fn fork(&self) -> Box<dyn Context> {
        Box::new(Self(self.0.clone()))
    }

    fn finish(self: Box<Self>) -> Output {
        Output::new(&self.0.finalize())
    }

    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }
}

/// HMAC with SM3.
pub(crate) struct HmacSm3;

impl HmacAlgorithm for HmacSm3 {
    fn with_key(&self, key: &[u8]) -> Box<dyn Key> {
        // HMAC takes keys of any length (RFC 2104 section 2).
        let key = Hmac::<Sm3>::new_from_slice(key).expect("HMAC takes keys of any length");
        Box::new(HmacSm3Key(key))
    }

    fn hash_output_len(&self) -> usize {
        OUTPUT_OCTETS
    }
}

/// A key's inner and outer state, wiped when dropped.
struct HmacSm3Key(Hmac<Sm3>);

impl Key for HmacSm3Key {
    fn sign_concat(&self, first: &[u8], middle: &[&[u8]], last: &[u8]) -> Tag {
        let mut mac = self.0.clone();
        mac.update(first);
        for part in middle {
            mac.update(part);
        }
        mac.update(last);
        Tag::new(&mac.finalize().into_bytes())
    }

    fn tag_len(&self) -> usize {
        OUTPUT_OCTETS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::hex;

    /// GB/T 32905 appendix A.1.
    const ABC: &str = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";

    /// GB/T 32905 appendix A.2: "abcd", sixteen times.
    const ABCD_16: &str = "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732";

    #[test]
    fn the_standards_vectors() {
        assert_eq!(Sm3Hash.hash(b"abc").as_ref(), hex(ABC));
        assert_eq!(Sm3Hash.hash(&b"abcd".repeat(16)).as_ref(), hex(ABCD_16));
    }

    #[test]
    fn a_fork_goes_on_by_itself() {
        let mut context = Sm3Hash.start();
        context.update(b"ab");
        let mut fork = context.fork();
        fork.update(b"c");
        assert_eq!(fork.fork_finish().as_ref(), hex(ABC));
        context.update(b"c");
        assert_eq!(context.finish().as_ref(), hex(ABC));
        assert_eq!(fork.finish().as_ref(), hex(ABC));
    }

    /// By the definition of RFC 2104 section 2, over the hash alone.
    #[test]
    fn hmac_is_the_two_hashes_of_its_definition() {
        for key in [b"".to_vec(), b"key".to_vec(), vec![7; 64], vec![9; 200]] {
            let mut block = [0u8; 64];
            let short =
                if key.len() > 64 { Sm3Hash.hash(&key).as_ref().to_vec() } else { key.clone() };
            block[..short.len()].copy_from_slice(&short);
            let inner: Vec<u8> = block.iter().map(|octet| octet ^ 0x36).collect();
            let outer: Vec<u8> = block.iter().map(|octet| octet ^ 0x5c).collect();
            let inner = Sm3Hash.hash(&[&inner[..], b"the message"].concat());
            let expected = Sm3Hash.hash(&[&outer[..], inner.as_ref()].concat());
            let tag = HmacSm3.with_key(&key).sign_concat(b"the", &[b" ", b"mess"], b"age");
            assert_eq!(tag.as_ref(), expected.as_ref(), "{} octets", key.len());
        }
    }
}
