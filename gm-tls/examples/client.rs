//! A client of RFC 8998, with a certificate or none, that says what it came to.
//!
//! ```sh
//! cargo run -p tongxing-gm-tls --example client -- --roots roots.pem \
//!     --connect 127.0.0.1:4433 [--name localhost] [--certificate chain.pem key.pem] \
//!     [--offer shangmi|both|ordinary]
//! ```

mod common;

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::sync::Arc;

use common::{Arguments, chain, describe, key, roots};
use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use tongxing_gm_tls::{Profile, offering_both, provider, with_sm2_authentication};

const USAGE: &str = "--roots PEM [--connect ADDRESS] [--name NAME] \
    [--certificate CHAIN KEY] [--offer shangmi|both|ordinary]";

fn main() -> ExitCode {
    common::exit(run(), USAGE)
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = Arguments::parse();
    let config = config(&mut arguments)?;
    let address = arguments.one("--connect")?.unwrap_or_else(|| "127.0.0.1:4433".to_owned());
    let name = arguments.one("--name")?.unwrap_or_else(|| "localhost".to_owned());
    arguments.finish()?;
    let mut stream = TcpStream::connect(address)?;
    let name_sent = ServerName::try_from(name.clone())?;
    let mut connection = ClientConnection::new(config, name_sent)?;
    while connection.is_handshaking() {
        connection.complete_io(&mut stream)?;
    }
    // Who offers both must look at what the server made of it.
    let profile = Profile::of(&connection)?;
    println!("{profile:?}: {}", describe(&connection));
    let mut stream = StreamOwned::new(connection, stream);
    write!(stream, "GET / HTTP/1.0\r\nHost: {name}\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    println!("{}", String::from_utf8_lossy(&answer));
    Ok(())
}

fn config(arguments: &mut Arguments) -> Result<Arc<ClientConfig>, Box<dyn Error>> {
    let provider = match arguments.one("--offer")?.as_deref() {
        None | Some("shangmi") => provider(),
        Some("both") => offering_both(ring::default_provider()),
        Some("ordinary") => with_sm2_authentication(ring::default_provider()),
        Some(other) => return Err(format!("--offer {other}").into()),
    };
    let roots_file = arguments.one("--roots")?.ok_or("--roots is missing")?;
    let builder = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots(&roots_file)?);
    let config = match arguments.maybe_two("--certificate")? {
        None => builder.with_no_client_auth(),
        Some([file, key_file]) => builder.with_client_auth_cert(chain(&file)?, key(&key_file)?)?,
    };
    Ok(Arc::new(config))
}
