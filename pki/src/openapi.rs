//! Schemas of what serialises by hand, for OpenAPI documents.

use std::borrow::Cow;

use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{Object, Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::{ExplainedFinding, Indication, Level, Oid, Party, Timestamp};

fn text(description: &str) -> Object {
    ObjectBuilder::new().schema_type(Type::String).description(Some(description)).build()
}

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        let format = Some(SchemaFormat::KnownFormat(KnownFormat::DateTime));
        let object = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(format)
            .description(Some("RFC 3339, in UTC, to the second."));
        object.build().into()
    }
}

impl ToSchema for Timestamp {
    fn name() -> Cow<'static, str> {
        "Timestamp".into()
    }
}

impl PartialSchema for Oid {
    fn schema() -> RefOr<Schema> {
        let object = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(r"^[0-2](\.(0|[1-9][0-9]*))+$"))
            .description(Some("An object identifier in dotted form."));
        object.build().into()
    }
}

impl ToSchema for Oid {
    fn name() -> Cow<'static, str> {
        "Oid".into()
    }
}

impl PartialSchema for Indication {
    fn schema() -> RefOr<Schema> {
        let words = ["TOTAL-PASSED", "TOTAL-FAILED", "INDETERMINATE"];
        let indication = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(words))
            .description(Some("ETSI EN 319 102-1 table 5."));
        let object = ObjectBuilder::new()
            .property("indication", indication.build())
            .required("indication")
            .property("sub_indication", text("ETSI EN 319 102-1 table 6."));
        object.build().into()
    }
}

impl ToSchema for Indication {
    fn name() -> Cow<'static, str> {
        "Indication".into()
    }
}

impl PartialSchema for ExplainedFinding<'_> {
    fn schema() -> RefOr<Schema> {
        let object = ObjectBuilder::new()
            .description(Some("One check: which one, about what, and how it came out."))
            .property("code", text("Stable; docs/codes.md has them all."))
            .required("code")
            .property("level", Ref::from_schema_name(Level::name()))
            .required("level")
            .property("clause", text("Where the check comes from."))
            .required("clause")
            .property("subject", text("What it is about."))
            .property("certificate", text("SHA-256 of the certificate that it is about."))
            .property("expected", text("What would have passed."))
            .property("seen", text("What was there."))
            .property("text", text("The cause, in the reader's language."))
            .required("text")
            .property("responsible", Ref::from_schema_name(Party::name()))
            .property("whose", text("Whose problem it is, as a sentence."))
            .property("next", text("What they can do."));
        object.build().into()
    }
}

impl ToSchema for ExplainedFinding<'_> {
    fn name() -> Cow<'static, str> {
        "Finding".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Level::name().into_owned(), Level::schema()));
        schemas.push((Party::name().into_owned(), Party::schema()));
    }
}
