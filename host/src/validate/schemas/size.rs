//! How much of a conversation the schemas of a tool take, and how deep they nest.

use serde_json::Value;

use super::walk::bytes;
use crate::contract::{JsonObject, Tool};
use crate::validate::{Code, Findings};

pub(super) const LARGE: &Code = &Code::warning(
    "PC0610",
    "large-schema",
    "a tool's schemas are large",
    "They are in the context of every conversation. Move what is repeated into `$defs`, and leave out what the tool can \
     say when it is called.",
);
pub(super) const DEEP: &Code = &Code::warning(
    "PC0611",
    "deep-schema",
    "an input schema nests deeply",
    "Some providers refuse more than five or ten objects within each other, and models make more mistakes the deeper they \
     have to go. Flatten it.",
);

/// Bytes of a tool's two schemas: about 4,000 tokens.
const BYTES_MAX: usize = 16 << 10;

/// Objects and arrays within each other.
const DEPTH_MAX: usize = 10;

pub(super) fn check(tool: &Tool, within: &str, findings: &mut Findings) {
    let n_bytes = bytes(&tool.input_schema) + tool.output_schema.as_ref().map_or(0, bytes);
    if n_bytes > BYTES_MAX {
        let message = format!("its schemas have {n_bytes} bytes, which every conversation carries");
        findings.add(
            LARGE,
            within,
            message,
            "leave out what the tool can say when it is called",
        );
    }
    let depth = depth(&tool.input_schema);
    if depth > DEPTH_MAX {
        let message = format!("the input schema describes values that nest {depth} levels deep");
        findings.add(DEEP, within, message, "flatten it");
    }
}

/// How deep the described values nest. The depth of the JSON was bounded when it was read.
fn depth(schema: &JsonObject) -> usize {
    let below = |key: &str, value: &Value| match (key, value) {
        ("properties" | "patternProperties", Value::Object(inner)) => inner
            .values()
            .filter_map(Value::as_object)
            .map(|inner| 1 + depth(inner))
            .max()
            .unwrap_or_default(),
        ("items" | "additionalProperties", Value::Object(inner)) => 1 + depth(inner),
        ("anyOf" | "oneOf" | "allOf", Value::Array(inner)) => inner
            .iter()
            .filter_map(Value::as_object)
            .map(depth)
            .max()
            .unwrap_or_default(),
        ("$defs" | "definitions", Value::Object(inner)) => inner
            .values()
            .filter_map(Value::as_object)
            .map(depth)
            .max()
            .unwrap_or_default(),
        _ => 0,
    };
    schema
        .iter()
        .map(|(key, value)| below(key, value))
        .max()
        .unwrap_or_default()
}
