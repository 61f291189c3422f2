//! The root of an input schema: what every argument is, and what clients do with it.

use serde_json::Value;

use super::walk::{Part, each_schema};
use crate::catalogue::headers;
use crate::contract::Tool;
use crate::names::shown;
use crate::validate::{Code, Findings};

pub(super) const UNTYPED: &Code = &Code::warning(
    "PC0603",
    "parameter-without-type",
    "a parameter has no type",
    "A model sends text where it does not know better, and some providers refuse a schema without types. Say `type`, or \
     list the values with `enum`.",
);
pub(super) const OPEN: &Code = &Code::note(
    "PC0604",
    "open-arguments",
    "a tool takes arguments that it does not know",
    "Without `\"additionalProperties\": false` a misspelled parameter is passed over in silence, and the model is not \
     told. Close the object unless it is meant to take anything.",
);
pub(super) const COMBINED: &Code = &Code::warning(
    "PC0606",
    "alternatives-at-the-top",
    "an input schema has alternatives at its top",
    "Large providers refuse `anyOf`, `oneOf`, `allOf` and `not` beside the `type` of the arguments, and with it the whole \
     request. Describe one object, and say in the description which parameters go together.",
);
pub(super) const SECRET_HEADER: &Code = &Code::warning(
    "PC0613",
    "secret-header",
    "an argument that looks like a secret is sent as a header",
    "`x-mcp-header` makes clients send an argument as an HTTP header, and headers end in the logs of every machine on the \
     way. Take the mark away.",
);
pub(super) const RARE: &Code = &Code::note(
    "PC0614",
    "rare-keywords",
    "an input schema uses what some clients leave out",
    "Before a schema reaches a model, clients turn it into what the provider takes, and some drop what they do not know. \
     The host checks arguments against the whole schema all the same; say in the descriptions what a model must know.",
);

/// Keywords that providers' own dialects lack.
const RARE_KEYWORDS: &[&str] = &[
    "$dynamicRef",
    "contains",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "not",
    "patternProperties",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// The root of an input schema.
pub(super) fn check(tool: &Tool, within: &str, findings: &mut Findings) {
    let schema = &tool.input_schema;
    let combined: Vec<_> = ["anyOf", "oneOf", "allOf", "not"]
        .into_iter()
        .filter(|key| schema.contains_key(*key))
        .collect();
    if let Some(key) = combined.first() {
        let message = format!("the input schema has `{key}` at its top");
        findings.add(COMBINED, within, message, "describe one object");
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        if !has_type(property) {
            let message = format!("the parameter {} has no type", shown(name));
            findings.add(UNTYPED, within, message, "say `type`");
        }
    }
    let is_closed = [
        "additionalProperties",
        "unevaluatedProperties",
        "patternProperties",
        "$ref",
    ]
    .into_iter()
    .any(|key| schema.contains_key(key));
    if !is_closed {
        let message = "arguments that it does not know are passed over in silence";
        findings.add(
            OPEN,
            within,
            message,
            "add `\"additionalProperties\": false`",
        );
    }
    for header in headers::headers(schema)
        .unwrap_or_default()
        .into_iter()
        .filter(|header| headers::looks_secret(header))
    {
        let message = format!(
            "an argument is sent as the header {}, where secrets are logged",
            shown(header)
        );
        findings.add(SECRET_HEADER, within, message, "take `x-mcp-header` away");
    }
    let mut rare: Vec<&str> = Vec::new();
    each_schema(
        &Part {
            name: "",
            root: schema,
        },
        &mut |_, schema| {
            rare.extend(
                RARE_KEYWORDS
                    .iter()
                    .filter(|key| schema.contains_key(**key)),
            );
        },
    );
    rare.sort_unstable();
    rare.dedup();
    if !rare.is_empty() {
        let message = format!("some clients leave out `{}`", rare.join("`, `"));
        findings.add(
            RARE,
            within,
            message,
            "say in the descriptions what they mean",
        );
    }
}

fn has_type(property: &Value) -> bool {
    const SAYS_TYPE: [&str; 7] = ["type", "enum", "const", "$ref", "anyOf", "oneOf", "allOf"];
    match property {
        Value::Object(schema) => SAYS_TYPE.into_iter().any(|key| schema.contains_key(key)),
        Value::Bool(is_anything) => !is_anything,
        _ => false,
    }
}
