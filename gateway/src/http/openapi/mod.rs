//! The OpenAPI 3.1 document, made from the table of routes and from the types that are
//! read and written: there is no other description to keep in step.
//!
//! 1. Each row of the table is described by what it leads to ([`operations`]); one that
//!    nobody described does not compile.
//! 2. Rows of one path and method, which differ by listener, become one operation.
//! 3. Problems are grouped by status, each with its codes.
//!
//! `docs/openapi.json` is this document as it was last looked at; a test compares them.

mod examples;
mod operations;
mod page;
mod parts;

use std::sync::LazyLock;

use axum::http::Method;
use utoipa::openapi::path::{HttpMethod, Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, PathItem,
    PathsBuilder, Required,
};

use super::routes::{ROUTES, Route};
use operations::{Described, describe};
use parts::Parts;

pub(super) use operations::Model;
pub(super) use page::docs;

/// The media type of an OpenAPI document (OpenAPI 3.1.1, registered in draft).
pub(super) const MEDIA_TYPE: &str = "application/vnd.oai.openapi+json;version=3.1";

static TEXT: LazyLock<String> = LazyLock::new(openapi_document);

/// The document as it is served.
pub(super) fn text() -> &'static str {
    &TEXT
}

/// The OpenAPI document of this version's API, in indented JSON.
pub fn openapi_document() -> String {
    // Strings, numbers and lists of them always serialise.
    let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
    text.push('\n');
    text
}

/// Step 1: every row that is described, those of one address and method together.
fn rows() -> Vec<Vec<(&'static Route, Described)>> {
    let mut rows: Vec<Vec<(&Route, Described)>> = Vec::new();
    for route in ROUTES {
        let Some(described) = describe(route.target) else { continue };
        let same = |row: &&mut Vec<(&Route, Described)>| {
            row.first()
                .is_some_and(|(first, _)| first.path == route.path && first.method == route.method)
        };
        match rows.iter_mut().find(same) {
            Some(row) => row.push((route, described)),
            None => rows.push(vec![(route, described)]),
        }
    }
    rows
}

fn document() -> OpenApi {
    let mut parts = Parts::default();
    let mut paths = PathsBuilder::new();
    for row in rows() {
        let Some((route, _)) = row.first() else { continue };
        let method = if route.method == Method::POST { HttpMethod::Post } else { HttpMethod::Get };
        let item = PathItem::new(method, operation(&row, &mut parts));
        paths = paths.path(route.path, item);
    }
    let license = LicenseBuilder::new().name("Apache-2.0 OR MIT");
    let license = license.identifier(Some("Apache-2.0 OR MIT")).build();
    let info = InfoBuilder::new()
        .title("Tongxing 通行")
        .version(env!("CARGO_PKG_VERSION"))
        .license(Some(license))
        .description(Some(
            "数字证书互认网关：登录、证书与签名验证。 The digital-certificate mutual-recognition \
             gateway: sign-in, and verification of certificates and signatures. What holds for \
             every request is in docs/http-api.md.",
        ));
    let tags = operations::TAGS
        .iter()
        .map(|(name, text)| TagBuilder::new().name(*name).description(Some(*text)).build());
    OpenApiBuilder::new()
        .info(info.build())
        .paths(paths.build())
        .tags(Some(tags))
        .components(Some(schemes(parts.components()).build()))
        .build()
}

/// Steps 2 and 3.
fn operation(row: &[(&'static Route, Described)], parts: &mut Parts) -> Operation {
    let mut operation = Operation::new();
    let Some((route, first)) = row.first() else { return operation };
    operation.operation_id = Some(first.id.to_owned());
    operation.tags = Some(vec![first.tag.to_owned()]);
    operation.summary = Some(format!("{} · {}", first.zh, first.en));
    operation.description = Some(parts::description(row));
    operation.parameters = parameters(route, first.query);
    operation.request_body = parts.request(row);
    operation.responses = parts.responses(row);
    operation.security = first.of_party.then(|| {
        let none = || Vec::<String>::new();
        ["secret", "assertion", "certificate"]
            .map(|scheme| SecurityRequirement::new(scheme, none()))
            .to_vec()
    });
    operation
}

/// What the path leaves open, and what may stand in the query.
fn parameters(
    route: &Route,
    query: Option<(&'static str, &'static str)>,
) -> Option<Vec<utoipa::openapi::path::Parameter>> {
    let places = route.path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(Object::with_type(Type::String)));
        Some(parameter.build())
    });
    let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
    let query = query.map(|(name, text)| {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Query)
            .required(Required::False)
            .description(Some(text))
            .schema(Some(number));
        parameter.build()
    });
    let all: Vec<_> = places.chain(query).collect();
    (!all.is_empty()).then_some(all)
}

fn schemes(components: ComponentsBuilder) -> ComponentsBuilder {
    let http = |scheme: HttpAuthScheme, text: &str| {
        let http = HttpBuilder::new().scheme(scheme).description(Some(text));
        SecurityScheme::Http(http.build())
    };
    components
        .security_scheme(
            "secret",
            http(HttpAuthScheme::Basic, "The platform's id and secret (RFC 6749 2.3.1)."),
        )
        .security_scheme(
            "assertion",
            http(HttpAuthScheme::Bearer, "A JWT that the platform signs itself (RFC 7523 3)."),
        )
        .security_scheme(
            "certificate",
            SecurityScheme::MutualTls {
                description: Some(
                    "A registered certificate, on the certificate listener (RFC 8705 2.2)."
                        .to_owned(),
                ),
                extensions: None,
            },
        )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::routes::Target;
    use super::*;

    #[test]
    fn every_route_is_told_once_and_every_reference_leads_somewhere() {
        let document: serde_json::Value = serde_json::from_str(&openapi_document()).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        for route in ROUTES {
            let method = route.method.as_str().to_lowercase();
            let told = document["paths"][route.path].get(&method).is_some();
            assert_eq!(told, describe(route.target).is_some(), "{} {}", route.method, route.path);
            let of_party = matches!(route.target, Target::Party(_));
            let operation = &document["paths"][route.path][&method];
            assert_eq!(operation.get("security").is_some(), of_party, "{}", route.path);
        }
        let text = openapi_document();
        let (mut ids, mut references) = (BTreeSet::new(), BTreeSet::new());
        for line in text.lines() {
            if let Some((_, id)) = line.split_once("\"operationId\": ") {
                assert!(ids.insert(id.to_owned()), "{id} twice");
            }
            if let Some((_, name)) = line.split_once("\"#/components/schemas/") {
                references.insert(name.trim_end_matches(['"', ',']).to_owned());
            }
        }
        for name in references {
            let known = document["components"]["schemas"].get(&name).is_some();
            assert!(known, "{name} is no component");
        }
    }
}
