//! What a code is: a stable word for programs, and what people read about it.
//!
//! A code is stable: programs act on its id. Codes are never renamed and never
//! change their meaning. A text is always true of its finding: a check that can
//! pass and fail has one code for each.
//!
//! Every crate declares its codes with [`define_codes!`](crate::define_codes), which
//! takes no code without all of its texts. `tongxing codes` shows them all.

use std::fmt;

use serde::Serialize;

/// A language that bidders read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Language {
    /// Its tag (BCP 47).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// One of two texts.
    pub fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// A sentence in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Text {
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

impl Text {
    /// The sentence in one of them.
    #[must_use]
    pub const fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::Zh => self.zh,
            Language::En => self.en,
        }
    }
}

/// Whose problem a finding is: who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// Nobody's: it is no problem.
    Nobody,
    /// The bidder's, who holds the certificate.
    Bidder,
    /// The authority's, which issued the certificate.
    Authority,
    /// The trading platform's, which asked.
    Platform,
    /// The operator's, who runs the gateway for the province.
    Operator,
}

impl Party {
    /// The word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Bidder => "bidder",
            Self::Authority => "authority",
            Self::Platform => "platform",
            Self::Operator => "operator",
        }
    }

    /// What a bidder reads of whose problem it is.
    #[must_use]
    pub const fn sentence(self) -> Text {
        match self {
            Self::Nobody => Text { zh: "这不是问题。", en: "This is no problem." },
            Self::Bidder => {
                Text { zh: "此问题需要您自己处理。", en: "This is for you to settle." }
            }
            Self::Authority => Text {
                zh: "此问题出在证书的签发机构。",
                en: "This lies with the authority that issued the certificate.",
            },
            Self::Platform => Text {
                zh: "此问题出在交易平台。",
                en: "This lies with the trading platform.",
            },
            Self::Operator => {
                Text { zh: "此问题出在互认网关。", en: "This lies with the gateway." }
            }
        }
    }
}

/// What a finding is about, in words for programs and for people.
#[derive(Debug, Serialize)]
pub struct Code {
    /// The stable identifier, `group.name`.
    #[serde(rename = "code")]
    pub id: &'static str,
    /// The section of the standard that the check comes from.
    pub clause: &'static str,
    /// What was found, in the field's own words.
    pub title: Text,
    /// The same for bidders: what is the matter with their certificate.
    pub cause: Text,
    /// Whose problem it is.
    pub responsible: Party,
    /// What bidders can do about it.
    pub next: Text,
}

impl Code {
    /// The three sentences for bidders: the cause, whose problem it is, the next step.
    #[must_use]
    pub const fn sentences(&self, language: Language) -> [&'static str; 3] {
        [
            self.cause.in_language(language),
            self.responsible.sentence().in_language(language),
            self.next.in_language(language),
        ]
    }
}

/// Ids are unique in the whole catalogue.
impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || self.id == other.id
    }
}

impl Eq for Code {}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// Declares codes and the list of them. Each has an id, a clause, a title in Chinese
/// and English, a [`Party`], a step of [`steps`](crate::steps), and the cause for
/// bidders in both languages; one that lacks any of them does not compile.
#[macro_export]
macro_rules! define_codes {
    (codes: $visible:vis, list: $list_visible:vis $list:ident;
     $($name:ident = $id:literal, $clause:literal, $title_zh:literal, $title_en:literal,
       $party:ident, $next:ident, $cause_zh:literal, $cause_en:literal;)+) => {
        $(
            #[doc = $title_en]
            $visible static $name: $crate::Code = $crate::Code {
                id: $id,
                clause: $clause,
                title: $crate::Text { zh: $title_zh, en: $title_en },
                cause: $crate::Text { zh: $cause_zh, en: $cause_en },
                responsible: $crate::Party::$party,
                next: $crate::steps::$next,
            };
        )+
        /// The codes declared here, in order.
        $list_visible static $list: &[&$crate::Code] = &[$(&$name),+];
    };
}
