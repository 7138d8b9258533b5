//! The words of ETSI EN 319 102-1, derived from our codes in one place.
//!
//! Our verdict answers *may this be relied upon as of that moment*; the standard's
//! indication answers *could it ever be*. A certificate revoked before the moment judged
//! fails here, and is INDETERMINATE there, as the signature may be older than all proof of
//! it. Both go out side by side.

use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::codes as ours;
use crate::{Certificate, Code, Finding, Level, Report, Verdict};

use crate::pdf::codes as pdf;

use super::codes;

/// The outcome of a validation in the standard's words (EN 319 102-1 5.1.3, tables 5, 6).
///
/// Serialises as `{"indication": "TOTAL-FAILED", "sub_indication": "HASH_FAILURE"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indication {
    /// TOTAL-PASSED.
    TotalPassed,
    /// TOTAL-FAILED.
    TotalFailed(SubIndication),
    /// INDETERMINATE.
    Indeterminate(SubIndication),
}

macro_rules! sub_indications {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal;)+) => {
        /// Why (EN 319 102-1 table 6).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum SubIndication {
            $($(#[doc = $doc])+ $name,)+
        }

        impl SubIndication {
            /// The standard's word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
        }
    };
}

sub_indications! {
    /// The document does not have the form of its format.
    FormatFailure = "FORMAT_FAILURE";
    /// The content does not have the digest that was signed.
    HashFailure = "HASH_FAILURE";
    /// The signature does not verify.
    SigCryptoFailure = "SIG_CRYPTO_FAILURE";
    /// The certificate was revoked, and the signature is certainly younger.
    Revoked = "REVOKED";
    /// The certificate had expired, and the signature is certainly younger.
    Expired = "EXPIRED";
    /// The signature is older than its certificate.
    NotYetValid = "NOT_YET_VALID";
    /// A constraint on the signature is not kept.
    SigConstraintsFailure = "SIG_CONSTRAINTS_FAILURE";
    /// A constraint on the certificates of the path is not kept.
    ChainConstraintsFailure = "CHAIN_CONSTRAINTS_FAILURE";
    /// The path could not be validated for another reason.
    CertificateChainGeneralFailure = "CERTIFICATE_CHAIN_GENERAL_FAILURE";
    /// An algorithm was not secure any more when it was used.
    CryptoConstraintsFailure = "CRYPTO_CONSTRAINTS_FAILURE";
    /// The policy of the validation could not be processed.
    PolicyProcessingError = "POLICY_PROCESSING_ERROR";
    /// Timestamps contradict one another.
    TimestampOrderFailure = "TIMESTAMP_ORDER_FAILURE";
    /// The signer's certificate is not known, or not the one it names.
    NoSigningCertificateFound = "NO_SIGNING_CERTIFICATE_FOUND";
    /// No path leads to a trust anchor.
    NoCertificateChainFound = "NO_CERTIFICATE_CHAIN_FOUND";
    /// The certificate is revoked, and nothing proves that the signature is older.
    RevokedNoPoe = "REVOKED_NO_POE";
    /// An authority's certificate is revoked, and nothing proves that the signature is older.
    RevokedCaNoPoe = "REVOKED_CA_NO_POE";
    /// The moment judged is outside the certificate's validity, and nothing proves more.
    OutOfBoundsNoPoe = "OUT_OF_BOUNDS_NO_POE";
    /// An algorithm is not secure, and nothing proves that the signature is older than that.
    CryptoConstraintsFailureNoPoe = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE";
    /// Evidence is not at hand yet.
    TryLater = "TRY_LATER";
    /// What was signed is not at hand.
    SignedDataNotFound = "SIGNED_DATA_NOT_FOUND";
}

/// What a code means in the standard's words, where its check did not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Meaning {
    /// TOTAL-FAILED.
    Failed(SubIndication),
    /// INDETERMINATE.
    Indeterminate(SubIndication),
    /// TOTAL-FAILED where a timestamp proves when the signature existed, else INDETERMINATE.
    ByProof {
        /// With proof.
        proven: SubIndication,
        /// Without.
        unproven: SubIndication,
    },
    /// INDETERMINATE, by whose certificate it is about.
    BySubject {
        /// The signer's.
        signer: SubIndication,
        /// An authority's above it.
        authority: SubIndication,
    },
    /// It never keeps a signature from passing.
    Nothing,
}

