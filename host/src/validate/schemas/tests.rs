use serde_json::{Map, Value, json};

use super::answers::{NOT_OBJECT, OUTPUT};
use super::arguments::{COMBINED, OPEN, RARE, SECRET_HEADER, UNTYPED};
use super::parts::{DIALECT, FOREIGN, SLOW, UNKNOWN_REQUIRED};
use super::size::{DEEP, LARGE};
use super::values::{UNFIT, VALUES_MAX};
use super::*;
use crate::validate::samples::{assert_found, found, subject, tool, tools};

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
    let check =
        |schema: Value, expected: &[&Code]| check_tool(json!({"outputSchema": schema}), expected);
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
    let inner = json!({"type": "object", "properties": {"x": {"type": "null"}}, "required": ["a"]});
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
