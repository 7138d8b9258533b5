//! Flow 2 from its second step on: from proven possession to a token.
//!
//! Each state is consumed by the step that leaves it, so that no step can be
//! skipped and none happens twice:
//!
//! 1. [`Possession`]: the client proved that it holds the key of a certificate, in
//!    a TLS handshake or by signing a challenge. Only those two make one.
//! 2. `Judged`: the snapshot of this moment recognises the chain, with what responders
//!    say where the authority's policy asks them. A refusal with a
//!    path to an enrolled key is recorded before it is answered; a power cut
//!    before that loses the record of a refusal that nobody was told of. Others
//!    are only counted (see [`RefusalSummary`]); a power cut loses their count.
//! 3. `Admitted`, made by the store alone: one journal record registers, binds,
//!    uses up the challenge and issues the token. A power cut leaves all of it or
//!    nothing. If trust changed since step 2, the chain is judged again.
//! 4. The encryption certificate that came along, if any, is registered beside the one
//!    that signed in. Whatever becomes of it, the sign-in stands.
//! 5. [`Granted`]: the token, minted from the `Admitted`. A power cut before the
//!    client has it leaves a token that nobody holds; the client signs in again.

mod encryption;
mod possession;
mod refusals;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};
use tongxing_pki::{Certificate, Finding, SignatureForm, Verdict};
use tongxing_trust_store::{
    Admission, Admitted, AuthorityId, NAME_CONFLICT, Recognised, Recognition, Refusal,
    RefusedSignIn, RelyingParty, RelyingPartyId, SignInRequest, StoreError, SubjectId, TokenModel,
    TokenSignature,
};

pub(crate) use encryption::EncryptionOutcome;
pub(crate) use possession::Possession;
pub(crate) use refusals::RefusalSummary;

use crate::challenge::SignatureProblem;
use crate::keys::Signers;
use crate::problem::{ChallengeRefusal, RequestError, deciding_codes};
use crate::refresh;
use crate::site::Site;
use crate::token::SignerFault;
use crate::{status, token};

/// How often a chain is judged anew because trust changed meanwhile.
const ATTEMPTS: usize = 4;

/// 128 bits never repeat by chance.
const TOKEN_ID_LENGTH: usize = 16;

/// What a successful sign-in hands out.
#[derive(Debug)]
pub(crate) struct Granted {
    /// The token.
    pub(crate) access_token: String,
    /// Its life in seconds.
    pub(crate) expires_in: i64,
    /// For the log: who signed in, and with whose certificate.
    pub(crate) subject: SubjectId,
    pub(crate) authority: AuthorityId,
    /// For the log: how possession was proven, where there is a choice.
    pub(crate) proof: SignatureForm,
    /// What became of the encryption certificate that came along.
    pub(crate) encryption: Option<EncryptionOutcome>,
}

/// Signs the holder of a proven key in to a relying party.
pub(crate) async fn sign_in(
    site: &Site,
    possession: Possession,
    relying_party: &RelyingPartyId,
    encryption: Option<Vec<Certificate>>,
) -> Result<Granted, RequestError> {
    site.province.takes_sign_ins()?;
    let mut attempts = 0;
    let admitted = loop {
        let judged = judge(site, &possession, relying_party).await?;
        match judged.admit(site, &possession, relying_party).await? {
            Some(admitted) => break admitted,
            None if attempts + 1 < ATTEMPTS => attempts += 1,
            None => return Err(RequestError::Busy),
        }
    };
    let encryption = match encryption {
        Some(chain) => Some(encryption::register(site, &admitted, &chain).await),
        None => None,
    };
    // From here on the possession is spent.
    grant(site, admitted, possession, encryption).await
}

/// A chain that a snapshot recognised.
struct Judged(Recognised);

/// Step 2.
async fn judge(
    site: &Site,
    possession: &Possession,
    relying_party: &RelyingPartyId,
) -> Result<Judged, RequestError> {
    match status::recognise(site, possession.chain()).await {
        Recognition::Recognised(recognised) => {
            check_user_id(site, possession, recognised.authority())?;
            let path = recognised.path().certificates();
            refresh::learn(site, recognised.authority(), path);
            Ok(Judged(*recognised))
        }
        Recognition::Refused(refusal) => {
            remember(site, possession, relying_party, &refusal, Verdict::Failed).await;
            Err(RequestError::Refused {
                findings: report(possession, &refusal),
                authority: refusal.authority().cloned(),
                path: refusal.tried().to_vec(),
            })
        }
        Recognition::Indeterminate(refusal) => {
            remember(site, possession, relying_party, &refusal, Verdict::Indeterminate).await;
            Err(RequestError::Indeterminate {
                findings: report(possession, &refusal),
                authority: refusal.authority().cloned(),
                path: refusal.tried().to_vec(),
            })
        }
    }
}

/// Every check that ran, and how possession was proven where there is a choice.
fn report(possession: &Possession, refusal: &Refusal) -> Vec<Finding> {
    let form = possession.form();
    let proof = form.encoding_finding().into_iter().chain(form.finding());
    refusal.findings().iter().cloned().chain(proof).collect()
}

/// The user id of an SM2 signature was allowed by the policy of the authority that the
/// certificate named. It has to be allowed by that of the authority that it is of.
fn check_user_id(
    site: &Site,
    possession: &Possession,
    authority: &AuthorityId,
) -> Result<(), RequestError> {
    let Some(user_id) = possession.form().sm2_user_id() else { return Ok(()) };
    let snapshot = site.province.snapshot();
    let authority = snapshot.authority(authority);
    let policy = authority.and_then(|authority| authority.policy_at(site.now()));
    if policy.is_some_and(|policy| policy.sm2_user_ids().contains(user_id)) {
        Ok(())
    } else {
        Err(SignatureProblem::Invalid.into())
    }
}

