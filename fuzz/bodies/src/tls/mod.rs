//! What a TLS peer says under RFC 8998: what the provider reads itself, and what rustls
//! reads and leads to it.

mod certificate;
mod ends;
mod hello;
mod key;
mod record;

pub use certificate::tls_certificate;
pub use hello::tls_hello;
pub use key::sm2_handshake;
pub use record::tls_record;
