//! What can be wrong with SM2 keys and signatures before any arithmetic.

use super::user_id::Sm2UserId;
use crate::code::Code;
use crate::codes;

/// Why octets are not a public key on the SM2 curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Sm2PointFault {
    /// Not 04 with two coordinates of 32 octets (GM/T 0009 7.1).
    #[error("not an uncompressed point of 65 octets")]
    Encoding,
    /// The point at infinity, which is no key.
    #[error("the point at infinity")]
    Infinity,
    /// A point of P-256: the key is labelled wrongly.
    #[error("a point of P-256, labelled SM2")]
    P256,
    /// The coordinates do not solve the curve's equation, or are no field
    /// elements.
    #[error("a point that is not on the curve")]
    NotOnCurve,
}

/// Why octets are no SM2 signature, or a key does not make any.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Sm2Fault {
    /// The key is no point of the curve.
    #[error("{0}")]
    Point(Sm2PointFault),
    /// The key's own identifier says that it is for encryption.
    #[error("the key is for encryption alone")]
    EncryptionKey,
    /// Neither DER nor the 64 octets of r and s.
    #[error("{octets} octets: neither DER nor the 64 octets of r and s")]
    Length {
        /// How many octets there are.
        octets: usize,
    },
    /// Not a DER SEQUENCE of the two INTEGERs r and s (GM/T 0009 7.3).
    #[error("not a DER SEQUENCE of r and s")]
    Encoding,
    /// Octets follow the DER.
    #[error("{octets} octets after the signature")]
    TrailingOctets {
        /// How many.
        octets: usize,
    },
    /// The 64 octets of r and s where only DER is allowed.
    #[error("r and s without their DER")]
    RawNotAllowed,
    /// r or s is zero (GB/T 32918.2 7.1, B1 and B2).
    #[error("{number} is zero")]
    Zero {
        /// Which of them.
        number: &'static str,
    },
    /// r or s is negative, or not below the curve's order (B1 and B2).
    #[error("{number} is not below the order of the curve")]
    OutOfRange {
        /// Which of them.
        number: &'static str,
    },
    /// r + s is the curve's order, so that t is zero (B5).
    #[error("r + s is the order of the curve")]
    SumIsOrder,
    /// It verifies, but under a user id that is not allowed (GB/T 32918.2 5.5). Only for
    /// those that signers are known to use by mistake: no other can be told from a wrong
    /// signature.
    #[error("made with {user_id}, which is not allowed")]
    UserId {
        /// Which one.
        user_id: Sm2UserId,
    },
}

impl Sm2PointFault {
    /// The catalogue's code for this fault.
    #[must_use]
    pub const fn code(self) -> &'static Code {
        match self {
            Self::Encoding => &codes::KEY_MALFORMED,
            Self::Infinity => &codes::KEY_INFINITY,
            Self::P256 => &codes::KEY_OTHER_CURVE,
            Self::NotOnCurve => &codes::KEY_NOT_ON_CURVE,
        }
    }
}

impl Sm2Fault {
    /// The catalogue's code for this fault.
    #[must_use]
    pub const fn code(&self) -> &'static Code {
        match self {
            Self::Point(fault) => fault.code(),
            Self::EncryptionKey => &codes::KEY_FOR_ENCRYPTION,
            Self::Length { .. } => &codes::SM2_SIGNATURE_LENGTH,
            Self::Encoding => &codes::SM2_SIGNATURE_ENCODING,
            Self::TrailingOctets { .. } => &codes::SM2_SIGNATURE_TRAILING,
            Self::RawNotAllowed => &codes::SM2_SIGNATURE_RAW,
            Self::Zero { .. } => &codes::SM2_SIGNATURE_ZERO,
            Self::OutOfRange { .. } => &codes::SM2_SIGNATURE_RANGE,
            Self::SumIsOrder => &codes::SM2_SIGNATURE_SUM,
            Self::UserId { .. } => &codes::SM2_SIGNATURE_USER_ID,
        }
    }
}
