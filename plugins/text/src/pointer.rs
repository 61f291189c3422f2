//! JSON Pointer, RFC 6901.

use std::borrow::Cow;

use portcullis_plugin::serde_json::{self, Value};

use crate::error::{TEXT_BYTES_MAX, TextError, check_len, quote};

/// Keys named when a pointer misses.
const KEYS_MAX: usize = 20;

/// Reads a document: a JSON value as it is, and a string as the JSON text it holds.
pub fn read(document: Value) -> Result<Value, TextError> {
    match document {
        Value::String(text) => {
            check_len("document", &text, TEXT_BYTES_MAX)?;
            serde_json::from_str(&text).map_err(|error| TextError::Document(error.to_string()))
        }
        value => Ok(value),
    }
}

/// Follows a pointer into a document. A miss tells how far it led and what there is.
pub fn look_up<'a>(document: &'a Value, pointer: &str) -> Result<&'a Value, TextError> {
    let invalid = || TextError::Pointer(quote(pointer));
    let mut value = document;
    let mut reached = 0;
    // Before the first slash there must be nothing.
    let mut steps = pointer.split('/');
    if steps.next() != Some("") {
        return Err(invalid());
    }
    for step in steps {
        let key = unescape(step).ok_or_else(invalid)?;
        value = enter(value, &key).ok_or_else(|| TextError::Miss {
            reached: quote(&pointer[..reached]),
            step: quote(&key),
            there: describe(value),
        })?;
        reached += 1 + step.len();
    }
    Ok(value)
}

/// Turns `~1` into `/` and `~0` into `~`; nothing else may follow a `~`.
fn unescape(step: &str) -> Option<Cow<'_, str>> {
    let Some((plain, mut rest)) = step.split_once('~') else {
        return Some(step.into());
    };
    let mut key = plain.to_owned();
    loop {
        let escaped = rest.strip_prefix('0').map(|rest| ('~', rest));
        let (character, after) = escaped.or_else(|| Some(('/', rest.strip_prefix('1')?)))?;
        key.push(character);
        let Some((plain, next)) = after.split_once('~') else {
            key.push_str(after);
            return Some(key.into());
        };
        key.push_str(plain);
        rest = next;
    }
}

/// One step into a value.
fn enter<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Object(object) => object.get(key),
        // The only way to write an index: digits without a needless zero.
        Value::Array(array) if key == "0" || !key.starts_with(['0', '+']) => {
            array.get(key.parse::<usize>().ok()?)
        }
        _ => None,
    }
}

/// What there is, for a pointer that missed it.
fn describe(value: &Value) -> String {
    match value {
        Value::Object(object) if object.is_empty() => "an empty object".to_owned(),
        Value::Object(object) => {
            let keys: Vec<String> = object.keys().take(KEYS_MAX).map(|key| quote(key)).collect();
            let more = match object.len() - keys.len() {
                0 => String::new(),
                n_more => format!(" and {n_more} more"),
            };
            format!("an object with the keys `{}`{more}", keys.join("`, `"))
        }
        Value::Array(array) if array.is_empty() => "an empty array".to_owned(),
        Value::Array(array) => format!("an array with the indexes 0 to {}", array.len() - 1),
        Value::String(_) => "a string".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::Bool(_) => "a boolean".to_owned(),
        Value::Null => "null".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_plugin::serde_json::json;

    /// The document of RFC 6901, section 5.
    fn document() -> Value {
        json!({
            "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8,
        })
    }

    #[test]
    fn a_pointer_finds_what_the_standard_says() {
        let document = document();
        assert_eq!(look_up(&document, ""), Ok(&document));
        for (pointer, expected) in [
            ("/foo", json!(["bar", "baz"])),
            ("/foo/0", json!("bar")),
            ("/", json!(0)),
            ("/a~1b", json!(1)),
            ("/c%d", json!(2)),
            ("/e^f", json!(3)),
            ("/g|h", json!(4)),
            ("/i\\j", json!(5)),
            ("/k\"l", json!(6)),
            ("/ ", json!(7)),
            ("/m~0n", json!(8)),
        ] {
            assert_eq!(look_up(&document, pointer), Ok(&expected), "{pointer}");
        }
    }

    #[test]
    fn escapes_are_read_from_left_to_right() {
        for (step, key) in [
            ("~01", Some("~1")),
            ("~1~0~1", Some("/~/")),
            ("a~1b~0c", Some("a/b~c")),
            ("~", None),
            ("~2", None),
            ("~1~", None),
        ] {
            assert_eq!(unescape(step).as_deref(), key, "{step}");
        }
    }

    #[test]
    fn a_miss_tells_how_far_it_led_and_what_is_there() {
        let document = json!({ "a": { "b": [1, 2], "c": {}, "d": "text", "n": null } });
        for (pointer, reached, step, there) in [
            ("/x", "", "x", "an object with the keys `a`"),
            (
                "/a/x/y",
                "/a",
                "x",
                "an object with the keys `b`, `c`, `d`, `n`",
            ),
            ("/a/b/2", "/a/b", "2", "an array with the indexes 0 to 1"),
            ("/a/b/-", "/a/b", "-", "an array with the indexes 0 to 1"),
            ("/a/b/01", "/a/b", "01", "an array with the indexes 0 to 1"),
            ("/a/b/+1", "/a/b", "+1", "an array with the indexes 0 to 1"),
            (
                "/a/b/99999999999999999999999",
                "/a/b",
                "99999999999999999999999",
                "an array with the indexes 0 to 1",
            ),
            ("/a/c/x", "/a/c", "x", "an empty object"),
            ("/a/d/0", "/a/d", "0", "a string"),
            ("/a/n/", "/a/n", "", "null"),
        ] {
            let miss = TextError::Miss {
                reached: reached.into(),
                step: step.into(),
                there: there.into(),
            };
            assert_eq!(look_up(&document, pointer), Err(miss), "{pointer}");
        }
    }

    #[test]
    fn a_miss_in_a_large_object_stays_short() {
        let object: serde_json::Map<_, _> =
            (0..50).map(|n| (format!("{n:0>1000}"), json!(n))).collect();
        let refused = look_up(&Value::Object(object), "/x")
            .unwrap_err()
            .to_string();
        assert!(
            refused.ends_with("and 30 more") && refused.len() < 2_000,
            "{refused}"
        );
    }

    #[test]
    fn what_is_not_a_pointer_is_refused() {
        for pointer in ["foo", "#/foo", "/~", "/foo/~2"] {
            assert_eq!(
                look_up(&document(), pointer),
                Err(TextError::Pointer(pointer.into())),
                "{pointer}"
            );
        }
    }

    #[test]
    fn a_document_is_taken_as_a_value_or_as_its_text() {
        assert_eq!(read(json!({ "a": 1 })), Ok(json!({ "a": 1 })));
        assert_eq!(read(json!("{\"a\": 1}")), Ok(json!({ "a": 1 })));
        assert!(matches!(read(json!("{a: 1}")), Err(TextError::Document(_))));
        assert!(matches!(
            read(json!("[".repeat(1_000))),
            Err(TextError::Document(_))
        ));
        assert!(matches!(
            read(json!(" ".repeat(TEXT_BYTES_MAX + 1))),
            Err(TextError::TooLong { .. })
        ));
    }
}
