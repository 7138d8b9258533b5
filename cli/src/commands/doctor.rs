//! `tongxing doctor`: what is wrong with a province, and what helps.
//!
//! A gateway that runs has the province open, and is asked. Otherwise the folder is
//! looked at without being opened: that mends, and a damaged one refuses.

use std::path::Path;

use tongxing_gateway::{CONFIG_FILE, Config, examine_province};
use tongxing_trust_store::{Check, CheckLevel, Command, Depth, Reply, StoreError, SystemClock};

use crate::args::DoctorArgs;
use crate::client::{Client, is_socket};
use crate::outcome::{Failure, Outcome};
use crate::render::{Output, checks};

pub(super) async fn run(args: DoctorArgs, output: &Output) -> Result<Outcome, Failure> {
    let depth = if args.full { Depth::Full } else { Depth::Quick };
    let seen = examine(&args.data.folder, depth).await?;
    output.value(&seen, |style| checks(&seen, style));
    let any = |level| seen.iter().any(|check| check.level == level);
    Ok(if any(CheckLevel::Error) {
        Outcome::No
    } else if any(CheckLevel::Unknown) {
        Outcome::Unanswered
    } else {
        Outcome::Yes
    })
}

async fn examine(folder: &Path, depth: Depth) -> Result<Vec<Check>, Failure> {
    // Settings that cannot be read are a finding, and name no socket to ask.
    let may_be_asked = is_socket(folder) || Config::load(folder).is_ok();
    let gateway = if may_be_asked { Client::gateway(folder).await? } else { None };
    if let Some(gateway) = gateway {
        return match gateway.execute(Command::Doctor { depth }).await? {
            Reply::Examined(seen) => Ok(seen),
            other => Err(Failure::unavailable(format!("an unexpected answer: {other:?}"))),
        };
    }
    let is_there = |name: &str| folder.join(name).exists();
    if !["journal", "keys", CONFIG_FILE].into_iter().any(is_there) {
        return Err(StoreError::NotFound { folder: folder.to_owned() }.into());
    }
    let folder = folder.to_owned();
    let looking = move || examine_province(&folder, &SystemClock, depth);
    tokio::task::spawn_blocking(looking)
        .await
        .map_err(|error| Failure::unavailable(format!("looking at the province: {error}")))
}
