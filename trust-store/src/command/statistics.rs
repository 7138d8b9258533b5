//! How certificates were used: counts over the record, of nobody in particular.
//!
//! What became of a sign-in follows from all records before it, and is not in the
//! journal. So the state is made anew, in memory, while they are counted: exact, and as
//! costly as `audit verify --replay`.

use std::collections::{BTreeMap, BTreeSet};

use tongxing_pki::Timestamp;

use super::reply::{PlatformView, RefusalCount, StatisticsView, UseCount};
use super::{CommandError, Reply};
use crate::change::{Change, IdentifierModel, SignIn, SignInRefused};
use crate::error::StoreError;
use crate::ids::{AuthorityId, RelyingPartyId, SubjectId};
use crate::index::MemoryRows;
use crate::province::{Province, decode, place};
use crate::state::{self, Outcome};

/// The certificates that a count is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    platform: RelyingPartyId,
    authority: AuthorityId,
    subject_type: &'static str,
    key: String,
    method: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Reason {
    platform: Option<RelyingPartyId>,
    authority: Option<AuthorityId>,
    code: String,
}

#[derive(Default)]
struct Counts {
    records: u64,
    admitted: BTreeMap<Use, u64>,
    refused: BTreeMap<Reason, u64>,
    strangers: u64,
    /// Through whose certificates each entity signed in, and where.
    entities: BTreeMap<SubjectId, BTreeSet<AuthorityId>>,
    at_platform: BTreeMap<RelyingPartyId, BTreeSet<SubjectId>>,
}

/// Counts what was recorded from a moment on and before another.
pub(super) fn count(
    province: &Province,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<Reply, CommandError> {
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        return Err(CommandError::bad_input("the end is not after the beginning"));
    }
    let mut counts = Counts::default();
    let mut rows = MemoryRows::default();
    for record in province.journal().read_from(1).map_err(StoreError::from)? {
        let record = record.map_err(StoreError::from)?;
        let at = record.time_millis();
        if to.is_some_and(|to| at >= to.unix().saturating_mul(1000)) {
            break;
        }
        let entry = decode(&record)?;
        let outcome = state::apply(place(&record), &entry, &mut rows).map_err(StoreError::from)?;
        if from.is_none_or(|from| at >= from.unix().saturating_mul(1000)) {
            counts.add(&entry.change, &outcome);
        }
    }
    Ok(Reply::Statistics(Box::new(counts.view(province, from, to))))
}

impl Counts {
    fn add(&mut self, change: &Change, outcome: &Outcome) {
        self.records += 1;
        match (change, outcome) {
            (Change::SignIn(made), Outcome::Admitted(admitted)) => {
                *self.admitted.entry(Use::of(made)).or_default() += 1;
                let subject = &admitted.subject;
                let through = self.entities.entry(subject.clone()).or_default();
                through.insert(made.authority.clone());
                let here = self.at_platform.entry(made.relying_party.clone()).or_default();
                here.insert(subject.clone());
            }
            (Change::SignIn(made), Outcome::SignInRefused(why)) => {
                self.refuse(&made.relying_party, &made.authority, why.code().id);
            }
            (Change::SignInRefused(refused), _) => self.add_refused(refused),
            (Change::RefusalsSummarised { counts, .. }, _) => {
                self.strangers += counts.values().sum::<u64>();
            }
            // A stale one was judged again, and is another record.
            _ => {}
        }
    }

    /// By the first code that decided: what a judgement came to has many reasons, and
    /// is one refusal.
    fn add_refused(&mut self, refused: &SignInRefused) {
        let code = refused.codes.first().cloned().unwrap_or_default();
        let (platform, authority) = (refused.relying_party.clone(), refused.authority.clone());
        *self.refused.entry(Reason { platform, authority, code }).or_default() += 1;
    }

    fn refuse(&mut self, platform: &RelyingPartyId, authority: &AuthorityId, code: &str) {
        let (platform, authority) = (Some(platform.clone()), Some(authority.clone()));
        *self.refused.entry(Reason { platform, authority, code: code.to_owned() }).or_default() +=
            1;
    }

