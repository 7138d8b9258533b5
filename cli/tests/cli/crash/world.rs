//! The province that gateways are killed over, and who signs in to it.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

use ring::digest::{SHA256, digest};
use serde::Deserialize;
use tongxing_testdata::{
    Company, CrlSpec, Issued, Person, Profile, TestAuthority, Validity, crl_pem,
};
use tongxing_trust_store::{Clock, SystemClock};

use super::https::Https;
use crate::run::{Folder, Run, Server, argument, binary, tongxing};

/// The platform that everybody signs in to.
pub(crate) const PLATFORM: &str = "platform";

/// The authorities with elliptic keys: theirs are generated in no time.
const PROFILES: [Profile; 2] = [Profile::B, Profile::C];

/// A province in a temporary folder.
pub(crate) struct World {
    folder: Folder,
    /// Where the primary is.
    data: Mutex<PathBuf>,
    pub(crate) authorities: [TestAuthority; 2],
    pub(crate) https: Https,
    pub(crate) companies: Vec<Bidder>,
    /// How many of them have tried to register.
    pub(crate) met: AtomicUsize,
    /// How many further authorities were to be enrolled.
    pub(crate) enrolled: AtomicUsize,
}

/// A company with a certificate of each authority.
pub(crate) struct Bidder {
    pub(crate) uscc: String,
    pub(crate) holder: Person,
    pub(crate) certificates: Vec<Held>,
}

/// A certificate that somebody holds.
pub(crate) struct Held {
    pub(crate) issued: Issued,
    pub(crate) sha256: String,
}

/// A gateway that serves.
pub(crate) struct Gateway {
    pub(crate) server: Server,
    pub(crate) addresses: Addresses,
}

/// Where it does, as it says itself.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Addresses {
    pub(crate) public_url: String,
    pub(crate) certificate_url: String,
    pub(crate) admin_socket: PathBuf,
    pub(crate) replica: Option<String>,
}

/// This machine's time, Unix seconds.
pub(crate) fn now() -> i64 {
    SystemClock.now().unix()
}

impl World {
    /// A province with its authorities enrolled, and so many companies.
    pub(crate) fn make(companies: u32) -> Self {
        let folder = Folder::new();
        let data = folder.path("data");
        Self::made(folder, data, companies)
    }

    /// The same in this folder, on a disk of the caller's.
    pub(crate) fn make_in(data: PathBuf, companies: u32) -> Self {
        Self::made(Folder::new(), data, companies)
    }

    fn made(folder: Folder, data: PathBuf, companies: u32) -> Self {
        let init = argument(&data);
        let anywhere = ["--public-listen", "127.0.0.1:0", "--certificate-listen", "127.0.0.1:0"];
        let urls =
            ["--public-url", "https://localhost:0", "--certificate-url", "https://localhost:0"];
        tongxing([["init", "--data", &init].as_slice(), &anywhere, &urls].concat()).ended(0);
        let authorities = PROFILES.map(|profile| {
            TestAuthority::generate(&profile.authority(Validity::decade_around(now()))).unwrap()
        });
        let companies = (0..companies).map(|number| Bidder::new(number, &authorities)).collect();
        let https = Https::trusting(&fs::read(data.join("tls/ca.pem")).unwrap());
        let data = Mutex::new(data);
        let (met, enrolled) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let world = Self { folder, data, authorities, https, companies, met, enrolled };
        world.lift_limits();
        for (profile, authority) in PROFILES.into_iter().zip(&world.authorities) {
            world.enrol(profile.id(), profile.name_zh(), profile.policy_toml(), authority);
        }
        world.ask(&["rp", "add", PLATFORM, "--name", "平台"]).ended(0);
        world
    }

    /// All clients have one address, and one certificate may sign in often.
    fn lift_limits(&self) {
        for limit in ["requests_per_address", "sign_ins_per_certificate"] {
            self.limit(limit, 1_000_000);
        }
    }

