//! What the operator will be able to set.

use serde::Serialize;
use serde_json::{Map, Value};

use super::ManifestProblem;
use crate::catalogue::schema::ArgumentCheck;

/// A plugin's settings. Holding one proves that the schema can be used and that the defaults fit it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Configuration {
    schema: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    defaults: Option<Value>,
}

impl Configuration {
    /// The JSON Schema of the settings, an object.
    pub fn schema(&self) -> &Value {
        &self.schema
    }

    /// The settings without the operator's.
    pub fn defaults(&self) -> Option<&Value> {
        self.defaults.as_ref()
    }

    /// The settings that hold: what the operator gives takes the place of the default of the same name.
    ///
    /// # Errors
    /// A sentence that says what does not fit the schema.
    pub fn settle(&self, given: Option<&Value>) -> Result<Map<String, Value>, String> {
        let mut settled = Map::new();
        for values in [self.defaults.as_ref(), given].into_iter().flatten() {
            let values = values.as_object().ok_or("the settings are no table")?;
            settled.extend(values.clone());
        }
        let settled = Value::Object(settled);
        let check = ArgumentCheck::compile(&self.schema).map_err(|error| error.to_string())?;
        check.check(&settled)?;
        match settled {
            Value::Object(settled) => Ok(settled),
            _ => Ok(Map::new()),
        }
    }

    /// Reads the value of the key `configuration`, whose shape was checked before.
    pub(super) fn read(claimed: &Value) -> Result<Self, ManifestProblem> {
        let refuse = |key: &str, reason: String| ManifestProblem::BadValue {
            key: key.to_owned(),
            reason,
        };
        let schema = claimed.get("schema").cloned().unwrap_or_default();
        let check = ArgumentCheck::compile(&schema).map_err(|error| {
            refuse(
                "configuration.schema",
                format!("the schema cannot be used: {error}"),
            )
        })?;
        let defaults = claimed.get("defaults").cloned();
        if let Some(defaults) = &defaults {
            check.check(defaults).map_err(|problems| {
                refuse("configuration.defaults", format!("as settings, {problems}"))
            })?;
        }
        Ok(Self { schema, defaults })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_have_a_schema_and_defaults_that_fit_it() {
        let schema = json!({"type": "object", "properties": {"unit": {"enum": ["C", "F"]}}});
        let check = |claimed: Value, refused_for: Option<&str>| {
            let problem = Configuration::read(&claimed)
                .err()
                .map(|problem| problem.to_string());
            assert_eq!(
                problem.is_some(),
                refused_for.is_some(),
                "{claimed}: {problem:?}"
            );
            assert!(
                problem.is_none_or(|problem| problem.contains(refused_for.unwrap_or_default()))
            );
        };
        check(json!({"schema": schema}), None);
        check(json!({"schema": schema, "defaults": {"unit": "C"}}), None);
        check(
            json!({"schema": schema, "defaults": {"unit": "K"}}),
            Some("`configuration.defaults`"),
        );
        check(json!({"schema": {}}), Some("`configuration.schema`"));
        check(
            json!({"schema": {"type": "object", "$ref": "https://example.com/"}}),
            Some("leaves the document"),
        );
    }
}
