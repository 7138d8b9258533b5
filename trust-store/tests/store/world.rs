//! A province in a temporary folder with synthetic authorities in it.

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use tongxing_pki::{Certificate, OcspReply, OcspResponse, RevocationResponses, Timestamp};
use tongxing_testdata::{
    Company, CrlSpec, Issued, OcspAnswer, OcspSpec, OcspStatus, Person, Profile, TestAuthority,
    Validity,
};
use tongxing_trust_store::{
    Actor, Admission, Admitted, AuthorityId, Command, CommandError, ManualClock, Method,
    PolicyFile, Province, Purpose, Recognition, RecordProfile, Reply, Role, SignInRequest, Status,
    SuppliedEvidence, TokenModel,
};

/// The moment at which every test begins.
pub(crate) const NOW: i64 = 1_780_000_000;

pub(crate) const PROVINCE_POLICY: &str = include_str!("../../../policies/province.toml");

pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) province: Option<Province>,
    pub(crate) authorities: Vec<(Profile, TestAuthority)>,
}

pub(crate) fn operator() -> Actor {
    Actor::Operator { uid: 0, name: None }
}

impl World {
    /// A province with the given authorities active, each with a fresh list.
    pub(crate) async fn with(profiles: &[Profile]) -> Self {
        Self::of(RecordProfile::Standard, profiles).await
    }

