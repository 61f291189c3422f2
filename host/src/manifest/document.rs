//! From bytes to JSON in which no key stands twice.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::ManifestProblem;
use crate::limits::MANIFEST_BYTES_MAX;

/// Reads JSON. Of a key that stands twice, readers keep the first or the last; a manifest must mean one thing to all.
pub(super) fn read(bytes: &[u8]) -> Result<Value, ManifestProblem> {
    if bytes.len() > MANIFEST_BYTES_MAX {
        return Err(ManifestProblem::TooLarge { bytes: bytes.len() });
    }
    let refuse = |error: serde_json::Error| ManifestProblem::NotJson(error.to_string());
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let document = Unique.deserialize(&mut reader).map_err(refuse)?;
    reader.end().map_err(refuse)?;
    Ok(document)
}

/// Makes a [`Value`], as serde_json does, but for repeated keys. serde_json bounds the depth.
#[derive(Clone, Copy)]
struct Unique;

impl<'de> DeserializeSeed<'de> for Unique {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            if object.contains_key(&key) {
                let shown: String = key.chars().take(80).flat_map(char::escape_debug).collect();
                return Err(A::Error::custom(format!(
                    "key `{shown}` stands there twice"
                )));
            }
            object.insert(key, members.next_value_seed(self)?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_read_as_it_is() {
        let text = r#"{"a": [1, -2, 2.5, null, true, "x\n"], "b": {}}"#;
        assert_eq!(
            read(text.as_bytes()).unwrap(),
            serde_json::from_str::<Value>(text).unwrap()
        );
    }

    #[test]
    fn a_repeated_key_is_refused_at_any_depth() {
        for text in [
            r#"{"a": 1, "a": 1}"#,
            r#"{"b": [{"a": 1, "c": 2, "\u0061": 3}]}"#,
        ] {
            let problem = read(text.as_bytes()).unwrap_err().to_string();
            assert!(
                problem.contains("key `a` stands there twice at line 1"),
                "{problem}"
            );
        }
    }

    #[test]
    fn what_is_not_json_or_too_much_of_it_is_refused() {
        let deep = "[".repeat(100_000);
        let long = " ".repeat(MANIFEST_BYTES_MAX + 1);
        for text in ["", "{", "{} {}", "\u{feff}{}", "{a: 1}", &deep, &long] {
            assert!(read(text.as_bytes()).is_err());
        }
        assert!(read(b"{\"a\": \"\xff\"}").is_err());
    }
}
