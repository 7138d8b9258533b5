//! Why something was not fetched.

use std::time::Duration;

use tongxing_trust_store::PointUrlError;

/// Why something was not fetched. Operators read these beside the address asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// The rules do not name the host.
    #[error(
        "{authority} may not be asked: `hosts` in the authority's policy does not name it \
         (a port other than the usual one is part of the name)"
    )]
    HostNotNamed { authority: String },
    /// It is nowhere that may be asked.
    #[error(
        "{host} is at {address}, which is not a public address; an authority reached over a \
         private line needs `private-addresses = true` in its policy, and where that is an \
         address of this machine, `hosts` must name the address itself"
    )]
    NotPublic { host: String, address: std::net::IpAddr },
    /// No address is known of it.
    #[error("{host} has no address: {told}")]
    Unresolved { host: String, told: String },
    /// Nobody answers there.
    #[error("no connection to {authority}: {told}")]
    Unconnected { authority: String, told: String },
    /// TLS was not agreed on.
    #[error("no TLS with {authority}: {told}")]
    Tls { authority: String, told: String },
    /// More bytes than a list has.
    #[error("more than {most} bytes")]
    TooLong { most: usize },
    /// Not done in time.
    #[error("not done within {} s", total.as_secs_f32())]
    TooSlow { total: Duration },
    /// Nothing came for too long.
    #[error("nothing came for {} s", idle.as_secs_f32())]
    Idle { idle: Duration },
    /// Sent from place to place.
    #[error("more than {most} redirects")]
    Redirects { most: usize },
    /// Sent to where nothing can be asked.
    #[error("a redirect to an address that {0}")]
    RedirectedNowhere(PointUrlError),
    /// A redirect that does not say where to.
    #[error("a redirect without an address")]
    RedirectWithoutAddress,
    /// An HTTP status that is no success.
    #[error("the server answered {0}")]
    Status(axum::http::StatusCode),
    /// An encoding that was not asked for.
    #[error("the content is encoded as {0:?}, which was not asked for")]
    Encoded(String),
    /// The address asks in a way that is not supported.
    #[error("LDAP address: {0}")]
    LdapAddress(&'static str),
    /// An LDAP result that is no success.
    #[error("the directory answered with result {code}: {told}")]
    Directory { code: u8, told: String },
    /// The directory's answer has no list in it.
    #[error("the directory has no list there")]
    NothingThere,
    /// The answer breaks its protocol, or ends too early.
    #[error("the answer is broken: {0}")]
    Broken(String),
}

impl FetchError {
    /// Whether nobody was there: to ask once more would be to wait once more.
    pub(crate) fn is_silence(&self) -> bool {
        match self {
            Self::Unresolved { .. }
            | Self::Unconnected { .. }
            | Self::TooSlow { .. }
            | Self::Idle { .. } => true,
            Self::HostNotNamed { .. }
            | Self::NotPublic { .. }
            | Self::Tls { .. }
            | Self::TooLong { .. }
            | Self::Redirects { .. }
            | Self::RedirectedNowhere(_)
            | Self::RedirectWithoutAddress
            | Self::Status(_)
            | Self::Encoded(_)
            | Self::LdapAddress(_)
            | Self::Directory { .. }
            | Self::NothingThere
            | Self::Broken(_) => false,
        }
    }

    pub(super) fn broken(told: impl std::fmt::Display) -> Self {
        Self::Broken(told.to_string())
    }
}
