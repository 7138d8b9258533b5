//! Authority A: RSA, one level, everything in the common name.

use super::Profile;
use crate::authority::{AuthoritySpec, LevelSpec};
use crate::identity::Company;
use crate::key::KeyAlgorithm;
use crate::leaf::LeafSpec;
use crate::moment::Validity;
use crate::name::Attribute;
use crate::oid;

pub(super) fn authority(validity: Validity) -> AuthoritySpec {
    let root = LevelSpec::new(
        Profile::A.name_zh(),
        "Tongxing Test A OCA1",
        KeyAlgorithm::Rsa2048,
        validity,
    );
    AuthoritySpec::one_level(Profile::A.id(), root.with_path_length(0))
}

/// `051@name@N<code>@1`: 051 an organization, N before a unified social credit code.
pub(super) fn leaf(company: &Company, validity: Validity) -> LeafSpec {
    let common_name = format!("051@{}@N{}@1", company.name, company.uscc);
    let subject = vec![
        Attribute::printable(oid::COUNTRY, "CN"),
        Attribute::utf8(oid::ORGANIZATION, Profile::A.name_zh()),
        Attribute::printable(oid::ORGANIZATIONAL_UNIT, "TXRA"),
        Attribute::printable(oid::ORGANIZATIONAL_UNIT, "Organizational-1"),
        Attribute::utf8(oid::COMMON_NAME, common_name),
    ];
    LeafSpec {
        crl_urls: vec![Profile::A.crl_url()],
        ..LeafSpec::signing(subject, validity).with_algorithm(KeyAlgorithm::Rsa2048)
    }
}
