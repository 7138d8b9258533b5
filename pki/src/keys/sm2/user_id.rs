//! The user id that an SM2 signer's digests begin with.

use std::fmt;
use std::sync::{Arc, LazyLock};

/// GB/T 32918.2 5.5 has the length in bits in two octets.
pub const MAX_SM2_USER_ID_OCTETS: usize = 8191;

/// A distinguishing identifier of a signer (GB/T 32918.2 5.5). Cloning is cheap.
///
/// It is an input of the digest and no secret; nothing identifies a person by it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sm2UserId(Arc<[u8]>);

/// A user id of more than [`MAX_SM2_USER_ID_OCTETS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a user id of {octets} octets; at most {MAX_SM2_USER_ID_OCTETS} are possible")]
pub struct Sm2UserIdTooLong {
    octets: usize,
}

static STANDARD: LazyLock<Sm2UserId> = LazyLock::new(|| Sm2UserId((*b"1234567812345678").into()));
static TLS: LazyLock<Sm2UserId> = LazyLock::new(|| Sm2UserId((*b"TLSv1.3+GM+Cipher+Suite").into()));

/// Those that signers are known to use where nobody allows them: none at all, by old tools;
/// that of handshakes for another thing, and the standard's in a handshake.
static MISTAKEN: LazyLock<[Sm2UserId; 3]> =
    LazyLock::new(|| [Sm2UserId::standard(), Sm2UserId((*b"").into()), Sm2UserId::tls()]);

impl Sm2UserId {
    /// The user id of whoever has no other, `1234567812345678` (GM/T 0009 10).
    #[must_use]
    pub fn standard() -> Self {
        STANDARD.clone()
    }

    /// The user id of TLS 1.3 handshakes, `TLSv1.3+GM+Cipher+Suite` (RFC 8998
    /// 3.2.1).
    #[must_use]
    pub fn tls() -> Self {
        TLS.clone()
    }

    /// Any other, the empty one included.
    ///
    /// # Errors
    /// [`Sm2UserIdTooLong`].
    pub fn new(octets: &[u8]) -> Result<Self, Sm2UserIdTooLong> {
        if octets.len() > MAX_SM2_USER_ID_OCTETS {
            return Err(Sm2UserIdTooLong { octets: octets.len() });
        }
        Ok(Self(octets.into()))
    }

    /// Whether it is the standard's.
    #[must_use]
    pub fn is_standard(&self) -> bool {
        *self == *STANDARD
    }

    /// Those that a signer may have used by mistake.
    pub(super) fn mistaken() -> &'static [Self] {
        &*MISTAKEN
    }

    /// Its octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its length in bits.
    pub(super) fn bits(&self) -> u16 {
        // At most 8191 octets, by construction.
        u16::try_from(self.0.len() * 8).unwrap_or(u16::MAX)
    }
}

/// As text where it is one; the empty one by that word.
impl fmt::Display for Sm2UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match std::str::from_utf8(&self.0) {
            Ok("") => f.write_str("the empty user id"),
            Ok(text) => write!(f, "{text:?}"),
            Err(_) => write!(f, "a user id of {} octets", self.0.len()),
        }
    }
}

impl fmt::Debug for Sm2UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sm2UserId({self})")
    }
}

/// The user ids that a signer may have used, in the order in which they are tried;
/// by default the standard's alone. Each costs one verification, so that there are
/// few. Cloning is cheap.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Sm2UserIds(Option<Arc<[Sm2UserId]>>);

impl Sm2UserIds {
    /// This one alone.
    #[must_use]
    pub fn only(user_id: Sm2UserId) -> Self {
        Self(Some([user_id].into()))
    }

    /// The standard's, and then others that a policy names.
    #[must_use]
    pub fn standard_and(others: impl IntoIterator<Item = Sm2UserId>) -> Self {
        let mut all = vec![Sm2UserId::standard()];
        for other in others {
            if !all.contains(&other) {
                all.push(other);
            }
        }
        if all.len() == 1 { Self(None) } else { Self(Some(all.into())) }
    }

    /// All of them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Sm2UserId> {
        let all = match &self.0 {
            None => std::slice::from_ref(&*STANDARD),
            Some(all) => all,
        };
        all.iter()
    }

    /// Whether this one is among them.
    #[must_use]
    pub fn contains(&self, user_id: &Sm2UserId) -> bool {
        self.iter().any(|known| known == user_id)
    }
}

impl fmt::Debug for Sm2UserIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
