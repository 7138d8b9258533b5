//! The gateway as clients see it: in-process, on loopback, with synthetic CAs.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod admin;
mod bad_responders;
mod bombs;
mod challenge;
mod client;
mod crowds;
mod documents;
mod encryption;
mod gmt0029;
mod grace;
mod lists;
mod moments;
mod parties;
mod receipts;
mod reload;
mod requests;
mod responders;
mod rfc8998;
mod samples;
mod schema;
mod signatures;
mod sm2;
mod standby;
mod tls;
mod tokens;
mod world;