    fn view(
        &self,
        province: &Province,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> StatisticsView {
        let several = self.entities.values().filter(|through| through.len() > 1).count();
        let platforms: Vec<PlatformView> = self.platforms(province);
        let sign_ins: u64 = self.admitted.values().sum();
        let mutual: u64 = platforms.iter().map(|platform| platform.mutual).sum();
        StatisticsView {
            from,
            to,
            records: self.records,
            sign_ins,
            mutual,
            mutual_rate: rate(mutual, sign_ins),
            entities: self.entities.len() as u64,
            entities_of_several_authorities: several as u64,
            platforms,
            uses: self.admitted.iter().map(|(of, count)| of.view(*count)).collect(),
            refusals: self.refused.iter().map(|(of, count)| of.view(*count)).collect(),
            strangers: self.strangers,
        }
    }

    fn platforms(&self, province: &Province) -> Vec<PlatformView> {
        let mut by_authority: BTreeMap<&RelyingPartyId, BTreeMap<&AuthorityId, u64>> =
            BTreeMap::new();
        for (of, count) in &self.admitted {
            let here = by_authority.entry(&of.platform).or_default();
            *here.entry(&of.authority).or_default() += count;
        }
        let snapshot = province.snapshot();
        let view = |(id, counts): (&RelyingPartyId, BTreeMap<&AuthorityId, u64>)| {
            let sign_ins: u64 = counts.values().sum();
            // The first of those with most: their order is that of their ids.
            let most = counts.iter().rev().max_by_key(|(_, count)| **count);
            let (principal, most) = most.map_or((None, 0), |(id, count)| (Some(*id), *count));
            let mutual = sign_ins - most;
            PlatformView {
                id: id.clone(),
                name: snapshot.relying_party(id).map(|party| party.name().to_owned()),
                sign_ins,
                entities: self.at_platform.get(id).map_or(0, |found| found.len() as u64),
                authorities: counts.len() as u64,
                principal: principal.cloned(),
                mutual,
                mutual_rate: rate(mutual, sign_ins),
            }
        };
        by_authority.into_iter().map(view).collect()
    }
}

/// Four digits behind the point, so that the same counts always read the same.
fn rate(part: u64, whole: u64) -> Option<f64> {
    let ten_thousandths = part.saturating_mul(10_000).checked_div(whole)?;
    // At most 10,000: a whole number that a float holds exactly.
    u32::try_from(ten_thousandths).ok().map(|rate| f64::from(rate) / 10_000.0)
}

impl Use {
    fn of(made: &SignIn) -> Self {
        let subject_type = match made.entity.identifier {
            IdentifierModel::Uscc(_)
            | IdentifierModel::OrganizationCode(_)
            | IdentifierModel::Scoped { .. } => "organization",
            IdentifierModel::Person { .. } | IdentifierModel::ScopedPerson { .. } => "person",
        };
        Self {
            platform: made.relying_party.clone(),
            authority: made.authority.clone(),
            subject_type,
            key: made.certificate.key.clone().unwrap_or_else(|| UNKNOWN.to_owned()),
            method: made.method.as_str(),
        }
    }

    fn view(&self, count: u64) -> UseCount {
        UseCount {
            scene: SIGN_IN.to_owned(),
            platform: self.platform.clone(),
            authority: self.authority.clone(),
            subject_type: self.subject_type.to_owned(),
            key: self.key.clone(),
            method: self.method.to_owned(),
            count,
        }
    }
}

/// The scene that every record of a sign-in is.
const SIGN_IN: &str = "sign-in";
/// Of records made before the key's kind was recorded.
const UNKNOWN: &str = "unknown";

impl Reason {
    fn view(&self, count: u64) -> RefusalCount {
        RefusalCount {
            platform: self.platform.clone(),
            authority: self.authority.clone(),
            code: self.code.clone(),
            count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_four_digits_and_nothing_has_none() {
        assert_eq!(rate(1, 3), Some(0.3333));
        assert_eq!(rate(3, 3), Some(1.0));
        assert_eq!(rate(0, 3), Some(0.0));
        assert_eq!(rate(0, 0), None);
    }
}
