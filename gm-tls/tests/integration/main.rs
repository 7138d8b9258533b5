//! Whole handshakes, and who may take part in them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod client_auth;
mod handshakes;
mod mixes;
mod peers;
mod pki;
mod shares;
mod wire;
