//! What a case expects of a JSON value.

use std::fmt;

use regex::Regex;
use serde_json::{Map, Value};

use super::text::not_a_pattern;
use super::{Mismatch, cut, quoted};
use crate::manifest::nearest;

/// What a case expects of a JSON value. An object fits when it has the members that are named; everything else has to be
/// equal, or as one of the words that begin with `$` says.
#[derive(Debug, Clone)]
pub enum Pattern {
    /// `$any`: anything that is there.
    Any,
    /// `$absent`: nothing may be there.
    Absent,
    /// `$type`.
    Type(Type),
    /// `$matches`: a text with a match.
    Matches(Regex),
    /// `$contains`: a text with this in it, or a list with such an item.
    Contains(Box<Pattern>),
    /// `$length`: a list with so many items, an object with so many members, a text with so many characters.
    Length(u64),
    /// `$equals`: exactly this, members that are not named included.
    Equals(Value),
    /// An object with these members.
    Object(Vec<(String, Pattern)>),
    /// A list of these items.
    List(Vec<Pattern>),
    /// This text, number, truth value or `null`.
    Plain(Value),
}

/// The words of a pattern.
const WORDS: [&str; 7] = [
    "$any",
    "$absent",
    "$type",
    "$matches",
    "$contains",
    "$length",
    "$equals",
];

/// A kind of JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A text.
    String,
    /// A number.
    Number,
    /// A number without a fraction.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A list.
    Array,
    /// An object.
    Object,
    /// `null`.
    Null,
}

const TYPES: [(&str, Type); 7] = [
    ("string", Type::String),
    ("number", Type::Number),
    ("integer", Type::Integer),
    ("boolean", Type::Boolean),
    ("array", Type::Array),
    ("object", Type::Object),
    ("null", Type::Null),
];

