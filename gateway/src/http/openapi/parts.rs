//! The parts of an operation: its description, what is sent, what is answered.

use std::collections::BTreeMap;

use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, OneOfBuilder, SchemaFormat, Type};
use utoipa::openapi::{
    ComponentsBuilder, Content, Object, Ref, RefOr, Required, Responses, Schema,
};

use super::super::routes::Route;
use super::examples;
use super::operations::{Answer, Described, Model, Request};
use crate::problem::kinds as k;
use crate::problem::{ProblemDocument, ProblemKind};

type Row<'r> = &'r [(&'static Route, Described)];

/// The schemas that operations refer to, by name.
#[derive(Default)]
pub(super) struct Parts {
    schemas: BTreeMap<String, RefOr<Schema>>,
}

/// Where each row of the table answers, how much it reads, and who may call.
pub(super) fn description(row: Row<'_>) -> String {
    let lines = row.iter().map(|(route, _)| {
        let on: Vec<&str> = route.on.iter().map(|listener| listener.as_str()).collect();
        let limit =
            if route.body == 0 { String::new() } else { format!(", {} bytes at most", route.body) };
        format!("On the {} listener: {}{limit}.", on.join(" and "), route.callers)
    });
    lines.collect::<Vec<_>>().join("\n\n")
}

impl Parts {
    fn reference(&mut self, model: &Model) -> RefOr<Schema> {
        self.schemas.extend(model.all());
        Ref::from_schema_name(&model.name).into()
    }

    pub(super) fn request(&mut self, row: Row<'_>) -> Option<RequestBody> {
        let mut models = Vec::new();
        let mut parts = false;
        for (_, described) in row {
            match &described.request {
                Request::None => {}
                Request::Json(model) => models.push(self.reference(model)),
                Request::JsonOrParts(model) => {
                    parts = true;
                    models.push(self.reference(model));
                }
            }
        }
        let schema = match models.len() {
            0 => return None,
            1 => models.swap_remove(0),
            _ => {
                let any = models.into_iter().fold(OneOfBuilder::new(), OneOfBuilder::item);
                Schema::from(any.build()).into()
            }
        };
        let example = row.first().and_then(|(_, first)| examples::of(first.id));
        let json = ContentBuilder::new().schema(Some(schema)).example(example);
        let mut body = RequestBodyBuilder::new()
            .required(Some(Required::True))
            .content("application/json", json.build());
        if parts {
            body = body.content("multipart/form-data", content(Schema::from(form()).into()));
        }
        Some(body.build())
    }

    pub(super) fn responses(&mut self, row: Row<'_>) -> Responses {
        let mut responses = Responses::new();
        let Some((_, first)) = row.first() else { return responses };
        let answer = match &first.answer {
            Answer::Json(model) => ("application/json", self.reference(model)),
            Answer::Text(media_type) => {
                (*media_type, Schema::from(Object::with_type(Type::String)).into())
            }
        };
        // The key set is an object of another standard's.
        let answer = match answer {
            ("application/jwk-set+json", _) => {
                ("application/jwk-set+json", Schema::from(Object::with_type(Type::Object)).into())
            }
            other => other,
        };
        let ok =
            ResponseBuilder::new().description("The answer.").content(answer.0, content(answer.1));
        responses.responses.insert("200".to_owned(), ok.build().into());
        let problem = self.reference(&Model::of::<ProblemDocument<'static>>());
        for (status, kinds) in problems_of(row) {
            let told = kinds.iter().map(|kind| {
                format!("`{}`: {} {}", kind.code.id, kind.code.title.zh, kind.code.title.en)
            });
            let response = ResponseBuilder::new()
                .description(told.collect::<Vec<_>>().join("\n\n"))
                .content("application/problem+json", content(problem.clone()));
            let response = headers_of(status)
                .into_iter()
                .fold(response, |response, header| response.header(header.0, header.1));
            responses.responses.insert(status.to_string(), response.build().into());
        }
        if first.id == "ready" {
            // Not ready is an answer, and no problem document.
            let not = ResponseBuilder::new()
                .description("Not ready.")
                .content("application/json", content(Ref::from_schema_name("Readiness").into()));
            responses.responses.insert("503".to_owned(), not.build().into());
        }
        responses
    }

    pub(super) fn components(self) -> ComponentsBuilder {
        ComponentsBuilder::new().schemas_from_iter(self.schemas)
    }
}

fn content(schema: RefOr<Schema>) -> Content {
    ContentBuilder::new().schema(Some(schema)).build()
}

/// The headers by which a problem of this status says what may help.
fn headers_of(status: u16) -> Vec<(&'static str, Header)> {
    let seconds = || ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
    let described = |schema: ObjectBuilder, text: &str| {
        HeaderBuilder::new().schema(schema).description(Some(text)).build()
    };
    let text = || ObjectBuilder::new().schema_type(Type::String);
    match status {
        401 => vec![(
            "WWW-Authenticate",
            described(text(), "应如何证明身份。 How to show who asks (RFC 9110 11.6.1)."),
        )],
        429 | 503 => vec![(
            "Retry-After",
            described(seconds(), "多少秒后再试。 When to come back, in seconds (RFC 9110 10.2.3)."),
        )],
        _ => Vec::new(),
    }
}

/// The parts of a large document, in their order (RFC 7578).
fn form() -> Object {
    let octets = |text: &str| {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .description(Some(text))
    };
    ObjectBuilder::new()
        .description(Some("In this order; content comes last and is hashed as it comes."))
        .property("request", octets("JSON: format, algorithm and options."))
        .property("signature", octets("The signed document, or a raw signature's value."))
        .required("signature")
        .property("certificate", octets("Of a raw signature: DER or PEM."))
        .property(
            "certificates",
            octets("Others, where the document does not carry them: PEM, or DER of one."),
        )
        .property("content", octets("What was signed, where it is not inside."))
        .build()
}

/// What a request may meet, by status: what every one may, what every POST may, what every
/// platform may, and what is the operation's own.
pub(super) fn problems_of(row: Row<'_>) -> BTreeMap<u16, Vec<&'static ProblemKind>> {
    let mut all: Vec<&ProblemKind> =
        vec![&k::MISDIRECTED, &k::RATE_LIMITED, &k::UNAVAILABLE, &k::INTERNAL];
    for (route, described) in row {
        if route.on.len() == 1 {
            // On the other listener there is nothing at this address.
            all.push(&k::NOT_FOUND);
        }
        if !matches!(described.request, Request::None) {
            all.extend([&k::MALFORMED, &k::ORIGIN, &k::TIMEOUT, &k::TOO_LARGE, &k::CONTENT_TYPE]);
        }
        if described.of_party {
            all.extend([&k::PARTY_UNAUTHENTICATED, &k::PARTY_SUSPENDED, &k::QUOTA]);
        }
        all.extend(described.problems.iter().copied());
    }
    let mut grouped: BTreeMap<u16, Vec<&ProblemKind>> = BTreeMap::new();
    for kind in all {
        let of_status = grouped.entry(kind.status.as_u16()).or_default();
        if !of_status.iter().any(|known| known.code == kind.code) {
            of_status.push(kind);
        }
    }
    grouped
}
