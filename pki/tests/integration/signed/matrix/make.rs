//! Makes the documents: one format, each case.

use tongxing_pki::{
    Content, DocumentVerification, DocumentVerificationRequest, Moments, SignedDocument, Timestamp,
    read_document, verify_signature,
};
use tongxing_testdata::{
    AuthoritySpec, Issued, KeyAlgorithm, LeafSpec, LevelSpec, TestAuthority, Validity,
};

use super::super::bench::{Bench, CONTENT, DAY, HOUR};
use super::super::weave::with_timestamp;
use super::message::{Encoding, Holds, Messages, Numbering};
use super::table::{Case, Format};
use super::{message, pdf, raw};

/// A bench for one format.
pub(super) struct Scene {
    pub(super) format: Format,
    pub(super) bench: Bench,
    /// The kind of the signers' keys.
    pub(super) algorithm: KeyAlgorithm,
}

/// What is to be judged.
#[derive(Clone)]
pub(super) struct Made {
    /// The document; of a bare signature, its value.
    pub(super) document: Vec<u8>,
    pub(super) content: Option<Vec<u8>>,
    /// The certificate beside a bare signature.
    pub(super) certificate: Option<Vec<u8>>,
    /// Whose certificate the lists may revoke.
    pub(super) signer: Issued,
}

impl Scene {
    /// `None` where there is no openssl.
    pub(super) fn new(format: Format) -> Option<Self> {
        use Format as F;
        let algorithm = match format {
            F::RawRsaPkcs1 | F::RawRsaPss => KeyAlgorithm::Rsa2048,
            F::RawEd25519 => KeyAlgorithm::Ed25519,
            F::RawSm2
            | F::GmDetached
            | F::GmAttached
            | F::GmBare
            | F::GmDetachedBer
            | F::GmAttachedBer => KeyAlgorithm::Sm2,
            F::RawEcdsa
            | F::CmsDetached
            | F::CmsAttached
            | F::CmsDetachedBer
            | F::CmsAttachedBer
            | F::Timestamp
            | F::TimestampAttribute
            | F::PdfPkcs7
            | F::PdfCades
            | F::PdfTimestamp => KeyAlgorithm::EcdsaP256,
        };
        // The authority's keys are of the signers' kind where OpenSSL can do with them.
        let authority = match algorithm {
            KeyAlgorithm::Sm2 => KeyAlgorithm::Sm2,
            _ => KeyAlgorithm::EcdsaP256,
        };
        Some(Self { format, bench: Bench::new(authority)?, algorithm })
    }

    /// Makes and judges the document of a case.
    pub(super) fn judge(&self, case: Case) -> DocumentVerification {
        let made = self.make(case);
        let request = self.request(case, &made.signer);
        self.verify(&made, &request)
    }

    /// The good document up to each tenth of its length; of a token in a message, the token.
    pub(super) fn judge_cut(&self) -> Vec<DocumentVerification> {
        let whole = self.make(Case::Truncated);
        let cut = |octets: &[u8], tenth: usize| octets[..octets.len() * tenth / 10].to_vec();
        let tenths: Vec<Vec<u8>> = if self.format == Format::TimestampAttribute {
            let (message, token) = message::message_and_token(self);
            (0..10).map(|tenth| with_timestamp(&message, &cut(&token, tenth))).collect()
        } else {
            (0..10).map(|tenth| cut(&whole.document, tenth)).collect()
        };
        let request = self.request(Case::Truncated, &whole.signer);
        let judge = |document| self.verify(&Made { document, ..whole.clone() }, &request);
        tenths.into_iter().map(judge).collect()
    }

    fn make(&self, case: Case) -> Made {
        use Format as F;
        let messages = |numbering, holds, encoding| Messages { numbering, holds, encoding };
        self.bench.write("content", CONTENT);
        match self.format {
            F::RawRsaPkcs1 | F::RawRsaPss | F::RawEcdsa | F::RawEd25519 | F::RawSm2 => {
                raw::make(self, case)
            }
            F::CmsDetached => {
                messages(Numbering::Rfc, Holds::Nothing, Encoding::Der).make(self, case)
            }
            F::CmsAttached => {
                messages(Numbering::Rfc, Holds::Content, Encoding::Der).make(self, case)
            }
            F::CmsDetachedBer => {
                messages(Numbering::Rfc, Holds::Nothing, Encoding::Ber).make(self, case)
            }
            F::CmsAttachedBer => {
                messages(Numbering::Rfc, Holds::Content, Encoding::Ber).make(self, case)
            }
            F::GmDetached => {
                messages(Numbering::Gm, Holds::Nothing, Encoding::Der).make(self, case)
            }
            F::GmAttached => {
                messages(Numbering::Gm, Holds::Content, Encoding::Der).make(self, case)
            }
            F::GmBare => {
                messages(Numbering::GmBare, Holds::Content, Encoding::Der).make(self, case)
            }
            F::GmDetachedBer => {
                messages(Numbering::Gm, Holds::Nothing, Encoding::Ber).make(self, case)
            }
            F::GmAttachedBer => {
                messages(Numbering::Gm, Holds::Content, Encoding::Ber).make(self, case)
            }
            F::Timestamp => message::token(self, case),
            F::TimestampAttribute => message::stamped(self, case),
            F::PdfPkcs7 => pdf::make(self, case, "adbe.pkcs7.detached", ""),
            F::PdfCades => pdf::make(self, case, "ETSI.CAdES.detached", "-cades"),
            F::PdfTimestamp => pdf::stamp(self, case),
        }
    }

