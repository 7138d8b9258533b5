//! What hostile documents cost, beside what they cost others.
//!
//!     cargo bench -p tongxing-pki --bench refusals
//!
//! Each document of `tests/refusals` is read and judged in a process of its own: the best wall
//! and processor time of three, and by how much the process grew. Then the same octets are
//! given to OpenSSL (`d2i_CMS_ContentInfo`, `CMS_verify`), or to pyHanko, where Python has it
//! (`TONGXING_TEST_PYHANKO` names another): it reads the file, its signatures and what changed
//! behind each. Whoever takes longer than twenty seconds is ended. Linux only.

#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]

#[path = "../tests/refusals/inputs/mod.rs"]
mod inputs;

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use inputs::{INPUTS, Input, Kind, anchor, judge};
use nix::sys::resource::{UsageWho, getrusage};
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;
use tempfile::TempDir;

const ROUNDS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads a file, and everything in it that is signed.
const PYHANKO: &str = "
import resource, sys, time
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began, before = time.perf_counter(), peak()
cpu = time.process_time()
try:
    with open(sys.argv[1], 'rb') as file:
        for signature in PdfFileReader(file).embedded_signatures:
            signature.compute_integrity_info()
            signature.evaluate_modifications(0)
except Exception:
    pass
print(time.perf_counter() - began, time.process_time() - cpu, peak() - before)
";

fn main() {
    let arguments: Vec<String> = env::args().collect();
    if let [_, side, name, file] = &arguments[..]
        && ["ours", "openssl"].contains(&side.as_str())
    {
        assert!(INPUTS.iter().any(|input| input.name == name), "one of them");
        return one(side, Path::new(file));
    }
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("document");
    fs::write(folder.path().join("anchor"), anchor()).expect("written");
    println!("{:<48} {:>9} {:>9} {:>9}   peer", "", "wall ms", "CPU ms", "KiB");
    for input in INPUTS {
        fs::write(&file, input.octets()).expect("written");
        let ours = best(|| child("ours", input, &file));
        let (peer, theirs) = match input.kind {
            Kind::Cms => ("OpenSSL", best(|| child("openssl", input, &file))),
            Kind::Pdf => ("pyHanko", best(|| pyhanko(&file))),
        };
        let told = input.refused.unwrap_or("read");
        println!("{:<48} {}   {peer}: {}   {told}", input.name, row(ours), row(theirs));
    }
}

/// Seconds of wall time and of the processor, and KiB.
type Cost = (f64, f64, u64);

fn row(cost: Option<Cost>) -> String {
    match cost {
        Some((wall, cpu, grown)) => {
            format!("{:>9.1} {:>9.1} {grown:>9}", wall * 1_000.0, cpu * 1_000.0)
        }
        None => format!("{:>9} {:>9} {:>9}", "none", "", ""),
    }
}

fn best(mut once: impl FnMut() -> Option<Cost>) -> Option<Cost> {
    let mut best: Option<Cost> = None;
    for _ in 0..ROUNDS {
        let (wall, cpu, grown) = once()?;
        let other = best.unwrap_or((wall, cpu, grown));
        best = Some((wall.min(other.0), cpu.min(other.1), grown.max(other.2)));
    }
    best
}

fn child(side: &str, input: &Input, file: &Path) -> Option<Cost> {
    let mut command = Command::new(env::current_exe().expect("a path"));
    cost(command.arg(side).arg(input.name).arg(file))
}

fn pyhanko(file: &Path) -> Option<Cost> {
    let python = env::var("TONGXING_TEST_PYHANKO").unwrap_or_else(|_| "python3".to_owned());
    cost(Command::new(python).args(["-c", PYHANKO]).arg(file))
}

/// The figures that a process prints; none if it fails or takes too long.
fn cost(command: &mut Command) -> Option<Cost> {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let output = ended(child)?;
    let mut figures = output.split_whitespace();
    let mut next = || figures.next();
    Some((next()?.parse().ok()?, next()?.parse().ok()?, next()?.parse().ok()?))
}

fn ended(mut child: Child) -> Option<String> {
    let began = Instant::now();
    while child.try_wait().ok()?.is_none() {
        if began.elapsed() > PATIENCE {
            child.kill().ok()?;
            child.wait().ok()?;
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().ok()?;
    String::from_utf8(output.stdout).ok()
}

/// In a process of its own: reads the file, judges it, prints the figures.
fn one(side: &str, file: &Path) {
    let octets = fs::read(file).expect("a file");
    let anchor = fs::read(file.with_file_name("anchor")).expect("an anchor");
    fs::write("/proc/self/clear_refs", "5").expect("the peak begins anew");
    let (before, cpu, began) = (memory("VmRSS:"), processor(), Instant::now());
    if side == "ours" {
        drop(judge(&octets, &anchor));
    } else {
        by_openssl(&octets, &anchor);
    }
    let (wall, cpu) = (began.elapsed().as_secs_f64(), processor() - cpu);
    println!("{wall} {cpu} {}", memory("VmHWM:").saturating_sub(before));
}

fn by_openssl(octets: &[u8], anchor: &[u8]) {
    let Ok(mut message) = CmsContentInfo::from_der(octets) else { return };
    let mut store = X509StoreBuilder::new().expect("a store");
    store.add_cert(X509::from_der(anchor).expect("an anchor")).expect("added");
    let _ = message.verify(None, Some(&store.build()), None, None, CMSOptions::BINARY);
}

/// Processor time of this process, in seconds.
fn processor() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("Linux");
    let seconds = |time: nix::sys::time::TimeVal| {
        let micros = u32::try_from(time.tv_usec()).expect("below a million");
        let whole = u32::try_from(time.tv_sec()).expect("no bench runs for a century");
        f64::from(whole) + f64::from(micros) / 1e6
    };
    seconds(usage.user_time()) + seconds(usage.system_time())
}

/// A figure of this process, in KiB.
fn memory(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("the figure");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}
