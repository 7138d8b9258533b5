//! Receipts: given with a verification, and checked without the province that gave them.

mod altered;
mod editions;
mod given;
mod golden;
mod later;
mod provisional;
mod retained;

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tongxing_pki::{
    Certificate, Content, Hash, Language, Level, Moment, RawSignature, RevocationResponses,
    Timestamp, Verdict,
};
use tongxing_testdata::{Company, CrlSpec, Issued, Profile, RevocationReason, RevokedEntry};
use tongxing_trust_store::{
    CertificateReport, CertificateSource, Command, Demands, Detail, DocumentQuestion,
    DocumentSource, EvidenceKey, PersonalData, Purpose, Reader, ReceiptCheck, ReceiptDraft,
    ReceiptFile, ReceiptForm, ReceiptRequest, ReceiptStatus, ReceiptVerification, RecordProfile,
    RelyingPartyId, Replay, Requirements, Role, Status, SuppliedEvidence,
};

use crate::world::{NOW, World};

const CONTENT: &[u8] = "投标文件：示例项目，报价一百万元。".as_bytes();
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

const READER: Reader = Reader { language: Language::En, personal_data: PersonalData::Withheld };

struct Scene {
    world: World,
    issued: Issued,
    signature: Vec<u8>,
    number: u64,
}

impl Scene {
    async fn new() -> Self {
        Self::of(RecordProfile::Standard, Profile::B).await
    }

    async fn of(record: RecordProfile, profile: Profile) -> Self {
        let world = World::of(record, &[profile]).await;
        let authority = profile.id().parse().unwrap();
        let roles = vec![Role::SignIn, Role::DocumentSigning];
        world.command(Command::RolesSet { authority, roles }).await.unwrap();
        let issued = world.issue(profile, &Company::numbered(0));
        let signature = issued.key.sign(CONTENT).unwrap();
        Self { world, issued, signature, number: 1 }
    }

    /// What judging a raw signature comes to, at a moment.
    fn draft(&self, content: Content<'_>, at: Option<i64>) -> (Value, ReceiptDraft) {
        self.draft_on(content, at, &RevocationResponses::new())
    }

    /// The same with what responders said.
    fn draft_on(
        &self,
        content: Content<'_>,
        at: Option<i64>,
        responses: &RevocationResponses,
    ) -> (Value, ReceiptDraft) {
        let certificate = Certificate::parse(&self.issued.certificate_der).unwrap();
        let raw = RawSignature::usual(certificate).unwrap();
        let octets = self.signature.clone();
        let (raw, limit) = (Some(&raw), usize::MAX);
        let source = DocumentSource { octets: &octets, format: None, raw, limit, beside: &[] };
        let document = source.read().unwrap();
        let question = DocumentQuestion {
            document: &document,
            content,
            opening: None,
            at: at.map(Timestamp::from_unix),
            responses,
            requirements: &Requirements {
                entities: vec![Company::numbered(0).uscc],
                ..Requirements::default()
            },
            reader: READER,
            detail: Detail::Full,
        };
        let province = self.world.province();
        let (report, draft) = province.verify_document_for_receipt(&question, &source).unwrap();
        let told = serde_json::to_value(&report).unwrap();
        assert_eq!(
            told,
            serde_json::to_value(province.verify_document(&question).unwrap()).unwrap()
        );
        (told, draft)
    }

    async fn give(&self, draft: ReceiptDraft, form: ReceiptForm) -> ReceiptFile {
        let request = ReceiptRequest {
            issuer: "https://gateway.example".to_owned(),
            relying_party: platform(),
            form,
        };
        self.world.province().give_receipt(draft, &request).await.unwrap()
    }

    async fn receipt(&self) -> ReceiptFile {
        let (_, draft) = self.draft(Content::Octets(CONTENT), None);
        self.give(draft, ReceiptForm::Bundle).await
    }

    async fn receipt_at(&self, at: i64) -> ReceiptFile {
        let (_, draft) = self.draft(Content::Octets(CONTENT), Some(at));
        self.give(draft, ReceiptForm::Bundle).await
    }

    fn keys(&self) -> Vec<EvidenceKey> {
        self.world.province().evidence_keys().unwrap()
    }

    fn now(&self, moment: i64) {
        use tongxing_trust_store::Clock;
        let seconds = moment - self.world.clock.now().unix();
        self.world.clock.advance_millis(seconds * 1000);
    }

    /// A list made at a moment, which becomes now.
    async fn list_at(&mut self, made: i64, entries: Vec<RevokedEntry>) {
        self.number += 1;
        let spec = CrlSpec::empty(self.number, made, made + DAY);
        let spec = entries.into_iter().fold(spec, CrlSpec::revoking);
        let list = self.world.authority(Profile::B).crl(&spec).unwrap();
        self.now(made);
        self.world.command(Command::ListImport { list: list.into() }).await.unwrap();
    }

    fn revoked(&self, at: i64) -> RevokedEntry {
        RevokedEntry::new(self.issued.serial.clone(), at, RevocationReason::KeyCompromise)
    }

    fn status(&self, receipt: &ReceiptFile) -> ReceiptStatus {
        let status = self.world.province().receipt_status(&platform(), receipt.record());
        status.unwrap().unwrap().1
    }
}

fn platform() -> RelyingPartyId {
    "platform".parse().unwrap()
}

fn check(file: &ReceiptFile, keys: &[EvidenceKey]) -> ReceiptVerification {
    ReceiptCheck::new(file.clone()).unwrap().run(keys)
}

/// The codes of what did not pass.
fn faults(verification: &ReceiptVerification) -> Vec<&'static str> {
    let findings = verification.findings.findings().iter();
    let decided =
        findings.filter(|one| matches!(one.level(), Level::Failed | Level::Indeterminate));
    let mut codes: Vec<_> = decided.map(|one| one.code().id).collect();
    codes.dedup();
    codes
}

fn passes(file: &ReceiptFile, keys: &[EvidenceKey]) -> ReceiptVerification {
    let verification = check(file, keys);
    assert_eq!(verification.verdict, Verdict::Passed, "{:#?}", verification.findings);
    let derived = verification.derived.as_ref().unwrap();
    assert_eq!(derived, &verification.stated.report, "not a word differs");
    verification
}

/// The file with something changed.
fn altered(file: &ReceiptFile, change: impl FnOnce(&mut Value)) -> ReceiptFile {
    let mut value = serde_json::to_value(file).unwrap();
    change(&mut value);
    ReceiptFile::read(value.to_string().as_bytes()).unwrap()
}

/// The statement that a receipt signs.
fn statement(file: &ReceiptFile) -> Value {
    part(file, 1)
}

/// A part of its JWS.
/// Hex SHA-256 of what a receipt states, octet by octet.
fn statement_sha256(file: &ReceiptFile) -> String {
    let payload = file.receipt().split('.').nth(1).unwrap();
    let octets = URL_SAFE_NO_PAD.decode(payload).unwrap();
    Hash::Sha256.digest(&octets).iter().fold(String::new(), |mut text, octet| {
        write!(text, "{octet:02x}").unwrap();
        text
    })
}

fn part(file: &ReceiptFile, place: usize) -> Value {
    let part = file.receipt().split('.').nth(place).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn evidence_of(file: &ReceiptFile, kind: &str) -> String {
    let statement = statement(file);
    let pieces = statement["evidence"].as_array().unwrap();
    let found = pieces.iter().find(|piece| piece["kind"] == kind);
    found.unwrap_or_else(|| panic!("no {kind}"))["sha256"].as_str().unwrap().to_owned()
}
