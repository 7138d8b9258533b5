//! BJCA: SM2 certificates with its own extensions, whose octets are plain ASCII that
//! begins like a tag; RSA certificates with one of two others.

use super::{CONFLICT, Cast, Encoding, NOBODY, SM2};
use crate::key::KeyAlgorithm;
use crate::value::Value;

const CODE: &str = "1.2.156.112562.2.1.1.1";
/// `1@5009JJ0…`: `1` is the tag of a SET and `@` a length of 64.
const UNIQUE: &str = "1.2.156.112562.2.1.1.24";
const RSA: &str = "2.16.840.1.113732.2";
const RSA_OLDER: &str = "1.2.86.11.7.1.8";

pub(super) fn encodings(cast: &Cast) -> Vec<Encoding> {
    let Cast { company, stranger, person, .. } = cast;
    let (uscc, code, id) = (&company.uscc, company.organization_code(), &person.personal_id);
    let sm2 = |name| Encoding::new("bjca", name, SM2).named(&company.name);
    let rsa = |name| Encoding::new("bjca", name, KeyAlgorithm::Rsa2048).named(&company.name);
    let unique = |code: &str| format!("1@5009JJ0{code}");
    vec![
        sm2("SM2, a company in ASCII that looks like a SET")
            .extension(UNIQUE, Value::raw_ascii(unique(uscc)))
            .extension(CODE, Value::raw_ascii(format!("JJ{code}")))
            .reads(cast.organization()),
        sm2("SM2, a company in DER")
            .extension(UNIQUE, Value::utf8(unique(uscc)))
            .reads(cast.organization()),
        sm2("SM2, the older code alone")
            .extension(UNIQUE, Value::raw_ascii(unique(code)))
            .reads(cast.by_organization_code()),
        Encoding::new("bjca", "SM2, a person", SM2)
            .named(&person.name)
            .extension(CODE, Value::raw_ascii(format!("SF{id}")))
            .reads(cast.individual()),
        sm2("SM2, two companies")
            .extension(UNIQUE, Value::raw_ascii(unique(uscc)))
            .extension(CODE, Value::raw_ascii(format!("JJ{}", stranger.organization_code())))
            .refused(CONFLICT),
        sm2("SM2, a person's id where a code belongs")
            .extension(UNIQUE, Value::raw_ascii(unique(id)))
            .refused(NOBODY),
        rsa("RSA, a company").extension(RSA, Value::printable(uscc)).reads(cast.organization()),
        rsa("RSA, a company with letters before it, in ASCII")
            .extension(RSA, Value::raw_ascii(format!("JJ{uscc}")))
            .reads(cast.organization()),
        rsa("RSA, a company in the older extension")
            .extension(RSA_OLDER, Value::printable(uscc))
            .reads(cast.organization()),
        rsa("RSA, the older extension where the newer is")
            .extension(RSA, Value::printable(uscc))
            .extension(RSA_OLDER, Value::printable(&stranger.uscc))
            .reads(cast.organization()),
        Encoding::new("bjca", "RSA, a person", KeyAlgorithm::Rsa2048)
            .named(&person.name)
            .extension(RSA, Value::printable(format!("SF{id}")))
            .reads(cast.individual()),
        rsa("RSA, a person's id where a code belongs")
            .extension(RSA, Value::printable(id))
            .refused(NOBODY),
    ]
}
