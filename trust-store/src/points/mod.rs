//! Where revocation is told outside of the province: addresses, and the hosts that
//! may be asked.
//!
//! A certificate names the places of its authority's lists and responders itself,
//! so whoever can have one issued names them too. Nothing is asked that a policy
//! does not name as a host, whoever points there: a certificate, a policy, a
//! redirect. One parser reads an address, and what it read is what is connected
//! to: two readers could be told apart.

mod board;
mod hosts;
mod url;

pub use board::{PointOrigin, PointView, Points};
pub use hosts::{AllowedHost, HostRules, PrivateAddresses};
pub use url::{PointScheme, PointUrl, PointUrlError};
