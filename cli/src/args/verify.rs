//! `tongxing verify`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use tongxing_pki::{Oid, ReferenceName, Timestamp};

use super::DataArgs;
use super::value::moment;

/// Judgements over files.
#[derive(Debug, Subcommand)]
pub(crate) enum VerifyCommand {
    Certificate(Box<VerifyCertificateArgs>),
    Signature(Box<VerifySignatureArgs>),
}

/// Judge a certificate by the files given, RFC 5280 section 6
#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 0 for passed, 1 for failed or indeterminate, 2 for an unreadable file or wrong
usage. A malformed leaf fails; other malformed files are ignored, with a finding. With
any --crl or --ocsp given, every certificate below the anchor must have its status known;
without, revocation is not asked and the report says so. A revocation that either proves
counts; one that clears is enough.

EXAMPLES:
  tongxing verify certificate --anchor root.pem --intermediate issuing.pem bidder.pem
  tongxing verify certificate --anchor root.pem --crl root.crl --at 2026-06-30T08:00:00Z \\
      --purpose client --json bidder.der
  tongxing verify certificate --anchor root.pem --crl root.crl --lang zh bidder.pem
  tongxing verify certificate --anchor root.pem --ocsp bidder.ocsp --ocsp issuing.ocsp \\
      --intermediate issuing.pem bidder.pem
  tongxing verify certificate --anchor root.pem --policy 1.2.156.10197.1.100 \\
      --require-explicit-policy --name dns:bid.example.cn server.pem")]
pub(crate) struct VerifyCertificateArgs {
    /// Trusted CA certificate; may be repeated
    #[arg(long = "anchor", value_name = "FILE", required = true)]
    pub(crate) anchors: Vec<PathBuf>,
    /// CA certificate that may help to build the path; may be repeated
    #[arg(long = "intermediate", value_name = "FILE")]
    pub(crate) intermediates: Vec<PathBuf>,
    /// Revocation list; may be repeated
    #[arg(long = "crl", value_name = "FILE")]
    pub(crate) lists: Vec<PathBuf>,
    /// OCSP response, DER or base64; may be repeated
    #[arg(long = "ocsp", value_name = "FILE")]
    pub(crate) responses: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) policies: PolicyArgs,
    /// A name that the certificate must have: dns:NAME, ip:ADDRESS or email:MAILBOX; may
    /// be repeated, and then every one
    #[arg(long = "name", value_name = "KIND:NAME")]
    pub(crate) names: Vec<ReferenceName>,
    /// The moment to judge; now without it
    #[arg(long, value_name = "RFC3339", value_parser = moment)]
    pub(crate) at: Option<Timestamp>,
    /// What the certificate is to be used for
    #[arg(long, value_name = "PURPOSE", default_value = "any")]
    pub(crate) purpose: PurposeArg,
    /// Profile faults (RFC 5280 section 4) fail instead of warning
    #[arg(long)]
    pub(crate) strict: bool,
    /// The least security of keys and signatures on the path, in bits
    #[arg(long, value_name = "BITS", default_value = "112")]
    pub(crate) security: SecurityArg,
    /// How many intermediates a path may have at most
    #[arg(long, value_name = "N")]
    pub(crate) max_depth: Option<usize>,
    /// Say of each finding what bidders read: cause, whose problem it is, next step
    #[arg(long, value_name = "LANGUAGE")]
    pub(crate) lang: Option<LanguageArg>,
    /// The certificate to judge
    #[arg(value_name = "LEAF")]
    pub(crate) leaf: PathBuf,
}

/// Judge a signed document by the files given, or by a province: CMS, PDF, RFC 3161
/// timestamp, or raw signature
#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 0 for passed, 1 for failed or indeterminate, 2 for an unreadable file or wrong
usage. Every signer is judged on its own, at the best signature time: that of a valid
timestamp, else --at, else now. With any --crl or --ocsp given, every certificate below an
anchor must have its status known; without, revocation is not asked and the report says so.
With --store the province judges as it would for a platform: by its authorities, policies and
lists, those of a moment in the past too. Nothing is recorded, and no responder is asked.

EXAMPLES:
  tongxing verify signature --anchor root.pem --content tender.zip tender.zip.p7s
  tongxing verify signature --store --data /srv/tongxing --content tender.zip tender.zip.p7s
  tongxing verify signature --anchor root.pem --intermediate issuing.pem --crl issuing.crl \\
      --at 2026-06-30T08:00:00Z --json signed.p7m
  tongxing verify signature --anchor tsa-root.pem --content tender.zip tender.tsr
  tongxing verify signature --anchor root.pem --certificate bidder.pem --content tender.zip \\
      tender.sig")]
