//! Zhejiang CA: everything in the subject, the code in an attribute meant for another
//! thing.

use super::{CONFLICT, Cast, Encoding, ExpectedIdentity, MISWRITTEN, SM2};
use crate::key::KeyAlgorithm;
use crate::oid;

fn certificate(name: &'static str, algorithm: KeyAlgorithm, of: &str, code: &str) -> Encoding {
    Encoding::new("zhejiang", name, algorithm)
        .with(oid::GIVEN_NAME, of)
        .with(oid::ALIASED_ENTRY_NAME, code)
}

pub(super) fn encodings(cast: &Cast) -> Vec<Encoding> {
    let Cast { company, resident, .. } = cast;
    let one = |name, algorithm, code: &str| certificate(name, algorithm, &company.name, code);
    let resident_alone = ExpectedIdentity {
        value: resident.personal_id.clone(),
        name: Some(resident.name.clone()),
        ..cast.individual()
    };
    vec![
        one("a company, SM2", SM2, &company.uscc).reads(cast.organization()),
        one("a company, RSA", KeyAlgorithm::Rsa2048, &company.uscc).reads(cast.organization()),
        one("the older code", SM2, &cast.hyphened()).reads(cast.by_organization_code()),
        certificate("a person", SM2, &resident.name, &resident.personal_id).reads(resident_alone),
        one("a wrong check character", SM2, &cast.miswritten).refused(MISWRITTEN),
        one("two codes", SM2, &company.uscc)
            .with(oid::ALIASED_ENTRY_NAME, &cast.stranger.uscc)
            .refused(CONFLICT),
    ]
}
