//! What is told of each endpoint.

use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use super::super::endpoints::{Endpoint, Operation, PartyEndpoint, models};
use super::super::routes::Target;
use crate::problem::ProblemKind;
use crate::problem::kinds as k;

pub(super) const TAGS: [(&str, &str); 5] = [
    ("verify", "签名与证书的验证。 Verification of signatures and certificates."),
    ("sign-in", "登录与令牌。 Sign-in and tokens."),
    ("subjects", "登记的主体。 Registered subjects."),
    ("gmt-0029", "签名验签服务器接口（GM/T 0029）。 The shape of GM/T 0029."),
    ("record", "公开的见证与状态。 Public witnesses and health."),
];

/// A schema with its name, and what it refers to.
pub(in crate::http) struct Model {
    pub(super) name: String,
    schema: fn() -> RefOr<Schema>,
    more: fn(&mut Vec<(String, RefOr<Schema>)>),
    inner: Option<Box<Model>>,
}

impl Model {
    pub(in crate::http) fn of<T: ToSchema>() -> Self {
        Self::named::<T>(&T::name())
    }

    /// Of a type that is several, by what it is made for.
    pub(in crate::http) fn named<T: ToSchema>(name: &str) -> Self {
        Self { name: name.to_owned(), schema: T::schema, more: T::schemas, inner: None }
    }

    /// The same, which has all that is in another: what is flattened into a type is
    /// referred to by it and not among its schemas.
    pub(in crate::http) fn around<T: ToSchema>(self) -> Self {
        Self { inner: Some(Box::new(Self::of::<T>())), ..self }
    }

    /// This schema and those that it refers to.
    pub(super) fn all(&self) -> Vec<(String, RefOr<Schema>)> {
        let mut all = vec![(self.name.clone(), (self.schema)())];
        (self.more)(&mut all);
        all.extend(self.inner.iter().flat_map(|inner| inner.all()));
        all
    }
}

