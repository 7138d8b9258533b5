//! Points of the curve as TLS 1.3 and certificates carry them.

use sm2::PublicKey;
use sm2::elliptic_curve::sec1::ToSec1Point;

/// 0x04 and two coordinates of 32 octets: RFC 8446 section 4.2.8.2 allows no other
/// form.
pub(crate) const POINT_OCTETS: usize = 65;

const UNCOMPRESSED: u8 = 0x04;

/// A point of the curve that is not the one at infinity; `None` for anything else.
pub(crate) fn decode(octets: &[u8]) -> Option<PublicKey> {
    let uncompressed = octets.len() == POINT_OCTETS && octets.first() == Some(&UNCOMPRESSED);
    // The library checks the coordinates' range and the curve's equation.
    uncompressed.then(|| PublicKey::from_sec1_bytes(octets).ok()).flatten()
}

/// The uncompressed form.
pub(crate) fn encode(point: &PublicKey) -> Vec<u8> {
    point.to_sec1_point(false).as_bytes().to_vec()
}
