//! The group curveSM2: an ephemeral Diffie-Hellman exchange as TLS 1.3 has it
//! (RFC 8446 sections 4.2.8.2 and 7.4.2), on the curve of GB/T 32918.5. RFC 8998
//! section 3.4 forbids SM2's own key exchange protocol here.

use rustls::crypto::{ActiveKeyExchange, GetRandomFailed, SharedSecret, SupportedKxGroup};
use rustls::ffdhe_groups::FfdheGroup;
use rustls::{Error, NamedGroup, PeerMisbehaved, ProtocolVersion};
use sm2::elliptic_curve::Generate;
use sm2::elliptic_curve::ecdh::EphemeralSecret;
use sm2::{PublicKey, Sm2};

use crate::code_points::CURVE_SM2;
use crate::point;

/// curveSM2.
#[derive(Debug)]
pub(crate) struct CurveSm2;

impl SupportedKxGroup for CurveSm2 {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let secret =
            EphemeralSecret::<Sm2>::try_generate().map_err(|_| Error::from(GetRandomFailed))?;
        let share = point::encode(&secret.public_key());
        Ok(Box::new(Exchange { secret, share }))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn name(&self) -> NamedGroup {
        CURVE_SM2
    }

    fn usable_for_version(&self, version: ProtocolVersion) -> bool {
        // RFC 8998 section 3.1.
        version == ProtocolVersion::TLSv1_3
    }
}

/// One exchange; its secret is wiped when dropped.
struct Exchange {
    secret: EphemeralSecret<Sm2>,
    share: Vec<u8>,
}

impl ActiveKeyExchange for Exchange {
    fn complete(self: Box<Self>, peer_pub_key: &[u8]) -> Result<SharedSecret, Error> {
        let peer: PublicKey = point::decode(peer_pub_key).ok_or(PeerMisbehaved::InvalidKeyShare)?;
        let shared = self.secret.diffie_hellman(&peer);
        Ok(SharedSecret::from(shared.raw_secret_bytes().as_slice()))
    }

    fn pub_key(&self) -> &[u8] {
        &self.share
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn group(&self) -> NamedGroup {
        CURVE_SM2
    }
}

#[cfg(test)]
mod tests;
