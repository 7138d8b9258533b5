//! `tongxing verify`: judgements over files, without a province.

mod signature;

use tongxing_pki::{
    AnyPolicy, ExplicitPolicy, Language, Moment, PathOptions, PolicyMapping, PolicyOptions,
    Purpose, SecurityLevel, Strictness, Verdict, VerificationRequest, verify_certificate,
};
use tongxing_trust_store::{Clock, SystemClock};

use crate::args::{LanguageArg, PolicyArgs, PurposeArg, SecurityArg, VerifyCertificateArgs};
use crate::files;
use crate::outcome::{Failure, Outcome};
use crate::render::{Output, judgement};

pub(super) use signature::signature;

/// `verify certificate`: every file is read first; what is in them is judged.
pub(super) fn certificate(
    args: &VerifyCertificateArgs,
    output: &Output,
) -> Result<Outcome, Failure> {
    let leaf = files::read(&args.leaf)?;
    let mut request = VerificationRequest::new(&leaf, options(args));
    request.anchors = files::read_all(&args.anchors)?;
    request.intermediates = files::read_all(&args.intermediates)?;
    request.lists = files::read_all(&args.lists)?;
    request.responses = files::read_all(&args.responses)?;
    if args.at.is_some_and(|at| at < SystemClock.now()) {
        // Lists and responses made since then may say more about that moment.
        request.moment = Moment::Past;
    }
    let verification = verify_certificate(&request);
    let language = language(args.lang);
    let text = |style| judgement(&verification, language, style);
    match language {
        Some(language) => output.value(&verification.explained(language), text),
        None => output.value(&verification, text),
    }
    Ok(match verification.verdict() {
        Verdict::Passed => Outcome::Yes,
        Verdict::Failed | Verdict::Indeterminate => Outcome::No,
    })
}

pub(super) fn language(argument: Option<LanguageArg>) -> Option<Language> {
    argument.map(|language| match language {
        LanguageArg::Zh => Language::Zh,
        LanguageArg::En => Language::En,
    })
}

fn options(args: &VerifyCertificateArgs) -> PathOptions {
    let mut options = PathOptions::new(args.at.unwrap_or_else(|| SystemClock.now()));
    options.purpose = match args.purpose {
        PurposeArg::Client => Purpose::ClientAuth,
        PurposeArg::Server => Purpose::ServerAuth,
        PurposeArg::Signing => Purpose::Signing,
        PurposeArg::Timestamping => Purpose::TimeStamping,
        PurposeArg::CodeSigning => Purpose::CodeSigning,
        PurposeArg::Any => Purpose::Any,
    };
    options.strictness = if args.strict { Strictness::Strict } else { Strictness::Standard };
    options.least_security = match args.security {
        SecurityArg::Bits112 => SecurityLevel::Bits112,
        SecurityArg::Bits128 => SecurityLevel::Bits128,
        SecurityArg::Bits192 => SecurityLevel::Bits192,
    };
    options.max_depth = args.max_depth;
    options.names.clone_from(&args.names);
    options.policies = policies(&args.policies);
    options
}

fn policies(args: &PolicyArgs) -> PolicyOptions {
    let mut options = PolicyOptions::default();
    if !args.acceptable.is_empty() {
        options.acceptable = args.acceptable.iter().cloned().collect();
    }
    options.explicit = ExplicitPolicy::required_if(args.require_explicit_policy);
    options.mapping = PolicyMapping::inhibited_if(args.inhibit_policy_mapping);
    options.any_policy = AnyPolicy::inhibited_if(args.inhibit_any_policy);
    options
}
