//! Fujian CA: the extensions of GM/T 0015 one after another, and one of its own.

use super::{CONFLICT, Cast, Encoding, NOBODY, SM2};
use crate::key::KeyAlgorithm;
use crate::oid;
use crate::value::Value;

const REGISTRATION: &str = "1.2.156.10260.4.1.3";
/// The code stands behind the last `@`.
const OWN: &str = "1.2.156.112578.1";

pub(super) fn encodings(cast: &Cast) -> Vec<Encoding> {
    let Cast { company, stranger, person, .. } = cast;
    let (uscc, id) = (&company.uscc, &person.personal_id);
    let one = |name, algorithm| Encoding::new("fujian", name, algorithm).named(&company.name);
    let person_of = |name, value: Value| {
        Encoding::new("fujian", name, SM2)
            .named(&person.name)
            .extension(oid::GMT_0015_IDENTIFY_CODE, value)
            .reads(cast.individual())
    };
    let hyphened = format!("{}-{}", &uscc[..9], &uscc[9..]);
    vec![
        one("a company with hyphens, and once more behind the last @", SM2)
            .extension(REGISTRATION, Value::printable(hyphened))
            .extension(OWN, Value::utf8(format!("甲@乙@{uscc}")))
            .reads(cast.organization()),
        one("a company in .4.1.1", KeyAlgorithm::Rsa2048)
            .extension(oid::GMT_0015_IDENTIFY_CODE, Value::printable(uscc))
            .reads(cast.organization()),
        one("a company in .4.1.4, in ASCII", KeyAlgorithm::Rsa2048)
            .extension(oid::GMT_0015_ORGANIZATION_CODE, Value::raw_ascii(uscc))
            .reads(cast.organization()),
        one("the older code behind the last @", SM2)
            .extension(OWN, Value::utf8(format!("甲@{}", cast.hyphened())))
            .reads(cast.by_organization_code()),
        person_of("a person, IMPLICIT", Value::printable(id).implicit(0)),
        person_of("a person, EXPLICIT", Value::printable(id).explicit(0)),
        person_of("a person, SET { [0] { string } }", Value::printable(id).explicit(0).in_set()),
        person_of("a person, a string alone", Value::printable(id)),
        one("two companies", SM2)
            .extension(REGISTRATION, Value::printable(uscc))
            .extension(OWN, Value::utf8(format!("甲@乙@{}", stranger.uscc)))
            .refused(CONFLICT),
        one("a person's id in .4.1.4", SM2)
            .extension(oid::GMT_0015_ORGANIZATION_CODE, Value::printable(id))
            .refused(NOBODY),
    ]
}
