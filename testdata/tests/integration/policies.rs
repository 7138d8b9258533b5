//! The profiles' policy files read from their leaves what was written into them.

use std::error::Error;

use tongxing_pki::{Certificate, Level, Timestamp};
use tongxing_testdata::{Company, Issued, LeafSpec, Person, Profile, TestAuthority, Validity};
use tongxing_trust_store::{AuthorityPolicy, Capacity, ProvincePolicy, Role};

use super::NOW;

/// The rules that the project ships.
const PROVINCE: &str = include_str!("../../../policies/province.toml");

#[test]
fn the_same_company_is_read_at_every_authority() -> Result<(), Box<dyn Error>> {
    let province = ProvincePolicy::parse("province.toml", PROVINCE)?;
    let (company, holder) = (Company::numbered(0), Person::numbered(0));
    for profile in Profile::ALL {
        let policy = AuthorityPolicy::parse(profile.id(), profile.policy_toml())?;
        assert_eq!(policy.authority().as_str(), profile.id());
        let spec = profile.authority(Validity::decade_around(NOW));
        let leaf = profile.leaf(&company, &holder, Validity::year_from(NOW));
        let issued = TestAuthority::generate(&spec)?.issue(&leaf)?;
        let certificate = Certificate::parse(&issued.certificate_der)?;
        let identification = policy.identify(&province, &certificate);
        let identity = identification.identity().ok_or("not identified")?;
        assert_eq!(identity.entity.value.reveal(), company.uscc);
        let name = identity.entity.name.as_ref().ok_or("no name")?;
        assert_eq!(name.reveal(), company.name);
        match profile {
            Profile::A | Profile::B | Profile::D => {
                assert_eq!(identity.capacity, Capacity::Organization);
                assert_eq!(identity.holder, None);
            }
            Profile::C => {
                assert_eq!(identity.capacity, Capacity::Agent);
                let held = identity.holder.as_ref().ok_or("no holder")?;
                let id = held.id.as_ref().ok_or("no holder's id")?;
                assert_eq!(id.value.reveal(), holder.personal_id);
            }
        }
    }
    Ok(())
}

/// The codes of what the policy holds against a leaf for signing in.
fn failures(policy: &AuthorityPolicy, leaf: &Issued) -> Result<Vec<&'static str>, Box<dyn Error>> {
    let path = [&leaf.certificate_der].into_iter().chain(&leaf.chain_der);
    let path = path.map(|der| Certificate::parse(der)).collect::<Result<Vec<_>, _>>()?;
    let findings = policy.accept(&path, Role::SignIn, Timestamp::from_unix(NOW));
    let failed = findings.iter().filter(|finding| finding.level() == Level::Failed);
    Ok(failed.map(|finding| finding.code().id).collect())
}

#[test]
fn policies_take_signing_leaves_and_no_others() -> Result<(), Box<dyn Error>> {
    for profile in Profile::ALL {
        let policy = AuthorityPolicy::parse(profile.id(), profile.policy_toml())?;
        let authority = TestAuthority::generate(&profile.authority(Validity::decade_around(NOW)))?;
        let validity = Validity::year_from(NOW);
        let good = profile.leaf(&Company::numbered(0), &Person::numbered(0), validity);
        let refused = |spec: &LeafSpec| failures(&policy, &authority.issue(spec)?);
        assert_eq!(refused(&good)?, [""; 0], "{profile:?}");
        assert_eq!(refused(&good.clone().server_only())?.len(), 1, "{profile:?}");
        let encryption = refused(&good.encryption_only())?;
        assert!(encryption.iter().any(|code| code.contains("encryption")), "{encryption:?}");
    }
    Ok(())
}
