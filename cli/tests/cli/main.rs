//! The built binary, run as operators, scripts and other people's clients run it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails, and says where")]

mod crash;
mod demo;
mod disk;
mod doctor;
mod drill;
mod evidence;
mod flood;
mod inspect;
mod interop;
mod leak;
mod pdf;
mod province;
mod receipt;
mod run;
mod signature;
mod signature_status;
mod sync;
mod usage;
mod verify;