impl Type {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Number => value.is_number(),
            Self::Integer => {
                value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|n| n.fract() == 0.0)
            }
            Self::Boolean => value.is_boolean(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
            Self::Null => value.is_null(),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = TYPES.iter().find(|(_, kind)| kind == self);
        f.write_str(name.map_or("value", |(name, _)| name))
    }
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When a word that begins with `$` is not known, or makes no sense where it stands. The sentence has a hint.
    pub fn read(value: &Value) -> Result<Self, String> {
        match value {
            Value::Object(members) => Self::of_object(members),
            Value::Array(items) => Ok(Self::List(
                items.iter().map(Self::read).collect::<Result<_, _>>()?,
            )),
            plain => Ok(Self::Plain(plain.clone())),
        }
    }

    fn of_object(members: &Map<String, Value>) -> Result<Self, String> {
        let Some((word, value)) = members.iter().find(|(key, _)| key.starts_with('$')) else {
            let members = members
                .iter()
                .map(|(key, value)| Ok((key.clone(), Self::read(value)?)));
            return Ok(Self::Object(members.collect::<Result<_, String>>()?));
        };
        if members.len() > 1 {
            return Err(format!(
                "has `{word}` beside other members (hint: it stands alone; members whose names begin with `$` go into \
                 `$equals`)"
            ));
        }
        let yes = |pattern| match value {
            Value::Bool(true) => Ok(pattern),
            _ => Err(format!(
                "has `{word}` with another value than `true` (hint: write `{word} = true`, or leave it out)"
            )),
        };
        match word.as_str() {
            "$any" => yes(Self::Any),
            "$absent" => yes(Self::Absent),
            "$type" => {
                let names = TYPES.map(|(name, _)| name);
                let claimed = value.as_str().unwrap_or_default();
                let found = TYPES.iter().find(|(name, _)| *name == claimed);
                found.map(|(_, kind)| Self::Type(*kind)).ok_or_else(|| {
                    format!(
                        "has `$type` with {value} (hint: use one of {})",
                        names.join(", ")
                    )
                })
            }
            "$matches" => {
                let pattern = value.as_str().ok_or_else(|| {
                    format!(
                        "has `$matches` with {value} (hint: write a regular expression as text)"
                    )
                })?;
                if pattern.is_empty() {
                    return Err(format!(
                        "has `{word}` with an empty text, which every text fits (hint: write `\"$type\" = \"string\"`)"
                    ));
                }
                Regex::new(pattern)
                    .map(Self::Matches)
                    .map_err(|error| format!("has a `$matches` that {}", not_a_pattern(&error)))
            }
            "$contains" if value.as_str() == Some("") => Err(format!(
                "has `{word}` with an empty text, which every text fits (hint: write `\"$type\" = \"string\"`)"
            )),
            "$contains" => Ok(Self::Contains(Box::new(Self::read(value)?))),
            "$length" => value
                .as_u64()
                .map(Self::Length)
                .ok_or_else(|| format!("has `$length` with {value} (hint: write a whole number)")),
            "$equals" => Ok(Self::Equals(value.clone())),
            unknown => {
                let hint = match nearest(unknown, WORDS) {
                    Some(nearest) => format!("did you mean `{nearest}`?"),
                    None => format!("known are {}", WORDS.join(", ")),
                };
                Err(format!(
                    "has `{unknown}`, which is no matcher (hint: {hint})"
                ))
            }
        }
    }

    /// Why a value is not as expected; nothing when it is.
    pub fn check(&self, actual: &Value) -> Option<Mismatch> {
        let mut wrong = Vec::new();
        self.compare(Some(actual), "", &mut wrong);
        (!wrong.is_empty()).then(|| Mismatch::said(wrong.join("; ")))
    }

    fn fits(&self, actual: &Value) -> bool {
        self.check(actual).is_none()
    }

    /// Notes where the value at `path`, a JSON pointer, is not as expected.
    fn compare(&self, actual: Option<&Value>, path: &str, wrong: &mut Vec<String>) {
        /// As many as a person repairs at a time.
        const WRONG_MAX: usize = 5;
        if wrong.len() == WRONG_MAX {
            return;
        }
        let at = match path {
            "" => "it".to_owned(),
            path => format!("`{}`", path.escape_debug()),
        };
        let Some(actual) = actual else {
            if !matches!(self, Self::Absent) {
                wrong.push(format!("{at} is missing"));
            }
            return;
        };
        let shown = || quoted_value(actual);
        match self {
            Self::Any => {}
            Self::Absent => wrong.push(format!("{at} is {} and should not be there", shown())),
            Self::Type(kind) => {
                if !kind.fits(actual) {
                    wrong.push(format!("{at} is {}, which is no {kind}", shown()));
                }
            }
            Self::Matches(regex) => match actual.as_str() {
                Some(text) if regex.is_match(text) => {}
                _ => wrong.push(format!(
                    "{at} is {}, which does not match `{regex}`",
                    shown()
                )),
            },
            Self::Contains(part) => {
                let holds = match (actual, &**part) {
                    (Value::String(text), Self::Plain(Value::String(part))) => text.contains(part),
                    (Value::Array(items), part) => items.iter().any(|item| part.fits(item)),
                    _ => false,
                };
                if !holds {
                    wrong.push(format!("{at} is {}, which does not contain it", shown()));
                }
            }
            Self::Length(expected) => {
                let length = match actual {
                    Value::String(text) => Some(text.chars().count()),
                    Value::Array(items) => Some(items.len()),
                    Value::Object(members) => Some(members.len()),
                    _ => None,
                };
                match length {
                    Some(length) if length as u64 == *expected => {}
                    Some(length) => wrong.push(format!("{at} has {length}, expected {expected}")),
                    None => wrong.push(format!("{at} is {}, which has no length", shown())),
                }
            }
            Self::Equals(expected) | Self::Plain(expected) => {
                if !is_equal(expected, actual) {
                    let expected = quoted_value(expected);
                    wrong.push(format!("{at} is {}, expected {expected}", shown()));
                }
            }
            Self::Object(members) => match actual.as_object() {
                Some(actual) => {
                    for (key, pattern) in members {
                        let step = key.replace('~', "~0").replace('/', "~1");
                        pattern.compare(actual.get(key), &format!("{path}/{step}"), wrong);
                    }
                }
                None => wrong.push(format!("{at} is {}, which is no object", shown())),
            },
            Self::List(items) => match actual.as_array() {
                Some(actual) if actual.len() == items.len() => {
                    for (idx, (pattern, actual)) in items.iter().zip(actual).enumerate() {
                        pattern.compare(Some(actual), &format!("{path}/{idx}"), wrong);
                    }
                }
                Some(actual) => wrong.push(format!(
                    "{at} has {} items, expected {}",
                    actual.len(),
                    items.len()
                )),
                None => wrong.push(format!("{at} is {}, which is no list", shown())),
            },
        }
    }
}

/// Whether two values are equal; a number is one number, however it is written.
fn is_equal(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::Number(a), Value::Number(b)) => {
            a == b || (a.is_f64() || b.is_f64()) && a.as_f64() == b.as_f64()
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let same = |(key, a): (&String, &Value)| b.get(key).is_some_and(|b| is_equal(a, b));
            a.len() == b.len() && a.iter().all(same)
        }
        (a, b) => a == b,
    }
}

