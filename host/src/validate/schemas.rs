//! Schemas of arguments and answers. That an input schema can be used at all, the loader has seen to.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::Value;

use super::pattern::{self, Trouble};
use super::texts::pointer;
use super::{Code, Findings, Subject};
use crate::catalogue::headers;
use crate::catalogue::schema::ValueCheck;
use crate::contract::{JsonObject, Tool};
use crate::names::shown;

/// All kinds of problems this file finds.
pub const CODES: &[Code] = &[
    *OUTPUT,
    *UNKNOWN_REQUIRED,
    *UNTYPED,
    *OPEN,
    *UNFIT,
    *COMBINED,
    *DIALECT,
    *SLOW,
    *FOREIGN,
    *LARGE,
    *DEEP,
    *NOT_OBJECT,
    *SECRET_HEADER,
    *RARE,
];

const OUTPUT: &Code = &Code::error(
    "PC0601",
    "output-schema",
    "an output schema cannot be used",
    "Clients compile output schemas when they list tools, and some drop the whole list when one does not compile. It must \
     be JSON Schema, refer to nothing outside of itself, and not lead back to itself for one value.",
);
const UNKNOWN_REQUIRED: &Code = &Code::warning(
    "PC0602",
    "required-unknown",
    "a schema requires a property that it does not describe",
    "Nobody can know what to fill in. Either the name in `required` has a typo, or the property was renamed.",
);
const UNTYPED: &Code = &Code::warning(
    "PC0603",
    "parameter-without-type",
    "a parameter has no type",
    "A model sends text where it does not know better, and some providers refuse a schema without types. Say `type`, or \
     list the values with `enum`.",
);
const OPEN: &Code = &Code::note(
    "PC0604",
    "open-arguments",
    "a tool takes arguments that it does not know",
    "Without `\"additionalProperties\": false` a misspelled parameter is passed over in silence, and the model is not \
     told. Close the object unless it is meant to take anything.",
);
const UNFIT: &Code = &Code::warning(
    "PC0605",
    "value-does-not-fit",
    "a default, an example or a listed value does not fit its own schema",
    "Clients fill in defaults, and models copy examples; the call is then refused. Mend the value or the schema.",
);
const COMBINED: &Code = &Code::warning(
    "PC0606",
    "alternatives-at-the-top",
    "an input schema has alternatives at its top",
    "Large providers refuse `anyOf`, `oneOf`, `allOf` and `not` beside the `type` of the arguments, and with it the whole \
     request. Describe one object, and say in the description which parameters go together.",
);
const DIALECT: &Code = &Code::note(
    "PC0607",
    "older-dialect",
    "a schema is written in an older dialect",
    "MCP means JSON Schema 2020-12. Clients that know nothing else read `definitions` or `items` of an older one wrong. \
     Leave `$schema` out, and write 2020-12.",
);
const SLOW: &Code = &Code::warning(
    "PC0608",
    "slow-pattern",
    "a pattern can hold up a client for ever",
    "The host runs patterns without going back, and clients do not: a loop of nothing but loops, such as `(a+)+`, and \
     one over alternatives that overlap, such as `(\\w|\\d)+`, take twice as long with each character that does not fit. Write \
     `a+` and `\\w+`, or put something between the loops.",
);
const FOREIGN: &Code = &Code::warning(
    "PC0609",
    "foreign-pattern",
    "a pattern has syntax that JSON Schema does not",
    "Patterns are those of ECMA-262. Inline flags, `\\A`, `\\z` and `[[:alpha:]]` are Rust's, Python's or Perl's, and a \
     client in JavaScript refuses the schema.",
);
const LARGE: &Code = &Code::warning(
    "PC0610",
    "large-schema",
    "a tool's schemas are large",
    "They are in the context of every conversation. Move what is repeated into `$defs`, and leave out what the tool can \
     say when it is called.",
);
const DEEP: &Code = &Code::warning(
    "PC0611",
    "deep-schema",
    "an input schema nests deeply",
    "Some providers refuse more than five or ten objects within each other, and models make more mistakes the deeper they \
     have to go. Flatten it.",
);
const NOT_OBJECT: &Code = &Code::note(
    "PC0612",
    "output-not-an-object",
    "an output schema is not of an object",
    "Clients of MCP 2025-11-25 and older take structured answers that are objects alone; the host shows them neither the \
     schema nor the answer. Wrap the value in an object where they should see it.",
);
const SECRET_HEADER: &Code = &Code::warning(
    "PC0613",
    "secret-header",
    "an argument that looks like a secret is sent as a header",
    "`x-mcp-header` makes clients send an argument as an HTTP header, and headers end in the logs of every machine on the \
     way. Take the mark away.",
);
const RARE: &Code = &Code::note(
    "PC0614",
    "rare-keywords",
    "an input schema uses what some clients leave out",
    "Before a schema reaches a model, clients turn it into what the provider takes, and some drop what they do not know. \
     The host checks arguments against the whole schema all the same; say in the descriptions what a model must know.",
);

