//! The output schema.

use serde_json::Value;

use crate::catalogue::schema::ValueCheck;
use crate::validate::{Code, Findings};

pub(super) const OUTPUT: &Code = &Code::error(
    "PC0601",
    "output-schema",
    "an output schema cannot be used",
    "Clients compile output schemas when they list tools, and some drop the whole list when one does not compile. It must \
     be JSON Schema, refer to nothing outside of itself, and not lead back to itself for one value.",
);
pub(super) const NOT_OBJECT: &Code = &Code::note(
    "PC0612",
    "output-not-an-object",
    "an output schema is not of an object",
    "Clients of MCP 2025-11-25 and older take structured answers that are objects alone; the host shows them neither the \
     schema nor the answer. Wrap the value in an object where they should see it.",
);

pub(super) fn check(schema: &Value, within: &str, findings: &mut Findings) {
    if let Err(error) = ValueCheck::compile(schema) {
        let message = format!("the output schema cannot be used: {error}");
        findings.add(OUTPUT, within, message, "write JSON Schema 2020-12");
    } else if schema.get("type").and_then(Value::as_str) != Some("object") {
        let message = "older clients see structured answers only when they are objects";
        findings.add(NOT_OBJECT, within, message, "wrap the value in an object");
    }
}
