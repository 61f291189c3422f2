//! Whether any value fits any schema, such as a structured answer its tool's output schema.

use jsonschema::Validator;
use serde_json::Value;

use super::effort::{Effort, Size};
use super::{SchemaError, compile, problems};
use crate::limits::JSON_DEPTH_MAX;

/// A schema of anything, ready to check values. Holding one proves that its author cannot make a check run away.
#[derive(Debug)]
pub struct ValueCheck {
    validator: Validator,
    effort: Effort,
}

impl ValueCheck {
    /// Compiles a schema.
    ///
    /// # Errors
    /// When it is not a schema, or could cost the host more than an honest one does.
    pub fn compile(schema: &Value) -> Result<Self, SchemaError> {
        let (validator, effort) = compile(schema)?;
        Ok(Self { validator, effort })
    }

    /// Checks a value. It computes, and may do so for seconds.
    ///
    /// # Errors
    /// At most five of the things that do not fit, in words that follow a colon.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        let Some(size) = Size::of(value) else {
            return Err(format!("it nests deeper than {JSON_DEPTH_MAX} levels"));
        };
        if !self.effort.allows_check(&size) {
            return Err(
                "it is too large or nests too deeply to be checked against its schema".to_owned(),
            );
        }
        if self.validator.is_valid(value) {
            return Ok(());
        }
        if !self.effort.allows_report(&size) {
            return Err("it does not fit, and is too large to say where".to_owned());
        }
        Err(problems::list(self.validator.iter_errors(value)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn any_value_is_held_against_any_schema() {
        let check = |schema: Value, value: Value, expected: Result<(), &str>| {
            let compiled = ValueCheck::compile(&schema).expect("the schema is honest");
            let expected = expected.map_err(str::to_owned);
            assert_eq!(compiled.check(&value), expected, "{schema}");
        };
        check(json!(true), json!([1]), Ok(()));
        check(json!({"type": "array"}), json!([1]), Ok(()));
        check(
            json!({"type": "array"}),
            json!({}),
            Err("the whole is {}, expected an array"),
        );
        check(
            json!({"properties": {"a": {"type": "number"}}}),
            json!({"a": "x"}),
            Err("`/a` is \"x\", expected a number"),
        );
    }

    #[test]
    fn a_schema_of_anything_is_bounded_as_one_of_arguments() {
        let refused = |schema: Value| ValueCheck::compile(&schema).expect_err("it is hostile");
        assert!(matches!(
            refused(json!({"$ref": "https://example.com/a.json"})),
            SchemaError::OutsideReference(_)
        ));
        assert!(matches!(
            refused(json!({"$ref": "#/$defs/none"})),
            SchemaError::DanglingReference(_)
        ));
        assert!(matches!(
            refused(json!({"$ref": "#"})),
            SchemaError::Endless(_)
        ));
        assert!(matches!(
            refused(json!({"type": "text"})),
            SchemaError::Invalid { .. }
        ));
        let deep = (0..200).fold(json!({}), |inner, _| json!({"items": inner}));
        assert_eq!(refused(deep), SchemaError::TooDeep);
    }
}