#[command(group = ArgGroup::new("trust").required(true))]
pub(crate) struct VerifySignatureArgs {
    /// Trusted CA certificate, of signers or of timestamp authorities; may be repeated
    #[arg(long = "anchor", value_name = "FILE", group = "trust")]
    pub(crate) anchors: Vec<PathBuf>,
    /// By what a province trusts, in place of anchors, intermediates and lists
    #[arg(long, group = "trust", conflicts_with_all = ["intermediates", "lists", "strict"])]
    pub(crate) store: bool,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Certificate that may help to build a path, or be a signer's; may be repeated
    #[arg(long = "intermediate", value_name = "FILE")]
    pub(crate) intermediates: Vec<PathBuf>,
    /// Revocation list; may be repeated
    #[arg(long = "crl", value_name = "FILE")]
    pub(crate) lists: Vec<PathBuf>,
    /// OCSP response, DER or base64; may be repeated
    #[arg(long = "ocsp", value_name = "FILE")]
    pub(crate) responses: Vec<PathBuf>,
    /// The content that was signed, where it is not inside the document
    #[arg(long, value_name = "FILE")]
    pub(crate) content: Option<PathBuf>,
    /// The format; recognised without it
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<FormatArg>,
    /// The signer's certificate: SIGNATURE is a raw signature then
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    pub(crate) certificate: Option<PathBuf>,
    /// How a raw signature was made; the usual way of the certificate's key without it
    #[arg(long, value_name = "SCHEME", requires = "certificate")]
    pub(crate) scheme: Option<SchemeArg>,
    /// The moment by which the signature is held to have existed; now without it
    #[arg(long, value_name = "RFC3339", value_parser = moment)]
    pub(crate) at: Option<Timestamp>,
    /// Profile faults (RFC 5280 section 4) fail instead of warning
    #[arg(long)]
    pub(crate) strict: bool,
    /// Say of each finding what bidders read: cause, whose problem it is, next step
    #[arg(long, value_name = "LANGUAGE")]
    pub(crate) lang: Option<LanguageArg>,
    /// The signed document, DER, BER, PEM or base64; or a raw signature
    #[arg(value_name = "SIGNATURE")]
    pub(crate) signature: PathBuf,
}

/// A format of signed documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    /// CMS SignedData (RFC 5652, GM/T 0010)
    Cms,
    /// PDF file with signatures (ISO 32000-2)
    Pdf,
    /// RFC 3161 timestamp: a token or an answer
    Timestamp,
}

/// A way of signing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemeArg {
    /// RSA PKCS#1 v1.5 with SHA-256
    RsaPkcs1Sha256,
    /// RSA PKCS#1 v1.5 with SHA-384
    RsaPkcs1Sha384,
    /// RSA PKCS#1 v1.5 with SHA-512
    RsaPkcs1Sha512,
    /// RSASSA-PSS with SHA-256
    RsaPssSha256,
    /// RSASSA-PSS with SHA-384
    RsaPssSha384,
    /// RSASSA-PSS with SHA-512
    RsaPssSha512,
    /// ECDSA on P-256 with SHA-256
    EcdsaP256Sha256,
    /// ECDSA on P-256 with SHA-384
    EcdsaP256Sha384,
    /// ECDSA on P-384 with SHA-256
    EcdsaP384Sha256,
    /// ECDSA on P-384 with SHA-384
    EcdsaP384Sha384,
    /// Ed25519
    Ed25519,
    /// SM2 with SM3
    Sm2Sm3,
}

/// The inputs of certificate policy processing (RFC 5280 6.1.1 (c)-(g)).
#[derive(Debug, Args)]
pub(crate) struct PolicyArgs {
    /// Acceptable certificate policy; may be repeated; without it every policy is
    #[arg(long = "policy", value_name = "OID")]
    pub(crate) acceptable: Vec<Oid>,
    /// The path must be valid for an acceptable policy
    #[arg(long)]
    pub(crate) require_explicit_policy: bool,
    /// Policy mappings are not processed
    #[arg(long)]
    pub(crate) inhibit_policy_mapping: bool,
    /// anyPolicy in a certificate stands for no policy
    #[arg(long)]
    pub(crate) inhibit_any_policy: bool,
}

/// A language that bidders read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LanguageArg {
    /// Chinese
    Zh,
    /// English
    En,
}

/// What a certificate is to be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PurposeArg {
    /// A client in TLS
    Client,
    /// A server in TLS
    Server,
    /// Signing documents
    Signing,
    /// Signing timestamps (RFC 3161)
    Timestamping,
    /// Signing code
    CodeSigning,
    /// Anything
    Any,
}

/// The least security of keys and signatures (NIST SP 800-57), in bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SecurityArg {
    /// RSA with 2048 bits
    #[value(name = "112")]
    Bits112,
    /// RSA with 3072 bits, P-256, Ed25519, SM2
    #[value(name = "128")]
    Bits128,
    /// RSA with 7680 bits, P-384
    #[value(name = "192")]
    Bits192,
}
