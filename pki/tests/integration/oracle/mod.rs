//! OpenSSL as a second opinion on generated paths.
//!
//! 1. A seed makes a small world: authorities certified by one another with
//!    constraints on length, names, usages and policies, each drawn at random, and
//!    leaves below them. Names are unique, so there is one path to each leaf and
//!    only its judgement can differ.
//! 2. `openssl verify` judges all leaves of a world in one run, under the world's
//!    own question (policies asked for, inhibitions, purpose). In half of the worlds the
//!    status of every certificate must be known by the lists of its authorities:
//!    complete ones, with deltas, by reasons; a few overdue, forged or missing.
//! 3. A difference in the verdict that [`explained`] does not know fails with its
//!    seed.
//!
//! Without `openssl` the test says so and is passed over, unless it is required.

mod draw;
mod lists;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use tongxing_pki::{
    Anchors, AnyPolicy, Certificate, CertificatePool, Crl, ExplicitPolicy, Level, Oid, PathOptions,
    PathOutcome, PolicyMapping, Purpose, RevocationLists, RevocationOptions, RevocationSources,
    RevocationStatus, Verdict, check_revocation,
};

use crate::party::{NOW, now, parse, validate};
use crate::wanting;
use world::{ANY_POLICY, Question, World};

/// Worlds of a usual run, and of a slow one.
const SEEDS: u64 = 150;
const MANY_SEEDS: u64 = 4_000;
/// Worlds in which the two differ as they seldom do: a hold in an overdue list beside a
/// delta, and a delta that revokes beside a list that cannot be used.
const RARE: [u64; 3] = [215, 238, 2_200];

#[test]
fn openssl_agrees_on_generated_paths() {
    compare((0..SEEDS).chain(RARE));
}

#[test]
#[ignore = "slow: thousands of worlds"]
fn slow_openssl_agrees_on_thousands_of_generated_paths() {
    compare(SEEDS..MANY_SEEDS);
}

fn compare(seeds: impl Iterator<Item = u64>) {
    if wanting::openssl().is_none() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut tally = Tally::default();
    for seed in seeds {
        let world = World::drawn(seed);
        let theirs = openssl(folder.path(), &world);
        for (index, leaf) in world.leaves.iter().enumerate() {
            let case = format!("seed {seed}, leaf {index}");
            tally.note(&case, &world, &ours(&world, leaf), &theirs[index]);
        }
    }
    tally.settle();
}

/// How the two compare.
#[derive(Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    explained: usize,
    /// Refused by both as revoked.
    revoked: usize,
    /// What we refused for, to see that the worlds are varied.
    reasons: BTreeMap<&'static str, usize>,
    faults: Vec<String>,
}

impl Tally {
    fn note(&mut self, case: &str, world: &World, ours: &Judged, theirs: &Result<(), String>) {
        let failed = failed_codes(&ours.path);
        for code in failed.iter().copied().chain(ours.unknown()) {
            *self.reasons.entry(code).or_default() += 1;
        }
        let told_revoked = theirs.as_ref().is_err_and(|errors| errors.contains(REVOKED));
        match (ours.verdict(), theirs) {
            (Verdict::Passed, Ok(())) => self.accepted += 1,
            // Beside a path that fails OpenSSL looks at lists, and we do not.
            (Verdict::Failed, Err(_)) if !ours.is_revoked() => self.refused += 1,
            // It ends, from the leaf upwards, with the first whose status is unknown, or
            // whose list cannot be used: a delta proves a revocation even then.
            (Verdict::Failed, Err(errors))
                if told_revoked
                    || ours.unknown().next().is_some()
                    || UNUSABLE.iter().any(|error| errors.contains(error)) =>
            {
                self.revoked += 1;
            }
            // It takes a hold in an overdue list for a revocation. Here, as it may have been
            // lifted since, the status is unknown.
            (Verdict::Indeterminate, Err(_))
                if !told_revoked || ours.unknown().any(|why| why == STALE) =>
            {
                self.refused += 1;
            }
            (Verdict::Failed, Ok(())) if explained(world, &ours.path, &failed) => {
                self.explained += 1;
            }
            // With a current delta OpenSSL takes an overdue list for current. Here a delta
            // brings its list up to date, and does not make it less overdue.
            (Verdict::Indeterminate, Ok(())) if ours.unknown().all(|why| why == STALE) => {
                self.explained += 1;
            }
            (verdict, theirs) => {
                let statuses = &ours.statuses;
                let ours = format!("{verdict} {failed:?} {statuses:?}");
                self.faults.push(format!("{case}: {ours}; openssl: {theirs:?}"));
            }
        }
    }

