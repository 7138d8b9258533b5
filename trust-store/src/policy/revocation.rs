//! How an authority's certificates are checked for revocation.

use tongxing_pki::{NonceRule, OtherKeys, RevocationMethods};

use super::file::{Item, Parsed, Section};
use crate::points::{AllowedHost, HostRules, PointUrl, PrivateAddresses};

/// The compiled `[revocation]` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationPolicy {
    sources: Vec<RevocationSource>,
    mode: RevocationMode,
    max_age: Option<i64>,
    grace: i64,
    hosts: HostRules,
    distribution_points: Vec<PointUrl>,
    ocsp: Option<PointUrl>,
    nonce: Option<NonceRule>,
    import_every: Option<i64>,
    other_keys: OtherKeys,
}

/// Where revocation is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationSource {
    /// Certificate revocation lists (RFC 5280 section 5).
    Lists,
    /// The online certificate status protocol (RFC 6960).
    Ocsp,
}

/// What several sources must say together. A revocation that any of them proves
/// counts in either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationMode {
    /// The first that has a current answer is enough.
    First,
    /// Each must have a current answer.
    All,
}

/// What to do when no answer is current.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unavailable {
    Refuse,
    AllowWithinGrace,
}

/// Whether an authority's lists come over the network.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lists {
    Fetched,
    Imported,
}

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// A list may be taken for current at most this long after it was made, and
/// overdue at most that long: longer is no revocation checking any more.
const MAX_AGE: (i64, i64) = (60, 366 * DAY);
const GRACE: (i64, i64) = (60, 31 * DAY);
/// An import that is never due needs no alarm; one that always is, no attention.
const IMPORT_EVERY: (i64, i64) = (HOUR, 366 * DAY);
/// Origin: ours; authorities have one to four.
const HOSTS: (usize, usize) = (1, 32);
/// Origin: ours; an authority that splits its list further lets its certificates
/// name the places.
const DISTRIBUTION_POINTS: (usize, usize) = (1, 256);

impl RevocationPolicy {
    /// The sources, in the order in which they are asked.
    pub fn sources(&self) -> &[RevocationSource] {
        &self.sources
    }

    /// What several sources must say together.
    pub fn mode(&self) -> RevocationMode {
        self.mode
    }

    /// Whether lists are asked.
    pub fn uses_lists(&self) -> bool {
        self.sources.contains(&RevocationSource::Lists)
    }

    /// Whether responders are asked.
    pub fn uses_ocsp(&self) -> bool {
        self.sources.contains(&RevocationSource::Ocsp)
    }

    /// Whether nothing can be judged without lists.
    pub fn needs_lists(&self) -> bool {
        self.uses_lists() && (self.mode == RevocationMode::All || !self.uses_ocsp())
    }

