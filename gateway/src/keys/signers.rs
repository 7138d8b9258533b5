//! The published keys: the one that signs now, and the set that verifies.

use std::sync::Arc;

use axum::body::Bytes;
use serde_json::json;

use super::KeyError;
use super::token_key::TokenKey;
use crate::token::TokenSigner;

/// An immutable view of the token keys at one moment.
#[derive(Debug)]
pub(crate) struct Signers {
    current: Arc<TokenKey>,
    /// The one that signs with SM2, once a platform has asked for that.
    sm2: Option<Arc<TokenKey>>,
    key_set: Bytes,
}

impl Signers {
    /// `current` and `sm2` sign; all keys verify.
    pub(super) fn publish(
        keys: &[Arc<TokenKey>],
        current: Option<Arc<TokenKey>>,
        sm2: Option<Arc<TokenKey>>,
    ) -> Result<Self, KeyError> {
        let current = current.ok_or(KeyError::NoTokenKey)?;
        let set: Vec<_> = keys.iter().map(|key| key.signer().public_jwk().clone()).collect();
        Ok(Self { current, sm2, key_set: Bytes::from(json!({ "keys": set }).to_string()) })
    }

    /// The key that signs.
    pub(crate) fn current(&self) -> &dyn TokenSigner {
        self.current.signer()
    }

    /// The key that signs with SM2, if there is one.
    pub(crate) fn sm2(&self) -> Option<&dyn TokenSigner> {
        self.sm2.as_ref().map(|key| key.signer())
    }

    /// The JSON Web Key Set (RFC 7517 5) of next, current and previous keys.
    pub(crate) fn key_set(&self) -> Bytes {
        self.key_set.clone()
    }
}
