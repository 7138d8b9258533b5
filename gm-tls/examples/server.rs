//! A server that answers clients of RFC 8998 with an SM2 certificate and all others
//! with an ordinary one, and says to each what they came to.
//!
//! ```sh
//! cargo run -p tongxing-gm-tls --example server -- --sm2 sm2.pem sm2.key \
//!     --ordinary p256.pem p256.key --listen 127.0.0.1:4433 [--client-roots roots.pem]
//! ```
//!
//! With `--client-roots` it asks for a client certificate and takes none too.
//! `--connections N` ends it after so many.

mod common;

use std::error::Error;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;

use common::{Arguments, chain, describe, key, roots};
use rustls::crypto::CryptoProvider;
use rustls::server::{Acceptor, WebPkiClientVerifier};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tongxing_gm_tls::{Offer, Preference, Profile, provider, with_sm2_authentication};

const USAGE: &str = "--sm2 CHAIN KEY --ordinary CHAIN KEY [--listen ADDRESS] \
    [--client-roots PEM] [--prefer offered|preferred] [--connections N]";

/// One configuration of each kind: neither has the parts to be mixed with the other.
struct Server {
    shangmi: Arc<ServerConfig>,
    ordinary: Arc<ServerConfig>,
    preference: Preference,
}

fn main() -> ExitCode {
    common::exit(run(), USAGE)
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = Arguments::parse();
    let server = Server::new(&mut arguments)?;
    let address = arguments.one("--listen")?.unwrap_or_else(|| "127.0.0.1:4433".to_owned());
    let connections = arguments.one("--connections")?.map(|text| text.parse()).transpose()?;
    arguments.finish()?;
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    for stream in listener.incoming().take(connections.unwrap_or(usize::MAX)) {
        // One after another: this shows the handshake, not how to serve many.
        match stream.map_err(Into::into).and_then(|stream| server.serve(stream)) {
            Ok(line) => println!("{line}"),
            Err(error) => println!("refused: {error}"),
        }
    }
    Ok(())
}

impl Server {
    fn new(arguments: &mut Arguments) -> Result<Self, Box<dyn Error>> {
        let [sm2_chain, sm2_key] = arguments.two("--sm2")?;
        let [ordinary_chain, ordinary_key] = arguments.two("--ordinary")?;
        let client_roots = arguments.one("--client-roots")?;
        let preference = match arguments.one("--prefer")?.as_deref() {
            None | Some("offered") => Preference::WhenOffered,
            Some("preferred") => Preference::WhenPreferred,
            Some(other) => return Err(format!("--prefer {other}").into()),
        };
        let config = |provider: CryptoProvider, files: [&String; 2]| {
            let provider = Arc::new(provider);
            let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
                .with_protocol_versions(rustls::DEFAULT_VERSIONS)?;
            let builder = match &client_roots {
                None => builder.with_no_client_auth(),
                Some(file) => {
                    let verifier =
                        WebPkiClientVerifier::builder_with_provider(roots(file)?, provider);
                    builder.with_client_cert_verifier(verifier.allow_unauthenticated().build()?)
                }
            };
            let config = builder.with_single_cert(chain(files[0])?, key(files[1])?)?;
            Ok::<_, Box<dyn Error>>(Arc::new(config))
        };
        // Clients with SM2 keys that speak ordinary suites may show them too.
        let ordinary = with_sm2_authentication(rustls::crypto::ring::default_provider());
        Ok(Self {
            shangmi: config(provider(), [&sm2_chain, &sm2_key])?,
            ordinary: config(ordinary, [&ordinary_chain, &ordinary_key])?,
            preference,
        })
    }

    /// Reads the ClientHello, chooses, and goes on with the handshake.
    fn serve(&self, mut stream: TcpStream) -> Result<String, Box<dyn Error>> {
        let mut acceptor = Acceptor::default();
        let accepted = loop {
            if acceptor.read_tls(&mut stream)? == 0 {
                return Err("the client left before it said hello".into());
            }
            match acceptor.accept() {
                Ok(Some(accepted)) => break accepted,
                Ok(None) => {}
                Err((error, mut alert)) => {
                    alert.write_all(&mut stream)?;
                    return Err(error.into());
                }
            }
        };
        let takes_it = self.preference.takes(Offer::of(&accepted.client_hello()));
        let config = if takes_it { &self.shangmi } else { &self.ordinary };
        let mut connection = match accepted.into_connection(Arc::clone(config)) {
            Ok(connection) => connection,
            Err((error, mut alert)) => {
                alert.write_all(&mut stream)?;
                return Err(error.into());
            }
        };
        connection.complete_io(&mut stream)?;
        answer(connection, stream)
    }
}

fn answer(connection: ServerConnection, stream: TcpStream) -> Result<String, Box<dyn Error>> {
    let profile = Profile::of(&connection)?;
    let line = format!("{profile:?}: {}", describe(&connection));
    let mut stream = StreamOwned::new(connection, stream);
    common::read_request(&mut stream)?;
    write!(
        stream,
        "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{line}\n",
        line.len() + 1
    )?;
    stream.conn.send_close_notify();
    stream.flush()?;
    Ok(line)
}
