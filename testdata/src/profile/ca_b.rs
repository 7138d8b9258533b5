//! Authority B: P-256, one level, the code in an extension.

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
    let root = LevelSpec::new(
        Profile::B.name_zh(),
        "Tongxing Test B Root",
        KeyAlgorithm::EcdsaP256,
        validity,
    );
    AuthoritySpec::one_level(Profile::B.id(), root.with_path_length(0))
}

pub(super) fn leaf(company: &Company, validity: Validity) -> LeafSpec {
    let subject = vec![
        Attribute::printable(oid::COUNTRY, "CN"),
        Attribute::utf8(oid::ORGANIZATION, &company.name),
        Attribute::utf8(oid::COMMON_NAME, &company.name),
    ];
    let code = Extension::new(oid::GMT_0015_USCC, Value::printable(&company.uscc));
    LeafSpec {
        crl_urls: vec![Profile::B.crl_url()],
        ..LeafSpec::signing(subject, validity).with_extension(code)
    }
}
