//! What a platform keeps of a verification, and shows when the CA is long gone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tongxing_pki::Verdict;
use tongxing_testdata::{Issued, Profile};
use tongxing_trust_store::{
    Command, EvidenceKey, ReceiptCheck, ReceiptFile, ReceiptVerification, Reply, Role, Status,
};

use super::cast::Credential;
use super::https::{Answer, Client};
use super::stage::{CaFiles, PLATFORM, Stage, authority_id};
use super::story::{Ending, Story};
use crate::files;
use crate::outcome::Failure;
use crate::stopwatch::Stopwatch;

const DOCUMENT: &[u8] = "投标文件：演示项目，报价一百万元。".as_bytes();

/// Whose certificate signs.
pub(super) const SIGNER: Profile = Profile::B;

/// Verifies a signature, keeps the receipt, withdraws the CA, and checks the receipt with
/// the public key alone.
pub(super) async fn show(stage: &Stage, story: &mut Story<'_>) -> Result<(), Failure> {
    let signer = Credential::Bidder(SIGNER);
    let issued = stage.cast.credential(signer);
    let issued = issued.ok_or_else(|| Failure::unavailable("nobody signs"))?;
    enrol_for_documents(stage, SIGNER).await?;
    let asking = Asking::new(stage, issued)?;

    stage.keep_signed(DOCUMENT, &asking.signature()?)?;
    let watch = Stopwatch::start();
    let answer = asking.verify(json!({ "receipt": "bundle" })).await?;
    let receipt = answer.body.to_string();
    let size = answer.body["receipt"].to_string().len();
    let ending = ending(&answer.body, "passed", format!("a receipt of {size} bytes comes with it"));
    story.told("a platform has a signed document verified", watch.elapsed(), ending);

    let keys = keys(stage).await?;
    set_status(stage, Status::Withdrawn).await?;
    let watch = Stopwatch::start();
    let today = asking.verify(json!({})).await?;
    let why = format!("{} is withdrawn", SIGNER.id());
    story.told(
        "after the CA is withdrawn it would be refused",
        watch.elapsed(),
        ending_of(&today, "failed", why),
    );

    let watch = Stopwatch::start();
    let verification = check(receipt.as_bytes(), DOCUMENT, &keys)?;
    let ending = holds(&verification, "its verdict comes out the same: passed, as of then");
    story.told("the receipt holds with the public key alone", watch.elapsed(), ending);

    let watch = Stopwatch::start();
    let verification = check(receipt.as_bytes(), b"another document", &keys)?;
    let codes = verification.findings.findings().iter().map(|finding| finding.code().id);
    let named = codes.filter(|code| *code == "receipt.document_other").count() == 1;
    let ending = match (verification.verdict, named) {
        (Verdict::Failed, true) => Ending::as_told("receipt.document_other".to_owned()),
        (verdict, _) => Ending::otherwise(format!("it came out {verdict}")),
    };
    story.told("with another document it does not", watch.elapsed(), ending);

    set_status(stage, Status::Active).await
}

/// Lets every bidder's signature count, as whoever goes on by hand will try any.
pub(super) async fn enrol_all(stage: &Stage) -> Result<(), Failure> {
    for member in &stage.cast.members {
        enrol_for_documents(stage, member.profile).await?;
    }
    Ok(())
}

/// A platform that asks about one signature.
struct Asking<'a> {
    https: Client,
    url: String,
    authorization: String,
    issued: &'a Issued,
}

impl<'a> Asking<'a> {
    fn new(stage: &Stage, issued: &'a Issued) -> Result<Self, Failure> {
        let CaFiles { ordinary, sm2 } = stage.ca_files();
        let https = Client::trusting([&files::read(ordinary)?, &files::read(sm2)?])?;
        let url = format!("{}/v1/signatures/verify", stage.public_url());
        let secret = format!("{PLATFORM}:{}", stage.secret());
        let authorization = format!("Basic {}", STANDARD.encode(secret));
        Ok(Self { https, url, authorization, issued })
    }

    fn signature(&self) -> Result<Vec<u8>, Failure> {
        let signature = self.issued.key.sign(DOCUMENT);
        signature.map_err(|error| Failure::unavailable(error.to_string()))
    }

    async fn verify(&self, options: Value) -> Result<Answer, Failure> {
        let body = json!({
            "signature": STANDARD.encode(self.signature()?),
            "certificate": STANDARD.encode(&self.issued.certificate_der),
            "content": STANDARD.encode(DOCUMENT),
            "options": options,
        });
        self.https.post_as(&self.authorization, &self.url, &body).await
    }
}

fn ending_of(answer: &Answer, expected: &str, detail: String) -> Ending {
    ending(&answer.body, expected, detail)
}

fn ending(answer: &Value, expected: &str, detail: String) -> Ending {
    if answer["verdict"] == expected {
        Ending::as_told(detail)
    } else {
        Ending::otherwise(answer.to_string())
    }
}

fn holds(verification: &ReceiptVerification, detail: &str) -> Ending {
    match verification.verdict {
        Verdict::Passed => Ending::as_told(detail.to_owned()),
        _ => Ending::otherwise(format!("{:?}", verification.findings)),
    }
}

/// What `tongxing receipt verify` does.
fn check(
    answer: &[u8],
    document: &[u8],
    keys: &[EvidenceKey],
) -> Result<ReceiptVerification, Failure> {
    let refused = |why: String| Failure::unavailable(format!("the receipt: {why}"));
    let file = ReceiptFile::read(answer).map_err(|fault| refused(fault.to_string()))?;
    let mut check = ReceiptCheck::new(file).map_err(|fault| refused(fault.to_string()))?;
    check.give("the document", document).map_err(|error| refused(error.to_string()))?;
    Ok(check.run(keys))
}

async fn keys(stage: &Stage) -> Result<Vec<EvidenceKey>, Failure> {
    match stage.operate(&Command::EvidenceKeyList).await? {
        Reply::EvidenceKeys(keys) => {
            Ok(keys.iter().filter_map(|key| key.key.parse().ok()).collect())
        }
        other => Err(Failure::unavailable(format!("an unexpected answer: {other:?}"))),
    }
}

async fn set_status(stage: &Stage, status: Status) -> Result<(), Failure> {
    let command = Command::StatusSet {
        authority: authority_id(SIGNER),
        anchor: None,
        status,
        effective: None,
        reason: "demo: what a receipt is for".to_owned(),
    };
    stage.operate(&command).await.map(drop)
}

async fn enrol_for_documents(stage: &Stage, profile: Profile) -> Result<(), Failure> {
    let (authority, roles) = (authority_id(profile), vec![Role::SignIn, Role::DocumentSigning]);
    stage.operate(&Command::RolesSet { authority, roles }).await.map(drop)
}
