//! JSON Schema, revision 2020-12, as clients like it: without references where that is possible, since many clients
//! do not follow them, and without formats that only Rust knows.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema as Inner};
use serde_json::Value;

/// A JSON Schema.
pub type Schema = Inner;

/// The schema of what `T` is read from. It suits [`Questions::form`](crate::Questions::form).
#[must_use]
pub fn of<T: JsonSchema>() -> Schema {
    generate::<T>(SchemaSettings::draft2020_12().for_deserialize())
}

/// The schema of what `T` is written as.
pub(crate) fn output<T: JsonSchema>() -> Schema {
    generate::<T>(SchemaSettings::draft2020_12().for_serialize())
}

/// The schema of a tool's arguments. The name of the generated struct means nothing to anybody.
pub(crate) fn arguments<T: JsonSchema>() -> Schema {
    let mut schema = of::<T>();
    schema.remove("title");
    // Some clients refuse an object without properties, even for a tool that takes none.
    let object = schema.ensure_object();
    object
        .entry("properties")
        .or_insert_with(|| Value::Object(Default::default()));
    schema
}

fn generate<T: JsonSchema>(mut settings: SchemaSettings) -> Schema {
    // MCP takes a schema that does not name its dialect for 2020-12.
    settings.meta_schema = None;
    settings.inline_subschemas = true;
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    RecursiveTransform(drop_rust_format).transform(&mut schema);
    schema
}

/// Formats such as `uint32` and `double` are schemars' own; strict validators refuse a format they do not know.
fn drop_rust_format(schema: &mut Schema) {
    let numeric = matches!(
        schema.get("format").and_then(Value::as_str),
        Some(format) if format.starts_with("int") || format.starts_with("uint") || format == "float" || format == "double"
    );
    if numeric {
        schema.remove("format");
    }
}
