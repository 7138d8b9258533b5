//! Who plays: authorities that differ as real ones do, the company that holds a
//! certificate of each, and certificates that are wrong in one chosen way.

use tongxing_testdata::{
    AuthoritySpec, Company, CrlSpec, Issued, KeyAlgorithm, LeafSpec, LevelSpec, Person, Profile,
    RevocationReason, RevokedEntry, TestAuthority, TestdataError, Validity,
};
use tongxing_trust_store::PolicyFile;

use crate::outcome::Failure;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// How long the lists are current: a province that is kept stays usable.
const LIST_DAYS: i64 = 30;

/// An authority to be enrolled.
pub(super) struct Member {
    /// Which.
    pub(super) profile: Profile,
    /// Its keys and certificates.
    pub(super) authority: TestAuthority,
    /// Its policy file.
    pub(super) policy: PolicyFile,
    /// The list that covers its leaves, DER.
    pub(super) list: Vec<u8>,
    /// The list that covers its subordinate CAs, DER; of two levels only.
    pub(super) root_list: Option<Vec<u8>>,
}

/// A certificate that somebody shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Credential {
    /// The company's, as it should be.
    Bidder(Profile),
    /// The company's, of an authority that nobody enrolled.
    Stranger,
    /// The company's, of an authority that only bears the name of an enrolled one.
    Imposter,
    /// One that ended yesterday.
    Expired,
    /// One that its authority's list revokes.
    Revoked,
    /// The encryption certificate of a pair.
    Encryption,
    /// The encryption certificate of a pair with SM2 keys.
    Sm2Encryption,
    /// Another company's.
    Neighbour,
    /// That other company's, of another authority and under another name.
    Renamed,
}

/// Everybody.
pub(super) struct Cast {
    /// The authorities, in the order of their enrolment.
    pub(super) members: Vec<Member>,
    /// The company that signs in with each.
    pub(super) company: Company,
    credentials: Vec<(Credential, Issued)>,
}

impl Cast {
    /// Generates keys, certificates and lists as of `now`, Unix seconds.
    pub(super) fn generate(now: i64) -> Result<Self, Failure> {
        Self::make(now)
            .map_err(|error| Failure::unavailable(format!("generating the cast: {error}")))
    }

    fn make(now: i64) -> Result<Self, TestdataError> {
        let company = Company::numbered(0);
        let mut credentials = Vec::new();
        let mut members = Vec::new();
        for profile in Profile::ALL {
            let authority =
                TestAuthority::generate(&profile.authority(Validity::decade_around(now)))?;
            for (credential, spec) in leaves(profile, &company, now) {
                credentials.push((credential, authority.issue(&spec)?));
            }
            let revoked = held(&credentials, Credential::Revoked);
            let revoked = revoked.filter(|_| profile == REVOKED_BY);
            members.push(member(profile, authority, revoked, now)?);
        }
        let spec = Profile::B.leaf(&company, &Person::numbered(0), Validity::year_from(now));
        for (credential, authority) in outsiders(now)? {
            credentials.push((credential, authority.issue(&spec)?));
        }
        Ok(Self { members, company, credentials })
    }

    /// A certificate with its key.
    pub(super) fn credential(&self, credential: Credential) -> Option<&Issued> {
        held(&self.credentials, credential)
    }
}

fn held(credentials: &[(Credential, Issued)], wanted: Credential) -> Option<&Issued> {
    credentials.iter().find(|(credential, _)| *credential == wanted).map(|(_, issued)| issued)
}

/// Whose certificate is revoked.
const REVOKED_BY: Profile = Profile::B;

/// What one authority issues for the scenes.
fn leaves(profile: Profile, company: &Company, now: i64) -> Vec<(Credential, LeafSpec)> {
    let holder = Person::numbered(0);
    let year = Validity::year_from(now);
    let leaf = |company: &Company, validity| profile.leaf(company, &holder, validity);
    let neighbour = Company::numbered(1);
    let renamed = Company { name: Company::numbered(2).name, uscc: neighbour.uscc.clone() };
    let mut leaves = vec![(Credential::Bidder(profile), leaf(company, year))];
    match profile {
        Profile::A => {
            leaves.push((Credential::Expired, leaf(company, Validity::expired_at(now))));
            leaves.push((Credential::Neighbour, leaf(&neighbour, year)));
        }
        Profile::B => {
            leaves.push((Credential::Revoked, leaf(company, year)));
            leaves.push((Credential::Renamed, leaf(&renamed, year)));
        }
        Profile::C => {
            leaves.push((Credential::Encryption, leaf(company, year).encryption_only()));
        }
        Profile::D => {
            leaves.push((Credential::Sm2Encryption, leaf(company, year).encryption_only()));
        }
    }
    leaves
}

fn member(
    profile: Profile,
    authority: TestAuthority,
    revoked: Option<&Issued>,
    now: i64,
) -> Result<Member, TestdataError> {
    let empty = CrlSpec::empty(1, now - HOUR, now + LIST_DAYS * DAY);
    let spec = match revoked {
        Some(issued) => empty.clone().revoking(RevokedEntry::new(
            issued.serial.clone(),
            now - HOUR,
            RevocationReason::KeyCompromise,
        )),
        None => empty.clone(),
    };
    let two_levels = !authority.intermediates().is_empty();
    Ok(Member {
        profile,
        list: authority.crl(&spec)?,
        root_list: two_levels.then(|| authority.root_crl(&empty)).transpose()?,
        authority,
        policy: PolicyFile {
            name: format!("{}.toml", profile.id()),
            source: profile.policy_toml().to_owned(),
        },
    })
}

/// Authorities that are not enrolled: one of its own, and one that bears B's name.
fn outsiders(now: i64) -> Result<[(Credential, TestAuthority); 2], TestdataError> {
    let validity = Validity::decade_around(now);
    let root =
        LevelSpec::new("通行测试", "Tongxing Test Stranger", KeyAlgorithm::EcdsaP256, validity);
    let stranger = AuthoritySpec::one_level("stranger", root);
    let imposter = AuthoritySpec { id: "imposter".to_owned(), ..Profile::B.authority(validity) };
    Ok([
        (Credential::Stranger, TestAuthority::generate(&stranger)?),
        (Credential::Imposter, TestAuthority::generate(&imposter)?),
    ])
}