    /// The same, as path validation understands it.
    pub(crate) fn methods(&self) -> RevocationMethods {
        match (self.uses_lists(), self.uses_ocsp(), self.mode) {
            (true, true, RevocationMode::First) => RevocationMethods::Either,
            (true, true, RevocationMode::All) => RevocationMethods::Both,
            (false, true, _) => RevocationMethods::Ocsp,
            (_, false, _) => RevocationMethods::Crl,
        }
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

    /// Who may be asked.
    pub fn hosts(&self) -> &HostRules {
        &self.hosts
    }

    /// Where lists are told, instead of where certificates say; empty where they do.
    pub fn distribution_points(&self) -> &[PointUrl] {
        &self.distribution_points
    }

    /// The responder, instead of the one that certificates name.
    pub fn ocsp(&self) -> Option<&PointUrl> {
        self.ocsp.as_ref()
    }

    /// Whether responders are asked with a nonce, and what becomes of answers that do not
    /// repeat it.
    pub fn nonce(&self) -> Option<NonceRule> {
        self.nonce
    }

    /// How often an operator imports lists, in seconds, where the authority is not
    /// connected.
    pub fn import_every_seconds(&self) -> Option<i64> {
        self.import_every
    }

    /// What lists say of certificates that another key of the authority signed.
    pub(crate) fn other_keys(&self) -> OtherKeys {
        self.other_keys
    }

    pub(super) fn parse(section: &Section<'_>) -> Parsed<Self> {
        let sources = section
            .required("order", "the sources in order, such as [\"crl\"]")
            .and_then(|item| sources(&item));
        let max_age =
            section.optional("max-age").map(|item| item.duration(MAX_AGE.0, MAX_AGE.1)).transpose();
        let grace = grace(section);
        let hosts = hosts(section);
        let given = sources.as_deref().unwrap_or_default();
        let mode = mode(section, given);
        let import_every = import_every(section);
        let lists = match import_every {
            Ok(Some(_)) => Lists::Imported,
            _ => Lists::Fetched,
        };
        let rules = hosts.as_ref().ok();
        let distribution_points = distribution_points(section, given, lists, rules);
        let ocsp = ocsp(section, given, rules);
        let nonce = nonce(section, given);
        let other_keys = other_keys(section, given);
        Ok(Self {
            sources: sources?,
            mode: mode?,
            max_age: max_age?,
            grace: grace?,
            hosts: hosts?,
            distribution_points: distribution_points?,
            ocsp: ocsp?,
            nonce: nonce?,
            import_every: import_every?,
            other_keys: other_keys?,
        })
    }
}

fn sources(item: &Item<'_>) -> Parsed<Vec<RevocationSource>> {
    let choices = [("crl", RevocationSource::Lists), ("ocsp", RevocationSource::Ocsp)];
    let sources = item.list_of((1, 2), |item| item.choice(&choices))?;
    if sources.len() > 1 && sources[0] == sources[1] {
        return Err(item.fail("the same source twice", "each source is asked once"));
    }
    Ok(sources)
}

fn mode(section: &Section<'_>, sources: &[RevocationSource]) -> Parsed<RevocationMode> {
    let Some(item) = section.optional("mode") else { return Ok(RevocationMode::First) };
    let choices = [("first", RevocationMode::First), ("all", RevocationMode::All)];
    let mode = item.choice(&choices)?;
    if sources.len() == 1 {
        let label = "with one source there is nothing to combine";
        return Err(item.fail("`mode` cannot apply here", label));
    }
    Ok(mode)
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

fn hosts(section: &Section<'_>) -> Parsed<HostRules> {
    let private = section.optional("private-addresses");
    let Some(item) = section.optional("hosts") else {
        if let Some(item) = private {
            let label = "without `hosts` nobody is asked";
            return Err(item.fail("`private-addresses` cannot apply here", label));
        }
        return Ok(HostRules::default());
    };
    let hosts = item.list_of(HOSTS, |item| {
        let text = item.nonempty()?;
        text.parse::<AllowedHost>().map_err(|_| {
            let label = "expected a host name or address, with or without a port, such as \
                         \"crl.example.cn\"";
            item.fail(&format!("{text:?} is no host"), label)
        })
    });
    let private = private.map(|item| item.boolean()).transpose();
    let private = match private? {
        Some(true) => PrivateAddresses::Allowed,
        Some(false) | None => PrivateAddresses::Refused,
    };
    Ok(HostRules::new(hosts?, private))
}

fn import_every(section: &Section<'_>) -> Parsed<Option<i64>> {
    let offline = section.optional("offline").map(|item| item.boolean()).transpose();
    let every = section.optional("import-every");
    match (offline?, every) {
        (Some(true), Some(item)) => item.duration(IMPORT_EVERY.0, IMPORT_EVERY.1).map(Some),
        (Some(true), None) => {
            let item =
                section.required("import-every", "how often lists are imported, such as \"24h\"");
            item.map(|_| None)
        }
        (_, Some(item)) => {
            let label = "an alarm is given where `offline = true`";
            Err(item.fail("`import-every` cannot apply here", label))
        }
        (_, None) => Ok(None),
    }
}

fn distribution_points(
    section: &Section<'_>,
    sources: &[RevocationSource],
    lists: Lists,
    hosts: Option<&HostRules>,
) -> Parsed<Vec<PointUrl>> {
    let Some(item) = section.optional("distribution-points") else { return Ok(Vec::new()) };
    let cannot = "`distribution-points` cannot apply here";
    if lists == Lists::Imported {
        return Err(item.fail(cannot, "`offline = true`: lists are imported, not fetched"));
    }
    if !sources.is_empty() && !sources.contains(&RevocationSource::Lists) {
        return Err(item.fail(cannot, "`order` does not name \"crl\""));
    }
    item.list_of(DISTRIBUTION_POINTS, |item| url(item, hosts))
}

/// How the authority lists what its former keys signed.
fn other_keys(section: &Section<'_>, sources: &[RevocationSource]) -> Parsed<OtherKeys> {
    let Some(item) = section.optional("key-change") else { return Ok(OtherKeys::default()) };
    let choices = [("list-per-key", OtherKeys::RevokeOnly), ("one-list", OtherKeys::Clear)];
    let other_keys = item.choice(&choices)?;
    if !sources.is_empty() && !sources.contains(&RevocationSource::Lists) {
        let label = "`order` does not name \"crl\"";
        return Err(item.fail("`key-change` cannot apply here", label));
    }
    Ok(other_keys)
}

fn ocsp(
    section: &Section<'_>,
    sources: &[RevocationSource],
    hosts: Option<&HostRules>,
) -> Parsed<Option<PointUrl>> {
    let uses_ocsp = sources.contains(&RevocationSource::Ocsp);
    let Some(item) = section.optional("ocsp") else {
        if uses_ocsp && hosts.is_some_and(HostRules::is_empty) {
            let message = "`order` names \"ocsp\", but no host may be asked";
            return Err(section.fail(message, "expected `hosts` with the responder's"));
        }
        return Ok(None);
    };
    if !sources.is_empty() && !uses_ocsp {
        return Err(item.fail("`ocsp` cannot apply here", "`order` does not name \"ocsp\""));
    }
    let url = url(&item, hosts)?;
    if !url.scheme().is_http() {
        return Err(item.fail("responders are asked over HTTP", "expected an http address"));
    }
    Ok(Some(url))
}

/// RFC 9654: whether answers are bound to what was asked.
fn nonce(section: &Section<'_>, sources: &[RevocationSource]) -> Parsed<Option<NonceRule>> {
    let Some(item) = section.optional("ocsp-nonce") else { return Ok(None) };
    let choices = [
        ("never", None),
        ("asked", Some(NonceRule::MayBeLeftOut)),
        ("required", Some(NonceRule::Required)),
    ];
    let nonce = item.choice(&choices)?;
    if !sources.is_empty() && !sources.contains(&RevocationSource::Ocsp) {
        let label = "`order` does not name \"ocsp\"";
        return Err(item.fail("`ocsp-nonce` cannot apply here", label));
    }
    Ok(nonce)
}

/// An address on a host that may be asked; where `hosts` cannot be read, any.
fn url(item: &Item<'_>, hosts: Option<&HostRules>) -> Parsed<PointUrl> {
    let text = item.nonempty()?;
    let url: PointUrl = text
        .parse()
        .map_err(|error| item.fail(&format!("{text:?} {error}"), "expected an address to ask"))?;
    if hosts.is_some_and(|hosts| !hosts.name(&url)) {
        let label = format!("expected `hosts` to name {:?}", url.authority());
        return Err(item.fail(&format!("{} may not be asked", url.authority()), &label));
    }
    Ok(url)
}
