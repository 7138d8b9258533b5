//! What a policy reads from a certificate: owned, plain, and careful with
//! personal data.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::kind::Kind;

/// In which quality the key's holder acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Capacity {
    /// The key is the organization's own: its electronic seal.
    Organization,
    /// The organization's legal representative holds it.
    LegalRepresentative,
    /// An agent or employee of the organization holds it.
    Agent,
    /// A natural person holds it for themselves: a judge of bids, for example.
    Individual,
}

impl Capacity {
    pub(crate) const ALL: [Self; 4] =
        [Self::Organization, Self::LegalRepresentative, Self::Agent, Self::Individual];

    /// The name used in policy files, tokens and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::LegalRepresentative => "legal-representative",
            Self::Agent => "agent",
            Self::Individual => "individual",
        }
    }
}

impl fmt::Display for Capacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How surely the authority checked whom it gave the key to; ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Assurance {
    /// Nothing was checked that the province could rely on.
    Low,
    /// Papers were checked; the key may be a file.
    Substantial,
    /// Papers were checked and the key lives in a token that does not give it out.
    High,
}

impl Assurance {
    pub(crate) const ALL: [Self; 3] = [Self::Low, Self::Substantial, Self::High];

    /// The name used in policy files, tokens and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Substantial => "substantial",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Assurance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Text from a certificate that knows whether it is personal data.
///
/// `Debug` and `Display` mask personal data, so that neither a log line nor an
/// error message can carry it by accident (Personal Information Protection Law,
/// article 51); [`ClaimText::reveal`] is the one way to the clear text.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClaimText {
    text: String,
    privacy: Privacy,
}

/// Whether a text is personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Privacy {
    /// About a legal entity: in public registers anyway.
    Public,
    /// About a natural person: masked, sealed, never in a token.
    Personal,
}

impl ClaimText {
    pub(crate) fn new(text: impl Into<String>, privacy: Privacy) -> Self {
        Self { text: text.into(), privacy }
    }

    /// The text in the clear.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Whether it is personal data.
    pub fn privacy(&self) -> Privacy {
        self.privacy
    }
}

impl fmt::Display for ClaimText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.privacy {
            Privacy::Public => f.write_str(&self.text),
            Privacy::Personal => f.write_str(&masked(&self.text)),
        }
    }
}

impl fmt::Debug for ClaimText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

/// Shows the first two and last two characters of what is long enough to stay
/// unknown without them; of a short text (a name) only the first.
fn masked(text: &str) -> String {
    const SHOWN_WHOLE_ENDS_FROM: usize = 8;
    let characters: Vec<char> = text.chars().collect();
    let shown = if characters.len() >= SHOWN_WHOLE_ENDS_FROM { 2 } else { 0 };
    let first = if shown == 0 { 1 } else { shown };
    let hide = |(at, c): (usize, &char)| {
        let clear = at < first || at + shown >= characters.len();
        if clear { *c } else { '*' }
    };
    if characters.len() <= 1 {
        return "*".repeat(characters.len());
    }
    characters.iter().enumerate().map(hide).collect()
}

/// Whom the certificate speaks for: the legal entity, or the natural person who
/// holds it in the capacity [`Capacity::Individual`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityClaim {
    /// What sort of identifier `value` is; its validator has passed it.
    pub kind: Kind,
    /// The identifier.
    pub value: ClaimText,
    /// The name, as the certificate writes it.
    pub name: Option<ClaimText>,
    /// The 9-character organization code (GB 11714): characters 9 to 17 of a
    /// USCC, or what the certificate states itself.
    pub organization_code: Option<String>,
}

impl EntityClaim {
    /// Whether it is a natural person; then everything in it is personal data.
    pub fn is_natural_person(&self) -> bool {
        self.value.privacy() == Privacy::Personal
    }
}

/// The person whom the key was given to, as far as the certificate says.
///
/// At least one of the two fields is present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderClaim {
    /// A personal id, a passport or an opaque number.
    pub id: Option<HolderId>,
    /// The person's name.
    pub name: Option<ClaimText>,
}

/// An identifier of the person who holds a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderId {
    /// What sort of identifier it is; its validator has passed it.
    pub kind: Kind,
    /// The identifier; always personal.
    pub value: ClaimText,
}

/// Everything a policy reads from a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Whom it speaks for.
    pub entity: EntityClaim,
    /// Who holds the key, when that is somebody else and the certificate says so.
    pub holder: Option<HolderClaim>,
    /// In which quality the holder acts.
    pub capacity: Capacity,
    /// How surely the authority checked.
    pub assurance: Assurance,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_data_is_masked_wherever_it_could_be_printed() {
        let id = ClaimText::new("110101199003071234", Privacy::Personal);
        assert_eq!(id.to_string(), "11**************34");
        assert_eq!(format!("{id:?}"), "\"11**************34\"");
        assert_eq!(id.reveal(), "110101199003071234");
        for (name, shown) in [("张三丰", "张**"), ("张三", "张*"), ("张", "*"), ("", "")] {
            assert_eq!(ClaimText::new(name, Privacy::Personal).to_string(), shown);
        }
        let whole = format!(
            "{:?}",
            HolderClaim {
                id: Some(HolderId { kind: Kind::PersonalId, value: id.clone() }),
                name: Some(ClaimText::new("欧阳丰", Privacy::Personal)),
            }
        );
        assert!(!whole.contains("19900307") && !whole.contains('丰'), "{whole}");
    }

    #[test]
    fn legal_entities_are_public() {
        let name = ClaimText::new("示例建设有限公司", Privacy::Public);
        assert_eq!(name.to_string(), "示例建设有限公司");
    }

    #[test]
    fn names_are_the_serialised_ones() {
        for capacity in Capacity::ALL {
            let json = serde_json::to_string(&capacity).unwrap();
            assert_eq!(json, format!("\"{capacity}\""));
        }
        for assurance in Assurance::ALL {
            let json = serde_json::to_string(&assurance).unwrap();
            assert_eq!(json, format!("\"{assurance}\""));
        }
    }
}
