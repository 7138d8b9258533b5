//! What Authorization headers say, read without a gateway: for fuzzing.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};
use tongxing_pki::{PublicKey, Timestamp};

use super::PartyFault;
use super::assertion::Assertion;
use super::credentials::Credentials;

/// What a platform shows of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownCredentials {
    /// HTTP Basic.
    Secret {
        /// Who it says it is, if anybody has such an id.
        id: Option<String>,
        /// Its secret.
        secret: String,
    },
    /// An assertion.
    Assertion {
        /// Who it says it is, if anybody has such an id.
        issuer: Option<String>,
        /// Its `jti`.
        id: String,
        /// When it is forgotten that it was used.
        good_until: Timestamp,
        /// Whether one of the keys signed it.
        signed: bool,
        /// Whether it is about itself, for us and for now.
        holds: bool,
    },
}

/// Reads Authorization headers of these values.
///
/// # Errors
/// What a platform is told of what does not read.
pub fn read_authorization(
    values: &[&[u8]],
    keys: &[PublicKey],
    audiences: &[String],
    now: Timestamp,
) -> Result<Option<ShownCredentials>, String> {
    let mut headers = HeaderMap::new();
    for value in values {
        let value = HeaderValue::from_bytes(value).map_err(|error| error.to_string())?;
        headers.append(AUTHORIZATION, value);
    }
    read(&headers, keys, audiences, now).map_err(|fault| match fault {
        PartyFault::Malformed(why) | PartyFault::Assertion(why) => why.to_owned(),
        PartyFault::Missing | PartyFault::Wrong => format!("{fault:?}"),
    })
}

fn read(
    headers: &HeaderMap,
    keys: &[PublicKey],
    audiences: &[String],
    now: Timestamp,
) -> Result<Option<ShownCredentials>, PartyFault> {
    Ok(match Credentials::of(headers)? {
        None => None,
        Some(Credentials::Secret { id, secret }) => {
            Some(ShownCredentials::Secret { id: id.map(|id| id.to_string()), secret })
        }
        Some(Credentials::Assertion(text)) => {
            let assertion = Assertion::parse(&text)?;
            Some(ShownCredentials::Assertion {
                issuer: assertion.issuer().map(|issuer| issuer.to_string()),
                id: assertion.id().to_owned(),
                good_until: assertion.good_until(),
                signed: assertion.is_signed_by(keys),
                holds: assertion.check(audiences, now).is_ok(),
            })
        }
    })
}