impl Indication {
    /// Derives it from a report: TOTAL-FAILED before INDETERMINATE, then what the standard
    /// checks first. `certificate` is the signer's; `proven` is whether a timestamp says
    /// when the signature existed; `others` knows the codes that are not this crate's.
    pub fn of(
        report: &Report,
        certificate: Option<&Certificate>,
        proven: bool,
        others: impl Fn(&'static Code) -> Option<Meaning>,
    ) -> Self {
        let decisive =
            |finding: &&Finding| matches!(finding.level(), Level::Failed | Level::Indeterminate);
        let findings = report.findings().iter().filter(decisive);
        let found = findings.filter_map(|finding| {
            let code = finding.code();
            let place = order(code);
            let meaning = meaning_of(code).or_else(|| others(code)).unwrap_or(UNKNOWN);
            Some((place, meaning.resolve(finding, certificate, proven)?))
        });
        let rank = |(place, indication): &(usize, Self)| match indication {
            Self::TotalFailed(_) => (0, *place),
            Self::Indeterminate(_) | Self::TotalPassed => (1, *place),
        };
        match (found.min_by_key(rank), report.verdict()) {
            (Some((_, indication)), _) => indication,
            (None, Verdict::Passed) => Self::TotalPassed,
            // Nothing was checked, or nothing that the standard has a word for.
            (None, _) => Self::Indeterminate(SubIndication::SigConstraintsFailure),
        }
    }

    /// The standard's word for the indication.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TotalPassed => "TOTAL-PASSED",
            Self::TotalFailed(_) => "TOTAL-FAILED",
            Self::Indeterminate(_) => "INDETERMINATE",
        }
    }

    /// Why, where it did not pass.
    #[must_use]
    pub const fn sub_indication(self) -> Option<SubIndication> {
        match self {
            Self::TotalPassed => None,
            Self::TotalFailed(why) | Self::Indeterminate(why) => Some(why),
        }
    }
}

impl fmt::Display for Indication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sub_indication() {
            None => f.write_str(self.as_str()),
            Some(why) => write!(f, "{} {}", self.as_str(), why.as_str()),
        }
    }
}

impl Serialize for Indication {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Indication", 2)?;
        object.serialize_field("indication", self.as_str())?;
        match self.sub_indication() {
            Some(why) => object.serialize_field("sub_indication", why.as_str())?,
            None => object.skip_field("sub_indication")?,
        }
        object.end()
    }
}

/// A code that nobody placed: a rule about certificates that the standard does not know.
const UNKNOWN: Meaning = Indeterminate(S::ChainConstraintsFailure);

impl Meaning {
    fn resolve(
        self,
        finding: &Finding,
        certificate: Option<&Certificate>,
        proven: bool,
    ) -> Option<Indication> {
        let about_authority = || {
            let about = finding.certificate().map(Certificate::sha256);
            about.is_some() && about != certificate.map(Certificate::sha256)
        };
        Some(match self {
            Self::Failed(why) => Indication::TotalFailed(why),
            Self::ByProof { proven: why, .. } if proven => Indication::TotalFailed(why),
            Self::BySubject { authority: why, .. } if about_authority() => {
                Indication::Indeterminate(why)
            }
            Self::Indeterminate(why)
            | Self::ByProof { unproven: why, .. }
            | Self::BySubject { signer: why, .. } => Indication::Indeterminate(why),
            Self::Nothing => return None,
        })
    }
}

/// What a code of this crate means; `None` for others'.
#[must_use]
pub fn meaning_of(code: &Code) -> Option<Meaning> {
    TABLE.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning)
}

/// The place of a code in the order in which the standard checks; others come last.
fn order(code: &Code) -> usize {
    TABLE.iter().position(|(known, _)| *known == code).unwrap_or(TABLE.len())
}

use Meaning::{ByProof, BySubject, Failed, Indeterminate, Nothing};
use SubIndication as S;

