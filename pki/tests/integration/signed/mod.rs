//! Signed documents: made by OpenSSL, judged here.
//!
//! The certificates are synthetic; messages, timestamps and raw signatures are OpenSSL's.
//! What it cannot make (BER with indefinite lengths, padding, damage) is done to its octets;
//! messages signed with SM2 are Bouncy Castle's, GmSSL's, or put together here.

mod bench;
mod bouncy_castle;
mod codes;
mod counter_signatures;
mod gmssl;
mod irregular;
mod limits;
mod matrix;
mod messages;
mod pdf;
mod raw;
mod sm2;
mod timestamps;
mod weave;
