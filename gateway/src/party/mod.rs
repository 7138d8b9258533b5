//! Who asks: a relying party shows that it is itself, with every request.
//!
//! 1. The request's Authorization header, or the certificate shown in TLS where there
//!    is none, says who it claims to be and by what: a secret (RFC 6749 2.3.1), an
//!    assertion that it signed (RFC 7523), or a registered certificate (RFC 8705 2.2).
//! 2. That is verified against what an operator registered. Nothing tells an unknown
//!    platform from a wrong secret, in words or in time. Failures have a rate per
//!    address and are counted in the summary of refusals; one that comes too often is
//!    told to wait, and a right secret from the same address still passes.
//! 3. It is within its quota, and an assertion is used up: each is good once.
//! 4. Only now is the content read. What an endpoint for relying parties takes is an
//!    [`AuthenticatedParty`], which nothing but these steps makes: one that forgets to
//!    ask does not compile.
//!
//! Nothing here survives a restart but what is registered; an assertion that was used
//! up may be used again after one, until it expires.

mod assertion;
mod credentials;
mod offline;
mod quota;
mod used;

use std::num::NonZeroU32;

use axum::http::HeaderMap;
use tongxing_trust_store::{Access, PersonalData, RelyingParty, RelyingPartyId, Snapshot};

pub use offline::{ShownCredentials, read_authorization};
pub(crate) use quota::Quotas;
pub(crate) use used::UsedAssertions;

use crate::problem::RequestError;
use crate::server::Connection;
use crate::site::Site;
use assertion::Assertion;
use credentials::Credentials;

/// A relying party that showed that it is itself in this request.
#[derive(Debug, Clone)]
pub(crate) struct AuthenticatedParty {
    id: RelyingPartyId,
    method: PartyMethod,
    personal_data: PersonalData,
    rate: NonZeroU32,
}

/// By what it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartyMethod {
    /// `client_secret_basic`.
    Secret,
    /// `private_key_jwt`.
    Assertion,
    /// `self_signed_tls_client_auth`.
    Certificate,
}

impl PartyMethod {
    /// The name used in the log (RFC 8414, RFC 8705).
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "client_secret_basic",
            Self::Assertion => "private_key_jwt",
            Self::Certificate => "self_signed_tls_client_auth",
        }
    }
}

impl AuthenticatedParty {
    pub(crate) fn id(&self) -> &RelyingPartyId {
        &self.id
    }

    pub(crate) fn method(&self) -> PartyMethod {
        self.method
    }

    /// Whether it is entitled to personal ids.
    pub(crate) fn personal_data(&self) -> PersonalData {
        self.personal_data
    }

    /// Counts `more` verifications beyond the first, which authenticating counted.
    pub(crate) fn count(&self, site: &Site, more: u32) -> Result<(), RequestError> {
        match NonZeroU32::new(more) {
            Some(more) => site.quotas.check_more(&self.id, self.rate, more),
            None => Ok(()),
        }
    }
}

/// Why nobody was authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartyFault {
    /// Nothing was shown.
    Missing,
    /// What was shown does not read; the reason is about its form alone.
    Malformed(&'static str),
    /// It reads, and is nobody's. For secrets nothing more is said.
    Wrong,
    /// An assertion that could be the platform's, but for this.
    Assertion(&'static str),
}

/// Steps 1 to 3. `path` is what the request is for.
pub(crate) fn authenticate(
    site: &Site,
    connection: &Connection,
    headers: &HeaderMap,
    path: &str,
) -> Result<AuthenticatedParty, RequestError> {
    let snapshot = site.province.snapshot();
    let shown = shown(site, connection, headers, path, &snapshot);
    let (party, method, assertion) = shown.map_err(|fault| failed(site, connection, fault))?;
    if party.access() == Access::Suspended {
        return Err(RequestError::PartySuspended);
    }
    let rate = party.verifications_per_minute().unwrap_or(site.quotas.usual());
    site.quotas.check(party.id(), rate)?;
    if let Some(assertion) = assertion {
        let used = site.used_assertions.use_up(party.id(), &assertion, site.now());
        used.map_err(|refused| match refused {
            used::Refused::Used => {
                failed(site, connection, PartyFault::Assertion("its jti was used before"))
            }
            used::Refused::Full => RequestError::Busy,
        })?;
    }
    Ok(AuthenticatedParty {
        id: party.id().clone(),
        method,
        personal_data: party.personal_data(),
        rate,
    })
}

/// Steps 1 and 2.
fn shown<'s>(
    site: &Site,
    connection: &Connection,
    headers: &HeaderMap,
    path: &str,
    snapshot: &'s Snapshot,
) -> Result<(&'s RelyingParty, PartyMethod, Option<Assertion>), PartyFault> {
    let now = site.now();
    match Credentials::of(headers)? {
        Some(Credentials::Secret { id, secret }) => {
            let party = id.and_then(|id| snapshot.relying_party(&id));
            let accepted = RelyingParty::accepts_secret(party, &secret, now);
            let party = party.filter(|_| accepted).ok_or(PartyFault::Wrong)?;
            Ok((party, PartyMethod::Secret, None))
        }
        Some(Credentials::Assertion(text)) => {
            let audiences = site.audiences(path);
            let assertion = Assertion::parse(&text)?;
            let party = assertion.issuer().and_then(|id| snapshot.relying_party(&id));
            let party = party.filter(|party| assertion.is_signed_by(party.keys()));
            let party = party.ok_or(PartyFault::Wrong)?;
            assertion.check(&audiences, now)?;
            Ok((party, PartyMethod::Assertion, Some(assertion)))
        }
        None => {
            let shown = connection.shown().and_then(|shown| shown.chain.first());
            let certificate = shown.ok_or(PartyFault::Missing)?;
            let valid = certificate.not_before() <= now && now <= certificate.not_after();
            let mut owners =
                snapshot.relying_parties().filter(|p| p.has_certificate(certificate.sha256()));
            match (owners.next(), owners.next()) {
                // One that two platforms registered says nothing of which asks.
                (Some(party), None) if valid => Ok((party, PartyMethod::Certificate, None)),
                _ => Err(PartyFault::Wrong),
            }
        }
    }
}

/// Counts a failure; too many from one address are told to wait.
fn failed(site: &Site, connection: &Connection, fault: PartyFault) -> RequestError {
    let error = RequestError::PartyUnauthenticated { fault };
    site.refusals.count(error.kind().code.id, site.clock().now_millis());
    match site.rates.check_failure(connection.address()) {
        Ok(()) => error,
        Err(limited) => limited,
    }
}
