//! The files that anybody can go on with, and `demo.json`, which names them.

use std::path::{Path, PathBuf};

use serde_json::json;
use tongxing_testdata::{Issued, Profile, TestdataError, crl_pem};

use super::cast::{Cast, Credential, Member};
use super::stage::CaFiles;
use crate::files::{self, Readers};
use crate::outcome::Failure;

/// Under the province's folder, for what does not belong to it.
const FOLDER: &str = "demo";

/// What `demo.json` says.
pub(super) struct Manifest<'a> {
    pub(super) public_url: &'a str,
    pub(super) certificate_url: &'a str,
    pub(super) ca_files: &'a CaFiles,
    pub(super) admin_socket: &'a Path,
    pub(super) files: &'a Files,
    /// Id and secret.
    pub(super) relying_party: (&'a str, &'a str),
}

/// The files of all authorities and bidders.
pub(super) struct Files {
    authorities: Vec<AuthorityFiles>,
    bidders: Vec<BidderFiles>,
}

struct AuthorityFiles {
    id: &'static str,
    certificate: PathBuf,
    list: PathBuf,
}

/// What one bidder signs in with.
pub(super) struct BidderFiles {
    authority: &'static str,
    /// The leaf alone.
    pub(super) certificate: PathBuf,
    /// The leaf and what is above it, the root left out.
    pub(super) chain: PathBuf,
    /// PKCS#8.
    pub(super) key: PathBuf,
}

/// A document that was signed, and where its receipt goes.
pub(super) struct SignedFiles {
    pub(super) document: PathBuf,
    pub(super) signature: PathBuf,
    pub(super) certificate: PathBuf,
    pub(super) receipt: PathBuf,
    pub(super) keys: PathBuf,
}

impl Files {
    /// Writes everything as PEM.
    pub(super) fn write(province: &Path, cast: &Cast) -> Result<Self, Failure> {
        let mut files = Self { authorities: Vec::new(), bidders: Vec::new() };
        for member in &cast.members {
            let folder = province.join(FOLDER).join(member.profile.id());
            files::create_folder(&folder)?;
            files.authorities.push(authority(&folder, member)?);
            if let Some(issued) = cast.credential(Credential::Bidder(member.profile)) {
                files.bidders.push(bidder(&folder, member, issued)?);
            }
        }
        Ok(files)
    }

    /// Writes a document and its signature beside what the bidder of this authority has.
    pub(super) fn keep_signed(
        &self,
        by: Profile,
        document: &[u8],
        signature: &[u8],
    ) -> Result<(), Failure> {
        let Some(signed) = self.signed(by) else { return Ok(()) };
        files::create(&signed.document, Readers::Everybody, document)?;
        files::create(&signed.signature, Readers::Everybody, signature)
    }

    /// Where these are.
    pub(super) fn signed(&self, by: Profile) -> Option<SignedFiles> {
        let bidder = self.bidders.iter().find(|bidder| bidder.authority == by.id())?;
        let certificate = bidder.certificate.clone();
        let beside = |name| certificate.with_file_name(name);
        let (document, signature) = (beside("tender.txt"), beside("tender.sig"));
        let (receipt, keys) = (beside("receipt.json"), beside("evidence.keys"));
        Some(SignedFiles { document, signature, certificate, receipt, keys })
    }

    /// The files to show in examples.
    pub(super) fn first_bidder(&self) -> &BidderFiles {
        // The cast always has members, each with a bidder.
        &self.bidders[0]
    }
}

impl Manifest<'_> {
    /// Writes it into the province's folder.
    pub(super) fn write(&self, province: &Path) -> Result<(), Failure> {
        let authority = |files: &AuthorityFiles| json!({ "id": files.id, "certificate": files.certificate, "crl": files.list });
        let bidder = |files: &BidderFiles| {
            json!({
                "authority": files.authority,
                "certificate": files.certificate,
                "chain": files.chain,
                "key": files.key,
            })
        };
        let document = json!({
            "public_url": self.public_url,
            "certificate_url": self.certificate_url,
            "ca_file": self.ca_files.ordinary,
            "sm2_ca_file": self.ca_files.sm2,
            "admin_socket": self.admin_socket,
            "authorities": self.files.authorities.iter().map(authority).collect::<Vec<_>>(),
            "bidders": self.files.bidders.iter().map(bidder).collect::<Vec<_>>(),
            "relying_party": { "id": self.relying_party.0, "secret": self.relying_party.1 },
        });
        let text = format!("{document:#}\n");
        // It holds the platform's secret.
        files::create(&province.join("demo.json"), Readers::Owner, text.as_bytes())
    }
}

fn authority(folder: &Path, member: &Member) -> Result<AuthorityFiles, Failure> {
    let files = AuthorityFiles {
        id: member.profile.id(),
        certificate: folder.join("root.pem"),
        list: folder.join("list.crl"),
    };
    public(&files.certificate, member.authority.root().pem())?;
    public(&files.list, crl_pem(&member.list))?;
    if let Some(list) = &member.root_list {
        public(&folder.join("root.crl"), crl_pem(list))?;
    }
    Ok(files)
}

fn bidder(folder: &Path, member: &Member, issued: &Issued) -> Result<BidderFiles, Failure> {
    let files = BidderFiles {
        authority: member.profile.id(),
        certificate: folder.join("bidder.pem"),
        chain: folder.join("bidder-chain.pem"),
        key: folder.join("bidder.key"),
    };
    public(&files.certificate, issued.certificate_pem())?;
    public(&files.chain, issued.full_chain_pem())?;
    write(&files.key, Readers::Owner, issued.key_pem())?;
    Ok(files)
}

fn public(path: &Path, text: Result<String, TestdataError>) -> Result<(), Failure> {
    write(path, Readers::Everybody, text)
}

fn write(
    path: &Path,
    readers: Readers,
    text: Result<String, TestdataError>,
) -> Result<(), Failure> {
    let text = text.map_err(|error| Failure::unavailable(error.to_string()))?;
    files::create(path, readers, text.as_bytes())
}
