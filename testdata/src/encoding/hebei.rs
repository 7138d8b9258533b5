//! Hebei CA: the tax number in an attribute of its own, the holder in an extension of
//! plain ASCII that begins like a tag.

use super::{Cast, Encoding, ExpectedIdentity, NOBODY, SM2};
use crate::key::KeyAlgorithm;
use crate::value::Value;

const TAX_NUMBER: &str = "1.2.156.112586.1.6";
/// `2@6021SF0…`: `2` is a tag of the application class and `@` a length of 64.
const HOLDER: &str = "1.2.156.112586.1.4";

pub(super) fn encodings(cast: &Cast) -> Vec<Encoding> {
    let Cast { company, person, .. } = cast;
    let (uscc, id) = (&company.uscc, &person.personal_id);
    let company_of = |name, algorithm| Encoding::new("hebei", name, algorithm).named(&company.name);
    let holder = || Value::raw_ascii(format!("2@6021SF0{id}0001"));
    let district = format!("990000{}", company.organization_code());
    let by_tax_number =
        ExpectedIdentity { kind: "tax-number", value: district.clone(), ..cast.organization() };
    vec![
        company_of("a company's key with its holder", SM2)
            .with(TAX_NUMBER, uscc)
            .extension(HOLDER, holder())
            .reads(cast.held()),
        company_of("a company's key with its holder in DER", KeyAlgorithm::Rsa2048)
            .with(TAX_NUMBER, uscc)
            .extension(HOLDER, Value::utf8(format!("2@6021SF0{id}0001")))
            .reads(cast.held()),
        company_of("a company", KeyAlgorithm::Rsa2048)
            .with(TAX_NUMBER, uscc)
            .reads(cast.organization()),
        company_of("a tax number of before 2015", KeyAlgorithm::Rsa2048)
            .with(TAX_NUMBER, district)
            .reads(by_tax_number),
        Encoding::new("hebei", "a person", SM2)
            .named(&person.name)
            .extension(HOLDER, holder())
            .reads(cast.individual()),
        company_of("a person's id as the tax number", SM2).with(TAX_NUMBER, id).refused(NOBODY),
    ]
}