/// Bytes of a tool's two schemas: about 4,000 tokens.
const BYTES_MAX: usize = 16 << 10;

/// Objects and arrays within each other.
const DEPTH_MAX: usize = 10;

/// Schemas that are compiled to check the values in them, all tools together, and their bytes. Honest plugins have some
/// dozens of them with some thousand bytes.
const COMPILED_MAX: usize = 2_000;
const COMPILED_BYTES_MAX: usize = 1 << 20;

/// Values of one schema that are held against it. Each is compared with all there are in an `enum`, and where a hundred fit, so
/// will the others.
const VALUES_MAX: usize = 100;

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

/// Looks at the schemas.
pub fn check(subject: &Subject, findings: &mut Findings) {
    let Some(listed) = &subject.listed else {
        return;
    };
    let mut compiled = Compiled::default();
    for tool in &listed.lists.tools {
        let within = format!("tool `{}`", tool.name);
        arguments(tool, &within, findings);
        size(tool, &within, findings);
        let input = Part {
            name: "input schema",
            root: &tool.input_schema,
        };
        part(input, &within, &mut compiled, findings);
        if let Some(schema) = &tool.output_schema {
            answers(schema, &within, findings);
            if let Some(root) = schema.as_object() {
                part(
                    Part {
                        name: "output schema",
                        root,
                    },
                    &within,
                    &mut compiled,
                    findings,
                );
            }
        }
    }
}

/// The root of an input schema.
fn arguments(tool: &Tool, within: &str, findings: &mut Findings) {
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

fn size(tool: &Tool, within: &str, findings: &mut Findings) {
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

fn answers(schema: &Value, within: &str, findings: &mut Findings) {
    if let Err(error) = ValueCheck::compile(schema) {
        let message = format!("the output schema cannot be used: {error}");
        findings.add(OUTPUT, within, message, "write JSON Schema 2020-12");
    } else if schema.get("type").and_then(Value::as_str) != Some("object") {
        let message = "older clients see structured answers only when they are objects";
        findings.add(NOT_OBJECT, within, message, "wrap the value in an object");
    }
}

/// What was compiled so far.
#[derive(Default)]
struct Compiled {
    n: usize,
    n_bytes: usize,
}

/// One of a tool's schemas.
#[derive(Clone, Copy)]
struct Part<'s> {
    name: &'static str,
    root: &'s JsonObject,
}

/// What is true of both schemas.
fn part(part: Part<'_>, within: &str, compiled: &mut Compiled, findings: &mut Findings) {
    let Part { name, root } = part;
    let dialect = root.get("$schema").and_then(Value::as_str);
    if let Some(dialect) = dialect.filter(|dialect| !dialect.contains("2020-12")) {
        let message = format!("the {name} is written in {}", shown(dialect));
        findings.add(DIALECT, within, message, "write JSON Schema 2020-12");
    }
    let described = described(&part);
    each_schema(&part, &mut |path, schema| {
        let at = || match path {
            [] => format!("the {name}"),
            path => format!("the {name} at {}", pointer(path)),
        };
        // What stands around it is about the same object, and may describe what it requires.
        let is_known = |name: &str| is_in_place(path) && described.contains(name);
        for required in unknown_required(schema).filter(|name| !is_known(name)) {
            let message = format!(
                "{} requires {}, which it does not describe",
                at(),
                shown(required)
            );
            findings.add(
                UNKNOWN_REQUIRED,
                within,
                message,
                "describe it, or mend its name",
            );
        }
        for text in patterns(schema) {
            let (code, message) = match pattern::trouble(text) {
                None => continue,
                Some(Trouble::Slow) => (
                    SLOW,
                    format!(
                        "{} has the pattern {}, which fits a text in ever more ways",
                        at(),
                        shown(text)
                    ),
                ),
                Some(Trouble::Foreign(syntax)) => (
                    FOREIGN,
                    format!(
                        "{} has a pattern with `{syntax}`, which JavaScript does not know",
                        at()
                    ),
                ),
            };
            findings.add(
                code,
                within,
                message,
                "use what ECMA-262 has, without loops in loops or over alternatives that overlap",
            );
        }
        if let Some((keyword, problem)) = unfit(schema, root, compiled) {
            let message = format!("a value of `{keyword}` in {} does not fit: {problem}", at());
            findings.add(UNFIT, within, message, "mend the value or the schema");
        }
    });
}

/// The names of all properties that are described anywhere in a schema.
fn described<'s>(part: &Part<'s>) -> HashSet<&'s str> {
    let mut names = HashSet::new();
    each_schema(part, &mut |_, schema| {
        let properties = schema.get("properties").and_then(Value::as_object);
        names.extend(properties.into_iter().flatten().map(|(name, _)| &**name));
    });
    names
}

