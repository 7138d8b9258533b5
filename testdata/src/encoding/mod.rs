//! Certificates as real authorities encode them, declared as data.
//!
//! Each says which shipped profile reads it, what stands in it and in which encoding,
//! and what must come out. What is known of the encodings is public observation; the
//! companies and persons do not exist.

mod bjca;
mod cfca;
mod fujian;
mod gdca;
mod gmt0015;
mod hebei;
mod netca;
mod sheca;
mod zhejiang;

use std::sync::Arc;

use crate::error::TestdataError;
use crate::identity::{Company, Person, personal_id_from};
use crate::key::{Key, KeyAlgorithm};
use crate::leaf::LeafSpec;
use crate::moment::Validity;
use crate::name::{Attribute, Extension};
use crate::oid;
use crate::value::Value;

/// One certificate, and what is to be read from it.
#[derive(Debug, Clone)]
pub struct Encoding {
    /// The shipped profile's id, such as `cfca`.
    pub profile: &'static str,
    /// What is particular to it, once in a profile.
    pub name: &'static str,
    /// The algorithm of its key, and of the key that signs it.
    pub algorithm: KeyAlgorithm,
    /// The subject, in order.
    pub subject: Vec<Attribute>,
    /// The extensions that carry the identity.
    pub extensions: Vec<Extension>,
    /// What comes out.
    pub expected: Expected,
}

/// What a profile makes of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Whom it speaks for.
    Read(ExpectedIdentity),
    /// Nobody: the codes of the findings that fail, in their order.
    Refused(&'static [&'static str]),
}

/// An identity in the words of policy files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedIdentity {
    /// The capacity: `organization`, `individual`.
    pub capacity: &'static str,
    /// The kind of the identifier: `uscc`, `personal-id`.
    pub kind: &'static str,
    /// The identifier.
    pub value: String,
    /// The name.
    pub name: Option<String>,
    /// The identifier of the person who holds an organization's key.
    pub holder: Option<String>,
}

/// Every encoding, by profile.
///
/// # Errors
/// When a declared code cannot be completed.
pub fn encodings() -> Result<Vec<Encoding>, TestdataError> {
    let cast = Cast::new()?;
    let all = [
        bjca::encodings(&cast),
        cfca::encodings(&cast),
        fujian::encodings(&cast),
        gdca::encodings(&cast),
        gmt0015::encodings(&cast),
        hebei::encodings(&cast),
        netca::encodings(&cast),
        sheca::encodings(&cast),
        zhejiang::encodings(&cast),
    ];
    Ok(all.concat())
}

impl Encoding {
    /// The certificate as a leaf to be issued, its key given where many share one.
    pub fn leaf(&self, validity: Validity, key: Option<Arc<Key>>) -> LeafSpec {
        LeafSpec {
            extensions: self.extensions.clone(),
            key,
            ..LeafSpec::signing(self.subject.clone(), validity).with_algorithm(self.algorithm)
        }
    }

    fn new(profile: &'static str, name: &'static str, algorithm: KeyAlgorithm) -> Self {
        Self {
            profile,
            name,
            algorithm,
            subject: vec![Attribute::printable(oid::COUNTRY, "CN")],
            extensions: Vec::new(),
            expected: Expected::Refused(&[]),
        }
    }

    /// One more attribute of the subject, as a UTF8String.
    fn with(mut self, oid: &str, text: impl Into<String>) -> Self {
        self.subject.push(Attribute::utf8(oid, text));
        self
    }

    fn named(self, name: &str) -> Self {
        self.with(oid::COMMON_NAME, name)
    }

    fn extension(mut self, oid: &str, value: Value) -> Self {
        self.extensions.push(Extension::new(oid, value));
        self
    }

    fn refused(mut self, codes: &'static [&'static str]) -> Self {
        self.expected = Expected::Refused(codes);
        self
    }

    fn reads(mut self, identity: ExpectedIdentity) -> Self {
        self.expected = Expected::Read(identity);
        self
    }
}

/// Who is in the certificates.
struct Cast {
    company: Company,
    /// Another one, whose code contradicts.
    stranger: Company,
    person: Person,
    /// A resident id whose region exists: one profile tells persons by it.
    resident: Person,
    /// A code whose check character is wrong.
    miswritten: String,
}

/// The key of SM2 certificates, and of what signs them.
const SM2: KeyAlgorithm = KeyAlgorithm::Sm2;

/// Contradictions of rules.
const CONFLICT: &[&str] = &["identity.conflicting_rules"];
/// No identifier: what stands there is none, or a person's where a code belongs.
const NOBODY: &[&str] = &["identity.no_entity"];

/// A code whose check character is wrong, and no other.
const MISWRITTEN: &[&str] = &["identity.uscc_check_digit", "identity.no_entity"];

impl Cast {
    fn new() -> Result<Self, TestdataError> {
        let company = Company::numbered(0);
        let (digits, check) = company.uscc.split_at(company.uscc.len() - 1);
        let other = if check == "0" { "1" } else { "0" };
        Ok(Self {
            miswritten: format!("{digits}{other}"),
            stranger: Company::numbered(7),
            person: Person::numbered(1),
            resident: Person {
                name: "测试居民".to_owned(),
                personal_id: personal_id_from("11010519491231002")?,
            },
            company,
        })
    }

    /// The company's own key.
    fn organization(&self) -> ExpectedIdentity {
        ExpectedIdentity {
            capacity: "organization",
            kind: "uscc",
            value: self.company.uscc.clone(),
            name: Some(self.company.name.clone()),
            holder: None,
        }
    }

    /// The company by its older code alone.
    fn by_organization_code(&self) -> ExpectedIdentity {
        let value = self.company.organization_code().to_owned();
        ExpectedIdentity { kind: "organization-code", value, ..self.organization() }
    }

    /// The company's key, given to the person.
    fn held(&self) -> ExpectedIdentity {
        let holder = Some(self.person.personal_id.clone());
        ExpectedIdentity { holder, ..self.organization() }
    }

    /// The person, for themselves.
    fn individual(&self) -> ExpectedIdentity {
        ExpectedIdentity {
            capacity: "individual",
            kind: "personal-id",
            value: self.person.personal_id.clone(),
            name: Some(self.person.name.clone()),
            holder: None,
        }
    }

    /// The older code as papers print it: eight characters, a hyphen, the check.
    fn hyphened(&self) -> String {
        let (eight, check) = self.company.organization_code().split_at(8);
        format!("{eight}-{check}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_profile_has_a_company_a_refusal_and_names_once() -> Result<(), TestdataError> {
        let all = encodings()?;
        let names: BTreeSet<_> = all.iter().map(|one| (one.profile, one.name)).collect();
        assert_eq!(names.len(), all.len());
        let profiles: BTreeSet<_> = all.iter().map(|one| one.profile).collect();
        assert_eq!(profiles.len(), 9);
        for profile in profiles {
            let of = || all.iter().filter(|one| one.profile == profile);
            let read =
                of().any(|one| matches!(&one.expected, Expected::Read(it) if it.kind == "uscc"));
            let refused = of()
                .any(|one| matches!(&one.expected, Expected::Refused(codes) if !codes.is_empty()));
            assert!(read && refused, "{profile}");
            assert!(of().all(|one| one.expected != Expected::Refused(&[])), "{profile}");
        }
        Ok(())
    }
}
