//! The kinds of identifier that a certificate may carry, each with its validator.
//!
//! Eighteen characters alone are no USCC: real personal certificates carry a
//! resident id where others carry a company's code. Every kind that is about
//! legal entities therefore refuses a text in which a resident id hides.

mod organization_code;
mod resident_id;
mod uscc;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::identity::Privacy;
pub(super) use uscc::{organization_code, shape as uscc_shape};

/// What sort of identifier a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Unified social credit code (GB 32100-2015): one legal entity, nationwide.
    Uscc,
    /// The older 9-character organization code (GB 11714-1997): links to a USCC,
    /// never makes a subject.
    OrganizationCode,
    /// A business registration number: 13 to 18 letters and digits.
    BusinessRegistration,
    /// A tax number: 15, 17, 18 or 20 letters and digits.
    TaxNumber,
    /// An 18-digit resident id (GB 11643-1999).
    PersonalId,
    /// A passport number: 5 to 15 letters and digits.
    Passport,
    /// Whatever the authority means by it; never merges across authorities.
    Opaque,
}

/// Whether what may be a resident id stands anywhere in a text.
pub(crate) use resident_id::may_hide_in as may_hide_resident_id;

/// Whether a text is a unified social credit code with the right check character.
pub(crate) fn is_uscc(text: &str) -> bool {
    uscc::shape(text).is_ok() && uscc::check_digit(text).is_ok()
}

impl Kind {
    pub(crate) const ALL: [Self; 7] = [
        Self::Uscc,
        Self::OrganizationCode,
        Self::BusinessRegistration,
        Self::TaxNumber,
        Self::PersonalId,
        Self::Passport,
        Self::Opaque,
    ];

    /// The name used in policy files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uscc => "uscc",
            Self::OrganizationCode => "organization-code",
            Self::BusinessRegistration => "business-registration",
            Self::TaxNumber => "tax-number",
            Self::PersonalId => "personal-id",
            Self::Passport => "passport",
            Self::Opaque => "opaque",
        }
    }

    /// Whom identifiers of this kind belong to.
    pub fn bearer(self) -> Bearer {
        match self {
            Self::Uscc | Self::OrganizationCode | Self::BusinessRegistration | Self::TaxNumber => {
                Bearer::LegalEntity
            }
            Self::PersonalId | Self::Passport => Bearer::NaturalPerson,
            Self::Opaque => Bearer::Either,
        }
    }

    /// Judges a text as an identifier of this kind.
    ///
    /// `privacy` is what the text will be treated as: an opaque number that is
    /// to be public must not hide a resident id.
    pub(super) fn check(self, text: &str, privacy: Privacy, rules: &UsccRules) -> Validity {
        if self == Self::Uscc && rules.exceptions.contains(text) {
            return Validity::Exception;
        }
        if let Err(fault) = self.shape(text) {
            return Validity::Invalid(fault);
        }
        if privacy == Privacy::Public && resident_id::hides_in(text) {
            return Validity::Invalid(KindFault::PersonalId);
        }
        match (self, rules.check_digit) {
            (Self::Uscc, Enforcement::Enforce) => uscc::check_digit(text).into_validity(),
            (Self::Uscc, Enforcement::Warn) => match uscc::check_digit(text) {
                Ok(()) => Validity::Valid,
                Err(fault) => Validity::Doubtful(fault),
            },
            _ => Validity::Valid,
        }
    }

    fn shape(self, text: &str) -> Result<(), KindFault> {
        match self {
            Self::Uscc => uscc::shape(text),
            Self::OrganizationCode => organization_code::check(text),
            Self::PersonalId => resident_id::check(text),
            Self::BusinessRegistration => alphanumeric(text, &[13, 14, 15, 16, 17, 18]),
            Self::TaxNumber => alphanumeric(text, &[15, 17, 18, 20]),
            Self::Passport => alphanumeric(text, &[5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]),
            Self::Opaque => opaque(text),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whom a kind of identifier belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearer {
    /// A company, an office, an institution.
    LegalEntity,
    /// A human being: the identifier is personal data.
    NaturalPerson,
    /// The certificate's capacity decides.
    Either,
}

/// How the province treats unified social credit codes.
#[derive(Debug, Clone)]
pub(super) struct UsccRules {
    pub(super) check_digit: Enforcement,
    /// Codes that are legally valid although a check says otherwise: early ones
    /// whose check digit fails, and one that reads as a resident id by chance.
    pub(super) exceptions: BTreeSet<String>,
}

/// What a failing check digit leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Enforcement {
    /// The code is refused.
    Enforce,
    /// The code is taken and the report says so.
    Warn,
}

/// What a validator says of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Validity {
    Valid,
    /// Valid because the province lists it.
    Exception,
    /// Taken, with a warning.
    Doubtful(KindFault),
    Invalid(KindFault),
}