/// Whether a schema is about the same value as the one around it.
fn is_in_place(path: &[&str]) -> bool {
    match path {
        [
            ..,
            "properties" | "patternProperties" | "$defs" | "definitions",
            _,
        ] => false,
        [.., "dependentSchemas", _] => true,
        [.., last] => matches!(
            *last,
            "if" | "then" | "else" | "not" | "allOf" | "anyOf" | "oneOf"
        ),
        [] => false,
    }
}

fn unknown_required(schema: &JsonObject) -> impl Iterator<Item = &str> {
    let properties = schema.get("properties").and_then(Value::as_object);
    // Elsewhere the properties may be described by what stands around it.
    let required = properties
        .and_then(|_| schema.get("required"))
        .and_then(Value::as_array);
    let names = required.into_iter().flatten().filter_map(Value::as_str);
    let has_others = ["$ref", "allOf", "anyOf", "oneOf", "patternProperties"]
        .into_iter()
        .any(|key| schema.contains_key(key));
    names.filter(move |name| {
        !has_others && properties.is_none_or(|properties| !properties.contains_key(*name))
    })
}

fn patterns(schema: &JsonObject) -> impl Iterator<Item = &str> {
    let own = schema.get("pattern").and_then(Value::as_str);
    let of_keys = schema.get("patternProperties").and_then(Value::as_object);
    own.into_iter()
        .chain(of_keys.into_iter().flatten().map(|(pattern, _)| &**pattern))
}

/// A value in a schema that does not fit it, with the keyword it stands under.
fn unfit(
    schema: &JsonObject,
    root: &JsonObject,
    compiled: &mut Compiled,
) -> Option<(&'static str, String)> {
    let one = ["default"]
        .into_iter()
        .filter_map(|key| Some((key, schema.get(key)?)));
    let lists = ["examples", "enum"]
        .into_iter()
        .filter_map(|key| Some((key, schema.get(key)?.as_array()?)));
    let each = lists.flat_map(|(key, values)| values.iter().map(move |value| (key, value)));
    let mut values = one.chain(each).take(VALUES_MAX).peekable();
    values.peek()?;
    if compiled.n >= COMPILED_MAX || compiled.n_bytes >= COMPILED_BYTES_MAX {
        return None;
    }
    let whole = standing_alone(schema, root);
    compiled.n += 1;
    compiled.n_bytes += bytes(&whole);
    // A reference to a place that is not here any more; the whole schema was compiled before.
    let check = ValueCheck::compile(&whole).ok()?;
    values.find_map(|(key, value)| Some((key, check.check(value).err()?)))
}

