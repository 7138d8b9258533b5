//! Key shares that are no points, in whole handshakes.

use rustls::crypto::{ActiveKeyExchange, CryptoProvider, SharedSecret, SupportedKxGroup};
use rustls::{AlertDescription, Error, NamedGroup, PeerMisbehaved};
use tongxing_gm_tls::{CURVE_SM2, provider};

use crate::pki::SM2;
use crate::wire::{Pair, client, server};

/// A group with curveSM2's name that sends these octets.
#[derive(Debug, Clone, Copy)]
struct Sends(&'static [u8]);

impl SupportedKxGroup for Sends {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        Ok(Box::new(*self))
    }

    fn name(&self) -> NamedGroup {
        CURVE_SM2
    }
}

impl ActiveKeyExchange for Sends {
    fn complete(self: Box<Self>, _peer_pub_key: &[u8]) -> Result<SharedSecret, Error> {
        Ok(SharedSecret::from(&[0; 32][..]))
    }

    fn pub_key(&self) -> &[u8] {
        self.0
    }

    fn group(&self) -> NamedGroup {
        CURVE_SM2
    }
}

static AT_INFINITY: Sends = Sends(&[0]);
static OF_ZEROS: Sends = Sends(&{
    let mut share = [0; 65];
    share[0] = 4;
    share
});
static COMPRESSED: Sends = Sends(&[2; 33]);
static TOO_LONG: Sends = Sends(&[4; 66]);
static NOT_ON_THE_CURVE: Sends = Sends(&[4; 65]);

const BAD_SHARE: Option<Error> = Some(Error::PeerMisbehaved(PeerMisbehaved::InvalidKeyShare));
const ALERT: Option<Error> = Some(Error::AlertReceived(AlertDescription::IllegalParameter));

/// RFC 8446 section 4.2.8.2: points are validated, or the handshake ends.
#[test]
fn both_ends_refuse_shares_that_are_no_points() {
    let honest_client = client(provider(), SM2.roots.clone(), None);
    let honest_server = server(provider(), &SM2.server);
    assert!(Pair::shaken(&honest_client, &honest_server).is_ok());
    for share in [&AT_INFINITY, &OF_ZEROS, &COMPRESSED, &TOO_LONG, &NOT_ON_THE_CURVE] {
        let forged = || CryptoProvider { kx_groups: vec![share], ..provider() };
        let client = client(forged(), SM2.roots.clone(), None);
        let failure = Pair::shaken(&client, &honest_server).err().unwrap();
        assert_eq!((failure.server, failure.client), (BAD_SHARE, ALERT), "{share:?}");
        let server = server(forged(), &SM2.server);
        let failure = Pair::shaken(&honest_client, &server).err().unwrap();
        assert_eq!(failure.client, BAD_SHARE, "{share:?}");
    }
}
