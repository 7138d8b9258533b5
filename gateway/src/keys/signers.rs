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
    key_set: Bytes,
}

impl Signers {
    /// `keys[current]` signs; all of them verify.
    pub(super) fn publish(keys: &[Arc<TokenKey>], current: usize) -> Result<Self, KeyError> {
        let signing = keys.get(current).ok_or(KeyError::NoTokenKey)?;
        let set: Vec<_> = keys.iter().map(|key| key.signer().public_jwk().clone()).collect();
        Ok(Self {
            current: Arc::clone(signing),
            key_set: Bytes::from(json!({ "keys": set }).to_string()),
        })
    }

    /// The key that signs.
    pub(crate) fn current(&self) -> &dyn TokenSigner {
        self.current.signer()
    }

    /// The JSON Web Key Set (RFC 7517 5) of next, current and previous keys.
    pub(crate) fn key_set(&self) -> Bytes {
        self.key_set.clone()
    }
}
