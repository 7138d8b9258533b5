//! CAs that keep to GM/T 0015, in the taggings and places that are seen.

use super::{CONFLICT, Cast, Encoding, ExpectedIdentity, MISWRITTEN, NOBODY, SM2};
use crate::key::KeyAlgorithm;
use crate::oid;
use crate::value::Value;

const TAX_NUMBER: &str = "1.2.156.10260.4.1.5";
/// GM/T 0015-2023, as another source gives it.
const USCC: &str = "1.2.156.10260.4.4.4";
/// GM/T 0015-2023: a resident id and a passport, each by itself.
const PERSONAL_ID: &str = "1.2.156.10260.4.1.1.1";
const PASSPORT: &str = "1.2.156.10260.4.1.1.2";

fn of(name: &'static str, algorithm: KeyAlgorithm) -> Encoding {
    Encoding::new("gmt0015-generic", name, algorithm)
}

pub(super) fn encodings(cast: &Cast) -> Vec<Encoding> {
    [companies(cast), persons(cast), refusals(cast)].concat()
}

fn companies(cast: &Cast) -> Vec<Encoding> {
    let uscc = &cast.company.uscc;
    let one = |name, algorithm, place, value| {
        of(name, algorithm).named(&cast.company.name).extension(place, value)
    };
    let (code, identify) = (oid::GMT_0015_ORGANIZATION_CODE, oid::GMT_0015_IDENTIFY_CODE);
    let rsa = KeyAlgorithm::Rsa2048;
    let id = Value::printable(&cast.person.personal_id);
    vec![
        one("USCC in .4.4", SM2, oid::GMT_0015_USCC, Value::printable(uscc))
            .reads(cast.organization()),
        one("USCC in .4.4.4", SM2, USCC, Value::utf8(uscc)).reads(cast.organization()),
        one("USCC in the organization code", rsa, code, Value::printable(uscc))
            .reads(cast.organization()),
        one("USCC in the tax number", rsa, TAX_NUMBER, Value::raw_ascii(uscc))
            .reads(cast.organization()),
        one("the older code", rsa, code, Value::printable(cast.hyphened()))
            .reads(cast.by_organization_code()),
        one("a holder, EXPLICIT", SM2, code, Value::printable(uscc))
            .extension(identify, id.clone().explicit(0))
            .reads(cast.held()),
        one("a holder, IMPLICIT", SM2, code, Value::printable(uscc))
            .extension(identify, id.clone().implicit(0))
            .reads(cast.held()),
        one("a holder, of 2023", SM2, oid::GMT_0015_USCC, Value::printable(uscc))
            .extension(PERSONAL_ID, id)
            .reads(cast.held()),
    ]
}

fn persons(cast: &Cast) -> Vec<Encoding> {
    let person = &cast.person;
    let one = |name, place, value| of(name, SM2).named(&person.name).extension(place, value);
    let id = Value::printable(&person.personal_id);
    let passport = Value::printable("E12345678");
    let abroad =
        ExpectedIdentity { kind: "passport", value: "E12345678".to_owned(), ..cast.individual() };
    let identify = oid::GMT_0015_IDENTIFY_CODE;
    vec![
        one("a person, EXPLICIT", identify, id.clone().explicit(0)).reads(cast.individual()),
        one("a person, IMPLICIT", identify, id.clone().implicit(0)).reads(cast.individual()),
        one("a person, SET { [0] { string } }", identify, id.clone().explicit(0).in_set())
            .reads(cast.individual()),
        one("a person, of 2023", PERSONAL_ID, id).reads(cast.individual()),
        one("a passport, EXPLICIT", identify, passport.clone().explicit(2)).reads(abroad.clone()),
        one("a passport, IMPLICIT", identify, passport.clone().implicit(2)).reads(abroad.clone()),
        one("a passport, of 2023", PASSPORT, passport).reads(abroad),
    ]
}

fn refusals(cast: &Cast) -> Vec<Encoding> {
    let Cast { company, stranger, person, .. } = cast;
    let one = |name| of(name, SM2).named(&company.name);
    let id = Value::printable(&person.personal_id);
    vec![
        one("a person's id of 18 characters in .4.1.4")
            .extension(oid::GMT_0015_ORGANIZATION_CODE, id)
            .refused(NOBODY),
        one("two codes")
            .extension(oid::GMT_0015_USCC, Value::printable(&company.uscc))
            .extension(oid::GMT_0015_ORGANIZATION_CODE, Value::printable(&stranger.uscc))
            .refused(CONFLICT),
        one("a code and another's older code")
            .extension(oid::GMT_0015_USCC, Value::printable(&company.uscc))
            .extension(TAX_NUMBER, Value::printable(&stranger.uscc))
            .refused(CONFLICT),
        one("a military id, of which nothing is made")
            .extension(oid::GMT_0015_IDENTIFY_CODE, Value::utf8("军字第0000001号").explicit(1))
            .refused(NOBODY),
        one("a wrong check character")
            .extension(oid::GMT_0015_USCC, Value::printable(&cast.miswritten))
            .refused(MISWRITTEN),
    ]
}
