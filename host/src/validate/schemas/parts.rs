//! What is true of input and output schemas alike, and of every schema in them.

use std::collections::HashSet;

use serde_json::Value;

use super::values::{Compiled, UNFIT, unfit};
use super::walk::{Part, each_schema};
use crate::contract::JsonObject;
use crate::names::shown;
use crate::validate::pattern::{self, Trouble};
use crate::validate::texts::pointer;
use crate::validate::{Code, Findings};

pub(super) const UNKNOWN_REQUIRED: &Code = &Code::warning(
    "PC0602",
    "required-unknown",
    "a schema requires a property that it does not describe",
    "Nobody can know what to fill in. Either the name in `required` has a typo, or the property was renamed.",
);
pub(super) const DIALECT: &Code = &Code::note(
    "PC0607",
    "older-dialect",
    "a schema is written in an older dialect",
    "MCP means JSON Schema 2020-12. Clients that know nothing else read `definitions` or `items` of an older one wrong. \
     Leave `$schema` out, and write 2020-12.",
);
pub(super) const SLOW: &Code = &Code::warning(
    "PC0608",
    "slow-pattern",
    "a pattern can hold up a client for ever",
    "The host runs patterns without going back, and clients do not: a loop of nothing but loops, such as `(a+)+`, and \
     one over alternatives that overlap, such as `(\\w|\\d)+`, take twice as long with each character that does not fit. Write \
     `a+` and `\\w+`, or put something between the loops.",
);
pub(super) const FOREIGN: &Code = &Code::warning(
    "PC0609",
    "foreign-pattern",
    "a pattern has syntax that JSON Schema does not",
    "Patterns are those of ECMA-262. Inline flags, `\\A`, `\\z` and `[[:alpha:]]` are Rust's, Python's or Perl's, and a \
     client in JavaScript refuses the schema.",
);

/// What is true of both schemas.
pub(super) fn check(
    part: Part<'_>,
    within: &str,
    compiled: &mut Compiled,
    findings: &mut Findings,
) {
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
