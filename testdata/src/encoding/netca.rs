//! NETCA: one extension of its own in UTF-8, and its class in another.

use super::{Cast, Encoding, MISWRITTEN, NOBODY, SM2};
use crate::key::KeyAlgorithm;
use crate::value::Value;

const CODE: &str = "1.3.6.1.4.1.18760.1.12.11";
const CLASS: &str = "1.3.6.1.4.1.18760.1.12.12.2";

pub(super) fn encodings(cast: &Cast) -> Vec<Encoding> {
    let Cast { company, person, .. } = cast;
    let one = |name, algorithm, code: &str| {
        Encoding::new("netca", name, algorithm)
            .named(&company.name)
            .extension(CODE, Value::utf8(code))
            .extension(CLASS, Value::utf8("001"))
    };
    vec![
        one("a company, SM2", SM2, &company.uscc).reads(cast.organization()),
        one("a company, RSA", KeyAlgorithm::Rsa2048, &company.uscc).reads(cast.organization()),
        one("the older code", SM2, &cast.hyphened()).reads(cast.by_organization_code()),
        one("a person's id", SM2, &person.personal_id).refused(NOBODY),
        one("a wrong check character", SM2, &cast.miswritten).refused(MISWRITTEN),
    ]
}
