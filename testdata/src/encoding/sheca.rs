//! SHECA: its own extensions, current and older, and the one of GM/T 0015.

use super::{CONFLICT, Cast, Encoding, NOBODY, SM2};
use crate::key::KeyAlgorithm;
use crate::oid;
use crate::value::Value;

const USCC: &str = "1.2.156.112570.11.210";
/// Ends in `SF0<resident id>` for persons.
const UNIQUE: &str = "1.2.156.112570.11.205";
const OLDER: &str = "1.2.156.1.8888.148";

pub(super) fn encodings(cast: &Cast) -> Vec<Encoding> {
    let Cast { company, stranger, person, .. } = cast;
    let (uscc, id) = (&company.uscc, &person.personal_id);
    let one = |name, algorithm| Encoding::new("sheca", name, algorithm).named(&company.name);
    let unique = || Value::utf8(format!("1-7001SF0{id}"));
    vec![
        one("current, a company", SM2)
            .extension(USCC, Value::printable(uscc))
            .reads(cast.organization()),
        one("current, a company's key with its holder", SM2)
            .extension(USCC, Value::utf8(uscc))
            .extension(UNIQUE, unique())
            .reads(cast.held()),
        one("older, a company", KeyAlgorithm::Rsa2048)
            .extension(OLDER, Value::printable(uscc))
            .reads(cast.organization()),
        one("older, the older code in ASCII", KeyAlgorithm::Rsa2048)
            .extension(OLDER, Value::raw_ascii(cast.hyphened()))
            .reads(cast.by_organization_code()),
        one("a company in GM/T 0015's extension", KeyAlgorithm::Rsa2048)
            .extension(oid::GMT_0015_ORGANIZATION_CODE, Value::printable(uscc))
            .reads(cast.organization()),
        Encoding::new("sheca", "a person, whose id stands in GM/T 0015's extension too", SM2)
            .named(&person.name)
            .extension(UNIQUE, unique())
            .extension(oid::GMT_0015_ORGANIZATION_CODE, Value::printable(id))
            .reads(cast.individual()),
        one("a person's id of 18 characters is no code", KeyAlgorithm::Rsa2048)
            .extension(oid::GMT_0015_ORGANIZATION_CODE, Value::printable(id))
            .refused(NOBODY),
        one("two companies", SM2)
            .extension(USCC, Value::printable(uscc))
            .extension(OLDER, Value::printable(&stranger.uscc))
            .refused(CONFLICT),
    ]
}
