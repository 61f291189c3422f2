//! Every schema in a schema.

use serde::Serialize;
use serde_json::Value;

use crate::contract::JsonObject;

/// One of a tool's schemas.
#[derive(Clone, Copy)]
pub(super) struct Part<'s> {
    pub(super) name: &'static str,
    pub(super) root: &'s JsonObject,
}

/// Shows `see` every schema in a schema, with the keys that lead to it. Values are no schemas.
pub(super) fn each_schema<'s>(part: &Part<'s>, see: &mut dyn FnMut(&[&'s str], &'s JsonObject)) {
    below(part.root, &mut Vec::new(), see);
}

fn below<'s>(
    schema: &'s JsonObject,
    path: &mut Vec<&'s str>,
    see: &mut dyn FnMut(&[&'s str], &'s JsonObject),
) {
    see(path, schema);
    for (key, value) in schema {
        path.push(key);
        match (key.as_str(), value) {
            ("default" | "const" | "enum" | "examples" | "example", _) => {}
            (
                "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas",
                Value::Object(schemas),
            ) => {
                for (name, schema) in schemas {
                    if let Value::Object(schema) = schema {
                        path.push(name);
                        below(schema, path, see);
                        path.pop();
                    }
                }
            }
            (_, Value::Object(schema)) => below(schema, path, see),
            (_, Value::Array(schemas)) => {
                for schema in schemas.iter().filter_map(Value::as_object) {
                    below(schema, path, see);
                }
            }
            _ => {}
        }
        path.pop();
    }
}

/// Bytes of JSON, written compactly.
pub(super) fn bytes(json: &impl Serialize) -> usize {
    serde_json::to_vec(json).map_or(0, |json| json.len())
}
