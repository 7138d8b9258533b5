//! A stack that others wrote: Tongsuo 8.4 or later. `TONGXING_TONGSUO` names its
//! `openssl`; a test that does not find it says so and is skipped.
//!
//! GmSSL 3.3 and rustls do not meet, whatever the suite: its client reads one handshake
//! message from each record where rustls sends several (RFC 8446 section 5.1 allows it),
//! and its server takes no `status_request` with empty lists (RFC 6066 section 8 has
//! them so), which every rustls client sends.

mod tongsuo;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::server::Acceptor;
use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;
use tongxing_gm_tls::{Offer, Preference, Profile};
use x509_cert::der::pem::{LineEnding, encode_string};

use crate::pki::{Identity, P256, SM2};

/// A peer that says nothing for so long is stuck.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program that a variable names.
fn program(variable: &str) -> Option<PathBuf> {
    let program = std::env::var_os(variable).map(PathBuf::from);
    if program.is_none() {
        println!("skipped: {variable} names no program");
    }
    program
}

/// A child process that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(command.spawn().expect("a program that starts"))
    }

    /// What it prints, line by line, up to one with `mark` in it.
    fn wait_for(&mut self, mark: &str) -> (String, BufReader<ChildStdout>) {
        let mut output = BufReader::new(self.0.stdout.take().expect("its output"));
        loop {
            let mut line = String::new();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "it ended before {mark}");
            if line.contains(mark) {
                return (line, output);
            }
        }
    }

    /// Says something to it, and gives what it printed until it ended.
    fn converse(mut self, words: &[u8]) -> String {
        let mut input = self.0.stdin.take().expect("its input");
        // It may have ended by itself: what it printed says why.
        let _ = input.write_all(words);
        let (mut output, mut errors) = (Vec::new(), Vec::new());
        self.0.stdout.take().expect("its output").read_to_end(&mut output).unwrap();
        drop(input);
        self.0.stderr.take().expect("its errors").read_to_end(&mut errors).unwrap();
        String::from_utf8_lossy(&[output, errors].concat()).into_owned()
    }
}

/// The hierarchies' certificates and keys as PEM files.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        let files = Self(TempDir::new().unwrap());
        files.write("root.pem", "CERTIFICATE", &[&SM2.root]);
        files.write("p256-root.pem", "CERTIFICATE", &[&P256.root]);
        files.write_identity("server", &SM2.server);
        files.write_identity("client", &SM2.client);
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write_identity(&self, name: &str, identity: &Identity) {
        let chain: Vec<&[u8]> = identity.chain.iter().map(|der| &der[..]).collect();
        self.write(&format!("{name}.pem"), "CERTIFICATE", &chain);
        self.write(&format!("{name}.key"), "PRIVATE KEY", &[identity.key().secret_der()]);
    }

    fn write(&self, name: &str, label: &str, ders: &[&[u8]]) {
        let pem = |der: &&[u8]| encode_string(label, LineEnding::LF, der).unwrap();
        let text: String = ders.iter().map(pem).collect();
        std::fs::write(self.path(name), text).unwrap();
    }
}

/// The two configurations of a server.
struct Sides {
    shangmi: Arc<ServerConfig>,
    ordinary: Arc<ServerConfig>,
}

/// What one end says of a connection that worked.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    profile: Profile,
    suite: String,
    /// Whether the peer showed a certificate.
    shown: bool,
}

impl Seen {
    fn of(connection: &rustls::CommonState) -> Result<Self, String> {
        let suite = connection.negotiated_cipher_suite().expect("a finished handshake");
        Ok(Self {
            profile: Profile::of(connection).map_err(|error| error.to_string())?,
            suite: format!("{:04x}", u16::from(suite.suite())),
            shown: connection.peer_certificates().is_some(),
        })
    }
}

type Served = JoinHandle<Result<Seen, String>>;

/// Takes one connection, answers one line with "saw it", and says what it was.
fn serve_one(sides: Sides) -> (SocketAddr, Served) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serving = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        serve(&sides, stream)
    });
    (address, serving)
}

fn serve(sides: &Sides, mut stream: TcpStream) -> Result<Seen, String> {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut acceptor = Acceptor::default();
    let accepted = loop {
        acceptor.read_tls(&mut stream).map_err(|error| error.to_string())?;
        match acceptor.accept() {
            Ok(Some(accepted)) => break accepted,
            Ok(None) => {}
            Err((error, _)) => return Err(error.to_string()),
        }
    };
    let takes_it = Preference::WhenOffered.takes(Offer::of(&accepted.client_hello()));
    let config = if takes_it { &sides.shangmi } else { &sides.ordinary };
    let connection =
        accepted.into_connection(Arc::clone(config)).map_err(|(error, mut alert)| {
            alert.write_all(&mut stream).unwrap();
            error.to_string()
        })?;
    let mut stream = StreamOwned::<ServerConnection, _>::new(connection, stream);
    let mut request = [0; 256];
    let length = stream.read(&mut request).map_err(|error| error.to_string())?;
    assert!(length > 0, "the client said nothing");
    let seen = Seen::of(&stream.conn)?;
    stream.write_all(b"saw it\n").unwrap();
    stream.conn.send_close_notify();
    stream.flush().unwrap();
    Ok(seen)
}

/// Asks a server for its page, and says what the connection was.
fn ask(config: &Arc<ClientConfig>, address: &str) -> Result<(Seen, String), String> {
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::clone(config), name).unwrap();
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut stream = StreamOwned::new(connection, stream);
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").map_err(|error| error.to_string())?;
    let mut page = Vec::new();
    // Not every peer ends with close_notify.
    let ended = stream.read_to_end(&mut page);
    if page.is_empty() {
        return Err(ended.err().map_or_else(|| "no page".to_owned(), |error| error.to_string()));
    }
    Ok((Seen::of(&stream.conn)?, String::from_utf8_lossy(&page).into_owned()))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}