    /// The certificate of the signer, as the case has it.
    pub(super) fn signer(&self, case: Case) -> Issued {
        let now = self.bench.now;
        let short = Validity { not_before: now - DAY, not_after: now + HOUR };
        self.bench.leaf_with("signer", self.algorithm, |leaf| {
            let leaf = leaf.with_serial([7, 7]);
            match case {
                Case::Expired | Case::ExpiredSince => leaf.valid(short),
                Case::WrongUsage => leaf.encryption_only(),
                _ => leaf,
            }
        })
    }

    /// Another certificate of the same issuer and serial number, for another key.
    pub(super) fn other(&self) -> Issued {
        self.bench.leaf_with("other", self.algorithm, |leaf| leaf.with_serial([7, 7]))
    }

    /// The certificate of the timestamp authority, as the case has it.
    pub(super) fn stamper(&self, case: Case) -> Issued {
        let now = self.bench.now;
        let past = Validity { not_before: now - 9 * DAY, not_after: now - DAY };
        let short = Validity { not_before: now - DAY, not_after: now + HOUR };
        self.bench.timestamper(|leaf: LeafSpec| {
            let leaf = leaf.with_serial([7, 8]);
            match case {
                Case::Expired => leaf.valid(past),
                Case::ExpiredSince => leaf.valid(short),
                _ => leaf,
            }
        })
    }

    /// The question of a case: at which moment, and with which lists and anchors.
    fn request(&self, case: Case, signer: &Issued) -> DocumentVerificationRequest {
        let now = self.bench.now;
        // A message whose token is looked at has a signer whose certificate expired.
        let is_late = self.format == Format::TimestampAttribute
            || matches!(
                case,
                Case::Expired
                    | Case::ExpiredSince
                    | Case::RevokedBefore
                    | Case::RevokedAfter
                    | Case::RevokedUnproven
            );
        let mut request = self.bench.request_at(if is_late { now + 2 * DAY } else { now });
        let revoked_at = match case {
            Case::RevokedBefore => Some(now - HOUR),
            Case::RevokedAfter | Case::RevokedUnproven => Some(now + HOUR / 4),
            _ => None,
        };
        if let Some(at) = revoked_at {
            // Before any certificate here expires: a list says nothing of those that have.
            request.lists = self.bench.lists(Some((signer, at)), now + HOUR / 2);
        }
        if case == Case::UnknownAuthority {
            request.anchors = vec![self.stranger()];
            request.intermediates.clear();
        }
        let is_proven =
            matches!(case, Case::ExpiredSince | Case::RevokedBefore | Case::RevokedAfter);
        if is_proven && raw::is_raw(self.format) {
            let at = Some(Timestamp::from_unix(now));
            request.moments = Moments { at, ..request.moments };
        }
        request
    }

    /// The root of an authority that has nothing to do with ours.
    fn stranger(&self) -> Vec<u8> {
        let validity = Validity::decade_around(self.bench.now);
        let level = LevelSpec::new("通行测试", "strange", KeyAlgorithm::EcdsaP256, validity);
        let spec = AuthoritySpec::one_level("x", level);
        TestAuthority::generate(&spec).expect("a root").root().der().to_vec()
    }

    fn verify(&self, made: &Made, request: &DocumentVerificationRequest) -> DocumentVerification {
        let content = made.content.as_deref().map_or(Content::None, Content::Octets);
        let document = match &made.certificate {
            Some(certificate) => Ok(raw::document(self.format, certificate, &made.document)),
            None => read_document(&made.document, None),
        };
        verify_signature(document.as_ref(), content, request)
    }
}

/// One signature of a message, as it was read.
pub(super) fn signature_of(message: &[u8]) -> Vec<u8> {
    let document: SignedDocument = read_document(message, None).expect("a message");
    document.signers()[0].signature().to_vec()
}

pub(super) fn flipped(octets: &[u8], at: usize) -> Vec<u8> {
    let mut octets = octets.to_vec();
    octets[at] ^= 1;
    octets
}

/// The last bit of some octets, changed.
pub(super) fn last_flipped(octets: &[u8]) -> Vec<u8> {
    flipped(octets, octets.len() - 1)
}

pub(super) fn position(octets: &[u8], part: &[u8]) -> usize {
    let found = octets.windows(part.len()).position(|window| window == part);
    found.expect("the part is there")
}