/// Records a refusal, or counts it. A record that cannot be made changes nothing
/// for the client, who is refused either way; the operator sees it.
async fn remember(
    site: &Site,
    possession: &Possession,
    relying_party: &RelyingPartyId,
    refusal: &Refusal,
    verdict: Verdict,
) {
    if let Some(authority) = refusal.authority() {
        refresh::learn(site, authority, refusal.tried());
    }
    let codes = deciding_codes(refusal.findings());
    if !refusal.anchored() {
        let first = codes.first().map_or("unknown", String::as_str);
        site.refusals.count(first, site.clock().now_millis());
        return;
    }
    let refused = RefusedSignIn {
        authority: refusal.authority().cloned(),
        relying_party: Some(relying_party.clone()),
        certificate_sha256: *possession.leaf().sha256(),
        method: possession.method(),
        verdict,
        codes,
        judged_at: refusal.revision(),
    };
    let recorded = site.province.refuse(refused).await;
    if let Err(StoreError::DiskReserve { .. }) = recorded {
        site.refusals.count("storage.reserve", site.clock().now_millis());
    } else if let Err(error) = recorded {
        tracing::error!(%error, "a refused sign-in could not be recorded");
    }
}

impl Judged {
    /// Step 3; `None` when trust changed since step 2.
    async fn admit(
        self,
        site: &Site,
        possession: &Possession,
        relying_party: &RelyingPartyId,
    ) -> Result<Option<Admitted>, RequestError> {
        let authority = self.0.authority().clone();
        let request = SignInRequest {
            relying_party: relying_party.clone(),
            method: possession.method(),
            challenge: possession.challenge().cloned(),
            auth_time: possession.proven_at(),
            token: new_token(site)?,
        };
        match site.province.admit(self.0, request).await? {
            Admission::Admitted(admitted) => Ok(Some(*admitted)),
            Admission::Stale => Ok(None),
            Admission::Refused(findings) => Err(not_admitted(findings, authority)),
            Admission::Indeterminate(findings) => Err(not_decided(findings, authority)),
        }
    }
}

/// How long the token lives is the province's policy; settings may only shorten it.
fn new_token(site: &Site) -> Result<TokenModel, RequestError> {
    let now = site.now();
    let allowed = site.province.snapshot().province_at(now)?.token_lifetime_seconds();
    let lifetime = allowed.min(site.tokens.max_lifetime_seconds);
    let mut id = [0_u8; TOKEN_ID_LENGTH];
    let drawn = SystemRandom::new().fill(&mut id);
    drawn.map_err(|_| RequestError::Internal("the system gives no randomness".to_owned()))?;
    Ok(TokenModel {
        jti: URL_SAFE_NO_PAD.encode(id),
        issued_at: now,
        expires_at: now.plus_seconds(lifetime),
    })
}

fn not_admitted(findings: Vec<Finding>, authority: AuthorityId) -> RequestError {
    match ChallengeRefusal::among(&findings) {
        Some(why) => RequestError::ChallengeRefused { why, findings },
        None => RequestError::Refused { findings, authority: Some(authority), path: Vec::new() },
    }
}

fn not_decided(findings: Vec<Finding>, authority: AuthorityId) -> RequestError {
    let conflict = |finding: &Finding| *finding.code() == NAME_CONFLICT;
    if findings.iter().any(conflict) {
        RequestError::NameConflict { findings, authority }
    } else {
        RequestError::Indeterminate { findings, authority: Some(authority), path: Vec::new() }
    }
}

/// Step 5.
async fn grant(
    site: &Site,
    admitted: Admitted,
    possession: Possession,
    encryption: Option<EncryptionOutcome>,
) -> Result<Granted, RequestError> {
    let token = &admitted.request().token;
    let expires_in = token.expires_at.unix() - token.issued_at.unix();
    let subject = admitted.subject().clone();
    let authority = admitted.authority().clone();
    let signature = signature_for(site, &admitted);
    let signers = signers(site, signature).await?;
    let signer = match signature {
        TokenSignature::Default => signers.current(),
        TokenSignature::Sm2 => signers.sm2().ok_or(SignerFault)?,
    };
    let access_token = token::mint(admitted, &site.issuer, signer)?;
    let proof = possession.form().clone();
    Ok(Granted { access_token, expires_in, subject, authority, proof, encryption })
}

/// With which kind of key the relying party's tokens are signed.
fn signature_for(site: &Site, admitted: &Admitted) -> TokenSignature {
    let snapshot = site.province.snapshot();
    let party = snapshot.relying_party(&admitted.request().relying_party);
    party.map(RelyingParty::token_signature).unwrap_or_default()
}

/// The keys of this moment. The first that signs with SM2 is made, and written, when it is
/// first needed.
async fn signers(site: &Site, signature: TokenSignature) -> Result<Arc<Signers>, RequestError> {
    let signers = site.keys.signers();
    if signature == TokenSignature::Default || signers.sm2().is_some() {
        return Ok(signers);
    }
    let (keys, now) = (Arc::clone(&site.keys), site.now());
    let making = tokio::task::spawn_blocking(move || keys.with_sm2(now)).await;
    let made = making.map_err(|error| RequestError::Internal(error.to_string()))?;
    made.map_err(|error| RequestError::Internal(error.to_string()))
}
