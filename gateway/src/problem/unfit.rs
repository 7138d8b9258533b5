//! What is wrong with what was sent: told to whoever wrote the program that sends it.

use tongxing_pki::Language;

use super::RequestError;
use super::kinds::{self, ProblemKind};

/// In which way a request is not as its address asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// It does not read: no JSON, a member that is unknown, no base64.
    Form,
    /// A certificate in it does not read.
    Certificate,
    /// It asks about the future.
    Future,
    /// The hash is none of the algorithm named.
    Hash,
    /// Something is beside a document that is signed whole.
    Beside,
    /// Members of it do not go together.
    Combination,
    /// A part of it comes twice, or is none that is asked for.
    Part,
}

/// A request that is not as its address asks for.
#[derive(Debug)]
pub(crate) struct Unfit {
    misfit: Misfit,
    zh: String,
    en: String,
}

impl Unfit {
    /// Where and why, in both languages, without the content.
    pub(crate) fn new(misfit: Misfit, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { misfit, zh: zh.into(), en: en.into() }
    }

    pub(super) fn kind(&self) -> &'static ProblemKind {
        match self.misfit {
            Misfit::Form => &kinds::MALFORMED,
            Misfit::Certificate => &kinds::CERTIFICATE_UNREAD,
            Misfit::Future => &kinds::FUTURE,
            Misfit::Hash => &kinds::HASH,
            Misfit::Beside => &kinds::CONTENT_BESIDE,
            Misfit::Combination => &kinds::COMBINATION,
            Misfit::Part => &kinds::PART,
        }
    }

    pub(super) fn detail(&self, language: Language) -> &str {
        language.pick(&self.zh, &self.en)
    }
}

impl From<Unfit> for RequestError {
    fn from(unfit: Unfit) -> Self {
        Self::Unfit(unfit)
    }
}
