//! `tongxing rp`: relying parties.

use std::path::PathBuf;

use tongxing_trust_store::{
    Access, Command, FileBytes, PersonalData, RelyingPartyEdit, Setting, TokenSignature,
};

use super::ask;
use crate::args::{
    AccessArg, OrNone, PersonalDataArg, RelyingPartyCommand, RelyingPartySetArgs, TokenAlgorithmArg,
};
use crate::files;
use crate::outcome::{Failure, Outcome};
use crate::render::Output;

pub(super) async fn run(command: RelyingPartyCommand, output: &Output) -> Result<Outcome, Failure> {
    match command {
        RelyingPartyCommand::Add { id, name, data } => {
            ask(&data, Command::RelyingPartyAdd { id, name }, output).await
        }
        RelyingPartyCommand::Set(args) => {
            let (id, edit) = (args.id.clone(), Box::new(edit(&args)?));
            ask(&args.data, Command::RelyingPartySet { id, edit }, output).await
        }
        RelyingPartyCommand::Secret { id, keep_old, data } => {
            let command = Command::RelyingPartySecret { id, overlap_seconds: keep_old };
            ask(&data, command, output).await
        }
        RelyingPartyCommand::Show { id, data } => {
            ask(&data, Command::RelyingPartyShow { id }, output).await
        }
        RelyingPartyCommand::List { data } => ask(&data, Command::RelyingPartyList, output).await,
    }
}

fn edit(args: &RelyingPartySetArgs) -> Result<RelyingPartyEdit, Failure> {
    Ok(RelyingPartyEdit {
        name: args.name.clone(),
        access: args.access.map(|access| match access {
            AccessArg::Open => Access::Open,
            AccessArg::Suspended => Access::Suspended,
        }),
        add_keys: read(&args.add_keys)?,
        remove_keys: args.remove_keys.clone(),
        add_certificates: read(&args.add_certificates)?,
        remove_certificates: args.remove_certificates.clone(),
        verifications_per_minute: setting(args.per_minute.clone()),
        personal_data: args.personal_data.map(|data| match data {
            PersonalDataArg::Withheld => PersonalData::Withheld,
            PersonalDataArg::Disclosed => PersonalData::Disclosed,
        }),
        webhook: setting(args.webhook.clone()),
        token_signature: args.token_algorithm.map(|algorithm| match algorithm {
            TokenAlgorithmArg::Default => TokenSignature::Default,
            TokenAlgorithmArg::Sm2 => TokenSignature::Sm2,
        }),
    })
}

fn read(paths: &[PathBuf]) -> Result<Vec<FileBytes>, Failure> {
    Ok(files::read_all(paths)?.into_iter().map(FileBytes::from).collect())
}

fn setting<T>(value: Option<OrNone<T>>) -> Setting<T> {
    match value {
        None => Setting::Keep,
        Some(OrNone::None) => Setting::Clear,
        Some(OrNone::To(value)) => Setting::To(value),
    }
}
