//! A synthetic province in which everything happens once that can happen: what
//! operators do by their commands, and by records of its own what commands would not
//! bring about here (a promotion, a restoration, refusals of every sort).

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::runtime::Runtime;
use tongxing_pki::{Certificate, Timestamp, Verdict};
use tongxing_testdata::{Company, CrlSpec, Issued, Person, Profile, TestAuthority, Validity};

use super::copy_private;
use crate::authority::{Role, Status};
use crate::backup::BackupIdentity;
use crate::blobs::BlobId;
use crate::change::*;
use crate::clock::{Clock, ManualClock};
use crate::command::{Apply, Command, PolicyFile, RelyingPartyEdit, Reply, Setting};
use crate::hex;
use crate::ids::{RelyingPartyId, SubjectId};
use crate::policy::{Capacity, ClaimText, EntityClaim, Kind, Privacy};
use crate::profile::RecordProfile;
use crate::province::{Province, RefusedSignIn, Sealing, folder};
use crate::recognise::{Purpose, Recognition};
use crate::registration::SignInRequest;
use crate::relying_party::{Access, PersonalData};
use crate::state::{Lookups, Outcome};

const START: i64 = 1_780_000_000;
const SECOND_MILLIS: i64 = 1_000;
const DAY: i64 = 86_400;
const POLICY: &str = include_str!("../../../policies/province.toml");

/// A province that is closed.
pub(super) struct Made {
    /// What is kept of its folder.
    pub(super) folder: TempDir,
    /// What its clock shows, in Unix milliseconds.
    pub(super) clock: i64,
}

/// Lets everything happen.
pub(super) fn make(profile: RecordProfile) -> Made {
    let mut maker = Maker::new(profile);
    maker.enrol();
    maker.companies();
    maker.persons();
    maker.challenges();
    maker.refusals();
    maker.reading_and_erasing();
    maker.keeping_the_record();
    maker.verifications();
    maker.what_must_go();
    maker.going_on_elsewhere();
    maker.ending_authorities();
    maker.end()
}

struct Maker {
    folder: TempDir,
    clock: Arc<ManualClock>,
    province: Province,
    runtime: Runtime,
    authorities: Vec<(Profile, TestAuthority)>,
    /// Number of the newest revocation lists.
    lists: u64,
}

fn operator() -> Actor {
    Actor::Operator { uid: 1000, name: Some("operator".to_owned()) }
}

fn policy(name: &str, source: &str) -> PolicyFile {
    PolicyFile { name: name.to_owned(), source: source.to_owned() }
}

