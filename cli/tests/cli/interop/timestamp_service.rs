//! A timestamp service (RFC 3161 3.4): a little HTTP on loopback in front of `openssl ts`.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;

/// What the service makes of a question.
pub(crate) enum Reply {
    /// It sends these octets.
    Octets(Vec<u8>),
    /// It has a fault of its own.
    Unavailable,
    /// It says nothing, and keeps the connection for as long as the asker likes.
    Silence,
}

/// The service while it runs, which is as long as the process.
pub(crate) struct TimestampService {
    /// Host and port.
    pub(crate) address: String,
    /// Tells of each answer.
    pub(crate) answered: Receiver<()>,
}

impl TimestampService {
    /// Starts it; each question is given to `reply`.
    pub(crate) fn start(reply: impl Fn(Vec<u8>) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (tell, answered) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), &reply);
                // The test may be over.
                let _ = tell.send(());
            }
        });
        Self { address, answered }
    }
}

/// OpenSSL's answer, by the settings `tsa.cnf`, the certificate `tsa.pem` and the key `tsa.key`
/// of a folder; as long as they are not there, none.
pub(crate) fn by_openssl(folder: &Path, query: &[u8]) -> Reply {
    if !folder.join("tsa.cnf").exists() {
        return Reply::Unavailable;
    }
    fs::write(folder.join("query"), query).unwrap();
    let mut openssl = Command::new("openssl");
    openssl.current_dir(folder).stderr(Stdio::null());
    openssl.args(["ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query"]);
    openssl.args(["-signer", "tsa.pem", "-inkey", "tsa.key", "-out", "answer"]);
    assert!(openssl.status().unwrap().success());
    Reply::Octets(fs::read(folder.join("answer")).unwrap())
}

fn serve(stream: TcpStream, reply: &impl Fn(Vec<u8>) -> Reply) {
    let mut reader = BufReader::new(stream);
    let query = read_query(&mut reader);
    let (status, reply) = match reply(query) {
        Reply::Octets(octets) => ("200 OK", octets),
        Reply::Unavailable => ("503 Service Unavailable", Vec::new()),
        Reply::Silence => {
            // Until it gives up.
            let _ = reader.read(&mut [0]);
            return;
        }
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/timestamp-reply\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        reply.len()
    );
    let mut stream = reader.into_inner();
    stream.write_all(&[head.as_bytes(), &reply].concat()).unwrap();
}

fn read_query(reader: &mut BufReader<TcpStream>) -> Vec<u8> {
    let (mut length, mut line) = (0, String::new());
    let mut typed = false;
    while reader.read_line(&mut line).unwrap() > 2 {
        let header = line.trim_end().to_ascii_lowercase();
        typed |= header == "content-type: application/timestamp-query";
        if let Some(value) = header.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
        line.clear();
    }
    assert!(typed);
    let mut query = vec![0; length];
    reader.read_exact(&mut query).unwrap();
    query
}