fn quoted_value(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        other => cut(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pattern_fits_one_value_and_not_its_neighbour() {
        let check = |pattern: Value, fits: Value, other: Value, said: &str| {
            let pattern = Pattern::read(&pattern).unwrap();
            assert_eq!(pattern.check(&fits), None, "{pattern:?}");
            let mismatch = pattern.check(&other).expect("it differs");
            assert!(mismatch.said.contains(said), "{mismatch:?}");
        };
        check(json!(3), json!(3.0), json!(4), "it is 4, expected 3");
        check(
            json!("a"),
            json!("a"),
            json!("b"),
            "it is \"b\", expected \"a\"",
        );
        check(
            json!({"a": 1}),
            json!({"a": 1, "b": 2}),
            json!({"b": 2}),
            "`/a` is missing",
        );
        check(
            json!({"a": {"b/c": 1}}),
            json!({"a": {"b/c": 1}}),
            json!({"a": {"b/c": 2}}),
            "`/a/b~1c` is 2, expected 1",
        );
        check(
            json!([1, 2]),
            json!([1, 2]),
            json!([1]),
            "has 1 items, expected 2",
        );
        check(
            json!([1, 2]),
            json!([1, 2]),
            json!([2, 1]),
            "`/0` is 2, expected 1",
        );
    }

    #[test]
    fn every_word_of_a_pattern_says_something() {
        let check = |pattern: Value, fits: Value, other: Value, said: &str| {
            let pattern = Pattern::read(&json!({ "x": pattern })).unwrap();
            assert_eq!(pattern.check(&json!({ "x": fits })), None, "{pattern:?}");
            let other = match other {
                Value::String(nothing) if nothing == "nothing" => json!({}),
                other => json!({ "x": other }),
            };
            let mismatch = pattern.check(&other).expect("it differs");
            assert!(mismatch.said.contains(said), "{mismatch:?}");
        };
        check(
            json!({"$any": true}),
            json!(null),
            json!("nothing"),
            "`/x` is missing",
        );
        check(
            json!({"$type": "number"}),
            json!(1.5),
            json!("1"),
            "which is no number",
        );
        check(
            json!({"$type": "integer"}),
            json!(2.0),
            json!(1.5),
            "which is no integer",
        );
        check(
            json!({"$type": "string"}),
            json!("1"),
            json!(1),
            "which is no string",
        );
        check(
            json!({"$type": "boolean"}),
            json!(true),
            json!(1),
            "which is no boolean",
        );
        check(
            json!({"$type": "array"}),
            json!([]),
            json!({}),
            "which is no array",
        );
        check(
            json!({"$type": "object"}),
            json!({}),
            json!([]),
            "which is no object",
        );
        check(
            json!({"$type": "null"}),
            json!(null),
            json!(0),
            "which is no null",
        );
        check(
            json!({"$matches": "^a+$"}),
            json!("aa"),
            json!("ab"),
            "does not match `^a+$`",
        );
        check(
            json!({"$contains": "b"}),
            json!("abc"),
            json!("ac"),
            "does not contain it",
        );
        check(
            json!({"$contains": {"a": 1}}),
            json!([{"a": 1, "b": 2}]),
            json!([{"a": 2}]),
            "does not contain it",
        );
        check(
            json!({"$length": 2}),
            json!([1, 2]),
            json!([1]),
            "has 1, expected 2",
        );
        check(
            json!({"$length": 2}),
            json!("äö"),
            json!("a"),
            "has 1, expected 2",
        );
        check(
            json!({"$length": 1}),
            json!({"a": 1}),
            json!(7),
            "has no length",
        );
        check(
            json!({"$equals": {"a": 1}}),
            json!({"a": 1.0}),
            json!({"a": 1, "b": 2}),
            "expected {\"a\":1}",
        );
        let absent = Pattern::read(&json!({"x": {"$absent": true}})).unwrap();
        assert_eq!(absent.check(&json!({})), None);
        assert!(absent.check(&json!({"x": 1})).is_some());
    }

    #[test]
    fn a_word_that_is_not_known_leads_to_the_one_that_was_meant() {
        let check = |pattern: Value, expected: &str| {
            let error = Pattern::read(&pattern).unwrap_err();
            assert!(error.contains(expected), "{error}");
            assert_eq!(error.matches("(hint: ").count(), 1, "{error}");
        };
        check(json!({"a": {"$match": "x"}}), "did you mean `$matches`?");
        check(json!({"$colour": 1}), "known are $any, ");
        check(json!({"$any": 1}), "another value than `true`");
        check(json!({"$any": true, "a": 1}), "beside other members");
        check(json!({"$type": "text"}), "use one of string, number");
        check(json!({"$matches": "("}), "is no regular expression: ");
        check(json!({"$matches": 1}), "write a regular expression as text");
        check(json!({"$length": -1}), "write a whole number");
    }
}
