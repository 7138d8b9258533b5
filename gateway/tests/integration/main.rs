//! The gateway as clients see it: in-process, on loopback, with synthetic CAs.

mod admin;
mod challenge;
mod client;
mod requests;
mod tls;
mod tokens;
mod world;
