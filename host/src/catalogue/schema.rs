//! Whether arguments fit a tool's input schema.
//!
//! The schema is a guest's and hostile: `effort` bounds what compiling and checking can cost before the validator sees
//! it. Nothing is ever fetched, and patterns run on an engine without backtracking. `format` says something to people
//! and is not checked, as JSON Schema 2020-12 has it. A check is plain computing and does not yield.

mod effort;
mod problems;
mod value;

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

use crate::limits::{JSON_DEPTH_MAX, SCHEMA_BYTES_MAX};
use effort::{Effort, Size};
pub(crate) use problems::{cut, expected};
pub use value::ValueCheck;

/// Bytes of one compiled pattern: enough for `^.{1,200}$`, too little to hold up the host. `maxLength` costs nothing.
const PATTERN_BYTES_MAX: usize = 256 << 10;

/// A schema that arguments cannot be checked against.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// Arguments are an object, so nothing else can fit.
    #[error(
        "the root does not have `\"type\": \"object\"` (hint: MCP passes arguments as one object)"
    )]
    NotAnObject,
    /// Longer than any honest one.
    #[error(
        "it has {bytes} bytes, and {SCHEMA_BYTES_MAX} are allowed (hint: move what is repeated into `$defs`)"
    )]
    TooLarge {
        /// As compact JSON.
        bytes: usize,
    },
    /// Deeper than any honest one.
    #[error("it nests deeper than {JSON_DEPTH_MAX} levels (hint: move inner schemas into `$defs`)")]
    TooDeep,
    /// A `$schema` nobody here knows.
    #[error("`$schema` is {0}, which is not known (hint: leave it out for JSON Schema 2020-12)")]
    UnknownDialect(String),
    /// An identifier below the root would make one `$ref` mean two things.
    #[error(
        "an inner schema has the `$id` {0} (hint: leave it out, and refer to it as `#/$defs/…`)"
    )]
    InnerId(String),
    /// A reference to another document.
    #[error(
        "`$ref` {0} leaves the document, and nothing is fetched (hint: copy what it names into `$defs`)"
    )]
    OutsideReference(String),
    /// A reference to nothing.
    #[error("`$ref` {0} leads nowhere (hint: it needs an entry in `$defs`)")]
    DanglingReference(String),
    /// A schema that applies itself to the same value again, for ever.
    #[error(
        "`{0}` leads back to itself without going into the value (hint: refer to it from `properties` or `items`)"
    )]
    Endless(String),
    /// One value would be looked at more often than any honest schema needs.
    #[error("it applies to one value more often than {VISITS_MAX} times (hint: use fewer nested alternatives)", VISITS_MAX = effort::VISITS_MAX)]
    TooMuch,
    /// A chain of schemas for one value that is longer than any honest one.
    #[error("it applies more than {CHAIN_MAX} schemas within each other to one value (hint: use shorter chains of `$ref`)", CHAIN_MAX = effort::CHAIN_MAX)]
    TooLong,
    /// Patterns cost memory.
    #[error("it has more than {PATTERNS_MAX} patterns (hint: use `enum` or `maxLength` where they will do)", PATTERNS_MAX = effort::PATTERNS_MAX)]
    TooManyPatterns,
    /// A pattern that is broken, or that the engine does not take.
    #[error(
        "pattern {0} cannot be used (hint: there is no look-around and no back-reference, and repetition is bounded; \
         `maxLength` bounds a length)"
    )]
    BadPattern(String),
    /// Not a schema.
    #[error("at `{at}`: {problem} (hint: see https://json-schema.org)")]
    Invalid {
        /// Where, as a JSON pointer.
        at: String,
        /// What the validator says.
        problem: String,
    },
}

/// A tool's input schema, ready to check arguments. Holding one proves that its author cannot make a check run away.
#[derive(Debug)]
pub struct ArgumentCheck {
    validator: Validator,
    effort: Effort,
}

impl ArgumentCheck {
    /// Compiles a schema.
    ///
    /// # Errors
    /// When it is not a schema of an object, or could cost the host more than an honest one does.
    pub fn compile(schema: &Value) -> Result<Self, SchemaError> {
        if schema.get("type").and_then(Value::as_str) != Some("object") {
            return Err(SchemaError::NotAnObject);
        }
        let (validator, effort) = compile(schema)?;
        Ok(Self { validator, effort })
    }

