//! Reads a tool's arguments, so that a mistake names the argument it is in.

use std::cell::RefCell;

use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;
use serde_json::{Map, Value};

/// Reads the arguments, or says in a sentence what is wrong with them.
pub(crate) fn parse<T: DeserializeOwned>(arguments: &str) -> Result<T, String> {
    let arguments: Map<String, Value> = serde_json::from_str(arguments)
        .map_err(|error| format!("the arguments are not a JSON object: {error}"))?;

    // The key whose value is being read while an error comes up. None: the error concerns no value.
    let current = RefCell::new(None);
    let mut entries = arguments.into_iter();
    let entries = std::iter::from_fn(|| {
        let entry = entries.next();
        *current.borrow_mut() = entry.as_ref().map(|(key, _)| key.clone());
        entry
    });

    T::deserialize(MapDeserializer::new(entries)).map_err(|error: serde_json::Error| {
        let error = error.to_string();
        match current.into_inner() {
            Some(key) if error.starts_with(&format!("unknown field `{key}`")) => {
                error.replacen("field", "argument", 1)
            }
            Some(key) => format!("argument `{key}`: {error}"),
            None => error.replacen("missing field", "missing argument", 1),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read from JSON")]
    struct Two {
        count: u8,
        inner: Option<Inner>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read from JSON")]
    struct Inner {
        size: u8,
    }

    #[test]
    fn a_mistake_names_the_argument_it_is_in() {
        #[track_caller]
        fn check(arguments: &str, expected: &str) {
            assert_eq!(parse::<Two>(arguments).unwrap_err(), expected);
        }
        check(r#"{}"#, "missing argument `count`");
        check(
            r#"{"count": "x"}"#,
            r#"argument `count`: invalid type: string "x", expected u8"#,
        );
        check(
            r#"{"count": 256}"#,
            "argument `count`: invalid value: integer `256`, expected u8",
        );
        check(
            r#"{"count": 1, "inner": {}}"#,
            "argument `inner`: missing field `size`",
        );
        check(
            r#"{"count": 1, "other": 1}"#,
            "unknown argument `other`, expected `count` or `inner`",
        );
        check(
            r#"{"count": 1, "inner": {"size": 1, "other": 1}}"#,
            "argument `inner`: unknown field `other`, expected `size`",
        );
        check(
            "[]",
            "the arguments are not a JSON object: invalid type: sequence, expected a map at line 1 column 0",
        );
    }
}