    /// The same, of this profile.
    pub(crate) async fn of(record: RecordProfile, profiles: &[Profile]) -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::from_unix(NOW)));
        let policy = PolicyFile { name: "province.toml".into(), source: PROVINCE_POLICY.into() };
        let home = folder.path().join("province");
        let names = ("测试省", None);
        Province::create_with(record, &home, names, policy, &operator(), clock.clone()).unwrap();
        let province = Province::open(&home, clock.clone()).unwrap();
        let mut world = Self { folder, clock, province: Some(province), authorities: Vec::new() };
        for profile in profiles {
            world.enrol(*profile).await;
        }
        world
    }

    pub(crate) fn home(&self) -> std::path::PathBuf {
        self.folder.path().join("province")
    }

    pub(crate) fn province(&self) -> &Province {
        self.province.as_ref().unwrap()
    }

    pub(crate) fn reopen(&mut self) {
        self.province = None;
        self.province = Some(Province::open(&self.home(), self.clock.clone()).unwrap());
    }

    pub(crate) async fn command(&self, command: Command) -> Result<Reply, CommandError> {
        self.province().execute(&operator(), command).await
    }

    async fn enrol(&mut self, profile: Profile) {
        let authority =
            TestAuthority::generate(&profile.authority(Validity::decade_around(NOW))).unwrap();
        self.enrol_as(profile.id(), profile, authority, profile.policy_toml()).await;
    }

    /// Enrols an authority that differs from its profile's in its keys, under an id and
    /// with a policy of its own.
    pub(crate) async fn enrol_as(
        &mut self,
        id: &str,
        profile: Profile,
        authority: TestAuthority,
        policy: &str,
    ) {
        self.add(id, profile, &authority, policy).await;
        self.import_lists(&authority, 1, &[]).await;
        self.authorities.push((profile, authority));
    }

    /// The same without a list.
    pub(crate) async fn add(
        &self,
        id: &str,
        profile: Profile,
        authority: &TestAuthority,
        policy: &str,
    ) {
        let id: AuthorityId = id.parse().unwrap();
        let intermediates = authority.intermediates().iter();
        self.command(Command::AuthorityAdd {
            id: id.clone(),
            name_zh: profile.name_zh().into(),
            name_en: Some(profile.name_en().into()),
            hotline: None,
            licence_expires: None,
            roles: vec![Role::SignIn],
            anchors: vec![authority.root().der().to_vec().into()],
            intermediates: intermediates.map(|known| known.der().to_vec().into()).collect(),
            policy: PolicyFile { name: format!("{id}.toml"), source: policy.into() },
        })
        .await
        .unwrap();
        self.set_status(&id, Status::Active).await;
    }

    pub(crate) async fn set_status(&self, id: &AuthorityId, status: Status) {
        let command = Command::StatusSet {
            authority: id.clone(),
            anchor: None,
            status,
            effective: None,
            reason: "test".into(),
        };
        self.command(command).await.unwrap();
    }

    pub(crate) async fn import_lists(
        &self,
        authority: &TestAuthority,
        number: u64,
        revoked: &[tongxing_testdata::RevokedEntry],
    ) {
        let this_update = self.clock_seconds() - 60;
        let mut spec = CrlSpec::empty(number, this_update, this_update + 86_400);
        for entry in revoked {
            spec = spec.revoking(entry.clone());
        }
        let list = authority.crl(&spec).unwrap();
        self.command(Command::ListImport { list: list.into() }).await.unwrap();
        if !authority.intermediates().is_empty() {
            let spec = CrlSpec::empty(number, this_update, this_update + 86_400);
            let list = authority.root_crl(&spec).unwrap();
            self.command(Command::ListImport { list: list.into() }).await.unwrap();
        }
    }

    pub(crate) fn clock_seconds(&self) -> i64 {
        use tongxing_trust_store::Clock;
        self.clock.now().unix()
    }

    pub(crate) fn authority(&self, profile: Profile) -> &TestAuthority {
        let found = self.authorities.iter().find(|(known, _)| *known == profile);
        &found.unwrap().1
    }

    pub(crate) fn issue(&self, profile: Profile, company: &Company) -> Issued {
        let leaf = profile.leaf(company, &Person::numbered(0), Validity::year_from(NOW - 3600));
        self.authority(profile).issue(&leaf).unwrap()
    }

    pub(crate) fn recognise(&self, issued: &Issued) -> Recognition {
        let leaf = Certificate::parse(&issued.certificate_der).unwrap();
        let at = Timestamp::from_unix(self.clock_seconds());
        self.province().snapshot().recognise(&[leaf], Purpose::SignIn, at)
    }

    /// Gives authority B a policy with these keys of `[revocation]`.
    pub(crate) async fn allow_ocsp(&self, revocation: &str) {
        let revocation = format!("{revocation}\nhosts = [\"ocsp.example.cn\"]");
        let source = Profile::B.policy_toml().replace("order = [\"crl\"]", &revocation);
        let policy = PolicyFile { name: "b.toml".into(), source };
        let authority = Some(Profile::B.id().parse().unwrap());
        self.command(Command::PolicySet { authority, policy, effective: None }).await.unwrap();
    }

    /// Authority B's response that says that this certificate is good, made a minute ago.
    pub(crate) fn response_about(&self, issued: &Issued, next_update: Option<i64>) -> OcspResponse {
        let answer = OcspAnswer::new(issued.serial.clone(), OcspStatus::Good, NOW - 60, NOW);
        let spec = OcspSpec::of(OcspAnswer { next_update, ..answer });
        let der = self.authority(Profile::B).root().ocsp(&spec).unwrap();
        let OcspReply::Answered(response) = OcspReply::parse(&der).unwrap() else { panic!() };
        response
    }

    pub(crate) fn recognise_on(&self, issued: &Issued, response: OcspResponse) -> Recognition {
        let responses = RevocationResponses::from_iter([response]);
        let supplied = SuppliedEvidence { responses, ..SuppliedEvidence::default() };
        let leaf = Certificate::parse(&issued.certificate_der).unwrap();
        let at = Timestamp::from_unix(self.clock_seconds());
        self.province().snapshot().recognise_with(&[leaf], Purpose::SignIn, at, &supplied)
    }

    pub(crate) async fn sign_in(&self, issued: &Issued) -> Admission {
        self.sign_in_as_judged(self.recognise(issued)).await
    }

    pub(crate) async fn sign_in_as_judged(&self, recognition: Recognition) -> Admission {
        match recognition {
            Recognition::Recognised(recognised) => self
                .province()
                .admit(*recognised, request(Timestamp::from_unix(NOW)))
                .await
                .unwrap(),
            other => panic!("not recognised: {:#?}", decisive(&other)),
        }
    }

    pub(crate) async fn admitted(&self, issued: &Issued) -> Admitted {
        match self.sign_in(issued).await {
            Admission::Admitted(admitted) => *admitted,
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn request(now: Timestamp) -> SignInRequest {
    SignInRequest {
        relying_party: "platform".parse().unwrap(),
        method: Method::Tls,
        challenge: None,
        auth_time: now,
        token: TokenModel { jti: "t".into(), issued_at: now, expires_at: now.plus_seconds(300) },
    }
}

/// The codes that decided against a certificate.
pub(crate) fn decisive(recognition: &Recognition) -> Vec<String> {
    use tongxing_pki::Level;
    let findings = recognition.findings().iter();
    findings
        .filter(|finding| matches!(finding.level(), Level::Failed | Level::Indeterminate))
        .map(|finding| format!("{} {:?}", finding.code().id, finding.observation()))
        .collect()
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}
