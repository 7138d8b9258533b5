//! What is told of each format in each case: the verdict, the indication of EN 319 102-1 in
//! brackets (the document's signatures first, then the timestamps about its content), and the
//! codes. In braces: a timestamp inside a signature.

#![expect(
    clippy::unnested_or_patterns,
    clippy::too_many_lines,
    reason = "one table, in which groups of formats are macros of their names"
)]

/// Declares an enumeration with the list of what is in it.
macro_rules! listed {
    ($(#[$meta:meta])* $name:ident { $($(#[doc = $doc:literal])+ $variant:ident,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum $name { $($(#[doc = $doc])+ $variant,)+ }

        impl $name {
            pub(super) const ALL: &[Self] = &[$(Self::$variant),+];
        }
    };
}

listed! {
    /// How a document is signed.
    Format {
        /// RSA PKCS#1 v1.5 over SHA-256, bare.
        RawRsaPkcs1,
        /// RSA PSS over SHA-256, bare.
        RawRsaPss,
        /// ECDSA P-256 over SHA-256, bare.
        RawEcdsa,
        /// Ed25519, bare.
        RawEd25519,
        /// SM2 over Z and the content, bare.
        RawSm2,
        /// RFC 5652 in DER, the content beside it.
        CmsDetached,
        /// RFC 5652 in DER, the content inside.
        CmsAttached,
        /// The same as [`Self::CmsDetached`] with indefinite lengths.
        CmsDetachedBer,
        /// The same as [`Self::CmsAttached`] with indefinite lengths, its content in segments.
        CmsAttachedBer,
        /// GM/T 0010 with SM2 in DER, the content beside it.
        GmDetached,
        /// GM/T 0010 with SM2 in DER, the content inside.
        GmAttached,
        /// GM/T 0010 with SM2 in DER, the content inside, no attributes signed.
        GmBare,
        /// The same as [`Self::GmDetached`] with indefinite lengths.
        GmDetachedBer,
        /// The same as [`Self::GmAttached`] with indefinite lengths, its content in segments.
        GmAttachedBer,
        /// An RFC 3161 token that stands alone.
        Timestamp,
        /// A token in a CMS message whose signer's certificate has expired since: each case
        /// is about the token, and the signature passes by it or does not.
        TimestampAttribute,
        /// A PDF file, adbe.pkcs7.detached.
        PdfPkcs7,
        /// A PDF file, ETSI.CAdES.detached.
        PdfCades,
        /// A PDF file, ETSI.RFC3161.
        PdfTimestamp,
    }
}

listed! {
    /// What is wrong with it.
    Case {
        /// Nothing.
        Valid,
        /// One bit of the content; of a token, of what it is about.
        ContentBit,
        /// One bit of the signature's value.
        SignatureBit,
        /// Another certificate of the same issuer and serial number in the signer's place.
        CertificateSwapped,
        /// The certificate had expired before the moment judged; of a token, before it was made.
        Expired,
        /// The certificate has expired since, and the signature is proven to be older: by a
        /// timestamp, by the moment asked for (bare signatures), or by its own time (tokens).
        ExpiredSince,
        /// The certificate was revoked before the proven time.
        RevokedBefore,
        /// The certificate was revoked after the proven time.
        RevokedAfter,
        /// The same, and nothing proves the time.
        RevokedUnproven,
        /// The certificate's key may not sign documents, or make timestamps.
        WrongUsage,
        /// No path leads to an enrolled key.
        UnknownAuthority,
        /// Two signed, and one signature is bad.
        OneOfTwoBad,
        /// Cut off at each tenth of its length.
        Truncated,
    }
}

/// What must be told.
pub(super) enum Expected {
    /// This line.
    Told(&'static str),
    /// A line for each tenth of the length, from none of it on.
    Cut([&'static str; 10]),
    /// The case does not exist for the format, and why.
    None(&'static str),
}

use Case as C;
use Expected::{Cut, None, Told};
use Format as F;

macro_rules! raw {
    () => {
        F::RawRsaPkcs1 | F::RawRsaPss | F::RawEcdsa | F::RawEd25519 | F::RawSm2
    };
}

/// Messages of RFC 5652 and of GM/T 0010 in which attributes are signed.
macro_rules! message {
    () => {
        F::CmsDetached
            | F::CmsAttached
            | F::CmsDetachedBer
            | F::CmsAttachedBer
            | F::GmDetached
            | F::GmAttached
            | F::GmDetachedBer
            | F::GmAttachedBer
    };
}

/// Whose signer is a bidder.
macro_rules! signed {
    () => {
        raw!() | message!() | F::GmBare | F::PdfPkcs7 | F::PdfCades
    };
}

const PASSED: Expected = Told("passed [TOTAL-PASSED]");
/// The signature, and the document timestamp that proves its time.
const BOTH_PASSED: Expected = Told("passed [TOTAL-PASSED] [TOTAL-PASSED]");
/// The signature by its timestamp.
const BY_TOKEN: Expected = Told("passed [TOTAL-PASSED] {TOTAL-PASSED}");
const INVALID: &str = "failed [TOTAL-FAILED SIG_CRYPTO_FAILURE] signer.signature_invalid";
const CRYPTO: Expected = Told(INVALID);
const HASH: Expected = Told("failed [TOTAL-FAILED HASH_FAILURE] content.digest_differs");
const REVOKED: Expected = Told("failed [INDETERMINATE REVOKED_NO_POE] revocation.revoked");
const SM2_LENGTH: &str = "failed [TOTAL-FAILED SIG_CRYPTO_FAILURE] signature.sm2_length";
const NO_PROOF: &str = "failed [INDETERMINATE OUT_OF_BOUNDS_NO_POE] certificate.expired";
const EXPIRED: Expected = Told(NO_PROOF);
const NO_ANCHOR: Expected =
    Told("failed [INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND] path.no_anchor");

/// A table of lines for tenths that differ only in the first.
const fn cut(first: &'static str, others: &'static str) -> Expected {
    Cut([first, others, others, others, others, others, others, others, others, others])
}

/// What is told of a format in a case.
pub(super) fn expected(format: Format, case: Case) -> Expected {
    match case {
        C::Valid => match format {
            signed!() | F::Timestamp | F::PdfTimestamp => PASSED,
            F::TimestampAttribute => BY_TOKEN,
        },
        C::ContentBit => match format {
            // Nothing but the signature speaks of the content.
            raw!() | F::GmBare => CRYPTO,
            message!() | F::PdfPkcs7 | F::PdfCades => HASH,
            F::Timestamp | F::PdfTimestamp => {
                Told("failed [TOTAL-FAILED HASH_FAILURE] timestamp.imprint_differs")
            }
            F::TimestampAttribute => Told(
                "failed [INDETERMINATE OUT_OF_BOUNDS_NO_POE] certificate.expired \
                 {TOTAL-FAILED HASH_FAILURE timestamp.imprint_differs}",
            ),
        },
        C::SignatureBit => match format {
            signed!() | F::Timestamp | F::PdfTimestamp => CRYPTO,
            F::TimestampAttribute => Told(
                "failed [INDETERMINATE OUT_OF_BOUNDS_NO_POE] certificate.expired \
                 {TOTAL-FAILED SIG_CRYPTO_FAILURE signer.signature_invalid}",
            ),
        },
        C::CertificateSwapped => match format {
            raw!() | message!() | F::GmBare | F::PdfPkcs7 => CRYPTO,
            // They name their certificate by its hash.
            F::PdfCades | F::Timestamp | F::PdfTimestamp => Told(
                "failed [TOTAL-FAILED SIG_CRYPTO_FAILURE] signer.certificate_differs \
                 signer.signature_invalid",
            ),
            F::TimestampAttribute => Told(
                "failed [INDETERMINATE OUT_OF_BOUNDS_NO_POE] certificate.expired \
                 {TOTAL-FAILED SIG_CRYPTO_FAILURE signer.certificate_differs \
                 signer.signature_invalid}",
            ),
        },
        C::Expired => match format {
            signed!() | F::Timestamp | F::PdfTimestamp => EXPIRED,
            F::TimestampAttribute => Told(
                "failed [INDETERMINATE OUT_OF_BOUNDS_NO_POE] certificate.expired \
                 {INDETERMINATE OUT_OF_BOUNDS_NO_POE certificate.expired}",
            ),
        },
        C::ExpiredSince | C::RevokedAfter => match format {
            raw!() | F::Timestamp | F::PdfTimestamp => PASSED,
            message!() | F::GmBare | F::TimestampAttribute => BY_TOKEN,
            F::PdfPkcs7 | F::PdfCades => BOTH_PASSED,
        },
        C::RevokedBefore => match format {
            raw!() | F::Timestamp | F::PdfTimestamp => REVOKED,
            message!() | F::GmBare => {
                Told("failed [INDETERMINATE REVOKED_NO_POE] revocation.revoked {TOTAL-PASSED}")
            }
            F::PdfPkcs7 | F::PdfCades => {
                Told("failed [INDETERMINATE REVOKED_NO_POE] revocation.revoked [TOTAL-PASSED]")
            }
            F::TimestampAttribute => Told(
                "failed [INDETERMINATE OUT_OF_BOUNDS_NO_POE] certificate.expired \
                 {INDETERMINATE REVOKED_NO_POE revocation.revoked}",
            ),
        },
        C::RevokedUnproven => match format {
            signed!() => REVOKED,
            F::Timestamp | F::TimestampAttribute | F::PdfTimestamp => {
                None("a timestamp proves its own time, as long as it counts at all")
            }
        },
        C::WrongUsage => match format {
            signed!() => Told(
                "failed [INDETERMINATE CHAIN_CONSTRAINTS_FAILURE] \
                 certificate.encryption_certificate",
            ),
            F::Timestamp | F::PdfTimestamp => Told(
                "failed [INDETERMINATE CHAIN_CONSTRAINTS_FAILURE] \
                 certificate.purpose_not_allowed",
            ),
            F::TimestampAttribute => Told(
                "failed [INDETERMINATE OUT_OF_BOUNDS_NO_POE] certificate.expired \
                 {INDETERMINATE CHAIN_CONSTRAINTS_FAILURE certificate.purpose_not_allowed}",
            ),
        },
        C::UnknownAuthority => match format {
            signed!() | F::Timestamp | F::PdfTimestamp => NO_ANCHOR,
            F::TimestampAttribute => Told(
                "failed [INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND] path.no_anchor \
                 certificate.expired {INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND path.no_anchor}",
            ),
        },
        C::OneOfTwoBad => match format {
            raw!() => None("a bare signature is one signature"),
            message!() | F::GmBare | F::PdfPkcs7 | F::PdfCades | F::PdfTimestamp => Told(
                "failed [TOTAL-PASSED] [TOTAL-FAILED SIG_CRYPTO_FAILURE] \
                 signer.signature_invalid",
            ),
            // RFC 3161 2.4.2: one signature and no other.
            F::Timestamp => Told("failed document.malformed"),
            // Of two timestamps in a signature the good one counts.
            F::TimestampAttribute => Told(
                "passed [TOTAL-PASSED] {TOTAL-FAILED SIG_CRYPTO_FAILURE \
                 signer.signature_invalid} {TOTAL-PASSED}",
            ),
        },
        C::Truncated => match format {
            F::RawRsaPkcs1 | F::RawRsaPss | F::RawEcdsa | F::RawEd25519 => cut(INVALID, INVALID),
            // r and s, 64 octets, or DER (GM/T 0009 7.3).
            F::RawSm2 => cut(SM2_LENGTH, SM2_LENGTH),
            message!() | F::GmBare | F::Timestamp => {
                cut("failed document.format_unknown", "failed document.malformed")
            }
            // An attribute without a value is no timestamp.
            F::TimestampAttribute => cut(NO_PROOF, "failed document.malformed"),
            // The revision before the signature is whole at the first tenth.
            F::PdfPkcs7 | F::PdfCades | F::PdfTimestamp => {
                cut("failed document.format_unknown", "failed document.no_signer")
            }
        },
    }
}