/// A schema out of its document, with the definitions it may refer to.
fn standing_alone(schema: &JsonObject, root: &JsonObject) -> Value {
    let mut alone = schema.clone();
    let refers = serde_json::to_string(schema)
        .is_ok_and(|json| json.contains("Ref\"") || json.contains("$ref\""));
    let keys: &[&str] = match refers {
        true => &["$schema", "$defs", "definitions"],
        false => &["$schema"],
    };
    for key in keys {
        if let (Some(value), false) = (root.get(*key), alone.contains_key(*key)) {
            alone.insert((*key).to_owned(), value.clone());
        }
    }
    Value::Object(alone)
}

/// Bytes of JSON, written compactly.
fn bytes(json: &impl Serialize) -> usize {
    serde_json::to_vec(json).map_or(0, |json| json.len())
}

/// Shows `see` every schema in a schema, with the keys that lead to it. Values are no schemas.
fn each_schema<'s>(part: &Part<'s>, see: &mut dyn FnMut(&[&'s str], &'s JsonObject)) {
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

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::super::samples::{assert_found, found, subject, tool, tools};
    use super::*;

    fn check_tool(with: Value, expected: &[&Code]) {
        let what = with.to_string();
        assert_found(
            &found(check, &subject(tools(vec![tool(with)]))),
            expected,
            &what[..what.len().min(300)],
        );
    }

    /// A closed input schema with one property and more keys.
    fn with_property(property: Value, more: Value) -> Value {
        let mut schema =
            json!({"type": "object", "properties": {"a": property}, "additionalProperties": false});
        if let (Value::Object(schema), Value::Object(more)) = (&mut schema, more) {
            schema.extend(more);
        }
        json!({"inputSchema": schema})
    }

    #[test]
    fn an_output_schema_can_be_used() {
        let check = |schema: Value, expected: &[&Code]| {
            check_tool(json!({"outputSchema": schema}), expected)
        };
        check(
            json!({"type": "object", "properties": {"a": {"type": "string"}}}),
            &[],
        );
        check(json!({"type": "array"}), &[NOT_OBJECT]);
        check(json!(true), &[NOT_OBJECT]);
        check(json!({"type": "text"}), &[OUTPUT]);
        check(json!([]), &[OUTPUT]);
        check(
            json!({"type": "object", "$ref": "https://example.com/a.json"}),
            &[OUTPUT],
        );
        check(json!({"type": "object", "$ref": "#/$defs/none"}), &[OUTPUT]);
        check(
            json!({"type": "object", "properties": {"a": {"pattern": "("}}}),
            &[OUTPUT],
        );
        let deep = (0..99).fold(json!({}), |inner, _| json!({"items": inner}));
        check(
            json!({"type": "object", "items": {"items": deep}}),
            &[OUTPUT],
        );
    }

    #[test]
    fn parameters_have_types_and_known_names() {
        let check = |property: Value, more: Value, expected: &[&Code]| {
            check_tool(with_property(property, more), expected)
        };
        check(json!({"type": "string"}), json!({"required": ["a"]}), &[]);
        check(
            json!({"type": "string"}),
            json!({"required": ["b"]}),
            &[UNKNOWN_REQUIRED],
        );
        let case = |required: &str| {
            let then = json!({"properties": {"b": {"const": 1}}, "required": [required]});
            json!({"if": {"required": ["a"]}, "then": then})
        };
        check(json!({"type": "string"}), case("a"), &[RARE]);
        check(
            json!({"type": "string"}),
            case("c"),
            &[UNKNOWN_REQUIRED, RARE],
        );
        // A property may be called as a keyword is, and is another object.
        let inner =
            json!({"type": "object", "properties": {"x": {"type": "null"}}, "required": ["a"]});
        check(
            json!({"type": "object", "properties": {"then": inner}}),
            json!({}),
            &[UNKNOWN_REQUIRED],
        );
        check(json!({}), json!({}), &[UNTYPED]);
        check(json!(true), json!({}), &[UNTYPED]);
        check(json!({"enum": [1]}), json!({}), &[]);
        check(
            json!({"$ref": "#/$defs/b"}),
            json!({"$defs": {"b": {"type": "string"}}}),
            &[],
        );
        check_tool(json!({"inputSchema": {"type": "object"}}), &[OPEN]);
    }

    #[test]
    fn values_fit_the_schema_they_stand_in() {
        let check = |property: Value, expected: &[&Code]| {
            let defs = json!({"$defs": {"number": {"type": "number"}}});
            check_tool(with_property(property, defs), expected);
        };
        check(
            json!({"type": "string", "default": "x", "examples": ["y"], "enum": ["x", "y"]}),
            &[],
        );
        check(json!({"type": "string", "default": 1}), &[UNFIT]);
        check(json!({"type": "string", "examples": ["x", 2]}), &[UNFIT]);
        check(json!({"type": "string", "enum": ["x", 2]}), &[UNFIT]);
        check(json!({"$ref": "#/$defs/number", "default": 1}), &[]);
        check(
            json!({"$ref": "#/$defs/number", "default": "one"}),
            &[UNFIT],
        );
        check(
            json!({"type": "array", "items": {"type": "integer", "minimum": 1, "default": 0}}),
            &[UNFIT],
        );
        check(
            json!({"type": "object", "default": {"type": "string", "default": 1}}),
            &[],
        );
    }

    #[test]
    fn so_many_values_are_held_against_a_schema_and_no_more() {
        let check = |n_good: usize, expected: &[&Code]| {
            let examples: Vec<_> = (0..n_good).map(Value::from).chain([json!("x")]).collect();
            let property = json!({"type": "integer", "examples": examples});
            check_tool(with_property(property, json!({})), expected);
        };
        check(VALUES_MAX - 1, &[UNFIT]);
        check(VALUES_MAX, &[]);
        // Each of these is compared with all of them.
        let many: Vec<_> = (0..40_000).collect();
        let property = json!({"type": "integer", "enum": many});
        check_tool(with_property(property, json!({})), &[LARGE]);
    }

    #[test]
    fn what_clients_refuse_or_leave_out_is_told() {
        let check = |more: Value, expected: &[&Code]| {
            check_tool(with_property(json!({"type": "string"}), more), expected)
        };
        check(json!({"anyOf": [{"required": ["a"]}]}), &[COMBINED]);
        check(
            json!({"$schema": "http://json-schema.org/draft-07/schema#"}),
            &[DIALECT],
        );
        check(
            json!({"$schema": "https://json-schema.org/draft/2020-12/schema"}),
            &[],
        );
        check(json!({"if": {"required": ["a"]}, "then": {}}), &[RARE]);
        let property = |property: Value, expected: &[&Code]| {
            check_tool(with_property(property, json!({})), expected)
        };
        property(json!({"type": "string", "pattern": "^(a+)+$"}), &[SLOW]);
        property(json!({"type": "string", "pattern": "(?i)a"}), &[FOREIGN]);
        property(
            json!({"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$"}),
            &[],
        );
        property(
            json!({"type": "string", "x-mcp-header": "Api-Key"}),
            &[SECRET_HEADER],
        );
        property(json!({"type": "string", "x-mcp-header": "Region"}), &[]);
    }

    #[test]
    fn a_schema_is_small_and_flat() {
        let property = |property: Value, expected: &[&Code]| {
            check_tool(with_property(property, json!({})), expected)
        };
        let nested = |n: usize| {
            (0..n).fold(
                json!({"type": "string"}),
                |inner, _| json!({"type": "array", "items": inner}),
            )
        };
        property(nested(9), &[]);
        property(nested(10), &[DEEP]);
        property(
            json!({"type": "string", "description": "x".repeat(16 << 10)}),
            &[LARGE],
        );
    }

    #[test]
    fn thousands_of_values_do_not_hold_the_check_up() {
        let defs: Map<String, Value> = (0..500)
            .map(|n| (n.to_string(), json!({"type": "string"})))
            .collect();
        let properties: Map<String, Value> = (0..1_000)
            .map(|n| (n.to_string(), json!({"type": "string", "default": ""})))
            .collect();
        let schema = json!({"type": "object", "properties": properties, "$defs": defs, "additionalProperties": false});
        let many = (0..20)
            .map(|n| tool(json!({"name": format!("find_{n}"), "inputSchema": schema})))
            .collect();
        let found = found(check, &subject(tools(many)));
        assert!(
            found.iter().all(|finding| finding.code == LARGE),
            "{:?}",
            found.first()
        );
    }
}