/// Why a text is not an identifier of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KindFault {
    /// Length or alphabet.
    Shape { expected: &'static str },
    /// The check character does not follow from the others.
    CheckDigit { expected: char, seen: char },
    /// The digits where a birthday belongs are none.
    Birthday,
    /// It is, or contains, a resident id.
    PersonalId,
}

impl fmt::Display for KindFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape { expected } => write!(f, "expected {expected}"),
            Self::CheckDigit { expected, seen } => {
                write!(f, "check character is {seen}, expected {expected}")
            }
            Self::Birthday => f.write_str("characters 7 to 14 are no birthday"),
            Self::PersonalId => f.write_str("it is or contains a resident id"),
        }
    }
}

trait IntoValidity {
    fn into_validity(self) -> Validity;
}

impl IntoValidity for Result<(), KindFault> {
    fn into_validity(self) -> Validity {
        self.map_or_else(Validity::Invalid, |()| Validity::Valid)
    }
}

fn alphanumeric(text: &str, lengths: &[usize]) -> Result<(), KindFault> {
    let alphabet = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase();
    if lengths.contains(&text.len()) && text.bytes().all(alphabet) {
        return Ok(());
    }
    Err(KindFault::Shape {
        expected: match lengths {
            [5, ..] => "5 to 15 of 0-9 and A-Z",
            [13, ..] => "13 to 18 of 0-9 and A-Z",
            _ => "15, 17, 18 or 20 of 0-9 and A-Z",
        },
    })
}

/// The longest opaque identifier: RFC 5280 appendix A, ub-serial-number (64).
const OPAQUE_MAX: usize = 64;

fn opaque(text: &str) -> Result<(), KindFault> {
    let printable = text.chars().all(|c| !c.is_control() && !c.is_whitespace());
    if !text.is_empty() && text.chars().count() <= OPAQUE_MAX && printable {
        return Ok(());
    }
    Err(KindFault::Shape { expected: "1 to 64 printable characters without spaces" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(check_digit: Enforcement, exceptions: &[&str]) -> UsccRules {
        let exceptions = exceptions.iter().map(|&code| code.to_owned()).collect();
        UsccRules { check_digit, exceptions }
    }

    fn check(kind: Kind, text: &str) -> Validity {
        let privacy = match kind.bearer() {
            Bearer::NaturalPerson => Privacy::Personal,
            _ => Privacy::Public,
        };
        kind.check(text, privacy, &rules(Enforcement::Enforce, &[]))
    }

    /// An early, legally valid code whose check digit is wrong.
    const EARLY: &str = "91350100M0001TGQXM";
    /// The example of GB 11643-1999, annex A, in its upper-case form.
    const RESIDENT: &str = "11010519491231002X";

    #[test]
    fn a_failing_check_digit_is_enforced_warned_about_or_excepted() {
        let seen = |rules| Kind::Uscc.check(EARLY, Privacy::Public, &rules);
        let fault = match seen(rules(Enforcement::Enforce, &[])) {
            Validity::Invalid(fault @ KindFault::CheckDigit { seen: 'M', .. }) => fault,
            other => panic!("{other:?}"),
        };
        assert_eq!(seen(rules(Enforcement::Warn, &[])), Validity::Doubtful(fault));
        assert_eq!(seen(rules(Enforcement::Enforce, &[EARLY])), Validity::Exception);
    }

    #[test]
    fn a_resident_id_is_never_a_legal_entitys_identifier() {
        let personal = Validity::Invalid(KindFault::PersonalId);
        // All digits, and 1 in 31 of them passes the USCC check digit too.
        for kind in [Kind::TaxNumber, Kind::BusinessRegistration, Kind::Opaque] {
            assert_eq!(check(kind, RESIDENT), personal, "{kind}");
        }
        assert_eq!(check(Kind::Uscc, RESIDENT), personal);
        assert_eq!(check(Kind::TaxNumber, "11010519491231002X01"), personal);
        assert_eq!(check(Kind::Opaque, "6021SF011010519491231002X0001"), personal);
        assert_eq!(check(Kind::PersonalId, RESIDENT), Validity::Valid);
    }

    #[test]
    fn an_opaque_number_of_a_person_may_be_their_resident_id() {
        let rules = rules(Enforcement::Enforce, &[]);
        let validity = Kind::Opaque.check(RESIDENT, Privacy::Personal, &rules);
        assert_eq!(validity, Validity::Valid);
    }

    #[test]
    fn shapes() {
        for (kind, good, bad) in [
            (Kind::TaxNumber, "110105123456789", "1101051234567"),
            (Kind::BusinessRegistration, "110000001234567", "11"),
            (Kind::Passport, "E12345678", "e12345678"),
            (Kind::Opaque, "甲-1", "a b"),
        ] {
            assert_eq!(check(kind, good), Validity::Valid, "{kind} {good}");
            assert!(matches!(check(kind, bad), Validity::Invalid(_)), "{kind} {bad}");
        }
    }

    #[test]
    fn names_are_the_serialised_ones() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
    }
}
