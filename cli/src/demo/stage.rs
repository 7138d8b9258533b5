//! A province with its authorities enrolled and its gateway running.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tongxing_gateway::{Config, Gateway, RunningGateway, Template};
use tongxing_testdata::Profile;
use tongxing_trust_store::{
    AuthorityId, Clock, Command, RecordProfile, RelyingPartyId, Reply, Role, Status,
};

use super::Place;
use super::cast::{Cast, Member};
use super::manifest::{BidderFiles, Files, Manifest, SignedFiles};
use super::receipts::SIGNER;
use super::story::Story;
use crate::client::{Client, open_province};
use crate::commands::{NewProvince, ServerCertificate, built_in_policy};
use crate::outcome::Failure;
use crate::render::Style;

/// The platform that tokens are for.
pub(super) const PLATFORM: &str = "platform";

/// Everything that scenes are played on.
pub(super) struct Stage {
    folder: PathBuf,
    pub(super) cast: Cast,
    gateway: RunningGateway,
    files: Files,
    ca_files: CaFiles,
    secret: String,
}

/// What clients have to trust: the authority of the server's ordinary certificate,
/// and that of its SM2 one.
pub(super) struct CaFiles {
    pub(super) ordinary: PathBuf,
    pub(super) sm2: PathBuf,
}

impl Stage {
    /// Makes the province, enrols everybody with the commands that operators use,
    /// and starts the gateway on loopback.
    pub(super) async fn set(
        folder: &Path,
        cast: Cast,
        clock: &Arc<dyn Clock>,
        story: &mut Story<'_>,
    ) -> Result<Self, Failure> {
        let ca_files = story.work("a province is made", create(folder, clock)).await?;
        let client = Client::open(folder).await?;
        for member in &cast.members {
            let id = member.profile.id();
            let title = format!("{id} ({}) is enrolled, with its list", member.profile.name_zh());
            story.work(&title, enrol(&client, member)).await?;
        }
        let secret = story.work("a platform is registered", register(&client)).await?;
        client.close().await?;
        let files = Files::write(folder, &cast)?;
        let started = story.work("the gateway starts on loopback", start(folder, clock));
        let gateway = started.await?;
        Ok(Self { folder: folder.to_owned(), cast, gateway, files, ca_files, secret })
    }

    /// Carries out an operator's command, over the admin socket.
    pub(super) async fn operate(&self, command: &Command) -> Result<Reply, Failure> {
        self.client().await?.execute(command.clone()).await
    }

    /// Asks over the admin socket.
    pub(super) async fn client(&self) -> Result<Client, Failure> {
        Client::open(&self.folder).await
    }

    pub(super) fn public_url(&self) -> &str {
        &self.gateway.addresses().public_url
    }

    pub(super) fn certificate_url(&self) -> &str {
        &self.gateway.addresses().certificate_url
    }

    pub(super) fn ca_files(&self) -> &CaFiles {
        &self.ca_files
    }

    /// Keeps a document with its signature for the lines of the farewell.
    pub(super) fn keep_signed(&self, document: &[u8], signature: &[u8]) -> Result<(), Failure> {
        self.files.keep_signed(SIGNER, document, signature)
    }

    /// The platform's secret.
    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    /// Writes `demo.json`.
    pub(super) fn describe(&self) -> Result<(), Failure> {
        let manifest = Manifest {
            public_url: self.public_url(),
            certificate_url: self.certificate_url(),
            ca_files: &self.ca_files,
            admin_socket: &self.gateway.addresses().admin_socket,
            files: &self.files,
            relying_party: (PLATFORM, &self.secret),
        };
        manifest.write(&self.folder)
    }

    /// What to do now, with lines to paste.
    pub(super) fn farewell(&self, place: &Place, style: Style) -> String {
        let (public, certificate) = (self.public_url(), self.certificate_url());
        let (folder, ca) = (self.folder.display(), self.ca_files.ordinary.display());
        let bidder = self.files.first_bidder();
        let (chain, key) = (bidder.chain.display(), bidder.key.display());
        let uscc = &self.cast.company.uscc;
        let program = std::env::current_exe().unwrap_or_else(|_| "tongxing".into());
        let program = program.display();
        let kept = match place {
            Place::Kept(_) => format!("The province stays in {folder}, described in demo.json."),
            Place::Temporary(_) => "The province is removed at the end.".to_owned(),
        };
        let signature = self.signature_lines(bidder);
        let receipt = self.receipt_lines(&program.to_string());
        let heading = style.bold("The gateway stays up until Ctrl-C.");
        format!(
            "\n{heading} {kept}\n\n  public       {public}\n  certificate  {certificate}\n\n\
             # sign in with a certificate of ca-a\n\
             curl --cacert {ca} --cert {chain} --key {key} \\\n     \
             -H 'content-type: application/json' -d '{{\"audience\":\"{PLATFORM}\"}}' \\\n     \
             {certificate}/v1/tokens\n\n\
             # the keys that platforms verify tokens with\n\
             curl --cacert {ca} {public}/.well-known/jwks.json\n\n\
             {signature}{receipt}\
             # what an operator sees\n\
             {program} ca list --data {folder}\n\
             {program} subject find {uscc} --data {folder}\n\
             {program} audit list --data {folder}\n\
             {program} audit verify --data {folder}\n"
        )
    }

