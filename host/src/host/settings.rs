//! What the operator sets for a plugin, over the defaults of its manifest.

use serde_json::{Map, Value};

use crate::config::PluginConfig;
use crate::manifest::Manifest;
use crate::names::PluginName;
use crate::secrets::Secrets;

/// Settings by name, as text.
pub(super) type Settings = Vec<(String, String)>;

/// Puts the settings of a plugin together, without its secrets.
///
/// # Errors
/// When they do not fit its manifest, or two things claim one name. The reason is for the operator.
pub(super) fn settle(manifest: &Manifest, plugin: &PluginConfig) -> Result<Settings, String> {
    let given = plugin.config.as_ref();
    let settings = match &manifest.configuration {
        Some(configuration) => configuration
            .settle(given)
            .map_err(|problem| does_not_fit(&manifest.name, &problem))?,
        None => nothing_to_set(&manifest.name, given)?,
    };
    let mut readable = plugin
        .secrets
        .iter()
        .filter(|(_, secret)| secret.binding.is_none());
    if let Some((name, _)) = readable.find(|(name, _)| settings.contains_key(*name)) {
        return Err(format!(
            "setting `{name}` is also the name of a secret (hint: rename the secret, or remove the setting)"
        ));
    }
    Ok(settings
        .into_iter()
        .map(|(name, value)| (name, as_text(value)))
        .collect())
}

/// Adds the secrets that a plugin may read.
pub(super) fn add_secrets(settings: &mut Settings, secrets: &Secrets) {
    let readable = secrets.readable();
    settings.extend(readable.map(|(name, secret)| (name.to_owned(), secret.expose().to_owned())));
}

fn does_not_fit(plugin: &PluginName, problem: &str) -> String {
    format!(
        "its settings do not fit: {problem} (hint: look at `[plugins.{plugin}.config]` in portcullis.toml)"
    )
}

fn nothing_to_set(
    plugin: &PluginName,
    given: Option<&Value>,
) -> Result<Map<String, Value>, String> {
    let first = given
        .and_then(Value::as_object)
        .and_then(|given| given.keys().next());
    match first {
        None => Ok(Map::new()),
        Some(key) => Err(format!(
            "setting `{key}` is for nothing: its manifest has no `configuration` \
             (hint: remove `[plugins.{plugin}.config]` from portcullis.toml)"
        )),
    }
}

/// Text as it is, anything else as JSON.
fn as_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::secrets::{Reference, Source};

    fn manifest(configuration: Option<Value>) -> Manifest {
        let mut json = json!({"name": "weather", "version": "1.0.0"});
        if let Some(configuration) = configuration {
            json["configuration"] = configuration;
        }
        Manifest::parse(json.to_string().as_bytes(), "weather").unwrap()
    }

    fn weather() -> Manifest {
        manifest(Some(json!({
            "schema": {
                "type": "object",
                "properties": {"unit": {"enum": ["C", "F"]}, "days": {"type": "integer", "maximum": 9}},
                "required": ["unit"],
                "additionalProperties": false,
            },
            "defaults": {"unit": "C", "days": 3},
        })))
    }

    fn given(config: Option<Value>) -> PluginConfig {
        PluginConfig {
            config,
            ..PluginConfig::default()
        }
    }

    #[test]
    fn the_operators_settings_come_before_the_defaults() {
        let check = |config: Option<Value>, expected: &[(&str, &str)]| {
            let settled: BTreeMap<_, _> = settle(&weather(), &given(config))
                .unwrap()
                .into_iter()
                .collect();
            let expected = expected
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
            assert_eq!(settled, expected.collect());
        };
        check(None, &[("unit", "C"), ("days", "3")]);
        check(Some(json!({})), &[("unit", "C"), ("days", "3")]);
        check(Some(json!({"unit": "F"})), &[("unit", "F"), ("days", "3")]);
        check(Some(json!({"days": 9})), &[("unit", "C"), ("days", "9")]);
    }

    #[test]
    fn settings_that_do_not_fit_are_refused_by_name() {
        let check = |config: Value, reason: &str| {
            let refused = settle(&weather(), &given(Some(config))).unwrap_err();
            assert!(refused.contains(reason), "{refused}");
            assert!(refused.contains("(hint: "), "{refused}");
        };
        check(json!({"unit": "K"}), "unit");
        check(json!({"days": 10}), "days");
        check(json!({"colour": "red"}), "colour");
        check(json!({"unit": null}), "unit");
    }

    #[test]
    fn a_plugin_without_settings_is_given_none() {
        let plain = manifest(None);
        assert_eq!(settle(&plain, &given(None)), Ok(Vec::new()));
        assert_eq!(settle(&plain, &given(Some(json!({})))), Ok(Vec::new()));
        let refused = settle(&plain, &given(Some(json!({"unit": "C"})))).unwrap_err();
        assert!(
            refused.contains("setting `unit` is for nothing"),
            "{refused}"
        );
    }

    #[test]
    fn what_must_be_set_and_is_not_is_missed() {
        let needy = manifest(Some(
            json!({"schema": {"type": "object", "required": ["city"]}}),
        ));
        assert!(settle(&needy, &given(None)).unwrap_err().contains("city"));
        assert!(settle(&needy, &given(Some(json!({"city": "Oslo"})))).is_ok());
    }

    #[test]
    fn a_secret_takes_no_settings_name() {
        let named = |name: &str| {
            let source = Source::Env("ANY".to_owned());
            let reference = Reference {
                source,
                binding: None,
            };
            let secrets = BTreeMap::from([(name.to_owned(), reference)]);
            settle(
                &weather(),
                &PluginConfig {
                    secrets,
                    ..PluginConfig::default()
                },
            )
        };
        assert!(
            named("unit")
                .unwrap_err()
                .contains("`unit` is also the name of a secret")
        );
        assert!(named("key").is_ok());
    }
}