/// Every code with which a check can fail, in the order in which EN 319 102-1 5.3 checks:
/// format, certificate, content, cryptography, path, constraints. A test finds the code
/// that is missing.
static TABLE: &[(&Code, Meaning)] = &[
    // 5.2.2: format.
    (&codes::DOCUMENT_MALFORMED, Failed(S::FormatFailure)),
    (&codes::DOCUMENT_NO_SIGNER, Failed(S::FormatFailure)),
    (&codes::DOCUMENT_FORMAT_UNKNOWN, Failed(S::FormatFailure)),
    (&codes::DOCUMENT_LIMIT, Indeterminate(S::SigConstraintsFailure)),
    (&codes::ATTRIBUTE_MALFORMED, Failed(S::FormatFailure)),
    (&codes::ATTRIBUTE_MISSING, Failed(S::FormatFailure)),
    (&codes::TIMESTAMP_MALFORMED, Failed(S::FormatFailure)),
    (&codes::DIGEST_DISAGREES, Failed(S::FormatFailure)),
    (&pdf::PDF_UNIVERSAL_FORGERY, Failed(S::FormatFailure)),
    (&pdf::PDF_SIGNATURE_WRAPPING, Failed(S::FormatFailure)),
    (&pdf::PDF_COVERAGE, Failed(S::FormatFailure)),
    (&pdf::PDF_SUBFILTER, Failed(S::FormatFailure)),
    (&pdf::PDF_DUPLICATE_KEY, Failed(S::FormatFailure)),
    (&pdf::PDF_XREF_REPEATED, Failed(S::FormatFailure)),
    (&pdf::PDF_SIGNATURE_REMOVED, Failed(S::FormatFailure)),
    (&pdf::PDF_CONTENT_UNREADABLE, Failed(S::FormatFailure)),
    // 5.2.3: the signing certificate.
    (&codes::SIGNER_CERTIFICATE_MISSING, Indeterminate(S::NoSigningCertificateFound)),
    (&codes::SIGNER_CERTIFICATE_DIFFERS, Indeterminate(S::NoSigningCertificateFound)),
    (&codes::TIMESTAMP_NAMES_CERTIFICATE, Indeterminate(S::NoSigningCertificateFound)),
    // 5.2.7: cryptography.
    (&codes::CONTENT_MISSING, Indeterminate(S::SignedDataNotFound)),
    (&codes::CONTENT_WHOLE_NEEDED, Indeterminate(S::SignedDataNotFound)),
    (&codes::CONTENT_DIGEST_NOT_GIVEN, Indeterminate(S::SignedDataNotFound)),
    (&codes::CONTENT_DIFFERS, Failed(S::HashFailure)),
    (&codes::DIGEST_DIFFERS, Failed(S::HashFailure)),
    (&codes::TIMESTAMP_IMPRINT_DIFFERS, Failed(S::HashFailure)),
    (&codes::CONTENT_IS_ATTRIBUTES, Failed(S::SigCryptoFailure)),
    (&codes::SIGNER_SIGNATURE_INVALID, Failed(S::SigCryptoFailure)),
    (&codes::SIGNER_KEY_MISMATCH, Failed(S::SigCryptoFailure)),
    (&codes::SIGNER_ALGORITHM_PARAMETERS, Failed(S::SigCryptoFailure)),
    (&codes::ATTRIBUTE_CONTENT_TYPE_DIFFERS, Failed(S::SigCryptoFailure)),
    (&codes::SIGNER_ALGORITHM_UNSUPPORTED, Indeterminate(S::CryptoConstraintsFailureNoPoe)),
    (&codes::DIGEST_UNSUPPORTED, Indeterminate(S::CryptoConstraintsFailureNoPoe)),
    (&ours::KEY_UNSUPPORTED, Indeterminate(S::CryptoConstraintsFailureNoPoe)),
    (&ours::KEY_MALFORMED, Failed(S::SigCryptoFailure)),
    // What follows the octets that were signed is no part of what was signed: by the
    // standard's words, the document that is shown does not match.
    (&pdf::PDF_CONTENT_CHANGED, Failed(S::HashFailure)),
    (&pdf::PDF_INCREMENTAL_SAVING, Failed(S::HashFailure)),
    (&pdf::PDF_SHADOW_HIDE, Failed(S::HashFailure)),
    (&pdf::PDF_SHADOW_REPLACE, Failed(S::HashFailure)),
    (&pdf::PDF_SHADOW_HIDE_AND_REPLACE, Failed(S::HashFailure)),
    (&pdf::PDF_EVIL_ANNOTATION, Failed(S::HashFailure)),
    (&pdf::PDF_SNEAKY_SIGNATURE, Failed(S::HashFailure)),
    (&pdf::PDF_LOCKED_FIELD, Failed(S::SigConstraintsFailure)),
    (&pdf::PDF_NOT_PERMITTED, Failed(S::SigConstraintsFailure)),
    // 5.2.6: the path.
    (&ours::INPUT_LEAF_MALFORMED, Indeterminate(S::NoSigningCertificateFound)),
    (&ours::INPUT_ANCHOR_MALFORMED, Indeterminate(S::CertificateChainGeneralFailure)),
    (&ours::INPUT_INTERMEDIATE_MALFORMED, Indeterminate(S::CertificateChainGeneralFailure)),
    (&ours::PATH_NO_ANCHOR, Indeterminate(S::NoCertificateChainFound)),
    (&ours::PATH_TOO_DEEP, Indeterminate(S::NoCertificateChainFound)),
    (&ours::BUDGET_SIGNATURES, Indeterminate(S::CertificateChainGeneralFailure)),
    (&ours::BUDGET_STEPS, Indeterminate(S::CertificateChainGeneralFailure)),
    (&ours::BUDGET_PATHS, Indeterminate(S::CertificateChainGeneralFailure)),
    (&ours::BUDGET_PATH_LENGTH, Indeterminate(S::CertificateChainGeneralFailure)),
    (&ours::BUDGET_NAMES, Indeterminate(S::CertificateChainGeneralFailure)),
    (&ours::BUDGET_POLICIES, Indeterminate(S::CertificateChainGeneralFailure)),
    (&ours::SIGNATURE_INVALID, Indeterminate(S::CertificateChainGeneralFailure)),
    (&ours::SIGNATURE_UNSUPPORTED, Indeterminate(S::CertificateChainGeneralFailure)),
    (&ours::SIGNATURE_PARAMETERS, Indeterminate(S::CertificateChainGeneralFailure)),
    (&ours::SIGNATURE_KEY_MISMATCH, Indeterminate(S::CertificateChainGeneralFailure)),
    (&ours::SIGNATURE_ENCODING, Indeterminate(S::CertificateChainGeneralFailure)),
    (&ours::SIGNATURE_RELEASED, Indeterminate(S::CertificateChainGeneralFailure)),
    (&ours::REVOKED, BySubject { signer: S::RevokedNoPoe, authority: S::RevokedCaNoPoe }),
    (&ours::NEVER_ISSUED, BySubject { signer: S::RevokedNoPoe, authority: S::RevokedCaNoPoe }),
    (&ours::ON_HOLD, Indeterminate(S::TryLater)),
    (&ours::VALIDITY_EXPIRED, Indeterminate(S::OutOfBoundsNoPoe)),
    (&ours::VALIDITY_FUTURE, ByProof { proven: S::NotYetValid, unproven: S::OutOfBoundsNoPoe }),
    // 5.2.8: constraints, and what is known of revocation.
    (&ours::SIGNATURE_WEAK, WEAK),
    (&ours::SM2_SIGNATURE_LENGTH, Failed(S::SigCryptoFailure)),
    (&ours::SM2_SIGNATURE_ENCODING, Failed(S::SigCryptoFailure)),
    (&ours::SM2_SIGNATURE_TRAILING, Failed(S::SigCryptoFailure)),
    (&ours::SM2_SIGNATURE_RAW, Failed(S::SigCryptoFailure)),
    (&ours::SM2_SIGNATURE_ZERO, Failed(S::SigCryptoFailure)),
    (&ours::SM2_SIGNATURE_RANGE, Failed(S::SigCryptoFailure)),
    (&ours::SM2_SIGNATURE_SUM, Failed(S::SigCryptoFailure)),
    (&ours::SM2_SIGNATURE_USER_ID, Failed(S::SigCryptoFailure)),
    (&ours::KEY_INFINITY, Failed(S::SigCryptoFailure)),
    (&ours::KEY_NOT_ON_CURVE, Failed(S::SigCryptoFailure)),
    (&ours::KEY_OTHER_CURVE, Failed(S::SigCryptoFailure)),
    (&ours::KEY_FOR_ENCRYPTION, Failed(S::SigCryptoFailure)),
    (&ours::KEY_SIZE, WEAK),
    (&ours::SECURITY_LEVEL, WEAK),
    (&ours::PROFILE_SERIAL, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::PROFILE_VERSION, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::PROFILE_ISSUER, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::PROFILE_SUBJECT, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::PROFILE_TIME, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::PROFILE_TEXT, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::PROFILE_ENCODING, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::PROFILE_KEY_PARAMETERS, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::PROFILE_CRITICALITY, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::PROFILE_SUBJECT_KEY_IDENTIFIER, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::PROFILE_AUTHORITY_KEY_IDENTIFIER, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::PROFILE_KEY_USAGE, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::PROFILE_BASIC_CONSTRAINTS, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::PROFILE_NAME_CONSTRAINTS, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::PROFILE_POLICIES, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::PROFILE_ALTERNATIVE_NAME, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::PROFILE_DISTRIBUTION_POINT, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::PROFILE_CRL, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::CA_NOT_ASSERTED, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::PATH_LENGTH_EXCEEDED, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::CERT_SIGN_NOT_ALLOWED, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::CRITICAL_UNKNOWN, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::NAMES_NOT_PERMITTED, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::NAMES_EXCLUDED, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::NAMES_FORM_UNSUPPORTED, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::NAMES_CONSTRAINT_MALFORMED, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::PURPOSE_NOT_ALLOWED, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::KEY_USAGE_NOT_ALLOWED, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::ENCRYPTION_CERTIFICATE, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::POLICIES_NOT_ACCEPTED, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::POLICY_MAPPING_ANY, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::NAME_DIFFERS, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::PROFILE_AKI_DIFFERS, Indeterminate(S::ChainConstraintsFailure)),
    (&ours::INPUT_LIST_MALFORMED, Nothing),
    (&ours::INPUT_RESPONSE_MALFORMED, Nothing),
    (&ours::NO_LIST, Indeterminate(S::TryLater)),
    (&ours::REASONS_MISSING, Indeterminate(S::TryLater)),
    (&ours::LIST_STALE, Indeterminate(S::TryLater)),
    (&ours::LIST_IN_GRACE, Indeterminate(S::TryLater)),
    (&ours::LIST_WITHOUT_END, Indeterminate(S::TryLater)),
    (&ours::LIST_NOT_YET, Indeterminate(S::TryLater)),
    (&ours::LIST_TOO_LATE, Indeterminate(S::TryLater)),
    (&ours::LIST_SIGNATURE, Indeterminate(S::TryLater)),
    (&ours::LIST_SIGNER_UNKNOWN, Indeterminate(S::TryLater)),
    (&ours::LIST_SIGNER_NOT_ALLOWED, Indeterminate(S::TryLater)),
    (&ours::LIST_OTHER_ANCHOR, Indeterminate(S::TryLater)),
    (&ours::LIST_SIGNER_REVOKED, Indeterminate(S::TryLater)),
    (&ours::LIST_UNKNOWN_CRITICAL, Indeterminate(S::TryLater)),
    (&ours::LIST_DELTA_WITHOUT_BASE, Indeterminate(S::TryLater)),
    (&ours::NO_RESPONSE, Indeterminate(S::TryLater)),
    (&ours::OCSP_REFUSED, Indeterminate(S::TryLater)),
    (&ours::OCSP_UNKNOWN, Indeterminate(S::TryLater)),
    (&ours::OCSP_STALE, Indeterminate(S::TryLater)),
    (&ours::OCSP_IN_GRACE, Indeterminate(S::TryLater)),
    (&ours::OCSP_WITHOUT_END, Indeterminate(S::TryLater)),
    (&ours::OCSP_NOT_YET, Indeterminate(S::TryLater)),
    (&ours::OCSP_TOO_LATE, Indeterminate(S::TryLater)),
    (&ours::OCSP_CONTRADICTION, Indeterminate(S::TryLater)),
    (&ours::OCSP_SIGNATURE, Indeterminate(S::TryLater)),
    (&ours::OCSP_RESPONDER_UNKNOWN, Indeterminate(S::TryLater)),
    (&ours::OCSP_NOT_AUTHORISED, Indeterminate(S::TryLater)),
    (&ours::OCSP_RESPONDER_INVALID, Indeterminate(S::TryLater)),
    (&ours::OCSP_OTHER_ANCHOR, Indeterminate(S::TryLater)),
    (&ours::OCSP_RESPONDER_STATUS, Indeterminate(S::TryLater)),
    (&ours::OCSP_UNKNOWN_CRITICAL, Indeterminate(S::TryLater)),
    (&ours::OCSP_NONCE, Indeterminate(S::TryLater)),
    (&ours::OCSP_NONCE_MISSING, Indeterminate(S::TryLater)),
    (&ours::OCSP_NONCE_REQUIRED, Indeterminate(S::TryLater)),
    (&ours::OCSP_PROFILE, Indeterminate(S::TryLater)),
    (&ours::LIST_PROFILE, Indeterminate(S::TryLater)),
    (&codes::DOCUMENT_CERTIFICATE_UNREADABLE, Nothing),
    (&codes::DOCUMENT_REVOCATION_UNREADABLE, Nothing),
    (&codes::DIGEST_WEAK, WEAK),
    (&codes::DIGEST_UNLISTED, Nothing),
    (&codes::SIGNER_ALGORITHM_WEAK, WEAK),
    (&codes::TIMESTAMP_UNUSABLE, Nothing),
    (&codes::TIMESTAMP_ORDER, Nothing),
];

