//! `x-mcp-header`: an argument that clients of HTTP also send as a header, so that machines on the way can read it.
//!
//! A client drops a tool whose marks break the rules of SEP-2243 without a word to its author. So the rules are checked
//! here, when the plugin is loaded.

use std::collections::HashSet;

use serde_json::Value;

use crate::contract::JsonObject;
use crate::names::shown;

/// The keyword.
const MARK: &str = "x-mcp-header";

/// A schema nests no deeper: it was bounded when it was read.
type Path<'s> = Vec<&'s str>;

/// The headers an input schema asks for, as it writes them.
///
/// # Errors
/// When a mark breaks the rules. The sentence says which.
pub fn headers(schema: &JsonObject) -> Result<Vec<&str>, String> {
    let mut found = Vec::new();
    look(schema, true, &mut Vec::new(), &mut found)?;
    let mut seen = HashSet::new();
    for header in &found {
        if !seen.insert(header.to_ascii_lowercase()) {
            return Err(format!(
                "two properties have the `{MARK}` {} (hint: capital letters make no difference)",
                shown(header)
            ));
        }
    }
    Ok(found)
}

/// Whether a header looks as if it carried a secret. Headers end in the logs of every machine on the way.
pub fn looks_secret(header: &str) -> bool {
    const WORDS: [&str; 8] = [
        "auth",
        "cookie",
        "credential",
        "key",
        "passw",
        "pin",
        "secret",
        "token",
    ];
    let header = header.to_ascii_lowercase();
    WORDS.iter().any(|word| header.contains(word))
}

/// Looks into a schema. It stands `on_the_way` when it is the root, or a property that is reached through `properties`
/// alone.
fn look<'s>(
    schema: &'s JsonObject,
    on_the_way: bool,
    path: &mut Path<'s>,
    found: &mut Vec<&'s str>,
) -> Result<(), String> {
    for (key, value) in schema {
        match (key.as_str(), value) {
            (MARK, mark) => found.push(header(mark, schema, on_the_way, path)?),
            // Examples of arguments, and not schemas.
            ("default" | "const" | "enum" | "examples", _) => {}
            ("properties", Value::Object(properties)) => {
                each(properties, on_the_way, path, found)?;
            }
            (
                "$defs" | "definitions" | "dependentSchemas" | "patternProperties",
                Value::Object(schemas),
            ) => {
                each(schemas, false, path, found)?;
            }
            (_, Value::Object(inner)) => look(inner, false, path, found)?,
            (_, Value::Array(items)) => {
                for inner in items.iter().filter_map(Value::as_object) {
                    look(inner, false, path, found)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn each<'s>(
    schemas: &'s JsonObject,
    on_the_way: bool,
    path: &mut Path<'s>,
    found: &mut Vec<&'s str>,
) -> Result<(), String> {
    for (name, schema) in schemas {
        if let Value::Object(schema) = schema {
            path.push(name);
            look(schema, on_the_way, path, found)?;
            path.pop();
        }
    }
    Ok(())
}

/// Reads one mark.
fn header<'s>(
    mark: &'s Value,
    schema: &JsonObject,
    on_the_way: bool,
    path: &Path<'_>,
) -> Result<&'s str, String> {
    let refuse = |problem: &str| {
        let place = shown(&path.join("."));
        Err(format!("the `{MARK}` of {place} {problem}"))
    };
    if path.is_empty() || !on_the_way {
        return refuse(
            "does not stand on a property (hint: only properties, and properties of those, can be sent as a header)",
        );
    }
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let Some(header) = mark
        .as_str()
        .filter(|header| !header.is_empty() && header.chars().all(is_token))
    else {
        return refuse("is not a part of a header's name (hint: use letters, digits and hyphens)");
    };
    match schema.get("type").and_then(Value::as_str) {
        Some("string" | "integer" | "boolean") => Ok(header),
        _ => refuse(
            "is not of a `string`, an `integer` or a `boolean` (hint: give the property one of these types)",
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_mark_stands_on_a_simple_property_and_names_a_header() {
        let check = |schema: Value, expected: Result<&[&str], &str>| {
            let schema = schema.as_object().expect("the rows are objects");
            match (headers(schema), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(said), Err(sentence)) => assert!(said.contains(sentence), "{said}"),
                (found, _) => panic!("{found:?} for {schema:?}"),
            }
        };
        let with = |property: Value| json!({"type": "object", "properties": {"a": property}});
        let marked = |mark: Value| with(json!({"type": "string", "x-mcp-header": mark}));
        check(json!({"type": "object"}), Ok(&[]));
        check(marked(json!("Region")), Ok(&["Region"]));
        check(
            with(
                json!({"type": "object", "properties": {"b": {"type": "integer", "x-mcp-header": "B"}}}),
            ),
            Ok(&["B"]),
        );
        // A property of that name, and an example, are no marks.
        check(
            json!({"properties": {"x-mcp-header": {"type": "array"}}}),
            Ok(&[]),
        );
        check(with(json!({"default": {"x-mcp-header": ""}})), Ok(&[]));

        check(marked(json!("")), Err("not a part of a header's name"));
        check(marked(json!("a b")), Err("not a part of a header's name"));
        check(
            marked(json!("a\r\nb")),
            Err("not a part of a header's name"),
        );
        check(marked(json!("ü")), Err("not a part of a header's name"));
        check(marked(json!(7)), Err("not a part of a header's name"));
        check(
            with(json!({"type": "number", "x-mcp-header": "A"})),
            Err("is not of a `string`"),
        );
        check(
            with(json!({"x-mcp-header": "A"})),
            Err("is not of a `string`"),
        );
        check(
            with(json!({"type": ["string", "null"], "x-mcp-header": "A"})),
            Err("is not of a `string`"),
        );
        check(
            json!({"type": "object", "x-mcp-header": "A"}),
            Err("does not stand on a property"),
        );
        let inner = json!({"type": "string", "x-mcp-header": "A"});
        check(
            with(json!({"type": "array", "items": inner})),
            Err("does not stand on a property"),
        );
        check(
            json!({"anyOf": [{"properties": {"a": inner}}]}),
            Err("does not stand on a property"),
        );
        check(
            json!({"$defs": {"a": inner}}),
            Err("does not stand on a property"),
        );
        let two = json!({"properties": {
            "a": {"type": "string", "x-mcp-header": "Region"},
            "b": {"type": "string", "x-mcp-header": "rEGION"},
        }});
        check(two, Err("two properties"));
    }

    #[test]
    fn a_header_for_a_secret_is_seen() {
        for header in ["Api-Key", "X-TOKEN", "password", "Authorization"] {
            assert!(looks_secret(header), "{header}");
        }
        for header in ["Region", "Tenant", "Priority"] {
            assert!(!looks_secret(header), "{header}");
        }
    }
}