    fn settle(self) {
        println!(
            "openssl: {} accepted by both, {} refused by both, {} of them revoked, {} explained, \
             {} not; for {:?}",
            self.accepted,
            self.refused + self.revoked,
            self.revoked,
            self.explained,
            self.faults.len(),
            self.reasons
        );
        assert!(self.faults.is_empty(), "{}", self.faults.join("\n"));
        // A generator that makes only good or only bad paths compares nothing.
        assert!(self.accepted * 10 > self.refused && self.refused * 10 > self.accepted);
        assert!(self.revoked > 20, "{} revoked", self.revoked);
        assert!(self.reasons.len() >= 14, "{:?}", self.reasons);
    }
}

fn failed_codes(outcome: &PathOutcome) -> BTreeSet<&'static str> {
    let findings = outcome.report.findings().iter();
    findings.filter(|found| found.level() == Level::Failed).map(|found| found.code().id).collect()
}

/// OpenSSL 3.0 lets an authority that has anyPolicy map a policy which it does not
/// list, even where anyPolicy is inhibited and so counts for nothing (RFC 5280
/// 6.1.3 (d) (2) makes no node that 6.1.4 (b) could map). It accepts a path for a
/// policy that nobody was allowed to assert.
fn explained(world: &World, ours: &PathOutcome, failed: &BTreeSet<&str>) -> bool {
    let maps_unlisted = |authority: &Certificate| {
        let listed = authority.certificate_policies().unwrap_or_default();
        let mut mapped = authority.policy_mappings().iter();
        listed.contains(&Oid::ANY_POLICY) && mapped.any(|(from, _)| !listed.contains(from))
    };
    let inhibits = |certificate: &Certificate| certificate.inhibit_any_policy().is_some();
    failed.iter().eq(["path.policies_not_accepted"].iter())
        && (world.question.inhibit_any || ours.built.iter().any(inhibits))
        && ours.built.iter().any(maps_unlisted)
}

/// Our code for an overdue list.
const STALE: &str = "revocation.list_stale";
/// What OpenSSL calls a revocation.
const REVOKED: &str = "error 23 ";
/// And a list with a signature, or with a critical extension, that it cannot use.
const UNUSABLE: [&str; 2] = ["error 8 ", "error 36 "];

/// Our judgement of a leaf.
struct Judged {
    path: PathOutcome,
    /// Of the certificates of a valid path; none where nobody asks.
    statuses: Vec<RevocationStatus>,
}

impl Judged {
    fn verdict(&self) -> Verdict {
        match self.path.report.verdict() {
            Verdict::Passed if self.is_revoked() => Verdict::Failed,
            Verdict::Passed if self.unknown().next().is_some() => Verdict::Indeterminate,
            other => other,
        }
    }

    fn is_revoked(&self) -> bool {
        self.statuses.iter().any(|status| matches!(status, RevocationStatus::Revoked(_)))
    }

    fn unknown(&self) -> impl Iterator<Item = &'static str> {
        self.statuses.iter().filter_map(|status| match status {
            RevocationStatus::Unknown { why } => Some(why.id),
            _ => None,
        })
    }
}

