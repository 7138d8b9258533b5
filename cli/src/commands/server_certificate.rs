//! The certificates that the gateway shows to its clients.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tongxing_gateway::{ServerCertificateKind, SiteUrl, Template, check_server_certificate};
use tongxing_pki::Timestamp;
use tongxing_testdata::{
    ServerCertificate as MadeCertificate, TestdataError, Validity, server_certificate,
    sm2_server_certificate,
};

use crate::files::{self, Readers};
use crate::outcome::Failure;

/// Where the authority's certificate lies when it was made here.
const AUTHORITY_FILE: &str = "tls/ca.pem";

/// The same for SM2.
const SM2_AUTHORITY_FILE: &str = "tls/ca-sm2.pem";

/// What makes a server certificate, for these names and this time.
type Maker = fn(&[&str], Validity) -> Result<MadeCertificate, TestdataError>;

/// The names that a certificate for trying out always carries.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Certificate chain and key, ready to be written.
#[derive(Debug)]
pub(crate) struct ServerCertificate {
    chain_file: PathBuf,
    key_file: PathBuf,
    chain: Vec<u8>,
    key: Vec<u8>,
    /// The authority made here, for trying out: its certificate, and where it goes.
    authority: Option<(&'static str, String)>,
}

impl ServerCertificate {
    /// The operator's own, copied into the province.
    pub(crate) fn given(chain: &Path, key: &Path) -> Result<Self, Failure> {
        let names = Template::default();
        let files = (names.certificate_file, names.key_file);
        Self::checked(ServerCertificateKind::Ordinary, files, chain, key)
    }

    /// The operator's SM2 certificate, copied into the province.
    pub(crate) fn given_sm2(chain: &Path, key: &Path) -> Result<Self, Failure> {
        Self::checked(ServerCertificateKind::Sm2, Template::sm2_files(), chain, key)
    }

    /// One that a gateway could show.
    fn checked(
        kind: ServerCertificateKind,
        (chain_file, key_file): (String, String),
        chain: &Path,
        key: &Path,
    ) -> Result<Self, Failure> {
        check_server_certificate(kind, chain, key)
            .map_err(|error| Failure::bad_input(error.to_string()))?;
        Ok(Self {
            chain_file: chain_file.into(),
            key_file: key_file.into(),
            chain: files::read(chain)?,
            key: files::read(key)?,
            authority: None,
        })
    }

    /// One made here, with an authority of its own that nobody else trusts, for
    /// the hosts in the settings and for loopback.
    pub(crate) fn for_trying_out(settings: &Template, now: Timestamp) -> Result<Self, Failure> {
        let files = (settings.certificate_file.clone(), settings.key_file.clone());
        Self::made(server_certificate, files, AUTHORITY_FILE, settings, now)
    }

    /// The same with SM2 keys, for clients that offer RFC 8998.
    pub(crate) fn sm2_for_trying_out(settings: &Template, now: Timestamp) -> Result<Self, Failure> {
        let files = Template::sm2_files();
        Self::made(sm2_server_certificate, files, SM2_AUTHORITY_FILE, settings, now)
    }

    fn made(
        maker: Maker,
        (chain_file, key_file): (String, String),
        authority_file: &'static str,
        settings: &Template,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let urls = [&settings.public_url, &settings.certificate_url];
        let hosts = urls.iter().filter_map(|url| url.parse::<SiteUrl>().ok());
        let hosts: Vec<String> = hosts.map(|site| bare(site.host()).to_owned()).collect();
        let names: BTreeSet<&str> = hosts.iter().map(String::as_str).chain(LOOPBACK).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let validity = Validity::year_from(now.unix());
        let failed = |error| Failure::unavailable(format!("making a server certificate: {error}"));
        let made = maker(&names, validity).map_err(failed)?;
        Ok(Self {
            chain_file: chain_file.into(),
            key_file: key_file.into(),
            chain: made.certificate_pem().map_err(failed)?.into_bytes(),
            key: made.key.pkcs8_pem().map_err(failed)?.into_bytes(),
            authority: Some((authority_file, made.authority_pem().map_err(failed)?)),
        })
    }

    /// Writes the files into the province's folder.
    pub(crate) fn write(&self, province: &Path) -> Result<(), Failure> {
        for file in [&self.chain_file, &self.key_file] {
            if let Some(folder) = file.parent() {
                files::create_folder(&province.join(folder))?;
            }
        }
        files::create(&province.join(&self.chain_file), Readers::Everybody, &self.chain)?;
        files::create(&province.join(&self.key_file), Readers::Owner, &self.key)?;
        if let Some((file, authority)) = &self.authority {
            files::create(&province.join(file), Readers::Everybody, authority.as_bytes())?;
        }
        Ok(())
    }

    /// What clients have to trust, where it was made here.
    pub(crate) fn authority_file(&self, province: &Path) -> Option<PathBuf> {
        self.authority.as_ref().map(|(file, _)| province.join(file))
    }
}

/// An address without the brackets of a URL.
fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}