/// What an answer is made of.
pub(super) enum Answer {
    Json(Model),
    /// Another media type, whose content is text.
    Text(&'static str),
}

/// What a request may be made of.
pub(super) enum Request {
    None,
    Json(Model),
    /// JSON, or parts of which the last flows by.
    JsonOrParts(Model),
}

/// One endpoint.
pub(super) struct Described {
    pub(super) id: &'static str,
    pub(super) tag: &'static str,
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
    pub(super) of_party: bool,
    /// A number that may stand in the query: its name, and what it says.
    pub(super) query: Option<(&'static str, &'static str)>,
    pub(super) request: Request,
    pub(super) answer: Answer,
    /// Those beside the ones that every request may meet.
    pub(super) problems: Vec<&'static ProblemKind>,
}

/// `None` for pages that people read, and for this document.
pub(super) fn describe(target: Target) -> Option<Described> {
    match target {
        Target::Open(endpoint) => open(endpoint),
        Target::Party(endpoint) => Some(of_party(endpoint)),
    }
}

const SIGN_IN: [&ProblemKind; 17] = [
    &k::RELYING_PARTY,
    &k::PARTY_SUSPENDED,
    &k::CERTIFICATE_MISSING,
    &k::HANDSHAKE_OLD,
    &k::CHALLENGE_MALFORMED,
    &k::CHALLENGE_MISMATCH,
    &k::CHALLENGE_EXPIRED,
    &k::CHALLENGE_REPLAYED,
    &k::CHALLENGE_VOIDED,
    &k::SIGNATURE_ALGORITHM,
    &k::SIGNATURE_INVALID,
    &k::CERTIFICATE_MALFORMED,
    &k::REFUSED,
    &k::INDETERMINATE,
    &k::NAME_CONFLICT,
    &k::BUSY,
    &k::DISK_RESERVE,
];

fn open(endpoint: Endpoint) -> Option<Described> {
    let token = |request| Described {
        problems: [&SIGN_IN[..], &[&k::STANDBY, &k::CERTIFICATE_UNREAD, &k::TOO_MANY]].concat(),
        ..posted("token", "sign-in", ("登录并取得令牌", "Sign in"), request, models::token_answer())
    };
    Some(match endpoint {
        Endpoint::Home | Endpoint::Problems | Endpoint::OpenApi | Endpoint::Docs => return None,
        Endpoint::Alive => read("alive", "record", ("存活", "Whether it lives"), models::life()),
        Endpoint::Ready => Described {
            problems: Vec::new(),
            ..read("ready", "record", ("就绪", "Whether it can do its work"), models::readiness())
        },
        Endpoint::Keys => Described {
            answer: Answer::Text("application/jwk-set+json"),
            ..read("keys", "sign-in", ("令牌公钥", "The keys that verify tokens"), models::life())
        },
        Endpoint::Checkpoint => Described {
            answer: Answer::Text("text/plain"),
            problems: vec![&k::NOT_FOUND],
            ..read("checkpoint", "record", ("最新检查点", "The newest checkpoint"), models::life())
        },
        Endpoint::EvidenceKeys => Described {
            answer: Answer::Text("text/plain"),
            ..read("evidenceKeys", "record", ("证据公钥", "The evidence keys"), models::life())
        },
        Endpoint::EvidenceKeySet => Described {
            answer: Answer::Text("application/jwk-set+json"),
            ..read(
                "evidenceKeySet",
                "record",
                ("证据公钥（JWK）", "The evidence keys as a key set"),
                models::life(),
            )
        },
        Endpoint::Challenge => Described {
            problems: vec![&k::RELYING_PARTY, &k::PARTY_SUSPENDED, &k::STANDBY, &k::DISK_RESERVE],
            ..posted(
                "challenge",
                "sign-in",
                ("取得登录挑战", "Get a challenge to sign"),
                models::audience(),
                models::challenge_answer(),
            )
        },
        Endpoint::TokenByChallenge => token(models::signed()),
        Endpoint::TokenByTls => token(models::token()),
        Endpoint::Pending => Described {
            problems: confirming(),
            ..read("pending", "sign-in", ("待确认的名称", "What waits"), models::pending())
        },
        Endpoint::Confirm => Described {
            problems: confirming(),
            ..posted(
                "confirm",
                "sign-in",
                ("确认名称", "Confirm another name"),
                models::confirm(),
                models::confirm_answer(),
            )
        },
    })
}

fn confirming() -> Vec<&'static ProblemKind> {
    vec![
        &k::CERTIFICATE_MISSING,
        &k::HANDSHAKE_OLD,
        &k::REFUSED,
        &k::INDETERMINATE,
        &k::NOTHING_PENDING,
        &k::NOT_BOUND,
    ]
}