fn ours(world: &World, leaf: &[u8]) -> Judged {
    let root = parse(&world.root);
    let others: Vec<_> = world.authorities.iter().map(|der| parse(der)).collect();
    let references: Vec<_> = others.iter().collect();
    let path = validate(&parse(leaf), &[&root], &references, &options(&world.question));
    let mut statuses = Vec::new();
    if let Some(found) = path.path.as_ref().filter(|_| world.question.revocation) {
        let list = |der: &Vec<u8>| Crl::parse(der).expect("a generated list");
        let lists: RevocationLists = world.lists.iter().map(list).collect();
        let anchors = Anchors::from_iter([root]);
        let pool: CertificatePool = others.into_iter().collect();
        let (lists, pools) = (&[&lists][..], &[&pool][..]);
        let sources = RevocationSources { lists, responses: &[], anchors: &anchors, pools };
        statuses = check_revocation(found, &sources, &RevocationOptions::new(now())).statuses;
    }
    Judged { path, statuses }
}

fn options(question: &Question) -> PathOptions {
    let mut options = PathOptions::new(now());
    if question.client_auth {
        options.purpose = Purpose::ClientAuth;
    }
    let policies = &mut options.policies;
    if !question.policies.is_empty() {
        let asked = question.policies.iter();
        policies.acceptable = asked.map(|oid| oid.parse::<Oid>().expect("an OID")).collect();
    }
    if question.explicit {
        policies.explicit = ExplicitPolicy::Required;
    }
    if question.inhibit_mapping {
        policies.mapping = PolicyMapping::Inhibited;
    }
    if question.inhibit_any {
        policies.any_policy = AnyPolicy::Inhibited;
    }
    options
}

/// OpenSSL's verdict on each leaf: accepted, or its errors.
fn openssl(folder: &Path, world: &World) -> Vec<Result<(), String>> {
    let write = |name: &str, label: &str, ders: &[Vec<u8>]| {
        let text: String = ders.iter().map(|der| pem(label, der)).collect();
        std::fs::write(folder.join(name), text).expect("a file");
    };
    write("root.pem", "CERTIFICATE", std::slice::from_ref(&world.root));
    write("authorities.pem", "CERTIFICATE", &world.authorities);
    write("lists.pem", "X509 CRL", &world.lists);
    let mut command = Command::new("openssl");
    command.current_dir(folder).args(["verify", "-no-CApath", "-no-CAstore"]);
    command.args(["-attime", &NOW.to_string(), "-CAfile", "root.pem"]);
    command.args(["-untrusted", "authorities.pem"]).args(arguments(&world.question));
    for (index, leaf) in world.leaves.iter().enumerate() {
        let name = format!("{index}.pem");
        write(&name, "CERTIFICATE", std::slice::from_ref(leaf));
        command.arg(name);
    }
    let output = command.output().expect("openssl runs");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().collect();
    (0..world.leaves.len()).map(|index| judged(&lines, index)).collect()
}

fn judged(lines: &[&str], index: usize) -> Result<(), String> {
    let accepted = format!("{index}.pem: OK");
    let refused = format!("error {index}.pem: verification failed");
    if lines.contains(&accepted.as_str()) {
        return Ok(());
    }
    let end = lines.iter().position(|line| *line == refused);
    let end = end.unwrap_or_else(|| panic!("openssl said nothing of leaf {index}: {lines:?}"));
    let errors = lines[..end].iter().rev().take_while(|line| !line.ends_with("failed"));
    let errors = errors.filter(|line| line.starts_with("error "));
    Err(errors.copied().collect::<Vec<_>>().join("; "))
}

fn arguments(question: &Question) -> Vec<&str> {
    // OpenSSL takes an empty set for one that accepts nothing.
    let all = [ANY_POLICY];
    let none_named = question.policies.is_empty();
    let asked = if none_named { &all[..] } else { &question.policies };
    let mut arguments = vec!["-policy_check"];
    for policy in asked {
        arguments.extend(["-policy", policy]);
    }
    for (asked, flag) in [
        (question.explicit, "-explicit_policy"),
        (question.inhibit_mapping, "-inhibit_map"),
        (question.inhibit_any, "-inhibit_any"),
    ] {
        if asked {
            arguments.push(flag);
        }
    }
    if question.client_auth {
        arguments.extend(["-purpose", "sslclient"]);
    }
    if question.revocation {
        let features = ["-crl_check_all", "-extended_crl", "-use_deltas"];
        arguments.extend(["-CRLfile", "lists.pem"].into_iter().chain(features));
    }
    arguments
}

fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
