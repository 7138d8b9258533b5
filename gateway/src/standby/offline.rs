//! What the two gateways say to each other, read without the other: for fuzzing.

use serde::Serialize;
use serde::de::DeserializeOwned;
use tongxing_trust_store::{KeyFiles, ReplicaHello};

use super::wire::{Fence, Fenced, Join, Refusal, Welcome};

/// For each message whose content is JSON: `None` where `content` is none, and otherwise
/// the same message as this gateway would write it.
pub fn reread_standby_messages(content: &[u8]) -> [Option<Vec<u8>>; 7] {
    [
        reread::<Join>(content),
        reread::<Welcome>(content),
        reread::<ReplicaHello>(content),
        reread::<KeyFiles>(content),
        reread::<Fence>(content),
        reread::<Fenced>(content),
        reread::<Refusal>(content),
    ]
}

fn reread<T: DeserializeOwned + Serialize>(content: &[u8]) -> Option<Vec<u8>> {
    let message: T = serde_json::from_slice(content).ok()?;
    serde_json::to_vec(&message).ok()
}