    /// Sets a limit a minute.
    pub(crate) fn limit(&self, limit: &str, to: u32) {
        let file = self.data_folder().join("tongxing.toml");
        let settings = fs::read_to_string(&file).unwrap();
        let from = settings.find(&format!("# {limit}_per_minute")).unwrap();
        let line = settings[from..].lines().next().unwrap();
        fs::write(file, settings.replace(line, &format!("{limit}_per_minute = {to}"))).unwrap();
    }

    /// Back to the limits of a new province.
    pub(crate) fn restore_limits(&self) {
        let file = self.data_folder().join("tongxing.toml");
        let settings = fs::read_to_string(&file).unwrap();
        let is_lifted = |line: &&str| line.ends_with("= 1000000");
        let kept = settings.lines().filter(|line| !is_lifted(line));
        fs::write(file, kept.collect::<Vec<_>>().join("\n")).unwrap();
    }

    /// Enrols an authority, with its lists, and activates it.
    pub(crate) fn enrol(&self, id: &str, name: &str, policy: &str, authority: &TestAuthority) {
        let file = |name: &str, text: String| self.folder.file(&format!("{id}-{name}"), text);
        let root = file("root.pem", authority.root().pem().unwrap());
        let policy = file("policy.toml", policy.to_owned());
        let mut add = vec!["ca", "add", id, "--name", name, "--role", "sign-in"];
        add.extend(["--anchor", &root, "--policy", &policy]);
        let issuing = file("issuing.pem", authority.issuing().pem().unwrap());
        if issuing_is_below(authority) {
            add.extend(["--intermediate", &issuing]);
        }
        self.ask(&add).ended(0);
        let empty = CrlSpec::empty(1, now() - 60, now() + 86_400);
        let list = file("leaves.crl", crl_pem(&authority.crl(&empty).unwrap()).unwrap());
        self.ask(&["crl", "import", &list]).ended(0);
        if issuing_is_below(authority) {
            let list = authority.root_crl(&empty).unwrap();
            self.ask(&["crl", "import", &file("root.crl", crl_pem(&list).unwrap())]).ended(0);
        }
        self.ask(&["ca", "activate", id]).ended(0);
    }

    /// A file beside the province.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path(name)
    }

    /// What `--data` names.
    pub(crate) fn data_folder(&self) -> PathBuf {
        self.data.lock().unwrap().clone()
    }

    /// Runs a command on the province.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Run {
        let data = argument(&self.data_folder());
        tongxing(arguments.iter().copied().chain(["--data", &data, "--json"]))
    }

    pub(crate) fn serve_command(&self) -> Command {
        serve_command(&self.data_folder())
    }

    /// Starts a gateway and waits until it serves.
    pub(crate) fn serve(&self) -> Gateway {
        serve(&self.data_folder(), &self.log())
    }

    /// From now on the province is there: another gateway took over.
    pub(crate) fn moves_to(&self, data: PathBuf) {
        *self.data.lock().unwrap() = data;
    }

    /// What the last gateway logged.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.path("gateway.log")
    }
}

/// Starts a gateway of the province in `data`, and waits until it serves.
pub(crate) fn serve(data: &Path, log: &Path) -> Gateway {
    let mut server = Server::start_logged(&mut serve_command(data), log);
    let told = server.wait_for("}");
    Gateway { server, addresses: serde_json::from_str(&told).unwrap() }
}

fn serve_command(data: &Path) -> Command {
    let mut command = binary();
    command.args(["serve", "--json", "--data"]).arg(data);
    command
}

fn issuing_is_below(authority: &TestAuthority) -> bool {
    !authority.intermediates().is_empty()
}

fn sha256_hex(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

impl Bidder {
    fn new(number: u32, authorities: &[TestAuthority; 2]) -> Self {
        let company = Company::numbered(number);
        // A few people hold the keys of many companies.
        let holder = Person::numbered(number % 10);
        let validity = Validity::year_from(now());
        let certificates = PROFILES.into_iter().zip(authorities).map(|(profile, authority)| {
            let issued = authority.issue(&profile.leaf(&company, &holder, validity)).unwrap();
            Held { sha256: sha256_hex(&issued.certificate_der), issued }
        });
        let certificates = certificates.collect();
        Self { uscc: company.uscc, holder, certificates }
    }
}
