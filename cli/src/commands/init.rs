//! Making a province.
//!
//! 1. Everything given is read and checked; nothing is made yet.
//! 2. The trust store makes the journal and its keys, the gateway its keys.
//! 3. The server's certificate, the policy's copy and, last, `tongxing.toml` are
//!    written: a folder without it is one whose making did not end.
//! 4. The province is opened once, which makes its index.
//!
//! A failure in 2 to 4 removes what was made. A power cut in between leaves a
//! folder without settings, which no command takes for a province.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use tongxing_gateway::{CONFIG_FILE, Config, Template, init_keys};
use tongxing_trust_store::{
    Clock, PolicyFile, Province, ProvincePolicy, RecordProfile, SystemClock,
};

use super::authority::policy_file;
use super::server_certificate::ServerCertificate;
use crate::args::InitArgs;
use crate::client::operator;
use crate::files::{self, Readers};
use crate::outcome::{Failure, Outcome};
use crate::render::Output;
use crate::shipped;

/// Where the copies of policies and schemas lie in its folder, to start from.
const POLICIES: &str = "policies";

/// A province to be made.
#[derive(Debug)]
pub(crate) struct NewProvince {
    /// Where: new or empty.
    pub(crate) folder: PathBuf,
    /// Its Chinese name.
    pub(crate) name_zh: String,
    /// Its English name.
    pub(crate) name_en: Option<String>,
    /// Its policy.
    pub(crate) policy: PolicyFile,
    /// What its record rests on.
    pub(crate) profile: RecordProfile,
    /// Addresses and where they listen.
    pub(crate) settings: Template,
    /// The server's certificate and key.
    pub(crate) server: ServerCertificate,
    /// The certificate and key for clients that offer RFC 8998.
    pub(crate) sm2_server: Option<ServerCertificate>,
}

impl NewProvince {
    /// Makes it. Blocks; what was made is removed if anything fails.
    pub(crate) fn create(&self, clock: &Arc<dyn Clock>) -> Result<(), Failure> {
        let settings = self.checked_settings()?;
        let fresh = Fresh::new(&self.folder)?;
        Province::create_with(
            self.profile,
            &self.folder,
            (&self.name_zh, self.name_en.as_deref()),
            self.policy.clone(),
            &operator(),
            Arc::clone(clock),
        )?;
        init_keys(&self.folder, clock.now())
            .map_err(|error| Failure::unavailable(format!("making the gateway's keys: {error}")))?;
        self.server.write(&self.folder)?;
        if let Some(sm2) = &self.sm2_server {
            sm2.write(&self.folder)?;
        }
        self.write_policies()?;
        let file = self.folder.join(CONFIG_FILE);
        files::create(&file, Readers::Everybody, settings.as_bytes())?;
        // What cannot be opened has not been made; opening also makes the index.
        Province::open(&self.folder, Arc::clone(clock))?.close();
        fresh.keep();
        Ok(())
    }

    /// What clients of RFC 8998 have to trust, where it was made here.
    fn sm2_authority_file(&self) -> Option<PathBuf> {
        self.sm2_server.as_ref().and_then(|sm2| sm2.authority_file(&self.folder))
    }

    /// The province's policy, and what an operator starts from when a CA is enrolled.
    fn write_policies(&self) -> Result<(), Failure> {
        let folder = self.folder.join(POLICIES);
        files::create_folder(&folder)?;
        files::create_folder(&folder.join("schema"))?;
        let own = (shipped::PROVINCE_NAME, self.policy.source.as_str());
        for (name, text) in shipped::OTHERS.iter().copied().chain([own]) {
            files::create(&folder.join(name), Readers::Everybody, text.as_bytes())?;
        }
        Ok(())
    }

    /// The text of `tongxing.toml`, as the gateway would accept it.
    fn checked_settings(&self) -> Result<String, Failure> {
        if self.name_zh.trim().is_empty() {
            return Err(Failure::bad_input("the province's name is empty"));
        }
        ProvincePolicy::parse(&self.policy.name, &self.policy.source)
            .map_err(|errors| Failure::bad_input(errors.to_string()))?;
        let settings = Config::default_toml(&self.settings);
        Config::parse(&settings, &self.folder)
            .map_err(|error| Failure::bad_input(format!("the settings given: {error}")))?;
        Ok(settings)
    }
}

pub(super) async fn run(args: InitArgs, output: &Output) -> Result<Outcome, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let province = prepare(&args, &*clock)?;
    let province = tokio::task::spawn_blocking(move || {
        province.create(&clock)?;
        Ok::<_, Failure>(province)
    });
    let province = province
        .await
        .map_err(|error| Failure::unavailable(format!("making the province: {error}")))??;
    output.value(&summary(&province), |_| told(&province));
    Ok(Outcome::Yes)
}

