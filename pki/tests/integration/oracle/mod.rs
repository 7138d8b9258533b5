//! OpenSSL as a second opinion on generated paths.
//!
//! 1. A seed makes a small world: authorities certified by one another with
//!    constraints on length, names, usages and policies, each drawn at random, and
//!    leaves below them. Names are unique, so there is one path to each leaf and
//!    only its judgement can differ.
//! 2. `openssl verify` judges all leaves of a world in one run, under the world's
//!    own question (policies asked for, inhibitions, purpose).
//! 3. A difference in the verdict that [`explained`] does not know fails with its
//!    seed.
//!
//! Without `openssl` the test says so and is skipped.

mod draw;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use tongxing_pki::{
    AnyPolicy, Certificate, ExplicitPolicy, Level, Oid, PathOptions, PathOutcome, PolicyMapping,
    Purpose, Verdict,
};

use crate::party::{NOW, now, parse, validate};
use world::{ANY_POLICY, Question, World};

/// Worlds of one run; `TONGXING_ORACLE_SEEDS` asks for more.
const SEEDS: u64 = 150;

#[test]
fn openssl_agrees_on_generated_paths() {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped: there is no openssl to ask");
        return;
    }
    let more = std::env::var("TONGXING_ORACLE_SEEDS").ok().and_then(|seeds| seeds.parse().ok());
    let folder = tempfile::tempdir().expect("a folder");
    let mut tally = Tally::default();
    for seed in 0..more.unwrap_or(SEEDS) {
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
    /// What we refused for, to see that the worlds are varied.
    reasons: BTreeMap<&'static str, usize>,
    faults: Vec<String>,
}

impl Tally {
    fn note(&mut self, case: &str, world: &World, ours: &PathOutcome, theirs: &Result<(), String>) {
        let failed = failed_codes(ours);
        for code in &failed {
            *self.reasons.entry(code).or_default() += 1;
        }
        match (ours.report.verdict(), theirs) {
            (Verdict::Passed, Ok(())) => self.accepted += 1,
            (Verdict::Failed, Err(_)) => self.refused += 1,
            (Verdict::Failed, Ok(())) if explained(world, ours, &failed) => self.explained += 1,
            (verdict, theirs) => {
                self.faults.push(format!("{case}: {verdict} {failed:?}; openssl: {theirs:?}"));
            }
        }
    }

    fn settle(self) {
        println!(
            "openssl: {} accepted by both, {} refused by both, {} explained, {} not; for {:?}",
            self.accepted,
            self.refused,
            self.explained,
            self.faults.len(),
            self.reasons
        );
        assert!(self.faults.is_empty(), "{}", self.faults.join("\n"));
        // A generator that makes only good or only bad paths compares nothing.
        assert!(self.accepted * 10 > self.refused && self.refused * 10 > self.accepted);
        assert!(self.reasons.len() >= 10, "{:?}", self.reasons);
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

fn ours(world: &World, leaf: &[u8]) -> PathOutcome {
    let others: Vec<_> = world.authorities.iter().map(|der| parse(der)).collect();
    let others: Vec<_> = others.iter().collect();
    validate(&parse(leaf), &[&parse(&world.root)], &others, &options(&world.question))
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
    let write = |name: &str, ders: &[Vec<u8>]| {
        let text: String = ders.iter().map(|der| pem(der)).collect();
        std::fs::write(folder.join(name), text).expect("a file");
    };
    write("root.pem", std::slice::from_ref(&world.root));
    write("authorities.pem", &world.authorities);
    let mut command = Command::new("openssl");
    command.current_dir(folder).args(["verify", "-no-CApath", "-no-CAstore"]);
    command.args(["-attime", &NOW.to_string(), "-CAfile", "root.pem"]);
    command.args(["-untrusted", "authorities.pem"]).args(arguments(&world.question));
    for (index, leaf) in world.leaves.iter().enumerate() {
        let name = format!("{index}.pem");
        write(&name, std::slice::from_ref(leaf));
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
    arguments
}

fn pem(der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}
