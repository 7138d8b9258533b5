//! `verify signature`: a signed document by files alone, or by a province.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use clap::builder::PossibleValue;
use tongxing_pki::{
    Certificate, Content, ContentDigests, DocumentFormat, DocumentVerificationRequest, Fault,
    Moments, PemLabel, RawSignature, SignatureScheme, SignedDocument, Strictness, Verdict,
    decode_pem_or_der, read_document, verify_signature,
};
use tongxing_trust_store::{
    Clock, Command as Ask, FileBytes, Reply, SignatureQuestion, SystemClock,
};

use crate::args::{FormatArg, SchemeArg, VerifySignatureArgs};
use crate::client::Client;
use crate::files;
use crate::outcome::{Failure, Outcome};
use crate::render::{Output, document_judgement, stored_judgement};

/// Contents up to this many octets are read whole, which every algorithm can verify; the
/// digests of longer ones are made as they flow by, in constant memory.
const WHOLE_CONTENT: u64 = 8 << 20;

/// How much of a longer content is read at once.
const PIECE: usize = 256 << 10;

/// Contents up to this many octets are handed to a province. Origin: ours; a command has
/// 160 MiB, in which octets take a third more.
const HANDED_CONTENT: u64 = 64 << 20;

/// Every file is read first; what is in them is judged.
pub(in crate::commands) async fn signature(
    args: &VerifySignatureArgs,
    output: &Output,
) -> Result<Outcome, Failure> {
    if args.store { by_store(args, output).await } else { by_files(args, output) }
}

/// The province judges.
async fn by_store(args: &VerifySignatureArgs, output: &Output) -> Result<Outcome, Failure> {
    let read = |path: &PathBuf| files::read(path).map(FileBytes::from);
    if let Some(path) = &args.content
        && fs::metadata(path).is_ok_and(|content| content.len() > HANDED_CONTENT)
    {
        let problem = format!("{}: larger than {} MiB", path.display(), HANDED_CONTENT >> 20);
        let help = "send it to the gateway in parts (POST /v1/signatures/verify), or use --anchor";
        return Err(Failure::bad_input(problem).help(help));
    }
    let name = |value: Option<PossibleValue>| value.map(|value| value.get_name().to_owned());
    let question = SignatureQuestion {
        document: read(&args.signature)?,
        format: name(args.format.and_then(|format| format.to_possible_value())),
        certificate: args.certificate.as_ref().map(read).transpose()?,
        scheme: name(args.scheme.and_then(|scheme| scheme.to_possible_value())),
        content: args.content.as_ref().map(read).transpose()?,
        at: args.at,
        responses: args.responses.iter().map(read).collect::<Result<_, _>>()?,
        language: super::language(args.lang).map(|language| language.tag().to_owned()),
    };
    let question = Box::new(question);
    let client = Client::open(&args.data.folder).await?;
    let Reply::Document(report) = client.execute(Ask::SignatureVerify { question }).await? else {
        return Err(Failure::unavailable("an answer to something else"));
    };
    let language = super::language(args.lang);
    output.value(&report, |style| stored_judgement(&report, language, style));
    Ok(if report["verdict"] == "passed" { Outcome::Yes } else { Outcome::No })
}

/// What is in the files given decides.
fn by_files(args: &VerifySignatureArgs, output: &Output) -> Result<Outcome, Failure> {
    let request = request(args)?;
    let octets = files::read(&args.signature)?;
    let document = document(args, &octets)?;
    let content = match (&args.content, &document) {
        (Some(path), Ok(document)) if document.format() == DocumentFormat::Pdf => {
            let problem = "a PDF file is signed whole: it has no content beside it";
            return Err(Failure::bad_input(problem).about(path.display()));
        }
        // It is its own content.
        (None, Ok(document)) if document.format() == DocumentFormat::Pdf => Given::Whole(octets),
        (Some(path), Ok(document)) => Given::read(path, document, &request)?,
        _ => Given::None,
    };
    let verification = verify_signature(document.as_ref(), content.as_content(), &request);
    let language = super::language(args.lang);
    let text = |style| document_judgement(&verification, language, style);
    output.value(&verification.explained(language), text);
    Ok(match verification.verdict() {
        Verdict::Passed => Outcome::Yes,
        Verdict::Failed | Verdict::Indeterminate => Outcome::No,
    })
}

