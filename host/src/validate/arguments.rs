//! Arguments made up from a tool's schema: the author's own examples where there are some, and else the least that fits.

use serde_json::{Map, Value};

use crate::catalogue::schema::ArgumentCheck;
use crate::contract::JsonObject;

/// How far into a schema one goes; an honest tool can be called with less.
const DEPTH_MAX: usize = 8;

/// Items or characters that are made up at most.
const LENGTH_MAX: u64 = 1_000;

/// Arguments that fit the schema; none when they cannot be thought up.
pub(super) fn made_up(schema: &JsonObject) -> Option<JsonObject> {
    let check = ArgumentCheck::compile(&Value::Object(schema.clone())).ok()?;
    let example = schema
        .get("examples")
        .and_then(|examples| examples.get(0))
        .cloned();
    let candidates = example.into_iter().chain(value(schema, schema, DEPTH_MAX));
    let fitting = candidates
        .into_iter()
        .find(|candidate| check.check(candidate).is_ok())?;
    match fitting {
        Value::Object(arguments) => Some(arguments),
        _ => None,
    }
}

/// A value that may fit a schema.
fn value(schema: &JsonObject, root: &JsonObject, depth: usize) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    let given = schema
        .get("examples")
        .and_then(|examples| examples.get(0))
        .or_else(|| schema.get("default"))
        .or_else(|| schema.get("const"))
        .or_else(|| schema.get("enum").and_then(|values| values.get(0)));
    if let Some(given) = given {
        return Some(given.clone());
    }
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return value(referred(reference, root)?, root, depth);
    }
    let forms = ["anyOf", "oneOf", "allOf"]
        .into_iter()
        .find_map(|key| schema.get(key)?.as_array());
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str),
        kind => kind.and_then(Value::as_str),
    };
    let number = |key: &str| schema.get(key).and_then(Value::as_f64);
    let least = |key: &str| schema.get(key).and_then(Value::as_u64).unwrap_or_default();
    match kind {
        Some("object") => object(schema, root, depth).map(Value::Object),
        Some("array") => {
            let n_items = Some(least("minItems")).filter(|n| *n <= LENGTH_MAX)?;
            let items = schema.get("items").and_then(Value::as_object);
            let item = || items.map_or(Some(Value::Null), |items| value(items, root, depth));
            (0..n_items)
                .map(|_| item())
                .collect::<Option<_>>()
                .map(Value::Array)
        }
        Some("string") => text(
            schema.get("format").and_then(Value::as_str),
            least("minLength"),
        )
        .map(Value::String),
        Some("integer") => {
            let above = number("exclusiveMinimum").map(|least| least.floor() + 1.0);
            let least = number("minimum").map(f64::ceil).or(above);
            let most = number("maximum").map(f64::floor);
            // Whole numbers of JSON schemas are far below where a double has gaps.
            Some(Value::from(
                least.unwrap_or_else(|| most.map_or(1.0, |most| most.min(1.0))) as i64,
            ))
        }
        Some("number") => {
            let above = number("exclusiveMinimum").map(|least| least + 1.0);
            let most = number("maximum").map_or(1.0, |most| most.min(1.0));
            Some(Value::from(number("minimum").or(above).unwrap_or(most)))
        }
        Some("boolean") => Some(Value::Bool(false)),
        Some("null") => Some(Value::Null),
        Some(_) => None,
        None => value(forms?.iter().find_map(Value::as_object)?, root, depth),
    }
}

fn object(schema: &JsonObject, root: &JsonObject, depth: usize) -> Option<JsonObject> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let required = schema.get("required").and_then(Value::as_array);
    let mut object = Map::new();
    for name in required.into_iter().flatten().filter_map(Value::as_str) {
        let property = properties
            .and_then(|properties| properties.get(name))
            .and_then(Value::as_object)?;
        object.insert(name.to_owned(), value(property, root, depth)?);
    }
    Some(object)
}

fn text(format: Option<&str>, chars_min: u64) -> Option<String> {
    let text = match format {
        Some("date-time") => "2026-01-02T03:04:05Z",
        Some("date") => "2026-01-02",
        Some("time") => "03:04:05Z",
        Some("email") => "somebody@example.com",
        Some("uri" | "url") => "https://example.com/",
        Some("uuid") => "123e4567-e89b-42d3-a456-426614174000",
        Some(_) => return None,
        None => "text",
    };
    let missing = chars_min.saturating_sub(text.len() as u64);
    let missing = usize::try_from(missing)
        .ok()
        .filter(|n| *n as u64 <= LENGTH_MAX)?;
    Some(format!("{text}{}", "x".repeat(missing)))
}

fn referred<'s>(reference: &str, root: &'s JsonObject) -> Option<&'s JsonObject> {
    let (first, rest) = reference.strip_prefix("#/")?.split_once('/')?;
    root.get(first)?.pointer(&format!("/{rest}"))?.as_object()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_least_that_fits_is_made_up_and_examples_come_first() {
        let check = |schema: Value, expected: Option<Value>| {
            let schema = schema.as_object().expect("the rows are objects");
            assert_eq!(made_up(schema).map(Value::Object), expected, "{schema:?}");
        };
        let with = |property: Value| {
            json!({"type": "object", "properties": {"a": property}, "required": ["a"],
            "$defs": {"b": {"type": "boolean"}, "loop": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/loop"}}}})
        };
        let one =
            |property: Value, expected: Value| check(with(property), Some(json!({"a": expected})));
        check(
            json!({"type": "object", "properties": {"a": {"type": "string"}}}),
            Some(json!({})),
        );
        check(json!({"type": "object", "required": ["a"]}), None);
        check(
            json!({"type": "object", "examples": [{"b": 1}]}),
            Some(json!({"b": 1})),
        );
        check(json!({"type": "object", "examples": [7]}), Some(json!({})));
        one(json!({"type": "string"}), json!("text"));
        one(json!({"type": "string", "minLength": 6}), json!("textxx"));
        one(
            json!({"type": "string", "format": "date"}),
            json!("2026-01-02"),
        );
        one(
            json!({"type": "string", "examples": ["x"], "default": "y"}),
            json!("x"),
        );
        one(json!({"type": "string", "default": "y"}), json!("y"));
        one(json!({"enum": ["p", "q"]}), json!("p"));
        one(json!({"const": 7}), json!(7));
        one(json!({"type": "integer", "minimum": 3}), json!(3));
        one(json!({"type": "integer", "exclusiveMinimum": 3}), json!(4));
        one(json!({"type": "integer", "maximum": -5}), json!(-5));
        one(json!({"type": ["number", "null"]}), json!(1.0));
        one(json!({"$ref": "#/$defs/b"}), json!(false));
        one(
            json!({"anyOf": [{"type": "null"}, {"type": "string"}]}),
            json!(null),
        );
        one(
            json!({"type": "array", "minItems": 2, "items": {"type": "boolean"}}),
            json!([false, false]),
        );
        check(with(json!({"type": "string", "pattern": "^[0-9]+$"})), None);
        check(with(json!({"type": "string", "format": "unknown"})), None);
        check(
            with(json!({"type": "string", "minLength": 1_000_000_000})),
            None,
        );
        check(with(json!({"$ref": "#/$defs/loop"})), None);
        check(with(json!({})), None);
    }
}
