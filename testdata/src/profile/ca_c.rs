//! Authority C: a root and an issuing level, the code in the subject, a holder named.

use super::Profile;
use crate::authority::{AuthoritySpec, LevelSpec};
use crate::identity::{Company, Person};
use crate::key::KeyAlgorithm;
use crate::leaf::LeafSpec;
use crate::moment::Validity;
use crate::name::{Attribute, Extension};
use crate::oid;
use crate::value::Value;

pub(super) fn authority(validity: Validity) -> AuthoritySpec {
    let level = |common_name, length| {
        let name = Profile::C.name_zh();
        LevelSpec::new(name, common_name, KeyAlgorithm::EcdsaP384, validity)
            .with_path_length(length)
    };
    AuthoritySpec::one_level(Profile::C.id(), level("Tongxing Test C Root", 1))
        .below(level("Tongxing Test C Issuing 1", 0))
}

/// The company in serialNumber and O, the employee in CN, her id where GM/T 0015 puts it.
pub(super) fn leaf(company: &Company, holder: &Person, validity: Validity) -> LeafSpec {
    let subject = vec![
        Attribute::printable(oid::COUNTRY, "CN"),
        Attribute::utf8(oid::ORGANIZATION, &company.name),
        Attribute::printable(oid::SERIAL_NUMBER, &company.uscc),
        Attribute::utf8(oid::COMMON_NAME, &holder.name),
    ];
    let id = Value::printable(&holder.personal_id).explicit(0);
    LeafSpec {
        crl_urls: vec![Profile::C.crl_url()],
        ..LeafSpec::signing(subject, validity)
            .with_extension(Extension::new(oid::GMT_0015_IDENTIFY_CODE, id))
    }
}