impl Maker {
    fn new(profile: RecordProfile) -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::from_unix(START)));
        let (home, file) = (folder.path().join("province"), policy("province.toml", POLICY));
        let names = ("测试省", Some("Test Province"));
        Province::create_with(profile, &home, names, file, &operator(), clock.clone()).unwrap();
        let province = Province::open(&home, clock.clone()).unwrap();
        let (runtime, authorities) = (Runtime::new().unwrap(), Vec::new());
        Self { folder, clock, province, runtime, authorities, lists: 0 }
    }

    fn command(&self, command: Command) -> Reply {
        self.clock.advance_millis(SECOND_MILLIS);
        self.runtime.block_on(self.province.execute(&operator(), command)).unwrap()
    }

    fn record(&self, by: Actor, change: Change) -> Outcome {
        self.clock.advance_millis(SECOND_MILLIS);
        self.runtime.block_on(self.province.submit(&Entry { by, change })).unwrap().1
    }

    fn now(&self) -> i64 {
        self.clock.now().unix()
    }

    fn enrol(&mut self) {
        for profile in Profile::WITHOUT_SM2 {
            self.add_authority(profile);
            for status in [Status::Draft, Status::Testing, Status::Active] {
                self.set_status(profile.id(), None, status);
            }
        }
        self.import_lists();
        self.archive_lists();
        let roles = vec![
            Role::SignIn,
            Role::DocumentSigning,
            Role::Timestamps,
            Role::Operators,
            Role::RelyingParties,
        ];
        let authority = "ca-b".parse().unwrap();
        self.command(Command::RolesSet { authority, roles });
        let next = Profile::B.authority(Validity::decade_around(START));
        let certificate = TestAuthority::generate(&next).unwrap().root().der().to_vec().into();
        let authority: crate::ids::AuthorityId = "ca-b".parse().unwrap();
        self.command(Command::AnchorAdd {
            authority: authority.clone(),
            certificate,
            effective: None,
        });
        let row = self.province.read(|view| view.authority(&authority)).unwrap().unwrap();
        let second = row.anchors[1].key.spki_sha256.clone();
        self.set_status("ca-b", Some(second), Status::Suspended);
        for issued_after in [Some(self.clock.now()), None] {
            let (authority, reason) = (authority.clone(), "the golden journal".to_owned());
            let anchor = None;
            self.command(Command::DistrustSet { authority, anchor, issued_after, reason });
        }
        let file = policy("ca-b-2.toml", Profile::B.policy_toml());
        let (authority, effective) = (Some(authority), Some(self.clock.now()));
        self.command(Command::PolicySet { authority, policy: file, effective });
        let (id, name) = ("platform".parse().unwrap(), "平台".to_owned());
        self.command(Command::RelyingPartyAdd { id, name });
        self.settle_platform();
    }

    /// A platform with everything that one can have.
    fn settle_platform(&self) {
        let id: RelyingPartyId = "platform".parse().unwrap();
        let certificate = self.authorities[0].1.root().der().to_vec();
        let edit = RelyingPartyEdit {
            access: Some(Access::Open),
            add_keys: vec![certificate.clone().into()],
            add_certificates: vec![certificate.into()],
            verifications_per_minute: Setting::To(700),
            personal_data: Some(PersonalData::Disclosed),
            webhook: Setting::To("https://platform.example/verdicts".parse().unwrap()),
            ..RelyingPartyEdit::default()
        };
        self.command(Command::RelyingPartySet { id: id.clone(), edit: Box::new(edit) });
        self.command(Command::RelyingPartySecret { id, overlap_seconds: 7 * DAY });
    }

    fn add_authority(&mut self, profile: Profile) {
        let spec = profile.authority(Validity::decade_around(START));
        let authority = TestAuthority::generate(&spec).unwrap();
        self.command(Command::AuthorityAdd {
            id: profile.id().parse().unwrap(),
            name_zh: profile.name_zh().to_owned(),
            name_en: Some(profile.name_en().to_owned()),
            hotline: Some("400-000-0000".to_owned()),
            licence_expires: Some(Timestamp::from_unix(START + 1000 * DAY)),
            roles: vec![Role::SignIn],
            anchors: vec![authority.root().der().to_vec().into()],
            intermediates: Vec::new(),
            policy: policy(&format!("{}.toml", profile.id()), profile.policy_toml()),
        });
        for known in authority.intermediates() {
            let certificate = known.der().to_vec().into();
            let authority = profile.id().parse().unwrap();
            self.command(Command::IntermediateAdd { authority, certificate });
        }
        self.authorities.push((profile, authority));
    }

    fn set_status(&self, authority: &str, anchor: Option<String>, status: Status) {
        let change = StatusSet {
            authority: authority.parse().unwrap(),
            anchor,
            status,
            effective: None,
            reason: "the golden journal".to_owned(),
        };
        self.record(operator(), Change::StatusSet(change));
    }

    fn import_lists(&mut self) {
        self.lists += 1;
        for (_, authority) in &self.authorities {
            let spec = CrlSpec::empty(self.lists, self.now() - 60, self.now() + DAY);
            let mut lists = vec![authority.crl(&spec).unwrap()];
            if !authority.intermediates().is_empty() {
                lists.push(authority.root_crl(&spec).unwrap());
            }
            for list in lists {
                self.command(Command::ListImport { list: list.into() });
            }
        }
    }

    /// Older lists than those in force.
    fn archive_lists(&self) {
        for (_, authority) in &self.authorities {
            let spec = CrlSpec::empty(0, START - DAY, START);
            let list = authority.crl(&spec).unwrap().into();
            self.command(Command::ListArchive { list });
        }
    }

    /// Certificates as they come, through recognition.
    fn companies(&mut self) {
        let company = Company::numbered(0);
        let first = self.issue(Profile::A, &company);
        self.sign_in(&first);
        self.sign_in(&first);
        let renamed =
            Company { name: "通行测试另一名称有限公司".to_owned(), ..company.clone() };
        self.sign_in(&self.issue(Profile::C, &renamed));
        let subject = self.company();
        let authority = Profile::C.id().parse().unwrap();
        let confirmed = Change::BindingConfirmed { subject: subject.clone(), authority };
        self.record(Actor::Subject(subject.clone()), confirmed.clone());
        self.record(operator(), confirmed);
        self.sign_in(&self.issue(Profile::C, &renamed));
        self.sign_in(&self.issue(Profile::C, &company));
        self.sign_in(&self.issue(Profile::B, &Company::numbered(1)));
        let name = "通行测试集团有限公司".to_owned();
        self.command(Command::SubjectRename { subject, name });
    }

    fn issue(&self, profile: Profile, company: &Company) -> Issued {
        let leaf = profile.leaf(company, &Person::numbered(0), Validity::year_from(START - 3600));
        let authority = self.authorities.iter().find(|(known, _)| *known == profile);
        authority.unwrap().1.issue(&leaf).unwrap()
    }

    fn sign_in(&self, issued: &Issued) {
        self.clock.advance_millis(SECOND_MILLIS);
        let leaf = Certificate::parse(&issued.certificate_der).unwrap();
        let now = self.clock.now();
        match self.province.snapshot().recognise(&[leaf], Purpose::SignIn, now) {
            Recognition::Recognised(recognised) => {
                let request = SignInRequest {
                    relying_party: "platform".parse().unwrap(),
                    method: Method::Tls,
                    challenge: None,
                    auth_time: now,
                    token: token(now),
                };
                self.runtime.block_on(self.province.admit(*recognised, request)).unwrap();
            }
            other => panic!("{other:?}"),
        }
    }

    fn company(&self) -> SubjectId {
        let identifier = format!("uscc/{}", Company::numbered(0).uscc);
        self.province.read(|view| view.subject_by(&identifier)).unwrap().unwrap()
    }

    /// Identifiers and capacities that the synthetic authorities do not write.
    fn persons(&mut self) {
        let company = Company::numbered(0);
        let person = |number| claim(Kind::PersonalId, &Person::numbered(number).personal_id);
        let opaque = |privacy| EntityClaim {
            value: ClaimText::new("77-01", privacy),
            ..claim(Kind::Opaque, "")
        };
        let unlinked = EntityClaim {
            value: ClaimText::new("TX9999993", Privacy::Public),
            ..claim(Kind::OrganizationCode, "")
        };
        let linked = EntityClaim {
            value: ClaimText::new(company.organization_code(), Privacy::Public),
            name: Some(ClaimText::new("通行测试集团有限公司", Privacy::Public)),
            ..claim(Kind::OrganizationCode, "")
        };
        let claims = [
            (person(1), Capacity::Individual),
            (person(2), Capacity::Individual),
            (opaque(Privacy::Personal), Capacity::Agent),
            (opaque(Privacy::Public), Capacity::LegalRepresentative),
            (unlinked, Capacity::Organization),
            (linked, Capacity::Organization),
        ];
        for (claim, number) in claims.into_iter().zip(1..) {
            let mut sign_in = self.crafted(number, &claim.0);
            sign_in.capacity = claim.1;
            self.record(Actor::Gateway, Change::SignIn(Box::new(sign_in)));
        }
        self.encryption();
    }

    /// An encryption certificate beside the company's last one.
    fn encryption(&self) {
        let of_signing = BlobId::of(b"synthetic certificate 6");
        let content = b"synthetic encryption certificate 6";
        let change = EncryptionRegistered {
            subject: self.company(),
            authority: "ca-b".parse().unwrap(),
            judged_at: self.province.journal().position().sequence,
            signing: of_signing.to_string(),
            certificate: CertificateModel {
                sha256: BlobId::of(content).to_string(),
                serial: "06E0".to_owned(),
                not_after: Timestamp::from_unix(START + 700 * DAY),
                key: None,
                blob: Some(self.province.vault().keep_certificate(content, None).unwrap()),
            },
        };
        self.record(Actor::Gateway, Change::EncryptionRegistered(Box::new(change)));
    }

    /// A sign-in that no certificate stands behind, only its name.
    fn crafted(&self, number: u8, claim: &EntityClaim) -> SignIn {
        let vault = self.province.vault();
        let entity = vault.entity_model(claim, Sealing::Now).unwrap();
        let content = format!("synthetic certificate {number}");
        let person = entity.person.as_ref().map(|person| &person.id);
        SignIn {
            authority: "ca-b".parse().unwrap(),
            judged_at: self.province.journal().position().sequence,
            certificate: CertificateModel {
                sha256: BlobId::of(content.as_bytes()).to_string(),
                serial: format!("{number:02X}"),
                not_after: Timestamp::from_unix(START + 700 * DAY),
                key: None,
                blob: Some(vault.keep_certificate(content.as_bytes(), person).unwrap()),
            },
            entity,
            holder: None,
            capacity: Capacity::Organization,
            new_subject: SubjectId::random().unwrap(),
            relying_party: "platform".parse().unwrap(),
            method: Method::Tls,
            challenge: None,
            auth_time: self.clock.now(),
            token: token(self.clock.now()),
            revocation: Some(RevocationModel {
                method: "crl".to_owned(),
                freshness: FreshnessModel::Grace,
                made: Timestamp::from_unix(START),
            }),
            responses: Vec::new(),
        }
    }

    fn challenges(&mut self) {
        let later = self.clock.now_millis() + 3_600 * SECOND_MILLIS;
        self.answer(1, later, 0);
        self.answer(1, later, 0);
        self.answer(2, START * SECOND_MILLIS, 0);
        let mut stale = self.crafted(7, &company_claim(2));
        stale.judged_at = 1;
        self.record(Actor::Gateway, Change::SignIn(Box::new(stale)));
    }

    fn answer(&self, nonce: u8, expires_at: i64, epoch: u64) {
        let mut sign_in = self.crafted(7, &company_claim(2));
        sign_in.method = Method::Challenge;
        sign_in.challenge =
            Some(ChallengeModel { nonce: hex::encode(&[nonce; 16]), expires_at, epoch });
        self.record(Actor::Gateway, Change::SignIn(Box::new(sign_in)));
    }

    fn refusals(&mut self) {
        let of = |authority: Option<&str>, verdict| RefusedSignIn {
            authority: authority.map(|id| id.parse().unwrap()),
            relying_party: authority.map(|_| "platform".parse().unwrap()),
            certificate_sha256: [7; 32],
            method: Method::Tls,
            verdict,
            codes: vec!["certificate.expired".to_owned()],
            judged_at: 7,
        };
        let refused = [of(Some("ca-a"), Verdict::Failed), of(None, Verdict::Indeterminate)];
        for refused in refused {
            self.runtime.block_on(self.province.refuse(refused)).unwrap();
        }
        let counts = [("path.no_anchor".to_owned(), 7)].into();
        let since = START * SECOND_MILLIS;
        self.runtime.block_on(self.province.summarise_refusals(since, counts)).unwrap();
    }

    fn reading_and_erasing(&mut self) {
        let second = &Person::numbered(2).personal_id;
        let keys = self.province.vault().person_keys_of(Kind::PersonalId, second);
        let person = self.province.read(|view| view.subject_by(&format!("person/{}", keys[0])));
        let subject = person.unwrap().unwrap();
        let reason = "dispute 7".to_owned();
        self.command(Command::SubjectFind { query: second.clone() });
        self.command(Command::SubjectShow { id: subject.clone(), reveal: Some(reason.clone()) });
        let certificate = self.issue(Profile::C, &Company::numbered(0)).certificate_der.into();
        let (authority, reveal) = (Profile::C.id().parse().unwrap(), Some(reason.clone()));
        self.command(Command::PolicyExplain { authority, certificate, reveal });
        self.command(Command::SubjectErase { subject, reason: reason.clone() });
        self.record(operator(), Change::SubjectErased { subject: self.company(), reason });
    }

    fn keeping_the_record(&mut self) {
        self.command(Command::AuditCheckpoint);
        self.province.journal().seal().unwrap();
        self.command(Command::ImageTake);
        let to = self.folder.path().join("archive");
        let (before, keep, apply) = (None, None, Apply::Yes);
        self.command(Command::Archive { to: to.clone(), before, keep, apply });
        self.command(Command::Retrieve { from: to, segments: Vec::new() });
        let file = self.folder.path().join("backup.age");
        let recipients = vec![BackupIdentity::generate().recipient().to_string()];
        self.command(Command::Backup { file, recipients });
        self.command(Command::EvidenceKeyRotate);
        self.command(Command::LookupKeyRotate);
    }

    /// Receipts: one final, one confirmed, one overturned, one that waits for ever; and a
    /// platform that was told.
    fn verifications(&self) {
        let relying_party: RelyingPartyId = "platform".parse().unwrap();
        let evidence = self.province.vault().blobs.put(b"what was trusted").unwrap().to_string();
        let authority: crate::ids::AuthorityId = "ca-b".parse().unwrap();
        let lists = self.province.read(|view| view.lists(&authority)).unwrap();
        let (place, list) = lists.into_iter().next().unwrap();
        let awaited = AwaitedModel {
            authority,
            signer: place.signer,
            scope: place.scope,
            issuer: b"a name".to_vec().into(),
            serial: vec![7].into(),
            not_after: Timestamp::from_unix(START + 365 * DAY),
            at: Timestamp::from_unix(START),
        };
        let mut receipts = Vec::new();
        for awaits in [0, 1, 2, 1] {
            let change = VerificationRecorded {
                relying_party: relying_party.clone(),
                statement: hex::encode(&[awaits; 32]),
                verdict: Verdict::Passed,
                provisional: awaits > 0,
                judged_at: self.province.snapshot().revision(),
                evidence: vec![evidence.clone()],
                awaits: vec![awaited.clone(); usize::from(awaits)],
            };
            self.record(Actor::Gateway, Change::VerificationRecorded(Box::new(change)));
            receipts.push(self.province.journal().position().sequence);
        }
        let word = |receipt, awaited, revoked| DecidedModel {
            statement: None,
            receipt,
            awaited,
            list: list.blob.clone(),
            revoked,
        };
        let revoked = RevokedModel {
            date: Timestamp::from_unix(START - 1),
            reason: Some("keyCompromise".to_owned()),
            invalidity_date: Some(Timestamp::from_unix(START - 2)),
        };
        let decided = vec![
            word(receipts[1], 0, None),
            word(receipts[2], 1, None),
            word(receipts[2], 0, Some(revoked)),
            // Of a receipt that never waited.
            word(receipts[0], 0, None),
        ];
        self.record(Actor::Gateway, Change::ReceiptsDecided(ReceiptsDecided { decided }));
        let through = self.province.journal().position().sequence;
        let change = NoticesDelivered { relying_party, through };
        self.record(Actor::Gateway, Change::NoticesDelivered(change));
    }

    /// Lists that were replaced, and who has no certificate any more.
    fn what_must_go(&mut self) {
        let source = POLICY.replace("evidence = \"16y\"", "evidence = \"1d\"");
        let source = source.replace("lists = \"8y\"", "lists = \"1d\"");
        let source = source.replace("persons = \"16y\"", "persons = \"1d\"");
        let file = policy("province-2.toml", &source);
        // Known now, and in force from the day before: a mistake that is mended.
        let effective = Some(self.clock.now().plus_seconds(-DAY));
        self.command(Command::PolicySet { authority: None, policy: file, effective });
        let person = claim(Kind::PersonalId, &Person::numbered(3).personal_id);
        for (number, claim) in [(8, person), (9, company_claim(3))] {
            let mut expired = self.crafted(number, &claim);
            expired.certificate.not_after = Timestamp::from_unix(START - DAY);
            self.record(Actor::Gateway, Change::SignIn(Box::new(expired)));
        }
        self.clock.advance_millis(3 * DAY * SECOND_MILLIS);
        self.import_lists();
        let reply = self.command(Command::Retention { archive: None, apply: Apply::Yes });
        let Reply::Retention(gone) = reply else { panic!("no answer") };
        assert_eq!((gone.persons.len(), gone.lists.len()), (1, 7));
        // Two certificates, and what receipts relied upon.
        assert_eq!(gone.evidence.len(), 3);
        let segments = vec![SegmentModel { first: 1, last: 2, sha256: hex::encode(&[7; 32]) }];
        let change = RetentionApplied { segments, ..RetentionApplied::default() };
        self.record(operator(), Change::RetentionApplied(change));
    }

    /// Restored from a backup, promoted, its clock put right.
    fn going_on_elsewhere(&mut self) {
        let sequence = self.province.journal().position().sequence;
        let (of_backup_sequence, reason) = (sequence + 7, "a drill".to_owned());
        let restored = Restored { sequence, of_backup_sequence, reason };
        self.record(operator(), Change::Restored(restored));
        let (key, from) = ("a-fingerprint".to_owned(), "192.0.2.7:50000".to_owned());
        self.record(Actor::Gateway, Change::StandbyJoined { key, from });
        let promoted = |forced| Change::Promoted(Promoted { term: 1, forced });
        self.record(operator(), promoted(None));
        let forced = Forced { signed: Some(sequence + 9), reason: Some("a drill".to_owned()) };
        self.record(operator(), promoted(Some(forced)));
        let accepted = CheckpointsAccepted { signed: 7, count: 2, reason: "a drill".to_owned() };
        self.record(operator(), Change::CheckpointsAccepted(accepted));
        let first = self.province.journal().position().sequence + 1;
        self.record(operator(), Change::LostEndAccepted(lost_end(first)));
        self.clock.advance_millis(-3_600 * SECOND_MILLIS);
        self.command(Command::ClockReset { reason: "the clock ran ahead".to_owned() });
        let later = self.clock.now_millis() + 3_600 * SECOND_MILLIS;
        self.answer(3, later, 0);
        let epoch = self.province.read(|view| view.clock()).unwrap().epoch;
        self.answer(4, later, epoch);
    }

    fn ending_authorities(&mut self) {
        self.set_status("ca-b", None, Status::Compromised);
        self.set_status("ca-b", None, Status::Active);
        self.set_status("ca-c", None, Status::Withdrawn);
        self.command(Command::AuditCheckpoint);
    }

    /// Keeps what opens the province: not the index and the images, which follow,
    /// nor blobs that no record names any more.
    fn end(self) -> Made {
        let named = self.province.read(|view| view.named_blobs()).unwrap();
        let (home, clock) = (self.province.folder().to_owned(), self.clock.now_millis());
        self.province.close();
        let kept = TempDir::new().unwrap();
        for part in [folder::JOURNAL, folder::KEYS, folder::CHECKPOINTS] {
            copy_private(&home.join(part), &kept.path().join(part));
        }
        fs::remove_file(kept.path().join(folder::JOURNAL).join("lock")).unwrap();
        for blob in named {
            let place: PathBuf = [folder::BLOBS, &blob[..2], &blob].iter().collect();
            fs::create_dir_all(kept.path().join(&place).parent().unwrap()).unwrap();
            fs::copy(home.join(&place), kept.path().join(&place)).unwrap();
        }
        Made { folder: kept, clock }
    }
}

/// The end of a journal from `first` on, given up.
fn lost_end(first: u64) -> LostEndAccepted {
    LostEndAccepted {
        first,
        last: first + 1,
        segment: format!("{first:020}.seg"),
        offset: 4096,
        bytes: 700,
        cut_off: Some("0707070707070707.bin".to_owned()),
        reason: "no backup".to_owned(),
    }
}

fn token(now: Timestamp) -> TokenModel {
    TokenModel { jti: "golden".to_owned(), issued_at: now, expires_at: now.plus_seconds(300) }
}

/// A person, whom `value` identifies.
fn claim(kind: Kind, value: &str) -> EntityClaim {
    EntityClaim {
        kind,
        value: ClaimText::new(value, Privacy::Personal),
        name: Some(ClaimText::new("测试员", Privacy::Personal)),
        organization_code: None,
    }
}

fn company_claim(number: u32) -> EntityClaim {
    let company = Company::numbered(number);
    EntityClaim {
        kind: Kind::Uscc,
        value: ClaimText::new(&company.uscc, Privacy::Public),
        name: Some(ClaimText::new(&company.name, Privacy::Public)),
        organization_code: Some(company.organization_code().to_owned()),
    }
}
