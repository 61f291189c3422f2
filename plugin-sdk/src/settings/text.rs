//! Reads a type from settings, which are all text.

use std::collections::BTreeMap;

use serde::Deserializer;
use serde::de::value::MapDeserializer;
use serde::de::{DeserializeOwned, Error, IntoDeserializer, Visitor};
use serde_json::{Error as JsonError, Value};

pub(super) fn read<T: DeserializeOwned>(
    settings: BTreeMap<String, String>,
) -> Result<T, JsonError> {
    let settings = settings
        .into_iter()
        .map(|(name, text)| (name, Setting(text)));
    T::deserialize(MapDeserializer::new(settings))
}

/// The text of one setting. The type that is read decides what it is: a text, or JSON.
struct Setting(String);

impl IntoDeserializer<'_, JsonError> for Setting {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Reads JSON where the type asks for something that no text is.
macro_rules! from_json {
    ($($method:ident($($argument:ident: $type:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, JsonError> {
            self.json()?.$method($($argument,)* visitor)
        }
    )*};
}

/// Gives the text itself.
macro_rules! from_text {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
            visitor.visit_string(self.0)
        }
    )*};
}

impl Setting {
    fn json(&self) -> Result<Value, JsonError> {
        serde_json::from_str(&self.0)
            .map_err(|_| JsonError::custom("a text stands where another type is read"))
    }
}

impl<'de> Deserializer<'de> for Setting {
    type Error = JsonError;

    from_text! { deserialize_str deserialize_string deserialize_char deserialize_identifier }

    from_json! {
        deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_i128()
        deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128() deserialize_f32()
        deserialize_f64() deserialize_bytes() deserialize_byte_buf() deserialize_unit() deserialize_seq()
        deserialize_map() deserialize_unit_struct(name: &'static str) deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
    }

    /// A type that takes anything, such as a JSON value: JSON when it is some, and text otherwise.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.json() {
            Ok(value) => value.deserialize_any(visitor),
            Err(_) => visitor.visit_string(self.0),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.0.as_str() {
            "null" => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        visitor.visit_newtype_struct(self)
    }

    /// A variant with content is an object, and one without is a text.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        match self.json() {
            Ok(value @ Value::Object(_)) => value.deserialize_enum(name, variants, visitor),
            _ => Value::String(self.0).deserialize_enum(name, variants, visitor),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Settings {
        zip: String,
        days: u8,
        exact: bool,
        unit: Unit,
        cities: Vec<String>,
        note: Option<String>,
        missing: Option<u8>,
        any: Value,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    enum Unit {
        C,
        Other(f64),
    }

    fn settings(changed: &[(&str, &str)]) -> BTreeMap<String, String> {
        let all = [
            ("zip", "01234"),
            ("days", "3"),
            ("exact", "true"),
            ("unit", "C"),
            ("cities", r#"["Oslo", "Rome"]"#),
            ("note", "12"),
            ("any", r#"{"a": 1}"#),
        ];
        let all = all.iter().chain(changed);
        all.map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn each_field_is_read_in_its_own_type() {
        let read = read::<Settings>(settings(&[])).unwrap();
        assert_eq!(
            read,
            Settings {
                zip: "01234".to_owned(),
                days: 3,
                exact: true,
                unit: Unit::C,
                cities: vec!["Oslo".to_owned(), "Rome".to_owned()],
                note: Some("12".to_owned()),
                missing: None,
                any: json!({"a": 1}),
            }
        );
        let other = super::read::<Settings>(settings(&[("unit", r#"{"Other": 1.5}"#)])).unwrap();
        assert_eq!(other.unit, Unit::Other(1.5));
    }

    #[test]
    fn what_does_not_fit_is_refused_and_not_shown() {
        for wrong in [
            ("days", "many"),
            ("days", "300"),
            ("exact", "hunter22"),
            ("cities", "Oslo"),
        ] {
            let error = read::<Settings>(settings(&[wrong]))
                .unwrap_err()
                .to_string();
            assert!(!error.contains("hunter22"), "{error}");
        }
    }
}
