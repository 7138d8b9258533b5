//! `verify signature`: a signed document by files alone.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use tongxing_pki::{
    Certificate, Content, ContentDigests, DocumentFormat, DocumentVerificationRequest, Fault,
    Moments, PemLabel, RawSignature, SignatureScheme, SignedDocument, Strictness, Verdict,
    decode_pem_or_der, read_document, verify_signature,
};
use tongxing_trust_store::{Clock, SystemClock};

use crate::args::{FormatArg, SchemeArg, VerifySignatureArgs};
use crate::files;
use crate::outcome::{Failure, Outcome};
use crate::render::{Output, document_judgement};

/// Contents up to this many octets are read whole, which every algorithm can verify; the
/// digests of longer ones are made as they flow by, in constant memory.
const WHOLE_CONTENT: u64 = 8 << 20;

/// How much of a longer content is read at once.
const PIECE: usize = 256 << 10;

/// Every file is read first; what is in them is judged.
pub(in crate::commands) fn signature(
    args: &VerifySignatureArgs,
    output: &Output,
) -> Result<Outcome, Failure> {
    let request = request(args)?;
    let octets = files::read(&args.signature)?;
    let document = document(args, &octets)?;
    let content = match (&args.content, &document) {
        // A PDF file is its own content.
        (_, Ok(document)) if document.format() == DocumentFormat::Pdf => Given::Whole(octets),
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
