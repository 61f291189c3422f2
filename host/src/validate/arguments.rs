//! Arguments made up from a tool's schema: the author's own examples where there are some, and else the least that fits.

use serde_json::{Map, Value};

use crate::catalogue::schema::ArgumentCheck;
use crate::contract::JsonObject;

/// How far into a schema one goes; an honest tool can be called with less.
const DEPTH_MAX: usize = 8;

/// Items or characters that are made up at most, in one place.
const LENGTH_MAX: u64 = 1_000;

/// Values and bytes of all arguments of one call together. What a schema asks for within each other multiplies, so it is the sum
/// that is bounded: some hundred times what an honest call has.
const BUDGET: usize = 16 << 10;

/// What may still be made up.
struct Budget(usize);

impl Budget {
    /// Takes this much of it; none when there is not so much left, and then nothing is made up at all.
    fn take(&mut self, n: usize) -> Option<()> {
        self.0 = self.0.checked_sub(n)?;
        Some(())
    }

    /// Takes what a copy of a value costs.
    fn take_copy(&mut self, value: &Value) -> Option<()> {
        self.take(1)?;
        match value {
            Value::String(text) => self.take(text.len()),
            Value::Array(items) => items.iter().try_for_each(|item| self.take_copy(item)),
            Value::Object(members) => members.iter().try_for_each(|(key, member)| {
                self.take(key.len())?;
                self.take_copy(member)
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => Some(()),
        }
    }
}

/// Arguments that fit the schema; none when they cannot be thought up.
pub(super) fn made_up(schema: &JsonObject) -> Option<JsonObject> {
    let check = ArgumentCheck::compile(&Value::Object(schema.clone())).ok()?;
    let given = value(schema, schema, DEPTH_MAX, &mut Budget(BUDGET));
    let least = object(schema, schema, DEPTH_MAX, &mut Budget(BUDGET)).map(Value::Object);
    let mut candidates = given.into_iter().chain(least);
    let fitting = candidates.find(|candidate| check.check(candidate).is_ok())?;
    match fitting {
        Value::Object(arguments) => Some(arguments),
        _ => None,
    }
}

/// A value that may fit a schema.
fn value(
    schema: &JsonObject,
    root: &JsonObject,
    depth: usize,
    budget: &mut Budget,
) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    let given = schema
        .get("examples")
        .and_then(|examples| examples.get(0))
        .or_else(|| schema.get("default"))
        .or_else(|| schema.get("const"))
        .or_else(|| schema.get("enum").and_then(|values| values.get(0)));
    if let Some(given) = given {
        budget.take_copy(given)?;
        return Some(given.clone());
    }
    budget.take(1)?;
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return value(referred(reference, root)?, root, depth, budget);
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
        Some("object") => object(schema, root, depth, budget).map(Value::Object),
        Some("array") => {
            let n_items = Some(least("minItems")).filter(|n| *n <= LENGTH_MAX)?;
            let items = schema.get("items").and_then(Value::as_object);
            let mut item = || match items {
                Some(items) => value(items, root, depth, budget),
                None => budget.take(1).map(|()| Value::Null),
            };
            (0..n_items)
                .map(|_| item())
                .collect::<Option<_>>()
                .map(Value::Array)
        }
        Some("string") => {
            let format = schema.get("format").and_then(Value::as_str);
            let text = text(format, least("minLength"))?;
            budget.take(text.len())?;
            Some(Value::String(text))
        }
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
        None => match forms {
            Some(forms) => value(
                forms.iter().find_map(Value::as_object)?,
                root,
                depth,
                budget,
            ),
            // Anything fits.
            None => Some(Value::String("text".to_owned())),
        },
    }
}

fn object(
    schema: &JsonObject,
    root: &JsonObject,
    depth: usize,
    budget: &mut Budget,
) -> Option<JsonObject> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let required = schema.get("required").and_then(Value::as_array);
    let mut object = Map::new();
    for name in required.into_iter().flatten().filter_map(Value::as_str) {
        let property = properties
            .and_then(|properties| properties.get(name))
            .and_then(Value::as_object)?;
        budget.take(name.len())?;
        object.insert(name.to_owned(), value(property, root, depth, budget)?);
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
        one(json!({}), json!("text"));
        check(with(json!(true)), None);
    }

    #[test]
    fn bounds_within_each_other_do_not_multiply() {
        let check = |property: Value, fits: bool| {
            let names: Vec<_> = (0..60).map(|n| format!("p{n}")).collect();
            let wide = |inner: &str| {
                let properties = names
                    .iter()
                    .map(|name| (name.clone(), json!({"$ref": inner})));
                json!({"type": "object", "properties": properties.collect::<Map<_, _>>(), "required": names})
            };
            let schema = json!({"type": "object", "properties": {"a": property}, "required": ["a"], "$defs": {
                "one": wide("#/$defs/two"), "two": wide("#/$defs/three"), "three": wide("#/$defs/end"),
                "end": {"type": "null"},
            }});
            let schema = schema.as_object().expect("the rows are objects");
            assert_eq!(made_up(schema).is_some(), fits, "{schema:?}");
        };
        let array =
            |n: usize, items: Value| json!({"type": "array", "minItems": n, "items": items});
        let boolean = || json!({"type": "boolean"});
        check(array(1_000, boolean()), true);
        check(array(100, array(100, boolean())), true);
        // A million of them are small enough to fail here and not to fill the memory.
        check(array(100, array(100, array(100, boolean()))), false);
        check(json!({"$ref": "#/$defs/three"}), true);
        check(json!({"$ref": "#/$defs/one"}), false);
        let long = "x".repeat(1_000);
        check(array(10, json!({"default": long})), true);
        check(array(100, json!({"default": [long]})), false);
        check(
            array(100, json!({"type": "string", "minLength": 1_000})),
            false,
        );
        check(array(100, json!({"default": {long: 1}})), false);
        check(json!({"type": "array", "minItems": 1_000}), true);
    }
}
