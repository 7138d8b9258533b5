//! What a token says (RFC 9068, RFC 7519).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use tongxing_trust_store::{Admitted, Freshness, Method, RevocationBasis};

/// RFC 8176: possession of a key was proven. Whether the key lives in hardware is
/// the authority's word, which `assurance` repeats.
const AMR: &[&str] = &["pop"];

#[derive(Serialize)]
pub(super) struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    /// RFC 9068 2.2: the relying party is its own client.
    client_id: &'a str,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: &'a str,
    auth_time: i64,
    acr: &'static str,
    amr: &'static [&'static str],
    certificate: CertificateClaim,
    entity: EntityClaim<'a>,
    /// RFC 8693 4.1: the person that acts for the entity.
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<ActorClaim<'a>>,
    authority: &'a str,
    capacity: &'static str,
    assurance: &'static str,
    policy_version: &'a str,
    revocation: RevocationClaim<'a>,
}

/// Which certificate signed in. No `cnf` (RFC 8705 3.1): that would promise that
/// the bearer must prove its key again, and relying parties do not ask for it.
#[derive(Serialize)]
struct CertificateClaim {
    #[serde(rename = "x5t#S256")]
    x5t_s256: String,
}

#[derive(Serialize)]
struct EntityClaim<'a> {
    r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    uscc: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
}

#[derive(Serialize)]
struct ActorClaim<'a> {
    sub: &'a str,
}

#[derive(Serialize)]
struct RevocationClaim<'a> {
    method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    age: Option<i64>,
    /// `grace` where the authority's policy let an overdue answer serve.
    #[serde(skip_serializing_if = "Option::is_none")]
    freshness: Option<&'static str>,
}

impl<'a> RevocationClaim<'a> {
    fn of(basis: &'a RevocationBasis) -> Self {
        let freshness = basis.freshness.map(Freshness::as_str);
        Self { method: basis.method, age: basis.age_seconds, freshness }
    }
}

impl<'a> Claims<'a> {
    pub(super) fn of(admitted: &'a Admitted, issuer: &'a str) -> Self {
        let request = admitted.request();
        let entity = admitted.entity();
        let audience = request.relying_party.as_str();
        let issued_at = request.token.issued_at.unix();
        Self {
            iss: issuer,
            sub: admitted.subject().as_str(),
            aud: audience,
            client_id: audience,
            iat: issued_at,
            nbf: issued_at,
            exp: request.token.expires_at.unix(),
            jti: &request.token.jti,
            auth_time: request.auth_time.unix(),
            acr: authentication_context(request.method),
            amr: AMR,
            certificate: CertificateClaim {
                x5t_s256: URL_SAFE_NO_PAD.encode(admitted.certificate_sha256()),
            },
            entity: EntityClaim {
                r#type: &entity.kind,
                uscc: entity.uscc.as_deref(),
                name: entity.name.as_deref(),
            },
            act: admitted.holder().map(|holder| ActorClaim { sub: holder.as_str() }),
            authority: admitted.authority().as_str(),
            capacity: admitted.capacity().as_str(),
            assurance: admitted.assurance().as_str(),
            policy_version: admitted.policy_version(),
            revocation: RevocationClaim::of(admitted.revocation()),
        }
    }
}

/// The `acr` of a way to prove possession. A challenge's is the lower one: a
/// driver that signs it cannot see which site asked, so a holder can be made to
/// sign another site's challenge; the TLS handshake binds the connection.
fn authentication_context(method: Method) -> &'static str {
    match method {
        Method::Tls => "certificate-tls",
        Method::Challenge => "certificate-challenge",
    }
}
