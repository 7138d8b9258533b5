//! The operating system's random numbers, as rustls asks for them.

use rustls::crypto::{GetRandomFailed, SecureRandom};

/// The operating system's source.
#[derive(Debug)]
pub(crate) struct SystemRandom;

impl SecureRandom for SystemRandom {
    fn fill(&self, buf: &mut [u8]) -> Result<(), GetRandomFailed> {
        getrandom::fill(buf).map_err(|_| GetRandomFailed)
    }
}
