//! GDCA: an extension for each kind of identifier.

use super::{CONFLICT, Cast, Encoding, NOBODY, SM2};
use crate::key::KeyAlgorithm;
use crate::value::Value;

const USCC: &str = "1.2.86.11.7.7550243.1";
const PERSONAL_ID: &str = "1.2.86.11.7.1";
const ORGANIZATION_CODE: &str = "1.2.86.11.7.3";
const REGISTRATION: &str = "1.2.86.11.7.4";
/// Means nothing elsewhere.
const TRUST_ID: &str = "1.2.86.21.1.3";

pub(super) fn encodings(cast: &Cast) -> Vec<Encoding> {
    let Cast { company, stranger, person, .. } = cast;
    let (uscc, id) = (&company.uscc, &person.personal_id);
    let one = |name, algorithm| {
        Encoding::new("gdca", name, algorithm)
            .named(&company.name)
            .extension(TRUST_ID, Value::utf8("0123456789"))
    };
    vec![
        one("a company", SM2)
            .extension(USCC, Value::utf8(uscc))
            .extension(ORGANIZATION_CODE, Value::utf8(cast.hyphened()))
            .reads(cast.organization()),
        one("a company in the organization code", KeyAlgorithm::Rsa2048)
            .extension(ORGANIZATION_CODE, Value::printable(uscc))
            .reads(cast.organization()),
        one("a company's key with its holder", SM2)
            .extension(USCC, Value::raw_ascii(uscc))
            .extension(PERSONAL_ID, Value::raw_ascii(id))
            .reads(cast.held()),
        Encoding::new("gdca", "a person", KeyAlgorithm::Rsa2048)
            .named(&person.name)
            .extension(PERSONAL_ID, Value::utf8(id))
            .reads(cast.individual()),
        one("two companies", SM2)
            .extension(USCC, Value::utf8(uscc))
            .extension(ORGANIZATION_CODE, Value::utf8(stranger.organization_code()))
            .refused(CONFLICT),
        one("a person's id as the business registration", SM2)
            .extension(REGISTRATION, Value::utf8(id))
            .refused(NOBODY),
    ]
}
