//! Algorithms as CMS names them: a key's algorithm in the signature's place, and SM3 by
//! more than one number.

use crate::der::reader::Element;
use crate::keys::{AlgorithmIdentifier, Hash};
use crate::{Oid, SignatureAlgorithm};

use super::super::document::DigestAlgorithm;

impl DigestAlgorithm {
    /// Reads a walked AlgorithmIdentifier. SM3 stands under the numbers that signers of
    /// SM2 messages are seen to use: its own, the one without a key (GM/T 0006), the one
    /// with a key, and that of SM2 with SM3.
    pub(in crate::signed) fn from_walked(identifier: Element<'_>) -> Self {
        let identifier = AlgorithmIdentifier::from_walked(identifier);
        let oid = identifier.algorithm.clone();
        let is_sm3 = [Oid::SM3_PLAIN, Oid::SM3_KEYED, Oid::SM2_WITH_SM3].contains(&oid);
        let hash = if is_sm3 { Some(Hash::Sm3) } else { Hash::from_oid(&oid) };
        match hash.filter(|_| identifier.parameters_are_empty()) {
            Some(hash) => Self::Known(hash),
            None => Self::Unsupported(oid),
        }
    }
}

/// The signature algorithm of a signer: where the identifier is that of a kind of key
/// (RFC 3370 3.2 has rsaEncryption, GM/T 0010 the SM2 curve), the hash function is the
/// signer's own. The second value is whether there was a NULL where nothing belongs.
pub(in crate::signed) fn signature_algorithm(
    identifier: Element<'_>,
    digest: &DigestAlgorithm,
) -> (SignatureAlgorithm, bool) {
    let (stated, has_null) = SignatureAlgorithm::of_signer(identifier);
    (of_key(stated, digest), has_null)
}

fn of_key(stated: SignatureAlgorithm, digest: &DigestAlgorithm) -> SignatureAlgorithm {
    let SignatureAlgorithm::Unsupported { algorithm } = &stated else {
        return stated;
    };
    let sm2 = [Oid::SM2, Oid::SM2_SIGNATURE];
    match digest.hash() {
        Some(Hash::Sm3) if sm2.contains(algorithm) || *algorithm == Oid::EC_PUBLIC_KEY => {
            SignatureAlgorithm::Sm2Sm3
        }
        Some(Hash::Sm3) | None => stated,
        Some(hash) if *algorithm == Oid::RSA_ENCRYPTION => SignatureAlgorithm::RsaPkcs1(hash),
        Some(hash) if *algorithm == Oid::EC_PUBLIC_KEY => SignatureAlgorithm::Ecdsa(hash),
        Some(_) => stated,
    }
}

/// Whether the signature algorithm has the hash function that the signer states for the
/// content (RFC 5754 3): another one would mean that somebody put two messages together.
pub(in crate::signed) fn agree(signature: &SignatureAlgorithm, digest: &DigestAlgorithm) -> bool {
    let own = match signature {
        SignatureAlgorithm::RsaPkcs1(hash)
        | SignatureAlgorithm::RsaPss(hash)
        | SignatureAlgorithm::RsaPssSalted { hash, .. }
        | SignatureAlgorithm::Ecdsa(hash) => *hash,
        SignatureAlgorithm::Sm2Sm3 => Hash::Sm3,
        // RFC 8419 3: SHA-512, of attributes that are signed whole.
        SignatureAlgorithm::Ed25519
        | SignatureAlgorithm::BadParameters { .. }
        | SignatureAlgorithm::Unsupported { .. } => return true,
    };
    digest.hash().is_none_or(|hash| hash == own)
}