fn request(args: &VerifySignatureArgs) -> Result<DocumentVerificationRequest, Failure> {
    let moments = Moments { now: SystemClock.now(), at: args.at };
    let mut request = DocumentVerificationRequest::new(moments);
    request.anchors = files::read_all(&args.anchors)?;
    request.intermediates = files::read_all(&args.intermediates)?;
    request.lists = files::read_all(&args.lists)?;
    request.responses = files::read_all(&args.responses)?;
    if args.strict {
        request.options.strictness = Strictness::Strict;
    }
    Ok(request)
}

/// A document that cannot be read is judged too: it fails, and the report says why.
fn document(
    args: &VerifySignatureArgs,
    octets: &[u8],
) -> Result<Result<SignedDocument, Fault>, Failure> {
    let Some(path) = &args.certificate else {
        let format = args.format.map(|format| match format {
            FormatArg::Cms => DocumentFormat::Cms,
            FormatArg::Pdf => DocumentFormat::Pdf,
            FormatArg::Timestamp => DocumentFormat::Timestamp,
        });
        return Ok(read_document(octets, format));
    };
    let certificate = certificate(path)?;
    let raw = match args.scheme {
        Some(scheme) => RawSignature::new(certificate, scheme.into()),
        None => RawSignature::usual(certificate).ok_or_else(|| {
            let problem = format!("{}: its kind of key is not supported", path.display());
            Failure::bad_input(problem)
        })?,
    };
    Ok(Ok(raw.document(octets)))
}

fn certificate(path: &Path) -> Result<Certificate, Failure> {
    let file = files::read(path)?;
    let failed = |fault: Fault| Failure::bad_input(format!("{}: {fault}", path.display()));
    let ders = decode_pem_or_der(&file, PemLabel::Certificate).map_err(failed)?;
    // A file that decodes holds at least one.
    let der = ders.first().map_or(&[][..], Vec::as_slice);
    Certificate::parse(der).map_err(failed)
}

/// The content that was given.
enum Given {
    None,
    Whole(Vec<u8>),
    Digests(ContentDigests),
}

impl Given {
    fn read(
        path: &Path,
        document: &SignedDocument,
        request: &DocumentVerificationRequest,
    ) -> Result<Self, Failure> {
        let failed =
            |error: std::io::Error| Failure::bad_input(format!("{}: {error}", path.display()));
        let mut file = File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.len() <= WHOLE_CONTENT {
            return files::read(path).map(Self::Whole);
        }
        let mut digester = document.digester(0, &[&request.known()], &request.rules());
        let mut piece = vec![0; PIECE];
        loop {
            match file.read(&mut piece).map_err(failed)? {
                0 => return Ok(Self::Digests(digester.finish())),
                read => digester.update(&piece[..read]),
            }
        }
    }

    fn as_content(&self) -> Content<'_> {
        match self {
            Self::None => Content::None,
            Self::Whole(octets) => Content::Octets(octets),
            Self::Digests(digests) => Content::Digests(digests),
        }
    }
}

impl From<SchemeArg> for SignatureScheme {
    fn from(scheme: SchemeArg) -> Self {
        match scheme {
            SchemeArg::RsaPkcs1Sha256 => Self::RsaPkcs1Sha256,
            SchemeArg::RsaPkcs1Sha384 => Self::RsaPkcs1Sha384,
            SchemeArg::RsaPkcs1Sha512 => Self::RsaPkcs1Sha512,
            SchemeArg::RsaPssSha256 => Self::RsaPssSha256,
            SchemeArg::RsaPssSha384 => Self::RsaPssSha384,
            SchemeArg::RsaPssSha512 => Self::RsaPssSha512,
            SchemeArg::EcdsaP256Sha256 => Self::EcdsaP256Sha256,
            SchemeArg::EcdsaP256Sha384 => Self::EcdsaP256Sha384,
            SchemeArg::EcdsaP384Sha256 => Self::EcdsaP384Sha256,
            SchemeArg::EcdsaP384Sha384 => Self::EcdsaP384Sha384,
            SchemeArg::Ed25519 => Self::Ed25519,
            SchemeArg::Sm2Sm3 => Self::Sm2Sm3,
        }
    }
}
