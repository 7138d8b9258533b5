//! The Authorization header: a secret, or an assertion.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tongxing_trust_store::RelyingPartyId;

use super::PartyFault;

/// Longer than a secret of ours (64 digits) can be in any encoding; an id has 40.
const MAX_BASIC: usize = 1024;

/// What a request says it is from.
pub(super) enum Credentials {
    /// RFC 6749 2.3.1: HTTP Basic.
    Secret {
        /// `None` where it is no id of anybody's.
        id: Option<RelyingPartyId>,
        secret: String,
    },
    /// RFC 7523 2.2, sent as a bearer token: the request itself carries it, there being
    /// no token endpoint between.
    Assertion(String),
}

impl Credentials {
    pub(super) fn of(headers: &HeaderMap) -> Result<Option<Self>, PartyFault> {
        let mut stated = headers.get_all(AUTHORIZATION).iter();
        let Some(header) = stated.next() else { return Ok(None) };
        // RFC 6749 2.3: not more than one method in a request.
        if stated.next().is_some() {
            return Err(PartyFault::Malformed("there are two Authorization headers"));
        }
        let header = header.to_str().map_err(|_| PartyFault::Malformed("it is not ASCII"))?;
        let (scheme, value) = header.split_once(' ').unwrap_or((header, ""));
        let value = value.trim();
        if scheme.eq_ignore_ascii_case("basic") {
            basic(value).map(Some)
        } else if scheme.eq_ignore_ascii_case("bearer") {
            Ok(Some(Self::Assertion(value.to_owned())))
        } else {
            Err(PartyFault::Malformed("its scheme is neither Basic nor Bearer"))
        }
    }
}

/// RFC 7617 2; both parts in the encoding of forms (RFC 6749 2.3.1, appendix B).
fn basic(value: &str) -> Result<Credentials, PartyFault> {
    let malformed = PartyFault::Malformed("it is not Basic of id, colon and secret in base64");
    if value.len() > MAX_BASIC {
        return Err(malformed);
    }
    let text = STANDARD.decode(value).ok().and_then(|text| String::from_utf8(text).ok());
    let text = text.ok_or(malformed)?;
    let (id, secret) = text.split_once(':').ok_or(malformed)?;
    let (id, secret) = (form_decoded(id), form_decoded(secret));
    let (id, secret) = id.zip(secret).ok_or(malformed)?;
    Ok(Credentials::Secret { id: id.parse().ok(), secret })
}

/// `application/x-www-form-urlencoded` of one value.
fn form_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => digit(rest.next()?)? << 4 | digit(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Result<Option<Credentials>, PartyFault> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, value.parse().unwrap());
        }
        Credentials::of(&headers)
    }

    fn secret(text: &str) -> Option<(Option<String>, String)> {
        match read(&[&format!("basic {}", STANDARD.encode(text))]) {
            Ok(Some(Credentials::Secret { id, secret })) => {
                Some((id.map(|id| id.to_string()), secret))
            }
            _ => None,
        }
    }

    #[test]
    fn basic_is_read_as_rfc_6749_encodes_it() {
        assert_eq!(secret("a:b"), Some((Some("a".into()), "b".into())));
        assert_eq!(secret("a%2Db:x%3Ay+z"), Some((Some("a-b".into()), "x:y z".into())));
        assert_eq!(secret("A b:c"), Some((None, "c".into())));
        assert_eq!(secret("a:b:c"), Some((Some("a".into()), "b:c".into())));
        for wrong in ["", "a", "a:%", "a:%4", "a:%zz", "a:%ff"] {
            assert_eq!(secret(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn one_header_of_a_known_scheme_or_none() {
        assert!(matches!(read(&[]), Ok(None)));
        assert!(matches!(read(&["Bearer a.b.c"]), Ok(Some(Credentials::Assertion(_)))));
        for wrong in [&["Digest x"][..], &["Basic"], &["Basic !"], &["Basic YTpi", "Basic YTpi"]] {
            assert!(matches!(read(wrong), Err(PartyFault::Malformed(_))), "{wrong:?}");
        }
    }
}
