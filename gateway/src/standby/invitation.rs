//! Invitations: how a new standby and its primary come to know each other's keys.

use std::fmt;
use std::str::FromStr;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use tongxing_pki::Timestamp;

use super::fingerprint::Fingerprint;
use super::held;

/// Long enough to walk to the other machine.
const LIFETIME_SECONDS: i64 = 3600;

/// 128 bits are not guessed.
const SECRET_LENGTH: usize = 16;

const SCHEME: &str = "tongxing-standby:";

/// What the primary gives to its standby-to-be: a text that lets one gateway join.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    pub(super) address: String,
    pub(super) primary: Fingerprint,
    pub(super) secret: String,
}

/// The invitation that is open, if any; a later one replaces it.
#[derive(Debug, Default)]
pub(super) struct Invitations(Mutex<Option<Open>>);

#[derive(Debug)]
struct Open {
    /// Hash of the secret: who reads this memory cannot join.
    secret: [u8; 32],
    until: Timestamp,
}

impl Invitations {
    /// Opens an invitation; `None` when the system gives no randomness.
    pub(super) fn make(
        &self,
        address: String,
        primary: Fingerprint,
        now: Timestamp,
    ) -> Option<(Invitation, Timestamp)> {
        let mut bytes = [0_u8; SECRET_LENGTH];
        SystemRandom::new().fill(&mut bytes).ok()?;
        let secret = URL_SAFE_NO_PAD.encode(bytes);
        let until = now.plus_seconds(LIFETIME_SECONDS);
        *held(&self.0) = Some(Open { secret: hash(&secret), until });
        Some((Invitation { address, primary, secret }, until))
    }

    /// Whether anybody may come at all, to show a secret.
    pub(super) fn is_open(&self) -> bool {
        held(&self.0).is_some()
    }

    /// Uses the invitation up, if `secret` is its secret; a wrong one closes it, so
    /// that nobody tries again.
    pub(super) fn accept(&self, secret: &str, now: Timestamp) -> bool {
        let open = held(&self.0).take();
        open.is_some_and(|open| open.secret == hash(secret) && now < open.until)
    }
}

fn hash(secret: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
    bytes
}

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}@{}/{}", self.secret, self.address, self.primary)
    }
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation").field("address", &self.address).finish_non_exhaustive()
    }
}

impl FromStr for Invitation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let malformed = || "no invitation as `tongxing standby invite` prints it".to_owned();
        let rest = text.trim().strip_prefix(SCHEME).ok_or_else(malformed)?;
        let (secret, rest) = rest.split_once('@').ok_or_else(malformed)?;
        let (address, primary) = rest.rsplit_once('/').ok_or_else(malformed)?;
        let primary = primary.parse().map_err(|_| malformed())?;
        check_address(address)?;
        Ok(Self { address: address.to_owned(), primary, secret: secret.to_owned() })
    }
}

/// Whether a text is HOST:PORT, the host an IPv6 address in brackets or without colons.
pub(crate) fn check_address(text: &str) -> Result<(), String> {
    let parts = text.rsplit_once(':').filter(|(host, port)| {
        let bracketed = host.starts_with('[') && host.ends_with(']');
        let plain = !host.is_empty() && !host.contains([':', '/', '@', ' ']);
        (bracketed || plain) && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    parts.map(drop).ok_or_else(|| format!("\"{text}\" is no HOST:PORT"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(unix: i64) -> Timestamp {
        Timestamp::from_unix(unix)
    }

    #[test]
    fn an_invitation_reads_as_it_was_written() {
        let open = Invitations::default();
        let key = Fingerprint::of(b"key");
        let (made, _) = open.make("[2001:db8::1]:7443".into(), key, at(0)).unwrap();
        assert_eq!(made.to_string().parse::<Invitation>().unwrap(), made);
        for bad in ["", "tongxing-standby:a@b/c", "tongxing-standby:", "x"] {
            assert!(bad.parse::<Invitation>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_invitation_is_good_once_in_time_and_with_its_secret() {
        let open = Invitations::default();
        let make = || open.make("a:1".into(), Fingerprint::of(b"key"), at(0)).unwrap().0.secret;
        let secret = make();
        assert!(open.accept(&secret, at(5)));
        assert!(!open.accept(&secret, at(5)), "used up");
        make();
        assert!(!open.accept(&secret, at(5)), "another's");
        assert!(!open.is_open(), "one guess");
        let late = make();
        assert!(!open.accept(&late, at(LIFETIME_SECONDS)));
    }

    #[test]
    fn addresses_have_a_host_and_a_port() {
        for good in ["a.example:7443", "192.0.2.1:1", "[::1]:443"] {
            assert!(check_address(good).is_ok(), "{good}");
        }
        for bad in ["a.example", ":7443", "::1:7443", "a:0", "a:70000", "a/b:1", "a b:1"] {
            assert!(check_address(bad).is_err(), "{bad}");
        }
    }
}
