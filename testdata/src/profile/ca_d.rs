//! Authority D: SM2, a root and an issuing level, the code in an extension of GM/T 0015.

use super::Profile;
use crate::authority::{AuthoritySpec, LevelSpec};
use crate::identity::Company;
use crate::key::KeyAlgorithm;
use crate::leaf::LeafSpec;
use crate::moment::Validity;
use crate::name::{Attribute, Extension};
use crate::oid;
use crate::value::Value;

pub(super) fn authority(validity: Validity) -> AuthoritySpec {
    let level = |common_name, length| {
        let name = Profile::D.name_zh();
        LevelSpec::new(name, common_name, KeyAlgorithm::Sm2, validity).with_path_length(length)
    };
    AuthoritySpec::one_level(Profile::D.id(), level("Tongxing Test D Root", 1))
        .below(level("Tongxing Test D Issuing 1", 0))
}

/// The company in O and CN, its whole code where GM/T 0015 has the organization code.
pub(super) fn leaf(company: &Company, validity: Validity) -> LeafSpec {
    let subject = vec![
        Attribute::printable(oid::COUNTRY, "CN"),
        Attribute::utf8(oid::ORGANIZATION, &company.name),
        Attribute::utf8(oid::COMMON_NAME, &company.name),
    ];
    let code = Extension::new(oid::GMT_0015_ORGANIZATION_CODE, Value::printable(&company.uscc));
    LeafSpec {
        crl_urls: vec![Profile::D.crl_url()],
        ..LeafSpec::signing(subject, validity)
            .with_algorithm(KeyAlgorithm::Sm2)
            .with_extension(code)
    }
}