    /// Whether a check of these arguments keeps no thread from its other tasks. One that is not quick can take seconds.
    pub fn is_quick(&self, arguments: &Value) -> bool {
        Size::of(arguments).is_some_and(|size| self.effort.is_quick(&size))
    }

    /// Checks a call's arguments.
    ///
    /// # Errors
    /// A sentence for the model, with at most five of the things that do not fit.
    pub fn check(&self, arguments: &Value) -> Result<(), String> {
        let Some(size) = Size::of(arguments) else {
            return Err(format!(
                "the arguments nest deeper than {JSON_DEPTH_MAX} levels (hint: flatten them)"
            ));
        };
        if !self.effort.allows_check(&size) {
            return Err("the arguments are too large or nest too deeply to be checked against the tool's input schema \
                        (hint: send less at once)"
                .to_owned());
        }
        // Older dialects leave out what stands beside a `$ref`, and so the root's `type`.
        if !arguments.is_object() {
            return Err(problems::not_an_object(arguments));
        }
        if self.validator.is_valid(arguments) {
            return Ok(());
        }
        if !self.effort.allows_report(&size) {
            return Err("the arguments do not fit the tool's input schema, and are too large to say where (hint: send \
                        less at once)"
                .to_owned());
        }
        Err(problems::sentence(self.validator.iter_errors(arguments)))
    }
}

/// Compiles a schema of anything.
fn compile(schema: &Value) -> Result<(Validator, Effort), SchemaError> {
    if Size::of(schema).is_none() {
        return Err(SchemaError::TooDeep);
    }
    let bytes = schema.to_string().len();
    if bytes > SCHEMA_BYTES_MAX {
        return Err(SchemaError::TooLarge { bytes });
    }
    let draft = Draft::default().detect(schema);
    if draft == Draft::Unknown {
        return Err(SchemaError::UnknownDialect(cut(&schema["$schema"])));
    }
    let schema = without_id(schema, draft)?;
    let effort = Effort::of(&schema, draft)?;
    let patterns = PatternOptions::regex()
        .size_limit(PATTERN_BYTES_MAX)
        .dfa_size_limit(PATTERN_BYTES_MAX);
    let validator = jsonschema::options()
        .with_draft(draft)
        .offline()
        .should_validate_formats(false)
        .with_pattern_options(patterns)
        .build(&schema)
        .map_err(problems::with_schema)?;
    Ok((validator, effort))
}

/// The schema without the root's identifier: references are then resolved in this document, whatever it calls itself.
/// Inner identifiers are refused, since references below them would mean something else than they say.
fn without_id(schema: &Value, draft: Draft) -> Result<Value, SchemaError> {
    let mut schema = schema.clone();
    let keys: &[&str] = if draft == Draft::Draft4 {
        &["id", "$id"]
    } else {
        &["$id"]
    };
    if let Value::Object(root) = &mut schema {
        root.retain(|key, _| !keys.contains(&key.as_str()));
    }
    match inner_id(&schema, keys) {
        Some(id) => Err(SchemaError::InnerId(cut(id))),
        None => Ok(schema),
    }
}