fn of_party(endpoint: PartyEndpoint) -> Described {
    // One with a receipt is on the record first.
    let problems =
        |own: &[&'static ProblemKind]| [&[&k::BUSY, &k::STANDBY, &k::DISK_RESERVE], own].concat();
    let verify = |id, names, request, answer| Described {
        of_party: true,
        problems: problems(&[]),
        ..posted(id, "verify", names, request, answer)
    };
    let report = models::document_report;
    // What a question about certificates or documents may be unfit for, and more of it.
    let asked = |own: &[&'static ProblemKind]| {
        [&problems(&[&k::CERTIFICATE_UNREAD, &k::FUTURE, &k::TOO_MANY]), own].concat()
    };
    match endpoint {
        PartyEndpoint::Certificate => Described {
            problems: asked(&[]),
            ..verify(
                "verifyCertificate",
                ("验证证书", "Verify a certificate"),
                models::certificate(),
                models::certificate_report(),
            )
        },
        PartyEndpoint::Signature => Described {
            request: Request::JsonOrParts(models::signature()),
            problems: asked(&[
                &k::DOCUMENT_TOO_LARGE,
                &k::CONTENT_BESIDE,
                &k::COMBINATION,
                &k::PART_ORDER,
                &k::PART,
            ]),
            ..verify(
                "verifySignature",
                ("验证签名", "Verify a signed document"),
                models::signature(),
                report(),
            )
        },
        PartyEndpoint::Hash => Described {
            problems: asked(&[
                &k::DOCUMENT_TOO_LARGE,
                &k::CONTENT_BESIDE,
                &k::COMBINATION,
                &k::HASH,
            ]),
            ..verify(
                "verifyHash",
                ("按哈希值验证签名", "Verify a signature by the content's hash"),
                models::signature(),
                report(),
            )
        },
        PartyEndpoint::Batch => Described {
            problems: problems(&[&k::TOO_MANY]),
            ..verify(
                "verifyBatch",
                ("批量验证签名", "Verify several"),
                models::batch(),
                models::batch_answer(),
            )
        },
        PartyEndpoint::Svs(operation) => svs(operation),
        PartyEndpoint::Evidence => Described {
            of_party: true,
            answer: Answer::Text("application/octet-stream"),
            problems: vec![&k::NOT_FOUND],
            ..read("evidence", "verify", ("回执的证据", "Evidence of receipts"), models::life())
        },
        PartyEndpoint::Receipts => Described {
            of_party: true,
            query: Some((
                "since",
                "此记录之后的结果；省略则从头开始。 Those decided by records after this one; all \
                 without it.",
            )),
            problems: vec![&k::MALFORMED],
            ..read(
                "receipts",
                "verify",
                ("暂定回执的确认结果", "How provisional receipts were decided"),
                models::notice(),
            )
        },
        PartyEndpoint::Receipt => Described {
            of_party: true,
            problems: vec![&k::NOT_FOUND],
            ..read(
                "receipt",
                "verify",
                ("一份回执的现状", "How a receipt stands"),
                models::standing(),
            )
        },
        PartyEndpoint::EncryptionCertificates => encryption_certificates(),
    }
}

fn encryption_certificates() -> Described {
    Described {
        of_party: true,
        problems: vec![&k::SUBJECT_UNKNOWN],
        ..read(
            "encryptionCertificates",
            "subjects",
            ("加密证书", "To whom a bid may be encrypted"),
            models::encryption_report(),
        )
    }
}

fn svs(operation: Operation) -> Described {
    let (names, request) = match operation {
        Operation::ParseCert => (("解析证书", "Read a certificate"), models::parse_cert()),
        Operation::ValidateCert => (("验证证书", "Judge a certificate"), models::validate_cert()),
        Operation::VerifySignedData => {
            (("验证签名数据", "Verify a raw signature"), models::signed_data())
        }
        Operation::VerifySignedMessage => {
            (("验证签名消息", "Verify a CMS message"), models::signed_message())
        }
    };
    let problems: &[&ProblemKind] = match operation {
        Operation::ParseCert => &[],
        Operation::ValidateCert => &[&k::BUSY, &k::STANDBY, &k::DISK_RESERVE],
        Operation::VerifySignedData | Operation::VerifySignedMessage => {
            &[&k::BUSY, &k::STANDBY, &k::DISK_RESERVE, &k::DOCUMENT_TOO_LARGE]
        }
    };
    Described {
        of_party: true,
        problems: problems.to_vec(),
        ..posted(operation.name(), "gmt-0029", names, request, models::svs_answer())
    }
}

fn read(
    id: &'static str,
    tag: &'static str,
    (zh, en): (&'static str, &'static str),
    answer: Model,
) -> Described {
    let (request, answer) = (Request::None, Answer::Json(answer));
    let (of_party, query, problems) = (false, None, Vec::new());
    Described { id, tag, zh, en, of_party, query, request, answer, problems }
}

fn posted(
    id: &'static str,
    tag: &'static str,
    names: (&'static str, &'static str),
    request: Model,
    answer: Model,
) -> Described {
    Described { request: Request::Json(request), ..read(id, tag, names, answer) }
}
