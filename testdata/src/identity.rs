//! Companies and persons that do not exist.
//!
//! Their names say so, and their codes lie in the region 990000, which no place in
//! China has; check digits are right, so that every validator accepts them.

use crate::error::TestdataError;

/// The region code of everything synthetic.
const NOWHERE: &str = "990000";
/// GB 32100-2015: the characters of a unified social credit code, in the order of their values.
const USCC_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// GB 11643-1999: the check characters by remainder.
const PERSONAL_ID_CHECK: &[u8; 11] = b"10X98765432";
/// GB 11714-1997: the weights of an organization code's eight characters.
const ORGANIZATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
/// How many characters come before the check character.
const PREFIX: usize = 17;

/// A company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// The registered name.
    pub name: String,
    /// The unified social credit code, check digit right.
    pub uscc: String,
}

impl Company {
    /// The company with this number, always the same: 0 is 通行测试建筑有限公司. Only
    /// the last six decimal digits of the number count.
    pub fn numbered(number: u32) -> Self {
        let name = match number {
            0 => "通行测试建筑有限公司".to_owned(),
            _ => format!("通行测试第{number}工程有限公司"),
        };
        let organization = format!("TX{:06}", number % 1_000_000);
        let organization_check = organization_check(organization.as_bytes());
        let prefix = format!("91{NOWHERE}{organization}{organization_check}");
        Self { name, uscc: with_check(&prefix, uscc_check(prefix.as_bytes())) }
    }

    /// Characters 9 to 17 of the code: the older organization code.
    pub fn organization_code(&self) -> &str {
        self.uscc.get(8..PREFIX).unwrap_or_default()
    }
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The resident id, check character right.
    pub personal_id: String,
}

impl Person {
    /// The person with this number, always the same: 0 is 测试张三. Only the last three
    /// decimal digits of the number count.
    pub fn numbered(number: u32) -> Self {
        let name = match number {
            0 => "测试张三".to_owned(),
            _ => format!("测试员第{number}号"),
        };
        let prefix = format!("{NOWHERE}19900101{:03}", number % 1_000);
        Self { name, personal_id: with_check(&prefix, personal_id_check(prefix.as_bytes())) }
    }
}

/// Completes a unified social credit code (GB 32100-2015).
///
/// # Errors
/// [`TestdataError::CodePrefix`] unless given seventeen characters of the code's alphabet.
pub fn uscc_from(first17: &str) -> Result<String, TestdataError> {
    let legal = |byte: &u8| USCC_ALPHABET.contains(byte);
    checked_prefix(first17, legal)?;
    Ok(with_check(first17, uscc_check(first17.as_bytes())))
}

/// Completes a resident id (GB 11643-1999).
///
/// # Errors
/// [`TestdataError::CodePrefix`] unless given seventeen digits.
pub fn personal_id_from(first17: &str) -> Result<String, TestdataError> {
    checked_prefix(first17, u8::is_ascii_digit)?;
    Ok(with_check(first17, personal_id_check(first17.as_bytes())))
}

fn checked_prefix(first17: &str, legal: impl Fn(&u8) -> bool) -> Result<(), TestdataError> {
    if first17.len() == PREFIX && first17.bytes().all(|byte| legal(&byte)) {
        Ok(())
    } else {
        Err(TestdataError::CodePrefix(first17.to_owned()))
    }
}

fn with_check(prefix: &str, check: char) -> String {
    format!("{prefix}{check}")
}

/// (31 − Σ value × 3^i mod 31) mod 31, as an index into the alphabet.
fn uscc_check(prefix: &[u8]) -> char {
    let value = |byte: u8| USCC_ALPHABET.iter().position(|legal| *legal == byte);
    let (sum, _) = prefix.iter().fold((0, 1), |(sum, weight), byte| {
        let value = value(*byte).unwrap_or_default();
        (sum + value * weight, weight * 3 % 31)
    });
    char::from(USCC_ALPHABET[(31 - sum % 31) % 31])
}

/// Σ digit × 2^(17−i) mod 11, as an index into the check characters.
fn personal_id_check(prefix: &[u8]) -> char {
    let sum = prefix
        .iter()
        .fold(0, |sum, digit| (sum + usize::from(digit.saturating_sub(b'0'))) * 2 % 11);
    char::from(PERSONAL_ID_CHECK[sum])
}

/// (11 − Σ value × weight mod 11): 10 is written X, 11 is written 0.
fn organization_check(eight: &[u8]) -> char {
    let value = |byte: u8| char::from(byte).to_digit(36).unwrap_or_default();
    let weighted = eight.iter().zip(ORGANIZATION_WEIGHTS);
    let sum: u32 = weighted.map(|(byte, weight)| value(*byte) * weight).sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_characters_of_published_codes() -> Result<(), TestdataError> {
        // The example of GB 32100-2015 and that of GB 11643-1999.
        assert_eq!(uscc_from("91350100M000100Y4")?, "91350100M000100Y43");
        assert_eq!(personal_id_from("11010519491231002")?, "11010519491231002X");
        // The example of GB 11714-1997.
        assert_eq!(organization_check(b"D2143569"), 'X');
        Ok(())
    }

    #[test]
    fn numbered_identities_are_whole_and_differ() {
        let company = Company::numbered(0);
        assert_eq!(company.name, "通行测试建筑有限公司");
        assert_eq!(company.uscc.len(), 18);
        assert_eq!(company.organization_code().len(), 9);
        assert_ne!(company, Company::numbered(1));
        assert_eq!(Person::numbered(7).personal_id.len(), 18);
    }

    #[test]
    fn prefixes_that_are_none_are_refused() {
        assert!(uscc_from("91350100M000100I4").is_err());
        assert!(uscc_from("9135").is_err());
        assert!(personal_id_from("1101051949123100X").is_err());
    }
}