    /// A file of one's own signed with a bidder's key, and verified.
    fn signature_lines(&self, bidder: &BidderFiles) -> String {
        let (public, ca, secret) =
            (self.public_url(), self.ca_files.ordinary.display(), self.secret());
        let (certificate, key) = (bidder.certificate.display(), bidder.key.display());
        let [content, signature] =
            ["offer.txt", "offer.sig"].map(|name| bidder.key.with_file_name(name));
        let (content, signature) = (content.display(), signature.display());
        format!(
            "# any file, signed with that bidder's key and verified: for whom does it speak?\n\
             echo 'an offer' > {content}\n\
             openssl dgst -sha256 -sign {key} -out {signature} {content}\n\
             curl -s --cacert {ca} -u {PLATFORM}:{secret} \\\n     \
             -F signature=@{signature} -F certificate=@{certificate} -F content=@{content} \\\n     \
             {public}/v1/signatures/verify\n\n"
        )
    }

    /// A signed document verified, its receipt kept, and checked with the public key alone.
    fn receipt_lines(&self, program: &str) -> String {
        let (public, ca, secret) =
            (self.public_url(), self.ca_files.ordinary.display(), self.secret());
        let Some(signed) = self.files.signed(SIGNER) else { return String::new() };
        let SignedFiles { document, signature, certificate, receipt, keys } = signed;
        let [document, signature, certificate, receipt, keys] =
            [&document, &signature, &certificate, &receipt, &keys].map(|path| path.display());
        format!(
            "# a signed document is verified, and the receipt holds with the public key alone\n\
             curl -s --cacert {ca} -u {PLATFORM}:{secret} -F 'request={{\"options\":{{\"receipt\":\"bundle\"}}}}' \\\n     \
             -F signature=@{signature} -F certificate=@{certificate} -F content=@{document} \\\n     \
             -o {receipt} {public}/v1/signatures/verify\n\
             curl -s --cacert {ca} -o {keys} {public}/v1/evidence-keys\n\
             {program} receipt verify {receipt} --key {keys} --document {document}\n\n"
        )
    }

    /// Ends the gateway; open requests finish.
    pub(super) async fn close(self) {
        self.gateway.shutdown().await;
    }
}

/// The id under which an authority is enrolled.
pub(super) fn authority_id(profile: Profile) -> AuthorityId {
    // A constant of the program, tested below.
    profile.id().parse().expect("an authority id")
}

/// The id of the platform.
fn platform_id() -> RelyingPartyId {
    // A constant of the program, tested below.
    PLATFORM.parse().expect("a relying party id")
}

/// Makes the province; returns what clients have to trust.
async fn create(folder: &Path, clock: &Arc<dyn Clock>) -> Result<CaFiles, Failure> {
    let settings = Template {
        public_url: "https://localhost:0".to_owned(),
        certificate_url: "https://localhost:0".to_owned(),
        public_listen: "127.0.0.1:0".to_owned(),
        certificate_listen: "127.0.0.1:0".to_owned(),
        sm2: Some(Template::sm2_files()),
        ..Template::default()
    };
    let server = ServerCertificate::for_trying_out(&settings, clock.now())?;
    let sm2_server = ServerCertificate::sm2_for_trying_out(&settings, clock.now())?;
    let ca_files = CaFiles {
        ordinary: server.authority_file(folder).unwrap_or_default(),
        sm2: sm2_server.authority_file(folder).unwrap_or_default(),
    };
    let province = NewProvince {
        folder: folder.to_owned(),
        name_zh: "通行测试省".to_owned(),
        name_en: Some("Tongxing Test Province".to_owned()),
        policy: built_in_policy(),
        profile: RecordProfile::Standard,
        settings,
        server,
        sm2_server: Some(sm2_server),
    };
    let clock = Arc::clone(clock);
    tokio::task::spawn_blocking(move || province.create(&clock))
        .await
        .map_err(|error| Failure::unavailable(error.to_string()))??;
    Ok(ca_files)
}

/// Enrols an authority, imports its lists and activates it: `ca add`,
/// `crl import`, `ca activate`.
async fn enrol(client: &Client, member: &Member) -> Result<(), Failure> {
    let id = authority_id(member.profile);
    let der = |certificate: &[u8]| certificate.to_vec().into();
    let add = Command::AuthorityAdd {
        id: id.clone(),
        name_zh: member.profile.name_zh().to_owned(),
        name_en: Some(member.profile.name_en().to_owned()),
        hotline: Some("400-000-0000".to_owned()),
        licence_expires: None,
        roles: vec![Role::SignIn],
        anchors: vec![der(member.authority.root().der())],
        intermediates: member.authority.intermediates().iter().map(|ca| der(ca.der())).collect(),
        policy: member.policy.clone(),
    };
    client.execute(add).await?;
    for list in std::iter::once(&member.list).chain(&member.root_list) {
        client.execute(Command::ListImport { list: list.clone().into() }).await?;
    }
    let activate = Command::StatusSet {
        authority: id,
        anchor: None,
        status: Status::Active,
        effective: None,
        reason: "demo: enrolment complete".to_owned(),
    };
    client.execute(activate).await.map(drop)
}

/// Registers the platform; returns its secret.
async fn register(client: &Client) -> Result<String, Failure> {
    let command =
        Command::RelyingPartyAdd { id: platform_id(), name: "演示交易平台".to_owned() };
    match client.execute(command).await? {
        Reply::RelyingPartyAdded { secret, .. } => Ok(secret),
        other => Err(Failure::unavailable(format!("an unexpected answer: {other:?}"))),
    }
}

async fn start(folder: &Path, clock: &Arc<dyn Clock>) -> Result<RunningGateway, Failure> {
    let config = Config::load(folder).map_err(|error| Failure::bad_input(error.to_string()))?;
    let province = open_province(folder, Arc::clone(clock)).await?;
    Gateway::start(province, config).await.map_err(|error| Failure::unavailable(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constant_ids_are_ids() {
        assert_eq!(platform_id().as_str(), PLATFORM);
        for profile in Profile::ALL {
            assert_eq!(authority_id(profile).as_str(), profile.id());
        }
    }
}