/// Reads and checks what was given.
fn prepare(args: &InitArgs, clock: &dyn Clock) -> Result<NewProvince, Failure> {
    let policy = match &args.policy {
        Some(path) => policy_file(path)?,
        None => built_in_policy(),
    };
    let mut settings = settings(args);
    let server = match (&args.server_certificate, &args.server_key) {
        (Some(certificate), Some(key)) => ServerCertificate::given(certificate, key)?,
        _ => ServerCertificate::for_trying_out(&settings, clock.now())?,
    };
    let for_trying_out = args.server_certificate.is_none();
    let sm2_server = match (&args.sm2_server_certificate, &args.sm2_server_key) {
        (Some(certificate), Some(key)) => Some(ServerCertificate::given_sm2(certificate, key)?),
        _ if for_trying_out => Some(ServerCertificate::sm2_for_trying_out(&settings, clock.now())?),
        _ => None,
    };
    settings.sm2 = sm2_server.as_ref().map(|_| Template::sm2_files());
    Ok(NewProvince {
        folder: args.data.folder.clone(),
        name_zh: args.name.clone(),
        name_en: args.name_en.clone(),
        policy,
        profile: args.profile,
        settings,
        server,
        sm2_server,
    })
}

/// The province's rules that are built in.
pub(crate) fn built_in_policy() -> PolicyFile {
    let (name, source) = (shipped::PROVINCE_NAME.to_owned(), shipped::PROVINCE.to_owned());
    PolicyFile { name, source }
}

fn settings(args: &InitArgs) -> Template {
    let mut settings = Template::default();
    let given = [
        (&mut settings.public_url, &args.public_url),
        (&mut settings.certificate_url, &args.certificate_url),
        (&mut settings.public_listen, &args.public_listen),
        (&mut settings.certificate_listen, &args.certificate_listen),
    ];
    for (setting, given) in given {
        if let Some(given) = given {
            setting.clone_from(given);
        }
    }
    settings
}

fn summary(province: &NewProvince) -> serde_json::Value {
    let folder = &province.folder;
    json!({
        "data": folder,
        "settings": folder.join(CONFIG_FILE),
        "profile": province.profile,
        "public_url": province.settings.public_url,
        "certificate_url": province.settings.certificate_url,
        "ca_file": province.server.authority_file(folder),
        "sm2_ca_file": province.sm2_authority_file(),
    })
}

fn told(province: &NewProvince) -> String {
    let folder = province.folder.display();
    let mut text = format!("✓ {folder} holds a province now.\n");
    if let Some(file) = province.server.authority_file(&province.folder) {
        _ = writeln!(
            text,
            "! Its server certificate was made here, for trying out only. Clients trust {};\n  \
             for real use put the certificate of a public CA into {folder}/{CONFIG_FILE}.",
            file.display()
        );
    }
    if let Some(file) = province.sm2_authority_file() {
        _ = writeln!(
            text,
            "! So was the SM2 one, which clients of RFC 8998 see: those trust {}.",
            file.display()
        );
    }
    _ = writeln!(
        text,
        "\nNext:\n  tongxing ca add --help                 enrol a CA\n  \
         tongxing rp add --help                 register a platform\n  \
         tongxing serve --data {folder}"
    );
    text
}

/// A folder that is new or was empty, emptied again unless it is kept.
#[derive(Debug)]
pub(super) struct Fresh {
    folder: PathBuf,
    existed: bool,
    kept: bool,
}

impl Fresh {
    /// Takes a folder that does not exist yet, or is empty.
    pub(super) fn new(folder: &Path) -> Result<Self, Failure> {
        let unreadable =
            |error: std::io::Error| Failure::bad_input(format!("{}: {error}", folder.display()));
        let existed = match fs::read_dir(folder).map(Iterator::count) {
            Ok(0) => true,
            Ok(_) => {
                let message = format!("{} is not empty", folder.display());
                let help = "a province is made in a new or empty folder: choose another";
                return Err(Failure::bad_input(message).help(help));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
            Err(error) => return Err(unreadable(error)),
        };
        files::create_folder(folder)?;
        Ok(Self { folder: folder.to_owned(), existed, kept: false })
    }

    /// Keeps what was made.
    pub(super) fn keep(mut self) {
        self.kept = true;
    }

    fn empty(&self) -> std::io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        if self.existed { Ok(()) } else { fs::remove_dir(&self.folder) }
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        if let Err(error) = self.empty() {
            tracing::warn!(folder = %self.folder.display(), %error, "cannot be emptied again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_kept_is_gone() {
        let parent = tempfile::tempdir().unwrap();
        let new = parent.path().join("new");
        let fresh = Fresh::new(&new).unwrap();
        fs::create_dir(new.join("journal")).unwrap();
        fs::write(new.join("journal/file"), "x").unwrap();
        drop(fresh);
        assert!(!new.exists());

        let empty = parent.path().join("empty");
        fs::create_dir(&empty).unwrap();
        let fresh = Fresh::new(&empty).unwrap();
        fs::write(empty.join("file"), "x").unwrap();
        drop(fresh);
        assert_eq!(fs::read_dir(&empty).unwrap().count(), 0);
    }

    #[test]
    fn a_used_folder_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("thesis"), "x").unwrap();
        assert!(Fresh::new(folder.path()).is_err());
        assert!(folder.path().join("thesis").exists());
    }
}
