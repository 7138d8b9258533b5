//! The admin socket: operators' commands, over a Unix socket in the data folder.
//!
//! HTTP/1.1: `GET /metrics`, and `POST /v1/execute`, which takes a [`Command`] in JSON and
//! answers 200 with a [`Reply`] or 400, 409 or 503 with a [`CommandError`]. Who
//! asks is told by the kernel, not by the request; who may ask is decided by the
//! socket's mode. [`AdminClient`] is the other end.
//!
//! [`Command`]: tongxing_trust_store::Command
//! [`Reply`]: tongxing_trust_store::Reply
//! [`CommandError`]: tongxing_trust_store::CommandError

mod accounts;
mod client;
mod service;
mod socket;

pub(crate) use accounts::admin_group;
pub use client::{AdminClient, AdminClientError};
pub(crate) use service::AdminServer;
pub use socket::AdminSocketError;
pub(crate) use socket::{BoundSocket, bind};

/// The route of commands.
const EXECUTE: &str = "/v1/execute";

/// A list of a million revoked certificates is 40 MB of DER; in base64, as a list
/// may also arrive, and once more for the wire, 71 MB. With room for the largest
/// ever seen.
const MAX_COMMAND_BYTES: usize = 160 * 1024 * 1024;