/// A text under one of `keys`, wherever it is. A property that is called `$id` has a schema there, which is no text.
fn inner_id<'s>(value: &'s Value, keys: &[&str]) -> Option<&'s Value> {
    match value {
        Value::Array(items) => items.iter().find_map(|item| inner_id(item, keys)),
        Value::Object(members) => members.iter().find_map(|(key, member)| {
            let is_id = keys.contains(&key.as_str()) && member.is_string();
            if is_id {
                Some(member)
            } else {
                inner_id(member, keys)
            }
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    fn refused(schema: &Value) -> SchemaError {
        ArgumentCheck::compile(schema).expect_err("the schema is hostile")
    }

    fn checked(schema: &Value, arguments: &Value) -> Result<(), String> {
        ArgumentCheck::compile(schema)
            .expect("the schema is honest")
            .check(arguments)
    }

    /// `{"type": "object", "$ref": "#/$defs/0"}` with `n` definitions, each made from a reference to the next one.
    fn chain(n: usize, link: impl Fn(Value) -> Value) -> Value {
        let next = |place: usize| json!({"$ref": format!("#/$defs/{}", place + 1)});
        let mut defs: Map<String, Value> = (0..n)
            .map(|place| (place.to_string(), link(next(place))))
            .collect();
        defs.insert(n.to_string(), json!({"type": "object"}));
        json!({"type": "object", "$ref": "#/$defs/0", "$defs": defs})
    }

    fn nested(n: usize, leaf: Value, wrap: impl Fn(Value) -> Value) -> Value {
        (0..n).fold(leaf, |inner, _| wrap(inner))
    }

    #[test]
    fn a_check_is_quick_unless_patterns_meet_long_texts() {
        let pattern = json!({"type": "object", "additionalProperties": {"pattern": "a|b"}});
        let plain = json!({"type": "object"});
        let short = json!({"a": "b"});
        let long = json!({"a": "b".repeat(100_000)});
        for (schema, arguments, quick) in [
            (&plain, &short, true),
            (&plain, &long, true),
            (&pattern, &short, true),
            (&pattern, &long, false),
        ] {
            let check = ArgumentCheck::compile(schema).expect("the schema is honest");
            assert_eq!(check.is_quick(arguments), quick, "{schema}");
        }
    }

    #[test]
    fn arguments_that_fit_pass_and_others_get_a_sentence() {
        let schema = json!({
            "type": "object",
            "properties": {
                "a": {"type": "number", "maximum": 9},
                "unit": {"enum": ["m", "km"]},
                "tags": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]+$"}},
                "to": {"oneOf": [{"type": "string"}, {"type": "object", "required": ["id"]}]},
            },
            "required": ["a"],
            "additionalProperties": false,
        });
        let check = |arguments: Value, expected: Option<&str>| {
            let whole = expected.map(|problem| {
                format!("the arguments do not fit: {problem} (hint: compare them with the tool's input schema)")
            });
            assert_eq!(checked(&schema, &arguments).err(), whole, "{arguments}");
        };
        check(
            json!({"a": 1, "unit": "m", "tags": ["x"], "to": {"id": 1}}),
            None,
        );
        check(json!({"a": "x"}), Some("`/a` is \"x\", expected a number"));
        check(json!({"a": 10}), Some("`/a` is 10, expected at most 9"));
        check(json!({}), Some("`/a` is missing"));
        check(json!({"a": 1, "b/c": 2}), Some("`/b~1c` is not known"));
        check(
            json!({"a": 1, "unit": "mi"}),
            Some("`/unit` is \"mi\", expected one of \"m\", \"km\""),
        );
        check(
            json!({"a": 1, "tags": ["X"]}),
            Some("`/tags/0` is \"X\", expected text that matches `^[a-z]+$`"),
        );
        check(json!([]), Some("the whole is [], expected an object"));
        check(
            json!({"a": 1, "to": {}}),
            Some(
                "`/to` is {}, which fits none of its 2 forms, for example because `/to` is {}, expected a string",
            ),
        );
        check(
            json!({"a": "y".repeat(99)}),
            Some(&format!("`/a` is \"{}…, expected a number", "y".repeat(59))),
        );
    }

    #[test]
    fn a_sentence_lists_five_problems_and_counts_the_others() {
        let schema = json!({"type": "object", "additionalProperties": {"type": "string"}});
        let arguments: Map<String, Value> = (0..8).map(|n| (n.to_string(), json!(n))).collect();
        let sentence = checked(&schema, &arguments.into()).unwrap_err();
        assert_eq!(sentence.matches("expected").count(), 5, "{sentence}");
        assert!(sentence.contains("; and 3 more"), "{sentence}");
    }

    #[test]
    fn the_root_is_an_object() {
        for schema in [
            json!({}),
            json!(true),
            json!([]),
            json!({"type": "array"}),
            json!({"type": ["object", "null"]}),
        ] {
            assert_eq!(refused(&schema), SchemaError::NotAnObject);
        }
    }

    #[test]
    fn arguments_are_an_object_whatever_the_dialect_makes_of_the_root() {
        let schema = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "type": "object",
            "$ref": "#/definitions/any",
            "definitions": {"any": {}},
        });
        assert!(checked(&schema, &json!({})).is_ok());
        assert_eq!(
            checked(&schema, &json!(5)).unwrap_err(),
            "the arguments do not fit: the whole is 5, expected an object (hint: compare them with the tool's input schema)"
        );
    }

    #[test]
    fn other_dialects_are_served_and_unknown_ones_refused() {
        let draft_7 = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "type": "object",
            "properties": {"a": {"$ref": "#/definitions/a"}},
            "definitions": {"a": {"type": "integer"}},
        });
        assert!(checked(&draft_7, &json!({"a": 1})).is_ok());
        assert!(checked(&draft_7, &json!({"a": "x"})).is_err());
        let unknown = json!({"$schema": "https://example.com/mine", "type": "object"});
        assert!(matches!(refused(&unknown), SchemaError::UnknownDialect(_)));
    }

    #[test]
    fn what_is_no_schema_is_refused_with_its_place() {
        let schema = json!({"type": "object", "properties": {"a": {"type": "text"}}});
        let SchemaError::Invalid { at, .. } = refused(&schema) else {
            panic!("it is refused for its type")
        };
        assert_eq!(at, "/properties/a/type");
    }

    #[test]
    fn nothing_outside_the_document_is_fetched() {
        for reference in [
            "https://example.com/schema.json",
            "http://127.0.0.1/",
            "file:///etc/passwd",
            "other.json#/a",
            "https://json-schema.org/draft/2020-12/schema",
        ] {
            for keyword in ["$ref", "$dynamicRef"] {
                let schema = json!({"type": "object", "properties": {"a": {keyword: reference}}});
                assert!(
                    matches!(refused(&schema), SchemaError::OutsideReference(_)),
                    "{schema}"
                );
            }
        }
    }

    #[test]
    fn a_reference_that_is_none_is_quoted_in_short_and_without_escape_codes() {
        let reference = format!("https:)/\u{7f}{}", "x".repeat(1_000));
        let schema = json!({"type": "object", "$ref": reference});
        let refusal = refused(&schema).to_string();
        assert!(refusal.len() < 200, "{refusal}");
        assert!(!refusal.contains(char::is_control), "{refusal:?}");
    }

    #[test]
    fn an_identifier_changes_nothing_at_the_root_and_is_refused_below() {
        let root = json!({
            "$id": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {"a": {"$ref": "#/$defs/a"}, "$id": {"type": "string"}},
            "$defs": {"a": {"type": "string"}},
        });
        assert!(checked(&root, &json!({"a": "x", "$id": "y"})).is_ok());
        assert!(checked(&root, &json!({"a": 1})).is_err());
        let below = json!({"type": "object", "properties": {"a": {"$id": "https://example.com/", "$ref": "#"}}});
        assert!(matches!(refused(&below), SchemaError::InnerId(_)));
    }

    #[test]
    fn a_reference_to_nothing_is_refused() {
        for reference in ["#/$defs/b", "#b", "#/%zz"] {
            let schema = json!({"type": "object", "$ref": reference, "$defs": {"a": {}}});
            assert!(
                matches!(refused(&schema), SchemaError::DanglingReference(_)),
                "{reference}"
            );
        }
    }

    #[test]
    fn a_schema_that_applies_itself_to_the_same_value_is_refused() {
        for schema in [
            json!({"type": "object", "$ref": "#"}),
            json!({"type": "object", "$dynamicAnchor": "a", "$dynamicRef": "#a"}),
            json!({"type": "object", "allOf": [{"not": {"$ref": "#"}}]}),
            json!({"type": "object", "$ref": "#/$defs/a",
                "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/b"}]}, "b": {"if": true, "else": {"$ref": "#/$defs/a"}}}}),
            json!({"type": "object", "properties": {"a": {"dependentSchemas": {"b": {"$ref": "#/properties/a"}}}}}),
        ] {
            assert!(
                matches!(refused(&schema), SchemaError::Endless(_)),
                "{schema}"
            );
        }
    }

    #[test]
    fn the_schema_that_leads_back_to_itself_is_named() {
        let schema = json!({
            "type": "object",
            "properties": {"a": {"allOf": [{"$ref": "#/$defs/loop"}]}},
            "$defs": {"loop": {"$ref": "#/$defs/loop", "allOf": [{"$ref": "#/$defs/end"}]}, "end": {}},
        });
        assert_eq!(
            refused(&schema),
            SchemaError::Endless("\"#/$defs/loop\"".to_owned())
        );
    }

    #[test]
    fn definitions_that_double_are_refused() {
        for link in [
            |next: Value| json!({"allOf": [next, next]}),
            |next: Value| json!({"anyOf": [{"not": next}, {"if": next, "then": true}]}),
        ] {
            assert!(ArgumentCheck::compile(&chain(5, link)).is_ok());
            assert_eq!(refused(&chain(30, link)), SchemaError::TooMuch);
        }
        let unevaluated = |inner: Value| json!({"type": "object", "allOf": [inner], "unevaluatedProperties": false});
        assert!(ArgumentCheck::compile(&nested(5, json!({}), unevaluated)).is_ok());
        assert_eq!(
            refused(&nested(30, json!({}), unevaluated)),
            SchemaError::TooMuch
        );
    }

    #[test]
    fn a_long_chain_of_references_is_refused() {
        assert!(ArgumentCheck::compile(&chain(30, |next| next)).is_ok());
        assert_eq!(refused(&chain(5_000, |next| next)), SchemaError::TooLong);
    }

    #[test]
    fn a_large_or_deep_schema_is_refused() {
        let large = json!({"type": "object", "description": "x".repeat(SCHEMA_BYTES_MAX)});
        assert!(matches!(refused(&large), SchemaError::TooLarge { .. }));
        let deep = nested(
            60,
            json!({}),
            |inner| json!({"type": "object", "properties": {"a": inner}}),
        );
        assert_eq!(refused(&deep), SchemaError::TooDeep);
        assert!(
            ArgumentCheck::compile(&nested(
                48,
                json!({}),
                |inner| json!({"type": "object", "properties": {"a": inner}})
            ))
            .is_ok()
        );
    }

    #[test]
    fn a_list_of_itself_can_be_checked_to_any_depth() {
        let schema = json!({
            "type": "object",
            "properties": {"a": {"$ref": "#/$defs/any"}},
            "$defs": {"any": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/$defs/any"}}]}},
        });
        let arguments = |leaf: Value| json!({"a": nested(90, leaf, |inner| json!([inner]))});
        assert!(checked(&schema, &arguments(json!("x"))).is_ok());
        assert!(checked(&schema, &arguments(json!(1))).is_err());
    }

    #[test]
    fn the_longest_way_that_is_allowed_fits_a_thread_s_stack() {
        let schema = json!({
            "type": "object",
            "properties": {"a": {"$ref": "#/$defs/level"}},
            "$defs": {"level": {"allOf": [{"oneOf": [{"if": true, "then": {
                "type": ["object", "number"],
                "properties": {"a": {"$ref": "#/$defs/level"}},
            }}]}]}},
        });
        let arguments = |leaf: Value| nested(99, leaf, |inner| json!({"a": inner}));
        assert!(checked(&schema, &arguments(json!(1))).is_ok());
        assert!(checked(&schema, &arguments(json!("x"))).is_err());
    }

    #[test]
    fn recursion_that_branches_is_checked_as_deep_as_it_is_cheap() {
        let schema = json!({
            "type": "object",
            "additionalProperties": {"$ref": "#/$defs/list"},
            "$defs": {"list": {"items": {"allOf": [{"$ref": "#/$defs/list"}, {"$ref": "#/$defs/list"}]}}},
        });
        let arguments = |depth| json!({"a": nested(depth, json!(1), |inner| json!([inner]))});
        assert!(checked(&schema, &arguments(10)).is_ok());
        for depth in [40, 99] {
            let sentence = checked(&schema, &arguments(depth)).unwrap_err();
            assert!(
                sentence.contains("too large or nest too deeply"),
                "{sentence}"
            );
        }
    }

    #[test]
    fn a_tree_of_operators_can_be_checked() {
        let operator = |name: &str| {
            json!({"type": "object", "required": [name], "additionalProperties": false,
                "properties": {name: {"type": "array", "items": {"$ref": "#/$defs/filter"}}}})
        };
        let schema = json!({
            "type": "object",
            "properties": {"filter": {"$ref": "#/$defs/filter"}},
            "$defs": {"filter": {"anyOf": [operator("and"), operator("or"), operator("not"), {"type": "string"}]}},
        });
        let filter =
            |leaf: Value| json!({"filter": nested(6, leaf, |inner| json!({"and": [inner, "x"]}))});
        assert!(checked(&schema, &filter(json!("y"))).is_ok());
        assert!(checked(&schema, &filter(json!(1))).is_err());
    }

    #[test]
    fn arguments_that_are_too_deep_or_too_large_for_the_schema_are_refused() {
        let schema = json!({"type": "object"});
        let deep = json!({"a": nested(JSON_DEPTH_MAX, json!(1), |inner| json!([inner]))});
        assert!(checked(&schema, &deep).unwrap_err().contains("nest deeper"));

        let wide = json!({"type": "object", "additionalProperties": {"allOf": vec![json!({"type": "string"}); 10_000]}});
        let arguments = |n: usize| {
            (0..n)
                .map(|n| (n.to_string(), json!(1)))
                .collect::<Map<_, _>>()
                .into()
        };
        let listed = checked(&wide, &arguments(5)).unwrap_err();
        assert!(listed.contains("; and 49995 more"), "{listed}");
        let unlisted = checked(&wide, &arguments(100)).unwrap_err();
        assert!(unlisted.contains("too large to say where"), "{unlisted}");
        let unchecked = checked(&wide, &arguments(10_000)).unwrap_err();
        assert!(
            unchecked.contains("too large or nest too deeply"),
            "{unchecked}"
        );
    }

    #[test]
    fn patterns_are_small_few_and_without_backtracking() {
        let pattern =
            |pattern: &str| json!({"type": "object", "properties": {"a": {"pattern": pattern}}});
        for fits in [
            "^[A-Za-z0-9_-]{1,64}$",
            "^(a+)+$",
            "^\\d{4}-\\d\\d$",
            "^.{1,150}$",
            "^\\p{L}+$",
        ] {
            assert!(ArgumentCheck::compile(&pattern(fits)).is_ok(), "{fits}");
        }
        for refusal in ["(", "^(?=a)b", "(a)\\1", "(\\pL{100}){100}", "a{100000000}"] {
            assert!(
                matches!(refused(&pattern(refusal)), SchemaError::BadPattern(_)),
                "{refusal}"
            );
        }
        for refusal in ["(", "(?=a)", "(\\pL{100}){100}"] {
            let schema = json!({"type": "object", "patternProperties": {refusal: {}}});
            assert!(
                matches!(refused(&schema), SchemaError::BadPattern(_)),
                "{refusal}"
            );
        }
        let many: Map<String, Value> = (0..65)
            .map(|n| (n.to_string(), json!({"pattern": "a"})))
            .collect();
        assert_eq!(
            refused(&json!({"type": "object", "properties": many})),
            SchemaError::TooManyPatterns
        );
        let alike: Map<String, Value> = (0..65)
            .map(|n| (n.to_string(), json!({"type": "string"})))
            .collect();
        assert_eq!(
            refused(&json!({"type": "object", "patternProperties": alike})),
            SchemaError::TooManyPatterns
        );
        // An expression that takes a backtracking engine for ever is one of the ordinary ones here.
        let hard = format!("{}!", "a".repeat(10_000));
        assert!(checked(&pattern("^(a+)+$"), &json!({"a": hard})).is_err());
    }

    #[test]
    fn a_long_text_is_checked_against_few_patterns_only() {
        let patterns = |n: usize| {
            let slow: Vec<_> = (0..n)
                .map(|n| json!({"pattern": format!("a[ab]{{{}}}c", 500 + n)}))
                .collect();
            json!({"type": "object", "properties": {"path": {"allOf": slow}, "text": {"type": "string"}}})
        };
        let text = json!({"path": "x", "text": "a".repeat(100_000)});
        assert!(
            !checked(&patterns(1), &text)
                .unwrap_err()
                .contains("too large")
        );
        assert!(
            checked(&patterns(20), &text)
                .unwrap_err()
                .contains("too large")
        );
    }

    #[test]
    fn a_format_is_for_people() {
        let schema =
            json!({"type": "object", "properties": {"a": {"type": "string", "format": "date"}}});
        assert!(checked(&schema, &json!({"a": "tomorrow"})).is_ok());
    }
}