/// An algorithm that is not secure: whether it was when the signature was made depends on
/// when that was, which nothing but a timestamp tells. No dates are kept here, so that proof
/// does not make it secure.
const WEAK: Meaning = Indeterminate(S::CryptoConstraintsFailureNoPoe);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Party;
    use crate::{Language, catalogue};

    #[test]
    fn every_code_that_can_fail_has_its_place_once() {
        for code in catalogue() {
            let places = TABLE.iter().filter(|(known, _)| known == code).count();
            let can_fail = code.responsible != Party::Nobody;
            assert!(places <= 1, "{code} stands there {places} times");
            assert!(!can_fail || places == 1, "{code} has no place");
            assert!(can_fail || places == 0, "{code} cannot fail");
        }
        let unknown = TABLE.iter().find(|(code, _)| !catalogue().contains(code));
        assert!(unknown.is_none(), "{:?}", unknown.map(|(code, _)| code.sentences(Language::En)));
    }

    #[test]
    fn what_fails_for_good_comes_before_what_is_open() {
        let mut report = Report::new();
        let of = |report: &Report, proven| Indication::of(report, None, proven, |_| None);
        report.push(Finding::passed(&codes::SIGNER_SIGNATURE));
        assert_eq!(of(&report, false), Indication::TotalPassed);
        report.push(Finding::failed(&ours::VALIDITY_FUTURE));
        assert_eq!(of(&report, false), Indication::Indeterminate(S::OutOfBoundsNoPoe));
        assert_eq!(of(&report, true), Indication::TotalFailed(S::NotYetValid));
        report.push(Finding::failed(&ours::PATH_NO_ANCHOR));
        assert_eq!(of(&report, false), Indication::Indeterminate(S::NoCertificateChainFound));
        report.push(Finding::failed(&codes::DIGEST_DIFFERS));
        assert_eq!(of(&report, false), Indication::TotalFailed(S::HashFailure));
        assert_eq!(of(&Report::new(), false).as_str(), "INDETERMINATE", "nothing was checked");
    }

    #[test]
    fn the_words_are_the_standards() {
        let mut report = Report::new();
        report.push(Finding::failed(&codes::DOCUMENT_LIMIT));
        let json = serde_json::to_value(Indication::of(&report, None, false, |_| None));
        let expected = serde_json::json!({
            "indication": "INDETERMINATE",
            "sub_indication": "SIG_CONSTRAINTS_FAILURE",
        });
        assert_eq!(json.expect("serialises"), expected);
    }
}
