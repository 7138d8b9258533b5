//! CFCA: the common name in three shapes, the class in OU, which occurs twice.

use super::{CONFLICT, Cast, Encoding, MISWRITTEN, NOBODY};
use crate::key::KeyAlgorithm;
use crate::oid;

fn certificate(name: &'static str, class: &str, common_name: String) -> Encoding {
    Encoding::new("cfca", name, KeyAlgorithm::Rsa2048)
        .with(oid::ORGANIZATION, "CFCA RSA OCA31")
        .with(oid::ORGANIZATIONAL_UNIT, "TXRA")
        .with(oid::ORGANIZATIONAL_UNIT, class)
        .with(oid::COMMON_NAME, common_name)
}

pub(super) fn encodings(cast: &Cast) -> Vec<Encoding> {
    let Cast { company, person, .. } = cast;
    let (uscc, id) = (&company.uscc, &person.personal_id);
    let enterprise = |name, common_name| certificate(name, "Organizational-1", common_name);
    let individual = |name, common_name| certificate(name, "Individual-1", common_name);
    vec![
        enterprise("041, a company", format!("041@N{uscc}@{}@1", company.name))
            .reads(cast.organization()),
        enterprise("051, a company", format!("051@{}@Z{uscc}@1", company.name))
            .reads(cast.organization()),
        certificate("RA, a company", "Enterprises", format!("TXRA@{}@Z{uscc}@12", company.name))
            .reads(cast.organization()),
        individual("041, a person", format!("041@0{id}@{}@1", person.name))
            .reads(cast.individual()),
        individual("051, a person", format!("051@{}@0{id}@1", person.name))
            .reads(cast.individual()),
        individual(
            "a company's code in a person's class",
            format!("051@{}@Z{uscc}@1", company.name),
        )
        .refused(&["identity.capacity_mismatch"]),
        enterprise("a person's id in a company's class", format!("051@{}@0{id}@1", person.name))
            .refused(NOBODY),
        enterprise(
            "a person's id behind a company's letter",
            format!("051@{}@N{id}@1", person.name),
        )
        .refused(NOBODY),
        enterprise(
            "a wrong check character",
            format!("051@{}@Z{}@1", company.name, cast.miswritten),
        )
        .refused(MISWRITTEN),
        enterprise("an @ in the name", format!("051@通行@测试@Z{uscc}@1")).refused(NOBODY),
        enterprise("both classes", format!("051@{}@Z{uscc}@1", company.name))
            .with(oid::ORGANIZATIONAL_UNIT, "Individual-1")
            .refused(CONFLICT),
        certificate("no class", "Others", format!("051@{}@Z{uscc}@1", company.name))
            .refused(&["identity.no_capacity"]),
    ]
}
