//! What hostile documents may cost in memory: each is judged in a process of its own, which
//! says what it told and by how much it grew (`VmHWM`, proc(5)), whoever runs the tests.
//! What it costs in time is measured by the bench `refusals`.

mod inputs;

use std::env;
use std::process::Command;

use inputs::{INPUTS, anchor, judge};
use tongxing_pki::{Level, Verdict};

/// Names the input for the process that judges it.
const CHILD: &str = "TONGXING_REFUSALS_INPUT";

/// In KiB: what issue and documentation promise.
const MOST: u64 = 64 << 10;

#[test]
fn every_hostile_document_is_refused_in_little_memory() {
    let me = env::current_exe().expect("a path");
    let mut faults = Vec::new();
    for input in INPUTS {
        let mut child = Command::new(&me);
        child.args(["--exact", "one_of_them", "--nocapture"]).env(CHILD, input.name);
        let output = child.output().expect("it runs");
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().find_map(|line| line.split_once("told: "));
        let Some((_, told)) = line else {
            faults.push(format!(
                "{}: {text}{}",
                input.name,
                String::from_utf8_lossy(&output.stderr)
            ));
            continue;
        };
        let (grown, codes) = told.split_once(' ').expect("a figure and codes");
        let grown: u64 = grown.parse().expect("a figure");
        println!("{:?}: {}: {grown} KiB, {codes}", input.kind, input.name);
        let expected = input.refused.is_none_or(|code| codes == code);
        if grown > MOST || !expected {
            faults.push(format!("{}: {grown} KiB, {codes}", input.name));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The process of one input; without a name it does nothing.
#[test]
fn one_of_them() {
    let Ok(name) = env::var(CHILD) else { return };
    let input = INPUTS.iter().find(|input| input.name == name).expect("one of them");
    let (octets, anchor) = (input.octets(), anchor());
    // What making it took does not count.
    std::fs::write("/proc/self/clear_refs", "5").expect("the peak begins anew");
    let began = memory("VmRSS:");
    let verification = judge(&octets, &anchor);
    let grown = memory("VmHWM:").saturating_sub(began);
    assert_eq!(verification.verdict(), Verdict::Failed);
    let findings = verification.judgement().report.findings().iter();
    let failed = findings.filter(|finding| finding.level() == Level::Failed);
    let codes: Vec<&str> = failed.map(|finding| finding.code().id).collect();
    println!("told: {grown} {}", codes.join(" "));
}

/// A figure of this process, in KiB.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("the figure");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}
