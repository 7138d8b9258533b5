//! Loading a list of a million entries, as DER and as PEM, beside nginx.
//!
//!     cargo bench -p tongxing-pki --bench load
//!
//! Ours is what an import does before it writes: the file is read, its armour comes off,
//! the list is parsed into its table and its signature is verified. nginx reads its
//! configuration, the list in it, and ends (`nginx -t`), less the same with a list of ten.
//! It verifies nothing then, but with each handshake. What is compared is the time of
//! processors, system's included, by turns: the best turn of each.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use tongxing_pki::{Certificate, Crl, PemLabel, VerifiedCrl, decode_pem_or_der};
use tongxing_testdata::{
    CrlSpec, Hierarchy, KeyAlgorithm, RevocationReason, RevokedEntry, Validity, crl_pem,
    server_certificate,
};

const NOW: i64 = 1_795_000_000;
const FEW: u64 = 10;
const MANY: u64 = 1_000_000;
const TURNS: usize = 7;

fn main() {
    let folder = tempfile::tempdir().expect("a folder for the bench");
    let bench = Bench::new(folder.path());
    let nginx = bench.nginx_is_there();
    let mut best = [i64::MAX; 4];
    for _ in 0..TURNS {
        let mut turn = vec![bench.load("many.der"), bench.load("many.pem")];
        if nginx {
            turn.extend([bench.nginx("many.pem"), bench.nginx("few.pem")]);
        }
        for (best, taken) in best.iter_mut().zip(turn) {
            *best = taken.min(*best);
        }
    }
    let [der, pem, many, few] = best;
    println!("a list of {MANY} entries: {der} µs from DER, {pem} µs from PEM");
    if !nginx {
        println!("no nginx to compare with");
        return;
    }
    let ratio =
        |ours: i64| format!("{}.{:02}", ours / (many - few), ours * 100 / (many - few) % 100);
    println!("nginx: {} µs; {} of it from DER, {} from PEM", many - few, ratio(der), ratio(pem));
}

struct Bench<'f> {
    folder: &'f Path,
    issuer: Certificate,
}

impl<'f> Bench<'f> {
    fn new(folder: &'f Path) -> Self {
        let mut parties =
            Hierarchy::new(KeyAlgorithm::EcdsaP256, Validity::year_from(NOW - 86_400));
        let issuer = parties.certify("ca", "ca").expect("a certificate");
        let write = |name: &str, octets: &[u8]| {
            fs::write(folder.join(name), octets).expect("a file");
        };
        for (name, entries) in [("few", FEW), ("many", MANY)] {
            let list = parties.crl("ca", &list(entries)).expect("a list");
            write(&format!("{name}.der"), &list);
            write(&format!("{name}.pem"), crl_pem(&list).expect("PEM").as_bytes());
        }
        let server = server_certificate(&["localhost"], Validity::year_from(NOW - 86_400));
        let server = server.expect("a certificate");
        write("ca.pem", server.authority_pem().expect("PEM").as_bytes());
        write("server.pem", server.certificate_pem().expect("PEM").as_bytes());
        write("server.key", server.key.pkcs8_pem().expect("PEM").as_bytes());
        for list in ["few.pem", "many.pem"] {
            write(&format!("{list}.conf"), configuration(folder, list).as_bytes());
        }
        let issuer = Certificate::parse(&issuer).expect("a certificate");
        Self { folder, issuer }
    }

    /// What loading a file takes here, in microseconds.
    fn load(&self, name: &str) -> i64 {
        let start = micros(UsageWho::RUSAGE_SELF);
        let file = fs::read(self.folder.join(name)).expect("the list");
        let der = decode_pem_or_der(file, PemLabel::Crl).expect("a list").swap_remove(0);
        let list = Crl::parse_owned(der).expect("a list");
        let list = VerifiedCrl::verify(&list, self.issuer.public_key()).expect("signed");
        let taken = micros(UsageWho::RUSAGE_SELF) - start;
        assert_eq!(list.crl().len() as u64, MANY);
        taken
    }

    /// What nginx takes to read its configuration with a list, in microseconds.
    fn nginx(&self, list: &str) -> i64 {
        let start = micros(UsageWho::RUSAGE_CHILDREN);
        let status = self.run_nginx(list).expect("nginx runs");
        assert!(status, "nginx refuses the configuration");
        micros(UsageWho::RUSAGE_CHILDREN) - start
    }

    fn nginx_is_there(&self) -> bool {
        self.run_nginx("few.pem").is_ok()
    }

    fn run_nginx(&self, list: &str) -> std::io::Result<bool> {
        let mut nginx = Command::new("nginx");
        nginx.arg("-t").arg("-p").arg(self.folder).args(["-e", "error.log", "-c"]);
        nginx.arg(self.folder.join(format!("{list}.conf")));
        let status = nginx.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        Ok(status.success())
    }
}

/// Of certificates with serial numbers of twenty octets that look random.
fn list(entries: u64) -> CrlSpec {
    let entry = |index: u64| {
        let high = (index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 1 | 1 << 62;
        let serial = [&high.to_be_bytes()[..], &[7; 4], &index.to_be_bytes()].concat();
        // Each in another second.
        let date = NOW - 40_000_000 + i64::try_from(index * 37 % 40_000_000).expect("small");
        RevokedEntry::new(serial, date, RevocationReason::Unspecified)
    };
    let revoked = (0..entries).map(entry).collect();
    CrlSpec { revoked, ..CrlSpec::empty(1, NOW - 3_600, NOW + 86_400) }
}

fn configuration(folder: &Path, list: &str) -> String {
    let folder = folder.display();
    format!(
        "worker_processes 1; pid {folder}/pid;
         events {{ worker_connections 64; }}
         http {{ access_log off;
           client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
           fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
           server {{ listen unix:{folder}/socket ssl; ssl_certificate {folder}/server.pem;
             ssl_certificate_key {folder}/server.key; ssl_client_certificate {folder}/ca.pem;
             ssl_crl {folder}/{list}; ssl_verify_client on; }} }}"
    )
}

/// The processors' time so far, of the user and of the system.
fn micros(who: UsageWho) -> i64 {
    let usage = getrusage(who).expect("the system counts");
    usage.user_time().num_microseconds() + usage.system_time().num_microseconds()
}
