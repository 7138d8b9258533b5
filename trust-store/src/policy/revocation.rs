//! How an authority's certificates are checked for revocation.

use super::file::{Item, Parsed, Section};

/// The compiled `[revocation]` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationPolicy {
    sources: Vec<RevocationSource>,
    max_age: Option<i64>,
    grace: i64,
}

/// Where revocation is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationSource {
    /// Certificate revocation lists (RFC 5280 section 5).
    Lists,
    /// The online certificate status protocol (RFC 6960).
    Ocsp,
}

/// What to do when no answer is current.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unavailable {
    Refuse,
    AllowWithinGrace,
}

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// A list may be taken for current at most this long after it was made, and
/// overdue at most that long: longer is no revocation checking any more.
const MAX_AGE: (i64, i64) = (60, 366 * DAY);
const GRACE: (i64, i64) = (60, 31 * DAY);

impl RevocationPolicy {
    /// The sources, in the order in which they are asked.
    pub fn sources(&self) -> &[RevocationSource] {
        &self.sources
    }

    /// Whether lists are needed.
    pub fn uses_lists(&self) -> bool {
        self.sources.contains(&RevocationSource::Lists)
    }

    /// How old (by `thisUpdate`) an answer may be, in seconds, where the policy
    /// is stricter than the answer's own `nextUpdate`.
    pub fn max_age_seconds(&self) -> Option<i64> {
        self.max_age
    }

    /// How long after it was due an answer still serves, in seconds; 0 where the
    /// policy refuses at once. The verdict then says that it was overdue.
    pub fn grace_seconds(&self) -> i64 {
        self.grace
    }

    pub(super) fn parse(section: &Section<'_>) -> Parsed<Self> {
        let sources = section
            .required("order", "the sources in order, such as [\"crl\"]")
            .and_then(|item| sources(&item));
        let max_age =
            section.optional("max-age").map(|item| item.duration(MAX_AGE.0, MAX_AGE.1)).transpose();
        let grace = grace(section);
        reserved(section)?;
        Ok(Self { sources: sources?, max_age: max_age?, grace: grace? })
    }
}

fn sources(item: &Item<'_>) -> Parsed<Vec<RevocationSource>> {
    let choices = [("crl", RevocationSource::Lists), ("ocsp", RevocationSource::Ocsp)];
    let sources = item.list_of((1, 2), |item| {
        let source = item.choice(&choices)?;
        if source == RevocationSource::Ocsp {
            return Err(item.unsupported("OCSP is not asked yet; expected [\"crl\"]"));
        }
        Ok(source)
    })?;
    if sources.len() > 1 && sources[0] == sources[1] {
        return Err(item.fail("the same source twice", "each source is asked once"));
    }
    Ok(sources)
}

fn grace(section: &Section<'_>) -> Parsed<i64> {
    let choices =
        [("refuse", Unavailable::Refuse), ("allow-within-grace", Unavailable::AllowWithinGrace)];
    let unavailable = section
        .required("when-unavailable", "\"refuse\" or \"allow-within-grace\"")
        .and_then(|item| item.choice(&choices));
    match (unavailable?, section.optional("grace")) {
        (Unavailable::Refuse, None) => Ok(0),
        (Unavailable::Refuse, Some(item)) => {
            let label =
                "`when-unavailable` is \"refuse\": nothing is allowed after an answer is due";
            Err(item.fail("`grace` cannot apply here", label))
        }
        (Unavailable::AllowWithinGrace, Some(item)) => item.duration(GRACE.0, GRACE.1),
        (Unavailable::AllowWithinGrace, None) => {
            section.required("grace", "how long, such as \"12h\"")?.duration(GRACE.0, GRACE.1)
        }
    }
}

/// Settings of sources that are not asked yet: named, so that a file written
/// for a later version says what is missing instead of being half obeyed.
fn reserved(section: &Section<'_>) -> Parsed<()> {
    let mut outcome = Ok(());
    for (key, instead) in [
        ("mode", "with one source there is nothing to combine"),
        ("hosts", "lists are not fetched yet; import them with `tongxing crl import`"),
        (
            "distribution-points",
            "lists are not fetched yet; import them with `tongxing crl import`",
        ),
    ] {
        if let Some(item) = section.optional(key) {
            outcome = Err(item.unsupported(instead));
        }
    }
    outcome
}
